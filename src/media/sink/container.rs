//! Opens a container with all the streams of a plan.

use std::path::Path;

use super::stream_muxer::StreamMuxer;
use super::writer::{PacketWriter, Route};
use super::{cannot_create, write_error};
use crate::frame::{FieldOrder, Rational};
use crate::media::audio_transcoder::AudioTranscoder;
use crate::media::av::{
    AvError, Chapter, CodecParams, ContainerFormat, Muxer, NewStream, Packet, SideData,
    SubtitleTranscoder, ffi,
};
use crate::media::error::{MediaError, Result};
use crate::media::header::{Header, HeaderStream};
use crate::media::info::StreamKind;
use crate::media::log;
use crate::media::metadata::{APPLE_LOCATION, LOCATION, is_about_the_file};
use crate::media::part::Part;
use crate::media::plan::{Action, Dropped, OutputPlan, TELEMETRY};
use crate::media::recipe_tag;

/// Side data about stereoscopic and spherical pictures.
const VIEWS: [ffi::AVPacketSideDataType; 2] = [
    ffi::AVPacketSideDataType::AV_PKT_DATA_STEREO3D,
    ffi::AVPacketSideDataType::AV_PKT_DATA_SPHERICAL,
];
/// Side data with the display matrix (rotation).
const MATRIX: ffi::AVPacketSideDataType = ffi::AVPacketSideDataType::AV_PKT_DATA_DISPLAYMATRIX;

