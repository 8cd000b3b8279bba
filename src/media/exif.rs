//! What a picture file says beside its picture, read by hand where FFmpeg does not: EXIF orientation, and the code points
//! of its colour in PNG.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::frame::{Color, Range};

/// The header of a JPEG is looked for in this much of it; no part of the others that is read is longer.
const SEARCHED: u64 = 1 << 20;
/// Parts of a file that are looked at.
const MOST_PARTS: usize = 1 << 16;
/// PNG's chunk for code points of H.273.
pub(crate) const CICP: &[u8; 4] = b"cICP";

/// What a picture file says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StillFacts {
    /// EXIF's, 1 to 8.
    pub orientation: Option<u16>,
    pub code_points: Option<CodePoints>,
}

/// Primaries, transfer and range of a PNG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CodePoints {
    primaries: u8,
    transfer: u8,
    full: bool,
}

impl CodePoints {
    /// Says what `color` does not.
    pub fn complete(self, color: &mut Color) {
        let complete = |code: &mut u8, said| {
            if *code == Color::UNSPECIFIED {
                *code = said;
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
    /// Of the JPEG, PNG, WebP or TIFF at `path`; `None` where it is none of them.
    pub fn read(path: &Path) -> Option<Self> {
        Self::of(&mut File::open(path).ok()?)
    }

    pub fn of(file: &mut (impl Read + Seek)) -> Option<Self> {
        let mut facts = Self::default();
        // What is broken there says nothing.
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
            file.take(SEARCHED).read_to_end(&mut bytes)?;
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

    /// Chunks: length, name, body, checksum.
    fn png(&mut self, file: &mut (impl Read + Seek)) -> io::Result<()> {
        let mut at = 8;
        for _ in 0..MOST_PARTS {
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

    /// Chunks: name, length, body, a byte to make it even.
    fn webp(&mut self, file: &mut (impl Read + Seek)) -> io::Result<()> {
        let end = file.seek(SeekFrom::End(0))?;
        let mut at = 12;
        for _ in 0..MOST_PARTS {
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
    file.take(length.min(SEARCHED)).read_to_end(&mut body)?;
    Ok(body)
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

/// The body of a chunk of a PNG.
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

/// The words of a TIFF, in its own byte order.
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

    /// The orientation in the directory at `at`.
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

/// The orientation that the first directory of a TIFF file says, wherever it lies.
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

    /// A directory with a width and an orientation, at the end of a file of `before` bytes.
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
        // The directory of a TIFF comes after its picture.
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
