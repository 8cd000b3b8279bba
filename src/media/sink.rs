//! A file being written: pictures encoded, other streams passed on, in the source's own times.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::audio::Recoder;
use super::av::{
    AvError, AvFrame, CodecParams, Encoder, Muxer, NewStream, Output, Packet, PixFmt, Received, ffi,
};
use super::clock::Clock;
use super::encoder;
use super::error::{MediaError, Result};
use super::header::{Header, HeaderStream};
use super::info::StreamKind;
use super::log;
use super::plan::{Action, OutputPlan};
use super::still;
use crate::frame::{Frame, Picture, PixelFormat, Span};

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Pictures handed in.
    pub frames: u64,
    /// Packets the video encoder gave.
    pub video_packets: u64,
    /// Packets of other streams.
    pub other_packets: u64,
    /// Time stamps that had to be moved because the container's unit is too coarse or the source's do not increase.
    pub moved_times: u64,
}

/// Where the packets of a source stream go.
pub(super) enum Route {
    Nowhere,
    /// To that stream of the output.
    Copy(usize),
    Recode(usize, Box<Recoder>),
}

pub(super) enum Target {
    Container {
        output: Output,
        video: usize,
        routes: Vec<Route>,
        /// Last decoding time written to each stream of the output.
        last: Vec<Option<i64>>,
    },
    Still {
        bytes: Vec<u8>,
        header: std::sync::Arc<Header>,
    },
}

/// A file being written. It is finished by [`Sink::finish`] only; dropped before, it is left incomplete.
pub struct Sink {
    path: PathBuf,
    encoder: Encoder,
    pix_fmt: PixFmt,
    format: PixelFormat,
    size: (u32, u32),
    clock: Clock,
    /// Lengths of the frames the encoder still holds, by their times.
    durations: BTreeMap<i64, i64>,
    target: Target,
    counts: Counts,
}

impl Sink {
    /// Creates the file at `path` (whatever its name: the plan says what it is) and opens the encoder for pictures like
    /// `first`: its size, and its colour, which is written into the stream. Frames come in the time base of the
    /// source's video stream.
    ///
    /// # Errors
    /// `CannotCreate` for the file, `Encoder` when the encoder does not open, `Container` when the muxer refuses the
    /// streams, `Usage` when it refuses its options.
    pub fn create(
        path: &Path,
        plan: &OutputPlan,
        header: &std::sync::Arc<Header>,
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
        let target = if plan.container == "image" {
            File::create(path).map_err(|e| cannot_create(path, super::source::plain(&e)))?;
            Target::Still {
                bytes: Vec::new(),
                header: header.clone(),
            }
        } else {
            let params = encoder.params().map_err(|e| encode_error(path, e, mark))?;
            container(path, plan, header, &params, mark)?
        };
        Ok(Self {
            path: path.into(),
            clock: Clock::new(
                header.streams[header.video].time_base,
                encoder.time_base(),
            ),
            encoder,
            pix_fmt: PixFmt::by_name(&plan.video.pix_fmt)
                .ok_or_else(|| MediaError::usage("unknown pixel format", ""))?,
            format: first.format,
            size: (first.width, first.height),
            durations: BTreeMap::new(),
            target,
            counts: Counts::default(),
        })
    }

    /// Encodes a frame; its times are in ticks of the source's video stream and must increase.
    ///
    /// # Errors
    /// `Write` when the disk is full or fails, `Encode` when the encoder fails or the picture is not like the first.
    pub fn frame(&mut self, frame: &Frame) -> Result<()> {
        let mark = log::mark();
        let picture = &frame.picture;
        if picture.format != self.format || (picture.width, picture.height) != self.size {
            let why = format!(
                "frame {} is {picture:?}, but the file was begun with {}x{} {}",
                self.counts.frames, self.size.0, self.size.1, self.format
            );
            return Err(MediaError::Encode {
                path: self.path.clone(),
                why,
            });
        }
        let Span { pts, duration } = self.clock.frame(frame.span);
        self.counts.moved_times += std::mem::take(&mut self.clock.moved);
        if duration > 0 {
            self.durations.insert(pts, duration);
        }
        let failed = |e: AvError| encode_error(&self.path, e, mark);
        let mut raw = copied(picture, self.pix_fmt).map_err(failed)?;
        // SAFETY: the frame is ours. No picture type: x264 would take over the source's.
        unsafe {
            (*raw.0).pts = pts;
            (*raw.0).pkt_duration = duration.max(0);
            (*raw.0).pict_type = ffi::AVPictureType::AV_PICTURE_TYPE_NONE;
        }
        if let Target::Still { header, .. } = &self.target
            && let Some(icc) = &header.icc
        {
            raw.add_side_data(ffi::AVFrameSideDataType::AV_FRAME_DATA_ICC_PROFILE, icc)
                .map_err(failed)?;
        }
        self.encoder.send(Some(&raw)).map_err(failed)?;
        self.counts.frames += 1;
        self.drain(mark)
    }

