//! Plans the streams other than the rendered one. A stream that the chosen container cannot hold is refused; the error
//! names a container that can, and how to leave the stream out. A stream that no common container can hold is dropped
//! with a warning.

use std::path::Path;

use super::{Action, AudioChoice, Dropped, OutputOptions, OutputPlan, StreamPlan};
use crate::frame::Range;
use crate::media::attached::Attached;
use crate::media::av::{ContainerFormat, ffi, find_decoder, find_encoder};
use crate::media::error::{MediaError, Result};
use crate::media::info::{SourceInfo, StreamInfo, StreamKind};
use crate::media::metadata::is_about_the_file;

/// Subtitle codecs of plain text. They can be converted into each other without losing text.
const TEXT_SUBTITLES: [&str; 4] = ["subrip", "mov_text", "webvtt", "text"];
/// Containers and their encoder of plain-text subtitles.
const TEXT_ENCODERS: [(&str, &str); 4] = [
    ("mp4", "mov_text"),
    ("mov", "mov_text"),
    ("matroska", "subrip"),
    ("webm", "webvtt"),
];
/// MP4 tag of a track of GoPro's metadata format.
pub(crate) const TELEMETRY: &str = "gpmd";
/// Tags that every track of an MP4 file has.
const TRACK_TAGS: [&str; 3] = ["handler_name", "vendor_id", "language"];
/// Containers that can store cover pictures.
const WITH_COVERS: [&str; 3] = ["mp4", "mov", "matroska"];

impl OutputPlan {
    /// Adds the action for every stream, chapter and tag to the plan. If one is refused, all streams are in the plan
    /// nevertheless.
    pub(super) fn add_streams(
        &mut self,
        info: &SourceInfo,
        format: Option<ContainerFormat>,
        options: &OutputOptions,
    ) -> Result<()> {
        let mut refusal = Ok(());
        for stream in &info.streams {
            let planned = if stream.index == info.video_stream {
                planned(stream, Action::Render, "this is the video that is rendered")
            } else if let Some(format) = format {
                self.stream(info, stream, format, options)
                    .unwrap_or_else(|error| {
                        refusal = Err(error);
                        planned(stream, Action::Copy, "it must be in the output")
                    })
            } else {
                let why = "a picture file can hold only its picture";
                self.warnings
                    .push(format!("{} is dropped: {why}", name(stream)));
                planned(stream, Action::Drop, why)
            };
            self.streams.push(planned);
        }
        refusal?;
        self.starts(info);
        self.tags(info, options)
    }

    fn stream(
        &mut self,
        info: &SourceInfo,
        stream: &StreamInfo,
        format: ContainerFormat,
        options: &OutputOptions,
    ) -> Result<StreamPlan> {
        let id = codec_id(&stream.codec);
        let tag = stream.tag.as_deref();
        let holds = id.is_some_and(|id| format.holds(id));
        let dropped = match stream.kind {
            StreamKind::Subtitle => Some(Dropped::Subtitles),
            StreamKind::Attachment => Some(Dropped::Attachments),
            StreamKind::Cover => Some(Dropped::Covers),
            StreamKind::Video => Some(Dropped::Videos),
            StreamKind::Audio | StreamKind::Data => None,
        };
        if let Some(dropped) = dropped.filter(|dropped| options.drop.contains(dropped)) {
            let why = format!("as asked: no {dropped}");
            return Ok(planned(stream, Action::Drop, &why));
        }
        let refused = |ending: Option<&str>| {
            let what = format!(
                "the {} of stream {} ({})",
                stream.kind, stream.index, stream.codec
            );
            Err(cannot_hold(&self.path, &what, ending, dropped))
        };
        match stream.kind {
            StreamKind::Audio if options.audio == AudioChoice::None => {
                Ok(planned(stream, Action::Drop, "as asked: no sound"))
            }
            // In a transport stream, a stream may be announced long before its first packet.
            StreamKind::Audio if id.is_some() && !is_known(stream) => Ok(self.dropped(
                stream,
                "no sound of it is in the beginning of the file, so its sample rate and channels are not known",
            )),
            StreamKind::Audio if options.audio == AudioChoice::Copy && holds => {
                Ok(planned(stream, Action::Copy, "unchanged"))
            }
            StreamKind::Audio => self.reencoded_audio(stream, format, options),
            StreamKind::Video if holds => Ok(planned(
                stream,
                Action::Copy,
                "another video stream, copied unchanged and not rendered",
            )),
            StreamKind::Subtitle if holds => Ok(planned(stream, Action::Copy, "unchanged")),
            StreamKind::Subtitle => {
                let encoder = TEXT_ENCODERS
                    .iter()
                    .find(|(name, _)| *name == self.container);
                let plain = TEXT_SUBTITLES.contains(&stream.codec.as_str());
                match encoder.filter(|(_, name)| plain && find_encoder(name).is_some()) {
                    Some((_, encoder)) => {
                        let why = format!(
                            "{} cannot hold {}: converted to {encoder} with the same text",
                            self.container, stream.codec
                        );
                        self.warnings.push(format!("{}: {why}", name(stream)));
                        let encoder = Some((*encoder).to_owned());
                        let planned = planned(stream, Action::Reencode, &why);
                        Ok(StreamPlan { encoder, ..planned })
                    }
                    None => match id.and_then(extension_for) {
                        Some(ending) => refused(Some(ending)),
                        None => Ok(self.dropped(stream, "no common container can hold it")),
                    },
                }
            }
            StreamKind::Video => refused(id.and_then(extension_for)),
            StreamKind::Cover if !["png", "mjpeg"].contains(&stream.codec.as_str()) => {
                Ok(self.dropped(stream, "cover pictures must be PNG or JPEG"))
            }
            StreamKind::Cover if WITH_COVERS.contains(&self.container.as_str()) => {
                Ok(planned(stream, Action::Copy, "unchanged"))
            }
            StreamKind::Attachment if self.container == "matroska" => {
                Ok(planned(stream, Action::Copy, "unchanged"))
            }
            StreamKind::Cover | StreamKind::Attachment => refused(Some("mkv")),
            // A text track with chapter names: chapters are copied separately.
            StreamKind::Data
                if stream.codec == "bin_data"
                    && tag == Some("text")
                    && !info.chapters.is_empty() =>
            {
                let why = "a track of chapter names: the chapters are copied instead";
                Ok(planned(stream, Action::Drop, why))
            }
            StreamKind::Data if self.container == "mov" && has_timecode(info) => {
                let why = "a timecode track: the container's own is written from the same timecode";
                Ok(planned(stream, Action::Drop, why))
            }
            // Telemetry of a camera.
            StreamKind::Data if tag == Some(TELEMETRY) && holds && self.container == "mp4" => {
                Ok(planned(stream, Action::Copy, "unchanged"))
            }
            StreamKind::Data if tag == Some(TELEMETRY) => {
                Ok(self.dropped(stream, "a camera's telemetry, which only .mp4 can hold"))
            }
            StreamKind::Data => {
                Ok(self.dropped(stream, "data tracks of the recording device are not copied"))
            }
        }
    }

