//! Powers by polynomials: the same on every executor to a few parts in ten million, and vectorised over rows.

use crate::color::bounds::{greater, smaller};

/// The base-2 logarithm of x. x must be positive and not subnormal.
#[inline(always)]
pub fn log2(x: f32) -> f32 {
    let bits = x.to_bits() as i32;
    // Splits x into a mantissa between sqrt(1/2) and sqrt(2), and an exponent.
    let exponent = bits.wrapping_sub(0x3f35_04f3) >> 23;
    let t = f32::from_bits(bits.wrapping_sub(exponent << 23) as u32) - 1.0;
    let p = std::f32::consts::LOG2_E
        + t * (-0.721_352_8
            + t * (0.480_923_24
                + t * (-0.360_239_65
                    + t * (0.287_098_7
                        + t * (-0.248_876_89 + t * (0.234_042_44 + t * -0.145_811_69))))));
    exponent as f32 + t * p
}

#[inline(always)]
pub fn exp2(x: f32) -> f32 {
    let y = smaller(greater(x, -126.0), 126.0);
    // Adding 3·2^22 leaves the nearest whole number in the lowest bits.
    let shifted = y + 12_582_912.0;
    let f = y - (shifted - 12_582_912.0);
    let p = 1.000_000_1
        + f * (0.693_146_97
            + f * (0.240_221_2 + f * (0.055_507_133 + f * (0.009_675_542 + f * 0.001_327_647_2))));
    p * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

/// `x` to the power of `exponent`. For negative x: the power of its absolute value, with the sign of x.
#[inline(always)]
pub fn power(x: f32, exponent: f32) -> f32 {
    exp2(exponent * log2(greater(x.abs(), 1e-36))).copysign(x)
}

/// exp(-t) as (1 - t/16)^16: no transcendental function for each of many taps.
#[inline(always)]
pub fn falloff(t: f32) -> f32 {
    let a = greater(1.0 - t * 0.0625, 0.0);
    let b = a * a;
    let c = b * b;
    let d = c * c;
    d * d
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn powers_are_powers(x in 1e-5f32..100.0, exponent in 0.01f32..3.0) {
            let expected = f64::from(x).powf(f64::from(exponent));
            let relative = (f64::from(power(x, exponent)) - expected).abs() / expected;
            prop_assert!(relative < 2e-6, "{x}^{exponent}: off by {relative}");
            prop_assert_eq!(power(-x, exponent), -power(x, exponent));
        }

        #[test]
        fn nothing_panics(bits: u32, exponent: u32) {
            let _ = power(f32::from_bits(bits), f32::from_bits(exponent));
        }
    }
}