    /// Passes on a packet of another stream, or re-encodes its sound; packets of dropped streams are ignored.
    ///
    /// # Errors
    /// `Write` when the disk is full or fails, `Encode` when sound cannot be encoded.
    pub fn packet(&mut self, packet: &Packet) -> Result<()> {
        self.target.packet(packet, &self.path, &mut self.counts)
    }

    /// Drains the encoders, completes the file and waits until it is on the disk.
    ///
    /// # Errors
    /// `Write` when the disk is full or fails, `Encode` when the encoder fails or got no frame.
    pub fn finish(mut self) -> Result<Counts> {
        let mark = log::mark();
        if self.counts.frames == 0 {
            let why = "not one picture was rendered".into();
            return Err(MediaError::Encode {
                path: self.path.clone(),
                why,
            });
        }
        self.encoder
            .send(None)
            .map_err(|e| encode_error(&self.path, e, mark))?;
        self.drain(mark)?;
        self.target.finish(&self.path, &mut self.counts)?;
        Ok(self.counts)
    }

    /// Writes what the encoder has ready.
    fn drain(&mut self, mark: log::Mark) -> Result<()> {
        loop {
            let received = self.encoder.receive();
            let mut packet = match received.map_err(|e| encode_error(&self.path, e, mark))? {
                Received::One(packet) => packet,
                Received::Hungry | Received::End => return Ok(()),
            };
            self.counts.video_packets += 1;
            // Encoders with a delay forget how long a frame is shown.
            let duration = packet.pts().and_then(|pts| self.durations.remove(&pts));
            if let Some(duration) = duration {
                packet.set_duration(duration);
            }
            self.target
                .rendered(packet, &self.path, &mut self.counts)?;
        }
    }
}

impl Target {
    /// Whether packets of other streams go into it.
    pub(super) fn takes_packets(&self) -> bool {
        match self {
            Self::Container { routes, .. } => {
                routes.iter().any(|route| !matches!(route, Route::Nowhere))
            }
            Self::Still { .. } => false,
        }
    }

    /// Writes a packet of the rendered pictures.
    pub(super) fn rendered(
        &mut self,
        mut packet: Packet,
        path: &Path,
        counts: &mut Counts,
    ) -> Result<()> {
        let mark = log::mark();
        match self {
            Self::Still { bytes, .. } => bytes.extend_from_slice(packet.data()),
            Self::Container {
                output,
                video,
                last,
                ..
            } => write(output, last, &mut packet, *video, &mut counts.moved_times)
                .map_err(|e| write_error(path, e, mark))?,
        }
        Ok(())
    }

