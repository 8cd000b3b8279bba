use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// A pixel away from the mean of the 3 by 3 around it (binomial weights), by more the more it differs from noise, and no
/// further beyond the nine than `overshoot` of their range.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let luma = io.image("luma");
    let params = ["amount", "noise", "overshoot"].map(|name| io.param(name));
    let rows = [-1, 0, 1].map(|offset| {
        let row = luma.clamped_row(io.y as i64 + offset).r();
        let mut wide = Vec::with_capacity(row.len() + 2);
        wide.push(row[0]);
        wide.extend_from_slice(row);
        wide.push(row[row.len() - 1]);
        wide
    });
    sharpened(rows.each_ref().map(Vec::as_slice), params, out.gray());
}

/// `rows` are continued by a pixel on both sides.
#[multiversion(targets = "simd")]
fn sharpened(rows: [&[f32]; 3], [amount, noise, overshoot]: [f32; 3], out: &mut [f32]) {
    let count = out.len();
    let shifted = |row: usize| [0, 1, 2].map(|offset| &rows[row][offset..][..count]);
    let ([a, b, c], [d, e, f], [g, h, i]) = (shifted(0), shifted(1), shifted(2));
    for x in 0..count {
        let corners = a[x] + c[x] + g[x] + i[x];
        let sides = b[x] + d[x] + f[x] + h[x];
        let here = e[x];
        let nine = [a[x], b[x], c[x], d[x], e[x], f[x], g[x], h[x], i[x]];
        let low = nine.into_iter().fold(here, smaller);
        let high = nine.into_iter().fold(here, greater);
        let difference = here - (corners + 2.0 * sides + 4.0 * here) / 16.0;
        let squared = difference * difference;
        let sure = squared / greater(squared + noise * noise, 1e-12);
        let beyond = overshoot * (high - low);
        let made = here + amount * sure * difference;
        out[x] = smaller(greater(made, low - beyond), high + beyond);
    }
}
