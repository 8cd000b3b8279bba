//! The values that settings take. A value is read from the same text in a flag, in a preset and in a request.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::super::settings::{CHUNK, Existing, LowDisk, RateMode, Restore};
use super::super::sizing::Fit;
use super::plain::plain_serde;
use crate::graph::plan::Temporal;
use crate::media::{AspectChanges, AudioChoice, Decode, Dropped, Rotation};
use crate::neural::{EngineChoice, EngineKind};

/// A value of a setting.
pub trait SettingValue: Sized {
    /// What can be given, in words: "whole seconds from 10 to 120, or none".
    fn accepts() -> String;

    /// The value that `text` stands for, if it stands for one.
    fn parse(text: &str) -> Option<Self>;

    /// The value that `text` stands for.
    ///
    /// # Errors
    /// What to give instead, in words.
    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| format!("give {}", Self::accepts()))
    }
}

/// A setting that is one of a few words.
pub trait Named: Copy + 'static {
    /// Every choice, in the order in which help lists them.
    const ALL: &'static [Self];

    /// The word for it.
    fn name(self) -> &'static str;
}

/// The words for a setting that is one of a few.
pub fn names<T: Named>() -> Vec<&'static str> {
    T::ALL.iter().map(|choice| choice.name()).collect()
}

/// Implements [`Named`] and [`SettingValue`] for an enum. A variant without a word does not compile.
macro_rules! named {
    ($type:ty { $($variant:ident = $name:literal),+ }) => {
        impl Named for $type {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }

        impl SettingValue for $type {
            fn accepts() -> String {
                one_of(&names::<Self>())
            }

            fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|choice| choice.name() == text)
            }
        }
    };
}

/// How styles that ask for it are averaged over time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TemporalMode {
    /// Still parts are averaged, moving parts are not.
    #[default]
    Adaptive,
    /// Every part is averaged with what was there before, wherever it has moved.
    Flow,
    /// Every part is averaged.
    Ema,
    /// Nothing is averaged.
    Off,
}

impl TemporalMode {
    /// The mode with the weight of the new frame, `alpha`.
    pub fn with(self, alpha: Weight) -> Temporal {
        let Weight(alpha) = alpha;
        match self {
            Self::Adaptive => Temporal::Adaptive { alpha },
            Self::Flow => Temporal::Flow { alpha },
            Self::Ema => Temporal::Ema { alpha },
            Self::Off => Temporal::Off,
        }
    }
}

named!(TemporalMode { Adaptive = "adaptive", Flow = "flow", Ema = "ema", Off = "off" });
named!(AudioChoice { Copy = "copy", Aac = "aac", None = "none" });
named!(AspectChanges { Keep = "keep", Fit = "fit" });
named!(Decode { Software = "software", Auto = "auto", Cuda = "cuda", Vaapi = "vaapi" });
named!(Rotation { Keep = "keep", Apply = "apply" });
named!(Restore { Off = "off", Auto = "auto" });
named!(RateMode { Hold = "hold", Blend = "blend" });
named!(LowDisk { Pause = "pause", Fail = "fail" });
named!(Existing { Refuse = "refuse", Replace = "replace", Skip = "skip" });
named!(Fit { Inside = "inside", Pad = "pad", Crop = "crop", Stretch = "stretch" });
named!(Dropped {
    Subtitles = "subtitles", Attachments = "attachments", Covers = "covers", Chapters = "chapters",
    Rotation = "rotation", Videos = "videos"
});

impl SettingValue for EngineChoice {
    fn accepts() -> String {
        let engines = EngineKind::NAMES.iter().copied();
        one_of(&std::iter::once("auto").chain(engines).collect::<Vec<_>>())
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

plain_serde!(EngineChoice);

/// Length of a chunk: 10 to 120 seconds, or none, which renders in one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk(Option<u32>);

impl Chunk {
    /// Seconds of the shortest chunk.
    pub const SHORTEST: u32 = 10;
    /// Seconds of the longest chunk.
    pub const LONGEST: u32 = 120;

    /// Seconds; none renders in one piece.
    pub fn seconds(self) -> Option<u32> {
        self.0
    }
}

impl Default for Chunk {
    fn default() -> Self {
        Self(Some(CHUNK))
    }
}

impl SettingValue for Chunk {
    fn accepts() -> String {
        format!(
            "whole seconds from {} to {}, or none",
            Self::SHORTEST,
            Self::LONGEST
        )
    }

    fn parse(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Self(None));
        }
        let seconds = text.parse().ok()?;
        (Self::SHORTEST..=Self::LONGEST)
            .contains(&seconds)
            .then_some(Self(Some(seconds)))
    }
}

