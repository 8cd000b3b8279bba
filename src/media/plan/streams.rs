//! What becomes of the streams beside the rendered one. What only the chosen container cannot hold is refused, naming one
//! that can, unless a person leaves it out; what no usual container can hold is dropped, aloud.

use std::path::Path;

use super::{Action, AudioChoice, Dropped, OutputOptions, OutputPlan, StreamPlan};
use crate::frame::Range;
use crate::media::av::{Muxer, ffi, find_decoder, find_encoder};
use crate::media::error::{MediaError, Result};
use crate::media::info::{SourceInfo, StreamInfo, StreamKind};
use crate::media::sink::is_about_the_file;

/// Subtitles that are plain text with little markup: they go over into each other without losing a word.
const PLAIN_TEXT: [&str; 4] = ["subrip", "mov_text", "webvtt", "text"];
/// Containers, and the encoder of plain text that fits them.
const TEXT_ENCODERS: [(&str, &str); 4] = [
    ("mp4", "mov_text"),
    ("mov", "mov_text"),
    ("matroska", "subrip"),
    ("webm", "webvtt"),
];
/// Containers with a place for a display matrix.
const TURNING: [&str; 2] = ["mp4", "mov"];
/// What MP4 calls a track of GoPro's metadata format.
pub(crate) const TELEMETRY: &str = "gpmd";
/// Tags that tracks of MP4 have by nature.
const OF_TRACKS: [&str; 3] = ["handler_name", "vendor_id", "language"];
/// Containers with a place for cover pictures.
const COVERED: [&str; 3] = ["mp4", "mov", "matroska"];

impl OutputPlan {
    /// Adds what becomes of every stream, chapter and tag to the plan. On refusal, all streams are in it nevertheless.
    pub(super) fn add_streams(
        &mut self,
        info: &SourceInfo,
        muxer: Option<Muxer>,
        options: &OutputOptions,
    ) -> Result<()> {
        let mut refusal = Ok(());
        for stream in &info.streams {
            let planned = if stream.index == info.video_stream {
                planned(stream, Action::Render, "this is the video that is rendered")
            } else if let Some(muxer) = muxer {
                self.stream(info, stream, muxer, options)
                    .unwrap_or_else(|error| {
                        refusal = Err(error);
                        planned(stream, Action::Copy, "it belongs into the output")
                    })
            } else {
                let why = "a picture file holds nothing beside its picture";
                self.warnings
                    .push(format!("{} is dropped: {why}", name(stream)));
                planned(stream, Action::Drop, why)
            };
            self.streams.push(planned);
        }
        refusal?;
        self.tags(info, options)
    }

    fn stream(
        &mut self,
        info: &SourceInfo,
        stream: &StreamInfo,
        muxer: Muxer,
        options: &OutputOptions,
    ) -> Result<StreamPlan> {
        let id = codec_id(&stream.codec);
        let tag = stream.tag.as_deref();
        let holds = id.is_some_and(|id| muxer.holds(id));
        let leave = match stream.kind {
            StreamKind::Subtitle => Some(Dropped::Subtitles),
            StreamKind::Attachment => Some(Dropped::Attachments),
            StreamKind::Cover => Some(Dropped::Covers),
            StreamKind::Video => Some(Dropped::Videos),
            StreamKind::Audio | StreamKind::Data => None,
        };
        if let Some(leave) = leave.filter(|leave| options.drop.contains(leave)) {
            let why = format!("as asked: no {leave}");
            return Ok(planned(stream, Action::Drop, &why));
        }
        let refused = |ending: Option<&str>| {
            let what = format!(
                "the {} of stream {} ({})",
                stream.kind, stream.index, stream.codec
            );
            Err(cannot_hold(&self.path, &what, ending, leave))
        };
        match stream.kind {
            StreamKind::Audio if options.audio == AudioChoice::None => {
                Ok(planned(stream, Action::Drop, "as asked: no sound"))
            }
            StreamKind::Audio if options.audio == AudioChoice::Copy && holds => {
                Ok(planned(stream, Action::Copy, "unchanged"))
            }
            StreamKind::Audio => self.recoded_sound(stream, muxer, options),
            StreamKind::Video if holds => Ok(planned(
                stream,
                Action::Copy,
                "a further video stream, unchanged and not rendered",
            )),
            StreamKind::Subtitle if holds => Ok(planned(stream, Action::Copy, "unchanged")),
            StreamKind::Subtitle => {
                let encoder = TEXT_ENCODERS
                    .iter()
                    .find(|(name, _)| *name == self.container);
                let plain = PLAIN_TEXT.contains(&stream.codec.as_str());
                match encoder.filter(|(_, name)| plain && find_encoder(name).is_some()) {
                    Some((_, encoder)) => {
                        let why = format!(
                            "{} cannot hold {}: the same text as {encoder}",
                            self.container, stream.codec
                        );
                        self.warnings.push(format!("{}: {why}", name(stream)));
                        let encoder = Some((*encoder).to_owned());
                        let planned = planned(stream, Action::Reencode, &why);
                        Ok(StreamPlan { encoder, ..planned })
                    }
                    None => match id.and_then(extension_for) {
                        Some(ending) => refused(Some(ending)),
                        None => Ok(self.unwanted(stream, "no usual container can hold it")),
                    },
                }
            }
            StreamKind::Video => refused(id.and_then(extension_for)),
            StreamKind::Cover if !["png", "mjpeg"].contains(&stream.codec.as_str()) => {
                Ok(self.unwanted(stream, "cover pictures are PNG or JPEG"))
            }
            StreamKind::Cover if COVERED.contains(&self.container.as_str()) => {
                Ok(planned(stream, Action::Copy, "unchanged"))
            }
            StreamKind::Attachment if self.container == "matroska" => {
                Ok(planned(stream, Action::Copy, "unchanged"))
            }
            StreamKind::Cover | StreamKind::Attachment => refused(Some("mkv")),
            // The names of chapters, which go over as chapters.
            StreamKind::Data
                if stream.codec == "bin_data"
                    && tag == Some("text")
                    && !info.chapters.is_empty() =>
            {
                let why = "the chapters' names: they go over as chapters";
                Ok(planned(stream, Action::Drop, why))
            }
            StreamKind::Data if self.container == "mov" && has_timecode(info) => {
                let why = "a timecode track: written anew from the same timecode";
                Ok(planned(stream, Action::Drop, why))
            }
            // A camera's telemetry.
            StreamKind::Data if tag == Some(TELEMETRY) && holds && self.container == "mp4" => {
                Ok(planned(stream, Action::Copy, "unchanged"))
            }
            StreamKind::Data if tag == Some(TELEMETRY) => {
                Ok(self.unwanted(stream, "a camera's telemetry, which only .mp4 holds"))
            }
            StreamKind::Data => {
                Ok(self.unwanted(stream, "data tracks belong to the recording device"))
            }
        }
    }

