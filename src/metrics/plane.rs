//! Samples of one component of a picture.

use rayon::prelude::*;

use crate::frame::{Model, Picture};

/// One component of a picture on its own grid, as codes of 0 to `2^depth - 1`, rows without padding.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    pub width: usize,
    pub height: usize,
    /// Bits of a code, 1 to 16.
    pub depth: u8,
    pub codes: Vec<u16>,
}

impl Plane {
    /// Component `index` of `picture` as coded. Floats become codes of 16 bits. Panics if there is no such component.
    pub fn component(picture: &Picture, index: usize) -> Self {
        let (width, height) = picture
            .format
            .component_extent(index, picture.width, picture.height);
        let mut codes = vec![0; width as usize * height as usize];
        let rows = codes.par_chunks_mut(width.max(1) as usize).enumerate();
        rows.for_each(|(y, row)| picture.component_row(index, y).read(row));
        Self {
            width: width as usize,
            height: height as usize,
            depth: picture.format.code_depth(),
            codes,
        }
    }

    /// Luma as coded; of RGB a quarter of red, a half of green and a quarter of blue, rounded down.
    pub fn luma(picture: &Picture) -> Self {
        if picture.format.model != Model::Rgb {
            return Self::component(picture, 0);
        }
        let [mut luma, green, blue] = [0, 1, 2].map(|index| Self::component(picture, index));
        let others = green.codes.par_iter().zip(&blue.codes);
        luma.codes
            .par_iter_mut()
            .zip(others)
            .for_each(|(code, (green, blue))| {
                let sum = u32::from(*code) + 2 * u32::from(*green) + u32::from(*blue);
                *code = (sum / 4) as u16;
            });
        luma
    }

    /// Row `y`. Panics if it does not exist.
    pub fn row(&self, y: usize) -> &[u16] {
        &self.codes[y * self.width..][..self.width]
    }

    /// The largest code.
    pub fn peak(&self) -> f64 {
        f64::from((1u32 << self.depth) - 1)
    }

    /// The same samples with `depth` bits, which are not fewer. As BT.709 and BT.2020 have it, the limited range is scaled
    /// by a power of two, and the full range to its ends.
    pub fn deepened(mut self, depth: u8, limited: bool) -> Self {
        if depth == self.depth {
            return self;
        }
        let (from, to) = ((1u64 << self.depth) - 1, (1u64 << depth) - 1);
        let more = depth - self.depth;
        self.codes.par_iter_mut().for_each(|code| {
            *code = match limited {
                true => *code << more,
                false => ((u64::from(*code) * to + from / 2) / from) as u16,
            }
        });
        Self { depth, ..self }
    }
}
