//! Writes an output: encodes pictures and copies the other streams, with the source's times.

mod container;
mod pictures;
mod stream_muxer;
mod writer;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::attached::{Attached, Carrying, sei, with_sei};
use super::av::{AvError, AvFrame, Encoder, Packet, PixFmt, Received, ffi};
use super::bytes::bytes_in_words;
use super::encoder;
use super::error::{MediaError, Result};
use super::header::Header;
use super::log;
use super::plan::OutputPlan;
use super::timestamp_rescaler::TimestampRescaler;
use crate::frame::{FieldOrder, Frame, Picture, PixelFormat, Rational, Span};

pub(crate) use container::container;
use pictures::Pictures;
pub(crate) use writer::PacketWriter;

/// Counts of what was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Pictures passed to the sink.
    pub frames: u64,
    /// Packets from the video encoder.
    pub video_packets: u64,
    /// Packets of other streams.
    pub other_packets: u64,
    /// Time stamps that were changed, because the container's time base is too coarse or the source's times do not
    /// increase.
    pub moved_times: u64,
    /// Pictures of an image sequence whose distance from the previous one is not the frame interval. A sequence stores
    /// no times, so this is lost.
    pub uneven_times: u64,
}

/// An output being written. Only [`Sink::finish`] completes it; if dropped before, the file is incomplete.
pub struct Sink {
    path: PathBuf,
    encoder: Encoder,
    pix_fmt: PixFmt,
    format: PixelFormat,
    size: (u32, u32),
    field_order: FieldOrder,
    rescaler: TimestampRescaler,
    /// Frames for the encoder, where it cannot read pictures in place. A frame that it has released is used again.
    frames: Vec<AvFrame>,
    /// Durations of the frames that the encoder still holds, by their times.
    durations: BTreeMap<i64, i64>,
    /// Checks that frames come at a constant rate; `None` if the output stores times.
    rate_check: Option<RateCheck>,
    /// How captions get into the stream.
    captions: Carrying,
    /// The codec whose packets take SEI messages.
    sei_codec: Option<&'static str>,
    /// SEI messages for packets that the encoder still holds, by their times.
    messages: BTreeMap<i64, Vec<u8>>,
    /// Whether a message was lost, because its packet has no start codes.
    lost_message: bool,
    /// Whether the video encoder has been told the end.
    drained: bool,
    writer: PacketWriter,
    counts: Counts,
}

const CAPTIONS: ffi::AVFrameSideDataType = ffi::AVFrameSideDataType::AV_FRAME_DATA_A53_CC;

impl Sink {
    /// Creates the file at `path` and opens the encoder for pictures of the size and colour of `first`. The plan
    /// decides the format, not the name of the file. Frames must have the time base of the source's video stream.
    ///
    /// # Errors
    /// `CannotCreate` for the file, `Encoder` if the encoder cannot be opened, `Container` if the muxer rejects the
    /// streams, `Usage` if the encoder rejects its options.
    pub fn create(
        path: &Path,
        plan: &OutputPlan,
        header: &Arc<Header>,
        first: &Picture,
    ) -> Result<Self> {
        log::init();
        let mark = log::mark();
        if !plan.fits(header) || plan.video.format != first.format {
            return Err(MediaError::Encode {
                path: path.into(),
                why: format!(
                    "the plan is for {}, the pictures are {}",
                    plan.video.format, first.format
                ),
            });
        }
        let encoder = encoder::open(&plan.video, path, first.width, first.height, first.color)?;
        let writer = if plan.is_pictures() {
            PacketWriter::Pictures(Pictures::create(path, plan, header, first.color)?)
        } else {
            let params = encoder.params().map_err(|e| encode_error(path, e, mark))?;
            container(path, plan, header, &params, mark)?
        };
        Ok(Self {
            path: path.into(),
            rescaler: TimestampRescaler::new(plan.video.frames.time_base, encoder.time_base()),
            encoder,
            pix_fmt: PixFmt::by_name(&plan.video.pix_fmt).ok_or_else(|| {
                MediaError::usage(
                    "the pixel format is unknown",
                    "`ffmpeg -pix_fmts` lists all",
                )
            })?,
            format: first.format,
            size: (first.width, first.height),
            field_order: plan.video.field_order,
            frames: Vec::new(),
            durations: BTreeMap::new(),
            rate_check: plan
                .numbering
                .filter(|numbering| !numbering.by_time)
                .map(|_| RateCheck {
                    unit: plan.video.frames.time_base,
                    rate: plan.video.frame_rate,
                    last: None,
                }),
            captions: plan.video.captions(),
            sei_codec: ["h264", "hevc"]
                .into_iter()
                .find(|codec| *codec == plan.video.codec),
            messages: BTreeMap::new(),
            lost_message: false,
            drained: false,
            writer,
            counts: Counts::default(),
        })
    }

