//! Rounds to the values of 16-bit floats, as the generated WGSL store does. The driver's own rounding then changes
//! nothing.

use multiversion::multiversion;

/// Rounds every value of a row to the nearest 16-bit float, ties to even, keeping subnormals (IEEE 754-2019, 4.3.1).
/// Values that are too large become infinite; NaN stays NaN.
#[multiversion(targets = "simd")]
pub fn round_row(row: &mut [f32]) {
    for value in row {
        *value = rounded(*value);
    }
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
