//! Reads a part of a file: exactly its pictures, and the other streams trimmed to the same time.

use std::ops::Range;

use super::{Source, SourceEvent, State, is_read_again, needs_reading_again};
use crate::frame::{Rational, Span};
use crate::media::av::Packet;
use crate::media::error::{MediaError, Result};
use crate::media::info::{SourceInfo, StreamKind};
use crate::media::part::{Part, TimeRange};
use crate::media::trim::{Trimmed, trim};

/// Containers in which a seek finds the right key frame. The others store no times, or only estimate positions.
const SEEKABLE: [&str; 7] = ["mov", "matroska", "mpegts", "nut", "flv", "asf", "image2"];
/// How long before the part a subtitle may begin that is still shown in it, in seconds.
const MAX_SUBTITLE: i64 = 60;
/// How far other streams are read after the last picture, in seconds, if a file is badly interleaved.
const MAX_INTERLEAVING: i64 = 10;

/// The part of a file that is read.
pub(super) struct Limits {
    /// Times of the pictures, in ticks of the video stream.
    pub range: Range<i64>,
    /// Whether the last picture of the range has been decoded.
    pub pictures_done: bool,
    /// Whether packets of other streams are skipped.
    pub pictures_only: bool,
    /// Whether decoding must wait for a key frame: a transport stream can be entered anywhere.
    pub key_wanted: bool,
    /// Whether the subtitles that begin before the range have been returned.
    early_given: bool,
    /// Audio streams that have not yet reached the end of the range.
    waiting: Vec<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            range: i64::MIN..i64::MAX,
            pictures_done: false,
            pictures_only: false,
            key_wanted: false,
            early_given: false,
            waiting: Vec::new(),
        }
    }
}

impl Source {
    /// Seeks: the next picture is the first at or after `pts`, in ticks of the video stream.
    ///
    /// # Errors
    /// As [`Self::range`].
    pub fn seek(&mut self, pts: i64) -> Result<()> {
        self.range(pts..i64::MAX)
    }

    /// Restricts the source to the pictures with times in `range` (half open, ticks of the video stream) and to the
    /// packets of the same time: audio packets that overlap it, subtitles trimmed to it. May be called again with an
    /// earlier or later range. Times are not changed.
    ///
    /// Decoding starts at the last key frame at or before the start; if the first decoded picture is later than the
    /// start, further back; in containers without a reliable index, at the beginning. So the pictures are the same as
    /// when the whole file is read.
    ///
    /// # Errors
    /// As [`Self::next_event`], and `Read` if the file cannot be sought.
    pub fn range(&mut self, range: Range<i64>) -> Result<()> {
        let begins_before = |source: &Self| match source.queue.iter().find_map(first_picture) {
            Some(first) => !source.started && range.start <= first,
            None => false,
        };
        let start = range.start;
        self.limits = Limits {
            pictures_only: self.limits.pictures_only,
            waiting: self.audio_streams(),
            ..Limits::default()
        };
        let mut early = None;
        // What comes through a pipe is read from its beginning on.
        let pipe = !is_read_again(&self.path);
        if pipe && self.started {
            needs_reading_again(&self.path, "a part of it is read a second time")?;
        }
        if !pipe && !begins_before(self) {
            early = self.subtitles_before(start);
            self.seek_before(start)?;
        }
        self.limits.range = range;
        self.trim_queue();
        if let Some(early) = early {
            self.limits.early_given = true;
            for packet in early.into_iter().rev() {
                self.queue.push_front(SourceEvent::Packet(packet));
            }
        }
        Ok(())
    }

    /// Trims the events in the queue to the range.
    fn trim_queue(&mut self) {
        for event in std::mem::take(&mut self.queue) {
            match event {
                SourceEvent::Frame(frame, facts) => {
                    if self.in_range(frame.span) {
                        self.queue.push_back(SourceEvent::Frame(frame, facts));
                    }
                }
                SourceEvent::Packet(packet) => {
                    let kind = self.header.streams[packet.stream()].kind;
                    let packet = self.trim_packet(packet, kind);
                    self.queue.extend(packet.map(SourceEvent::Packet));
                }
            }
        }
    }

