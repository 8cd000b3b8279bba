//! Converts between the signal and display light. 1 is reference white: signal 1; in PQ 203 cd/m² (BT.2408); in HLG
//! signal 0.75 (there the light is scene light).

use super::power::{exp2, log2, power};
use crate::color::bounds::{greater, smaller};

/// Values of the kernels' parameter `transfer`: a power function.
pub const POWER: u8 = 0;
/// SMPTE ST 2084.
pub const PQ: u8 = 1;
/// Recommendation ITU-R BT.2100.
pub const HLG: u8 = 2;
/// The curve of sRGB (IEC 61966-2-1); negative values are mirrored.
pub const SRGB: u8 = 3;

const HLG_A: f32 = 0.178_832_77;
const HLG_B: f32 = 0.284_668_92;
const HLG_C: f32 = 0.559_910_7;
/// Scene light of HLG at reference white, where the peak is 1.
const HLG_WHITE: f32 = 0.264_962_56;
/// Reference white of PQ, on a scale where 1 is 10 000 cd/m².
const PQ_WHITE: f32 = 0.0203;

#[inline(always)]
pub fn light<const TRANSFER: u8>(signal: f32, gamma: f32) -> f32 {
    match TRANSFER {
        PQ => {
            let n = power(greater(signal, 0.0), 1.0 / 78.843_75);
            let ratio = greater(n - 0.835_937_5, 0.0) / (18.851_562 - 18.687_5 * smaller(n, 1.0));
            power(ratio, 1.0 / 0.159_301_76) / PQ_WHITE
        }
        HLG => {
            let low = signal * signal.abs() / 3.0;
            let high = (exp2((signal - HLG_C) / HLG_A * std::f32::consts::LOG2_E) + HLG_B) / 12.0;
            (if signal <= 0.5 { low } else { high }) / HLG_WHITE
        }
        SRGB => {
            let size = signal.abs();
            let curved = power((size + 0.055) / 1.055, 2.4);
            let light = if size <= 0.040_45 {
                size / 12.92
            } else {
                curved
            };
            light.copysign(signal)
        }
        _ => power(signal, gamma),
    }
}

#[inline(always)]
pub fn signal<const TRANSFER: u8>(light: f32, gamma: f32) -> f32 {
    match TRANSFER {
        PQ => {
            let l = power(greater(light * PQ_WHITE, 0.0), 0.159_301_76);
            power(
                (0.835_937_5 + 18.851_562 * l) / (1.0 + 18.687_5 * l),
                78.843_75,
            )
        }
        HLG => {
            let l = light * HLG_WHITE;
            let low = (3.0 * l.abs()).sqrt().copysign(l);
            let high =
                HLG_A * std::f32::consts::LN_2 * log2(greater(12.0 * l - HLG_B, 1e-6)) + HLG_C;
            if l <= 1.0 / 12.0 { low } else { high }
        }
        SRGB => {
            let size = light.abs();
            let curved = 1.055 * power(size, 1.0 / 2.4) - 0.055;
            let signal = if size <= 0.003_130_8 {
                size * 12.92
            } else {
                curved
            };
            signal.copysign(light)
        }
        _ => power(light, 1.0 / gamma),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reference values: `colour.eotf(…, "ITU-R BT.2100 PQ")` divided by 203, and
    /// `colour.models.oetf_inverse_BT2100_HLG`.
    #[test]
    fn hdr_curves_are_those_of_bt_2100() {
        for (value, nits) in [
            (0.1, 0.324_565),
            (0.5, 92.245_71),
            (0.75, 983.376_7),
            (1.0, 10_000.0),
        ] {
            let got = light::<PQ>(value, 0.0) * 203.0;
            assert!((got - nits).abs() < 3e-4 * nits, "{value}: {got}");
        }
        for (value, scene) in [
            (0.1, 0.003_333_333),
            (0.5, 0.083_333_333),
            (0.75, 0.264_962_56),
            (1.0, 1.0),
        ] {
            let got = light::<HLG>(value, 0.0) * HLG_WHITE;
            assert!((got - scene).abs() < 1e-5, "{value}: {got}");
        }
    }

    #[test]
    fn black_stays_black() {
        let there_and_back = [
            signal::<POWER>(light::<POWER>(0.0, 2.4), 2.4),
            signal::<HLG>(light::<HLG>(0.0, 2.4), 2.4),
            signal::<SRGB>(light::<SRGB>(0.0, 2.4), 2.4),
        ];
        // A hundredth of a code of 16 bits.
        assert!(
            there_and_back.iter().all(|black| black.abs() < 1.5e-7),
            "{there_and_back:?}"
        );
        let pq = signal::<PQ>(light::<PQ>(0.0, 2.4), 2.4);
        assert!(pq.abs() < 5e-5, "{pq}");
    }

    proptest! {
        #[test]
        fn there_and_back(value in 0.0f32..1.1) {
            prop_assert!((signal::<POWER>(light::<POWER>(value, 2.4), 2.4) - value).abs() < 2e-6);
            prop_assert!((signal::<HLG>(light::<HLG>(value, 2.4), 2.4) - value).abs() < 5e-6);
            let pq = value.min(1.0);
            prop_assert!((signal::<PQ>(light::<PQ>(pq, 2.4), 2.4) - pq).abs() < 5e-5);
        }
    }
}