    /// Passes on a packet of another stream, or re-encodes its sound; packets of dropped streams are ignored.
    pub(super) fn packet(
        &mut self,
        packet: &Packet,
        path: &Path,
        counts: &mut Counts,
    ) -> Result<()> {
        let mark = log::mark();
        let Self::Container {
            output,
            routes,
            last,
            ..
        } = self
        else {
            return Ok(());
        };
        let mut write = |mut packet: Packet, to: usize| {
            counts.other_packets += 1;
            write(output, last, &mut packet, to, &mut counts.moved_times)
                .map_err(|e| write_error(path, e, mark))
        };
        match routes.get_mut(packet.stream()) {
            Some(Route::Copy(to)) => {
                let share = packet.share().map_err(|e| write_error(path, e, mark))?;
                write(share, *to)
            }
            Some(Route::Recode(to, recoder)) => {
                let packets = recoder.push(Some(packet));
                for packet in packets.map_err(|e| encode_error(path, e, mark))? {
                    write(packet, *to)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Completes the file and waits until it is on the disk.
    pub(super) fn finish(self, path: &Path, counts: &mut Counts) -> Result<()> {
        let mark = log::mark();
        match self {
            Self::Container {
                mut output,
                mut routes,
                mut last,
                ..
            } => {
                for route in &mut routes {
                    if let Route::Recode(to, recoder) = route {
                        let rest = recoder
                            .push(None)
                            .map_err(|e| encode_error(path, e, mark))?;
                        for mut packet in rest {
                            counts.other_packets += 1;
                            write(
                                &mut output,
                                &mut last,
                                &mut packet,
                                *to,
                                &mut counts.moved_times,
                            )
                            .map_err(|e| write_error(path, e, mark))?;
                        }
                    }
                }
                output.finish().map_err(|e| write_error(path, e, mark))?;
            }
            Self::Still { bytes, header } => {
                let bytes = still::tagged(bytes, header.orientation, header.icc.as_deref());
                std::fs::write(path, bytes).map_err(|e| MediaError::write(path, e))?;
            }
        }
        // The data may still be in the system's memory, and a full network disk says so only now.
        File::open(path)
            .and_then(|file| file.sync_all())
            .or_else(|e| match e.raw_os_error() {
                // Devices and pipes cannot be synced.
                Some(libc::EINVAL | libc::EACCES) => Ok(()),
                _ => Err(e),
            })
            .map_err(|e| MediaError::write(path, e))
    }
}

/// The muxer with all its streams, its header written.
pub(super) fn container(
    path: &Path,
    plan: &OutputPlan,
    header: &Header,
    rendered: &CodecParams,
    mark: log::Mark,
) -> Result<Target> {
    let missing = || MediaError::Container {
        path: path.into(),
        what: "anything".into(),
        why: format!("this build of FFmpeg cannot write {}", plan.container),
        advice: "choose another ending".into(),
    };
    let muxer = Muxer::by_name(&plan.container).ok_or_else(missing)?;
    let mut output = Output::create(path, muxer).map_err(|e| cannot_create(path, e.to_string()))?;
    let refused = |e: AvError| {
        if e.is_io() {
            return write_error(path, e, mark);
        }
        MediaError::Container {
            path: path.into(),
            what: format!("these streams as {}", plan.container),
            why: log::since(mark).unwrap_or_else(|| e.to_string()),
            advice: "choose the ending .mkv, which holds nearly everything".into(),
        }
    };
    let mp4 = ["mp4", "mov"].contains(&plan.container.as_str());
    let mut routes = Vec::new();
    let mut video = 0;
    let mut covers = Vec::new();
    for (index, stream) in header.streams.iter().enumerate() {
        let action = plan.streams.get(index).map_or(Action::Drop, |s| s.action);
        let tag = copied_tag(&plan.container, stream);
        routes.push(match action {
            Action::Drop => Route::Nowhere,
            Action::Render => {
                // SAFETY: the parameters are ours. The field order of a progressive encoder is not the source's.
                unsafe {
                    (*rendered.0).sample_aspect_ratio =
                        super::av::av_rational(plan.video.sample_aspect)
                };
                let tag = if mp4 && plan.video.codec == "hevc" {
                    u32::from_le_bytes(*b"hvc1")
                } else {
                    0
                };
                let metadata = rendered_metadata(plan, &stream.metadata);
                let new = NewStream {
                    time_base: plan.video.time_base,
                    frame_rate: plan.video.frame_rate,
                    sample_aspect: plan.video.sample_aspect,
                    metadata: &metadata,
                    side_data: &stream.side_data,
                    ..new_stream(stream, rendered, tag)
                };
                video = output.add(&new).map_err(refused)?;
                Route::Nowhere
            }
            Action::Copy => match &stream.cover {
                // Matroska keeps cover pictures as attachments.
                Some(cover) if plan.container == "matroska" => {
                    let (params, metadata) = attached(stream, cover).map_err(refused)?;
                    let new = NewStream {
                        metadata: &metadata,
                        disposition: 0,
                        ..new_stream(stream, &params, 0)
                    };
                    output.add(&new).map_err(refused)?;
                    Route::Nowhere
                }
                cover => {
                    let new = new_stream(stream, &stream.params, tag);
                    let to = output.add(&new).map_err(refused)?;
                    match cover {
                        Some(cover) => {
                            covers.push((to, cover));
                            Route::Nowhere
                        }
                        None => Route::Copy(to),
                    }
                }
            },
            Action::Reencode => {
                let name = plan.audio_encoder.as_deref().unwrap_or("aac");
                let recoder =
                    Recoder::open(stream, name, muxer.wants_global_header()).map_err(|e| {
                        MediaError::Encoder {
                            path: path.into(),
                            encoder: name.into(),
                            why: log::since(mark).unwrap_or_else(|| e.to_string()),
                            advice: "use --audio copy with .mkv, or --audio none".into(),
                        }
                    })?;
                let params = recoder.params().map_err(refused)?;
                let new = NewStream {
                    time_base: recoder.time_base(),
                    ..new_stream(stream, &params, 0)
                };
                Route::Recode(output.add(&new).map_err(refused)?, Box::new(recoder))
            }
        });
    }
    let metadata: Vec<_> = header
        .metadata
        .iter()
        .filter(|(k, _)| !is_about_the_file(k))
        .cloned()
        .collect();
    output.set_metadata(&metadata);
    output.set_chapters(&header.chapters).map_err(refused)?;
    let options: &[(&str, &str)] = if mp4 {
        &[("movflags", "+faststart")]
    } else {
        &[]
    };
    output.start(options).map_err(refused)?;
    let mut last = vec![None; routes.len()];
    for (to, cover) in covers {
        let mut cover = cover.share().map_err(refused)?;
        write(&mut output, &mut last, &mut cover, to, &mut 0).map_err(refused)?;
    }
    Ok(Target::Container {
        output,
        video,
        routes,
        last,
    })
}

/// A cover picture as an attachment, with the name by which players know it.
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

/// HEVC is tagged `hvc1` in MP4 and MOV, which Apple's players insist on; elsewhere FFmpeg chooses.
fn copied_tag(container: &str, stream: &HeaderStream) -> u32 {
    let hevc = stream.params.codec() == ffi::AVCodecID::AV_CODEC_ID_HEVC;
    if hevc && ["mp4", "mov"].contains(&container) {
        u32::from_le_bytes(*b"hvc1")
    } else {
        0
    }
}

/// Tags of the file that was, which would be wrong in the file that is.
fn is_about_the_file(key: &str) -> bool {
    [
        "major_brand",
        "minor_version",
        "compatible_brands",
        "encoder",
        "duration",
    ]
    .iter()
    .any(|k| key.eq_ignore_ascii_case(k))
}

/// Tags of the stream that was encoded anew, without what described the old encoding.
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
    let mut tags: Vec<_> = tags
        .iter()
        .filter(|(key, _)| !stale(key))
        .cloned()
        .collect();
    if plan.video.codec.starts_with("vp") && plan.video.format.alpha {
        tags.push(("alpha_mode".into(), "1".into()));
    }
    tags
}

/// Writes a packet whose decoding times increase: where they do not (a coarse unit, a damaged source), it is moved.
fn write(
    output: &mut Output,
    last: &mut Vec<Option<i64>>,
    packet: &mut Packet,
    to: usize,
    moved: &mut u64,
) -> std::result::Result<(), AvError> {
    let unit = output.time_base(to);
    let at = |ticks: Option<i64>| ticks.map(|t| packet.time_base.rescale(t, unit));
    let (mut pts, mut dts) = (at(packet.pts()), at(packet.dts()));
    let duration = packet.time_base.rescale(packet.duration(), unit);
    if last.len() <= to {
        last.resize(to + 1, None);
    }
    dts = dts.or(pts).or(last[to].map(|l| l + duration.max(1)));
    pts = pts.or(dts);
    if let (Some(previous), Some(now)) = (last[to], dts)
        && now <= previous
    {
        dts = Some(previous + 1);
        *moved += 1;
    }
    if let (Some(d), Some(p)) = (dts, pts)
        && p < d
    {
        pts = Some(d);
    }
    last[to] = dts.or(last[to]);
    // SAFETY: the packet is ours.
    unsafe {
        (*packet.raw).pts = pts.unwrap_or(ffi::AV_NOPTS_VALUE);
        (*packet.raw).dts = dts.unwrap_or(ffi::AV_NOPTS_VALUE);
        (*packet.raw).duration = duration;
    }
    packet.time_base = unit;
    output.write(packet, to)
}

/// The picture in a frame of FFmpeg's own, whose rows have the padding that encoders read into.
fn copied(picture: &Picture, pix_fmt: PixFmt) -> std::result::Result<AvFrame, AvError> {
    let mut frame = AvFrame::picture(pix_fmt, picture.width, picture.height)?;
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
    // SAFETY: the frame is ours.
    unsafe {
        let (range, location) = super::av::range_and_location(&picture.color);
        super::av::enum_set!((*frame.0).color_range, range);
        super::av::enum_set!((*frame.0).chroma_location, location);
        super::av::enum_set!((*frame.0).colorspace, i32::from(picture.color.matrix));
        super::av::enum_set!(
            (*frame.0).color_primaries,
            i32::from(picture.color.primaries)
        );
        super::av::enum_set!((*frame.0).color_trc, i32::from(picture.color.transfer));
    }
    Ok(frame)
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
    MediaError::write(path, why.unwrap_or_else(|| error.to_string()))
}

pub(super) fn encode_error(path: &Path, error: AvError, mark: log::Mark) -> MediaError {
    MediaError::Encode {
        path: path.into(),
        why: log::since(mark).unwrap_or_else(|| error.to_string()),
    }
}
