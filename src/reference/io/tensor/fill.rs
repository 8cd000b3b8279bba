use half::f16;

use crate::reference::Io;

/// A tensor whose values are all the same.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let value = io.param("value");
    words.fill(if io.param("half") > 0.0 {
        u32::from(f16::from_f32(value).to_bits()) * 0x10001
    } else {
        value.to_bits()
    });
}
