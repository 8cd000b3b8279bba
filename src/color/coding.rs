//! Coefficients and offsets for the conversion between coded samples and the R'G'B' signal that kernels work on.
//!
//! Sources: ITU-R BT.601-7, BT.709-6, BT.2020-2 (luma coefficients, quantization); ITU-T H.273 (matrix code points,
//! equations for range; chroma locations).

use serde::Serialize;

use super::Transfer;
use crate::frame::{ChromaLocation, Color, Model, PixelFormat, Range};

/// Position of a chroma sample on one axis, relative to the two luma samples it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Siting {
    /// At the first luma sample.
    First,
    /// Midway between the two.
    Center,
    /// At the second luma sample.
    Second,
}

/// Converts a coded sample `v` to a signal value: `(v - offset) * scale`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SampleCoding {
    pub offset: f32,
    pub scale: f32,
}

/// All numbers for the conversion between coded samples and R'G'B'. Unspecified tags are replaced by assumptions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coding {
    /// Luma coefficients of red and blue; green is 1 - kr - kb.
    pub kr: f32,
    pub kb: f32,
    /// For luma, gray, or each of R, G, B. Result: nominally 0 to 1.
    pub luma: SampleCoding,
    /// For the colour differences. Result: nominally -0.5 to 0.5.
    pub chroma: SampleCoding,
    pub siting_x: Siting,
    pub siting_y: Siting,
    pub transfer: Transfer,
    /// The assumptions made for unspecified tags, as text; empty if there are none.
    pub assumed: Vec<String>,
}

impl Coding {
    /// Resolves the tags `color` for a picture of `width` × `height` in `format`.
    ///
    /// If the matrix is unspecified: BT.709 if the picture is at least 1280 pixels wide or 577 lines high, else BT.601
    /// (as players do). If the range is unspecified: limited for YUV and gray, full for RGB. If the chroma location is
    /// unspecified: left for 4:2:0 and 4:2:2 (MPEG-2 and later), centre for full-range 4:2:0 (JPEG).
    pub fn resolve(color: &Color, format: &PixelFormat, width: u32, height: u32) -> Self {
        let mut assumed = Vec::new();
        let (kr, kb) = if format.model == Model::Yuv {
            luma_weights(color.matrix).unwrap_or_else(|| {
                let (name, weights) = if width >= 1280 || height > 576 {
                    ("BT.709", (0.2126, 0.0722))
                } else {
                    ("BT.601", (0.299, 0.114))
                };
                assumed.push(match color.matrix {
                    Color::UNSPECIFIED => format!("matrix {name}, because of the size {width}x{height}"),
                    code => format!("matrix {name} instead of H.273 code {code}, which is not a constant-coefficient Y'CbCr matrix"),
                });
                weights
            })
        } else {
            (0.299, 0.114)
        };
        let full = match color.range {
            Range::Full => true,
            Range::Limited => false,
            Range::Unspecified => {
                let full = format.model == Model::Rgb;
                if !full {
                    assumed.push("limited range".to_owned());
                }
                full
            }
        };
        let unit = f32::from(1u16 << (format.code_depth() - 8));
        let max = format.one();
        // Floats are what they say; they have no range of codes.
        let full = full || format.is_float();
        let transfer = match Self::is_linear(color, format) {
            true => Transfer::Power(1.0),
            false => Transfer::of(color.transfer),
        };
        if format.is_float() && color.transfer == Color::UNSPECIFIED {
            assumed.push("linear light".to_owned());
        }
        let luma = if full {
            SampleCoding {
                offset: 0.0,
                scale: 1.0 / max,
            }
        } else {
            SampleCoding {
                offset: 16.0 * unit,
                scale: 1.0 / (219.0 * unit),
            }
        };
        let middle = 128.0 * unit;
        let chroma = SampleCoding {
            offset: middle,
            scale: if full {
                1.0 / max
            } else {
                1.0 / (224.0 * unit)
            },
        };
        let location = match color.chroma_location {
            ChromaLocation::Unspecified if full && format.chroma.y == 1 => ChromaLocation::Center,
            ChromaLocation::Unspecified => ChromaLocation::Left,
            known => known,
        };
        let (siting_x, siting_y) = match location {
            ChromaLocation::Unspecified | ChromaLocation::Left => (Siting::First, Siting::Center),
            ChromaLocation::Center => (Siting::Center, Siting::Center),
            ChromaLocation::TopLeft => (Siting::First, Siting::First),
            ChromaLocation::Top => (Siting::Center, Siting::First),
            ChromaLocation::BottomLeft => (Siting::First, Siting::Second),
            ChromaLocation::Bottom => (Siting::Center, Siting::Second),
        };
        Self {
            kr,
            kb,
            luma,
            chroma,
            siting_x,
            siting_y,
            transfer,
            assumed,
        }
    }

    /// Whether the samples of `format` are floats that stand for light itself: those that say so, or nothing.
    pub fn is_linear(color: &Color, format: &PixelFormat) -> bool {
        /// TransferCharacteristics of linear light (H.273, table 3).
        const LINEAR: u8 = 8;
        format.is_float() && [LINEAR, Color::UNSPECIFIED].contains(&color.transfer)
    }
}

/// Luma coefficients of red and blue for a MatrixCoefficients code point (H.273 table 4). BT.2020 constant luminance is
/// converted with the coefficients of non-constant luminance: the inverse is exact, the colours are approximate.
fn luma_weights(matrix: u8) -> Option<(f32, f32)> {
    match matrix {
        1 => Some((0.2126, 0.0722)),
        4 => Some((0.30, 0.11)),
        5 | 6 => Some((0.299, 0.114)),
        7 => Some((0.212, 0.087)),
        9 | 10 => Some((0.2627, 0.0593)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Subsampling;

    #[test]
    fn limited_and_full_range_meet_the_standards() {
        let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 10, false);
        let color = Color {
            matrix: 1,
            range: Range::Limited,
            ..Color::default()
        };
        let coding = Coding::resolve(&color, &format, 1920, 1080);
        // BT.709-6 table 4: black 64, white 940; colour differences 64..960 around 512.
        assert_eq!((64.0 - coding.luma.offset) * coding.luma.scale, 0.0);
        assert!(((940.0 - coding.luma.offset) * coding.luma.scale - 1.0).abs() < 1e-6);
        assert!(((960.0 - coding.chroma.offset) * coding.chroma.scale - 0.5).abs() < 1e-6);
        assert!(coding.assumed.is_empty());
        let full = Coding::resolve(
            &Color {
                range: Range::Full,
                ..color
            },
            &format,
            1920,
            1080,
        );
        assert!(((1023.0 - full.luma.offset) * full.luma.scale - 1.0).abs() < 1e-6);
        assert_eq!(
            (full.siting_x, full.siting_y),
            (Siting::Center, Siting::Center)
        );
    }

    #[test]
    fn gaps_are_filled_by_size_and_said() {
        let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false);
        let sd = Coding::resolve(&Color::default(), &format, 720, 576);
        let hd = Coding::resolve(&Color::default(), &format, 1280, 720);
        assert_eq!((sd.kr, hd.kr), (0.299, 0.2126));
        assert_eq!(sd.assumed.len(), 2);
    }
}
