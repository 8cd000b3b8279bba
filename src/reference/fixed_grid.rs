//! Fixed-point numbers of 16 bits, in which averages over time are kept: from -2 to just below 2, in steps of 1/16384
//! (a 64th of a code value of 8 bits). The generated WGSL store and load give the same values.

use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};

/// Steps in 1.
pub const STEPS: f32 = 16384.0;

/// Rounds every value of a row to the nearest step, ties to even. Values beyond the range become its ends, NaN becomes 0.
pub fn round_row(row: &mut [f32]) {
    round(row);
}

/// The rows of `from`, rounded as by [`round_row`], as whole numbers of steps.
#[multiversion(targets = "simd")]
pub fn pack_row(from: &[f32], to: &mut [i16]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = steps_of(*from);
    }
}

/// The values that [`pack_row`] was given, rounded.
#[multiversion(targets = "simd")]
pub fn unpack_row(from: &[i16], to: &mut [f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = value_of(*from);
    }
}

/// The value of so many steps.
#[inline(always)]
pub fn value_of(steps: i16) -> f32 {
    f32::from(steps) / STEPS
}

/// The nearest number of steps, as in [`pack_row`].
#[inline(always)]
pub fn steps_of(value: f32) -> i16 {
    steps(value).to_bits() as i16
}

#[multiversion(targets = "simd")]
fn round(row: &mut [f32]) {
    for value in row {
        *value = (steps(*value) - WHOLE) / STEPS;
    }
}

/// 1.5 * 2^23: a float of this size has no fraction, and the sum with a small number holds that number, rounded, in its
/// lowest bits.
const WHOLE: f32 = 12_582_912.0;

/// The nearest whole number of steps, plus [`WHOLE`].
#[inline(always)]
fn steps(value: f32) -> f32 {
    let number = if value.is_nan() { 0.0 } else { value };
    let most = f32::from(i16::MAX);
    smaller(greater(number * STEPS, f32::from(i16::MIN)), most) + WHOLE
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Checks that an average that `steps` blends in steps is the one that `floats` blends, rounded. Both are given a new
    /// frame, the average before, and where to write.
    pub fn are_blended_as_floats(
        floats: impl Fn(&[f32], &[f32], &mut [f32]),
        steps: impl Fn(&[f32], &[i16], &mut [i16]),
    ) {
        let now: Vec<f32> = (0..1003).map(|i| (i as f32 * 0.37).sin() * 1.7).collect();
        let before: Vec<i16> = (0..1003)
            .map(|i| ((i * 7919) % 65536 - 32768) as i16)
            .collect();
        let mut unpacked = vec![0.0; now.len()];
        unpack_row(&before, &mut unpacked);
        let mut blended = vec![0.0; now.len()];
        floats(&now, &unpacked, &mut blended);
        let (mut expected, mut found) = (before.clone(), before.clone());
        pack_row(&blended, &mut expected);
        steps(&now, &before, &mut found);
        assert_eq!(found, expected);
        assert_ne!(found, before);
    }

    /// What the definition says, in plain words.
    fn nearest(value: f32) -> i16 {
        (f64::from(value) * 16384.0).round_ties_even() as i16
    }

    /// Every step stays what it is, and so does everything between the steps.
    #[test]
    fn values_go_to_the_nearest_step() {
        let special = [
            f32::NAN,
            f32::INFINITY,
            -f32::INFINITY,
            1e-40,
            -0.0,
            2.0,
            -2.0,
            3e38,
        ];
        let between = (-140_000..140_000).map(|i| i as f32 / 65536.0);
        let nudged = between.clone().flat_map(|v| [v.next_down(), v.next_up()]);
        let row: Vec<f32> = special.into_iter().chain(between).chain(nudged).collect();
        let mut packed = vec![0; row.len()];
        pack_row(&row, &mut packed);
        for (value, packed) in row.iter().zip(&packed) {
            assert_eq!(*packed, nearest(*value), "{value}");
        }
        let (mut unpacked, mut rounded) = (vec![0.0; row.len()], row.clone());
        unpack_row(&packed, &mut unpacked);
        round_row(&mut rounded);
        assert_eq!(unpacked, rounded);
        let mut again = vec![0; row.len()];
        pack_row(&unpacked, &mut again);
        assert_eq!(again, packed);
    }
}
