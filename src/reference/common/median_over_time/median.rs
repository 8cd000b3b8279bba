use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// The value in the middle.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let rows = [-1, 0, 1].map(|offset| io.here_of("image", offset));
    for channel in 0..out.channels() {
        let [before, now, after] = rows.map(|row| row.channel(channel));
        median(before, now, after, out.channel(channel));
    }
}

#[multiversion(targets = "simd")]
fn median(before: &[f32], now: &[f32], after: &[f32], out: &mut [f32]) {
    for (((out, a), b), c) in out.iter_mut().zip(before).zip(now).zip(after) {
        *out = greater(smaller(*a, *b), smaller(greater(*a, *b), *c));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_one_in_the_middle_in_any_order() {
        let mut out = [0.0; 6];
        let [a, b, c] = [
            [1.0, 1.0, 2.0, 2.0, 3.0, 3.0],
            [2.0, 3.0, 1.0, 3.0, 1.0, 2.0],
            [3.0, 2.0, 3.0, 1.0, 2.0, 1.0],
        ];
        median(&a, &b, &c, &mut out);
        assert_eq!(out, [2.0; 6]);
        median(&a, &a, &c, &mut out);
        assert_eq!(out, a);
    }
}
