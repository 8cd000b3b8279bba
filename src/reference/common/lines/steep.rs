use multiversion::multiversion;

use super::{slopes, three};
use crate::reference::{Io, Out};

/// How steep luma is: the length of its gradient.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let rows = three(io.image("luma"), io.y);
    steepness(rows.each_ref().map(Vec::as_slice), out.gray());
}

#[multiversion(targets = "simd")]
fn steepness(rows: [&[f32]; 3], out: &mut [f32]) {
    let rows = rows.map(|row| &row[..out.len() + 2]);
    for (x, out) in out.iter_mut().enumerate() {
        let [across, down] = slopes(rows, x);
        *out = (across * across + down * down).sqrt();
    }
}
