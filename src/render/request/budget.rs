//! A time that a person gives.

use std::fmt;
use std::time::Duration;

use super::plain::plain_serde;
use super::values::SettingValue;

/// A time that a person gives, in whole seconds, 1 or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeBudget(u64);

/// The longest, in seconds: a year.
const LONGEST: u64 = 366 * 86_400;

impl TimeBudget {
    /// Its length.
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

impl SettingValue for TimeBudget {
    fn accepts() -> String {
        "a time with its unit: 90s, 30m, 1h30m".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        let mut total: u64 = 0;
        for (unit, seconds) in [('h', 3600), ('m', 60), ('s', 1)] {
            if let Some((number, after)) = rest.split_once(unit) {
                let number: u64 = number.parse().ok()?;
                total = total.checked_add(number.checked_mul(seconds)?)?;
                rest = after;
            }
        }
        (rest.is_empty() && (1..=LONGEST).contains(&total)).then_some(Self(total))
    }
}

impl fmt::Display for TimeBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.0 / 3600, 'h'),
            (self.0 / 60 % 60, 'm'),
            (self.0 % 60, 's'),
        ];
        parts
            .iter()
            .filter(|part| part.0 > 0)
            .try_for_each(|(number, unit)| write!(f, "{number}{unit}"))
    }
}

plain_serde!(TimeBudget);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, seconds) in [
            ("90s", 90),
            ("30m", 1800),
            ("1h30m", 5400),
            ("2h", 7200),
            ("1h0m5s", 3605),
        ] {
            let budget = TimeBudget::parse(text).unwrap();
            assert_eq!(budget.duration().as_secs(), seconds, "{text}");
            assert_eq!(TimeBudget::parse(&budget.to_string()), Some(budget));
        }
        for wrong in [
            "",
            "30",
            "0s",
            "5x",
            "-3m",
            "1m1h",
            "m",
            "1.5h",
            "99999999999999999999h",
        ] {
            assert_eq!(TimeBudget::parse(wrong), None, "{wrong}");
        }
    }
}
