use multiversion::multiversion;

use super::excess::excess;
use super::rows::{double, near_and_beside};
use crate::reference::{Io, Out};

/// Moves the light that glows: subtracts it where it was and adds it where it is scattered to.
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
    let settings = ["threshold", "strength"].map(|name| io.param(name));
    let [red, green, blue] = image.rgb();
    scatter(red, green, blue, r, g, b, settings);
    match image.alpha() {
        Some(alpha) => a.copy_from_slice(alpha),
        None => a.fill(1.0),
    }
}

/// From the glow, in place, to the picture.
// One row at a time: slices that are known not to overlap are vectorised.
#[multiversion(targets = "simd")]
fn scatter(
    r: &[f32],
    g: &[f32],
    b: &[f32],
    glow_r: &mut [f32],
    glow_g: &mut [f32],
    glow_b: &mut [f32],
    [threshold, strength]: [f32; 2],
) {
    let glow = glow_r.iter_mut().zip(glow_g).zip(glow_b);
    for (((glow_r, glow_g), glow_b), ((r, g), b)) in glow.zip(r.iter().zip(g).zip(b)) {
        let [taken_r, taken_g, taken_b] = excess([*r, *g, *b], threshold);
        *glow_r = r + strength * (*glow_r - taken_r);
        *glow_g = g + strength * (*glow_g - taken_g);
        *glow_b = b + strength * (*glow_b - taken_b);
    }
}
