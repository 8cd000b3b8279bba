//! Times as people write them, and the part of an input that they name.

use std::fmt;

use super::super::error::{RenderError, Result};
use super::plain::plain_serde;
use super::values::SettingValue;
use crate::frame::Rational;
use crate::media::TimeRange;

/// Digits of a fraction of a second that are kept.
const DIGITS: usize = 6;
/// Ticks of a [`Time`] per second.
const PER_SECOND: i64 = 1_000_000;
/// A number of seconds without minutes is below this.
const MOST_SECONDS: u64 = 100_000_000;

/// A time or a length of time, in millionths of a second, zero or more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(i64);

impl Time {
    /// Seconds, as a ratio over a million.
    pub fn seconds(self) -> Rational {
        Rational::new(self.0, PER_SECOND)
    }
}

impl SettingValue for Time {
    fn accepts() -> String {
        "seconds, MM:SS or HH:MM:SS.mmm, for example 1:30.5".to_owned()
    }

    /// Seconds (`90`, `1.5`), minutes and seconds (`1:30`), or hours, minutes and seconds (`0:01:30.250`).
    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let (last, before) = parts.split_last()?;
        if before.len() > 2 {
            return None;
        }
        let whole = |digits: &str, limit: u64| -> Option<u64> {
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let number = plain.then(|| digits.parse::<u64>().ok()).flatten();
            number.filter(|&number| number < limit)
        };
        let (seconds, fraction) = last.split_once('.').unwrap_or((last, "0"));
        // The first number has a wide limit; those after a colon are below 60.
        let limit = |first: bool| if first { MOST_SECONDS } else { 60 };
        let mut total = whole(seconds, limit(before.is_empty()))?;
        for (index, part) in before.iter().rev().enumerate() {
            let first = index + 1 == before.len();
            total += whole(part, limit(first))? * 60u64.pow(index as u32 + 1);
        }
        whole(fraction, u64::MAX)?;
        let mut digits: String = fraction.chars().take(DIGITS).collect();
        while digits.len() < DIGITS {
            digits.push('0');
        }
        let micros = total * PER_SECOND as u64 + whole(&digits, u64::MAX)?;
        i64::try_from(micros).ok().map(Self)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, micros) = (self.0 / PER_SECOND, self.0 % PER_SECOND);
        if seconds < MOST_SECONDS as i64 {
            write!(f, "{seconds}")?;
        } else {
            let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            write!(f, "{hours}:{minutes:02}:{seconds:02}")?;
        }
        if micros != 0 {
            let digits = format!("{micros:06}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        Ok(())
    }
}

plain_serde!(Time);

/// The part of an input from `start`, for `duration` or until `to`; `None` is all of it.
///
/// # Errors
/// `Usage` where the part is empty, or where both `duration` and `to` are given.
pub fn part(
    start: Option<Time>,
    duration: Option<Time>,
    to: Option<Time>,
) -> Result<Option<TimeRange>> {
    if duration.is_some() && to.is_some() {
        return Err(RenderError::usage(
            "duration and to both say where the part ends",
            "give one of them",
        ));
    }
    let begin = start.unwrap_or_default();
    let end = to.or(duration.map(|length| Time(begin.0.saturating_add(length.0))));
    if end.is_some_and(|end| end <= begin) {
        return Err(RenderError::usage(
            "the part to render is empty: it ends before it begins",
            "give a --to that is later than --start, or a --duration above zero",
        ));
    }
    let asked = start.is_some() || end.is_some();
    Ok(asked.then_some(TimeRange {
        start: begin.seconds(),
        end: end.map(Time::seconds),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written() {
        for (text, micros) in [
            ("90", 90_000_000),
            ("1.5", 1_500_000),
            ("1:30", 90_000_000),
            ("00:01:30.250", 90_250_000),
            ("100:00:00.0000019", 360_000_000_001),
            ("99999999:59:59.999999", 359_999_999_999_999_999),
        ] {
            let time = Time::parse(text).unwrap();
            assert_eq!(time.0, micros, "{text}");
            assert_eq!(Time::parse(&time.to_string()), Some(time), "{text}");
        }
        for wrong in [
            "",
            "-1",
            "1:2:3:4",
            "1:75",
            "x",
            "1.",
            ".5",
            "1e3",
            "1:-3",
            "99999999999",
        ] {
            assert_eq!(Time::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_part_has_one_end() {
        let time = |text| Time::parse(text);
        let range = part(time("2"), time("3"), None).unwrap().unwrap();
        assert_eq!(range.start, Rational::new(2_000_000, PER_SECOND));
        assert_eq!(range.end, Some(Rational::new(5_000_000, PER_SECOND)));
        assert!(part(None, None, None).unwrap().is_none());
        assert!(part(time("2"), None, time("2")).is_err());
        assert!(part(None, time("1"), time("2")).is_err());
    }
}
