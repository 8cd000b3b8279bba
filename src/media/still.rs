//! What a picture file says beside its picture: EXIF orientation and ICC profile, read and written by hand where
//! FFmpeg does not.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The header of a picture file is looked for in this much of it.
const SEARCHED: u64 = 1 << 20;

/// The EXIF orientation (1 to 8) of the JPEG or PNG at `path`, if it says one.
pub(crate) fn orientation(path: &Path) -> Option<u16> {
    let mut bytes = Vec::new();
    File::open(path)
        .ok()?
        .take(SEARCHED)
        .read_to_end(&mut bytes)
        .ok()?;
    let tiff = if bytes.starts_with(&[0xff, 0xd8]) {
        jpeg_exif(&bytes)?
    } else if bytes.starts_with(b"\x89PNG") {
        png_chunk(&bytes, b"eXIf")?
    } else {
        return None;
    };
    tiff_orientation(tiff).filter(|o| (1..=8).contains(o))
}

fn jpeg_exif(bytes: &[u8]) -> Option<&[u8]> {
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) {
        if marker == 0xda {
            return None;
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        let body = bytes.get(at + 4..at + 2 + length)?;
        if let (0xe1, Some(tiff)) = (marker, body.strip_prefix(b"Exif\0\0")) {
            return Some(tiff);
        }
        at += 2 + length;
    }
    None
}

fn png_chunk<'a>(bytes: &'a [u8], wanted: &[u8; 4]) -> Option<&'a [u8]> {
    let mut at = 8;
    loop {
        let length = u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize;
        let body = at + 8;
        if bytes.get(at + 4..body)? == wanted {
            return bytes.get(body..body.checked_add(length)?);
        }
        at = body.checked_add(length)?.checked_add(4)?;
    }
}

fn tiff_orientation(tiff: &[u8]) -> Option<u16> {
    let little = tiff.starts_with(b"II");
    let word = |at: usize| {
        let b: [u8; 2] = tiff.get(at..at + 2)?.try_into().ok()?;
        Some(if little {
            u16::from_le_bytes(b)
        } else {
            u16::from_be_bytes(b)
        })
    };
    let long = |at: usize| {
        let b: [u8; 4] = tiff.get(at..at + 4)?.try_into().ok()?;
        Some(if little {
            u32::from_le_bytes(b)
        } else {
            u32::from_be_bytes(b)
        })
    };
    let directory = long(4)? as usize;
    (0..usize::from(word(directory)?)).find_map(|entry| {
        let at = directory + 2 + entry * 12;
        (word(at)? == 0x0112).then(|| word(at + 8))?
    })
}

/// The encoded picture with its orientation and ICC profile, where the encoder has not written them.
pub(crate) fn tagged(mut bytes: Vec<u8>, orientation: Option<u16>, icc: Option<&[u8]>) -> Vec<u8> {
    let orientation = orientation.filter(|&o| o != 1).map(tiff);
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
        // After the JFIF segment, which must come first.
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
        if let Some(tiff) = orientation.filter(|_| png_chunk(&bytes, b"eXIf").is_none()) {
            chunk(&mut chunks, b"eXIf", &tiff);
        }
        // After the header chunk: 8 bytes of signature, 25 of IHDR.
        let at = 33.min(bytes.len());
        bytes.splice(at..at, chunks);
    }
    bytes
}

/// The smallest TIFF directory that says an orientation.
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

/// A zlib stream of stored blocks: profiles are small.
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
    use super::*;

    #[test]
    fn an_orientation_is_found_again() {
        assert_eq!(tiff_orientation(&tiff(6)), Some(6));
        let jpeg = tagged(vec![0xff, 0xd8, 0xff, 0xd9], Some(8), None);
        assert_eq!(jpeg_exif(&jpeg).and_then(tiff_orientation), Some(8));
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
    }
}
