//! Reads the values of flags.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::render::request::{Named, SettingValue, names};

/// A value of a setting; the error says what to give.
pub(super) fn value<T: SettingValue>(text: &str) -> Result<T, String> {
    T::read(text)
}

/// One of a few words, which help lists.
pub(super) fn word<T>() -> impl TypedValueParser<Value = T>
where
    T: Named + SettingValue + Send + Sync,
{
    PossibleValuesParser::new(names::<T>()).try_map(|word| T::read(&word))
}

pub(super) fn pair(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((key, _)) if !key.is_empty() => Ok(text.to_owned()),
        _ => Err("write it as KEY=VALUE, for example tune=film".to_owned()),
    }
}

/// The longest side of a picture that a plan is made for, in pixels.
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
