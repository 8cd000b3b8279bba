//! `aquatint-bench gpu`: measures all that `gpu.json` has.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use aquatint::frame::{Picture, Span};
use aquatint::graph::bench::{Bench, BenchError, Measured, StepMeasured, files_of, plan_of, scene};
use aquatint::graph::gpu::{
    AdapterFacts, Ceilings, GpuContext, GpuExecutor, GpuOptions, Wanted, adapters, select,
};
use aquatint::graph::plan::Temporal;
use aquatint::graph::style::Library;
use aquatint::graph::{ExecError, Executor, Session};

use crate::file::{Adapter, Case, FORMAT, Failure, GpuFile, InFlight, Repeated, Run, StepRun};
use crate::kernels::Kernels;
use crate::{adaptive, yuv420};

/// The styles that are measured if none is named.
const STYLES: [&str; 4] = ["pencil", "cartoon", "comic", "cinematic"];
const DEPTHS: [u8; 2] = [8, 10];
/// The most frames in flight that are tried.
const MOST_IN_FLIGHT: usize = 5;
/// Frames of each of two runs that must be equal.
const REPEATED: usize = 6;

/// What `aquatint-bench gpu` is asked for.
#[derive(Debug, Default, PartialEq)]
pub struct Asked {
    /// All four if empty.
    pub styles: Vec<String>,
    pub device: Wanted,
    pub quick: bool,
    /// The folder in which the kernel tests left what they found.
    pub kernels: Option<PathBuf>,
    /// Cases that have not begun after so many seconds are left out, and said to be.
    pub seconds: Option<u64>,
}

/// Sizes of pictures and numbers of frames.
struct Scale {
    sizes: [(u32, u32); 2],
    frames: usize,
}

impl Scale {
    fn new(quick: bool) -> Self {
        match quick {
            true => Self {
                sizes: [(96, 54), (192, 108)],
                frames: 3,
            },
            false => Self {
                sizes: [(1920, 1080), (3840, 2160)],
                frames: 30,
            },
        }
    }
}

/// The adapter to measure: the one asked for, or the first, which may be software.
fn adapter(wanted: &Wanted) -> Result<AdapterFacts, ExecError> {
    let found = match wanted {
        Wanted::Auto => adapters().into_iter().next(),
        _ => select(wanted)?,
    };
    found.ok_or_else(|| ExecError::NoDevice {
        wanted: wanted.to_string(),
        available: "`gpu` measures a graphics adapter; `aquatint-bench --adapters` lists them"
            .to_owned(),
    })
}

/// Measures; says on the terminal what is in work. What fails for one case is in the file's failures.
///
/// # Errors
/// Where no adapter can be opened, or it fails at the first and simplest; where a style is not known.
pub fn measure(asked: &Asked, kernels: Option<Kernels>) -> Result<GpuFile, BenchError> {
    let library = Library::built_in();
    let styles: Vec<String> = match asked.styles.is_empty() {
        true => STYLES.map(str::to_owned).into(),
        false => asked.styles.clone(),
    };
    for style in &styles {
        library.load(style)?;
    }
    let begun = Instant::now();
    let adapter = adapter(&asked.device)?;
    let quick = asked.quick || adapter.software;
    if quick && !asked.quick {
        eprintln!("{adapter} is software: all sizes are tiny, as with --quick");
    }
    eprintln!("{adapter}: ceilings");
    let ceilings = {
        let context = GpuContext::open(&adapter)?;
        Ceilings::measure(&context, quick)?
    };
    let mut file = GpuFile {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        quick,
        threads: std::thread::available_parallelism().map_or(1, Into::into),
        adapter: Adapter::from(&adapter),
        ceilings,
        runs: Vec::new(),
        in_flight: Vec::new(),
        determinism: Vec::new(),
        kernels,
        failures: Vec::new(),
    };
    let scale = Scale::new(quick);
    for (at, size) in scale.sizes.into_iter().enumerate() {
        for depth in DEPTHS {
            let pictures = scene(&library, size, yuv420(depth))?;
            let subject = Subject {
                library: &library,
                adapter: &adapter,
                pictures: &pictures,
                frames: scale.frames,
            };
            for style in &styles {
                for temporal in [Temporal::Off, adaptive()] {
                    let case = Case {
                        style: style.clone(),
                        width: size.0,
                        height: size.1,
                        depth,
                        temporal: match temporal {
                            Temporal::Off => "off",
                            _ => "adaptive",
                        }
                        .to_owned(),
                    };
                    let late = asked
                        .seconds
                        .filter(|most| begun.elapsed().as_secs() >= *most);
                    if let Some(most) = late {
                        file.failures.push(Failure {
                            what: case.to_string(),
                            why: format!("not begun: the {most} s given by --seconds were over"),
                        });
                        continue;
                    }
                    eprintln!("{case}");
                    // Frames in flight and repetition: once for each style.
                    let whole = at == 0 && depth == DEPTHS[0] && temporal != Temporal::Off;
                    if let Err(error) = subject.measure(&case, temporal, whole, &mut file) {
                        let failure = Failure {
                            what: case.to_string(),
                            why: error.to_string(),
                        };
                        eprintln!("failed: {}", failure.why);
                        file.failures.push(failure);
                    }
                }
            }
        }
    }
    Ok(file)
}

