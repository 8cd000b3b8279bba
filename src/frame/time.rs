//! Rational time. Times are never floats, and never a frame index divided by a frame rate.

use serde::{Deserialize, Serialize};

/// A ratio of two integers: a time base (seconds per tick) or a rate. The denominator is positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rational {
    pub num: i64,
    pub den: i64,
}

impl Rational {
    /// `num / den`. If `den` is zero or negative, the result is `0/1`, which means "unknown".
    pub const fn new(num: i64, den: i64) -> Self {
        if den > 0 {
            Self { num, den }
        } else {
            Self { num: 0, den: 1 }
        }
    }

    /// The value as a float, for display only. Not for arithmetic on time.
    pub fn to_f64(self) -> f64 {
        self.num as f64 / self.den as f64
    }

    /// Converts `ticks` of this time base to ticks of `to`. Rounds to nearest, halves away from zero; saturates at the
    /// limits of `i64`. A time base of zero gives zero.
    pub fn rescale(self, ticks: i64, to: Rational) -> i64 {
        let (num, den) = (
            i128::from(ticks) * i128::from(self.num) * i128::from(to.den),
            i128::from(self.den) * i128::from(to.num),
        );
        if den == 0 {
            return 0;
        }
        let (num, den) = if den < 0 { (-num, -den) } else { (num, den) };
        let half = den / 2;
        let rounded = if num >= 0 {
            (num + half) / den
        } else {
            (num - half) / den
        };
        rounded.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }

    /// `ticks` of this time base in seconds: the float nearest to the exact time, so that equal times in two time bases are
    /// equal.
    pub fn nearest_seconds(self, ticks: i64) -> f64 {
        (i128::from(ticks) * i128::from(self.num)) as f64 / self.den as f64
    }

    /// Converts `ticks` of this time base to seconds, for display only.
    pub fn seconds(self, ticks: i64) -> f64 {
        ticks as f64 * self.to_f64()
    }
}

impl std::fmt::Display for Rational {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

/// Time and duration of a frame, in ticks of its stream's time base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Presentation time stamp.
    pub pts: i64,
    /// Duration in ticks; 0 if the source does not say.
    pub duration: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rescales_with_halves_away_from_zero() {
        let (ms, s) = (Rational::new(1, 1000), Rational::new(1, 1));
        assert_eq!(ms.rescale(1500, s), 2);
        assert_eq!(ms.rescale(-1500, s), -2);
        assert_eq!(ms.rescale(1499, s), 1);
        assert_eq!(
            Rational::new(1, 90000).rescale(i64::MAX, Rational::new(1, 1_000_000_000)),
            i64::MAX
        );
        assert_eq!(Rational::new(0, 1).rescale(5, Rational::new(0, 1)), 0);
    }

    proptest! {
        #[test]
        fn a_finer_time_base_and_back_is_the_identity(ticks in -1_000_000_000i64..1_000_000_000, den in 1i64..100_000, factor in 1i64..1000) {
            let (coarse, fine) = (Rational::new(1, den), Rational::new(1, den * factor));
            prop_assert_eq!(fine.rescale(coarse.rescale(ticks, fine), coarse), ticks);
        }
    }
}
