//! OpenEXR files whose display window does not begin at the origin. FFmpeg puts their pictures in the wrong place, so the
//! windows are moved before they are decoded: only numbers in the header, and those of the lines, change.
//!
//! The format: <https://openexr.com/en/latest/OpenEXRFileLayout.html>.

const MAGIC: [u8; 4] = [0x76, 0x2f, 0x31, 0x01];
/// Flags of the version field: tiles, deep data, several parts.
const TILED: u32 = 0x200;
const DEEP: u32 = 0x800;
const PARTS: u32 = 0x1000;

/// The file with its display window at the origin; `None` if it is there, or the file is none that can be moved (it has
/// several parts or deep data, or is damaged).
pub(crate) fn at_origin(bytes: &[u8]) -> Option<Vec<u8>> {
    let version = word(bytes, 4)?;
    if bytes.get(..4)? != MAGIC || version & (DEEP | PARTS) != 0 {
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
    let (data, display) = (data?, display?);
    let (left, top) = (number(bytes, display)?, number(bytes, display + 4)?);
    if (left, top) == (0, 0) {
        return None;
    }
    let mut moved = bytes.to_vec();
    for window in [data, display] {
        for (index, by) in [left, top, left, top].into_iter().enumerate() {
            move_number(&mut moved, window + 4 * index, by)?;
        }
    }
    if version & TILED == 0 {
        let rows = number(bytes, data + 12)?.checked_sub(number(bytes, data + 4)?)?;
        let rows = usize::try_from(rows).ok()? + 1;
        let blocks = rows.div_ceil(lines_of(compression)?);
        let table = at + 1;
        for block in 0..blocks {
            let offset = bytes.get(table + 8 * block..)?.get(..8)?;
            let offset = u64::from_le_bytes(offset.try_into().ok()?);
            // Each block begins with the number of its first line.
            move_number(&mut moved, usize::try_from(offset).ok()?, top)?;
        }
    }
    Some(moved)
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
