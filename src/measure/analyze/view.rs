//! A frame as the detectors see it.

use super::Finding;
use crate::frame::Picture;
use crate::metrics::Plane;

/// A frame with what several detectors need of it, made once.
pub struct View {
    /// Number of the frame in the file, from 0; in a sampled analysis, of those that were read.
    pub number: u64,
    /// When it is shown, in seconds from the beginning, and for how long. The length may be 0 where it is not known.
    pub time: f64,
    pub length: f64,
    /// Whether the frame before it in the file was the one that was seen before it: false at the beginning, and after a gap
    /// of a sampled analysis.
    pub follows: bool,
    pub picture: Picture,
    /// Luma as coded.
    pub luma: Plane,
    /// Luma of 8 bits at a smaller size: means of squares of `scale` × `scale` pixels.
    pub small: Plane,
    /// Side of the squares that `small` is made of: the least with which it is at most [`SMALL`] wide.
    pub scale: usize,
    /// Whether luma lies in the limited range (16 to 235 of 8 bits).
    pub limited: bool,
}

/// The largest width of [`View::small`].
pub const SMALL: usize = 480;

/// What sees all frames in their order and says what it found. What needs the frame before keeps it.
pub trait Detector: Send {
    /// Looks at the next frame.
    fn frame(&mut self, view: &View);

    /// What was found of each kind that this detector looks for, at the end.
    fn findings(self: Box<Self>) -> Vec<Finding>;
}

impl View {
    /// The frame `picture`.
    pub fn new(
        number: u64,
        time: f64,
        length: f64,
        follows: bool,
        picture: Picture,
        limited: bool,
    ) -> Self {
        let luma = Plane::luma(&picture);
        let scale = luma.width.div_ceil(SMALL).max(1);
        let small = reduced(&luma, scale);
        Self {
            number,
            time,
            length,
            follows,
            picture,
            luma,
            small,
            scale,
            limited,
        }
    }

    /// Luma code `code` as one of 8 bits: black is 16 and white 235 in the limited range.
    pub fn as_8_bits(&self, code: f64) -> f64 {
        match self.limited {
            true => code / f64::from(1u32 << (self.luma.depth - 8)),
            false => code * 255.0 / self.luma.peak(),
        }
    }
}

/// Means of squares of `scale` × `scale` pixels as codes of 8 bits. Incomplete squares at the right and bottom are left out,
/// but for a picture smaller than one.
fn reduced(luma: &Plane, scale: usize) -> Plane {
    let (width, height) = ((luma.width / scale).max(1), (luma.height / scale).max(1));
    let mut codes = Vec::with_capacity(width * height);
    let mut sums = vec![0u32; width];
    let unit = (1u32 << luma.depth.saturating_sub(8)) as f32;
    for top in 0..height {
        sums.fill(0);
        let rows = (top * scale..((top + 1) * scale).min(luma.height)).map(|y| luma.row(y));
        let mut count = 0;
        for row in rows {
            for (sum, codes) in sums.iter_mut().zip(row.chunks(scale)) {
                *sum += codes.iter().map(|code| u32::from(*code)).sum::<u32>();
            }
            count += scale.min(luma.width) as u32;
        }
        codes.extend(
            sums.iter()
                .map(|sum| (*sum as f32 / (count as f32 * unit) + 0.5) as u16),
        );
    }
    Plane {
        width,
        height,
        depth: 8,
        codes,
    }
}
