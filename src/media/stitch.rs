//! Joins segments into an output without re-encoding: the packets of the segments get the planned times of their
//! frames, and all other streams are read from the source.

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::av::{Input, Packet, ReadError};
use super::encoder;
use super::error::{MediaError, Result};
use super::header::Header;
use super::info::StreamKind;
use super::log;
use super::part::Part;
use super::plan::OutputPlan;
use super::segment::{extradata, next, open, ranks};
use super::sink::{Counts, PacketWriter, container, encode_error};
use super::timestamp_rescaler::TimestampRescaler;
use super::trim::{Trimmed, trim};
use crate::frame::{Color, Rational, Span};

/// Stop after this many damaged packets in a row.
const MAX_BAD_READS: u32 = 64;

/// Size and colour that the encoder of an output was opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    pub width: u32,
    pub height: u32,
    pub color: Color,
}

/// An output that is being joined. Only [`Stitcher::finish`] completes it; if dropped before, the file is incomplete.
pub struct Stitcher {
    path: PathBuf,
    writer: PacketWriter,
    counts: Counts,
    other_streams: Option<OtherStreams>,
    rescaler: TimestampRescaler,
    time_base: Rational,
    extradata: Vec<u8>,
    /// How many packets decoding runs ahead of presentation.
    reorder: usize,
    /// Times of the last `reorder` frames; before the first frame, invented times.
    before: VecDeque<i64>,
}

impl Stitcher {
    /// Creates the file at `path`. Its segments were encoded by `plan` for pictures of `shape`, and decoding runs at
    /// most `reorder` packets ahead. The other streams are read from `source`, the file of `header`.
    ///
    /// # Errors
    /// As [`Sink::create`](super::Sink::create).
    pub fn create(
        path: &Path,
        plan: &OutputPlan,
        header: &Arc<Header>,
        source: File,
        shape: Shape,
        reorder: usize,
    ) -> Result<Self> {
        log::init();
        let mark = log::mark();
        let encoder = encoder::open(&plan.video, path, shape.width, shape.height, shape.color)?;
        let params = encoder.params().map_err(|e| encode_error(path, e, mark))?;
        let params = params.with_delay(reorder);
        let reorder = params.delay();
        let writer = container(path, plan, header, &params, mark)?;
        let other_streams = match writer.takes_packets() {
            true => Some(OtherStreams::open(source, header, plan.part.clone(), path)?),
            false => None,
        };
        Ok(Self {
            path: path.into(),
            writer,
            counts: Counts::default(),
            other_streams,
            rescaler: TimestampRescaler::new(plan.video.frames.time_base, encoder.time_base()),
            time_base: encoder.time_base(),
            extradata: params.extradata(),
            reorder,
            before: VecDeque::new(),
        })
    }

    /// Appends the segment at `path`. Its frames are shown at `spans`, in ticks of the source's video stream.
    ///
    /// # Errors
    /// `Read` if the segment is damaged or belongs to another output, `Write` if the disk is full or fails.
    pub fn segment(&mut self, path: &Path, spans: &[Span]) -> Result<()> {
        let mismatch = |why: String| MediaError::Read {
            path: path.into(),
            why,
        };
        let mut input = open(path)?;
        if extradata(&input) != self.extradata {
            return Err(mismatch("it was encoded with different settings".into()));
        }
        let ranks = match self.reorder {
            0 => None,
            _ => Some(self.ranks(path)?),
        };
        let times: Vec<Span> = spans
            .iter()
            .map(|&span| self.rescaler.frame(span))
            .collect();
        self.counts.moved_times += std::mem::take(&mut self.rescaler.moved);
        if let (true, Some(first)) = (self.before.is_empty(), times.first()) {
            // The first packets are decoded before the first frame is shown. Invent frame times before it.
            let step = match times.get(1) {
                Some(second) => second.pts - first.pts,
                None => first.duration.max(1),
            };
            let early = (1..=self.reorder as i64).rev();
            self.before = early.map(|count| first.pts - count * step).collect();
        }
        let mut index = 0;
        while let Some(mut packet) = next(&mut input, path)? {
            let rank = ranks
                .as_ref()
                .map_or(Some(index), |r| r.get(index).copied());
            let Some(&shown) = rank.and_then(|rank| times.get(rank)) else {
                return Err(mismatch(format!(
                    "it has more than {} packets",
                    times.len()
                )));
            };
            let dts = match index.checked_sub(self.reorder) {
                Some(earlier) => times[earlier].pts,
                None => self.before[index],
            };
            packet.set_times(shown.pts, dts, shown.duration.max(0), self.time_base);
            self.copy_other_streams(dts)?;
            self.writer.rendered(packet, &self.path, &mut self.counts)?;
            self.counts.video_packets += 1;
            index += 1;
        }
        if index != times.len() {
            return Err(mismatch(format!(
                "it has {index} of {} packets",
                times.len()
            )));
        }
        self.counts.frames += times.len() as u64;
        self.before.extend(times.iter().map(|time| time.pts));
        let surplus = self.before.len().saturating_sub(self.reorder);
        self.before.drain(..surplus);
        Ok(())
    }

