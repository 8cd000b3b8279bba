//! Access to the samples of one component in one row, whatever the pixel format.

use super::Picture;

/// One row of one component of a picture, read only. Made by [`Picture::component_row`].
#[derive(Clone, Copy)]
pub struct ComponentRow<'a> {
    /// Bytes of the row, starting at the component's first sample.
    bytes: &'a [u8],
    /// Bytes from one sample to the next.
    step: usize,
    /// Unused bits below the value in its word.
    shift: u8,
    /// Bytes of a sample: 1, 2, or 4 of a float.
    sample: usize,
    /// Number of samples.
    len: usize,
}

impl<'a> ComponentRow<'a> {
    /// Row `y` of component `component` of `picture`. Panics if it does not exist.
    pub(super) fn new(picture: &'a Picture, component: usize, y: usize) -> Self {
        let format = &picture.format;
        let at = format.components[component];
        let (width, _) = format.component_extent(component, picture.width, picture.height);
        Self {
            bytes: &picture.row(usize::from(at.plane), y)[usize::from(at.offset)..],
            step: usize::from(at.step),
            shift: at.shift,
            sample: format.sample_bytes(),
            len: width as usize,
        }
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the row has no samples.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of sample `x`, 0 to `2^depth - 1`; of a float that of 16 bits, limited to 0 to 1. Panics outside the row.
    #[inline]
    pub fn at(&self, x: usize) -> u16 {
        let byte = x * self.step;
        match self.sample {
            1 => u16::from(self.bytes[byte]) >> self.shift,
            2 => u16::from_le_bytes([self.bytes[byte], self.bytes[byte + 1]]) >> self.shift,
            _ => code_of(float_at(&self.bytes[byte..])),
        }
    }

    /// Writes all values to `out`, from left to right. `out` has one place for each.
    pub fn read<T: From<u8> + From<u16>>(self, out: &mut [T]) {
        match (self.sample, self.step) {
            // Whole bytes without gaps are widened many at a time.
            (1, 1) if self.shift == 0 => {
                for (value, byte) in out.iter_mut().zip(self.bytes) {
                    *value = (*byte).into();
                }
            }
            (2, 2) => {
                let words = self.bytes.as_chunks::<2>().0;
                for (value, word) in out.iter_mut().zip(words) {
                    *value = (u16::from_le_bytes(*word) >> self.shift).into();
                }
            }
            _ => {
                for (value, sample) in out.iter_mut().zip(self.iter()) {
                    *value = sample.into();
                }
            }
        }
    }

    /// The values from left to right.
    pub fn iter(self) -> impl Iterator<Item = u16> + 'a {
        (0..self.len).map(move |x| self.at(x))
    }
}

/// The float that begins `bytes`. What is no number becomes 0, and infinity the largest number of half floats, so that
/// neither spreads to other pixels.
#[inline]
pub fn float_at(bytes: &[u8]) -> f32 {
    let value = f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    if value.is_finite() {
        return value;
    }
    match value.is_nan() {
        true => 0.0,
        false => LARGEST_HALF.copysign(value),
    }
}

/// The largest number of half floats.
const LARGEST_HALF: f32 = 65504.0;

/// A float from 0 to 1 as a code of 16 bits; others are limited.
#[inline]
pub fn code_of(value: f32) -> u16 {
    (value.clamp(0.0, 1.0) * 65535.0 + 0.5) as u16
}

#[cfg(test)]
mod tests {
    use crate::frame::{Color, Component, Model, OwnedPlanes, Picture, PixelFormat, Subsampling};

    /// A picture whose bytes are 0, 1, 2 and so on, plane after plane.
    fn picture(format: PixelFormat) -> Picture {
        let mut planes = OwnedPlanes::new(5, 3, &format);
        let bytes = planes.planes_mut().into_iter().flatten();
        (0..=u8::MAX).zip(bytes).for_each(|(n, byte)| *byte = n);
        Picture::new(5, 3, format, Color::default(), planes)
    }

    #[test]
    fn packed_samples_are_read_by_step_and_offset() {
        let picture = picture(PixelFormat::packed_rgb(8, 4, &[2, 1, 0, 3]));
        let red: Vec<u16> = picture.component_row(0, 1).iter().collect();
        assert_eq!(red, [22, 26, 30, 34, 38]);
        assert_eq!(picture.component_row(3, 0).at(4), 19);
        let mut blue = [0; 5];
        picture.component_row(2, 1).read(&mut blue);
        assert_eq!(blue, [20, 24, 28, 32, 36]);
    }

    #[test]
    fn whole_rows_are_as_their_samples() {
        for depth in [8, 10, 16] {
            let format = PixelFormat::planar(Model::Yuv, Subsampling::S444, depth, false);
            let picture = picture(format);
            let row = picture.component_row(1, 2);
            let mut values = [0; 5];
            row.read(&mut values);
            assert!(row.iter().map(i32::from).eq(values), "{depth} bits");
        }
    }

    #[test]
    fn words_are_shifted_and_chroma_rows_are_shorter() {
        let mut format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 10, false);
        for (index, component) in format.components.iter_mut().enumerate().take(3) {
            // As P010: one plane of luma, one of U and V in turn, six bits of padding below.
            *component = Component {
                plane: u8::from(index > 0),
                step: if index > 0 { 4 } else { 2 },
                offset: if index == 2 { 2 } else { 0 },
                shift: 6,
            };
        }
        let picture = picture(format);
        let row = picture.component_row(2, 1);
        assert_eq!((row.len(), row.is_empty()), (3, false));
        let data = picture.planes.data(1);
        let at = picture.planes.stride(1) + 2;
        let mut values = [0; 3];
        row.read(&mut values);
        for (x, value) in row.iter().enumerate() {
            assert_eq!(i32::from(value), values[x]);
            let word = u16::from_le_bytes([data[at + 4 * x], data[at + 4 * x + 1]]);
            assert_eq!(value, word >> 6);
        }
    }
}