    /// Encodes a frame, with the data that goes with it. Its times are in ticks of the source's video stream and must
    /// increase.
    ///
    /// # Errors
    /// `Write` if the disk is full or fails, `Encode` if the encoder fails or the picture differs from the first in
    /// size or format.
    pub fn frame(&mut self, frame: &Frame, attached: Option<&Attached>) -> Result<()> {
        let mark = log::mark();
        let picture = &frame.picture;
        if picture.format != self.format || (picture.width, picture.height) != self.size {
            let why = format!(
                "frame {} is {picture:?}, but the output was opened for {}x{} {}",
                self.counts.frames, self.size.0, self.size.1, self.format
            );
            return Err(MediaError::Encode {
                path: self.path.clone(),
                why,
            });
        }
        if let Some(rate_check) = &mut self.rate_check {
            self.counts.uneven_times += u64::from(!rate_check.is_regular(frame.span.pts));
        }
        let Span { pts, duration } = self.rescaler.frame(frame.span);
        self.counts.moved_times += std::mem::take(&mut self.rescaler.moved);
        if duration > 0 {
            self.durations.insert(pts, duration);
        }
        let failed = |e: AvError| encode_error(&self.path, e, mark);
        let mut shared = match self.pix_fmt.is_big_endian() {
            true => None,
            false => {
                let count = picture.format.plane_count();
                AvFrame::sharing(&picture.planes, count, self.pix_fmt, self.size).map_err(failed)?
            }
        };
        let raw = match &mut shared {
            Some(shared) => shared,
            None => {
                let free = self.frames.iter().position(AvFrame::is_writable);
                let raw = match free {
                    Some(free) => &mut self.frames[free],
                    None => {
                        let (width, height) = self.size;
                        let new = AvFrame::picture(self.pix_fmt, width, height).map_err(failed)?;
                        self.frames.push(new);
                        let last = self.frames.len() - 1;
                        &mut self.frames[last]
                    }
                };
                copy(picture, self.pix_fmt, raw);
                raw
            }
        };
        raw.set_color(&picture.color);
        raw.set_times(pts, duration.max(0));
        raw.set_fields(match self.field_order {
            FieldOrder::TopFirst => Some(true),
            FieldOrder::BottomFirst => Some(false),
            FieldOrder::Progressive | FieldOrder::Unknown => None,
        });
        if let PacketWriter::Pictures(pictures) = &self.writer
            && let Some(icc) = pictures.icc()
        {
            raw.add_side_data(ffi::AVFrameSideDataType::AV_FRAME_DATA_ICC_PROFILE, icc)
                .map_err(failed)?;
        }
        raw.remove_side_data(CAPTIONS);
        if let (Some(attached), Carrying::Encoder) = (attached, self.captions)
            && !attached.captions.is_empty()
        {
            raw.add_side_data(CAPTIONS, &attached.captions)
                .map_err(failed)?;
        }
        if let Some(attached) = attached {
            let captions = self.captions == Carrying::Packets;
            let unit = self
                .sei_codec
                .and_then(|codec| sei(codec, attached, captions));
            self.messages.extend(unit.map(|unit| (pts, unit)));
        }
        self.encoder.send(Some(raw)).map_err(failed)?;
        self.counts.frames += 1;
        self.drain(mark)
    }

    /// Writes a packet of another stream; audio is re-encoded if the plan says so. Packets of dropped streams are
    /// ignored.
    ///
    /// # Errors
    /// `Write` if the disk is full or fails, `Encode` if audio cannot be encoded.
    pub fn packet(&mut self, packet: &Packet) -> Result<()> {
        self.writer.packet(packet, &self.path, &mut self.counts)
    }

    /// That data of pictures was lost since this was asked last, as text; `None` if none was.
    pub fn loss(&mut self) -> Option<String> {
        std::mem::take(&mut self.lost_message).then(|| {
            "captions or user data of pictures are lost: the encoder's packets have no start codes (Annex B), so SEI messages cannot be put into them; choose other encoder options, or another encoder"
                .to_owned()
        })
    }

