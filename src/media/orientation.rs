//! How a player rotates and mirrors the pictures: EXIF orientations and the display matrices of video files.

/// The part of a display matrix that rotates and mirrors: `[a, b, c, d]` sends x of the stored picture to (`a`, `b`) and
/// y to (`c`, `d`), y downwards. 16.16 fixed point (ISO/IEC 14496-12, 8.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Orientation([i32; 4]);

/// 1 in 16.16 fixed point.
const ONE: i32 = 1 << 16;
/// The matrices of the EXIF orientations 1 to 8 (JEITA CP-3451, 4.6.4), as whole numbers.
const EXIF: [[i32; 4]; 8] = [
    [1, 0, 0, 1],
    [-1, 0, 0, 1],
    [-1, 0, 0, -1],
    [1, 0, 0, -1],
    [0, 1, 1, 0],
    [0, 1, -1, 0],
    [0, -1, -1, 0],
    [0, -1, 1, 0],
];

impl Orientation {
    /// From a display matrix: nine 32-bit words in the machine's byte order. Missing words are 0.
    pub fn from_matrix(matrix: &[u8]) -> Self {
        let mut words = [0; 9];
        for (word, bytes) in words.iter_mut().zip(matrix.chunks_exact(4)) {
            *word = i32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        let [a, b, _, c, d, ..] = words;
        Self([a, b, c, d])
    }

    /// From an EXIF orientation, 1 to 8. Other numbers mean 1: the picture is shown as it is stored.
    pub fn from_exif(orientation: u16) -> Self {
        let index = usize::from(orientation.saturating_sub(1));
        let matrix = EXIF.get(index).unwrap_or(&EXIF[0]);
        Self(matrix.map(|number| number * ONE))
    }

    /// The EXIF orientation that does the same, 1 to 8; `None` if the rotation is not a multiple of 90°.
    pub fn exif(self) -> Option<u16> {
        let same = |matrix: &[i32; 4]| matrix.map(i32::signum) == self.0.map(i32::signum);
        let index = EXIF.iter().position(same)?;
        u16::try_from(index + 1).ok()
    }

    /// As a display matrix: nine 32-bit words in the machine's byte order.
    pub fn matrix(self) -> Vec<u8> {
        let [a, b, c, d] = self.0;
        // The last word is in 2.30 fixed point.
        let words = [a, b, 0, c, d, 0, 0, 0, 1 << 30];
        words
            .iter()
            .flat_map(|word: &i32| word.to_ne_bytes())
            .collect()
    }

    /// Clockwise rotation in degrees, 0 to 359.
    pub fn degrees(self) -> u16 {
        let [a, b, ..] = self.0.map(f64::from);
        b.atan2(a).to_degrees().round().rem_euclid(360.0) as u16
    }

    /// Whether the picture is also mirrored.
    pub fn is_mirrored(self) -> bool {
        let [a, b, c, d] = self.0.map(i64::from);
        a * d - b * c < 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exif_orientations_and_matrices_convert_both_ways() {
        for exif in 1..=8 {
            let orientation = Orientation::from_matrix(&Orientation::from_exif(exif).matrix());
            assert_eq!(orientation.exif(), Some(exif));
        }
        let parts = |exif| {
            let orientation = Orientation::from_exif(exif);
            (orientation.degrees(), orientation.is_mirrored())
        };
        assert_eq!(
            [1, 3, 6, 8].map(parts),
            [0, 180, 90, 270].map(|d| (d, false))
        );
        assert_eq!(
            [4, 5, 2, 7].map(parts),
            [0, 90, 180, 270].map(|d| (d, true))
        );
        let tilted = Orientation([46_341, 46_341, -46_341, 46_341]);
        assert_eq!((tilted.degrees(), tilted.exif()), (45, None));
    }
}