/// Creates the container with all its streams and writes its header.
pub(crate) fn container(
    path: &Path,
    plan: &OutputPlan,
    header: &Header,
    rendered: &CodecParams,
    mark: log::Mark,
) -> Result<PacketWriter> {
    let missing = || MediaError::Container {
        path: path.into(),
        what: "anything".into(),
        why: format!("this build of FFmpeg cannot write {}", plan.container),
        advice: "choose another file extension".into(),
    };
    let format = ContainerFormat::by_name(&plan.container).ok_or_else(missing)?;
    let mut muxer = Muxer::create(path, format).map_err(|e| cannot_create(path, e.to_string()))?;
    let refused = |e: AvError| {
        if e.is_io() {
            return write_error(path, e, mark);
        }
        MediaError::Container {
            path: path.into(),
            what: format!("these streams as {}", plan.container),
            why: log::since(mark).unwrap_or_else(|| e.to_string()),
            advice: "choose the file extension .mkv, which can hold nearly everything".into(),
        }
    };
    let no_encoder = |name: &str, e: AvError, advice: &str| MediaError::Encoder {
        path: path.into(),
        encoder: name.into(),
        why: log::since(mark).unwrap_or_else(|| e.to_string()),
        advice: advice.into(),
    };
    let mp4 = ["mp4", "mov"].contains(&plan.container.as_str());
    let mut routes = Vec::new();
    let mut video = 0;
    let mut covers = Vec::new();
    let mut delays = Vec::new();
    let mut delayed = |to: usize, params: &CodecParams| {
        let delay = params.missing_delay(&plan.container);
        delays.extend(delay.map(|delay| (to, delay)));
    };
    for (index, stream) in header.streams.iter().enumerate() {
        let action = plan.streams.get(index).map_or(Action::Drop, |s| s.action);
        let tag = copied_tag(&plan.container, stream);
        let tags = stream_tags(&plan.container, &stream.metadata);
        routes.push(match action {
            Action::Drop => Route::Discard,
            Action::Render => {
                let fields = field_order(plan.video.field_order);
                rendered.describe(plan.video.frames.sample_aspect, fields);
                let tag = match plan.video.codec.as_str() {
                    "hevc" if mp4 => u32::from_le_bytes(*b"hvc1"),
                    // ProRes decoders know the profile only from the tag.
                    "prores" => rendered.tag(),
                    _ => 0,
                };
                let metadata = rendered_metadata(plan, &stream.metadata);
                let turned = plan.keeps_rotation();
                let side_data: Vec<SideData> = stream
                    .side_data
                    .iter()
                    .filter(|(kind, _)| turned || *kind != MATRIX)
                    .cloned()
                    .collect();
                let new = NewStream {
                    time_base: plan.video.time_base,
                    frame_rate: plan.video.frame_rate,
                    sample_aspect: plan.video.frames.sample_aspect,
                    metadata: &metadata,
                    side_data: &side_data,
                    ..new_stream(stream, rendered, tag)
                };
                video = muxer.add(&new).map_err(refused)?;
                Route::Discard
            }
            Action::Copy => match &stream.cover {
                // Matroska stores cover pictures as attachments.
                Some(cover) if plan.container == "matroska" => {
                    let (params, metadata) = attached(stream, cover).map_err(refused)?;
                    let new = NewStream {
                        metadata: &metadata,
                        disposition: 0,
                        ..new_stream(stream, &params, 0)
                    };
                    muxer.add(&new).map_err(refused)?;
                    Route::Discard
                }
                cover => {
                    let new = NewStream {
                        metadata: &tags,
                        ..new_stream(stream, &stream.params, tag)
                    };
                    let to = muxer.add(&new).map_err(refused)?;
                    delayed(to, &stream.params);
                    match cover {
                        Some(cover) => {
                            covers.push((to, cover));
                            Route::Discard
                        }
                        None => Route::Copy(to),
                    }
                }
            },
            Action::Reencode if stream.kind == StreamKind::Subtitle => {
                let name = encoder_of(plan, index, "subrip");
                let transcoder = SubtitleTranscoder::open(&stream.params, stream.time_base, name);
                let transcoder = transcoder
                    .map_err(|e| no_encoder(name, e, "leave them out with --drop subtitles"))?;
                let params = transcoder.params().map_err(refused)?;
                let new = NewStream {
                    metadata: &tags,
                    ..new_stream(stream, &params, 0)
                };
                Route::TranscodeSubtitles(muxer.add(&new).map_err(refused)?, Box::new(transcoder))
            }
            Action::Reencode => {
                let name = encoder_of(plan, index, "aac");
                let transcoder = AudioTranscoder::open(stream, name, format.wants_global_header());
                let transcoder = transcoder.map_err(|e| {
                    no_encoder(name, e, "use --audio copy with .mkv, or --audio none")
                })?;
                let params = transcoder.params().map_err(refused)?;
                let new = NewStream {
                    metadata: &tags,
                    time_base: transcoder.time_base(),
                    ..new_stream(stream, &params, 0)
                };
                let to = muxer.add(&new).map_err(refused)?;
                delayed(to, &params);
                Route::TranscodeAudio(to, Box::new(transcoder))
            }
        });
    }
    let mut metadata: Vec<_> = header
        .metadata
        .iter()
        .filter(|(k, _)| !is_about_the_file(k))
        .cloned()
        .collect();
    // MOV has a box for the location. MP4's box rounds it.
    let known = metadata.iter().all(|(key, _)| {
        let place = key.eq_ignore_ascii_case(LOCATION) || is_translated_location(key);
        is_known_to_mp4(key) || place && plan.container == "mov"
    });
    if mp4 && !known {
        // With free tag names, players look for the location under this one.
        let place = metadata
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(LOCATION));
        let has_apple_location = metadata.iter().any(|(key, _)| key == APPLE_LOCATION);
        let place = place
            .filter(|_| !has_apple_location)
            .map(|(_, place)| place.clone());
        metadata.extend(place.map(|place| (APPLE_LOCATION.to_owned(), place)));
    }
    if let Some(recipe) = &plan.recipe {
        let own_names = mp4 && !known;
        metadata.extend(recipe_tag::tags(&plan.container, own_names, recipe));
    }
    muxer.set_metadata(&metadata);
    if !plan.drop.contains(&Dropped::Chapters) {
        let chapters = chapters(header, plan.part.as_ref());
        muxer.set_chapters(&chapters).map_err(refused)?;
    }
    let mut options = Vec::new();
    if mp4 {
        let flags = if known {
            "+faststart"
        } else {
            "+faststart+use_metadata_tags"
        };
        options.push(("movflags", flags.to_owned()));
        let views = &header.streams[header.video].side_data;
        if views.iter().any(|(kind, _)| VIEWS.contains(kind)) {
            // FFmpeg treats these boxes as unofficial.
            options.push(("strict", "unofficial".to_owned()));
        }
        // Edit lists give the start of a stream in this time base; that of the video is exact.
        let Rational { num, den } = plan.video.time_base;
        if num == 1 && (1000..=1_000_000).contains(&den) {
            options.push(("movie_timescale", den.to_string()));
        }
    }
    muxer.start(&options).map_err(refused)?;
    let mut stream_muxer = StreamMuxer::new(muxer, plan.part.clone(), delays);
    for (to, cover) in covers {
        let cover = cover.share().map_err(refused)?;
        stream_muxer.write(cover, to).map_err(refused)?;
    }
    stream_muxer.moved = 0;
    Ok(PacketWriter::Container {
        muxer: stream_muxer,
        video,
        routes,
    })
}

/// The encoder of a re-encoded stream; `usual` if the plan names none.
fn encoder_of<'a>(plan: &'a OutputPlan, stream: usize, usual: &'a str) -> &'a str {
    let planned = plan.streams.get(stream);
    planned
        .and_then(|stream| stream.encoder.as_deref())
        .unwrap_or(usual)
}

/// FFmpeg's value of a field order, for frames that hold both fields.
fn field_order(order: FieldOrder) -> ffi::AVFieldOrder {
    match order {
        FieldOrder::TopFirst => ffi::AVFieldOrder::AV_FIELD_TB,
        FieldOrder::BottomFirst => ffi::AVFieldOrder::AV_FIELD_BT,
        FieldOrder::Progressive | FieldOrder::Unknown => ffi::AVFieldOrder::AV_FIELD_PROGRESSIVE,
    }
}

