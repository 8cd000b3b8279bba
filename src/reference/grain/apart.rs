use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

const MOST: f32 = 511.0;

/// How far a frame is from the mean of those before and after, in whole steps of 1/1024: twice the luma, red less luma, blue
/// less luma; and in alpha the luma itself.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let rows = [-1, 0, 1].map(|offset| io.here_of("image", offset).rgb());
    let valid = io.valid("image", -1) && io.valid("image", 1);
    apart(rows, [io.param("kr"), io.param("kb")], valid, out.rgba());
}

/// Luma, red less luma, blue less luma, in whole numbers that floats hold exactly.
#[inline(always)]
fn parts(rgb: [&[f32]; 3], [kr, kb]: [i32; 2], x: usize) -> [i32; 3] {
    let code = |v: f32| (smaller(greater(v, 0.0), 1.0) * 1023.0).round_ties_even() as i32;
    let [r, g, b] = rgb.map(|channel| code(channel[x]));
    let luma = (kr * r + (1024 - kr - kb) * g + kb * b + 512) / 1024;
    [luma, r - luma, b - luma]
}

#[multiversion(targets = "simd")]
fn apart(rows: [[&[f32]; 3]; 3], weights: [f32; 2], valid: bool, [r, g, b, a]: [&mut [f32]; 4]) {
    let width = r.len();
    let rows = rows.map(|row| row.map(|channel| &channel[..width]));
    let (g, b, a) = (&mut g[..width], &mut b[..width], &mut a[..width]);
    let weights = weights.map(|weight| weight as i32);
    let counts = if valid { 1.0 } else { 0.0 };
    for x in 0..width {
        let [before, own, after] = rows.map(|row| parts(row, weights, x));
        let of = |part: usize| {
            let apart = (2 * own[part] - before[part] - after[part]) as f32;
            counts * smaller(greater(apart, -MOST), MOST) / 1024.0
        };
        r[x] = of(0);
        g[x] = of(1);
        b[x] = of(2);
        a[x] = own[0] as f32 / 1024.0;
    }
}
