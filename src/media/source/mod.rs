//! Reads a file: pictures are decoded, all other streams come as packets, in file order.

mod choice;
mod damage;
mod diagnostics;
mod fields;
mod hardware;
mod opening;
mod probe;
mod range;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::attached::Attached;
use super::av::{
    AvError, AvFrame, Decoder, Fitting, Input, Packet, PixFmt, ReadError, Received, Scaler, ffi,
    find_decoder,
};
use super::error::{MediaError, Result};
use super::exif::{CodePoints, StillFacts};
use super::exr::{self, Placed};
use super::header::Header;
use super::info::{self, SourceInfo, StreamKind};
use super::inks::Inks;
use super::log;
use super::orientation::Orientation;
use super::picture_import::{PictureImport, field_order};
use super::reading::{AspectChanges, Decode, Reading};
use super::sequence::Pattern;
use crate::frame::{FieldOrder, Frame, Model, Range, Rational, Span};

pub(crate) use choice::film;
use damage::Samples;
pub use damage::{AspectChange, Damage};
use diagnostics::ffmpeg_reason;
pub(crate) use diagnostics::io_reason;
use diagnostics::read_failed;
pub(crate) use opening::{Opened, open as open_input};
pub use opening::{is_read_again, needs_reading_again};
pub use probe::{probe, probe_at};
use range::Limits;

const DISPLAY_MATRIX: ffi::AVPacketSideDataType =
    ffi::AVPacketSideDataType::AV_PKT_DATA_DISPLAYMATRIX;
/// Codecs whose standards say that samples are of limited range where the stream does not say. In all others, pictures files
/// among them, gray is of full range, as FFmpeg has it.
const LIMITED_BY_DEFAULT: [&str; 14] = [
    "h264",
    "hevc",
    "vvc",
    "av1",
    "vp8",
    "vp9",
    "mpeg1video",
    "mpeg2video",
    "mpeg4",
    "h263",
    "vc1",
    "theora",
    "prores",
    "dnxhd",
];
/// Stop after this many damaged packets in a row.
const MAX_BAD_READS: u32 = 64;
/// Give up if the first picture has not come after this many packets.
const MAX_PACKETS_BEFORE_FIRST: usize = 100_000;

/// What a file contains, in file order. Decoders delay pictures, so they come later than their packets.
pub enum SourceEvent {
    /// A picture with its time in ticks of the video stream.
    Frame(Frame, FrameFacts),
    /// A packet of another stream ([`Packet::stream`]). Cover pictures are in [`Source::header`] instead.
    Packet(Packet),
}

/// Facts of one frame besides its picture and time.
#[derive(Clone, Debug)]
pub struct FrameFacts {
    pub key: bool,
    /// The decoder marked it as damaged.
    pub damaged: bool,
    /// Its size or pixel format in the file differs from that of the previous frame. (The picture is scaled to that of
    /// the first.)
    pub changed: bool,
    pub field_order: FieldOrder,
    /// Width of a sample divided by its height; 0/1 if the stream does not say.
    pub sample_aspect: Rational,
    /// Data that the stream carries with the picture.
    pub attached: Option<Arc<Attached>>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Reading,
    Draining,
    Done,
}

/// A file that is being read.
pub struct Source {
    path: PathBuf,
    reading: Reading,
    input: Input,
    decoder: Decoder,
    info: SourceInfo,
    header: Arc<Header>,
    import: Option<PictureImport>,
    scratch: AvFrame,
    queue: VecDeque<SourceEvent>,
    state: State,
    bad_reads: u32,
    last: Option<Span>,
    /// Format and size of the previous frame.
    last_shape: Option<(PixFmt, u32, u32)>,
    /// Format and size of the first frame; all others are scaled to it.
    first_shape: Option<(PixFmt, u32, u32)>,
    scaler: Option<Scaler>,
    /// Sample aspect ratio of the first frame that has one.
    first_aspect: Option<Rational>,
    /// Shape of the previous frame.
    last_aspect: Option<Samples>,
    /// Scales frames of another shape to fit into that of the first.
    fitting: Option<Fitting>,
    /// How a JPEG stores its inks; the outer `None` until its first packet was read.
    inks: Option<Option<Inks>>,
    /// Colour code points of a picture file that its decoder does not read.
    code_points: Option<CodePoints>,
    limits: Limits,
    /// Whether an event has been returned since the file was opened.
    started: bool,
    /// End of the last packet of any stream, in seconds.
    end: f64,
    frames: u64,
    damage: Damage,
}