    /// Drains the video encoder: no frame may follow.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub fn drain_video(&mut self) -> Result<()> {
        let mark = log::mark();
        self.encoder
            .send(None)
            .map_err(|e| encode_error(&self.path, e, mark))?;
        self.drained = true;
        self.drain(mark)
    }

    /// Drains the encoders, completes the file and waits until it is on the disk.
    ///
    /// # Errors
    /// `Write` if the disk is full or fails, `Encode` if the encoder fails or no frame was passed.
    pub fn finish(mut self) -> Result<Counts> {
        if self.counts.frames == 0 {
            let why = "no picture was rendered".into();
            return Err(MediaError::Encode {
                path: self.path.clone(),
                why,
            });
        }
        if !self.drained {
            self.drain_video()?;
        }
        self.writer.finish(&self.path, &mut self.counts)?;
        Ok(self.counts)
    }

    /// Writes the packets that the encoder has ready.
    fn drain(&mut self, mark: log::Mark) -> Result<()> {
        loop {
            let received = self.encoder.receive();
            let mut packet = match received.map_err(|e| encode_error(&self.path, e, mark))? {
                Received::One(packet) => packet,
                Received::NeedsInput | Received::End => return Ok(()),
            };
            self.counts.video_packets += 1;
            // Encoders with a delay do not keep the duration of a frame.
            let duration = packet.pts().and_then(|pts| self.durations.remove(&pts));
            if let Some(duration) = duration {
                packet.set_duration(duration);
            }
            let unit = packet.pts().and_then(|pts| self.messages.remove(&pts));
            if let (Some(unit), Some(codec)) = (unit, self.sei_codec) {
                match with_sei(codec, packet.data(), &unit) {
                    Some(bytes) => {
                        let with = packet.with_bytes(&bytes);
                        packet = with.map_err(|e| encode_error(&self.path, e, mark))?;
                    }
                    None => self.lost_message = true,
                }
            }
            self.writer.rendered(packet, &self.path, &mut self.counts)?;
        }
    }
}

/// Compares frame times with a constant rate.
struct RateCheck {
    unit: Rational,
    /// Frames per second.
    rate: Rational,
    last: Option<i64>,
}

impl RateCheck {
    /// Whether the frame at `pts` follows the previous one after one frame interval, to within a tick.
    fn is_regular(&mut self, pts: i64) -> bool {
        let Some(last) = self.last.replace(pts) else {
            return true;
        };
        let passed = self.unit.seconds(pts.saturating_sub(last));
        (passed - 1.0 / self.rate.to_f64()).abs() <= self.unit.to_f64() + 1e-9
    }
}

/// Copies the picture into a frame of FFmpeg's own, whose rows have the padding that encoders may read.
fn copy(picture: &Picture, pix_fmt: PixFmt, frame: &mut AvFrame) {
    let swap = pix_fmt.is_big_endian();
    for plane in 0..picture.format.plane_count() {
        let extent = picture
            .format
            .plane_extent(plane, picture.width, picture.height);
        for y in 0..extent.rows {
            let from = picture.row(plane, y);
            // SAFETY: the frame was made for this format and size, and is writable.
            let to = unsafe { frame.row_mut(plane, y, extent.row_bytes) };
            if swap {
                for (to, from) in to.chunks_exact_mut(2).zip(from.chunks_exact(2)) {
                    to.copy_from_slice(&[from[1], from[0]]);
                }
            } else {
                to.copy_from_slice(from);
            }
        }
    }
}

fn cannot_create(path: &Path, why: String) -> MediaError {
    MediaError::CannotCreate {
        path: path.into(),
        why,
    }
}

fn write_error(path: &Path, error: AvError, mark: log::Mark) -> MediaError {
    let why = if error.is_io() {
        None
    } else {
        log::since(mark)
    };
    let why = why.unwrap_or_else(|| error.to_string());
    let came = path.metadata().map_or(0, |facts| facts.len());
    MediaError::write(path, format!("{why}, after {}", bytes_in_words(came)))
}

pub(super) fn encode_error(path: &Path, error: AvError, mark: log::Mark) -> MediaError {
    MediaError::Encode {
        path: path.into(),
        why: log::since(mark).unwrap_or_else(|| error.to_string()),
    }
}
