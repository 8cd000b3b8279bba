//! A part of an input, decoded once and kept in memory, that is rendered in several ways.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::device_fallback::DeviceFallback;
use super::error::{RenderError, Result};
use super::event::{Cancel, Event};
use super::job::{Job, JobInput};
use super::naming::OutputLocation;
use super::output_meter::{MetricsReport, OutputMetrics};
use super::parallel::memory_in_all;
use super::pipeline::{self, FrameSink, FrameSource, OutputLane, Run, StreamItem};
use super::report::Report;
use super::request::Time;
use super::settings::{Asked, Settings};
use super::still::{FramesAround, first_time};
use super::watchdog::WatchedSession;
use super::work_folder::temporary_folder;
use crate::frame::{Frame, Picture, Rational};
use crate::graph::Session;
use crate::graph::style::Library;
use crate::media::{
    Attached, AudioChoice, Counts, Dropped, Header, Packet, Source, SourceInfo, TimeRange,
    needs_reading_again,
};

/// Frames before the part that the graph is given, for what its frames depend on.
const WARM_UP: i64 = 16;
/// Of an input that does not say its own, in frames per second.
const USUAL_RATE: f64 = 25.0;
/// The share of the free memory that the frames may take.
const SHARE: u64 = 3;

/// A part of an input, decoded once and kept in memory.
pub struct Excerpt {
    input: PathBuf,
    info: SourceInfo,
    header: Arc<Header>,
    items: Vec<StreamItem>,
    part: TimeRange,
    /// Time of its first frame, in ticks of the stream.
    pts: i64,
    frames: u64,
}

impl Excerpt {
    /// Decodes `duration` of `input` from `start` on, and a few frames before it. `settings` say how the input is read.
    ///
    /// # Errors
    /// `Usage` where the input has no frame there, or where its frames would take more than a third of the free memory; those
    /// of reading it.
    pub fn decode(
        input: &Path,
        settings: &Settings,
        start: Time,
        duration: Time,
        cancel: &Cancel,
    ) -> Result<Self> {
        needs_reading_again(input, "a part of it is decoded")?;
        let settings = settings.of_input(input);
        let mut source = Source::open_at(input, settings.reading())?;
        let picture = source.info().is_image && source.info().sequence.is_none();
        let (from, length) = (start.seconds(), duration.seconds());
        let part = TimeRange {
            start: from,
            end: (!picture).then(|| sum(from, length)),
        };
        source.select(&part)?;
        source.test_fields()?;
        let mut info = source.info().clone();
        let header = source.header();
        let selected = info.part.as_ref().map_or(i64::MIN, |part| part.range.start);
        let first = first_time(input, &settings)?;
        let pts = match selected {
            i64::MIN => first.unwrap_or(i64::MIN),
            pts => pts,
        };
        let video = info.video_stream;
        if info.streams[video].start.is_none() {
            info.streams[video].start = first;
        }
        let rate = info.pictures().frame_rate.to_f64();
        let rate = if rate > 0.0 { rate } else { USUAL_RATE };
        fits(
            &info,
            (length.to_f64() * rate).ceil() as u64 + WARM_UP as u64,
            duration,
        )?;
        let before = (WARM_UP as f64 / rate / source.time_base().to_f64()).ceil() as i64;
        let before = pts.saturating_sub(before).max(first.unwrap_or(i64::MIN));
        let mut around = FramesAround::near_part(input, &settings, (before, pts), source)?;
        let mut items = Vec::new();
        let mut frames = 0;
        loop {
            if cancel.requested() {
                return Err(RenderError::Cancelled);
            }
            match around.next()? {
                StreamItem::End => break,
                StreamItem::Frame(frame, span) => {
                    frames += u64::from(span.pts >= pts);
                    items.push(StreamItem::Frame(frame, span));
                }
                StreamItem::SceneBreak => items.push(StreamItem::SceneBreak),
                StreamItem::Attached(..) | StreamItem::Packet(_) | StreamItem::ChunkEnd(_) => {}
            }
        }
        if frames == 0 {
            return Err(RenderError::usage(
                format!("{} has no frame at or after {start} s", input.display()),
                "choose an earlier --start",
            ));
        }
        info.streams[video].frames = Some(frames);
        Ok(Self {
            input: input.to_owned(),
            info,
            header,
            items,
            part,
            pts,
            frames,
        })
    }

    /// Frames of the part.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// The frames of the part, and when they are shown, in seconds.
    pub fn pictures(&self) -> impl Iterator<Item = (f64, &Picture)> {
        let unit = self.info.video().time_base;
        self.items.iter().filter_map(move |item| match item {
            StreamItem::Frame(Some(picture), span) if span.pts >= self.pts => {
                Some((unit.seconds(span.pts), picture))
            }
            _ => None,
        })
    }

    /// What is known of the input.
    pub fn info(&self) -> &SourceInfo {
        &self.info
    }

    /// The settings, for this part alone: without other streams, in one piece.
    fn settings(&self, settings: &Settings) -> Settings {
        let mut settings = settings.of_input(&self.input);
        settings.job.chunk = None;
        settings.job.verify = false;
        settings.job.report = None;
        settings.part = Some(self.part);
        settings.asked = Asked::default();
        for options in [
            Some(&mut settings.output),
            settings.output_elsewhere.as_mut(),
        ]
        .into_iter()
        .flatten()
        {
            options.audio = AudioChoice::None;
            options.drop = Dropped::ALL
                .into_iter()
                .filter(|what| *what != Dropped::Rotation)
                .collect();
        }
        settings
    }

