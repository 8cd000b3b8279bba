//! The files that kernels read, as text.

use serde::Serialize;

use super::super::ResourceData;
use super::super::executor::ExecError;
use super::super::gpu::image_of;

/// A texture of four channels of 32-bit floats.
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
    /// Those of a picture or a look-up table.
    ///
    /// # Errors
    /// Those of unpacking a picture.
    pub fn of(content: &ResourceData) -> Result<Self, ExecError> {
        let image = image_of(content)?;
        let mut values = Vec::with_capacity(4 * image.width * image.height);
        for y in 0..image.height {
            let row = image.row(y);
            for x in 0..image.width {
                values.extend((0..4).map(|channel| row.channel(channel)[x]));
            }
        }
        let (encoding, bytes) = match codes(&values) {
            Some(codes) => (Encoding::U8, codes),
            None => {
                let bytes = values.iter().flat_map(|value| value.to_le_bytes());
                (Encoding::F32, bytes.collect())
            }
        };
        Ok(Self {
            width: image.width,
            height: image.height,
            encoding,
            data: base64(&bytes),
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

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            if digit <= three.len() {
                let at = (word >> (18 - 6 * digit)) as usize & 63;
                text.push(char::from(DIGITS[at]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_digits() {
        let cases =
            ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64(text.as_bytes()));
        let known = [
            "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy",
        ];
        assert_eq!(cases, known);
    }

    #[test]
    fn what_is_no_code_stays_a_float() {
        let all: Vec<f32> = (0..=255u8).map(|code| f32::from(code) * UNIT).collect();
        assert_eq!(codes(&all), Some((0..=255).collect()));
        for other in [0.5, -0.1, 1.5, f32::NAN] {
            assert_eq!(codes(&[0.0, other]), None, "{other}");
        }
    }
}
