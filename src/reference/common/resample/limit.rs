//! Values between samples without ringing beside edges.

use multiversion::multiversion;

use super::window::Axis;
use crate::color::bounds::{greater, smaller};
use crate::reference::lanes::LANES;
use crate::reference::phases::{Places, RowPlaces, apart, continued, taken, together};

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

/// The first of the four samples around each of `made` pixels, in a row that is continued.
pub fn places(count: usize, made: usize) -> RowPlaces {
    RowPlaces::new(made, (made, count), |at| {
        let first = before(Axis::new(at, count, made)) + MORE as i32 - 1;
        (first as u32, 0.0)
    })
}

/// Samples that a row is continued by, as the one at its end: as its mirror image it would have a peak there.
const MORE: usize = 2;

/// Limits each pixel of `out` between those of `row`.
pub fn limit_pixels(row: &[f32], places: &RowPlaces, out: &mut [f32]) {
    let row = continued(row, MORE, MORE + LANES);
    let mut phases = apart(out, places.phases.len());
    for (of_phase, values) in places.phases.iter().zip(&mut phases) {
        match places.dense {
            true => limit_phase::<true>(&row, of_phase, values),
            false => limit_phase::<false>(&row, of_phase, values),
        }
    }
    let phases: Vec<&[f32]> = phases.iter().map(Vec::as_slice).collect();
    together(&phases, out);
}

#[multiversion(targets = "simd")]
fn limit_phase<const DENSE: bool>(row: &[f32], places: &Places, values: &mut [f32]) {
    let firsts = places.before.as_chunks::<LANES>().0;
    for (first, values) in firsts.iter().zip(values.as_chunks_mut::<LANES>().0) {
        let [mut a, mut b, mut c, mut d] = [[0.0; LANES]; 4];
        for (offset, samples) in [&mut a, &mut b, &mut c, &mut d].into_iter().enumerate() {
            *samples = taken::<DENSE>(row, first, offset as isize);
        }
        for lane in 0..LANES {
            values[lane] = limited(values[lane], [a[lane], b[lane], c[lane], d[lane]]);
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
        let places = places(3, 6);
        let firsts = places.phases.iter().map(|phase| &phase.before[..3]);
        assert_eq!(firsts.collect::<Vec<_>>(), [[0, 1, 2], [1, 2, 3]]);
        assert_eq!(rows_around(0, 3, 6), [0, 0, 0, 1]);
        assert_eq!(rows_around(5, 3, 6), [1, 2, 2, 2]);
    }
}