/// The pictures of some cases, and where they run.
struct Subject<'a> {
    library: &'a Library,
    adapter: &'a AdapterFacts,
    pictures: &'a [Picture],
    frames: usize,
}

impl Subject<'_> {
    /// An executor on an open device, and the milliseconds until it was ready.
    fn executor(
        &self,
        case: &Case,
        temporal: Temporal,
        context: &Arc<GpuContext>,
        options: GpuOptions,
    ) -> Result<(Box<GpuExecutor>, f64), BenchError> {
        let styles = [case.style.clone()];
        let plan = plan_of(self.library, &styles, &self.pictures[0], temporal)?;
        let files = files_of(self.library, &plan)?;
        let begun = Instant::now();
        let executor = GpuExecutor::with_options(self.library, plan, &files, context, options)?;
        Ok((Box::new(executor), begun.elapsed().as_secs_f64() * 1e3))
    }

    fn bench(&self, executor: Box<GpuExecutor>, frames: usize) -> Result<Measured, BenchError> {
        let bench = Bench {
            styles: Vec::new(),
            pictures: self.pictures,
            frames,
        };
        let plan = executor.plan().clone();
        bench.run(plan, |_| Ok::<Box<dyn Executor>, BenchError>(executor))
    }

    fn measure(
        &self,
        case: &Case,
        temporal: Temporal,
        whole: bool,
        file: &mut GpuFile,
    ) -> Result<(), BenchError> {
        let context = GpuContext::open(self.adapter)?;
        let timed = GpuOptions {
            timed: true,
            ..GpuOptions::default()
        };
        let (first, cold) = self.executor(case, temporal, &context, timed)?;
        drop(first);
        let (executor, warm) = self.executor(case, temporal, &context, timed)?;
        let measured = self.bench(executor, self.frames)?;
        let copy = file.ceilings.fastest_copy();
        file.runs.push(run_of(case, &measured, (cold, warm), copy));
        if !whole {
            return Ok(());
        }
        for frames_in_flight in 1..=MOST_IN_FLIGHT {
            let options = GpuOptions {
                frames_in_flight,
                ..GpuOptions::default()
            };
            let (executor, _) = self.executor(case, temporal, &context, options)?;
            file.in_flight.push(InFlight {
                case: case.clone(),
                frames_in_flight,
                frames_per_second: self.bench(executor, self.frames)?.frames_per_second,
            });
        }
        let mut digests = [0; 2];
        for digest in &mut digests {
            let options = GpuOptions::default();
            let (executor, _) = self.executor(case, temporal, &context, options)?;
            *digest = self.digest(executor)?;
        }
        file.determinism.push(Repeated {
            case: case.clone(),
            frames: REPEATED,
            equal: digests[0] == digests[1],
        });
        Ok(())
    }

    /// A number that stands for all samples of some frames.
    fn digest(&self, executor: Box<GpuExecutor>) -> Result<u64, BenchError> {
        let mut session = Session::new(executor, Some(0), 0);
        let mut digest = DefaultHasher::new();
        let mut outputs = Vec::new();
        for at in 0..REPEATED {
            let picture = self.pictures[at % self.pictures.len()].clone();
            let pts = at as i64;
            outputs.extend(session.push(Some(picture), Span { pts, duration: 1 })?);
        }
        outputs.extend(session.finish()?);
        for picture in outputs.into_iter().filter_map(|output| output.picture()) {
            let (width, height) = (picture.width, picture.height);
            for plane in 0..picture.format.plane_count() {
                let rows = picture.format.plane_extent(plane, width, height).rows;
                (0..rows).for_each(|y| digest.write(picture.row(plane, y)));
            }
        }
        Ok(digest.finish())
    }
}

/// The share of the rate of the fastest copy at which these bytes were moved.
fn share(bytes: usize, milliseconds: Option<f64>, copy: f64) -> Option<f64> {
    let milliseconds = milliseconds.filter(|time| *time > 0.0)?;
    Some(bytes as f64 / milliseconds / 1e6 / copy)
}

fn run_of(case: &Case, measured: &Measured, (cold, warm): (f64, f64), copy: f64) -> Run {
    let step = |step: &StepMeasured| StepRun {
        measured: step.clone(),
        copy_share: share(step.read + step.written, step.milliseconds, copy),
    };
    let times = measured.steps.iter().map(|step| step.milliseconds);
    let device_milliseconds = times.sum::<Option<f64>>();
    Run {
        case: case.clone(),
        frames: measured.frames,
        pipelines_cold: cold,
        pipelines_warm: warm,
        milliseconds: measured.milliseconds,
        frames_per_second: measured.frames_per_second,
        device_milliseconds,
        read: measured.read,
        written: measured.written,
        copy_share: share(measured.read + measured.written, device_milliseconds, copy),
        host: measured.host,
        steps: measured.steps.iter().map(step).collect(),
    }
}
