//! Segments: the video of one chunk of an output, encoded as the whole output would be, in a file of its own.

use std::fs::File;
use std::path::Path;

use super::av::{ContainerFormat, Input, ReadError, find_encoder};
use super::error::{MediaError, Result};
use super::log;
use super::plan::{Action, OutputPlan};
use super::source::io_reason;

/// FFmpeg's name of the container of segments (NUT): it keeps any time base and every codec we encode to.
const SEGMENT: &str = "nut";

impl OutputPlan {
    /// The plan for a segment of this output: the same encoder, video only.
    pub fn segment(&self) -> Self {
        let mut plan = self.clone();
        plan.container = SEGMENT.into();
        plan.audio_encoder = None;
        plan.part = None;
        for stream in &mut plan.streams {
            if stream.action != Action::Render {
                stream.action = Action::Drop;
            }
        }
        plan
    }

    /// Why this output cannot be made from segments; `None` if it can.
    pub fn in_one_piece(&self) -> Option<&'static str> {
        let codec = find_encoder(&self.video.encoder).map(|codec| codec.id);
        let holds = |id| ContainerFormat::by_name(SEGMENT).is_some_and(|format| format.holds(id));
        if self.is_pictures() {
            Some("it consists of picture files")
        } else if self.video.encoder.starts_with("libvpx") && self.video.format.alpha {
            Some("its transparency is stored outside the video packets")
        } else if !codec.is_some_and(holds) {
            Some("the container of segments cannot hold its codec")
        } else {
            None
        }
    }
}

/// Facts of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentFacts {
    /// Number of packets; one per frame with the encoders we use.
    pub packets: u64,
    /// How many packets decoding runs ahead of presentation.
    pub reorder: usize,
    /// The codec's headers (extradata).
    pub extradata: Vec<u8>,
}

/// Reads the segment at `path`.
///
/// # Errors
/// `NoInput` if it is missing, `Read` if it is not a segment, is damaged, or the disk fails.
pub fn segment_facts(path: &Path) -> Result<SegmentFacts> {
    let mut input = open(path)?;
    let mut times = Vec::new();
    while let Some(packet) = next(&mut input, path)? {
        times.push(
            packet
                .pts()
                .ok_or_else(|| damaged(path, "a packet has no time stamp"))?,
        );
    }
    let ranks = ranks(&times);
    Ok(SegmentFacts {
        packets: times.len() as u64,
        reorder: reorder(&ranks),
        extradata: extradata(&input),
    })
}

/// Opens a segment: a file with one stream.
pub(crate) fn open(path: &Path) -> Result<Input> {
    log::init();
    let file = File::open(path).map_err(|e| MediaError::NoInput {
        path: path.into(),
        why: io_reason(&e),
    })?;
    let input = Input::open_ours(file).map_err(|error| unreadable(path, error))?;
    match input.streams().len() {
        1 => Ok(input),
        count => Err(damaged(path, &format!("it has {count} streams"))),
    }
}

/// The next packet of a segment; `None` at the end. Unlike in a source, damage is an error.
pub(crate) fn next(input: &mut Input, path: &Path) -> Result<Option<super::av::Packet>> {
    match input.read() {
        Ok(packet) => Ok(Some(packet)),
        Err(ReadError::End) => Ok(None),
        Err(error) => Err(unreadable(path, error)),
    }
}

pub(crate) fn extradata(input: &Input) -> Vec<u8> {
    input
        .streams()
        .first()
        // SAFETY: the stream lives as long as the input.
        .map_or(Vec::new(), |&stream| unsafe {
            super::av::extradata((*stream).codecpar)
        })
}

/// For each packet, its position in presentation order.
pub(crate) fn ranks(times: &[i64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by_key(|&index| times[index]);
    let mut ranks = vec![0; times.len()];
    for (rank, index) in order.into_iter().enumerate() {
        ranks[index] = rank;
    }
    ranks
}

/// The smallest delay, in packets, with which every packet is decoded before it is shown.
fn reorder(ranks: &[usize]) -> usize {
    let ahead = |(index, &rank): (usize, &usize)| index.saturating_sub(rank);
    ranks.iter().enumerate().map(ahead).max().unwrap_or(0)
}

fn unreadable(path: &Path, error: ReadError) -> MediaError {
    match error {
        ReadError::Io(error) => damaged(path, &io_reason(&error)),
        ReadError::Damaged(error) => damaged(path, &error.to_string()),
        ReadError::End => damaged(path, "it is empty"),
    }
}

fn damaged(path: &Path, why: &str) -> MediaError {
    MediaError::Read {
        path: path.into(),
        why: why.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_delay_of_a_pyramid() {
        // I P B b b as x264 stores them.
        let ranks = ranks(&[0, 4, 2, 1, 3]);
        assert_eq!(ranks, [0, 4, 2, 1, 3]);
        assert_eq!(reorder(&ranks), 2);
        assert_eq!(reorder(&[0, 1, 2]), 0);
        assert_eq!(reorder(&[]), 0);
    }
}
