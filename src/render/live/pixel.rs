//! The values of one pixel.

use serde::Serialize;

use super::super::error::Result;
use super::Live;
use super::renderer::{Content, FrameAsk, Shown, extent_of};
use crate::frame::{Model, Picture};

/// A component of a coded pixel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// `Y`, `Cb`, `R` and so on.
    pub name: &'static str,
    /// The code value, as it is in the file.
    pub value: u32,
}

/// What is at a place of a frame.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PixelValues {
    /// The place in pixels of the picture as it was rendered.
    pub x: u32,
    pub y: u32,
    /// The code values of the clip at this place.
    pub source: Vec<Sample>,
    /// RGB of 8 bits of what was rendered; none of a pass.
    pub result: Option<[u8; 3]>,
    /// The stored values of the pass.
    pub pass: Option<Vec<f32>>,
}

impl Live {
    /// The values at (`x`, `y`) of the picture of `ask`. A place outside is moved to the border.
    ///
    /// # Errors
    /// As [`Self::frame`].
    pub fn pixel(&mut self, ask: &FrameAsk, (x, y): (u32, u32)) -> Result<PixelValues> {
        let facts = self.clip.facts().clone();
        let rendered = extent_of(&facts, ask.lines);
        let shown = self.frame(ask)?;
        let (source, _) = self.clip.frame(ask.frame)?;
        let (width, height) = match &shown.content {
            Content::Picture(picture) => (picture.width, picture.height),
            Content::Image { image, .. } => image.extent,
        };
        let (x, y) = (x.min(width.max(1) - 1), y.min(height.max(1) - 1));
        let (result, pass) = match &shown.content {
            Content::Picture(picture) => {
                let at = |component| picture.sample(component, x as usize, y as usize) as u8;
                (Some([0, 1, 2].map(at)), None)
            }
            Content::Image { image, words, .. } => {
                let channels = image.storage.channels();
                let at = channels * (y as usize * image.extent.0 as usize + x as usize);
                let words = words.get(at..at + channels).unwrap_or_default();
                let values = words.iter().map(|word| f32::from_bits(*word));
                (None, Some(values.collect()))
            }
        };
        // The same place in the clip, whatever the size that was rendered.
        let scaled = |at: u32, from: u32, to: u32| {
            let middle = (f64::from(at) + 0.5) * f64::from(to) / f64::from(from.max(1));
            (middle as u32).min(to.max(1) - 1)
        };
        let of = match ask.shown {
            Shown::Source => rendered,
            _ => (width, height),
        };
        let place = (
            scaled(x, of.0, source.width),
            scaled(y, of.1, source.height),
        );
        Ok(PixelValues {
            x,
            y,
            source: samples(&source, place),
            result,
            pass,
        })
    }
}

/// The code values of a picture at a place.
fn samples(picture: &Picture, (x, y): (u32, u32)) -> Vec<Sample> {
    let format = &picture.format;
    let names: &[&'static str] = match format.model {
        Model::Gray => &["Y", "A"],
        Model::Rgb => &["R", "G", "B", "A"],
        Model::Yuv => &["Y", "Cb", "Cr", "A"],
    };
    let components = format.used().len();
    let sample = |component: usize| {
        let (width, height) = format.component_extent(component, picture.width, picture.height);
        let column = u64::from(x) * u64::from(width) / u64::from(picture.width.max(1));
        let row = u64::from(y) * u64::from(height) / u64::from(picture.height.max(1));
        picture.sample(component, column as usize, row as usize)
    };
    let named = (0..components).zip(names);
    named
        .map(|(component, name)| Sample {
            name,
            value: sample(component),
        })
        .collect()
}
