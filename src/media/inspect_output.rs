//! Reads a finished output again and counts its packets.

use std::path::Path;

use serde::Serialize;

use super::av::{ReadError, ffi, rational, timestamp};
use super::error::{MediaError, Result};
use super::log;
use super::source::{Opened, film, io_reason, open_input};

/// Facts of a finished output, from all its packets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutputFacts {
    /// Visible packets of the video stream: one per frame.
    pub frames: u64,
    /// Seconds from the start of the first frame to the end of the last one.
    pub duration: f64,
    /// Number of packets of each stream, by stream index.
    pub packets: Vec<u64>,
    /// Size of the file in bytes; for an image sequence, of all its files.
    pub size: u64,
    /// Number of read errors: zero if the file is intact.
    pub unreadable: u64,
}

/// Reads the finished file or image sequence at `path` and counts its packets. Nothing is decoded. `video` is the index
/// of the rendered stream, where that is known.
///
/// # Errors
/// `NoInput` if it is missing, `NotMedia` if it has no video, `Read` if the disk fails.
pub fn inspect_output(path: &Path, video: Option<usize>) -> Result<OutputFacts> {
    log::init();
    let Opened {
        mut input, size, ..
    } = open_input(path, None, log::mark())?;
    let failed = |e| match e {
        ReadError::Io(e) => MediaError::Read {
            path: path.into(),
            why: io_reason(&e),
        },
        ReadError::Damaged(e) => MediaError::not_media(path, e.to_string()),
        ReadError::End => MediaError::not_media(path, "it is empty"),
    };
    let video = film(&mut input, path, video)?;
    let mut packets = vec![0; input.streams().len()];
    let (mut frames, mut unreadable) = (0, 0);
    let mut start = f64::INFINITY;
    // Time and duration of the frame that is shown last, in seconds.
    let mut last = (f64::NEG_INFINITY, 0.0);
    loop {
        let packet = match input.read() {
            Ok(packet) => packet,
            Err(ReadError::End) => break,
            Err(ReadError::Damaged(_)) => {
                unreadable += 1;
                if unreadable > 64 {
                    break;
                }
                continue;
            }
            Err(error) => return Err(failed(error)),
        };
        if let Some(count) = packets.get_mut(packet.stream()) {
            *count += 1;
        }
        if packet.stream() == video && packet.flags() & ffi::AV_PKT_FLAG_DISCARD == 0 {
            frames += 1;
            if let Some(pts) = packet.pts() {
                let at = packet.time_base.seconds(pts);
                start = start.min(at);
                if at > last.0 {
                    last = (at, packet.time_base.seconds(packet.duration()));
                }
            }
        }
    }
    // Where packets have no times at all, `last` and `start` are infinite.
    if last.1 <= 0.0 && frames > 1 && last.0 >= start {
        // H.264 packets in MP4 may have no duration. Then use the duration of the stream, else the average of the other
        // frames.
        // SAFETY: the streams live as long as the input.
        let (length, unit) = unsafe {
            let stream = input.streams()[video];
            (timestamp((*stream).duration), rational((*stream).time_base))
        };
        let usual = (last.0 - start) / (frames - 1) as f64;
        let rest = length.map_or(usual, |ticks| unit.seconds(ticks) - (last.0 - start));
        last.1 = rest.clamp(0.0, usual);
    }
    let duration = if last.0 >= start {
        last.0 + last.1 - start
    } else {
        0.0
    };
    Ok(OutputFacts {
        frames,
        duration,
        packets,
        size,
        unreadable,
    })
}
