use multiversion::multiversion;

use crate::color::bounds::greater;
use crate::reference::{Io, Out};

/// Spreads motion to neighbouring blocks: the edge of a moving object lies somewhere inside them.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let activity = io.image("activity");
    let y = io.y as i64;
    let rows = [y - 1, y, y + 1].map(|y| activity.clamped_row(y).r());
    // The largest of three rows, with the first and the last repeated beyond the ends.
    let mut columns = vec![0.0; io.width + 2];
    largest(rows, &mut columns[1..=io.width]);
    columns[0] = columns[1];
    columns[io.width + 1] = columns[io.width];
    let beside = [0, 1, 2].map(|offset| &columns[offset..][..io.width]);
    largest(beside, out.gray());
}

#[multiversion(targets = "simd")]
fn largest([a, b, c]: [&[f32]; 3], out: &mut [f32]) {
    for (((out, a), b), c) in out.iter_mut().zip(a).zip(b).zip(c) {
        *out = greater(greater(greater(*a, *b), *c), 0.0);
    }
}
