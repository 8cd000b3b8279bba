//! Asks players to turn the pictures of an MP4 or MOV file. FFmpeg's tool has done that by different options in its
//! versions; the place in the file is always the same.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

/// Writes a rotation into the file: counterclockwise, 0, 90, 180 or 270 degrees.
pub fn turn(path: &Path, degrees: u16) {
    let one = 0x1_0000_i32;
    let [a, b, c, d] = match degrees {
        0 => [one, 0, 0, one],
        90 => [0, -one, one, 0],
        180 => [-one, 0, 0, -one],
        270 => [0, one, -one, 0],
        _ => panic!("{degrees} is no quarter turn"),
    };
    let matrix: Vec<u8> = [a, b, 0, c, d, 0, 0, 0, 1 << 30]
        .into_iter()
        .flat_map(i32::to_be_bytes)
        .collect();
    let bytes = std::fs::read(path).unwrap();
    // The box `tkhd` of ISO/IEC 14496-12 in its version 0: the matrix, then width and height, which sound has not.
    let boxes = bytes.windows(4).enumerate();
    let (start, _) = boxes
        .filter(|(_, window)| window == b"tkhd")
        .find(|(at, _)| bytes[at + 80..at + 84] != [0; 4])
        .expect("a header of a video track");
    assert_eq!(bytes[start + 4], 0, "the version of the header");
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(start as u64 + 44)).unwrap();
    file.write_all(&matrix).unwrap();
}
