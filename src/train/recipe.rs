//! What is trained, and how: all that a training depends on.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::error::TrainError;

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

/// What a person asks for, as flags and requests name it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    pub style_image: Option<PathBuf>,
    pub content: Vec<PathBuf>,
    pub style_scale: f32,
    pub content_weight: f32,
    pub data: Option<PathBuf>,
    pub loss: Option<Loss>,
    pub from: Option<String>,
    pub steps: u64,
    pub size: usize,
    pub seed: u64,
}

impl Default for Ask {
    fn default() -> Self {
        Self {
            style_image: None,
            content: Vec::new(),
            style_scale: 4.0,
            content_weight: 0.5,
            data: None,
            loss: None,
            from: None,
            steps: 2000,
            size: 192,
            seed: 1,
        }
    }
}

impl TryFrom<Ask> for Recipe {
    type Error = TrainError;

    /// # Errors
    /// `Usage` where it does not say what is learnt from.
    fn try_from(ask: Ask) -> Result<Self, TrainError> {
        let lesson = match (ask.style_image, ask.data) {
            (Some(image), None) if !ask.content.is_empty() => Lesson::Style {
                image,
                scale: ask.style_scale,
                content_weight: ask.content_weight,
                content: ask.content,
            },
            (None, Some(data)) => Lesson::Pairs {
                data,
                loss: ask.loss.unwrap_or_default(),
            },
            (Some(_), Some(_)) => {
                return Err(TrainError::usage(
                    "a training learns from a picture or from pairs, not from both",
                    "leave out --style-image or --data",
                ));
            }
            (Some(_), None) => {
                return Err(TrainError::usage(
                    "--style-image needs pictures to learn on",
                    "name pictures, clips or folders of them with --content",
                ));
            }
            (None, None) => {
                return Err(TrainError::usage(
                    "nothing is named to learn from",
                    "name a picture of the look with --style-image and pictures with --content, or a folder of pairs with --data",
                ));
            }
        };
        Ok(Self {
            lesson,
            from: ask.from,
            steps: ask.steps,
            size: ask.size,
            seed: ask.seed,
        })
    }
}