    /// Restricts the source for good to the range that a user asks for. Sets
    /// [`SourceInfo::part`](crate::media::SourceInfo). Unless the part starts with the file, its first picture becomes
    /// time zero of the outputs.
    ///
    /// # Errors
    /// `Usage` if there is no picture in the range; else as [`Self::range`].
    pub fn select(&mut self, wanted: &TimeRange) -> Result<()> {
        let time_base = self.time_base();
        let mut range = wanted.ticks(time_base, self.info.start.unwrap_or(0.0));
        self.range(range.clone())?;
        let first = loop {
            if let Some(first) = self.queue.iter().find_map(first_picture) {
                break first;
            }
            match self.advance()? {
                Some(event) => self.queue.push_back(event),
                None => return Err(self.no_picture_in(wanted)),
            }
        };
        let from_the_start = range.start == i64::MIN;
        if !from_the_start {
            // Audio and subtitles start no earlier than the first picture.
            range.start = first;
            self.limits.range.start = first;
            let given = std::mem::take(&mut self.limits.early_given);
            self.trim_queue();
            self.limits.early_given = given;
        }
        self.info.part = Some(Part {
            range,
            origin: (!from_the_start).then_some(first),
            time_base,
        });
        let (_, length) = self.info.rendered();
        let rate = self.info.pictures().frame_rate.to_f64();
        let frames = length.map(|length| (time_base.seconds(length) * rate).round() as u64);
        let index = self.info.video_stream;
        self.info.streams[index].frames = frames.filter(|&frames| frames > 0);
        Ok(())
    }

    fn no_picture_in(&self, wanted: &TimeRange) -> MediaError {
        let start = wanted.start.to_f64();
        let end = wanted
            .end
            .map_or("its end".to_owned(), |end| format!("{} s", end.to_f64()));
        MediaError::usage(
            format!(
                "{} has no picture from {start} s to {end}",
                self.path.display()
            ),
            match self.info.duration {
                Some(duration) => {
                    format!("it lasts {duration:.3} s: choose --start and --to within this time")
                }
                None => "choose another --start and --to".into(),
            },
        )
    }

    /// Skips the packets of other streams from now on.
    pub fn pictures_only(&mut self) {
        self.limits.pictures_only = true;
        let video = self.info.video_stream;
        self.input.only_stream(video);
        self.queue
            .retain(|event| matches!(event, SourceEvent::Frame(..)));
    }

    /// Indices of the audio streams.
    fn audio_streams(&self) -> Vec<usize> {
        let streams = self.header.streams.iter().enumerate();
        streams
            .filter(|(_, stream)| stream.kind == StreamKind::Audio)
            .map(|(index, _)| index)
            .collect()
    }

    fn cannot_seek(&self, pts: i64, why: impl std::fmt::Display) -> MediaError {
        MediaError::Read {
            path: self.path.clone(),
            why: format!(
                "cannot seek to {:.3} s: {why}",
                self.time_base().seconds(pts)
            ),
        }
    }

    /// Seeks and decodes, starting where the first picture at or after `pts` is certain to be found.
    fn seek_before(&mut self, pts: i64) -> Result<()> {
        if !self.info.is_seekable() {
            return self.reopen();
        }
        let second = Rational::new(1, 1).rescale(1, self.time_base()).max(1);
        let beginning = self.info.video().start.unwrap_or(0);
        let mut target = pts.max(beginning);
        // Some demuxers land after the right key frame. Then seek further back, twice as far each time.
        for step in 0..32 {
            self.input
                .seek(self.info.video_stream, target)
                .map_err(|error| self.cannot_seek(pts, error))?;
            self.restart();
            let first = loop {
                match self.advance()? {
                    Some(event) => {
                        let first = first_picture(&event);
                        self.queue.push_back(event);
                        if first.is_some() {
                            break first;
                        }
                    }
                    None => break None,
                }
            };
            if first.is_some_and(|first| first <= pts) {
                return Ok(());
            }
            if target <= beginning {
                break;
            }
            target = target.saturating_sub(second << step.min(30)).max(beginning);
        }
        self.reopen()
    }

    /// Opens the file again, at its beginning.
    fn reopen(&mut self) -> Result<()> {
        let mut limits = std::mem::take(&mut self.limits);
        limits.key_wanted = false;
        let damage = self.damage.clone();
        let info = self.info.clone();
        *self = Self::open_at(&self.path, self.reading)?;
        self.damage = damage;
        self.info = info;
        if limits.pictures_only {
            self.pictures_only();
        }
        self.limits = limits;
        Ok(())
    }