impl fmt::Display for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(seconds) => write!(f, "{seconds}"),
            None => f.write_str("none"),
        }
    }
}

plain_serde!(Chunk);

/// Weight of the new frame in an average over time: above 0, at most 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weight(f32);

impl Default for Weight {
    fn default() -> Self {
        Self(Temporal::ALPHA)
    }
}

impl SettingValue for Weight {
    fn accepts() -> String {
        "a number above 0, at most 1".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let weight: f32 = text.parse().ok()?;
        (weight > 0.0 && weight <= 1.0).then_some(Self(weight))
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

plain_serde!(Weight);

/// How far a film is kept from drifting: 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Consistency(f64);

impl Consistency {
    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl SettingValue for Consistency {
    fn accepts() -> String {
        "a number from 0 to 1".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let share: f64 = text.parse().ok()?;
        (0.0..=1.0).contains(&share).then_some(Self(share))
    }
}

impl fmt::Display for Consistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

plain_serde!(Consistency);

/// Constant quality in an encoder's own scale; each encoder checks its range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality(f32);

impl Quality {
    /// The number.
    pub fn get(self) -> f32 {
        self.0
    }
}

impl SettingValue for Quality {
    fn accepts() -> String {
        "a number, for example 18".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let quality: f32 = text.parse().ok()?;
        quality.is_finite().then_some(Self(quality))
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

plain_serde!(Quality);

impl SettingValue for u32 {
    fn accepts() -> String {
        format!("a whole number from 0 to {}", Self::MAX)
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl SettingValue for bool {
    fn accepts() -> String {
        "true or false".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl SettingValue for String {
    fn accepts() -> String {
        "text in quotes".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| text.to_owned())
    }
}

impl SettingValue for PathBuf {
    fn accepts() -> String {
        "a path in quotes".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| text.into())
    }
}

/// "a, b or c".
pub(super) fn one_of(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The word that serde writes for a choice is the word of the flag.
    fn agrees<T: Named + SettingValue + Serialize + fmt::Debug + PartialEq>() {
        for &choice in T::ALL {
            let word = choice.name();
            assert_eq!(serde_json::to_value(choice).unwrap(), word);
            assert_eq!(T::parse(word), Some(choice));
            assert!(T::accepts().contains(word));
        }
        assert_eq!(T::parse("nonsense"), None);
    }

    #[test]
    fn words_are_the_same_everywhere() {
        agrees::<TemporalMode>();
        agrees::<AudioChoice>();
        agrees::<LowDisk>();
        agrees::<Existing>();
        agrees::<Fit>();
        agrees::<Decode>();
        agrees::<Dropped>();
        assert_eq!(names::<Dropped>(), Dropped::ALL.map(Dropped::name));
    }

    #[test]
    fn numbers_have_ranges() {
        assert_eq!(Chunk::parse("10").and_then(Chunk::seconds), Some(10));
        assert_eq!(Chunk::parse("none"), Some(Chunk(None)));
        for text in ["9", "121", "12.5", "", "None"] {
            assert_eq!(Chunk::parse(text), None, "{text}");
        }
        assert_eq!(Weight::parse("1"), Some(Weight(1.0)));
        for text in ["0", "1.01", "-1", "nan", "x"] {
            assert_eq!(Weight::parse(text), None, "{text}");
        }
        assert_eq!(Quality::parse("-3.5"), Some(Quality(-3.5)));
        for text in ["nan", "inf", "high", ""] {
            assert_eq!(Quality::parse(text), None, "{text}");
        }
    }
}
