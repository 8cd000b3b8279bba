//! Frame rates as people write them.

use std::fmt;

use super::plain::plain_serde;
use super::values::SettingValue;
use crate::frame::Rational;

/// Frames per second, 0.001 to 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameRate(Rational);

/// Rates with a short name that stands for `whole * 1000 / 1001`.
const NTSC: [(&str, i64); 4] = [("23.976", 24), ("29.97", 30), ("47.952", 48), ("59.94", 60)];

impl FrameRate {
    /// Of so many frames per second, which were a rate before.
    pub(in super::super) fn of(rate: Rational) -> Self {
        Self(rate)
    }

    /// Frames per second.
    pub fn get(self) -> Rational {
        self.0
    }
}

impl SettingValue for FrameRate {
    fn accepts() -> String {
        "frames per second from 0.001 to 1000, for example 24, 23.976 or 30000/1001".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let short = |(name, whole): &(&str, i64)| {
            text.starts_with(name)
                .then(|| Rational::new(whole * 1000, 1001))
                .filter(|exact| {
                    text.parse()
                        .is_ok_and(|rate: f64| (rate - exact.to_f64()).abs() < 1e-3)
                })
        };
        let fraction = || {
            let (num, den) = text.split_once('/')?;
            Some(Rational::new(num.parse().ok()?, den.parse().ok()?))
        };
        let decimal = || {
            let (whole, parts) = text.split_once('.').unwrap_or((text, ""));
            let digits = parts.len();
            let plain = parts.bytes().all(|byte| byte.is_ascii_digit()) && digits <= 6;
            let den = plain.then(|| 10i64.pow(digits as u32))?;
            Some(Rational::new(format!("{whole}{parts}").parse().ok()?, den))
        };
        NTSC.iter()
            .find_map(short)
            .or_else(fraction)
            .or_else(decimal)
            .filter(|rate| rate.num > 0 && rate.den > 0 && rate.num <= 1_000_000_000)
            .filter(|rate| rate.den <= 1_000_000_000 && (0.001..=1000.0).contains(&rate.to_f64()))
            .map(Self)
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Rational { num, den: 1 } => write!(f, "{num}"),
            Rational { num, den } => write!(f, "{num}/{den}"),
        }
    }
}

plain_serde!(FrameRate);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_exact() {
        for (text, num, den) in [
            ("24", 24, 1),
            ("23.976", 24000, 1001),
            ("29.97", 30000, 1001),
            ("59.9401", 60000, 1001),
            ("30000/1001", 30000, 1001),
            ("12.5", 125, 10),
            ("1/10", 1, 10),
        ] {
            let rate = FrameRate::parse(text).unwrap();
            assert_eq!(rate.get(), Rational::new(num, den), "{text}");
            assert_eq!(FrameRate::parse(&rate.to_string()), Some(rate), "{text}");
        }
        for text in ["0", "-24", "x", "1/0", "1e3", "2000", "1.2.3", "", "."] {
            assert_eq!(FrameRate::parse(text), None, "{text}");
        }
    }
}
