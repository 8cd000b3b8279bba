//! Sizes of outputs as people write them.

use std::fmt;

use super::super::error::{RenderError, Result};
use super::super::sizing::{AskedSize, Fit, LONGEST_SIDE, Sizing};
use super::plain::plain_serde;
use super::values::SettingValue;

/// Columns and rows of an output to one of the source, above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale(f64);

impl SettingValue for Scale {
    fn accepts() -> String {
        "a number above 0, for example 2 or 1.5".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let scale: f64 = text.parse().ok()?;
        (scale > 0.0 && scale.is_finite()).then_some(Self(scale))
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

plain_serde!(Scale);

/// Width and height of an output in pixels, 1 to [`LONGEST_SIDE`]; `None` for the one that follows from the other. One of
/// them is always there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputSize {
    width: Option<u32>,
    height: Option<u32>,
}

/// Stands for the side that keeps the shape.
const OTHER: &str = "-2";

impl OutputSize {
    /// Whether a width and a height are given.
    pub fn has_both(self) -> bool {
        self.width.is_some() && self.height.is_some()
    }
}

impl SettingValue for OutputSize {
    fn accepts() -> String {
        format!(
            "WIDTHxHEIGHT in pixels, each from 1 to {LONGEST_SIDE}, with {OTHER} for a side that keeps the shape: 1280x720, \
             1280x{OTHER}, {OTHER}x720"
        )
    }

    fn parse(text: &str) -> Option<Self> {
        let (width, height) = text.split_once(['x', 'X', '×'])?;
        let side = |text: &str| match text {
            OTHER => Some(None),
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                let side = digits.parse().ok()?;
                (1..=LONGEST_SIDE).contains(&side).then_some(Some(side))
            }
            _ => None,
        };
        let (width, height) = (side(width)?, side(height)?);
        (width.is_some() || height.is_some()).then_some(Self { width, height })
    }
}

impl fmt::Display for OutputSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |side: Option<u32>| side.map_or(OTHER.to_owned(), |side| side.to_string());
        write!(f, "{}x{}", side(self.width), side(self.height))
    }
}

plain_serde!(OutputSize);

/// The size that these settings ask for of an output; `None` is that of the source, or what its styles make of it.
///
/// # Errors
/// `Usage` where both `scale` and `size` are given, and where `fit` is given without a width and a height.
pub fn sizing(
    scale: Option<Scale>,
    size: Option<OutputSize>,
    fit: Option<Fit>,
    square: bool,
) -> Result<Option<Sizing>> {
    let asked = match (scale, size) {
        (Some(_), Some(_)) => {
            return Err(RenderError::usage(
                "scale and size both say how large the output is",
                "give one of them",
            ));
        }
        (Some(Scale(scale)), None) => Some(AskedSize::Scale(scale)),
        (None, Some(OutputSize { width, height })) => match (width, height) {
            (Some(width), Some(height)) => Some(AskedSize::Both(width, height)),
            (Some(width), None) => Some(AskedSize::Width(width)),
            (None, height) => height.map(AskedSize::Height),
        },
        (None, None) => square.then_some(AskedSize::Scale(1.0)),
    };
    if square && fit == Some(Fit::Stretch) {
        return Err(RenderError::usage(
            "square pixels keep the shape of the picture, and fit stretch changes that of pixels instead",
            "give one of them",
        ));
    }
    if fit.is_some() && !size.is_some_and(OutputSize::has_both) {
        return Err(RenderError::usage(
            "fit says how pictures fit into a size of which both sides are numbers, and there is none",
            "give a size such as 1280x720, or leave fit out: 1280x-2 and a scale keep the shape by themselves",
        ));
    }
    let fit = fit.unwrap_or_default();
    Ok(asked.map(|asked| Sizing { asked, fit, square }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_written() {
        for text in ["1280x720", "1280x-2", "-2x720", "1x16384"] {
            let size = OutputSize::parse(text).unwrap();
            assert_eq!(size.to_string(), text);
            assert_eq!(size.has_both(), !text.contains('-'));
        }
        for wrong in [
            "",
            "x",
            "1280",
            "0x720",
            "-2x-2",
            "-1x720",
            "+5x5",
            "16385x2",
            "1280x720x2",
            "1.5x2",
        ] {
            assert_eq!(OutputSize::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Scale::parse("1.5"), Some(Scale(1.5)));
        for wrong in ["0", "-2", "nan", "inf", "x", ""] {
            assert_eq!(Scale::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn settings_that_contradict_are_refused() {
        let (scale, size) = (Scale::parse("2"), OutputSize::parse("9x9"));
        assert!(sizing(scale, size, None, false).is_err());
        assert!(sizing(scale, None, Some(Fit::Pad), false).is_err());
        assert!(sizing(None, OutputSize::parse("9x-2"), Some(Fit::Inside), false).is_err());
        assert!(sizing(None, None, Some(Fit::Crop), false).is_err());
        let sizing = |size| sizing(None, size, None, false).unwrap();
        assert_eq!(sizing(size).unwrap().fit, Fit::Inside);
        assert_eq!(sizing(None), None);
    }
}
