//! Jobs whose devices fail, aloud or without a word.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::frame::{OwnedPlanes, Picture};
use crate::graph::cpu::CpuExecutor;
use crate::graph::gpu::faults::{Fault, failing};
use crate::graph::gpu::{SharedGpu, Wanted, adapters};
use crate::graph::plan::{Plan, StyleUse, Temporal};
use crate::graph::style::Library;
use crate::graph::{Device, ExecError, Executor, Output, Payload, StepTime, Submission};
use crate::render::device::Choice;
use crate::render::error::Result;
use crate::render::event::{Cancel, Event};
use crate::render::job::Job;
use crate::render::naming::OutputLocation;
use crate::render::output_styles::OutputStyle;
use crate::render::parallel::Parallelism;
use crate::render::settings::Settings;
use crate::render::{Failure, Report};

/// What a device does from its third frame on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Lost,
    Panics,
    Black,
    Repeats,
    /// What it carries from frame to frame is no number any more.
    NotANumber,
}

/// So many devices to come that fail: those made ready first.
#[derive(Clone, Debug)]
pub struct Faults {
    left: Arc<AtomicUsize>,
    kind: Kind,
    /// What the device says it is.
    executor: &'static str,
}

impl Faults {
    /// Whether the devices say they are graphics processors.
    pub fn of_gpu(&self) -> bool {
        self.executor == "gpu"
    }

    pub fn executor(&self, inner: CpuExecutor) -> Box<dyn Executor> {
        let due = |left: usize| left.checked_sub(1);
        let (store, load) = (Ordering::Relaxed, Ordering::Relaxed);
        let fails = self.left.fetch_update(store, load, due).is_ok();
        Box::new(Faulty {
            inner,
            fails: fails.then_some(self.kind),
            executor: self.executor,
            frames: 0,
            last: None,
        })
    }
}

struct Faulty {
    inner: CpuExecutor,
    fails: Option<Kind>,
    executor: &'static str,
    frames: usize,
    last: Option<Picture>,
}

/// A device's state with every value of its histories replaced by NaN.
fn poisoned(plan: &Plan, mut state: Vec<u8>) -> Vec<u8> {
    let mut at = state.len();
    for history in plan.histories.iter().rev() {
        let values = at
            - 4 * history.image.extent.0 as usize
                * history.image.extent.1 as usize
                * history.image.storage.channels();
        for value in state[values..at].chunks_exact_mut(4) {
            value.copy_from_slice(&f32::NAN.to_le_bytes());
        }
        // Before the values: their length, the label.
        let label = format!("{} ", history.label);
        at = state[..values]
            .windows(label.len())
            .rposition(|text| text == label.as_bytes())
            .unwrap()
            - 4;
    }
    assert_eq!(at, 8, "all of it are histories");
    state
}

impl Executor for Faulty {
    fn device(&self) -> Device {
        Device {
            executor: self.executor,
            ..self.inner.device()
        }
    }

    fn plan(&self) -> &Plan {
        self.inner.plan()
    }

    fn set_params(&mut self, plan: &Plan) -> std::result::Result<(), ExecError> {
        self.inner.set_params(plan)
    }

    fn submit(&mut self, frame: Submission) -> std::result::Result<Vec<Output>, ExecError> {
        self.frames += 1;
        let fails = self.fails.filter(|_| self.frames >= 3);
        match fails {
            Some(Kind::Lost) => {
                return Err(ExecError::Lost {
                    device: "test".into(),
                    message: "as the test wants it".into(),
                });
            }
            Some(Kind::Panics) => panic!("as the test wants it"),
            Some(Kind::NotANumber) if self.frames == 3 => {
                let state = self.inner.save()?;
                let state = poisoned(self.inner.plan(), state);
                self.inner.restore(&state)?;
            }
            _ => {}
        }
        let mut outputs = self.inner.submit(frame)?;
        for output in &mut outputs {
            let Payload::Picture(made) = &mut output.payload else {
                continue;
            };
            match fails {
                Some(Kind::Black) => {
                    let Picture {
                        width,
                        height,
                        format,
                        color,
                        ..
                    } = made.clone();
                    let planes = OwnedPlanes::new(width, height, &format);
                    *made = Picture::new(width, height, format, color, planes);
                }
                Some(Kind::Repeats) => *made = self.last.clone().unwrap(),
                _ => self.last = Some(made.clone()),
            }
        }
        Ok(outputs)
    }

