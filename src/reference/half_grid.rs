//! Rounds to the values of 16-bit floats, as the generated WGSL store does. The driver's own rounding then changes
//! nothing.

use multiversion::multiversion;

/// Rounds every value of a row to the nearest 16-bit float, ties to even, keeping subnormals (IEEE 754-2019, 4.3.1).
/// Values that are too large become infinite; NaN stays NaN.
pub fn round_row(row: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") {
        // SAFETY: the processor has the instructions.
        return unsafe { round_by_sixteen(row) };
    }
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("f16c") {
        // SAFETY: the processor has the instructions.
        return unsafe { round_by_eight(row) };
    }
    round(row);
}

#[multiversion(targets = "simd")]
fn round(row: &mut [f32]) {
    for value in row {
        *value = rounded(*value);
    }
}

/// As [`round`]: there and back by the processor's own conversions, which are a fifth of the work.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn round_by_sixteen(row: &mut [f32]) {
    use std::arch::x86_64::*;
    let (blocks, rest) = row.as_chunks_mut::<16>();
    for block in blocks {
        // SAFETY: a block is 16 floats.
        unsafe {
            let values = _mm512_loadu_ps(block.as_ptr());
            let halves = _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(values);
            _mm512_storeu_ps(block.as_mut_ptr(), _mm512_cvtph_ps(halves));
        }
    }
    rest.iter_mut().for_each(|value| *value = rounded(*value));
}

/// As [`round_by_sixteen`], with the instructions of older processors.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "f16c")]
fn round_by_eight(row: &mut [f32]) {
    use std::arch::x86_64::*;
    let (blocks, rest) = row.as_chunks_mut::<8>();
    for block in blocks {
        // SAFETY: a block is 8 floats.
        unsafe {
            let values = _mm256_loadu_ps(block.as_ptr());
            let halves = _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(values);
            _mm256_storeu_ps(block.as_mut_ptr(), _mm256_cvtph_ps(halves));
        }
    }
    rest.iter_mut().for_each(|value| *value = rounded(*value));
}

#[inline(always)]
fn rounded(value: f32) -> f32 {
    const INFINITE: u32 = 0x7f80_0000;
    let sign = value.to_bits() & 0x8000_0000;
    let size = value.to_bits() ^ sign;
    // Rounds to ten mantissa bits, ties to even.
    let normal = size.wrapping_add(0x0fff + ((size >> 13) & 1)) & !0x1fff;
    // The sum with 1/2 is rounded to a multiple of 2^-24, the spacing of subnormal 16-bit floats.
    let subnormal = ((f32::from_bits(size) + 0.5) - 0.5).to_bits();
    let finite = if size < 0x3880_0000 {
        subnormal
    } else {
        normal
    };
    let whole = if size < 0x477f_f000 { finite } else { INFINITE };
    f32::from_bits(sign | if size > INFINITE { size } else { whole })
}

#[cfg(test)]
mod tests {
    use super::*;
    use half::f16;
    use proptest::prelude::*;

    fn rounded(value: f32) -> f32 {
        // Enough values to fill the vector registers.
        let mut row = [value; 19];
        round_row(&mut row);
        assert!(row.iter().all(|v| v.to_bits() == row[0].to_bits()));
        row[0]
    }

    #[test]
    fn every_half_stays() {
        for bits in 0..=u16::MAX {
            let value = f16::from_bits(bits).to_f32();
            assert!(rounded(value) == value || value.is_nan(), "{value}");
        }
    }

    /// All ways to round give the same bits: every 4093rd number, in rows that end within a block.
    #[test]
    fn all_instruction_sets_round_alike() {
        let mut bits = (0..=u32::MAX).step_by(4093);
        loop {
            let row: Vec<f32> = bits.by_ref().take(1003).map(f32::from_bits).collect();
            if row.is_empty() {
                break;
            }
            let (mut best, mut portable) = (row.clone(), row.clone());
            round_row(&mut best);
            portable
                .iter_mut()
                .for_each(|value| *value = super::rounded(*value));
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("f16c") {
                let mut older = row.clone();
                unsafe { round_by_eight(&mut older) };
                assert!(equal(&older, &portable));
            }
            assert!(equal(&best, &portable));
        }
    }

    /// The same bits; of what is no number only that it is none.
    fn equal(a: &[f32], b: &[f32]) -> bool {
        let same = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
        a.iter().zip(b).all(same)
    }

    proptest! {
        #[test]
        fn ties_go_to_even(bits in 0u16..0x7bff, nudge in -1i32..=1) {
            let low = f64::from(f16::from_bits(bits));
            let high = f64::from(f16::from_bits(bits + 1));
            let middle = ((low + high) / 2.0) as f32;
            let value = f32::from_bits(middle.to_bits().wrapping_add_signed(nudge));
            let up = match nudge {
                0 => bits % 2 == 1,
                nudge => nudge > 0,
            };
            prop_assert_eq!(f64::from(rounded(value)), if up { high } else { low });
            prop_assert_eq!(f64::from(rounded(-value)), if up { -high } else { -low });
        }
    }
}