    /// A stream that cannot go over into any usual container.
    fn unwanted(&mut self, stream: &StreamInfo, why: &str) -> StreamPlan {
        self.warnings
            .push(format!("{} is dropped: {why}", name(stream)));
        planned(stream, Action::Drop, why)
    }

    fn recoded_sound(
        &mut self,
        stream: &StreamInfo,
        muxer: Muxer,
        options: &OutputOptions,
    ) -> Result<StreamPlan> {
        let decodable = codec_id(&stream.codec).is_some_and(|id| find_decoder(id).is_some())
            && stream
                .audio
                .as_ref()
                .is_some_and(|a| a.rate > 0 && a.channels > 0);
        if !decodable {
            return Ok(self.unwanted(stream, "it can be neither copied nor decoded"));
        }
        let fitting = ["aac", "libopus", "libvorbis", "flac"]
            .into_iter()
            .find(|e| find_encoder(e).is_some_and(|c| muxer.holds(c.id)));
        let Some(encoder) = fitting else {
            return Err(MediaError::Container {
                path: self.path.clone(),
                what: format!("the sound of stream {} ({})", stream.index, stream.codec),
                why: "nor any sound this FFmpeg can encode".into(),
                advice: "choose .mkv, or --audio none".into(),
            });
        };
        self.audio_encoder = Some(encoder.into());
        let word = if encoder == "aac" { "AAC" } else { encoder };
        let why = match options.audio {
            AudioChoice::Aac if encoder == "aac" => {
                "as asked: encoded anew as AAC, 192 kb/s".into()
            }
            AudioChoice::Aac => format!(
                "{} cannot hold AAC: encoded anew with {word}, 192 kb/s",
                self.container
            ),
            _ => format!(
                "{} cannot hold {}: encoded anew as {word}, 192 kb/s",
                self.container, stream.codec
            ),
        };
        if !why.starts_with("as asked") {
            self.warnings.push(format!("{}: {why}", name(stream)));
        }
        let encoder = Some(encoder.to_owned());
        let planned = planned(stream, Action::Reencode, &why);
        Ok(StreamPlan { encoder, ..planned })
    }

