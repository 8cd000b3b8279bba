//! Between the signal of pixels and the light that it stands for.

use crate::reference::{Io, Out};

pub mod light;
pub mod signal;

/// Converts the colours of a row with `convert` (values, number of the transfer function, gamma, results); alpha is kept.
fn colours(io: &Io<'_>, out: &mut Out<'_>, convert: fn(&[f32], u8, f32, &mut [f32])) {
    let image = io.here("image");
    let (transfer, gamma) = (io.param("transfer") as u8, io.param("gamma"));
    for channel in 0..out.channels().min(3) {
        convert(
            image.channel(channel),
            transfer,
            gamma,
            out.channel(channel),
        );
    }
    if out.channels() == 4 {
        out.channel(3).copy_from_slice(image.channel(3));
    }
}
