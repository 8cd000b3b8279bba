use multiversion::multiversion;

use super::excess::excess;
use super::rows::{double, near_and_beside};
use crate::reference::common::transfer::{HLG, POWER, PQ, light, signal};
use crate::reference::{Io, Out};

/// Pixels processed together.
const BLOCK: usize = 64;

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
    let settings = ["transfer", "gamma", "threshold", "strength"].map(|name| io.param(name));
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
    [transfer, gamma, threshold, strength]: [f32; 4],
) {
    let settings = [gamma, threshold, strength];
    match transfer as u8 {
        PQ => scatter_with::<PQ>(r, g, b, glow_r, glow_g, glow_b, settings),
        HLG => scatter_with::<HLG>(r, g, b, glow_r, glow_g, glow_b, settings),
        _ => scatter_with::<POWER>(r, g, b, glow_r, glow_g, glow_b, settings),
    }
}

#[inline(always)]
fn scatter_with<const TRANSFER: u8>(
    r: &[f32],
    g: &[f32],
    b: &[f32],
    glow_r: &mut [f32],
    glow_g: &mut [f32],
    glow_b: &mut [f32],
    [gamma, threshold, strength]: [f32; 3],
) {
    // Where there is no glow, neither from here nor from elsewhere, the picture is unchanged.
    let dark = signal::<TRANSFER>(0.499 * threshold, gamma);
    for start in (0..r.len()).step_by(BLOCK) {
        let block = start..(start + BLOCK).min(r.len());
        let (r, g, b) = (&r[block.clone()], &g[block.clone()], &b[block.clone()]);
        let (glow_r, glow_g) = (&mut glow_r[block.clone()], &mut glow_g[block.clone()]);
        let glow_b = &mut glow_b[block];
        let bright = |row: &[f32]| row.iter().fold(false, |any, value| any | (*value > dark));
        let lit = |row: &[f32]| row.iter().fold(false, |any, value| any | (*value != 0.0));
        let here = bright(r) || bright(g) || bright(b);
        if !(here || lit(glow_r) || lit(glow_g) || lit(glow_b)) {
            glow_r.copy_from_slice(r);
            glow_g.copy_from_slice(g);
            glow_b.copy_from_slice(b);
            continue;
        }
        let glow = glow_r.iter_mut().zip(glow_g).zip(glow_b);
        for (((glow_r, glow_g), glow_b), ((r, g), b)) in glow.zip(r.iter().zip(g).zip(b)) {
            let [r, g, b] = [
                light::<TRANSFER>(*r, gamma),
                light::<TRANSFER>(*g, gamma),
                light::<TRANSFER>(*b, gamma),
            ];
            let [taken_r, taken_g, taken_b] = excess([r, g, b], threshold);
            *glow_r = signal::<TRANSFER>(r + strength * (*glow_r - taken_r), gamma);
            *glow_g = signal::<TRANSFER>(g + strength * (*glow_g - taken_g), gamma);
            *glow_b = signal::<TRANSFER>(b + strength * (*glow_b - taken_b), gamma);
        }
    }
}
