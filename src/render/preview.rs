//! A short part of a render, or one frame of it, to look at before the whole is rendered.

use std::path::Path;

use super::error::{RenderError, Result};
use super::event::Cancel;
use super::job::{Job, JobInput};
use super::naming::{OutputLocation, pattern_of_pictures};
use super::output_styles::OutputStyle;
use super::request::Time;
use super::settings::Settings;
use super::still::{FoundFrame, FramesAround, Moment, find};
use super::warm_up::frames_needed_before;
use crate::frame::Rational;
use crate::graph::plan::Plan;
use crate::graph::style::Library;
use crate::media::{Source, TimeRange, extensions, needs_reading_again};

/// Frames before the first one of a preview that the graph is given, where the preview need not be exact and each frame
/// depends on all before it.
const WARM_UP: u32 = 16;
/// Of an input that does not say its own, in frames per second.
const USUAL_RATE: f64 = 25.0;
/// Times of a part are given in these units, of a second.
const NANO: Rational = Rational::new(1, 1_000_000_000);

/// What is previewed.
#[derive(Clone, Copy, Debug)]
pub struct Preview {
    /// Where it begins.
    pub moment: Moment,
    /// Length of a clip.
    pub duration: Time,
    /// Its frames equal those of the whole render: the graph begins with the scene, not a few frames before.
    pub exact: bool,
}

/// Whether an output at `path` is a single picture.
pub fn is_picture(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    pattern_of_pictures(path).is_none()
        && extensions(true).any(|known| known.eq_ignore_ascii_case(&ending))
}

impl Preview {
    /// One frame, as it is in the whole render.
    pub fn still(moment: Moment) -> Self {
        Self {
            moment,
            duration: Time::default(),
            exact: true,
        }
    }

    /// The job of previewing `input`, whose output goes to `path`: a picture where that is the name of one, else a clip.
    ///
    /// # Errors
    /// Those of [`Job::prepare`], and `Usage` where there is no such frame or more than one style.
    pub fn prepare(
        &self,
        library: &Library,
        settings: &Settings,
        input: &Path,
        path: &Path,
        cancel: &Cancel,
    ) -> Result<Job> {
        if settings.styles.len() > 1 {
            let names: Vec<String> = settings.styles.iter().map(OutputStyle::name).collect();
            return Err(RenderError::usage(
                format!("one style is rendered here, not {}", names.join(", ")),
                "name one with --style; a+b is one style after the other",
            ));
        }
        needs_reading_again(input, "what comes before a frame is decoded again for it")?;
        let picture = is_picture(path);
        let found = match (self.moment, self.exact) {
            (Moment::Time(_), false) => None,
            (moment, _) => Some(find(input, settings, moment, cancel)?),
        };
        let mut settings = settings.of_input(input);
        settings.job.chunk = None;
        if picture {
            // A still is of a frame of the source.
            settings.fps = None;
        }
        let mut source = Source::open_at(input, settings.reading())?;
        let start = self.start(&source, found.as_ref());
        let end = start.saturating_add(nanos(self.duration.seconds()));
        let part = TimeRange {
            start: Rational::new(start, NANO.den),
            end: (!picture).then(|| Rational::new(end, NANO.den)),
        };
        source.select(&part)?;
        source.test_fields()?;
        settings.part = Some(part);
        let mut info = source.info().clone();
        let found = match &info.part {
            // The first frame of all: its time is not known yet.
            Some(part) if part.range.start == i64::MIN && found.is_none() => {
                Some(find(input, &settings, Moment::Frame(0), cancel)?)
            }
            _ => found,
        };
        let selected = info.part.as_ref().map_or(i64::MIN, |part| part.range.start);
        let pts = found.as_ref().map_or(selected, |found| found.span.pts);
        let video = info.video_stream;
        if picture {
            info.streams[video].frames = Some(1);
        }
        if let (None, Some(found)) = (info.streams[video].start, &found) {
            info.streams[video].start = Some(found.first);
        }
        let target = OutputLocation {
            out: Some(path.to_owned()),
            ..OutputLocation::default()
        };
        let job_input = JobInput {
            source: None,
            header: source.header(),
            info,
            generated: false,
        };
        let mut job = Job::of(library, &settings, job_input, &target)?;
        let plan = job.plan.as_ref().map(|(plan, _)| plan);
        let around = Around {
            input,
            settings: &settings,
            plan,
            pts,
        };
        let before = self.before(&source, plan, pts);
        let inexact = !self.exact && plan.is_some_and(|plan| frames_needed_before(plan).is_none());
        let exact = found.filter(|_| self.exact);
        let frames = match (picture, exact) {
            (true, exact) => {
                drop(source);
                around.picture(exact.as_ref(), before)?
            }
            (false, exact) => around.clip(exact.as_ref(), before, source)?,
        };
        job.input.source = Some(Box::new(frames));
        job.wanted = Some(if picture {
            pts..pts.saturating_add(1)
        } else {
            pts..i64::MAX
        });
        let first = job.input.info.video().start;
        if inexact && first.is_none_or(|first| before > first) {
            job.warnings.push(format!(
                "only {WARM_UP} frames before the preview are rendered for what its frames depend on: it may differ a \
                 little from the whole render; --exact begins with the scene"
            ));
        }
        Ok(job)
    }

    /// Where the part begins, in nanoseconds after the input's start.
    fn start(&self, source: &Source, found: Option<&FoundFrame>) -> i64 {
        match (found, self.moment) {
            (Some(found), _) if found.number == 0 => 0,
            (Some(found), _) => {
                let start = (source.info().start.unwrap_or(0.0) * 1e9).round() as i64;
                source.time_base().rescale(found.span.pts, NANO) - start
            }
            (None, Moment::Time(time)) => nanos(time.seconds()),
            (None, Moment::Frame(_)) => 0,
        }
    }

    /// The time from which frames go through the graph where the preview need not be exact.
    fn before(&self, source: &Source, plan: Option<&Plan>, pts: i64) -> i64 {
        let frames = plan
            .map_or(Some(0), frames_needed_before)
            .unwrap_or(WARM_UP);
        if frames == 0 {
            return pts;
        }
        let rate = source.info().pictures().frame_rate.to_f64();
        let rate = if rate > 0.0 { rate } else { USUAL_RATE };
        let length = (f64::from(frames) / rate * 1e9).ceil() as i64;
        pts.saturating_sub(NANO.rescale(length, source.time_base()))
    }
}

fn nanos(seconds: Rational) -> i64 {
    Rational::new(1, seconds.den).rescale(seconds.num, NANO)
}

/// What the frames of a preview come from.
struct Around<'a> {
    input: &'a Path,
    settings: &'a Settings,
    plan: Option<&'a Plan>,
    /// Time of the first frame.
    pts: i64,
}

impl Around<'_> {
    fn picture(&self, exact: Option<&FoundFrame>, before: i64) -> Result<FramesAround> {
        let (input, settings, plan) = (self.input, self.settings, self.plan);
        match exact {
            Some(found) => FramesAround::exact(input, settings, plan, found),
            None => FramesAround::near(input, settings, plan, (before, self.pts)),
        }
    }

    fn clip(&self, exact: Option<&FoundFrame>, before: i64, part: Source) -> Result<FramesAround> {
        let (input, settings) = (self.input, self.settings);
        match exact {
            Some(found) => FramesAround::exact_part(input, settings, self.plan, found, part),
            None => FramesAround::near_part(input, settings, (before, self.pts), part),
        }
    }
}
