//! Measures how long the passes of a plan take and how many bytes they move. Runs only the graph, without decoding and
//! encoding.

use std::path::PathBuf;
use std::time::Instant;

use serde::Serialize;

use super::device::Choice;
use super::error::{RenderError, Result};
use super::files;
use super::output_styles::OutputStyle;
use crate::color::{ChromaLocation, Color, Range};
use crate::frame::{Model, Picture, PixelFormat, Rational, Span, Subsampling};
use crate::graph::cpu::CpuExecutor;
use crate::graph::gpu::{GpuOptions, GpuPool, Wanted};
use crate::graph::plan::{self, OutputRequest, Plan, PlanOptions, Source, StyleUse, Temporal};
use crate::graph::style::{Library, Values};
use crate::graph::{Device, Output, Session};
use crate::media;

/// Frames before measuring starts, so that caches are filled and a GPU has all its frames in flight.
const WARM_UP: usize = 5;
/// Number of different pictures kept. A longer bench repeats them.
const PICTURES: usize = 8;
const FRAMES_A_SECOND: i64 = 25;

/// What to measure.
#[derive(Clone, Debug)]
pub struct Bench {
    pub styles: Vec<OutputStyle>,
    /// A video whose first pictures are used; `None` uses the scene of the demo.
    pub input: Option<PathBuf>,
    /// Width and height of the demo's scene.
    pub size: (u32, u32),
    /// How styles are averaged over time.
    pub temporal: Temporal,
    /// Frames measured, at least one.
    pub frames: usize,
    pub device: Wanted,
}

/// The measurement of one dispatch.
#[derive(Clone, Debug, Serialize)]
pub struct StepMeasured {
    pub label: String,
    /// Its kernels in the order they run: the fused ones, then its own.
    pub kernels: Vec<String>,
    /// Median time over the frames; `None` on devices that cannot time a pass.
    pub milliseconds: Option<f64>,
    /// Bytes read and written per frame, computed from the plan.
    pub read: usize,
    pub written: usize,
}

/// The result of a bench.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    pub device: Device,
    pub width: u32,
    pub height: u32,
    pub pixel_format: String,
    pub styles: Vec<String>,
    pub frames: usize,
    /// Median time from one frame to the next.
    pub milliseconds: f64,
    pub frames_per_second: f64,
    /// Bytes per frame.
    pub read: usize,
    pub written: usize,
    pub steps: Vec<StepMeasured>,
}

impl Bench {
    /// Runs the plan of the styles frame by frame.
    ///
    /// # Errors
    /// Errors of a [`Job`](super::Job) that occur before encoding; `Usage` if no look uses the graph.
    pub fn run(&self, library: &Library) -> Result<Measured> {
        let pictures = match &self.input {
            Some(path) => first_pictures(path)?,
            None => scene(library, self.size)?,
        };
        let first = &pictures[0];
        let source = Source {
            time_base: Rational::new(1, FRAMES_A_SECOND),
            rate: Rational::new(FRAMES_A_SECOND, 1),
            ..Source::of(first)
        };
        let requests: Vec<OutputRequest> = self
            .styles
            .iter()
            .map(|look| {
                let mut look = look.clone();
                look.in_seconds(Rational::new(FRAMES_A_SECOND, 1))?;
                Ok(look)
            })
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .filter_map(|look| match look {
                OutputStyle::Bypass => None,
                OutputStyle::Chain(chain) => Some(OutputRequest {
                    chain,
                    format: first.format,
                    color: first.color,
                    temporal: self.temporal,
                }),
            })
            .collect();
        if requests.is_empty() {
            return Err(RenderError::usage(
                "none has no graph: there is nothing to measure",
                "name a style; `aquatint styles` lists them",
            ));
        }
        let plan = plan::plan(library, &source, &requests, PlanOptions::default())?;
        let files = plan
            .files
            .iter()
            .map(|file| files::read(library, file))
            .collect::<Result<Vec<_>>>()?;
        let (choice, _) = Choice::of(&self.device, &plan, &GpuPool::default())?;
        let steps = steps_of(&plan);
        let options = GpuOptions {
            timed: true,
            ..GpuOptions::default()
        };
        let executor = choice.executor_with(library, plan, &files, options)?;
        let mut session = Session::new(executor, Some(0), 0);
        self.measure(&mut session, &pictures, steps)
    }

