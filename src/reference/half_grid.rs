//! Rounding to the grid of 16-bit floats, as the generated WGSL store does it, so that drivers' own rounding is a no-op.

use multiversion::multiversion;

/// `x` rounded to the nearest 16-bit float, ties to even, subnormals kept (IEEE 754-2019, 4.3.1). What is too large becomes
/// infinite; NaN stays NaN.
#[inline(always)]
pub fn round(x: f32) -> f32 {
    const SMALLEST_NORMAL: f32 = 6.103_515_6e-5; // 2^-14
    const LARGEST: f32 = 65504.0;
    let bits = x.to_bits();
    // A normal half keeps ten bits of mantissa: thirteen go.
    let normal = f32::from_bits(bits.wrapping_add(0xfff + ((bits >> 13) & 1)) & 0xffff_e000);
    // A subnormal half counts in units of 2^-24.
    let subnormal = (x * 16_777_216.0).round_ties_even() * 5.960_464_5e-8;
    let rounded = if x.abs() < SMALLEST_NORMAL {
        subnormal
    } else {
        normal
    };
    let limited = if rounded.abs() > LARGEST {
        f32::INFINITY.copysign(x)
    } else {
        rounded
    };
    if x.is_nan() { x } else { limited }
}

/// Rounds every value of a row.
#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
pub fn round_row(row: &mut [f32]) {
    for value in row {
        *value = round(*value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_half_is_on_the_grid() {
        for bits in 0..=u16::MAX {
            let value = half::f16::from_bits(bits).to_f32();
            assert!(round(value) == value || value.is_nan(), "{value}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_half_crate(bits: u32) {
            let value = f32::from_bits(bits);
            let expected = half::f16::from_f32(value).to_f32();
            prop_assert!(round(value) == expected || value.is_nan() && round(value).is_nan(), "{value} {expected} {}", round(value));
        }

        #[test]
        fn agrees_near_the_grids_halves(bits: u16, nudge in -1i32..=1) {
            let low = half::f16::from_bits(bits & 0x7fff).to_f32();
            let high = half::f16::from_bits((bits & 0x7fff) + 1).to_f32();
            let middle = f32::from_bits(((low + high) / 2.0).to_bits().wrapping_add_signed(nudge));
            let expected = half::f16::from_f32(middle).to_f32();
            prop_assert!(round(middle) == expected || !expected.is_finite());
        }
    }
}