    /// What the file and the rendered stream say beside.
    fn tags(&mut self, info: &SourceInfo, options: &OutputOptions) -> Result<()> {
        let container = self.container.as_str();
        let left_out = |leave| options.drop.contains(&leave);
        let turn = info.pictures().rotation_text();
        if let Some(turn) = turn.filter(|_| !self.is_pictures() && !TURNING.contains(&container)) {
            let what = format!("the rotation ({turn})");
            if !left_out(Dropped::Rotation) {
                return Err(cannot_hold(
                    &self.path,
                    &what,
                    Some("mp4 or .mov"),
                    Some(Dropped::Rotation),
                ));
            }
        }
        if !info.chapters.is_empty() && container == "avi" && !left_out(Dropped::Chapters) {
            let what = format!("{} chapters", info.chapters.len());
            return Err(cannot_hold(
                &self.path,
                &what,
                Some("mkv"),
                Some(Dropped::Chapters),
            ));
        }
        if self.video.codec == "ffv1"
            && container == "mov"
            && info.pictures().color.range != Range::Unspecified
        {
            self.warnings
                .push("the colour range is lost: FFV1 in .mov does not keep it; .mkv does".into());
        }
        let hdr = &info.pictures().hdr;
        if hdr.dolby_vision {
            self.losses.push("Dolby Vision: its metadata describes the pictures as they were, and is dropped; what remains is the base layer".into());
        }
        if hdr.hdr10_plus {
            self.losses.push("HDR10+: its metadata describes each picture as it was, and is dropped; HDR10 metadata stays".into());
        }
        if hdr.is_static() && (self.is_pictures() || ["avi", "nut"].contains(&container)) {
            self.losses.push(format!("mastering display and content light: {container} cannot hold them; .mkv and .mp4 can"));
        }
        let views = &info.pictures().views;
        if !views.is_empty() && (self.is_pictures() || ["avi", "nut"].contains(&container)) {
            self.losses.push(format!(
                "that the pictures are {}: {container} cannot say it; .mkv and .mp4 can",
                views.join(" and ")
            ));
        }
        if self.is_pictures() {
            self.left_by_pictures(info, options);
        }
        Ok(())
    }
}

impl OutputPlan {
    /// What picture files hold neither each nor together.
    fn left_by_pictures(&mut self, info: &SourceInfo, options: &OutputOptions) {
        let why = "picture files have no place for them";
        if !info.chapters.is_empty() && !options.drop.contains(&Dropped::Chapters) {
            let count = info.chapters.len();
            self.warnings
                .push(format!("{count} chapters are dropped: {why}"));
        }
        let tags = info.metadata.iter().chain(&info.video().metadata);
        let tags: Vec<&str> = tags
            .map(|(key, _)| key.as_str())
            .filter(|key| !is_about_the_file(key) && !OF_TRACKS.contains(key))
            .collect();
        if !tags.is_empty() {
            let tags = tags.join(", ");
            self.warnings
                .push(format!("the tags {tags} are dropped: {why}"));
        }
        if self.numbering.is_some_and(|numbering| !numbering.by_time) {
            let rate = self.video.frame_rate.to_f64();
            self.warnings.push(format!(
                "an image sequence holds no times: shown at {rate:.3} frames a second it is as fast as the source"
            ));
        }
    }
}

fn planned(stream: &StreamInfo, action: Action, why: &str) -> StreamPlan {
    StreamPlan {
        index: stream.index,
        kind: stream.kind,
        codec: stream.codec.clone(),
        action,
        encoder: None,
        why: why.into(),
    }
}

fn name(stream: &StreamInfo) -> String {
    format!(
        "stream {} ({}, {})",
        stream.index, stream.kind, stream.codec
    )
}

fn has_timecode(info: &SourceInfo) -> bool {
    let tags = &info.video().metadata;
    tags.iter()
        .any(|(key, _)| key.eq_ignore_ascii_case("timecode"))
}

fn codec_id(name: &str) -> Option<ffi::AVCodecID> {
    let name = std::ffi::CString::new(name).ok()?;
    // SAFETY: descriptors are static; null for unknown names.
    unsafe { ffi::avcodec_descriptor_get_by_name(name.as_ptr()).as_ref() }.map(|d| d.id)
}

/// The ending of a container that can hold a codec.
pub(super) fn extension_for(codec: ffi::AVCodecID) -> Option<&'static str> {
    let usual = [
        ("mkv", "matroska"),
        ("mov", "mov"),
        ("mp4", "mp4"),
        ("avi", "avi"),
        ("nut", "nut"),
    ];
    let holds = |muxer| Muxer::by_name(muxer).is_some_and(|m| m.holds(codec));
    usual
        .into_iter()
        .find(|(_, muxer)| holds(muxer))
        .map(|(ending, _)| ending)
}

/// A refusal that names a container which can hold it, or how to go without.
pub(super) fn cannot_hold(
    path: &Path,
    what: &str,
    ending: Option<&str>,
    leave: Option<Dropped>,
) -> MediaError {
    let other = ending.map(|ending| format!("choose the ending .{ending}, which can hold it"));
    let without = leave.map(|leave| format!("leave it out with --drop {leave}"));
    let advice: Vec<String> = other.into_iter().chain(without).collect();
    MediaError::Container {
        path: path.into(),
        what: what.into(),
        why: "its format has no place for that".into(),
        advice: match advice.is_empty() {
            true => "no known container can hold it: remove it from the source first".into(),
            false => advice.join(", or "),
        },
    }
}
