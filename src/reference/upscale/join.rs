use multiversion::multiversion;

use crate::reference::{Io, Out};

/// The colours of a picture, moved to another luma, which is times alpha; less where the picture is transparent, as the two
/// go over into nothing in different ways.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (colors, luma) = (io.here("colors"), io.here("luma").r());
    let (kr, kb) = (io.param("kr"), io.param("kb"));
    let alpha = colors.channel(3);
    let mut moved = vec![0.0; luma.len()];
    difference(colors.rgb(), alpha, luma, [kr, kb], &mut moved);
    for (channel, own) in colors.rgb().into_iter().enumerate() {
        add(own, &moved, out.channel(channel));
    }
    out.channel(3).copy_from_slice(alpha);
}

/// By how much the colours are moved.
#[multiversion(targets = "simd")]
fn difference(
    [r, g, b]: [&[f32]; 3],
    alpha: &[f32],
    luma: &[f32],
    [kr, kb]: [f32; 2],
    out: &mut [f32],
) {
    let kg = 1.0 - kr - kb;
    let pixels = r.iter().zip(g).zip(b).zip(alpha).zip(luma);
    for (out, ((((r, g), b), alpha), luma)) in out.iter_mut().zip(pixels) {
        *out = alpha * (luma - alpha * (kr * r + kg * g + kb * b));
    }
}

#[multiversion(targets = "simd")]
fn add(own: &[f32], moved: &[f32], out: &mut [f32]) {
    for ((out, own), moved) in out.iter_mut().zip(own).zip(moved) {
        *out = own + moved;
    }
}