    /// Drops a stream that no common container can hold, with a warning.
    fn dropped(&mut self, stream: &StreamInfo, why: &str) -> StreamPlan {
        self.warnings
            .push(format!("{} is dropped: {why}", name(stream)));
        planned(stream, Action::Drop, why)
    }

    fn reencoded_audio(
        &mut self,
        stream: &StreamInfo,
        format: ContainerFormat,
        options: &OutputOptions,
    ) -> Result<StreamPlan> {
        let decodable = codec_id(&stream.codec).is_some_and(|id| find_decoder(id).is_some());
        if !decodable {
            return Ok(self.dropped(stream, "it can be neither copied nor decoded"));
        }
        let fitting = ["aac", "libopus", "libvorbis", "flac"]
            .into_iter()
            .find(|e| find_encoder(e).is_some_and(|c| format.holds(c.id)));
        let Some(encoder) = fitting else {
            return Err(MediaError::Container {
                path: self.path.clone(),
                what: format!("the sound of stream {} ({})", stream.index, stream.codec),
                why: "and this FFmpeg has no audio encoder for it".into(),
                advice: "choose the file extension .mkv, or use --audio none".into(),
            });
        };
        self.audio_encoder = Some(encoder.into());
        let word = if encoder == "aac" { "AAC" } else { encoder };
        let why = match options.audio {
            AudioChoice::Aac if encoder == "aac" => "as asked: re-encoded as AAC, 192 kb/s".into(),
            AudioChoice::Aac => format!(
                "{} cannot hold AAC: re-encoded with {word}, 192 kb/s",
                self.container
            ),
            _ => format!(
                "{} cannot hold {}: re-encoded as {word}, 192 kb/s",
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

    /// Checks chapters and metadata, and adds warnings and losses.
    /// Warns where sound and pictures begin at different times and the container cannot say so.
    fn starts(&mut self, info: &SourceInfo) {
        if self.container != "avi" || info.part.is_some() {
            return;
        }
        let start = |stream: &StreamInfo| Some(stream.time_base.seconds(stream.start?));
        let Some(pictures) = start(&info.streams[info.video_stream]) else {
            return;
        };
        let kept = |index: usize| {
            let mut streams = self.streams.iter();
            streams.any(|stream| stream.index == index && stream.action != Action::Drop)
        };
        let sounds = info
            .streams
            .iter()
            .filter(|stream| stream.kind == StreamKind::Audio && kept(stream.index));
        let apart: Vec<String> = sounds
            .filter_map(|stream| {
                let after = 1000.0 * (start(stream)? - pictures);
                let side = if after > 0.0 { "after" } else { "before" };
                (after.abs() >= 1.0).then(|| {
                    format!(
                        "{} begins {:.0} ms {side} the pictures, which .avi cannot hold: both begin at once; .mkv keeps it",
                        name(stream),
                        after.abs()
                    )
                })
            })
            .collect();
        self.warnings.extend(apart);
    }

    fn tags(&mut self, info: &SourceInfo, options: &OutputOptions) -> Result<()> {
        let container = self.container.as_str();
        let is_dropped = |dropped| options.drop.contains(&dropped);
        if !info.chapters.is_empty() && container == "avi" && !is_dropped(Dropped::Chapters) {
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
            self.losses.push("Dolby Vision: its metadata describes the source's pictures, so it is dropped; the base layer is kept".into());
        }
        if hdr.hdr10_plus {
            self.losses.push("HDR10+: its metadata describes the source's pictures, so it is dropped; HDR10 metadata is kept".into());
        }
        if hdr.is_static() && (self.is_pictures() || ["avi", "nut"].contains(&container)) {
            self.losses.push(format!("mastering display and content light: {container} cannot hold them; .mkv and .mp4 can"));
        }
        self.losses.extend(self.lost(&info.pictures().attached));
        let conversion = info.pictures().conversion.iter();
        self.losses
            .extend(conversion.filter(|_| info.pictures().cmyk).cloned());
        let views = &info.pictures().views;
        if !views.is_empty() && (self.is_pictures() || ["avi", "nut"].contains(&container)) {
            self.losses.push(format!(
                "the tag {}: {container} cannot store it; .mkv and .mp4 can",
                views.join(" and ")
            ));
        }
        if self.is_pictures() {
            self.lost_in_pictures(info, options);
        }
        Ok(())
    }
}

impl OutputPlan {
    /// Why data of pictures is lost, for people.
    pub(crate) fn not_carried(&self) -> String {
        match self.is_pictures() {
            true => "picture files cannot carry them".to_owned(),
            false => format!(
                "{} cannot carry them; captions and user data are kept in H.264 and HEVC",
                self.video.encoder
            ),
        }
    }

    /// What this output loses of `attached`, the data of a picture, and why: a line for each kind.
    pub fn lost(&self, attached: &Attached) -> Vec<String> {
        let lost = self.video.lost(attached).into_iter();
        lost.map(|what| format!("{what}: {}", self.not_carried()))
            .collect()
    }

    /// Warns about what picture files cannot store.
    fn lost_in_pictures(&mut self, info: &SourceInfo, options: &OutputOptions) {
        let why = "picture files cannot store them";
        if !info.chapters.is_empty() && !options.drop.contains(&Dropped::Chapters) {
            let count = info.chapters.len();
            self.warnings
                .push(format!("{count} chapters are dropped: {why}"));
        }
        let tags = info.metadata.iter().chain(&info.video().metadata);
        let tags: Vec<&str> = tags
            .map(|(key, _)| key.as_str())
            .filter(|key| !is_about_the_file(key) && !TRACK_TAGS.contains(key))
            .collect();
        if !tags.is_empty() {
            let tags = tags.join(", ");
            self.warnings
                .push(format!("the tags {tags} are dropped: {why}"));
        }
        if self.numbering.is_some_and(|numbering| !numbering.by_time) {
            let rate = self.video.frame_rate.to_f64();
            self.warnings.push(format!(
                "an image sequence stores no times: play it at {rate:.3} frames per second for the speed of the source"
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

/// Whether the sample rate and the channels of a sound stream are known.
fn is_known(stream: &StreamInfo) -> bool {
    let audio = stream.audio.as_ref();
    audio.is_some_and(|audio| audio.rate > 0 && audio.channels > 0)
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

/// A file extension whose container can hold a codec.
pub(super) fn extension_for(codec: ffi::AVCodecID) -> Option<&'static str> {
    let usual = [
        ("mkv", "matroska"),
        ("mov", "mov"),
        ("mp4", "mp4"),
        ("avi", "avi"),
        ("nut", "nut"),
    ];
    let holds = |name| ContainerFormat::by_name(name).is_some_and(|m| m.holds(codec));
    usual
        .into_iter()
        .find(|(_, name)| holds(name))
        .map(|(ending, _)| ending)
}

/// The error for what the container cannot hold. Names a file extension that works, and how to leave it out.
pub(super) fn cannot_hold(
    path: &Path,
    what: &str,
    ending: Option<&str>,
    dropped: Option<Dropped>,
) -> MediaError {
    let other =
        ending.map(|ending| format!("choose the file extension .{ending}, which can hold it"));
    let without = dropped.map(|dropped| format!("leave it out with --drop {dropped}"));
    let advice: Vec<String> = other.into_iter().chain(without).collect();
    MediaError::Container {
        path: path.into(),
        what: what.into(),
        why: "its format cannot store that".into(),
        advice: match advice.is_empty() {
            true => "no common container can hold it: remove it from the source first".into(),
            false => advice.join(", or "),
        },
    }
}