impl Source {
    /// Opens the file or image sequence at `path` and decodes the first picture. Only the content decides the format.
    ///
    /// # Errors
    /// `NoInput` for a missing file or a folder, `NotMedia` if no picture can be decoded (the reason is in the text:
    /// empty, a text file, audio only, no index …), `UnsupportedPictures` for pixel formats that are not supported,
    /// `Read` if the disk fails.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_at(path, Reading::default())
    }

    /// As [`Self::open`], read as `reading` says. The pictures of an image sequence come at its rate, or at
    /// [`SEQUENCE_RATE`](super::SEQUENCE_RATE).
    ///
    /// # Errors
    /// As [`Self::open`], and `Usage` if a rate is given for a file that is not an image sequence, or a stream that is no
    /// video.
    pub fn open_at(path: &Path, reading: Reading) -> Result<Self> {
        match reading.decode {
            Decode::Software => Self::open_by(path, reading),
            _ => Self::open_by_hardware(path, reading),
        }
    }

    /// As [`Self::open_at`], by the decoder that `reading` names, which is not `Auto`.
    fn open_by(path: &Path, reading: Reading) -> Result<Self> {
        log::init();
        let mark = log::mark();
        let Opened {
            mut input,
            size,
            sequence,
        } = opening::open(path, reading.rate, mark)?;
        if reading.close_gaps {
            input.close_gaps();
        }
        let mut info = info::read(&input, path, 0, size);
        let video = choice::choose(&mut input, path, &mut info, reading.video)?;
        info.video_stream = video;
        info.reading = reading;
        if let Some(sequence) = sequence {
            info.is_sequence(sequence);
        }
        let mut header =
            Header::read(&input, video).map_err(|e| MediaError::not_media(path, e.to_string()))?;
        header.close_gaps = reading.close_gaps;
        let stream = &header.streams[video];
        let decoder = hardware::decoder(stream, reading).map_err(|error| {
            let codec = stream.params.codec_name();
            if reading.decode != Decode::Software {
                return MediaError::HardwareDecoder {
                    path: path.into(),
                    decoder: reading.decode.name(),
                    why: hardware::reason(stream, ffmpeg_reason(error, log::since(mark))),
                };
            }
            let why = if find_decoder(stream.params.codec()).is_none() {
                format!("this build of FFmpeg has no decoder for its video codec ({codec})")
            } else {
                format!(
                    "its {codec} decoder cannot be opened: {}",
                    ffmpeg_reason(error, log::since(mark))
                )
            };
            MediaError::not_media(path, why)
        })?;
        let no_memory = |e: AvError| MediaError::not_media(path, e.to_string());
        let mut source = Self {
            path: path.into(),
            reading,
            input,
            decoder,
            info,
            header: Arc::new(header),
            import: None,
            scratch: AvFrame::new().map_err(no_memory)?,
            queue: VecDeque::new(),
            state: State::Reading,
            bad_reads: 0,
            last: None,
            last_shape: None,
            first_shape: None,
            scaler: None,
            first_aspect: None,
            last_aspect: None,
            fitting: None,
            inks: None,
            code_points: None,
            limits: Limits::default(),
            started: false,
            end: f64::NEG_INFINITY,
            frames: 0,
            damage: Damage::default(),
        };
        source.first_picture(mark)?;
        Ok(source)
    }

    /// The description of the file.
    pub fn info(&self) -> &SourceInfo {
        &self.info
    }

    /// The data that an output copies besides pictures and packets.
    pub fn header(&self) -> Arc<Header> {
        Arc::clone(&self.header)
    }

    /// Time base of the pictures, in seconds per tick.
    pub fn time_base(&self) -> Rational {
        self.info.video().time_base
    }

    /// How the pictures are converted when they are imported; `None` if they are the decoder's own.
    pub fn conversion(&self) -> Option<String> {
        self.import.as_ref().and_then(PictureImport::description)
    }

    /// The damage found so far.
    pub fn damage(&self) -> &Damage {
        &self.damage
    }

    /// The next picture or packet; `None` at the end. Damage is counted, not returned as an error.
    ///
    /// # Errors
    /// `Read` if the system reports a read error, `UnsupportedPictures` if the pixel format changes to one that is not
    /// supported.
    pub fn next_event(&mut self) -> Result<Option<SourceEvent>> {
        self.started = true;
        match self.queue.pop_front() {
            Some(event) => Ok(Some(event)),
            None => self.advance(),
        }
    }

    /// Decodes the first picture and completes the description of the file.
    fn first_picture(&mut self, mark: log::Mark) -> Result<()> {
        let mut facts = None;
        while facts.is_none() && self.queue.len() < MAX_PACKETS_BEFORE_FIRST {
            match self.advance()? {
                Some(SourceEvent::Frame(frame, f)) => {
                    facts = Some((frame.picture.clone(), f.clone()));
                    self.queue.push_back(SourceEvent::Frame(frame, f));
                }
                Some(event) => self.queue.push_back(event),
                None => break,
            }
        }
        let Some((picture, facts)) = facts else {
            let codec = &self.info.video().codec;
            let log_text = log::since(mark).map_or(String::new(), |l| format!(" ({l})"));
            let why = if let Some(why) = diagnostics::index_comes_last(&self.path, &log_text) {
                why.to_owned()
            } else if self.damage.refused_packets + self.damage.unreadable > 0 {
                format!("no {codec} picture could be decoded{log_text}")
            } else {
                format!("it has a {codec} video stream, but no pictures in it{log_text}")
            };
            return Err(MediaError::not_media(&self.path, why));
        };
        let conversion = self.conversion();
        let index = self.info.video_stream;
        let image = self.info.is_image;
        let still = image || self.info.sequence.is_some();
        let orientation = self.header.orientation;
        if let Some(video) = self.info.streams[index].video.as_mut() {
            video.width = picture.width;
            video.height = picture.height;
            video.format = Some(picture.format);
            video.color = picture.color;
            video.conversion = conversion;
            video.cmyk = self.inks.flatten().is_some();
            if video.sample_aspect.num <= 0 {
                video.sample_aspect = facts.sample_aspect;
            }
            video.attached = facts.attached.as_deref().cloned().unwrap_or_default();
            if facts.field_order != FieldOrder::Progressive {
                video.field_order = facts.field_order;
            }
            if let (true, Some(orientation)) = (still, orientation) {
                let orientation = Orientation::from_exif(orientation);
                video.rotation = orientation.degrees();
                video.mirrored = orientation.is_mirrored();
            }
        }
        if image {
            self.info.streams[index].frames = Some(1);
        }
        Ok(())
    }

    fn advance(&mut self) -> Result<Option<SourceEvent>> {
        loop {
            if let Some(why) = self.decoder.fault() {
                return Err(MediaError::HardwareDecoder {
                    path: self.path.clone(),
                    decoder: self.reading.decode.name(),
                    why: why.to_owned(),
                });
            }
            if self.state == State::Done {
                return Ok(None);
            }
            match self.decoder.receive(&mut self.scratch) {
                Ok(Received::One(())) => match self.frame()? {
                    Some(event) => return Ok(Some(event)),
                    None => continue,
                },
                Ok(Received::NeedsInput) => {}
                Ok(Received::End) => {
                    self.state = State::Done;
                    return Ok(None);
                }
                Err(_) => {
                    self.damage.refused_packets += 1;
                    self.bad_reads += 1;
                    if self.state == State::Draining {
                        if self.bad_reads > MAX_BAD_READS {
                            self.state = State::Done;
                        }
                        continue;
                    }
                }
            }
            if self.state == State::Draining {
                self.state = State::Done;
                return Ok(None);
            }
            if let Some(packet) = self.packet()? {
                return Ok(Some(SourceEvent::Packet(packet)));
            }
        }
    }

    /// Reads one packet: sends it to the decoder, or returns it if it is of another stream.
    fn packet(&mut self) -> Result<Option<Packet>> {
        let read = self.input.read();
        for hole in self.input.take_holes() {
            self.damage.add_hole(hole, self.reading.close_gaps);
        }
        let packet = match read {
            Ok(packet) => packet,
            Err(ReadError::Io(error)) => return Err(read_failed(&self.path, &error)),
            Err(ReadError::Damaged(_)) => {
                self.damage.unreadable += 1;
                self.bad_reads += 1;
                // The pictures of a sequence do not depend on each other: read on.
                if self.bad_reads > MAX_BAD_READS && self.info.sequence.is_none() {
                    self.end_of_file();
                }
                return Ok(None);
            }
            Err(ReadError::End) => {
                self.end_of_file();
                return Ok(None);
            }
        };
        self.bad_reads = 0;
        if let Some(start) = packet.pts().or(packet.dts()) {
            let end = packet
                .time_base
                .seconds(start.saturating_add(packet.duration()));
            self.end = self.end.max(end);
        }
        let stream = packet.stream();
        if stream != self.info.video_stream {
            // Streams that appear later (in transport streams) are not in the plan. Covers are in the header.
            let kind = self.header.streams.get(stream).map(|s| s.kind);
            let kind = kind.filter(|&kind| kind != StreamKind::Cover);
            return Ok(kind.and_then(|kind| self.trim_packet(packet, kind)));
        }
        if let Some(sequence) = &self.info.sequence
            && packet.duration() > 1
            && packet
                .pts()
                .is_some_and(|at| self.limits.range.contains(&at))
        {
            self.damage.missing = sequence.missing_words();
        }
        if self.limits.pictures_done {
            self.note_position(&packet);
            return Ok(None);
        }
        if self.limits.key_wanted && packet.flags() & ffi::AV_PKT_FLAG_KEY == 0 {
            return Ok(None);
        }
        self.limits.key_wanted = false;
        if self.inks.is_none() {
            let jpeg = self.info.video().codec == "mjpeg";
            self.inks = Some(Inks::of(packet.data()).filter(|_| jpeg));
        }
        let packet = match self.info.video().codec.as_str() {
            "exr" => self.at_origin(packet),
            _ => packet,
        };
        // The decoder asked for input, so it is not full: a packet that it refuses is damaged.
        if self.decoder.send(Some(&packet)).is_err() {
            self.damage.refused_packets += 1;
        }
        Ok(None)
    }

    /// An OpenEXR picture with its display window at the origin. Where that cannot be, it is counted.
    fn at_origin(&mut self, packet: Packet) -> Packet {
        let moved = match exr::at_origin(packet.data()) {
            Placed::AsItIs => return packet,
            Placed::Moved(bytes) => packet.with_bytes(&bytes).ok(),
            Placed::Misplaced => None,
        };
        self.damage.misplaced += u64::from(moved.is_none());
        moved.unwrap_or(packet)
    }

    fn end_of_file(&mut self) {
        self.state = State::Draining;
        self.bad_reads = 0;
        // The decoder takes the end in any case: an error here belongs to an earlier frame, from a decoder thread.
        if self.decoder.send(None).is_err() {
            self.damage.refused_packets += 1;
        }
        self.damage.truncated = self.truncation_text();
    }

    /// Whether the file is truncated, as text: by its structure, or by its duration where nothing else tells.
    fn truncation_text(&self) -> Option<String> {
        let container = &self.info.container;
        // In these containers the duration is the time of the end, counted from zero, not from the first frame.
        let at = self.end;
        let missing = self.info.duration.map_or(0.0, |duration| duration - at);
        let says = ["matroska", "avi", "flv"];
        let by_length = missing > 0.5 && says.iter().any(|name| container.contains(name));
        if !by_length && !super::truncation::is_truncated(&self.path, container) {
            return None;
        }
        Some(match self.info.duration {
            Some(duration) if missing > 0.0 => {
                format!("the file is truncated: it ends at {at:.2} s of {duration:.2} s")
            }
            _ => "the file is truncated: its last part is incomplete".to_owned(),
        })
    }

    /// The decoded frame in `scratch` as an event; `None` if it lies outside the range.
    fn frame(&mut self) -> Result<Option<SourceEvent>> {
        let frame = self.scratch.take().map_err(|e| MediaError::Read {
            path: self.path.clone(),
            why: e.to_string(),
        })?;
        self.bad_reads = 0;
        if self.frames == 0 {
            self.read_first_frame_facts(&frame);
        }
        let shape = (frame.format(), frame.width(), frame.height());
        let changed = self
            .last_shape
            .replace(shape)
            .is_some_and(|last| last != shape);
        let damaged = frame.is_damaged();
        let facts = FrameFacts {
            key: frame.is_key(),
            damaged,
            changed,
            field_order: field_order(&frame),
            sample_aspect: frame.sample_aspect(),
            attached: Attached::of(&frame),
        };
        let (given, duration) = (frame.best_effort_pts(), frame.duration());
        self.frames += 1;
        let span = self.span(given, duration);
        if !self.in_range(span) {
            return Ok(None);
        }
        self.damage.damaged_frames += u64::from(damaged);
        let first = *self.first_shape.get_or_insert(shape);
        self.damage.resized += u64::from(shape != first);
        let frame = match self.other_aspect(&frame, span, first) {
            Some(wider) => self.fitted(frame, wider, first)?,
            None if shape != first => self.scaled_to_first(&frame, first)?,
            None => frame,
        };
        let mut picture = self.importer(&frame)?.import(frame);
        if let Some(points) = &self.code_points {
            points.complete(&mut picture.color);
        }
        let codec = self.info.video().codec.as_str();
        if picture.format.model == Model::Gray
            && picture.color.range == Range::Unspecified
            && !LIMITED_BY_DEFAULT.contains(&codec)
        {
            picture.color.range = Range::Full;
        }
        Ok(Some(SourceEvent::Frame(Frame { picture, span }, facts)))
    }

    /// Notes a change of the shape of pictures. Returns by which factor a frame that is scaled to the size of the first
    /// must be shown wider to have its own shape, where it must be fitted. `first` is the format and size of the first.
    fn other_aspect(
        &mut self,
        frame: &AvFrame,
        span: Span,
        first: (PixFmt, u32, u32),
    ) -> Option<f64> {
        let known = Some(frame.sample_aspect()).filter(|ratio| ratio.num > 0);
        if let Some(ratio) = known {
            self.first_aspect.get_or_insert(ratio);
        }
        // Where nothing is known of a frame's samples, they are taken for those of the first.
        let ratio = self.first_aspect.unwrap_or(Rational::new(1, 1));
        let first = Samples {
            ratio,
            size: (first.1, first.2),
        };
        let now = Samples {
            ratio: known.unwrap_or(ratio),
            size: (frame.width(), frame.height()),
        };
        let fitted = self.reading.aspects == AspectChanges::Fit;
        let last = self.last_aspect.unwrap_or(now);
        if known.is_some() || last.size != now.size {
            self.last_aspect = Some(now);
            if !now.same_ratio(&last) || !now.same_shape(&last) {
                let at = self.time_base().seconds(span.pts);
                self.damage.add_aspect(AspectChange {
                    at,
                    since_start: at - self.info.start.unwrap_or(0.0),
                    from: last.ratio,
                    to: now.ratio,
                    first: first.ratio,
                    from_size: last.size,
                    to_size: now.size,
                    first_size: first.size,
                    fitted,
                });
            }
        }
        (fitted && !now.same_shape(&first)).then(|| now.shape() / first.shape())
    }

    /// A frame that is `wider` than the first by this factor, fitted into its size and format with black bars.
    fn fitted(&mut self, frame: AvFrame, wider: f64, first: (PixFmt, u32, u32)) -> Result<AvFrame> {
        let fitting = match self.fitting.take() {
            Some(fitting) if fitting.is_by(wider) => fitting,
            _ => Fitting::new(first, wider),
        };
        let fitted = self.fitting.insert(fitting).fitted(&frame);
        fitted.map_err(|error| MediaError::UnsupportedPictures {
            path: self.path.clone(),
            why: format!(
                "they change their shape, and cannot be scaled to match the first: {error}"
            ),
        })
    }

    /// Scales a frame to the size and format of the first one, which the rest of the program relies on.
    fn scaled_to_first(&mut self, frame: &AvFrame, first: (PixFmt, u32, u32)) -> Result<AvFrame> {
        let scaler = self.scaler.get_or_insert_with(|| Scaler::new(first));
        scaler
            .scaled(frame)
            .map_err(|error| MediaError::UnsupportedPictures {
                path: self.path.clone(),
                why: format!(
                    "they change to {}x{} {}, which cannot be scaled to match the first: {error}",
                    frame.width(),
                    frame.height(),
                    frame.format().name()
                ),
            })
    }

    /// The import for frames like `frame`.
    fn importer(&mut self, frame: &AvFrame) -> Result<&PictureImport> {
        match self.import.take() {
            Some(import) if import.accepts(frame.format()) => Ok(self.import.insert(import)),
            _ => {
                let path = self.path.clone();
                let import = match self.inks.flatten() {
                    Some(inks) => PictureImport::of_inks(frame.format(), inks)
                        .map_err(|why| MediaError::UnsupportedInks { path, why }),
                    None => PictureImport::new(frame.format())
                        .map_err(|why| MediaError::UnsupportedPictures { path, why }),
                };
                Ok(self.import.insert(import?))
            }
        }
    }

    /// Makes the times of frames increase. Missing times are estimated.
    fn span(&mut self, given: Option<i64>, duration: i64) -> Span {
        let usual = {
            let rate = self.info.pictures().frame_rate;
            let inverse = Rational::new(rate.den, rate.num);
            inverse.rescale(1, self.time_base()).max(1)
        };
        let pts = match (given, self.last) {
            (Some(pts), None) => pts,
            (Some(pts), Some(last)) if pts > last.pts => pts,
            (given, last) => {
                // A single picture needs no time.
                self.damage.bad_times += u64::from(given.is_some() || last.is_some());
                last.map_or(self.info.video().start.unwrap_or(0), |last| {
                    last.pts
                        + if last.duration > 0 {
                            last.duration
                        } else {
                            usual
                        }
                })
            }
        };
        let span = Span { pts, duration };
        self.last = Some(span);
        span
    }

    /// Reads ICC profile, orientation, HDR metadata and code points of the first picture.
    fn read_first_frame_facts(&mut self, frame: &AvFrame) {
        if let Some(header) = Arc::get_mut(&mut self.header) {
            // A profile of inks does not fit the RGB that is made of them.
            let profile = frame.side_data(ffi::AVFrameSideDataType::AV_FRAME_DATA_ICC_PROFILE);
            header.icc = profile.filter(|_| self.inks.flatten().is_none());
            let dolby_vision = self.info.pictures().hdr.dolby_vision;
            let side_data = &mut header.streams[self.info.video_stream].side_data;
            let mut hdr = super::hdr::complete(side_data, frame);
            hdr.dolby_vision |= dolby_vision;
            let video = &mut self.info.streams[self.info.video_stream].video;
            if let Some(video) = video {
                video.hdr = hdr;
            }
            let first = match &self.info.sequence {
                Some(sequence) => {
                    Pattern::of(&self.path).map(|pattern| pattern.file(sequence.first))
                }
                None => self.info.is_image.then(|| self.path.clone()),
            };
            let first = first.filter(|path| path.is_file());
            if let Some(facts) = first.and_then(|path| StillFacts::read(&path)) {
                header.orientation = facts.orientation;
                self.code_points = facts.code_points;
            }
            if let Some(orientation) = header.orientation.filter(|&orientation| orientation != 1) {
                let side_data = &mut header.streams[self.info.video_stream].side_data;
                side_data.push((DISPLAY_MATRIX, Orientation::from_exif(orientation).matrix()));
            }
        }
    }
}
