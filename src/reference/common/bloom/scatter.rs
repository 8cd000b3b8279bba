use multiversion::multiversion;

use super::excess::excess;
use super::rows::{double, near_and_beside};
use crate::reference::common::transfer::{HLG, POWER, PQ, light, signal};
use crate::reference::{Io, Out};

/// The light that glows, taken from where it was and given to where it went.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (image, glow) = (io.here("image"), io.image("glow"));
    let (near, beside) = near_and_beside(io.y);
    let (near, beside) = (glow.clamped_row(near), glow.clamped_row(beside));
    let mut between = vec![0.0; glow.width];
    let [r, g, b, a] = out.rgba();
    let (near, beside) = (near.rgb(), beside.rgb());
    double(near[0], beside[0], &mut between, r);
    double(near[1], beside[1], &mut between, g);
    double(near[2], beside[2], &mut between, b);
    let settings = [
        io.param("transfer"),
        io.param("gamma"),
        io.param("threshold"),
        io.param("strength"),
    ];
    scatter(image.rgb(), settings, [r, g, b]);
    match image.alpha() {
        Some(alpha) => a.copy_from_slice(alpha),
        None => a.fill(1.0),
    }
}

/// From the glow in place to the picture.
#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn scatter(rgb: [&[f32]; 3], settings: [f32; 4], glow: [&mut [f32]; 3]) {
    let [transfer, gamma, threshold, strength] = settings;
    match transfer as u8 {
        PQ => scatter_with::<PQ>(rgb, [gamma, threshold, strength], glow),
        HLG => scatter_with::<HLG>(rgb, [gamma, threshold, strength], glow),
        _ => scatter_with::<POWER>(rgb, [gamma, threshold, strength], glow),
    }
}

#[inline(always)]
fn scatter_with<const TRANSFER: u8>(
    [r, g, b]: [&[f32]; 3],
    [gamma, threshold, strength]: [f32; 3],
    [glow_r, glow_g, glow_b]: [&mut [f32]; 3],
) {
    let glow = glow_r.iter_mut().zip(glow_g).zip(glow_b);
    for (((glow_r, glow_g), glow_b), ((r, g), b)) in glow.zip(r.iter().zip(g).zip(b)) {
        let here = [*r, *g, *b].map(|value| light::<TRANSFER>(value, gamma));
        let taken = excess(here, threshold);
        let moved =
            |c: usize, glow: f32| signal::<TRANSFER>(here[c] + strength * (glow - taken[c]), gamma);
        *glow_r = moved(0, *glow_r);
        *glow_g = moved(1, *glow_g);
        *glow_b = moved(2, *glow_b);
    }
}
