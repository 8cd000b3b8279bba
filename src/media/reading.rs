//! How a file is read: the choices of the user that shape what comes out of it.

use serde::{Deserialize, Serialize};

use crate::frame::Rational;

/// What to do with pictures whose sample aspect ratio is not that of the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AspectChanges {
    /// They stay as they are. An output has one ratio for all pictures, so players show them in another shape.
    #[default]
    Keep,
    /// They are scaled to fit into the shape of the first, with black bars.
    Fit,
}

/// What decodes the pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decode {
    /// The processor.
    #[default]
    Software,
    /// A hardware decoder where one gives the same pictures, else the processor.
    Auto,
    /// The decoder of an NVIDIA card.
    Cuda,
    /// The decoder of an AMD or Intel card under Linux.
    Vaapi,
}

impl Decode {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Software => "software",
            Self::Auto => "auto",
            Self::Cuda => "cuda",
            Self::Vaapi => "vaapi",
        }
    }
}

/// How a file is read. The default leaves everything to the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Frames per second of an image sequence.
    pub rate: Option<Rational>,
    /// Index of the video stream whose pictures are read; `None` chooses one.
    pub video: Option<usize>,
    /// Whether times are moved so that no hole is left where the clock of the file jumps.
    pub close_gaps: bool,
    pub aspects: AspectChanges,
    pub decode: Decode,
    /// Whether only the first picture is wanted. It is decoded without threads: they would begin with the next ones too.
    pub first_only: bool,
    /// The pictures after which a hardware decoder fails that a test pretends to have.
    #[cfg(test)]
    pub pretend: Option<u32>,
}

impl Reading {
    /// Of an image sequence at `rate` frames per second, where one is given.
    pub fn at(rate: Option<Rational>) -> Self {
        Self {
            rate,
            ..Self::default()
        }
    }
}
