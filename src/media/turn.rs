//! How pictures are turned by whoever shows them: EXIF's orientations and the display matrices of films.

/// The words of a display matrix that turn: a picture's x goes to (`0`, `1`), its y to (`2`, `3`), y downwards. In 16.16
/// fixed point, as ISO/IEC 14496-12, 8.2.2 has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn([i32; 4]);

const ONE: i32 = 1 << 16;
/// What EXIF's orientations 1 to 8 do (JEITA CP-3451, 4.6.4), in units.
const ORIENTATIONS: [[i32; 4]; 8] = [
    [1, 0, 0, 1],
    [-1, 0, 0, 1],
    [-1, 0, 0, -1],
    [1, 0, 0, -1],
    [0, 1, 1, 0],
    [0, 1, -1, 0],
    [0, -1, -1, 0],
    [0, -1, 1, 0],
];

impl Turn {
    /// Of a display matrix, nine 32-bit words in the machine's order.
    pub fn of(matrix: &[u8]) -> Self {
        let mut words = [0; 9];
        for (word, bytes) in words.iter_mut().zip(matrix.chunks_exact(4)) {
            *word = i32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        let [a, b, _, c, d, ..] = words;
        Self([a, b, c, d])
    }

    /// Of EXIF's orientation `orientation`, 1 to 8; all others leave the picture as it is.
    pub fn of_orientation(orientation: u16) -> Self {
        let index = usize::from(orientation.saturating_sub(1));
        let units = ORIENTATIONS.get(index).unwrap_or(&ORIENTATIONS[0]);
        Self(units.map(|unit| unit * ONE))
    }

    /// EXIF's orientation that does the same; none for turns by other than quarters.
    pub fn orientation(self) -> Option<u16> {
        let same = |units: &[i32; 4]| units.map(i32::signum) == self.0.map(i32::signum);
        let index = ORIENTATIONS.iter().position(same)?;
        u16::try_from(index + 1).ok()
    }

    /// As a display matrix.
    pub fn matrix(self) -> Vec<u8> {
        let [a, b, c, d] = self.0;
        // The last word is in 2.30 fixed point.
        let words = [a, b, 0, c, d, 0, 0, 0, 1 << 30];
        words
            .iter()
            .flat_map(|word: &i32| word.to_ne_bytes())
            .collect()
    }

    /// Degrees, clockwise, that the picture is turned by: 0 to 359.
    pub fn degrees(self) -> u16 {
        let [a, b, ..] = self.0.map(f64::from);
        b.atan2(a).to_degrees().round().rem_euclid(360.0) as u16
    }

    /// Whether the picture is mirrored, besides.
    pub fn is_mirrored(self) -> bool {
        let [a, b, c, d] = self.0.map(i64::from);
        a * d - b * c < 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orientations_and_matrices_are_the_same_turns() {
        for orientation in 1..=8 {
            let turn = Turn::of(&Turn::of_orientation(orientation).matrix());
            assert_eq!(turn.orientation(), Some(orientation));
        }
        let told = |orientation| {
            let turn = Turn::of_orientation(orientation);
            (turn.degrees(), turn.is_mirrored())
        };
        assert_eq!(
            [1, 3, 6, 8].map(told),
            [0, 180, 90, 270].map(|d| (d, false))
        );
        assert_eq!([4, 5, 2, 7].map(told), [0, 90, 180, 270].map(|d| (d, true)));
        let tilted = Turn([46_341, 46_341, -46_341, 46_341]);
        assert_eq!((tilted.degrees(), tilted.orientation()), (45, None));
    }
}
