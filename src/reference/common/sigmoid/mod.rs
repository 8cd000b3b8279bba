//! A scale of light that is drawn apart at both ends.

pub mod bend;
pub mod curve;
pub mod unbend;

use crate::reference::{Io, Out};

/// Converts the colours of the input; alpha is kept.
fn colours(io: &Io<'_>, out: &mut Out<'_>, convert: fn(&[f32], &mut [f32])) {
    let image = io.here("image");
    if out.channels() == 1 {
        return convert(image.r(), out.gray());
    }
    for (channel, row) in image.rgb().into_iter().enumerate() {
        convert(row, out.channel(channel));
    }
    match image.alpha() {
        Some(alpha) => out.channel(3).copy_from_slice(alpha),
        None => out.channel(3).fill(1.0),
    }
}
