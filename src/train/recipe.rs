//! What is trained, and how: all that a training depends on.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What `--loss` names: how far an output is from a target picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loss {
    /// The mean square of the differences of R, G and B.
    Mse,
    /// The mean of their absolute values.
    #[default]
    L1,
    /// `L1`, and the mean absolute differences of the answers of filters for strokes at several sizes.
    Perceptual,
}

impl Loss {
    /// All names.
    pub const NAMES: [&str; 3] = ["mse", "l1", "perceptual"];

    /// The one with this of [`Loss::NAMES`]; any other word is the default.
    pub fn named(name: &str) -> Self {
        match name {
            "mse" => Self::Mse,
            "perceptual" => Self::Perceptual,
            _ => Self::L1,
        }
    }
}

/// What the network learns from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lesson {
    /// The look of a picture.
    Style {
        image: PathBuf,
        /// The shorter side of the style picture as it is learnt, in sizes of the training's squares: larger makes larger
        /// strokes.
        scale: f32,
        /// How much what a picture shows weighs against the look.
        content_weight: f32,
        /// Pictures, clips, and folders of them.
        content: Vec<PathBuf>,
    },
    /// Pairs of pictures, `input` and `target`, in a folder.
    Pairs { data: PathBuf, loss: Loss },
}

/// All that a training depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    pub lesson: Lesson,
    /// What is learnt on: a model's name, an .onnx file that was trained here, or a version's folder.
    pub from: Option<String>,
    pub steps: u64,
    /// Side of the squares that are learnt on, in pixels.
    pub size: usize,
    pub seed: u64,
}