/// The chapters; if only a part is rendered, those inside it, clipped.
fn chapters(header: &Header, part: Option<&Part>) -> Vec<Chapter> {
    let Some(part) = part else {
        return header.chapters.clone();
    };
    let within = |(id, unit, start, end, tags): &Chapter| {
        let (start, end) = part.clip(*start, *end, *unit)?;
        Some((*id, *unit, start, end, tags.clone()))
    };
    header.chapters.iter().filter_map(within).collect()
}

/// A cover picture as an attachment. Players recognise it by its file name.
fn attached(
    stream: &HeaderStream,
    cover: &Packet,
) -> std::result::Result<(CodecParams, Vec<(String, String)>), AvError> {
    let params = CodecParams::attachment(stream.params.codec(), cover.data())?;
    let (name, mime) = if stream.params.codec() == ffi::AVCodecID::AV_CODEC_ID_PNG {
        ("cover.png", "image/png")
    } else {
        ("cover.jpg", "image/jpeg")
    };
    let tags = [("filename", name), ("mimetype", mime)];
    Ok((
        params,
        tags.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec(),
    ))
}

fn new_stream<'a>(stream: &'a HeaderStream, params: &'a CodecParams, tag: u32) -> NewStream<'a> {
    NewStream {
        params,
        time_base: stream.time_base,
        frame_rate: stream.frame_rate,
        sample_aspect: stream.sample_aspect,
        disposition: stream.disposition,
        metadata: &stream.metadata,
        side_data: if stream.kind == StreamKind::Video {
            &stream.side_data
        } else {
            &[]
        },
        tag,
    }
}

/// The codec tag of a copied stream. HEVC needs `hvc1` in MP4 and MOV for Apple's players, and telemetry is known by
/// its tag alone. Otherwise FFmpeg chooses (0).
fn copied_tag(container: &str, stream: &HeaderStream) -> u32 {
    let tag = stream.params.tag();
    if stream.kind == StreamKind::Data && tag.to_le_bytes() == *TELEMETRY.as_bytes() {
        return tag;
    }
    let hevc = stream.params.codec() == ffi::AVCodecID::AV_CODEC_ID_HEVC;
    if hevc && ["mp4", "mov"].contains(&container) {
        u32::from_le_bytes(*b"hvc1")
    } else {
        0
    }
}

/// Tags for which MP4 has names of its own; others are kept in another way that fewer players read.
fn is_known_to_mp4(key: &str) -> bool {
    [
        "title",
        "artist",
        "album_artist",
        "composer",
        "album",
        "date",
        "comment",
        "genre",
        "copyright",
        "grouping",
        "lyrics",
        "description",
        "synopsis",
        "show",
        "episode_id",
        "network",
        "keywords",
        "episode_sort",
        "season_number",
        "media_type",
        "hd_video",
        "gapless_playback",
        "compilation",
        "track",
        "disc",
        "tmpo",
        "creation_time",
        "timecode",
    ]
    .iter()
    .any(|known| key.eq_ignore_ascii_case(known))
}

/// A copy of the location in another language.
fn is_translated_location(key: &str) -> bool {
    key.strip_prefix("location-")
        .is_some_and(|language| language.len() == 3)
}

/// The tags of a stream. MP4 stores a title as the name of the track's handler.
fn stream_tags(container: &str, tags: &[(String, String)]) -> Vec<(String, String)> {
    let title = tags
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case("title"));
    let mut tags = tags.to_vec();
    if let (true, Some((_, title))) = (["mp4", "mov"].contains(&container), title) {
        let title = title.clone();
        tags.retain(|(key, _)| key != "handler_name");
        tags.push(("handler_name".into(), title));
    }
    tags
}

/// The tags of the rendered stream, without those that describe the old encoding.
fn rendered_metadata(plan: &OutputPlan, tags: &[(String, String)]) -> Vec<(String, String)> {
    let stale = |key: &str| {
        let key = key.to_ascii_uppercase();
        [
            "BPS",
            "DURATION",
            "NUMBER_OF_",
            "_STATISTICS",
            "ENCODER",
            "VENDOR_ID",
            "ALPHA_MODE",
        ]
        .iter()
        .any(|k| key.starts_with(k))
    };
    let turned = plan.keeps_rotation();
    let tags = stream_tags(&plan.container, tags);
    let mut tags: Vec<_> = tags
        .iter()
        .filter(|(key, _)| !stale(key) && (turned || !key.eq_ignore_ascii_case("rotate")))
        .cloned()
        .collect();
    if plan.video.codec.starts_with("vp") && plan.video.format.alpha {
        tags.push(("alpha_mode".into(), "1".into()));
    }
    tags
}
