//! The frames of a clip, by number.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::demo::{SceneFrames, scene_frames};
use super::super::error::{RenderError, Result};
use super::super::file_source::FileSource;
use super::super::pipeline::{FrameSource, StreamItem};
use super::super::settings::Settings;
use super::super::still::Moment;
use super::super::track_files;
use crate::frame::{Color, Picture, PixelFormat, Rational, Span};
use crate::media::{self, MediaError, Reading, TimeRange, VideoInfo};

/// Bytes of decoded pictures that are kept.
const KEPT: usize = 1 << 29;
/// A frame so far ahead of the last one that was decoded is reached by decoding on; one further away by a seek.
const READ_ON: u64 = 48;

/// What a clip is.
#[derive(Clone, Debug)]
pub struct ClipFacts {
    /// Its file name.
    pub name: String,
    /// Width and height of its frames in pixels.
    pub extent: (u32, u32),
    /// How many frames it has, at least one.
    pub frames: u64,
    /// Seconds per tick of its times, and its nominal frames per second; 0 where there is none.
    pub time_base: Rational,
    pub rate: Rational,
    pub format: PixelFormat,
    pub color: Color,
    /// Time of its first frame, in ticks.
    pub start: i64,
    /// How what is shown differs from what a player shows.
    pub notes: Vec<String>,
}

/// A clip whose frames are asked for by number, in any order.
pub struct Clip {
    facts: ClipFacts,
    frames: Frames,
    kept: Kept,
}

enum Frames {
    File(Box<FileFrames>),
    Scene(Box<SceneFrames>),
}

/// The pictures that were asked for last.
#[derive(Default)]
struct Kept {
    /// By the number of the frame; with when it was last asked for.
    pictures: BTreeMap<u64, (Picture, Span, u64)>,
    asked: u64,
}

impl Kept {
    fn get(&mut self, number: u64) -> Option<(Picture, Span)> {
        self.asked += 1;
        let (picture, span, asked) = self.pictures.get_mut(&number)?;
        *asked = self.asked;
        Some((picture.clone(), *span))
    }

    /// Keeps a picture, and gives up those that were asked for longest ago where there are too many.
    fn keep(&mut self, number: u64, picture: Picture, span: Span) {
        self.asked += 1;
        let bytes = bytes_of(&picture).max(1);
        self.pictures.insert(number, (picture, span, self.asked));
        while self.pictures.len() > 2 && self.pictures.len() * bytes > KEPT {
            let oldest = self.pictures.iter().min_by_key(|(_, (.., asked))| *asked);
            let Some(oldest) = oldest.map(|(number, _)| *number) else {
                break;
            };
            self.pictures.remove(&oldest);
        }
    }
}

fn bytes_of(picture: &Picture) -> usize {
    let planes = 0..picture.format.plane_count();
    let bytes = planes.map(|plane| {
        let extent = picture
            .format
            .plane_extent(plane, picture.width, picture.height);
        extent.row_bytes * extent.rows
    });
    bytes.sum()
}

impl Clip {
    /// Opens the file at `path`, and reads the times of its frames.
    ///
    /// # Errors
    /// Those of reading it; `Usage` for an input that can be read only once.
    pub fn open(path: &Path, settings: &Settings) -> Result<Self> {
        media::needs_reading_again(path, "frames of it are decoded whenever they are asked for")?;
        let reading = settings.reading();
        let info = media::probe_at(path, reading)?;
        let pictures = info.pictures();
        let format = pictures
            .format
            .ok_or_else(|| MediaError::UnsupportedPictures {
                path: path.into(),
                why: format!("its pixel format {} is not supported", pictures.pix_fmt),
            })?;
        let times = times_of(&info, settings)?;
        let name = path.file_name().unwrap_or(path.as_os_str());
        Ok(Self {
            facts: ClipFacts {
                name: name.to_string_lossy().into_owned(),
                extent: (pictures.width, pictures.height),
                frames: times.len() as u64,
                time_base: info.video().time_base,
                rate: track_files::rate(&info),
                format,
                color: pictures.color,
                start: info.video().start.unwrap_or(times[0]),
                notes: notes(pictures),
            },
            frames: Frames::File(Box::new(FileFrames {
                path: path.into(),
                reading,
                strict: settings.strict,
                times,
                decoding: None,
            })),
            kept: Kept::default(),
        })
    }

    /// The scene that the program generates.
    ///
    /// # Errors
    /// Those of preparing the device.
    pub fn scene(settings: &Settings) -> Result<Self> {
        let scene = scene_frames(settings)?;
        let what = scene.what();
        Ok(Self {
            facts: ClipFacts {
                name: "the generated scene".to_owned(),
                extent: (what.width, what.height),
                frames: what.frames,
                time_base: Rational::new(what.frame_rate.den, what.frame_rate.num),
                rate: what.frame_rate,
                format: what.format,
                color: what.color,
                start: 0,
                notes: Vec::new(),
            },
            frames: Frames::Scene(Box::new(scene)),
            kept: Kept::default(),
        })
    }

