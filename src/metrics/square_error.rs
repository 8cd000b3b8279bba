//! Squares of differences, and the ratio that is made of them.

use multiversion::multiversion;
use rayon::prelude::*;

use super::Plane;

/// Samples whose squares are added before the sum moves to 64 bits: those of 10 bits fit into 32.
const BLOCK: usize = 1024;

/// Sum of the squares of the differences of codes. Both planes have one size.
pub fn square_error(a: &Plane, b: &Plane) -> u64 {
    let small = a.depth.max(b.depth) <= 10;
    let rows = a
        .codes
        .par_chunks(a.width.max(1))
        .zip(b.codes.par_chunks(b.width.max(1)));
    rows.map(|(a, b)| match small {
        true => small_codes(a, b),
        false => codes(a, b),
    })
    .sum()
}

/// Peak signal-to-noise ratio in decibels, of the mean square of the differences; infinite for 0.
pub fn psnr(mean_square: f64, peak: f64) -> f64 {
    10.0 * (peak * peak / mean_square).log10()
}

#[multiversion(targets = "simd")]
fn small_codes(a: &[u16], b: &[u16]) -> u64 {
    let mut sum = 0;
    for (a, b) in a.chunks(BLOCK).zip(b.chunks(BLOCK)) {
        let mut squares = 0;
        for (a, b) in a.iter().zip(b) {
            let difference = i32::from(*a) - i32::from(*b);
            squares += (difference * difference) as u32;
        }
        sum += u64::from(squares);
    }
    sum
}

/// Of rows of any depth.
#[multiversion(targets = "simd")]
pub(super) fn codes(a: &[u16], b: &[u16]) -> u64 {
    let mut sum = 0;
    for (a, b) in a.iter().zip(b) {
        let difference = i64::from(*a) - i64::from(*b);
        sum += (difference * difference) as u64;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(depth: u8, codes: &[u16]) -> Plane {
        Plane {
            width: codes.len(),
            height: 1,
            depth,
            codes: codes.to_vec(),
        }
    }

    #[test]
    fn sums_do_not_overflow() {
        let length = 70_000;
        for depth in [8, 10, 16] {
            let largest = ((1u32 << depth) - 1) as u16;
            let (a, b) = (
                plane(depth, &vec![0; length]),
                plane(depth, &vec![largest; length]),
            );
            let expected = length as u64 * u64::from(largest) * u64::from(largest);
            assert_eq!(square_error(&a, &b), expected);
            assert_eq!(psnr(expected as f64 / length as f64, largest.into()), 0.0);
        }
        assert_eq!(square_error(&plane(8, &[3, 9]), &plane(8, &[5, 8])), 5);
        assert_eq!(psnr(0.0, 255.0), f64::INFINITY);
    }
}
