//! Tracks in one line: `ease,0:0,2s:0.6,48f:1`.

use super::{Interpolation, KeyTime, Written};

/// The longest time of a key, in seconds. It catches mistakes.
const LONGEST: f64 = 1e9;

/// Reads the texts of a track; `None` where `text` is not meant as one.
pub(super) fn read(text: &str) -> Option<Result<Written, String>> {
    let mut parts = text.split(',').map(str::trim).peekable();
    let interpolation = parts.peek().copied().and_then(Interpolation::named);
    if interpolation.is_some() {
        parts.next();
        // A word alone is a value: a choice may have such a name.
        parts.peek()?;
    } else if !text.contains(':') {
        return None;
    }
    let keys = parts.map(key).collect::<Result<_, _>>();
    Some(keys.map(|keys| Written {
        interpolation,
        keys,
    }))
}

fn key(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((time, value)) if !value.contains(':') => {
            Ok((time.trim().to_owned(), value.trim().to_owned()))
        }
        Some(_) => Err(format!(
            "{text:?} has more than one colon: a time is never MM:SS, write 1:30 as 90"
        )),
        None if text.is_empty() => Err("a key is missing beside a comma".to_owned()),
        None => Err(format!("{text:?} is no TIME:VALUE")),
    }
}

/// The time that `text` means: `2`, `2.5s`, `48f`.
pub(super) fn time(text: &str) -> Result<KeyTime, String> {
    let plain = |digits: &str| {
        let known = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        !digits.is_empty() && digits.bytes().all(known)
    };
    if let Some(digits) = text.strip_suffix('f') {
        return match digits.parse() {
            Ok(frames) if plain(digits) => Ok(KeyTime::Frames(frames)),
            _ => Err(format!("the time {text:?} is no whole number of frames")),
        };
    }
    let seconds = text.strip_suffix('s').unwrap_or(text);
    match seconds.parse::<f64>() {
        Ok(at) if plain(seconds) && at <= LONGEST => Ok(KeyTime::Seconds(at)),
        _ => Err(format!(
            "the time {text:?} is neither seconds nor frames from the start"
        )),
    }
}
