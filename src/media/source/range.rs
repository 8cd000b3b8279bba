//! A part of a file: its pictures exactly, the other streams cut to the same time.

use std::ops::Range;

use super::{Source, SourceEvent, State};
use crate::frame::{Rational, Span};
use crate::media::av::Packet;
use crate::media::error::{MediaError, Result};
use crate::media::info::{SourceInfo, StreamKind};
use crate::media::part::{Part, TimeRange};
use crate::media::trim::{Trimmed, trim};

/// Containers in which a seek lands on the key frame that is asked for. The others have no times of their own, or guess.
const SEEKABLE: [&str; 7] = ["mov", "matroska", "mpegts", "nut", "flv", "asf", "image2"];
/// Subtitles may begin this long before the part in which they are still shown, in seconds.
const LONGEST_SUBTITLE: i64 = 60;
/// Other streams are read on this long after the last picture, in seconds, in files that are not interleaved well.
const INTERLEAVING: i64 = 10;

/// What of a file is wanted.
pub(super) struct Limits {
    /// Times of pictures, in ticks of the video stream.
    pub range: Range<i64>,
    /// Whether the last picture of it was seen.
    pub pictures_done: bool,
    /// Whether packets of other streams are left out.
    pub pictures_only: bool,
    /// Whether decoding has yet to begin at a key frame: transport streams are entered anywhere.
    pub key_wanted: bool,
    /// Whether the subtitles that begin before the range were given already.
    early_given: bool,
    /// Streams of sound that have not yet reached the end of the range.
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
    /// Goes to a time: the next picture is the first at or after `pts` (ticks of the video stream).
    ///
    /// # Errors
    /// As [`Self::range`].
    pub fn seek(&mut self, pts: i64) -> Result<()> {
        self.range(pts..i64::MAX)
    }

