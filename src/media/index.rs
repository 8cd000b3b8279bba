//! The frame times and key frames of a file, from its packets alone. This is an estimate: damaged packets give no
//! frame, and some containers store no times.

use std::fs::File;

use super::av::{Input, ReadError, ffi};
use super::clock::Hole;
use super::error::{MediaError, Result};
use super::info::SourceInfo;
use super::log;
use super::source::io_reason;

/// Stop after this many damaged packets in a row.
const MAX_BAD_READS: u32 = 64;
/// Packets stored at most: about a month at 25 frames per second.
const MAX_PACKETS: usize = 1 << 26;

/// A packet of the video stream that gives a visible frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Indexed {
    /// Presentation time in ticks of the video stream.
    pub pts: i64,
    /// Whether decoding can start here (a key frame).
    pub key: bool,
}

/// The packets of the video stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index {
    /// In presentation order.
    pub packets: Vec<Indexed>,
    /// Number of packets without a time.
    pub without_time: u64,
    /// Number of read errors.
    pub unreadable: u64,
    /// Duration of the packet that is shown last, in ticks; 0 if unknown.
    pub last_duration: i64,
    /// Where the clock of the file jumps.
    pub holes: Vec<Hole>,
}

/// Reads the packets of the rendered stream of the file that `info` describes. Nothing is decoded. Ends early when `stop`
/// returns true.
///
/// # Errors
/// `NoInput` if the file is missing, `NotMedia` if it is not a video, `Read` if the disk fails.
pub fn index(info: &SourceInfo, stop: &dyn Fn() -> bool) -> Result<Index> {
    log::init();
    let (path, video) = (info.path.as_path(), info.video_stream);
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
    if info.reading.close_gaps {
        input.close_gaps();
    }
    // Sound, and other pictures, may fill what looks like a hole in the pictures.
    input.only_sound_and_pictures();
    let mut index = Index::default();
    let mut last = i64::MIN;
    let mut bad_reads = 0;
    while !stop() && index.packets.len() < MAX_PACKETS {
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
    index.holes = input.take_holes();
    index.packets.sort_unstable();
    Ok(index)
}
