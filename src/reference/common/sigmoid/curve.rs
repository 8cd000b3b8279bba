//! The inverse of a logistic function with its middle at 0.75 and a slope of 6.5, of the light that a signal stands for by the
//! curve of sRGB. 0 and 1 stay; beyond both it goes on as a straight line.

use crate::color::bounds::{greater, smaller};
use crate::reference::common::power::{exp2, log2};
use crate::reference::common::transfer::{SRGB, light, signal};

const MIDDLE: f32 = 0.75;
const SLOPE: f32 = 6.5;
/// The logistic function at 0, and what it grows by up to 1.
const OFFSET: f32 = 0.007_577_241;
const SCALE: f32 = 0.827_906_3;
const STEEP: f32 = SLOPE * std::f32::consts::LOG2_E;

#[inline(always)]
pub fn bent(value: f32) -> f32 {
    let inside = smaller(greater(value, 0.0), 1.0);
    let t = light::<SRGB>(inside, 1.0) * SCALE + OFFSET;
    MIDDLE - log2((1.0 - t) / t) / STEEP + (value - inside)
}

#[inline(always)]
pub fn unbent(value: f32) -> f32 {
    let inside = smaller(greater(value, 0.0), 1.0);
    let t = 1.0 / (1.0 + exp2((MIDDLE - inside) * STEEP));
    signal::<SRGB>((t - OFFSET) / SCALE, 1.0) + (value - inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_the_same_signal() {
        for step in -200..=1200 {
            let value = step as f32 / 1000.0;
            let back = unbent(bent(value));
            assert!((back - value).abs() < 1e-5, "{value}: {back}");
        }
        assert!(bent(0.0).abs() < 1e-5 && (bent(1.0) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn it_is_the_inverse_of_a_logistic_function() {
        let logistic = |x: f64| 1.0 / (1.0 + (6.5 * (0.75 - x)).exp());
        for step in 1..=100 {
            let x = f64::from(step) / 100.0;
            let light = (logistic(x) - logistic(0.0)) / (logistic(1.0) - logistic(0.0));
            let value = signal::<SRGB>(light as f32, 1.0);
            assert!((f64::from(bent(value)) - x).abs() < 1e-5, "{x}");
        }
    }
}
