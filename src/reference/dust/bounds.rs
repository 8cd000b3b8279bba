use multiversion::multiversion;

use super::pairs::code;
use crate::reference::{Io, Out};

/// A step of luma.
const STEP: f32 = 1.0 / 1020.0;

/// Luma in whole steps, and the least and the greatest of the 3 by 3 pixels around.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let luma = io.image("luma");
    let rows = [-1, 0, 1].map(|j| luma.clamped_row(io.y as i64 + j).r());
    let [own, least, most, alpha] = out.rgba();
    alpha.fill(1.0);
    io.with_kept(|columns: &mut [Vec<i32>; 2]| bounds(rows, columns, [own, least, most]));
}

/// `columns` is memory for the least and the greatest of each column, with one more at both ends.
#[multiversion(targets = "simd")]
fn bounds(rows: [&[f32]; 3], columns: &mut [Vec<i32>; 2], out: [&mut [f32]; 3]) {
    let [own, least, most] = out;
    let width = own.len();
    let [above, here, below] = rows.map(|row| &row[..width]);
    let [low, high] = columns;
    low.resize(width + 2, 0);
    high.resize(width + 2, 0);
    for x in 0..width {
        let [a, b, c] = [above[x], here[x], below[x]].map(code);
        own[x] = b as f32 * STEP;
        low[x + 1] = a.min(b).min(c);
        high[x + 1] = a.max(b).max(c);
    }
    for ends in [&mut *low, &mut *high] {
        ends[0] = ends[1];
        ends[width + 1] = ends[width];
    }
    for (out, near) in least.iter_mut().zip(low.windows(3)) {
        *out = near[0].min(near[1]).min(near[2]) as f32 * STEP;
    }
    for (out, near) in most.iter_mut().zip(high.windows(3)) {
        *out = near[0].max(near[1]).max(near[2]) as f32 * STEP;
    }
}
