use crate::frame::{Component, Model, Picture, code_of, float_at};

/// A line of a picture, to read luma from.
pub struct LumaLine<'a> {
    /// Bytes of the line, from the first sample on, of each component that luma is made of.
    parts: [(&'a [u8], Component); 3],
    rgb: bool,
    /// Bytes of a sample.
    bytes: usize,
}

impl<'a> LumaLine<'a> {
    /// Line `y` of `picture`.
    pub fn new(picture: &'a Picture, y: usize) -> Self {
        Self::of(picture, y, picture.format.model == Model::Rgb)
    }

    /// Line `y` of `picture`; its first component alone is luma unless `rgb`.
    pub fn of(picture: &'a Picture, y: usize, rgb: bool) -> Self {
        let part = |index: usize| {
            let at = picture.format.components[index];
            (picture.row(usize::from(at.plane), y), at)
        };
        Self {
            parts: if rgb { [0, 1, 2] } else { [0; 3] }.map(part),
            rgb,
            bytes: picture.format.sample_bytes(),
        }
    }

    /// Luma as coded; of RGB a quarter, a half and a quarter.
    pub fn luma(&self, x: usize) -> u32 {
        if self.rgb {
            (self.sample(0, x) + 2 * self.sample(1, x) + self.sample(2, x)) / 4
        } else {
            self.sample(0, x)
        }
    }

    /// Luma of the samples from `x` on, one for each place of `out`.
    pub fn read(&self, x: usize, out: &mut [i32]) {
        let (row, at) = self.parts[0];
        if !self.rgb && (self.bytes, at.step, at.shift) == (1, 1, 0) {
            let bytes = &row[x + usize::from(at.offset)..][..out.len()];
            for (value, byte) in out.iter_mut().zip(bytes) {
                *value = (*byte).into();
            }
        } else {
            for (x, value) in (x..).zip(out) {
                *value = self.luma(x) as i32;
            }
        }
    }

    fn sample(&self, part: usize, x: usize) -> u32 {
        let (row, at) = self.parts[part];
        let byte = x * usize::from(at.step) + usize::from(at.offset);
        match self.bytes {
            1 => u32::from(row[byte]) >> at.shift,
            2 => u32::from(u16::from_le_bytes([row[byte], row[byte + 1]])) >> at.shift,
            _ => code_of(float_at(&row[byte..])).into(),
        }
    }
}