    fn drain(&mut self) -> std::result::Result<Vec<Output>, ExecError> {
        self.inner.drain()
    }

    fn save(&mut self) -> std::result::Result<Vec<u8>, ExecError> {
        self.inner.save()
    }

    fn restore(&mut self, state: &[u8]) -> std::result::Result<(), ExecError> {
        self.inner.restore(state)
    }

    fn step_times(&self) -> Vec<StepTime> {
        self.inner.step_times()
    }
}

/// A render of 25 seconds, at five frames a second, to FFV1.
struct Render<'a> {
    folder: &'a Path,
    name: &'a str,
    /// Seconds of a chunk.
    chunk: Option<u32>,
    /// Several at a time can only be asked of what carries nothing from frame to frame.
    workers: usize,
    faults: Faults,
    /// A graphics processor that it runs on, which fails by itself.
    gpu: Option<SharedGpu>,
}

impl Render<'_> {
    fn run(&self) -> Result<Report> {
        let clip = self.folder.join("clip.mkv");
        if !clip.exists() {
            let made = std::process::Command::new("ffmpeg")
                .args(["-v", "error", "-f", "lavfi", "-i"])
                // Everything in it moves all the time.
                .arg("testsrc2=size=64x48:rate=5:duration=25,scroll=h=0.1:v=0.07")
                .args(["-pix_fmt", "yuv420p", "-c:v", "ffv1"])
                .arg(&clip)
                .status();
            assert!(made.unwrap().success());
        }
        let library = Library::built_in();
        let style = library.load("pencil")?;
        let mut settings = Settings {
            styles: vec![OutputStyle::Chain(vec![StyleUse::new(style)])],
            temporal: match self.workers {
                1 => Temporal::Adaptive {
                    alpha: Temporal::ALPHA,
                },
                _ => Temporal::Off,
            },
            device: Wanted::Cpu,
            ..Settings::default()
        };
        settings.output.codec = Some("ffv1".into());
        settings.job.chunk = self.chunk;
        settings.job.workers = Parallelism::Count(self.workers.try_into().unwrap());
        let target = OutputLocation {
            out: Some(self.folder.join(self.name)),
            ..OutputLocation::default()
        };
        let mut job = Job::prepare(&library, &settings, &clip, &target)?;
        if let Some((_, choice)) = &mut job.plan {
            *choice = match &self.gpu {
                Some(gpu) => Choice::Gpu(gpu.clone()),
                None => Choice::Faulty(self.faults.clone()),
            };
        }
        let mut said = Vec::new();
        let report = job.run(
            &mut |event| {
                if let Event::Warning { message, .. } = event {
                    said.push(message);
                }
            },
            &Cancel::default(),
        )?;
        // Aloud.
        assert!(report.retries.iter().all(|words| said.contains(words)));
        Ok(report)
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.folder.join(self.name)).unwrap()
    }
}

fn faults(count: usize, kind: Kind, executor: &'static str) -> Faults {
    Faults {
        left: Arc::new(AtomicUsize::new(count)),
        kind,
        executor,
    }
}

