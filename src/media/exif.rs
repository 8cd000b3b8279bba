//! Reads the metadata of picture files that FFmpeg does not read: the EXIF orientation, and the colour code points of
//! PNG.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::frame::{Color, Range};

/// Bytes read at most: of a JPEG to find its header, and of one chunk of the other formats.
const MAX_BYTES: u64 = 1 << 20;
/// Chunks of a file that are examined at most.
const MAX_CHUNKS: usize = 1 << 16;
/// PNG chunk with H.273 code points.
pub(crate) const CICP: &[u8; 4] = b"cICP";

/// Metadata of a picture file.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StillFacts {
    /// EXIF orientation, 1 to 8.
    pub orientation: Option<u16>,
    pub code_points: Option<CodePoints>,
}

/// Primaries, transfer function and range of a PNG (H.273 code points).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CodePoints {
    primaries: u8,
    transfer: u8,
    full: bool,
}

impl CodePoints {
    /// Fills in the fields of `color` that are unspecified.
    pub fn complete(self, color: &mut Color) {
        let complete = |code: &mut u8, stored| {
            if *code == Color::UNSPECIFIED {
                *code = stored;
            }
        };
        complete(&mut color.primaries, self.primaries);
        complete(&mut color.transfer, self.transfer);
        if color.range == Range::Unspecified && !self.full {
            color.range = Range::Limited;
        }
    }
}

impl StillFacts {
    /// Reads the JPEG, PNG, WebP or TIFF file at `path`; `None` if it is none of these.
    pub fn read(path: &Path) -> Option<Self> {
        Self::of(&mut File::open(path).ok()?)
    }

    pub fn of(file: &mut (impl Read + Seek)) -> Option<Self> {
        let mut facts = Self::default();
        // A damaged file gives no metadata.
        let found = facts.find(file).ok()?;
        facts.orientation = facts.orientation.filter(|o| (1..=8).contains(o));
        found.then_some(facts)
    }

    fn find(&mut self, file: &mut (impl Read + Seek)) -> io::Result<bool> {
        let mut head = Vec::new();
        file.take(12).read_to_end(&mut head)?;
        file.rewind()?;
        if head.starts_with(&[0xff, 0xd8]) {
            let mut bytes = Vec::new();
            file.take(MAX_BYTES).read_to_end(&mut bytes)?;
            self.orientation = jpeg_exif(&bytes).and_then(tiff_orientation);
        } else if head.starts_with(b"\x89PNG") {
            self.png(file)?;
        } else if head.starts_with(b"RIFF") && head.get(8..) == Some(b"WEBP") {
            self.webp(file)?;
        } else if head.starts_with(b"II*\0") || head.starts_with(b"MM\0*") {
            self.orientation = tiff_directory(file)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Chunks of a PNG: length, name, body, checksum.
    fn png(&mut self, file: &mut (impl Read + Seek)) -> io::Result<()> {
        let mut at = 8;
        for _ in 0..MAX_CHUNKS {
            let mut head = [0; 8];
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(&mut head)?;
            let [a, b, c, d, name @ ..] = head;
            let length = u64::from(u32::from_be_bytes([a, b, c, d]));
            match &name {
                b"eXIf" => self.orientation = tiff_orientation(&body(file, length)?),
                name if name == CICP => {
                    if let [primaries, transfer, _, full] = body(file, length)?[..] {
                        self.code_points = Some(CodePoints {
                            primaries,
                            transfer,
                            full: full != 0,
                        });
                    }
                }
                b"IEND" => break,
                _ => {}
            }
            at += 12 + length;
        }
        Ok(())
    }

    /// Chunks of a WebP: name, length, body, and a padding byte after an odd length.
    fn webp(&mut self, file: &mut (impl Read + Seek)) -> io::Result<()> {
        let end = file.seek(SeekFrom::End(0))?;
        let mut at = 12;
        for _ in 0..MAX_CHUNKS {
            if at + 8 > end {
                break;
            }
            let mut head = [0; 8];
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(&mut head)?;
            let [name @ .., a, b, c, d] = head;
            let length = u64::from(u32::from_le_bytes([a, b, c, d]));
            if &name == b"EXIF" {
                let body = body(file, length)?;
                let tiff = body.strip_prefix(b"Exif\0\0").unwrap_or(&body);
                self.orientation = tiff_orientation(tiff);
                break;
            }
            at += 8 + length + length % 2;
        }
        Ok(())
    }
}

fn body(file: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    file.take(length.min(MAX_BYTES)).read_to_end(&mut body)?;
    Ok(body)
}

fn jpeg_exif(bytes: &[u8]) -> Option<&[u8]> {
    const HEAD: &[u8] = b"Exif\0\0";
    jpeg_segment(bytes, 0xe1, HEAD).and_then(|body| body.strip_prefix(HEAD))
}

/// The body of the first segment of a JPEG with this `marker` that begins with `head`.
pub(crate) fn jpeg_segment<'a>(bytes: &'a [u8], marker: u8, head: &[u8]) -> Option<&'a [u8]> {
    let mut at = 2;
    while let Some(&[0xff, found, high, low]) = bytes.get(at..at + 4) {
        if found == 0xda {
            return None;
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        let body = bytes.get(at + 4..at + 2 + length)?;
        if found == marker && body.starts_with(head) {
            return Some(body);
        }
        at += 2 + length;
    }
    None
}

/// The body of the first chunk named `wanted` of a PNG.
pub(crate) fn png_chunk<'a>(bytes: &'a [u8], wanted: &[u8; 4]) -> Option<&'a [u8]> {
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

