//! A finished file, looked at again from outside.

use std::path::Path;

use serde::Serialize;

use super::av::{ReadError, ffi, rational, timestamp};
use super::error::{MediaError, Result};
use super::log;
use super::source::{Opened, io_reason, open_input};

/// What a finished file holds, by reading all of its packets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutputFacts {
    /// Packets of the video stream that are shown: one a frame.
    pub frames: u64,
    /// Seconds from the first frame's start to the last one's end.
    pub duration: f64,
    /// Packets of every stream, by index.
    pub packets: Vec<u64>,
    /// Size of the file in bytes; of a sequence, of all of its files.
    pub size: u64,
    /// Places where it could not be read: zero for a sound file.
    pub unreadable: u64,
}

/// Reads the finished file, or image sequence, at `path` again and counts what is in it. Nothing is decoded.
///
/// # Errors
/// `NoInput` when it is missing, `NotMedia` when it holds no video, `Read` when the disk fails.
pub fn inspect_output(path: &Path) -> Result<OutputFacts> {
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
    let video = input
        .best_video()
        .ok_or_else(|| MediaError::not_media(path, "it holds no video"))?;
    let mut packets = vec![0; input.streams().len()];
    let (mut frames, mut unreadable) = (0, 0);
    let mut start = f64::INFINITY;
    // Time and length of the frame that is shown last.
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
    if last.1 <= 0.0 && frames > 1 {
        // Packets of H.264 with its own time scale in MP4 do not say how long they last. The stream does, or else the
        // frame lasts as long as the others do.
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
