//! Detects files that end before the end their structure states.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Top-level boxes examined at most: long recordings have thousands of fragments.
const MAX_BOXES: usize = 1_000_000;

/// Whether the MP4, MOV or Matroska file at `path` is shorter than its structure states. Of a pipe it is not known.
pub(crate) fn is_truncated(path: &Path, container: &str) -> bool {
    if !path.is_file() {
        return false;
    }
    let early = || -> io::Result<bool> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        if container.contains("mp4") {
            boxes(&mut file, length)
        } else if container.contains("matroska") {
            segment(&mut file, length)
        } else {
            Ok(false)
        }
    };
    early().unwrap_or(false)
}

/// Boxes (ISO/IEC 14496-12, 4.2): a 32-bit size, a type, and a 64-bit size if the first is 1. A size of 0 reaches to
/// the end.
fn boxes(file: &mut (impl Read + Seek), length: u64) -> io::Result<bool> {
    let mut at = 0;
    for _ in 0..MAX_BOXES {
        if length < at + 8 {
            return Ok(at < length);
        }
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 16];
        let got = (length - at).min(16) as usize;
        file.read_exact(&mut head[..got])?;
        let word = |bytes: &[u8]| bytes.iter().fold(0u64, |n, &byte| n << 8 | u64::from(byte));
        let size = match word(&head[..4]) {
            0 => return Ok(false),
            1 if got < 16 => return Ok(true),
            1 => word(&head[8..]),
            size => size,
        };
        // Bytes that are not a box are padding, which does not count as truncated.
        if size < 8 || !head[4..8].iter().all(|byte| (0x20..0x7f).contains(byte)) {
            return Ok(false);
        }
        at = at.saturating_add(size);
        if at >= length {
            return Ok(at > length);
        }
    }
    Ok(false)
}

/// Matroska (RFC 8794): the EBML header, then the segment, each with an identifier and a size of variable length.
fn segment(file: &mut (impl Read + Seek), length: u64) -> io::Result<bool> {
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(4096).read_to_end(&mut head)?;
    let mut at = 0;
    for wanted in [[0x1a, 0x45, 0xdf, 0xa3], [0x18, 0x53, 0x80, 0x67]] {
        let Some(size) = head
            .get(at..)
            .and_then(|rest| rest.strip_prefix(&wanted))
            .and_then(size_of)
        else {
            return Ok(false);
        };
        let (size, bytes) = size;
        let start = at + 4 + bytes;
        let end = size.map(|size| (start as u64).saturating_add(size));
        if wanted[0] == 0x18 {
            return Ok(end.is_some_and(|end| end > length));
        }
        match end.and_then(|end| usize::try_from(end).ok()) {
            Some(end) => at = end,
            None => return Ok(false),
        }
    }
    Ok(false)
}

/// A size of variable length, and the number of bytes it takes. The size is `None` if it is "unknown".
fn size_of(bytes: &[u8]) -> Option<(Option<u64>, usize)> {
    let first = *bytes.first()?;
    let count = first.leading_zeros() as usize + 1;
    let bytes = bytes.get(..count).filter(|_| count <= 8)?;
    let mask = (1u64 << (7 * count)) - 1;
    let value = bytes.iter().fold(0u64, |n, &byte| n << 8 | u64::from(byte)) & mask;
    Some(((value != mask).then_some(value), count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn boxes_that_reach_beyond_the_end_are_seen() {
        let mut file = Vec::new();
        file.extend_from_slice(b"\0\0\0\x0cftypisom");
        file.extend_from_slice(b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x14abcd");
        let early = |bytes: &[u8]| boxes(&mut Cursor::new(bytes), bytes.len() as u64).unwrap();
        assert!(!early(&file));
        assert!(early(&file[..file.len() - 1]));
        assert!(early(&file[..15]));
        let to_the_end = [&file[..12], b"\0\0\0\0mdatab"].concat();
        assert!(!early(&to_the_end));
        assert!(!early(&[&file[..], &[0; 20]].concat()));
    }

    #[test]
    fn segments_that_reach_beyond_the_end_are_seen() {
        let file = b"\x1a\x45\xdf\xa3\x82ab\x18\x53\x80\x67\x40\x04cdef";
        let early = |bytes: &[u8]| segment(&mut Cursor::new(bytes), bytes.len() as u64).unwrap();
        assert!(!early(file));
        assert!(early(&file[..file.len() - 1]));
        let unknown = b"\x1a\x45\xdf\xa3\x82ab\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xffcd";
        assert!(!early(unknown));
    }
}