    /// Adds the rest of the other streams, completes the file and waits until it is on the disk.
    ///
    /// # Errors
    /// `Write` if the disk is full or fails, `Read` if the source cannot be read, `Encode` if no frame was rendered.
    pub fn finish(mut self) -> Result<Counts> {
        self.copy_other_streams(i64::MAX)?;
        if self.counts.frames == 0 {
            return Err(MediaError::Encode {
                path: self.path,
                why: "no picture was rendered".into(),
            });
        }
        self.writer.finish(&self.path, &mut self.counts)?;
        Ok(self.counts)
    }

    /// For each packet of a segment, its position in presentation order.
    fn ranks(&self, path: &Path) -> Result<Vec<usize>> {
        let mut input = open(path)?;
        let mut times = Vec::new();
        while let Some(packet) = next(&mut input, path)? {
            times.push(packet.pts().unwrap_or(i64::MIN));
        }
        Ok(ranks(&times))
    }

    /// Copies the packets of the other streams up to the time `until` of the output's video.
    fn copy_other_streams(&mut self, until: i64) -> Result<()> {
        let Some(other_streams) = &mut self.other_streams else {
            return Ok(());
        };
        while let Some(packet) = other_streams.next_until(until, self.time_base)? {
            self.writer.packet(&packet, &self.path, &mut self.counts)?;
        }
        Ok(())
    }
}

/// Reads the packets of all source streams except the rendered one.
struct OtherStreams {
    input: Input,
    /// By stream index: the kind of a stream that is copied, `None` for the others.
    wanted: Vec<Option<StreamKind>>,
    part: Option<Part>,
    path: PathBuf,
    waiting: Option<Packet>,
    bad_reads: u32,
    over: bool,
}

impl OtherStreams {
    fn open(file: File, header: &Header, part: Option<Part>, path: &Path) -> Result<Self> {
        let failed = |why: String| MediaError::Read {
            path: path.into(),
            why: format!("cannot open the source again: {why}"),
        };
        let mut file = file;
        std::io::Seek::rewind(&mut file).map_err(|e| failed(e.to_string()))?;
        let mut input = Input::open(file).map_err(|error| {
            failed(match error {
                ReadError::Io(error) => error.to_string(),
                ReadError::Damaged(error) => error.to_string(),
                ReadError::End => "it is empty".into(),
            })
        })?;
        if header.close_gaps {
            input.close_gaps();
        }
        input.leave_out(header.video);
        let wanted = header.streams.iter().enumerate();
        let wanted = wanted
            .map(|(index, stream)| {
                let passed = index != header.video && stream.kind != StreamKind::Cover;
                passed.then_some(stream.kind)
            })
            .collect();
        Ok(Self {
            input,
            wanted,
            part,
            path: path.into(),
            waiting: None,
            bad_reads: 0,
            over: false,
        })
    }

    /// The next packet that is not later than `until`, in ticks of `unit`.
    fn next_until(&mut self, until: i64, unit: Rational) -> Result<Option<Packet>> {
        if self.waiting.is_none() {
            self.waiting = self.read()?;
        }
        let due = self.waiting.as_ref().is_some_and(|packet| {
            let at = packet.dts().or(packet.pts());
            at.is_none_or(|at| packet.time_base.rescale(at, unit) <= until)
        });
        Ok(if due { self.waiting.take() } else { None })
    }

    /// The packet trimmed to the rendered part; `None` if it lies outside.
    fn trimmed(&self, packet: Packet, kind: StreamKind) -> Option<Packet> {
        let Some(part) = &self.part else {
            return Some(packet);
        };
        match trim(packet, kind, &part.range, part.time_base) {
            Trimmed::Within(packet) | Trimmed::AlreadyShown(packet) => Some(packet),
            Trimmed::Before | Trimmed::After(_) => None,
        }
    }

    fn read(&mut self) -> Result<Option<Packet>> {
        while !self.over {
            match self.input.read() {
                Ok(packet) => {
                    self.bad_reads = 0;
                    let kind = self.wanted.get(packet.stream()).copied().flatten();
                    if let Some(packet) = kind.and_then(|kind| self.trimmed(packet, kind)) {
                        return Ok(Some(packet));
                    }
                }
                Err(ReadError::End) => self.over = true,
                Err(ReadError::Damaged(_)) => {
                    self.bad_reads += 1;
                    self.over = self.bad_reads > MAX_BAD_READS;
                }
                Err(ReadError::Io(error)) => {
                    return Err(MediaError::Read {
                        path: self.path.clone(),
                        why: super::source::io_reason(&error),
                    });
                }
            }
        }
        Ok(None)
    }
}
