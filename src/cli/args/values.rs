//! What flags take, and what they say of what they do not take.

use super::render::Chunk;
use crate::frame::Rational;
use crate::media::{AudioChoice, Dropped};
use crate::render::{LowDisk, Parallelism};

pub(super) fn weight(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(weight) if weight > 0.0 && weight <= 1.0 => Ok(weight),
        _ => Err("a number above 0, at most 1".to_owned()),
    }
}

pub(super) fn chunk(text: &str) -> Result<Chunk, String> {
    match text.parse::<u32>() {
        _ if text == "none" => Ok(Chunk(None)),
        Ok(seconds) if (10..=120).contains(&seconds) => Ok(Chunk(Some(seconds))),
        _ => Err("it goes from 10 to 120 seconds, or is none".to_owned()),
    }
}

pub(super) fn parallelism(text: &str) -> Result<Parallelism, String> {
    match text.parse() {
        _ if text == "auto" => Ok(Parallelism::Auto),
        Ok(count) => Ok(Parallelism::Count(count)),
        _ => Err("it is a number from 1 on, or auto".to_owned()),
    }
}

pub(super) fn low_disk(what: &str) -> LowDisk {
    match what {
        "fail" => LowDisk::Fail,
        _ => LowDisk::Pause,
    }
}

pub(super) fn quality(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err("it must be a number, for example 18".to_owned()),
    }
}

/// Rates that are written in short, as they are.
const NTSC: [(&str, i64); 4] = [("23.976", 24), ("29.97", 30), ("47.952", 48), ("59.94", 60)];

pub(super) fn rate(text: &str) -> Result<Rational, String> {
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
    let found = NTSC
        .iter()
        .find_map(short)
        .or_else(fraction)
        .or_else(decimal);
    found
        .filter(|rate| rate.num > 0 && rate.den > 0 && rate.num <= 1_000_000_000)
        .filter(|rate| rate.den <= 1_000_000_000 && (0.001..=1000.0).contains(&rate.to_f64()))
        .ok_or_else(|| {
            "it goes from 0.001 to 1000, for example 24, 23.976 or 30000/1001".to_owned()
        })
}

pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE, for example tune=film".to_owned()),
    }
}

pub(super) fn left_out(name: &str) -> Dropped {
    let named = Dropped::ALL
        .into_iter()
        .find(|dropped| dropped.name() == name);
    named.expect("the parser knows these names alone")
}

pub(super) fn audio(what: &str) -> AudioChoice {
    match what {
        "aac" => AudioChoice::Aac,
        "none" => AudioChoice::None,
        _ => AudioChoice::Copy,
    }
}

/// The largest side a plan is made for.
const LONGEST_SIDE: u32 = 1 << 16;

pub(super) fn size(text: &str) -> Result<(u32, u32), String> {
    let sides = text
        .split_once(['x', 'X', '×'])
        .and_then(|(width, height)| {
            Some((width.parse::<u32>().ok()?, height.parse::<u32>().ok()?))
        });
    match sides {
        Some((width, height))
            if (1..=LONGEST_SIDE).contains(&width) && (1..=LONGEST_SIDE).contains(&height) =>
        {
            Ok((width, height))
        }
        _ => Err("write it as WIDTHxHEIGHT, for example 1920x1080".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn rates_are_exact() {
        let rate = |text| super::rate(text).ok().map(|rate| (rate.num, rate.den));
        for (text, exact) in [
            ("24", (24, 1)),
            ("23.976", (24000, 1001)),
            ("29.97", (30000, 1001)),
            ("59.9401", (60000, 1001)),
            ("30000/1001", (30000, 1001)),
            ("12.5", (125, 10)),
            ("1/10", (1, 10)),
        ] {
            assert_eq!(rate(text), Some(exact), "{text}");
        }
        for text in ["0", "-24", "x", "1/0", "1e3", "2000", "1.2.3", "", "."] {
            assert_eq!(rate(text), None, "{text}");
        }
    }
}