#[test]
fn a_chunk_is_tried_three_times() {
    let dir = tempfile::tempdir().unwrap();
    let render = |name, count, kind| Render {
        folder: dir.path(),
        name,
        chunk: Some(10),
        workers: 1,
        faults: faults(count, kind, "cpu"),
        gpu: None,
    };
    let good = render("good.nut", 0, Kind::Lost);
    assert_eq!(good.run().unwrap().retries.len(), 0);
    for (name, kind) in [("lost.nut", Kind::Lost), ("panic.nut", Kind::Panics)] {
        let render = render(name, 2, kind);
        let report = render.run().unwrap();
        assert_eq!(report.chunks.unwrap().chunks, 3);
        let retries = report.retries;
        assert_eq!(retries.len(), 2, "{retries:?}");
        assert!(
            retries[0].contains("chunk 1 is tried again: at 0.400 s"),
            "{retries:?}"
        );
        assert!(render.bytes() == good.bytes(), "{name}");
    }
    let error = render("never.nut", 3, Kind::Panics).run().unwrap_err();
    assert_eq!(error.failure(), Failure::Fault);
    assert!(
        error.summary().ends_with("; nothing was written"),
        "{error}"
    );
    assert!(
        error.summary().contains("at 0.400 s"),
        "{}",
        error.summary()
    );
    assert!(!dir.path().join(".never.nut.aquatint").exists());
}

#[test]
fn the_fault_of_a_worker_costs_its_chunk() {
    let dir = tempfile::tempdir().unwrap();
    let render = |name, count, kind| Render {
        folder: dir.path(),
        name,
        chunk: Some(10),
        workers: 3,
        faults: faults(count, kind, "cpu"),
        gpu: None,
    };
    let good = render("good.nut", 0, Kind::Lost);
    good.run().unwrap();
    for (name, kind) in [("lost.nut", Kind::Lost), ("panic.nut", Kind::Panics)] {
        let render = render(name, 2, kind);
        let report = render.run().unwrap();
        let retries = report.retries;
        assert_eq!((report.chunks.unwrap().workers, retries.len()), (3, 2));
        // The third frame of a chunk, whose time is told.
        let told = ["at 0.400 s", "at 10.000 s", "at 19.600 s"];
        let named = |words: &String| told.iter().any(|time| words.contains(time));
        assert!(retries.iter().all(named), "{retries:?}");
        assert!(render.bytes() == good.bytes(), "{name}");
    }
    // Faults without end, all workers have some: the first chunk that had three of them ends it.
    let error = render("never.nut", 99, Kind::Panics).run().unwrap_err();
    assert_eq!(error.failure(), Failure::Fault);
    assert!(!dir.path().join(".never.nut.aquatint").exists());
}

#[test]
fn a_short_render_is_tried_three_times_where_its_device_fails() {
    let dir = tempfile::tempdir().unwrap();
    let render = |name, count, kind, executor| Render {
        folder: dir.path(),
        name,
        chunk: None,
        workers: 1,
        faults: faults(count, kind, executor),
        gpu: None,
    };
    let good = render("good.nut", 0, Kind::Lost, "gpu");
    assert_eq!(good.run().unwrap().retries.len(), 0);
    let twice = render("twice.nut", 2, Kind::Lost, "gpu");
    let report = twice.run().unwrap();
    let retries = &report.retries;
    assert_eq!((retries.len(), report.frames_out), (2, 125), "{retries:?}");
    assert!(
        retries[0].starts_with("the render is tried again: at 0.400 s")
            && retries[0].ends_with("now on a faulty GPU, one frame at a time")
            && retries[1].ends_with("now on the processor"),
        "{retries:?}"
    );
    assert_eq!(report.fallbacks, *retries);
    assert_eq!(report.device.unwrap().executor, "cpu");
    assert!(twice.bytes() == good.bytes());
    for (name, count, kind) in [("never.nut", 3, Kind::Lost), ("panic.nut", 1, Kind::Panics)] {
        let error = render(name, count, kind, "cpu").run().unwrap_err();
        let expected = match kind {
            Kind::Panics => Failure::Fault,
            _ => Failure::TryAgain,
        };
        assert_eq!(error.failure(), expected);
        assert!(error.summary().contains("at 0.400 s"), "{error}");
    }
    let mut left: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["clip.mkv", "good.nut", "twice.nut"]);
}

