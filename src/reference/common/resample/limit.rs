//! Values between samples without ringing beside edges.

use multiversion::multiversion;

use super::window::Axis;
use crate::color::bounds::{greater, smaller};

/// A value between the second and the third of four samples in a row. It may go beyond those two only as far as the lines
/// through each and its outer neighbour both do (the bound of monotonicity of Suresh and Huynh 1997).
#[inline(always)]
fn limited(value: f32, [first, second, third, fourth]: [f32; 4]) -> f32 {
    let (left, right) = (2.0 * second - first, 2.0 * third - fourth);
    let high = greater(greater(second, third), smaller(left, right));
    let low = smaller(smaller(second, third), greater(left, right));
    smaller(greater(value, low), high)
}

/// The sample before the position of output pixel `at`; -1 where that lies before the first one.
fn before(axis: Axis) -> i32 {
    axis.base - i32::from(axis.offset > 0.0)
}

/// The first of the four samples around each of `count_out` pixels, in a row that is continued by [`MORE`] at both ends.
pub fn firsts(count_in: usize, count_out: usize) -> Vec<u32> {
    let first = |at| before(Axis::new(at, count_in, count_out)) + MORE as i32 - 1;
    (0..count_out).map(|at| first(at) as u32).collect()
}

/// Samples that a row is continued by, as the one at its end: as its mirror image it would have a peak there.
const MORE: usize = 2;

/// Limits each pixel of `out` between those of `row`.
pub fn limit_pixels(row: &[f32], firsts: &[u32], out: &mut [f32]) {
    let mut continued = Vec::with_capacity(row.len() + 2 * MORE);
    continued.extend([row[0]; MORE]);
    continued.extend_from_slice(row);
    continued.extend([row[row.len() - 1]; MORE]);
    limit_between(&continued, firsts, out);
}

#[multiversion(targets = "simd")]
fn limit_between(row: &[f32], firsts: &[u32], out: &mut [f32]) {
    for (value, first) in out.iter_mut().zip(firsts) {
        if let Some(around) = row[*first as usize..].first_chunk::<4>() {
            *value = limited(*value, *around);
        }
    }
}

/// The four rows around the position of output row `at`.
pub fn rows_around(at: usize, count_in: usize, count_out: usize) -> [usize; 4] {
    let first = i64::from(before(Axis::new(at, count_in, count_out))) - 1;
    [0, 1, 2, 3].map(|row| (first + row).clamp(0, count_in as i64 - 1) as usize)
}

/// Limits each pixel of `out` between those of `rows`.
#[multiversion(targets = "simd")]
pub fn limit_rows([first, second, third, fourth]: [&[f32]; 4], out: &mut [f32]) {
    let rows = first.iter().zip(second).zip(third).zip(fourth);
    for (value, (((first, second), third), fourth)) in out.iter_mut().zip(rows) {
        *value = limited(*value, [*first, *second, *third, *fourth]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_sides_of_an_edge_stay_flat_and_peaks_are_kept() {
        assert_eq!(limited(-0.1, [0.0, 0.0, 0.0, 1.0]), 0.0);
        assert_eq!(limited(1.1, [0.0, 1.0, 1.0, 1.0]), 1.0);
        assert_eq!(limited(0.9, [0.2, 0.7, 0.7, 0.2]), 0.9);
        assert_eq!(limited(1.5, [0.25, 0.75, 0.75, 0.25]), 1.25);
    }

    #[test]
    fn the_four_are_around_the_position() {
        // Twice the size: 0.25 before and after each sample.
        assert_eq!(firsts(3, 6), [0, 1, 1, 2, 2, 3]);
        assert_eq!(rows_around(0, 3, 6), [0, 0, 0, 1]);
        assert_eq!(rows_around(5, 3, 6), [1, 2, 2, 2]);
    }
}
