//! Rounding to the grid of 16-bit floats, as the generated WGSL store does it, so that drivers' own rounding is a no-op.

use half::f16;
use half::slice::HalfFloatSliceExt;

/// Rounds every value of a row to the nearest 16-bit float, ties to even, subnormals kept (IEEE 754-2019, 4.3.1), by the
/// processor's own conversion where it has one. What is too large becomes infinite; NaN stays NaN.
pub fn round_row(row: &mut [f32]) {
    let mut halves = [f16::ZERO; 256];
    for values in row.chunks_mut(halves.len()) {
        let halves = &mut halves[..values.len()];
        halves.convert_from_f32_slice(values);
        halves.convert_to_f32_slice(values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rounded(value: f32) -> f32 {
        // Enough of them for the processor's vectors.
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