    /// The job that renders it by `settings`, to `output`.
    fn job(&self, library: &Library, settings: &Settings, output: &Path) -> Result<Job> {
        let target = OutputLocation {
            out: Some(output.to_owned()),
            ..OutputLocation::default()
        };
        let input = JobInput {
            source: Some(Box::new(Replay {
                items: self.items.iter().cloned().collect(),
            })),
            header: Arc::clone(&self.header),
            info: self.info.clone(),
            generated: false,
        };
        let mut job = Job::of(library, &self.settings(settings), input, &target)?;
        job.wanted = Some(self.pts..i64::MAX);
        Ok(job)
    }

    /// Renders it by `settings` to the file `output`, without its sound and other streams.
    ///
    /// # Errors
    /// Those of [`Job::prepare`] and [`Job::run`].
    pub fn render(
        &self,
        library: &Library,
        settings: &Settings,
        output: &Path,
        tell: &mut dyn FnMut(Event),
        cancel: &Cancel,
    ) -> Result<Report> {
        self.job(library, settings, output)?.run(tell, cancel)
    }

    /// Renders it by `settings` and measures the pictures; nothing is encoded. `None` where no frame was measured.
    ///
    /// # Errors
    /// Those of [`Job::prepare`] and of rendering.
    pub fn measure(
        &self,
        library: &Library,
        settings: &Settings,
        metrics: &OutputMetrics,
        cancel: &Cancel,
    ) -> Result<Option<MetricsReport>> {
        let mut settings = settings.clone();
        settings.output.codec = Some(LOSSLESS.to_owned());
        settings.output.crf = None;
        settings.output.bitrate = None;
        settings.output.encoder_preset = None;
        settings.output.encoder_opts = Vec::new();
        settings.output_elsewhere = None;
        settings.job.metrics = Some(metrics.clone());
        let folder = temporary_folder()?;
        let mut job = self.job(library, &settings, &folder.path().join("measured.mkv"))?;
        if let Some(analysis) = job.analyse(&mut |_| {}, cancel)? {
            job.apply(&analysis)?;
        }
        let fallback = DeviceFallback::of(job.plan.as_ref());
        let executor = job.executor(fallback.as_ref())?;
        let Some(executor) = executor else {
            return Err(RenderError::usage(
                "frames that bypass the graph are not measured".to_owned(),
                "name the style identity",
            ));
        };
        let video = job.input.info.video();
        let (time_base, start) = (video.time_base, video.start);
        let session = Session::new(executor, start, job.settings.seed);
        let session = WatchedSession::new(session, time_base, false)
            .measured(Some(metrics), job.input.info.pictures().frame_rate);
        let Some(source) = job.input.source.take() else {
            return Err(RenderError::Stopped);
        };
        let lanes = job.outputs.iter().map(|output| OutputLane {
            sink: Box::new(Discard),
            format: output.plan.frame_format(),
            port: output.port,
            retimings: output.retimings.clone(),
        });
        let run = Run {
            source,
            session: Some(session),
            lanes: lanes.collect(),
            time_base,
            start,
            cancel,
            on_chunk_end: Box::new(|_| Ok(())),
            wanted: self.pts..i64::MAX,
            gpu: None,
            newest: None,
        };
        let outcome = pipeline::run(run, |_| {})?;
        let port = job
            .outputs
            .first()
            .and_then(|output| output.port)
            .unwrap_or_default();
        Ok(outcome.handed_out.numbers.report(port, time_base))
    }
}

/// The encoder whose pixel formats are those of nearly every source.
const LOSSLESS: &str = "ffv1";

fn sum(a: Rational, b: Rational) -> Rational {
    const NANO: Rational = Rational::new(1, 1_000_000_000);
    let ticks = |time: Rational| Rational::new(1, time.den).rescale(time.num, NANO);
    Rational::new(ticks(a).saturating_add(ticks(b)), NANO.den)
}

/// Refuses more frames than a third of the free memory holds.
fn fits(info: &SourceInfo, frames: u64, duration: Time) -> Result<()> {
    let pictures = info.pictures();
    let samples = u64::from(pictures.width) * u64::from(pictures.height);
    // Three samples a pixel at most, and two bytes for those of more than 8 bits.
    let bytes = pictures
        .format
        .map_or(3, |format| if format.depth > 8 { 6 } else { 3 });
    let needed = frames.saturating_mul(samples * bytes);
    match memory_in_all() {
        Some(free) if needed > free / SHARE => Err(RenderError::usage(
            format!(
                "{duration} s of {} take up to {:.1} GB of memory, and {:.1} GB are free",
                info.path.display(),
                needed as f64 / 1e9,
                free as f64 / 1e9
            ),
            "take less of it with --duration",
        )),
        _ => Ok(()),
    }
}

/// Items that are there already.
struct Replay {
    items: VecDeque<StreamItem>,
}

impl FrameSource for Replay {
    fn next(&mut self) -> Result<StreamItem> {
        Ok(self.items.pop_front().unwrap_or(StreamItem::End))
    }

    fn spent(&self) -> Duration {
        Duration::ZERO
    }
}

/// Frames that were measured and are not kept.
struct Discard;

impl FrameSink for Discard {
    fn packet(&mut self, _: &Arc<Packet>) -> Result<()> {
        Ok(())
    }

    fn attached(&mut self, _: i64, _: &Arc<Attached>, _: &mut dyn FnMut(String)) -> Result<()> {
        Ok(())
    }

    fn frame(&mut self, _: Frame, _: &mut dyn FnMut(String)) -> Result<()> {
        Ok(())
    }

    fn chunk_end(&mut self, _: usize, _: Option<i64>, _: &mut dyn FnMut(String)) -> Result<()> {
        Ok(())
    }

    fn end(self: Box<Self>, _: &mut dyn FnMut(String)) -> Result<Counts> {
        Ok(Counts::default())
    }
}
