//! The files that kernels read, as text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::super::ResourceData;
use super::super::executor::ExecError;
use super::super::gpu::FileContent;

/// A texture of four channels of 32-bit floats; of a table of numbers, a buffer of as many vectors.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Texels {
    pub width: usize,
    pub height: usize,
    pub encoding: Encoding,
    /// The values in base64: row after row, the channels of a pixel side by side, numbers little-endian.
    pub data: String,
}

/// How the values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Codes of 8 bits; the value is their product, in 32 bits, with the float nearest to 1/255.
    U8,
    /// 32-bit floats.
    F32,
}

impl Texels {
    /// Those of a picture, a look-up table, or a table of numbers.
    ///
    /// # Errors
    /// Those of unpacking a picture.
    pub fn of(content: &ResourceData) -> Result<Self, ExecError> {
        let (width, height, values) = match FileContent::of(content)? {
            FileContent::Table(table) => (table.len() / 4, 1, table.to_vec()),
            FileContent::Texture(image) => {
                let mut values = Vec::with_capacity(4 * image.width * image.height);
                for y in 0..image.height {
                    let row = image.row(y);
                    for x in 0..image.width {
                        values.extend((0..4).map(|channel| row.channel(channel)[x]));
                    }
                }
                (image.width, image.height, values)
            }
        };
        let (encoding, bytes) = match codes(&values) {
            Some(codes) => (Encoding::U8, codes),
            None => {
                let bytes = values.iter().flat_map(|value| value.to_le_bytes());
                (Encoding::F32, bytes.collect())
            }
        };
        Ok(Self {
            width,
            height,
            encoding,
            data: STANDARD.encode(bytes),
        })
    }
}

/// By which a picture of 8 bits is unpacked.
const UNIT: f32 = 1.0 / 255.0;

/// The values as codes of 8 bits, where that changes none.
fn codes(values: &[f32]) -> Option<Vec<u8>> {
    let code = |value: &f32| {
        let code = (value * 255.0).round() as u8;
        (f32::from(code) * UNIT == *value).then_some(code)
    };
    values.iter().map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_code_stays_a_float() {
        let all: Vec<f32> = (0..=255u8).map(|code| f32::from(code) * UNIT).collect();
        assert_eq!(codes(&all), Some((0..=255).collect()));
        for other in [0.5, -0.1, 1.5, f32::NAN] {
            assert_eq!(codes(&[0.0, other]), None, "{other}");
        }
    }
}
