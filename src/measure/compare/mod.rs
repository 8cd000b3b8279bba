//! The same seconds of a video, rendered in several ways beside each other.

mod contact_sheet;
mod page;
mod pictures;

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::frame::Picture;
use crate::media::{MediaError, Rotation};
use crate::metrics::Metrics;
use crate::render::request::{RenderRequest, SettingValue, Time};
use crate::render::{
    Cancel, Excerpt, MetricsReport, OutputMetrics, RenderError, Report, Result, temporary_folder,
    upright,
};
pub use contact_sheet::contact_sheet;
pub use page::{mean, page};
use pictures::{at_fractions, playable};

/// Where in the part the pictures of a contact sheet lie.
const PLACES: [f64; 3] = [1.0 / 6.0, 0.5, 5.0 / 6.0];

/// A way to render.
#[derive(Clone, Debug)]
pub struct Way {
    /// Its name, different from those of the others.
    pub label: String,
    pub request: RenderRequest,
}

/// What is compared.
#[derive(Clone, Debug)]
pub struct Compare {
    pub input: PathBuf,
    /// Where the part begins; `None` is at a third of the input.
    pub start: Option<Time>,
    pub duration: Time,
    pub ways: Vec<Way>,
    /// What is measured of each, against the source.
    pub metrics: Metrics,
    /// Whether clips are kept that a browser can play.
    pub keeps_clips: bool,
}

/// The ways beside each other.
#[derive(Debug, Serialize)]
pub struct Compared {
    pub input: PathBuf,
    /// Seconds after the start of the input at which the part begins.
    pub start: f64,
    pub frames: u64,
    /// Seconds of the part.
    pub duration: f64,
    pub ways: Vec<ComparedWay>,
    /// Pictures of the source at the places of those of the ways.
    #[serde(skip)]
    pub source: Vec<(f64, Picture)>,
}

/// What one way gave.
#[derive(Debug, Serialize)]
pub struct ComparedWay {
    pub label: String,
    /// The command that renders all of the input in this way.
    pub command: String,
    /// Bytes of the part's pictures, as this way encodes them.
    pub bytes: u64,
    /// Kilobits a second that this is.
    pub kilobits: f64,
    /// Frames rendered and encoded a second, with the time that the frames before the part took.
    pub frames_per_second: f64,
    pub metrics: Option<MetricsReport>,
    pub warnings: Vec<String>,
    #[serde(skip)]
    pub pictures: Vec<Picture>,
    /// An MP4 file that browsers play.
    #[serde(skip)]
    pub clip: Option<Vec<u8>>,
}

impl Compare {
    /// Decodes the part once, and renders it in every way; `tell` is told of each before it begins.
    ///
    /// # Errors
    /// `Usage` for fewer than two ways or two of one name; those of reading the input and of rendering.
    pub fn run(&self, tell: &mut dyn FnMut(&Way), cancel: &Cancel) -> Result<Compared> {
        self.check()?;
        // A mistake in the last way is told before the first is rendered.
        for way in &self.ways {
            way.request.settings(&way.request.library()?)?;
        }
        let first = &self.ways[0].request;
        let library = first.library()?;
        let settings = first.settings(&library)?;
        let info = crate::media::probe_at(&self.input, settings.reading())?;
        let start = self.start.unwrap_or_else(|| usual_start(info.duration));
        let excerpt = Excerpt::decode(&self.input, &settings, start, self.duration, cancel)?;
        let source: Vec<(f64, Picture)> = {
            let all: Vec<(f64, &Picture)> = excerpt.pictures().collect();
            let at = |place: f64| ((all.len() - 1) as f64 * place).round() as usize;
            let chosen = PLACES.map(|place| all[at(place)]);
            let turn = upright(excerpt.info());
            let turned = |picture: &Picture| match turn {
                Some(turn) => turn.picture(picture, &turn.format(&picture.format)),
                None => picture.clone(),
            };
            chosen.map(|(time, picture)| (time, turned(picture))).into()
        };
        let duration =
            excerpt.frames() as f64 / rate(excerpt.info().pictures().frame_rate.to_f64());
        let folder = temporary_folder()?;
        let mut ways = Vec::new();
        for (index, way) in self.ways.iter().enumerate() {
            tell(way);
            let file = folder.path().join(format!("way-{index}"));
            let (file, report) = self.render(&excerpt, way, &file, cancel)?;
            let bytes = std::fs::metadata(&file).map_or(0, |facts| facts.len());
            let clip = match self.keeps_clips {
                true => Some(playable(&file, &report, cancel)?),
                false => None,
            };
            ways.push(ComparedWay {
                label: way.label.clone(),
                command: way.request.command(&self.input),
                bytes,
                kilobits: bytes as f64 * 8e-3 / duration,
                frames_per_second: excerpt.frames() as f64 / report.seconds.total.max(1e-9),
                metrics: report
                    .outputs
                    .into_iter()
                    .next()
                    .and_then(|output| output.metrics),
                warnings: report.warnings,
                pictures: at_fractions(&file, &PLACES)?,
                clip,
            });
        }
        Ok(Compared {
            input: self.input.clone(),
            start: start.seconds().to_f64(),
            frames: excerpt.frames(),
            duration,
            ways,
            source,
        })
    }

    fn check(&self) -> Result<()> {
        let advice = "name the ways with --presets a,b, with -s a,b, or with --set and --vs";
        if self.ways.len() < 2 {
            return Err(RenderError::usage(
                "there is one way, and nothing to compare it with",
                advice,
            ));
        }
        let mut labels: Vec<&str> = self.ways.iter().map(|way| way.label.as_str()).collect();
        labels.sort_unstable();
        match labels.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(RenderError::usage(
                format!("{} is named twice", pair[0]),
                "name each way once",
            )),
            None => Ok(()),
        }
    }

    /// Renders the part in one way: as MP4, or where that cannot hold its codec, as Matroska.
    fn render(
        &self,
        excerpt: &Excerpt,
        way: &Way,
        file: &Path,
        cancel: &Cancel,
    ) -> Result<(PathBuf, Report)> {
        let mut request = RenderRequest {
            metrics: None,
            ..way.request.clone()
        };
        if upright(excerpt.info()).is_some() {
            // As players show them.
            request.rotation.get_or_insert(Rotation::Apply);
        }
        let library = request.library()?;
        let mut settings = request.settings(&library)?;
        settings.job.metrics = Some(OutputMetrics::all_frames(self.metrics.clone()));
        if settings.styles.len() > 1 {
            return Err(RenderError::usage(
                format!("the preset of {} has several styles", way.label),
                "compare ways with one style each; a+b is one style after the other",
            ));
        }
        let render = |ending: &str| {
            let file = file.with_extension(ending);
            let report = excerpt.render(&library, &settings, &file, &mut |_| {}, cancel)?;
            Ok((file, report))
        };
        match render("mp4") {
            Err(RenderError::Media(MediaError::Container { .. })) => render("mkv"),
            done => done,
        }
    }
}

/// A third of the way into an input of 10 seconds or more; else its start.
fn usual_start(duration: Option<f64>) -> Time {
    let seconds = duration
        .filter(|seconds| *seconds >= 10.0)
        .map_or(0.0, |seconds| seconds / 3.0);
    Time::parse(&format!("{seconds:.3}")).unwrap_or_default()
}

/// Frames a second, 25 where that is not known.
fn rate(known: f64) -> f64 {
    if known > 0.0 { known } else { 25.0 }
}
