//! Jobs whose sources misbehave.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::device::Choice;
use super::error::{RenderError, Result};
use super::event::{Cancel, Event};
use super::feed::{Fed, Feed};
use super::job::{Job, Origin};
use super::looks::Look;
use super::naming::Target;
use super::parallel::Parallelism;
use super::settings::Settings;
use super::{Failure, Report};
use crate::color::Color;
use crate::frame::{Model, PixelFormat, Rational, Span, Subsampling};
use crate::graph::cpu::CpuExecutor;
use crate::graph::gpu::Wanted;
use crate::graph::plan::StyleUse;
use crate::graph::style::{Library, Values};
use crate::graph::{Device, ExecError, Executor, Output, Submission, Timing};
use crate::media::{Damage, Generated, generated};

/// What a source does after some good frames.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    End,
    Panic,
    Fail,
    GoOn,
}

struct Misbehaving {
    good: i64,
    given: i64,
    then: Then,
}

impl Feed for Misbehaving {
    fn next(&mut self) -> Result<Option<Fed>> {
        let pts = self.given;
        self.given += 1;
        if pts >= self.good {
            match self.then {
                Then::End => return Ok(None),
                Then::Panic => panic!("as the test wants it"),
                Then::Fail => {
                    return Err(RenderError::Damaged {
                        path: "source".into(),
                        words: vec!["as the test wants it".to_owned()],
                    });
                }
                Then::GoOn => {}
            }
        }
        Ok(Some(Fed::Frame(None, Span { pts, duration: 1 })))
    }

    fn damage(&self) -> Damage {
        Damage::default()
    }

    fn spent(&self) -> Duration {
        Duration::ZERO
    }
}

/// A job in `folder` over generated frames, at 10 frames a second.
fn run(folder: &Path, then: Then, cancel: &Cancel, tell: &mut dyn FnMut(Event)) -> Result<Report> {
    let library = Library::built_in();
    let what = Generated {
        width: 64,
        height: 48,
        format: PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false),
        color: Color::default(),
        frame_rate: Rational::new(10, 1),
        frames: 7,
        sound_rate: 48_000,
    };
    let (info, header) = generated(Path::new("made"), &what)?;
    let origin = Origin {
        feed: Box::new(Misbehaving {
            good: 7,
            given: 0,
            then,
        }),
        info,
        header,
        generated: true,
    };
    let style = library.load("demo")?;
    let mut settings = Settings {
        looks: vec![Look::Chain(vec![StyleUse {
            values: Values::defaults(&style.params),
            style,
            strength: 1.0,
        }])],
        device: Wanted::Cpu,
        ..Settings::default()
    };
    settings.output.audio = crate::media::AudioChoice::None;
    let target = Target {
        out: Some(folder.join("out.mkv")),
        shared: false,
    };
    Job::of(&library, &settings, origin, &target)?.run(tell, cancel)
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

#[test]
fn a_good_source_is_rendered_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut events = Vec::new();
    let report = run(folder.path(), Then::End, &Cancel::default(), &mut |event| {
        events.push(event)
    })
    .unwrap();
    assert_eq!((report.frames_in, report.frames_out), (7, 7));
    let fidelity = &report.outputs[0].fidelity;
    assert!(fidelity.frames_equal && fidelity.times_equal && fidelity.duration_equal);
    assert!(matches!(events.first(), Some(Event::Start { .. })));
    assert!(matches!(events.last(), Some(Event::Done { frames: 7, .. })));
    let told = events.iter().rev().find_map(|event| match event {
        Event::Progress { frame, .. } => Some(*frame),
        _ => None,
    });
    assert_eq!(told, Some(7));
}

#[test]
fn a_panic_is_an_error_that_names_the_frame() {
    let folder = tempfile::tempdir().unwrap();
    let error = run(folder.path(), Then::Panic, &Cancel::default(), &mut |_| {}).unwrap_err();
    let said = error.summary();
    assert!(
        said.contains("at 0.600 s (pts 6)") && said.contains("as the test wants it"),
        "{said}"
    );
    assert_eq!(error.failure(), Failure::TryAgain);
    assert!(is_empty(folder.path()));
}

#[test]
fn the_first_cause_is_told_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let error = run(folder.path(), Then::Fail, &Cancel::default(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, RenderError::Damaged { .. }), "{error}");
    assert!(is_empty(folder.path()));
}

#[test]
fn an_endless_source_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let reason = Arc::new(AtomicUsize::new(0));
    let cancel = Cancel::new(reason.clone());
    let error = run(folder.path(), Then::GoOn, &cancel, &mut |event| {
        if matches!(event, Event::Progress { .. }) {
            reason.store(1, Ordering::Relaxed);
        }
    })
    .unwrap_err();
    assert!(matches!(error, RenderError::Cancelled), "{error}");
    assert!(is_empty(folder.path()));
}

/// So many faults to come, each at the third frame after a start.
#[derive(Clone, Debug)]
pub struct Faults {
    left: Arc<AtomicUsize>,
    panics: bool,
}