#[test]
fn what_a_processor_gives_is_counted_where_it_looks_like_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    for (name, kind) in [
        ("black.nut", Kind::Black),
        ("repeats.nut", Kind::Repeats),
        ("not-a-number.nut", Kind::NotANumber),
    ] {
        for chunk in [None, Some(10)] {
            let name = &format!("{}{name}", if chunk.is_some() { "chunks-" } else { "" });
            let report = Render {
                folder: dir.path(),
                name,
                chunk,
                workers: 1,
                faults: faults(1, kind, "cpu"),
                gpu: None,
            }
            .run()
            .unwrap();
            let found = report.anomalies;
            let (frames, none) = if kind == Kind::Repeats {
                (found.repeated, found.flat)
            } else {
                (found.flat, found.repeated)
            };
            assert!(frames > 100 && none == 0, "{name}: {found:?}");
            // In milliseconds.
            assert_eq!(found.first, Some(400), "{name}");
            let said = report.warnings.last().unwrap();
            assert!(said.contains(", from 0.400 s on"), "{said}");
        }
    }
}

#[test]
fn what_a_gpu_gives_is_rendered_by_another_device_where_it_looks_like_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    let render = |name, count, kind| Render {
        folder: dir.path(),
        name,
        chunk: Some(10),
        workers: 1,
        faults: faults(count, kind, "gpu"),
        gpu: None,
    };
    let good = render("good.nut", 0, Kind::Lost);
    good.run().unwrap();
    for (name, kind) in [
        ("black.nut", Kind::Black),
        ("repeats.nut", Kind::Repeats),
        ("not-a-number.nut", Kind::NotANumber),
    ] {
        // The first device alone fails.
        let once = render(name, 1, kind);
        let report = once.run().unwrap();
        let retries = &report.retries;
        assert!(
            retries.len() == 1 && retries[0].contains(" may have failed: 3 frames are "),
            "{retries:?}"
        );
        assert!(!report.anomalies.is_grave());
        assert!(once.bytes() == good.bytes(), "{name}");
    }
}

/// On a real device, software Vulkan, whose failures come as wgpu and its driver give them.
#[test]
fn a_graphics_processor_that_is_lost_or_hangs_is_given_up_for_the_processor() {
    let Some(adapter) = adapters().into_iter().next_back() else {
        crate::skip::skip(
            "no graphics adapter",
            "install mesa-vulkan-drivers for software Vulkan",
        );
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    fn render<'a>(folder: &'a Path, name: &'a str, gpu: Option<SharedGpu>) -> Render<'a> {
        Render {
            folder,
            name,
            chunk: None,
            workers: 1,
            faults: faults(0, Kind::Lost, "cpu"),
            gpu,
        }
    }
    let good = render(dir.path(), "good.nut", None);
    good.run().unwrap();
    for (name, fault, said) in [
        ("lost.nut", Fault::PanicsInPoll, "Parent device is lost"),
        ("hangs.nut", Fault::Hangs, "it finished nothing for 0.3 s"),
    ] {
        for chunk in [None, Some(10)] {
            let gpu = failing(adapter.clone(), fault, 3, 2);
            let name = format!("{}{name}", chunk.map_or("", |_| "chunks-"));
            let render = Render {
                chunk,
                ..render(dir.path(), &name, Some(gpu))
            };
            let report = render.run().unwrap();
            let retries = &report.retries;
            assert_eq!((retries.len(), report.frames_out), (2, 125), "{retries:?}");
            assert!(retries[0].contains(said), "{retries:?}");
            assert!(retries[0].ends_with(", one frame at a time"), "{retries:?}");
            assert!(retries[1].ends_with("now on the processor"), "{retries:?}");
            assert!(render.bytes() == good.bytes(), "{name}");
        }
    }
    // A fault of the program is told as one, and fewer frames would not help.
    let gpu = failing(adapter.clone(), Fault::Misused, 3, 1);
    let report = render(dir.path(), "misused.nut", Some(gpu)).run().unwrap();
    let retries = &report.retries;
    assert_eq!(retries.len(), 1, "{retries:?}");
    assert!(
        retries[0].contains("in a way that it does not allow")
            && retries[0].ends_with("now on the processor"),
        "{retries:?}"
    );
}