    /// Drops all buffered data after a seek.
    fn restart(&mut self) {
        self.decoder.flush();
        self.queue.clear();
        self.state = State::Reading;
        self.last = None;
        self.last_aspect = None;
        self.bad_reads = 0;
        self.limits.key_wanted = true;
    }

    /// Subtitles that begin before `pts` and are still shown at it, trimmed to begin there. `None` if reading towards
    /// `pts` will find them anyway.
    fn subtitles_before(&mut self, pts: i64) -> Option<Vec<Packet>> {
        let is_subtitle = |stream: usize| {
            let stream = self.header.streams.get(stream);
            stream.is_some_and(|stream| stream.kind == StreamKind::Subtitle)
        };
        let count = self.header.streams.len();
        let beginning = self.info.video().start.unwrap_or(0);
        if self.limits.pictures_only
            || pts <= beginning
            || !self.info.is_seekable()
            || !(0..count).any(is_subtitle)
        {
            return None;
        }
        let time_base = self.time_base();
        let early = Rational::new(1, 1).rescale(MAX_SUBTITLE, time_base);
        let from = pts.saturating_sub(early).max(beginning);
        self.input.seek(self.info.video_stream, from).ok()?;
        let mut found = Vec::new();
        // Read errors are found again, and counted, when the range itself is read.
        while let Ok(mut packet) = self.input.read() {
            let unit = packet.time_base;
            let Some(at) = packet.pts().or(packet.dts()) else {
                continue;
            };
            let start = time_base.rescale(pts, unit);
            let end = at.saturating_add(packet.duration());
            if at >= start && packet.stream() == self.info.video_stream {
                break;
            }
            if is_subtitle(packet.stream()) && at < start && end > start {
                packet.show(start, end);
                found.push(packet);
            }
        }
        Some(found)
    }

    /// Whether a picture lies in the range. The first one after the range ends the pictures.
    pub(super) fn in_range(&mut self, span: Span) -> bool {
        if span.pts >= self.limits.range.end {
            self.limits.pictures_done = true;
            self.end_if_complete();
        }
        self.limits.range.contains(&span.pts)
    }

    /// The packet of another stream trimmed to the range; `None` if it lies outside.
    pub(super) fn trim_packet(&mut self, packet: Packet, kind: StreamKind) -> Option<Packet> {
        if self.limits.pictures_only {
            return None;
        }
        let (stream, unit) = (packet.stream(), self.time_base());
        match trim(packet, kind, &self.limits.range, unit) {
            Trimmed::Within(packet) => Some(packet),
            Trimmed::AlreadyShown(packet) => (!self.limits.early_given).then_some(packet),
            Trimmed::Before => None,
            Trimmed::After(packet) => {
                self.limits.waiting.retain(|&waiting| waiting != stream);
                self.note_position(&packet);
                None
            }
        }
    }

    /// Checks how far the file has been read, after the last picture of the range.
    pub(super) fn note_position(&mut self, packet: &Packet) {
        let end = self.limits.range.end;
        if let (Some(at), false) = (packet.dts().or(packet.pts()), end == i64::MAX) {
            let far = Rational::new(1, 1).rescale(MAX_INTERLEAVING, self.time_base());
            if packet.time_base.rescale(at, self.time_base()) > end.saturating_add(far) {
                self.limits.waiting.clear();
            }
        }
        self.end_if_complete();
    }

    fn end_if_complete(&mut self) {
        let limits = &self.limits;
        if limits.pictures_done && (limits.pictures_only || limits.waiting.is_empty()) {
            self.state = State::Done;
        }
    }
}

impl SourceInfo {
    /// Whether decoding can start near any time. If not, it starts at the beginning of the file.
    pub fn is_seekable(&self) -> bool {
        // Where gaps are closed, times are known only when all before them is read.
        !self.reading.close_gaps && SEEKABLE.iter().any(|name| self.container.contains(name))
    }
}

/// The time of a picture; `None` for packets.
fn first_picture(event: &SourceEvent) -> Option<i64> {
    match event {
        SourceEvent::Frame(frame, _) => Some(frame.span.pts),
        SourceEvent::Packet(_) => None,
    }
}