impl Faults {
    pub fn executor(&self, inner: CpuExecutor) -> Box<dyn Executor> {
        Box::new(Faulty {
            inner,
            frames: 0,
            faults: self.clone(),
        })
    }
}

struct Faulty {
    inner: CpuExecutor,
    frames: usize,
    faults: Faults,
}

impl Executor for Faulty {
    fn device(&self) -> Device {
        self.inner.device()
    }

    fn submit(&mut self, frame: Submission) -> std::result::Result<Vec<Output>, ExecError> {
        self.frames += 1;
        let due = |left: usize| left.checked_sub(1);
        let (store, load) = (Ordering::Relaxed, Ordering::Relaxed);
        if self.frames == 3 && self.faults.left.fetch_update(store, load, due).is_ok() {
            assert!(!self.faults.panics, "as the test wants it");
            return Err(ExecError::Lost {
                device: "test".into(),
                message: "as the test wants it".into(),
            });
        }
        self.inner.submit(frame)
    }

    fn flush(&mut self) -> std::result::Result<Vec<Output>, ExecError> {
        self.inner.flush()
    }

    fn save(&mut self) -> std::result::Result<Vec<u8>, ExecError> {
        self.inner.save()
    }

    fn restore(&mut self, state: &[u8]) -> std::result::Result<(), ExecError> {
        self.inner.restore(state)
    }

    fn timings(&self) -> Vec<Timing> {
        self.inner.timings()
    }
}

/// Renders 25 seconds in chunks of ten, to FFV1, by so many workers, with so many faults.
fn with_faults(
    folder: &Path,
    name: &str,
    workers: usize,
    faults: usize,
    panics: bool,
) -> Result<Report> {
    let clip = folder.join("clip.mkv");
    if !clip.exists() {
        let made = std::process::Command::new("ffmpeg")
            .args([
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=64x48:rate=5:duration=25",
            ])
            .args(["-pix_fmt", "yuv420p", "-c:v", "ffv1"])
            .arg(&clip)
            .status();
        assert!(made.unwrap().success());
    }
    let library = Library::built_in();
    let style = library.load("pencil")?;
    let mut settings = Settings {
        looks: vec![Look::Chain(vec![StyleUse {
            values: Values::defaults(&style.params),
            style,
            strength: 1.0,
        }])],
        device: Wanted::Cpu,
        ..Settings::default()
    };
    settings.output.codec = Some("ffv1".into());
    settings.job.chunk = Some(10);
    settings.job.workers = Parallelism::Count(workers.try_into().unwrap());
    let target = Target {
        out: Some(folder.join(name)),
        shared: false,
    };
    let mut job = Job::prepare(&library, &settings, &clip, &target)?;
    if let Some((_, choice)) = &mut job.plan {
        *choice = Choice::Faulty(Faults {
            left: Arc::new(AtomicUsize::new(faults)),
            panics,
        });
    }
    job.run(&mut |_| {}, &Cancel::default())
}

#[test]
fn a_chunk_is_tried_three_times() {
    let folder = tempfile::tempdir().unwrap();
    let good = with_faults(folder.path(), "good.nut", 1, 0, false).unwrap();
    assert_eq!(good.chunks.unwrap().retries.len(), 0);
    for (name, panics) in [("lost.nut", false), ("panic.nut", true)] {
        let report = with_faults(folder.path(), name, 1, 2, panics).unwrap();
        let chunks = report.chunks.unwrap();
        assert_eq!(
            (chunks.chunks, chunks.retries.len()),
            (3, 2),
            "{:?}",
            chunks.retries
        );
        assert!(
            chunks.retries[0].contains("chunk 1 is tried again: at 0.400 s"),
            "{:?}",
            chunks.retries
        );
        let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        assert!(read(name) == read("good.nut"), "{name}");
    }
    let error = with_faults(folder.path(), "never.nut", 1, 3, true).unwrap_err();
    assert_eq!(error.failure(), Failure::TryAgain);
    assert!(
        error.summary().contains("at 0.400 s"),
        "{}",
        error.summary()
    );
    assert!(!folder.path().join(".never.nut.aquatint").exists());
}

#[test]
fn the_fault_of_a_worker_costs_its_chunk() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    with_faults(folder.path(), "good.nut", 1, 0, false).unwrap();
    for (name, panics) in [("lost.nut", false), ("panic.nut", true)] {
        let report = with_faults(folder.path(), name, 3, 2, panics).unwrap();
        let chunks = report.chunks.unwrap();
        assert_eq!((chunks.workers, chunks.retries.len()), (3, 2));
        // The third frame of a chunk, whose time is told.
        let told = ["at 0.400 s", "at 10.000 s", "at 19.600 s"];
        let named = |words: &String| told.iter().any(|time| words.contains(time));
        assert!(chunks.retries.iter().all(named), "{:?}", chunks.retries);
        assert!(read(name) == read("good.nut"), "{name}");
    }
    // Faults without end, all workers have some: the first chunk that had three of them ends it.
    let error = with_faults(folder.path(), "never.nut", 3, 99, true).unwrap_err();
    assert_eq!(error.failure(), Failure::TryAgain);
    assert!(!folder.path().join(".never.nut.aquatint").exists());
}
