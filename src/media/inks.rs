//! JPEG pictures in CMYK: how their inks are stored.
//!
//! FFmpeg gives black ink as alpha. JPEG has no transparency, so alpha of a JPEG always is ink, or what is left of it.

/// How the four inks of a JPEG picture are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inks {
    /// With Adobe's mark: inverted, and the decoder makes RGB or YUV of them; its alpha means nothing.
    Adobe,
    /// Without it: 0 is no ink. The decoder returns them as they are, named Y, U, V and alpha.
    Plain,
}

impl Inks {
    /// The inks of a JPEG file; `None` if it has no four components.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let mut at = 2;
        let mut adobe = false;
        loop {
            // Any number of fill bytes may stand before a marker (ITU-T T.81, B.1.1.2).
            while bytes.get(at..at + 2) == Some(&[0xff, 0xff]) {
                at += 1;
            }
            let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) else {
                return None;
            };
            let length = usize::from(u16::from_be_bytes([high, low]));
            let body = bytes.get(at + 4..at + 2 + length)?;
            match marker {
                0xee => adobe |= body.starts_with(b"Adobe"),
                // Frame headers; 0xc4, 0xc8 and 0xcc are something else.
                0xc0..=0xcf if ![0xc4, 0xc8, 0xcc].contains(&marker) => {
                    let four = body.get(5) == Some(&4);
                    return four.then_some(if adobe { Self::Adobe } else { Self::Plain });
                }
                0xda => return None,
                _ => {}
            }
            at += 2 + length;
        }
    }
}

/// The red, green or blue that is left by an ink and black ink, all 0 to 255.
pub(crate) fn left_by(ink: u8, black: u8) -> u8 {
    let product = u32::from(255 - ink) * u32::from(255 - black);
    ((product + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(adobe: bool, components: u8) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8];
        if adobe {
            bytes.extend(b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x02");
        }
        bytes.extend([0xff, 0xc4, 0, 3, 9]);
        bytes.extend([0xff, 0xc0, 0, 8, 8, 0, 16, 0, 16, components]);
        bytes
    }

    #[test]
    fn four_components_are_inks() {
        assert_eq!(Inks::of(&header(true, 4)), Some(Inks::Adobe));
        assert_eq!(Inks::of(&header(false, 4)), Some(Inks::Plain));
        assert_eq!(Inks::of(&header(true, 3)), None);
        assert_eq!(Inks::of(b"\xff\xd8\xff"), None);
        // Fill bytes before each marker.
        let filled: Vec<u8> = header(true, 4)
            .into_iter()
            .flat_map(|byte| [byte].repeat(if byte == 0xff { 3 } else { 1 }))
            .collect();
        assert_eq!(
            Inks::of(&[b"\xff\xd8", &filled[4..]].concat()),
            Some(Inks::Adobe)
        );
        assert_eq!(Inks::of(&[0xff; 9]), None);
        assert_eq!(
            (left_by(0, 0), left_by(255, 0), left_by(51, 51)),
            (255, 0, 163)
        );
    }
}
