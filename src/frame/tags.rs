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