    /// The number of the frame at `moment`.
    ///
    /// # Errors
    /// `Usage` where there is no such frame.
    pub fn number_at(&self, moment: Moment) -> Result<u64> {
        let ClipFacts {
            name,
            frames,
            time_base,
            start,
            ..
        } = &self.facts;
        let found = match moment {
            Moment::Frame(number) => number,
            Moment::Time(time) => {
                let range = TimeRange {
                    start: time.seconds(),
                    end: None,
                };
                let at = range.ticks(*time_base, time_base.seconds(*start)).start;
                match &self.frames {
                    Frames::File(file) => file.times.partition_point(|time| *time < at) as u64,
                    Frames::Scene(_) => u64::try_from(at).unwrap_or(0),
                }
            }
        };
        if found < *frames {
            return Ok(found);
        }
        Err(RenderError::usage(
            format!("{name} has no such frame: it has {frames} frames"),
            format!("choose a frame from 0 to {}", frames - 1),
        ))
    }

    pub fn facts(&self) -> &ClipFacts {
        &self.facts
    }

    /// The frame with this number, or the last one, and when it is shown, in ticks.
    ///
    /// # Errors
    /// Those of reading the file and of the device.
    pub fn frame(&mut self, number: u64) -> Result<(Picture, Span)> {
        let number = number.min(self.facts.frames - 1);
        if let Some(kept) = self.kept.get(number) {
            return Ok(kept);
        }
        match &mut self.frames {
            Frames::File(file) => file.decode(number, &mut self.kept),
            Frames::Scene(scene) => {
                let span = Span {
                    pts: i64::try_from(number).unwrap_or(i64::MAX),
                    duration: 1,
                };
                let picture = scene.render(span)?;
                self.kept.keep(number, picture.clone(), span);
                Ok((picture, span))
            }
        }
    }
}

/// How frames that are shown as they are stored differ from what a player shows.
fn notes(pictures: &VideoInfo) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(turn) = pictures.rotation_text() {
        notes.push(format!(
            "frames are shown as they are stored; players turn them by {turn}"
        ));
    }
    let aspect = pictures.sample_aspect;
    if aspect.num > 0 && aspect.num != aspect.den {
        notes.push(format!(
            "pixels are shown square; players show them {}:{}",
            aspect.num, aspect.den
        ));
    }
    // H.273, table 3.
    if [16, 18].contains(&pictures.color.transfer) {
        notes.push(
            "the clip is HDR, and is shown without tone mapping: its colours look pale here"
                .to_owned(),
        );
    }
    notes
}

/// The times of the frames of a file, in order; at least one.
fn times_of(info: &media::SourceInfo, settings: &Settings) -> Result<Vec<i64>> {
    if info.is_image {
        return Ok(vec![info.video().start.unwrap_or(0)]);
    }
    if info.sequence.is_some() {
        let length = info.video().duration.unwrap_or(1).max(1);
        return Ok((0..length).collect());
    }
    let index = media::index(info, &|| false)?;
    let mut times: Vec<i64> = index.packets.iter().map(|packet| packet.pts).collect();
    times.dedup();
    if times.is_empty() || index.without_time > 0 {
        times = decoded_times(info, settings)?;
    }
    Ok(times)
}

/// The times of a file whose packets do not all have one: the decoder gives them.
fn decoded_times(info: &media::SourceInfo, settings: &Settings) -> Result<Vec<i64>> {
    tracing::info!("{} is decoded once for its times", info.path.display());
    let mut source = media::Source::open_at(&info.path, settings.reading())?;
    source.pictures_only();
    let mut source = FileSource::new(source, settings.strict);
    let mut times = Vec::new();
    loop {
        match source.next()? {
            StreamItem::Frame(_, span) => times.push(span.pts),
            StreamItem::End if times.is_empty() => {
                return Err(RenderError::Nothing {
                    path: info.path.clone(),
                });
            }
            StreamItem::End => return Ok(times),
            _ => {}
        }
    }
}

/// A file, and how far it is decoded.
struct FileFrames {
    path: PathBuf,
    reading: Reading,
    strict: bool,
    /// Of all its frames, in ticks.
    times: Vec<i64>,
    /// The decoder, and the number of the frame that it gives next.
    decoding: Option<(FileSource, u64)>,
}

impl FileFrames {
    fn decode(&mut self, number: u64, kept: &mut Kept) -> Result<(Picture, Span)> {
        let wanted = self.times[number as usize];
        let (mut source, _) = match self.decoding.take() {
            Some((source, next)) if next <= number && number - next < READ_ON => (source, next),
            _ => (self.from(wanted)?, number),
        };
        let mut last = None;
        loop {
            match source.next()? {
                StreamItem::Frame(Some(picture), span) => {
                    let found = self.times.partition_point(|time| *time < span.pts) as u64;
                    kept.keep(found, picture.clone(), span);
                    if span.pts >= wanted {
                        self.decoding = Some((source, found + 1));
                        return Ok((picture, span));
                    }
                    last = Some((picture, span));
                }
                StreamItem::End => {
                    return last.ok_or_else(|| RenderError::Nothing {
                        path: self.path.clone(),
                    });
                }
                _ => {}
            }
        }
    }

    /// A decoder whose next frame is the one at `pts`, or the first one after it.
    fn from(&self, pts: i64) -> Result<FileSource> {
        let mut source = media::Source::open_at(&self.path, self.reading)?;
        source.pictures_only();
        if pts > self.times[0] {
            source.seek(pts)?;
        }
        Ok(FileSource::new(source, self.strict))
    }
}
