//! What demuxing alone tells of the pictures of a file: when they are shown, and which can be gone to. Packets are not
//! frames, so it is an estimate: damaged packets give no frame, and some containers know no times.

use std::fs::File;
use std::path::Path;

use super::av::{Input, ReadError, ffi};
use super::error::{MediaError, Result};
use super::log;
use super::source::io_reason;

/// Reading goes on after this many damaged packets in a row, no further.
const MAX_BAD_READS: u32 = 64;
/// Packets that are remembered: four weeks at 25 frames a second.
const MOST_PACKETS: usize = 1 << 26;

/// A packet of the video stream that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Indexed {
    /// Ticks of the video stream.
    pub pts: i64,
    /// Whether decoding can begin there.
    pub key: bool,
}

/// The packets of the video stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// In the order in which they are shown.
    pub packets: Vec<Indexed>,
    /// Packets without a time.
    pub without_time: u64,
    /// Places that could not be read.
    pub unreadable: u64,
    /// Length of the packet that is shown last, in ticks; 0 where unknown.
    pub last_duration: i64,
}

/// Reads the packets of stream `video` of the file at `path`. Nothing is decoded; `stop` is asked now and then.
///
/// # Errors
/// `NoInput` when it is missing, `NotMedia` when it is no video, `Read` when the disk fails.
pub fn index(path: &Path, video: usize, stop: &dyn Fn() -> bool) -> Result<Index> {
    log::init();
    let file = File::open(path).map_err(|e| MediaError::NoInput {
        path: path.into(),
        why: io_reason(&e),
    })?;
    let failed = |e| match e {
        ReadError::Io(e) => MediaError::Read {
            path: path.into(),
            why: io_reason(&e),
        },
        ReadError::Damaged(e) => MediaError::not_media(path, e.to_string()),
        ReadError::End => MediaError::not_media(path, "it is empty"),
    };
    let mut input = Input::open(file).map_err(failed)?;
    input.only_stream(video);
    let mut index = Index::default();
    let mut last = i64::MIN;
    let mut bad_reads = 0;
    while !stop() && index.packets.len() < MOST_PACKETS {
        let packet = match input.read() {
            Ok(packet) => packet,
            Err(ReadError::End) => break,
            Err(ReadError::Damaged(_)) => {
                index.unreadable += 1;
                bad_reads += 1;
                if bad_reads > MAX_BAD_READS {
                    break;
                }
                continue;
            }
            Err(error) => return Err(failed(error)),
        };
        bad_reads = 0;
        if packet.stream() != video || packet.flags() & ffi::AV_PKT_FLAG_DISCARD != 0 {
            continue;
        }
        let Some(pts) = packet.pts() else {
            index.without_time += 1;
            continue;
        };
        if pts > last {
            last = pts;
            index.last_duration = packet.duration();
        }
        index.packets.push(Indexed {
            pts,
            key: packet.flags() & ffi::AV_PKT_FLAG_KEY != 0,
        });
    }
    index.packets.sort_unstable();
    Ok(index)
}