/// Reads numbers of a TIFF in its own byte order.
struct Tiff<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl Tiff<'_> {
    fn word(&self, at: usize) -> Option<u16> {
        let b: [u8; 2] = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.little {
            u16::from_le_bytes(b)
        } else {
            u16::from_be_bytes(b)
        })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let (a, b) = (self.word(at)?, self.word(at + 2)?);
        let (high, low) = if self.little { (b, a) } else { (a, b) };
        Some(u32::from(high) << 16 | u32::from(low))
    }

    /// The orientation in the directory at byte `at`.
    fn orientation(&self, at: usize) -> Option<u16> {
        let first = at.checked_add(2)?;
        (0..usize::from(self.word(at)?)).find_map(|entry| {
            let at = first + entry * 12;
            (self.word(at)? == 0x0112).then(|| self.word(at + 8))?
        })
    }
}

fn tiff_orientation(bytes: &[u8]) -> Option<u16> {
    let little = bytes.starts_with(b"II");
    let tiff = Tiff { bytes, little };
    tiff.orientation(tiff.long(4)? as usize)
}

/// The orientation in the first directory of a TIFF file, wherever the directory is.
fn tiff_directory(file: &mut (impl Read + Seek)) -> io::Result<Option<u16>> {
    let head = body(file, 8)?;
    let little = head.starts_with(b"II");
    let tiff = Tiff {
        bytes: &head,
        little,
    };
    let Some(at) = tiff.long(4) else {
        return Ok(None);
    };
    file.seek(SeekFrom::Start(at.into()))?;
    let directory = body(file, 2 + 12 * u64::from(u16::MAX))?;
    let tiff = Tiff {
        bytes: &directory,
        little,
    };
    Ok(tiff.orientation(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A TIFF whose directory, with a width and an orientation, starts at byte `before`.
    fn tiff(little: bool, before: u32, orientation: u16) -> Vec<u8> {
        let word = |n: u16| {
            if little {
                n.to_le_bytes()
            } else {
                n.to_be_bytes()
            }
        };
        let long = |n: u32| {
            if little {
                n.to_le_bytes()
            } else {
                n.to_be_bytes()
            }
        };
        let mut bytes = if little { b"II*\0" } else { b"MM\0*" }.to_vec();
        bytes.extend(long(before));
        bytes.resize(before as usize, 0);
        bytes.extend(word(2));
        for (tag, value) in [(0x0100, 640), (0x0112, orientation)] {
            bytes.extend([word(tag), word(3)].concat());
            bytes.extend(long(1));
            bytes.extend([word(value), word(0)].concat());
        }
        bytes
    }

    #[test]
    fn orientations_are_read() {
        let read = |bytes: Vec<u8>| StillFacts::of(&mut io::Cursor::new(bytes))?.orientation;
        // In a TIFF the directory may follow the pixels.
        assert_eq!(read(tiff(true, 3_000_000, 6)), Some(6));
        assert_eq!(read(tiff(false, 8, 3)), Some(3));
        assert_eq!(read(tiff(false, 8, 9)), None);
        let exif = tiff(true, 8, 8);
        let part = |name: &[u8], body: &[u8]| {
            let mut part = [name, &(body.len() as u32).to_le_bytes(), body].concat();
            part.resize(part.len() + part.len() % 2, 0);
            part
        };
        for prefix in [b"".as_slice(), b"Exif\0\0"] {
            let body = [prefix, &exif].concat();
            let parts = [part(b"VP8L", &[1; 7]), part(b"EXIF", &body)].concat();
            assert_eq!(
                read(part(b"RIFF", &[b"WEBP", &parts[..]].concat())),
                Some(8)
            );
        }
        assert_eq!(read(b"RIFF\x04\0\0\0WEBP".to_vec()), None);
        assert_eq!(read(b"GIF89a".to_vec()), None);
    }
}
