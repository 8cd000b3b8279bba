//! The numbers of all frames together.

use std::path::PathBuf;

use serde::Serialize;

use super::numbers::{Difference, Likeness};
use super::{Device, FrameNumbers, Picture};
use crate::media::path_as_text;

/// Numbers of a video.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    #[serde(serialize_with = "path_as_text")]
    pub input: PathBuf,
    pub width: u32,
    pub height: u32,
    /// Bits of a luma code.
    pub depth: u8,
    pub device: Device,
    pub frames: u64,
    /// Means over the frames, and the extremes of all of them.
    pub mean: f64,
    pub min: u32,
    pub max: u32,
    pub noise: f64,
    pub histogram: Vec<u64>,
    /// What the input was held against.
    #[serde(flatten)]
    pub reference: Option<Compared>,
    /// Damage found in the files, and what makes the comparison doubtful, for people.
    pub warnings: Vec<String>,
}

/// How alike two videos are.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    #[serde(rename = "reference", serialize_with = "path_as_text")]
    pub path: PathBuf,
    /// Frames of the reference, and frames that were compared.
    pub reference_frames: u64,
    pub compared_frames: u64,
    /// Of the mean square of all differences; SSIM is the mean over the frames.
    #[serde(flatten)]
    pub likeness: Likeness,
    /// Of the frame that is least alike; none where all are identical.
    pub psnr_min: Option<f64>,
    pub ssim_min: Option<f64>,
}

/// What was measured, besides its numbers.
pub struct Measured {
    pub input: PathBuf,
    /// Path of the reference, and how many frames it has.
    pub reference: Option<(PathBuf, u64)>,
    pub device: Device,
    pub picture: Picture,
    pub warnings: Vec<String>,
}

/// Sums over frames.
pub struct Totals {
    /// Bits of the codes that are compared.
    depth: u8,
    frames: u64,
    mean: f64,
    min: u32,
    max: u32,
    noise: f64,
    histogram: Vec<u64>,
    compared: u64,
    mean_square: f64,
    ssim: Option<f64>,
    psnr_min: Option<f64>,
    ssim_min: Option<f64>,
}

impl Totals {
    pub fn new(depth: u8) -> Self {
        Self {
            depth,
            frames: 0,
            mean: 0.0,
            min: u32::MAX,
            max: 0,
            noise: 0.0,
            histogram: vec![0; 256],
            compared: 0,
            mean_square: 0.0,
            ssim: None,
            psnr_min: None,
            ssim_min: None,
        }
    }

    pub fn add(&mut self, numbers: &FrameNumbers, difference: Option<Difference>) {
        let luma = &numbers.luma;
        self.frames += 1;
        self.mean += luma.mean;
        self.min = self.min.min(luma.min);
        self.max = self.max.max(luma.max);
        self.noise += luma.noise;
        let bins = self.histogram.iter_mut().zip(&luma.histogram);
        bins.for_each(|(bin, more)| *bin += more);
        let (Some(difference), Some(likeness)) = (difference, &numbers.likeness) else {
            return;
        };
        self.compared += 1;
        self.mean_square += difference.mean_square;
        let least = |least: Option<f64>, value: Option<f64>| match (least, value) {
            (Some(least), Some(value)) => Some(least.min(value)),
            (least, value) => least.or(value),
        };
        self.psnr_min = least(self.psnr_min, likeness.psnr);
        self.ssim_min = least(self.ssim_min, likeness.ssim);
        if let Some(ssim) = likeness.ssim {
            self.ssim = Some(self.ssim.unwrap_or(0.0) + ssim);
        }
    }

    pub fn summary(self, of: Measured) -> Summary {
        let frames = self.frames as f64;
        let compared = self.compared as f64;
        let difference = Difference {
            mean_square: self.mean_square / compared,
            ssim: self.ssim.map(|ssim| ssim / compared),
        };
        Summary {
            input: of.input,
            width: of.picture.width,
            height: of.picture.height,
            depth: of.picture.format.depth,
            device: of.device,
            frames: self.frames,
            mean: self.mean / frames,
            min: self.min,
            max: self.max,
            noise: self.noise / frames,
            histogram: self.histogram,
            reference: of.reference.map(|(path, reference_frames)| Compared {
                path,
                reference_frames,
                compared_frames: self.compared,
                likeness: Likeness::of(difference, self.depth),
                psnr_min: self.psnr_min,
                ssim_min: self.ssim_min,
            }),
            warnings: of.warnings,
        }
    }
}
