//! Writes the metadata of picture files that FFmpeg does not write: EXIF orientation, ICC profile, the colour code points of
//! PNG, and the recipe.

use super::exif::{CICP, png_chunk};
use super::recipe_tag::{JPEG_COMMENT, PNG_CHUNK, png_text};
use crate::frame::{Color, Range};

/// Bytes that a segment of a JPEG has room for.
const LONGEST_SEGMENT: usize = 65_533;

/// Metadata to write into a picture file.
#[derive(Clone, Debug, Default)]
pub(crate) struct StillTags {
    /// EXIF orientation, 1 to 8.
    pub orientation: Option<u16>,
    pub icc: Option<Vec<u8>>,
    pub recipe: Option<String>,
    /// Colour of the encoded picture.
    pub color: Color,
}

/// The encoded picture with these tags added, except those that the encoder has written.
pub(crate) fn tagged(mut bytes: Vec<u8>, tags: &StillTags) -> Vec<u8> {
    let orientation = tags.orientation.filter(|&o| o != 1).map(tiff);
    let icc = tags.icc.as_deref();
    if bytes.starts_with(&[0xff, 0xd8]) {
        let mut segments = Vec::new();
        if let Some(tiff) = orientation {
            segment(
                &mut segments,
                0xe1,
                &[b"Exif\0\0", tiff.as_slice()].concat(),
            );
        }
        if let Some(icc) = icc.filter(|_| !contains(&bytes, b"ICC_PROFILE\0")) {
            let parts = icc.chunks(65_000);
            let count = parts.len();
            for (index, part) in parts.enumerate().take(255) {
                let head = [b"ICC_PROFILE\0".as_slice(), &[index as u8 + 1, count as u8]].concat();
                segment(&mut segments, 0xe2, &[&head, part].concat());
            }
        }
        let recipe = tags.recipe.as_deref();
        if let Some(recipe) = recipe.filter(|text| text.len() <= LONGEST_SEGMENT) {
            segment(&mut segments, JPEG_COMMENT, recipe.as_bytes());
        }
        // Insert after the JFIF segment, which must come first.
        let at = match bytes.get(2..6) {
            Some(&[0xff, 0xe0, high, low]) => 4 + usize::from(u16::from_be_bytes([high, low])),
            _ => 2,
        };
        bytes.splice(at.min(bytes.len())..at.min(bytes.len()), segments);
    } else if bytes.starts_with(b"\x89PNG") {
        let mut chunks = Vec::new();
        if let Some(icc) = icc.filter(|_| png_chunk(&bytes, b"iCCP").is_none()) {
            chunk(
                &mut chunks,
                b"iCCP",
                &[b"ICC profile\0\0".as_slice(), &stored(icc)].concat(),
            );
        }
        if let Some(points) = code_points(&tags.color)
            && png_chunk(&bytes, CICP).is_none()
        {
            chunk(&mut chunks, CICP, &points);
        }
        if let Some(tiff) = orientation.filter(|_| png_chunk(&bytes, b"eXIf").is_none()) {
            chunk(&mut chunks, b"eXIf", &tiff);
        }
        if let Some(recipe) = &tags.recipe {
            chunk(&mut chunks, PNG_CHUNK, &png_text(recipe));
        }
        // Insert after the header chunk: 8 bytes of signature, 25 bytes of IHDR.
        let at = 33.min(bytes.len());
        bytes.splice(at..at, chunks);
    }
    bytes
}

/// The body of a `cICP` chunk (PNG, third edition, 11.3.2.6), with which PNG stores PQ, HLG and wide gamut. `None`
/// unless primaries and transfer function are both known: the chunk needs both.
fn code_points(color: &Color) -> Option<[u8; 4]> {
    let known = |code: u8| code != 0 && code != Color::UNSPECIFIED;
    let full = u8::from(color.range != Range::Limited);
    (known(color.primaries) && known(color.transfer)).then_some([
        color.primaries,
        color.transfer,
        0,
        full,
    ])
}

/// The smallest TIFF directory with an orientation.
fn tiff(orientation: u16) -> Vec<u8> {
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
    tiff.extend_from_slice(&orientation.to_be_bytes());
    tiff.extend_from_slice(&[0; 6]);
    tiff
}

fn segment(to: &mut Vec<u8>, marker: u8, body: &[u8]) {
    to.extend_from_slice(&[0xff, marker]);
    to.extend_from_slice(&(body.len() as u16 + 2).to_be_bytes());
    to.extend_from_slice(body);
}

fn chunk(to: &mut Vec<u8>, name: &[u8; 4], body: &[u8]) {
    to.extend_from_slice(&(body.len() as u32).to_be_bytes());
    let start = to.len();
    to.extend_from_slice(name);
    to.extend_from_slice(body);
    let crc = crc32(&to[start..]);
    to.extend_from_slice(&crc.to_be_bytes());
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| {
            (c >> 1) ^ (0xedb8_8320 & (c & 1).wrapping_neg())
        })
    })
}

/// A zlib stream without compression: profiles are small.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    let (a, b) = bytes.iter().fold((1u32, 0u32), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    out.extend_from_slice(&(b << 16 | a).to_be_bytes());
    out
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes
        .windows(wanted.len())
        .take(1 << 16)
        .any(|w| w == wanted)
}

#[cfg(test)]
mod tests {
    use super::super::exif::StillFacts;
    use super::*;

    fn read_again(bytes: Vec<u8>, tags: &StillTags) -> StillFacts {
        StillFacts::of(&mut std::io::Cursor::new(tagged(bytes, tags))).unwrap()
    }

    #[test]
    fn tags_are_found_again() {
        let tags = |orientation| StillTags {
            orientation: Some(orientation),
            icc: None,
            recipe: None,
            color: Color {
                primaries: 9,
                transfer: 16,
                ..Color::default()
            },
        };
        let jpeg = read_again(vec![0xff, 0xd8, 0xff, 0xd9], &tags(8));
        assert_eq!((jpeg.orientation, jpeg.code_points), (Some(8), None));
        let mut empty = b"\x89PNG\r\n\x1a\n".to_vec();
        chunk(&mut empty, b"IHDR", &[0; 13]);
        chunk(&mut empty, b"IEND", &[]);
        let png = read_again(empty, &tags(6));
        assert_eq!(png.orientation, Some(6));
        let mut color = Color {
            transfer: 13,
            ..Color::default()
        };
        png.code_points.unwrap().complete(&mut color);
        // A field that the decoder has filled in stays as it is.
        assert_eq!((color.primaries, color.transfer), (9, 13));
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
    }
}
