//! Times as people write them.

use crate::frame::Rational;

/// Digits of a fraction of a second that are kept.
const DIGITS: usize = 6;

/// Seconds (`90`, `1.5`), minutes and seconds (`1:30`), or hours, minutes and seconds (`0:01:30.250`).
///
/// # Errors
/// In words, for what is none of these.
pub fn time(text: &str) -> Result<Rational, String> {
    let wrong = || "write it as seconds, MM:SS or HH:MM:SS.mmm, for example 1:30.5".to_owned();
    let parts: Vec<&str> = text.split(':').collect();
    let (last, before) = parts.split_last().ok_or_else(wrong)?;
    if before.len() > 2 {
        return Err(wrong());
    }
    let whole = |digits: &str, limit: u64| -> Result<u64, String> {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = plain.then(|| digits.parse::<u64>().ok()).flatten();
        number.filter(|&number| number < limit).ok_or_else(wrong)
    };
    let (seconds, fraction) = last.split_once('.').unwrap_or((last, "0"));
    // A number alone may be as large as it likes; behind a colon it has two digits.
    let limit = |alone: bool| if alone { 100_000_000 } else { 60 };
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
    let micros = total * 1_000_000 + whole(&digits, u64::MAX)?;
    i64::try_from(micros)
        .map(|micros| Rational::new(micros, 1_000_000))
        .map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        let micros = |text| time(text).map(|time| time.num);
        assert_eq!(micros("90"), Ok(90_000_000));
        assert_eq!(micros("1.5"), Ok(1_500_000));
        assert_eq!(micros("1:30"), Ok(90_000_000));
        assert_eq!(micros("00:01:30.250"), Ok(90_250_000));
        assert_eq!(micros("100:00:00.0000019"), Ok(360_000_000_001));
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
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
