//! Measures how long the passes of a plan take and how many bytes they move. Runs only the graph, without decoding and
//! encoding.

mod measured;

use std::sync::mpsc::sync_channel;
use std::time::Instant;

use super::cpu::CpuExecutor;
use super::gpu::{GpuContext, GpuExecutor, GpuOptions, Wanted, select};
use super::plan::{
    self, File, OutputRequest, Plan, PlanOptions, Source, StyleUse, Temporal, traffic,
};
use super::style::{Library, StyleError};
use super::{ExecError, Executor, HostTimes, Output, ResourceData, Session};
use crate::frame::{Color, Picture, PixelFormat, Rational, Span, read_png};

/// Frames before measuring starts, so that caches are filled and a GPU has all its frames in flight.
const WARM_UP: usize = 5;
/// Frames that wait between two threads, as in a render.
const AHEAD: usize = 1;
/// Number of different pictures kept. A longer bench repeats them.
pub const PICTURES: usize = 8;
/// Frames per second of what is measured.
pub const FRAMES_A_SECOND: i64 = 25;
/// The style that generates pictures.
const SCENE: &str = "demo";

pub use measured::{HostMeasured, Measured, StepMeasured};

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    #[error(transparent)]
    Style(#[from] StyleError),
    #[error(transparent)]
    Exec(#[from] ExecError),
    #[error("the style reads the file {path}, which is not read here\n  use `aquatint bench`")]
    File { path: String },
    #[error("the picture {path} cannot be read: {why}\n  use `aquatint bench`")]
    Picture { path: String, why: String },
}

/// A plan that is measured.
pub struct Bench<'a> {
    /// Names of its styles, for the result.
    pub styles: Vec<String>,
    /// At least one; a longer bench repeats them.
    pub pictures: &'a [Picture],
    /// Frames measured, at least one.
    pub frames: usize,
}

impl Bench<'_> {
    /// The source that the plan is made for.
    pub fn source(&self) -> Source {
        source_of(&self.pictures[0])
    }

    /// Runs a plan for [`Self::source`] frame by frame on the executor that `make` gives it.
    ///
    /// # Errors
    /// Those of `make` and of the executor.
    pub fn run<E: From<ExecError>>(
        self,
        plan: Plan,
        make: impl FnOnce(Plan) -> Result<Box<dyn Executor>, E>,
    ) -> Result<Measured, E> {
        let mut steps = steps_of(&plan);
        let mut session = Session::new(make(plan)?, Some(0), 0);
        let mut ahead = session.observer_ahead();
        let mut whole = Vec::with_capacity(self.frames);
        let mut parts: Vec<Vec<f64>> = vec![Vec::with_capacity(self.frames); steps.len()];
        let mut hosts: Vec<HostTimes> = Vec::new();
        // As in a render, one thread measures the frames, one runs the graph, and one takes what comes out.
        std::thread::scope(|scope| {
            let (to_graph, frames) = sync_channel(AHEAD);
            let (to_end, outputs) = sync_channel::<Vec<Output>>(AHEAD);
            scope.spawn(move || {
                for index in 0..WARM_UP + self.frames {
                    let picture = self.pictures[index % self.pictures.len()].clone();
                    let pts = index as i64;
                    let span = Span { pts, duration: 1 };
                    let ahead = ahead.as_mut();
                    let observed = ahead.and_then(|ahead| ahead.observe(&picture, span));
                    // It has ended where the executor failed.
                    if to_graph.send((picture, span, observed)).is_err() {
                        return;
                    }
                }
            });
            scope.spawn(move || outputs.into_iter().for_each(drop));
            let mut last = Instant::now();
            for (index, (picture, span, observed)) in frames.into_iter().enumerate() {
                let before = session.step_times();
                let host = session.host_times();
                let mut outputs = session.begin_observed(vec![Some(picture)], span, observed)?;
                while let Some(more) = session.advance()? {
                    outputs.extend(more);
                }
                // It ends only when this thread does.
                let _ = to_end.send(outputs);
                let spent = last.elapsed();
                last = Instant::now();
                if index < WARM_UP {
                    continue;
                }
                whole.push(spent.as_secs_f64() * 1e3);
                let host = host.zip(session.host_times());
                hosts.extend(host.map(|(before, after)| HostTimes {
                    copy_in: after.copy_in - before.copy_in,
                    encode: after.encode - before.encode,
                    wait: after.wait - before.wait,
                    copy_out: after.copy_out - before.copy_out,
                }));
                let after = session.step_times();
                for ((part, before), after) in parts.iter_mut().zip(before).zip(after) {
                    part.push((after.seconds - before.seconds) * 1e3);
                }
            }
            session.finish()
        })?;
        for (step, part) in steps.iter_mut().zip(parts) {
            step.p95 = quantile(part.clone(), 0.95);
            step.milliseconds = median(part);
        }
        let milliseconds = median(whole).unwrap_or_default();
        let first = &self.pictures[0];
        Ok(Measured {
            device: session.device(),
            width: first.width,
            height: first.height,
            pixel_format: first.format.to_string(),
            styles: self.styles,
            frames: self.frames,
            milliseconds,
            frames_per_second: 1e3 / milliseconds.max(f64::MIN_POSITIVE),
            read: steps.iter().map(|step| step.read).sum(),
            written: steps.iter().map(|step| step.written).sum(),
            host: HostMeasured::of(&hosts),
            steps,
        })
    }
}

