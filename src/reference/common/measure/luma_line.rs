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

    /// Luma from sample `from` on, one for each place in `out`.
    pub fn read(&self, from: usize, out: &mut [i32]) {
        self.gather(out, |index| from + index);
    }

    /// Luma at each of `places`, to `out`.
    pub fn pick(&self, places: &[usize], out: &mut [i32]) {
        self.gather(out, |index| places[index]);
    }

    /// Luma at the place that `at` gives for each index of `out`. Which way samples are stored is looked at once.
    #[inline(always)]
    fn gather(&self, out: &mut [i32], at: impl Fn(usize) -> usize) {
        let (row, place) = self.parts[0];
        match (self.rgb, self.bytes, place.step, place.offset) {
            (false, 1, 1, 0) => {
                for (index, value) in out.iter_mut().enumerate() {
                    *value = i32::from(row[at(index)]) >> place.shift;
                }
            }
            (false, 2, 2, 0) => {
                let row = row.as_chunks::<2>().0;
                for (index, value) in out.iter_mut().enumerate() {
                    *value = i32::from(u16::from_le_bytes(row[at(index)]) >> place.shift);
                }
            }
            _ => {
                for (index, value) in out.iter_mut().enumerate() {
                    *value = self.luma(at(index)) as i32;
                }
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