    /// Narrows the source to the pictures whose times lie in `range` (half open, ticks of the video stream), and to what
    /// the other streams hold meanwhile: packets of sound that overlap it, subtitles cut to it. May be called again
    /// with another range, earlier or later; times stay those of the file.
    ///
    /// Decoding starts at the key frame at or before the start, further back where its pictures begin later than that,
    /// and at the beginning in containers without a reliable index. So the pictures are the ones that reading the whole
    /// file gives.
    ///
    /// # Errors
    /// As [`Self::next_event`], and `Read` where the file cannot seek.
    pub fn range(&mut self, range: Range<i64>) -> Result<()> {
        let begins_before = |source: &Self| match source.queue.iter().find_map(first_picture) {
            Some(first) => !source.begun && range.start <= first,
            None => false,
        };
        let start = range.start;
        self.limits = Limits {
            pictures_only: self.limits.pictures_only,
            waiting: self.sounds(),
            ..Limits::default()
        };
        let mut early = None;
        if !begins_before(self) {
            early = self.subtitles_before(start);
            self.go_to(start)?;
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

    /// Cuts what was read ahead to the range.
    fn trim_queue(&mut self) {
        for event in std::mem::take(&mut self.queue) {
            match event {
                SourceEvent::Frame(frame, facts) => {
                    if self.within(frame.span) {
                        self.queue.push_back(SourceEvent::Frame(frame, facts));
                    }
                }
                SourceEvent::Packet(packet) => {
                    let kind = self.header.streams[packet.stream()].kind;
                    let packet = self.trimmed(packet, kind);
                    self.queue.extend(packet.map(SourceEvent::Packet));
                }
            }
        }
    }

    /// Narrows the source, once and for all, to what a person asks for; [`SourceInfo::part`](crate::media::SourceInfo)
    /// says it in ticks. The first picture of a part that does not begin with the file is time zero of outputs.
    ///
    /// # Errors
    /// `Usage` when no picture lies in it; else as [`Self::range`].
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
                None => return Err(self.nothing_in(wanted)),
            }
        };
        let from_the_start = range.start == i64::MIN;
        if !from_the_start {
            // Nothing is heard or read before the first picture.
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

    fn nothing_in(&self, wanted: &TimeRange) -> MediaError {
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
                    format!("it lasts {duration:.3} s: choose --start and --to within")
                }
                None => "choose another --start and --to".into(),
            },
        )
    }

    /// Leaves out the packets of other streams from now on.
    pub fn pictures_only(&mut self) {
        self.limits.pictures_only = true;
        let video = self.info.video_stream;
        self.input.only_stream(video);
        self.queue
            .retain(|event| matches!(event, SourceEvent::Frame(..)));
    }

    /// Streams of sound, by index.
    fn sounds(&self) -> Vec<usize> {
        let streams = self.header.streams.iter().enumerate();
        streams
            .filter(|(_, stream)| stream.kind == StreamKind::Audio)
            .map(|(index, _)| index)
            .collect()
    }

    fn cannot_seek(&self, pts: i64, why: impl std::fmt::Display) -> MediaError {
        MediaError::Read {
            path: self.path.clone(),
            why: format!("cannot go to {:.3} s: {why}", self.time_base().seconds(pts)),
        }
    }

    /// Reads and decodes from where the first picture at or after `pts` is sure to be met.
    fn go_to(&mut self, pts: i64) -> Result<()> {
        if !self.info.is_seekable() {
            return self.reopen();
        }
        let second = Rational::new(1, 1).rescale(1, self.time_base()).max(1);
        let beginning = self.info.video().start.unwrap_or(0);
        let mut target = pts.max(beginning);
        // Some demuxers land after the key frame that is needed: then further back, each time twice as far.
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

    /// Begins the file anew.
    fn reopen(&mut self) -> Result<()> {
        let mut limits = std::mem::take(&mut self.limits);
        limits.key_wanted = false;
        let damage = self.damage.clone();
        let info = self.info.clone();
        *self = Self::open_at(&self.path, self.rate)?;
        self.damage = damage;
        self.info = info;
        if limits.pictures_only {
            self.pictures_only();
        }
        self.limits = limits;
        Ok(())
    }

    /// Forgets what was read, after a jump.
    fn restart(&mut self) {
        self.decoder.flush();
        self.queue.clear();
        self.state = State::Reading;
        self.last = None;
        self.bad_reads = 0;
        self.limits.key_wanted = true;
    }

    /// Subtitles that begin before `pts` and are still shown then, cut to begin there; `None` where reading the file
    /// towards `pts` will meet them.
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
        let early = Rational::new(1, 1).rescale(LONGEST_SUBTITLE, time_base);
        let from = pts.saturating_sub(early).max(beginning);
        self.input.seek(self.info.video_stream, from).ok()?;
        let mut found = Vec::new();
        // What cannot be read is met again, and counted, on the way proper.
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

    /// Whether a picture lies in the range; the first one after it ends the pictures.
    pub(super) fn within(&mut self, span: Span) -> bool {
        if span.pts >= self.limits.range.end {
            self.limits.pictures_done = true;
            self.end_if_complete();
        }
        self.limits.range.contains(&span.pts)
    }

    /// A packet of another stream, cut to the range; `None` where it lies outside.
    pub(super) fn trimmed(&mut self, packet: Packet, kind: StreamKind) -> Option<Packet> {
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
                self.look_beyond(&packet);
                None
            }
        }
    }

    /// Notes how far the file was read, after the last picture of the range.
    pub(super) fn look_beyond(&mut self, packet: &Packet) {
        let end = self.limits.range.end;
        if let (Some(at), false) = (packet.dts().or(packet.pts()), end == i64::MAX) {
            let far = Rational::new(1, 1).rescale(INTERLEAVING, self.time_base());
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
    /// Whether decoding can begin near any time; else it begins at the start of the file.
    pub fn is_seekable(&self) -> bool {
        SEEKABLE.iter().any(|name| self.container.contains(name))
    }
}

/// The time of a picture.
fn first_picture(event: &SourceEvent) -> Option<i64> {
    match event {
        SourceEvent::Frame(frame, _) => Some(frame.span.pts),
        SourceEvent::Packet(_) => None,
    }
}