    fn measure(
        &self,
        session: &mut Session,
        pictures: &[Picture],
        mut steps: Vec<StepMeasured>,
    ) -> Result<Measured> {
        let mut whole = Vec::with_capacity(self.frames);
        let mut parts: Vec<Vec<f64>> = vec![Vec::with_capacity(self.frames); steps.len()];
        for index in 0..WARM_UP + self.frames {
            let pts = index as i64;
            let picture = pictures[index % pictures.len()].clone();
            let span = Span { pts, duration: 1 };
            let before = session.step_times();
            let start = Instant::now();
            session.push(Some(picture), span)?;
            let spent = start.elapsed();
            if index < WARM_UP {
                continue;
            }
            whole.push(spent.as_secs_f64() * 1e3);
            for ((part, before), after) in parts.iter_mut().zip(before).zip(session.step_times()) {
                part.push((after.seconds - before.seconds) * 1e3);
            }
        }
        session.finish()?;
        for (step, part) in steps.iter_mut().zip(parts) {
            step.milliseconds = median(part);
        }
        let milliseconds = median(whole).unwrap_or_default();
        Ok(Measured {
            device: session.device(),
            width: pictures[0].width,
            height: pictures[0].height,
            pixel_format: pictures[0].format.to_string(),
            styles: self.styles.iter().map(OutputStyle::name).collect(),
            frames: self.frames,
            milliseconds,
            frames_per_second: 1e3 / milliseconds.max(f64::MIN_POSITIVE),
            read: steps.iter().map(|step| step.read).sum(),
            written: steps.iter().map(|step| step.written).sum(),
            steps,
        })
    }
}

/// The steps of a plan in the order in which executors report their times.
fn steps_of(plan: &Plan) -> Vec<StepMeasured> {
    let step = |step: &plan::Step| {
        let kernels = plan.step_kernels(step);
        let (read, written) = plan::traffic(plan, step);
        StepMeasured {
            label: plan.step_label(step),
            kernels: kernels.map(|kernel| kernel.path.clone()).collect(),
            milliseconds: None,
            read,
            written,
        }
    };
    plan.steps.iter().map(step).collect()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = values.get(middle)?;
    Some(if values.len() % 2 == 1 {
        *upper
    } else {
        (values[middle - 1] + upper) / 2.0
    })
}

/// The first pictures of a file.
fn first_pictures(path: &std::path::Path) -> Result<Vec<Picture>> {
    let mut source = media::Source::open(path)?;
    let mut pictures = Vec::new();
    while pictures.len() < PICTURES {
        match source.next_event()? {
            Some(media::SourceEvent::Frame(frame, _)) => pictures.push(frame.picture),
            Some(_) => {}
            None => break,
        }
    }
    if pictures.is_empty() {
        return Err(RenderError::Nothing { path: path.into() });
    }
    Ok(pictures)
}

/// Pictures of the demo's scene at intervals of half a second: 8 bits, 4:2:0, BT.709.
fn scene(library: &Library, (width, height): (u32, u32)) -> Result<Vec<Picture>> {
    let style = library.load(super::demo::SCENE)?;
    let request = OutputRequest {
        chain: vec![StyleUse {
            values: Values::defaults(&style.params),
            style,
            strength: 1.0,
            target: None,
            rate: None,
        }],
        format: PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false),
        color: Color {
            matrix: 1,
            primaries: 1,
            transfer: 1,
            range: Range::Limited,
            chroma_location: ChromaLocation::Left,
        },
        temporal: Temporal::Off,
    };
    let source = Source {
        width,
        height,
        coded: None,
        time_base: Rational::new(1, 2),
        rate: Rational::new(2, 1),
    };
    let plan = plan::plan(library, &source, &[request], PlanOptions::default())?;
    let mut session = Session::new(Box::new(CpuExecutor::new(plan, &[])?), Some(0), 0);
    let mut pictures = Vec::with_capacity(PICTURES);
    for pts in 0..PICTURES as i64 {
        let outputs = session.push(None, Span { pts, duration: 1 })?;
        pictures.extend(outputs.into_iter().filter_map(Output::picture));
    }
    Ok(pictures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::output_styles;

    #[test]
    fn every_pass_is_timed_and_weighed() {
        let library = Library::built_in();
        let bench = Bench {
            temporal: Temporal::default(),
            styles: output_styles(&library, "pencil,identity", &[]).unwrap(),
            input: None,
            size: (64, 48),
            frames: 3,
            device: Wanted::Cpu,
        };
        let measured = bench.run(&library).unwrap();
        assert_eq!(
            (measured.width, measured.height, measured.frames),
            (64, 48, 3)
        );
        let times: Vec<f64> = measured
            .steps
            .iter()
            .filter_map(|s| s.milliseconds)
            .collect();
        assert_eq!(times.len(), measured.steps.len());
        assert!(measured.milliseconds > 0.0 && times.iter().sum::<f64>() > 0.0);
        // Both outputs are written: 64 × 48 luma samples and half as many of chroma.
        let outputs = measured
            .steps
            .iter()
            .filter(|s| s.label.starts_with("output"));
        assert!(
            outputs.clone().count() == 2 && outputs.clone().all(|s| s.written == 64 * 48 * 3 / 2)
        );
        assert!(
            measured
                .steps
                .iter()
                .all(|s| s.read > 0 && !s.kernels.is_empty())
        );
    }

    #[test]
    fn medians() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }
}
