use multiversion::multiversion;

use crate::reference::{Io, Out};

/// The colours of a picture, moved by what one luma has more than another.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let colors = io.here("colors");
    let (luma, plain) = (io.here("luma").r(), io.here("plain").r());
    for (channel, own) in colors.rgb().into_iter().enumerate() {
        add(own, luma, plain, out.channel(channel));
    }
    out.channel(3).copy_from_slice(colors.channel(3));
}

#[multiversion(targets = "simd")]
fn add(own: &[f32], luma: &[f32], plain: &[f32], out: &mut [f32]) {
    let pixels = own.iter().zip(luma).zip(plain);
    for (out, ((own, luma), plain)) in out.iter_mut().zip(pixels) {
        *out = own + (luma - plain);
    }
}
