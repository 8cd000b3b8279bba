//! The colour tags of a stream. Nothing is guessed: "unspecified" is kept and written to the output.

use serde::{Deserialize, Serialize};

/// Range of the sample values (H.273 VideoFullRangeFlag).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Range {
    #[default]
    Unspecified,
    Limited,
    Full,
}

/// Position of the chroma samples relative to luma (H.273 ChromaLocType).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChromaLocation {
    #[default]
    Unspecified,
    Left,
    Center,
    TopLeft,
    Top,
    BottomLeft,
    Bottom,
}

/// Colour description of a stream or frame: code points of ITU-T H.273, as stored in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Color {
    /// MatrixCoefficients (H.273 table 4); 2 = unspecified.
    pub matrix: u8,
    /// ColourPrimaries (H.273 table 2); 2 = unspecified.
    pub primaries: u8,
    /// TransferCharacteristics (H.273 table 3); 2 = unspecified.
    pub transfer: u8,
    pub range: Range,
    pub chroma_location: ChromaLocation,
}

impl Color {
    /// The code point "unspecified" of every H.273 field.
    pub const UNSPECIFIED: u8 = 2;
    /// RGB of full range in sRGB (IEC 61966-2-1), as picture files and canvases have it.
    pub const SRGB: Self = Self {
        matrix: 0,
        primaries: 1,
        transfer: 13,
        range: Range::Full,
        chroma_location: ChromaLocation::Left,
    };
    /// Limited range in BT.709, as players expect video.
    pub const BT709: Self = Self {
        matrix: 1,
        primaries: 1,
        transfer: 1,
        range: Range::Limited,
        chroma_location: ChromaLocation::Left,
    };
}

impl Default for Color {
    fn default() -> Self {
        Self {
            matrix: Self::UNSPECIFIED,
            primaries: Self::UNSPECIFIED,
            transfer: Self::UNSPECIFIED,
            range: Range::Unspecified,
            chroma_location: ChromaLocation::Unspecified,
        }
    }
}
