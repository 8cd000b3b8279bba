//! OpenEXR files whose display window does not begin at the origin. FFmpeg puts their pictures in the wrong place, so the
//! windows are moved before they are decoded: only numbers in the header, and those of the lines, change.
//!
//! The format: <https://openexr.com/en/latest/OpenEXRFileLayout.html>.

const MAGIC: [u8; 4] = [0x76, 0x2f, 0x31, 0x01];
/// Flags of the version field: tiles, deep data, several parts.
const TILED: u32 = 0x200;
const DEEP: u32 = 0x800;
const PARTS: u32 = 0x1000;

/// An OpenEXR file for FFmpeg's decoder.
#[derive(Debug, PartialEq)]
pub(crate) enum Placed {
    /// It is decoded as it is: its display window begins at the origin, or it is no file that FFmpeg reads.
    AsItIs,
    /// Its bytes with the display window moved to the origin.
    Moved(Vec<u8>),
    /// Its display window does not begin at the origin and cannot be moved: the file has several parts, or wrong offsets.
    /// FFmpeg decodes it in the wrong place.
    Misplaced,
}

/// The file with its display window at the origin.
pub(crate) fn at_origin(bytes: &[u8]) -> Placed {
    let Some(header) = Header::of(bytes) else {
        return Placed::AsItIs;
    };
    let origin = |at| number(bytes, at);
    match (origin(header.display), origin(header.display + 4)) {
        (Some(0), Some(0)) => Placed::AsItIs,
        (Some(left), Some(top)) if header.version & PARTS == 0 => header
            .moved(bytes, left, top)
            .map_or(Placed::Misplaced, Placed::Moved),
        _ => Placed::Misplaced,
    }
}

/// What the header of a file says; of the first one, where there are several parts.
struct Header {
    version: u32,
    /// Where the windows are stored.
    data: usize,
    display: usize,
    compression: u8,
    /// Where the header ends, and the table of offsets begins.
    end: usize,
}

impl Header {
    /// The header of a file; `None` if it has deep data, or is damaged.
    fn of(bytes: &[u8]) -> Option<Self> {
        let version = word(bytes, 4)?;
        if bytes.get(..4)? != MAGIC || version & DEEP != 0 {
            return None;
        }
        let (mut data, mut display, mut compression) = (None, None, 0);
        let mut at = 8;
        // Attributes: name, type, size, value; an empty name ends them.
        while *bytes.get(at)? != 0 {
            let name_end = end_of_text(bytes, at)?;
            let type_end = end_of_text(bytes, name_end + 1)?;
            let size = word(bytes, type_end + 1)? as usize;
            let value = type_end + 5;
            match bytes.get(at..name_end)? {
                b"dataWindow" if size == 16 => data = Some(value),
                b"displayWindow" if size == 16 => display = Some(value),
                b"compression" => compression = *bytes.get(value)?,
                _ => {}
            }
            at = value.checked_add(size)?;
        }
        Some(Self {
            version,
            data: data?,
            display: display?,
            compression,
            end: at + 1,
        })
    }

    /// The bytes of the file with its windows moved by `left` and `top` towards the origin; `None` where its numbers or
    /// offsets are wrong.
    fn moved(&self, bytes: &[u8], left: i32, top: i32) -> Option<Vec<u8>> {
        let mut moved = bytes.to_vec();
        for window in [self.data, self.display] {
            for (index, by) in [left, top, left, top].into_iter().enumerate() {
                move_number(&mut moved, window + 4 * index, by)?;
            }
        }
        if self.version & TILED != 0 {
            return Some(moved);
        }
        let (first, last) = (
            number(bytes, self.data + 4)?,
            number(bytes, self.data + 12)?,
        );
        let rows = usize::try_from(last.checked_sub(first)?).ok()? + 1;
        let blocks = rows.div_ceil(lines_of(self.compression)?);
        let blocks_begin = self.end.checked_add(blocks.checked_mul(8)?)?;
        for block in 0..blocks {
            let offset = bytes.get(self.end + 8 * block..)?.get(..8)?;
            let offset = usize::try_from(u64::from_le_bytes(offset.try_into().ok()?)).ok()?;
            // Where it is none, FFmpeg looks for the blocks itself.
            if offset < blocks_begin {
                return None;
            }
            // Each block begins with the number of its first line.
            move_number(&mut moved, offset, top)?;
        }
        Some(moved)
    }
}

/// Lines in a block of pixels.
fn lines_of(compression: u8) -> Option<usize> {
    Some(match compression {
        0..=2 => 1,
        3 | 5 => 16,
        4 | 6 | 7 | 8 => 32,
        9 => 256,
        _ => return None,
    })
}

fn end_of_text(bytes: &[u8], from: usize) -> Option<usize> {
    let length = bytes.get(from..)?.iter().position(|&byte| byte == 0)?;
    Some(from + length)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

fn number(bytes: &[u8], at: usize) -> Option<i32> {
    word(bytes, at).map(u32::cast_signed)
}

/// Subtracts `by` from the number at `at`.
fn move_number(bytes: &mut [u8], at: usize, by: i32) -> Option<()> {
    let moved = number(bytes, at)?.checked_sub(by)?;
    bytes
        .get_mut(at..at.checked_add(4)?)?
        .copy_from_slice(&moved.to_le_bytes());
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of two lines without compression, with these windows (left, top) and offset of the second line.
    fn file(flags: u32, origin: (i32, i32), offset: Option<u64>) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend((2 | flags).to_le_bytes());
        for name in ["dataWindow", "displayWindow"] {
            bytes.extend(name.bytes().chain(*b"\0box2i\0\x10\0\0\0"));
            let (left, top) = origin;
            for side in [left, top, left, top + 1] {
                bytes.extend(side.to_le_bytes());
            }
        }
        bytes.push(0);
        let lines = bytes.len() as u64 + 16;
        for place in [lines, offset.unwrap_or(lines + 4)] {
            bytes.extend(place.to_le_bytes());
        }
        for line in [origin.1, origin.1 + 1] {
            bytes.extend(line.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn a_display_window_is_moved_to_the_origin_or_told_to_be_elsewhere() {
        let at_zero = file(0, (0, 0), None);
        assert_eq!(at_origin(&at_zero), Placed::AsItIs);
        let elsewhere = file(0, (7, -3), None);
        assert_eq!(at_origin(&elsewhere), Placed::Moved(at_zero.clone()));
        // Several parts, an offset outside the file, and one that is zero, as interrupted writers leave it.
        assert_eq!(at_origin(&file(PARTS, (0, 0), None)), Placed::AsItIs);
        for bytes in [
            file(PARTS, (7, -3), None),
            file(0, (7, -3), Some(1 << 40)),
            file(0, (7, -3), Some(0)),
        ] {
            assert_eq!(at_origin(&bytes), Placed::Misplaced);
        }
        for length in 0..at_zero.len() - 24 {
            assert_eq!(at_origin(&elsewhere[..length]), Placed::AsItIs, "{length}");
        }
    }
}