/// The steps of a plan in the order in which executors report their times.
fn steps_of(plan: &Plan) -> Vec<StepMeasured> {
    let step = |step: &plan::Step| {
        let kernels = plan.step_kernels(step);
        let (read, written) = traffic(plan, step);
        StepMeasured {
            label: plan.step_label(step),
            kernels: kernels.map(|kernel| kernel.path.clone()).collect(),
            milliseconds: None,
            p95: None,
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

/// The value that `share` of all values do not exceed, by the nearest rank.
fn quantile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let rank = (share * values.len() as f64).ceil() as usize;
    values.get(rank.max(1) - 1).copied()
}

/// Generated pictures, [`PICTURES`] of them: the demo's scene at intervals of half a second, in BT.709.
///
/// # Errors
/// Those of the processor's executor.
pub fn scene(
    library: &Library,
    (width, height): (u32, u32),
    format: PixelFormat,
) -> Result<Vec<Picture>, BenchError> {
    let request = OutputRequest {
        chain: vec![StyleUse::new(library.load(SCENE)?)],
        format,
        color: Color::BT709,
        temporal: Temporal::Off,
    };
    let source = Source {
        width,
        height,
        coded: None,
        time_base: Rational::new(1, 2),
        rate: Rational::new(2, 1),
        start: 0,
        interlaced: Default::default(),
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

/// A plan of built-in styles for pictures like `first`; each is an output of its own.
///
/// # Errors
/// Those of [`Library::load`] and [`plan::plan`].
pub fn plan_of(
    library: &Library,
    styles: &[String],
    first: &Picture,
    temporal: Temporal,
) -> Result<Plan, BenchError> {
    let requests = styles.iter().map(|name| {
        Ok(OutputRequest {
            chain: vec![StyleUse::new(library.load(name)?)],
            format: first.format,
            color: first.color,
            temporal,
        })
    });
    let requests = requests.collect::<Result<Vec<_>, BenchError>>()?;
    let options = PlanOptions::default();
    Ok(plan::plan(library, &source_of(first), &requests, options)?)
}

/// What a plan for pictures like `first` starts from.
fn source_of(first: &Picture) -> Source {
    Source {
        time_base: Rational::new(1, FRAMES_A_SECOND),
        rate: Rational::new(FRAMES_A_SECOND, 1),
        ..Source::of(first)
    }
}

/// The contents of the files of `plan`: the look-up tables and PNG pictures of the built-in styles.
///
/// # Errors
/// `File` for another file, `Picture` for a picture that is not such a PNG.
pub fn files_of(library: &Library, plan: &Plan) -> Result<Vec<ResourceData>, BenchError> {
    let read = |file: &File| match file {
        File::OwnLut(path) => Ok(ResourceData::Lut(library.lut(path)?)),
        File::OwnTable(path) => Ok(ResourceData::Table(library.table(path)?)),
        File::OwnPicture(path) => {
            let bytes = library.bytes(path).map_err(|error| error.to_string());
            let picture = bytes.and_then(|bytes| read_png(&bytes));
            let picture = picture.map_err(|why| BenchError::Picture {
                path: path.clone(),
                why,
            });
            Ok(ResourceData::Picture(picture?))
        }
        File::Picture(path) | File::Lut(path) => Err(BenchError::File {
            path: path.display().to_string(),
        }),
        File::Model { .. } => Err(BenchError::File {
            path: file.to_string(),
        }),
    };
    plan.files.iter().map(read).collect()
}

/// An executor for `plan` on the device asked for, without a fallback. Of files, it reads those of the built-in styles.
///
/// # Errors
/// `NoDevice`, and what the device says; those of [`files_of`].
pub fn executor(
    library: &Library,
    plan: Plan,
    wanted: &Wanted,
) -> Result<Box<dyn Executor>, BenchError> {
    let files = files_of(library, &plan)?;
    Ok(match select(wanted)? {
        Some(adapter) => {
            let gpu = GpuContext::open(&adapter)?;
            let options = GpuOptions {
                timed: true,
                ..GpuOptions::default()
            };
            Box::new(GpuExecutor::with_options(
                library, plan, &files, &gpu, options,
            )?)
        }
        None => Box::new(CpuExecutor::new(plan, &files)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
        let twenty = || (1..=20).map(f64::from).rev().collect();
        assert_eq!(quantile(twenty(), 0.95), Some(19.0));
        assert_eq!(quantile(twenty(), 1.0), Some(20.0));
        assert_eq!(quantile(vec![7.0], 0.95), Some(7.0));
        assert_eq!(quantile(Vec::new(), 0.95), None);
    }
}
