//! Jobs whose sources misbehave.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::color::Color;
use crate::frame::{Model, PixelFormat, Rational, Span, Subsampling};
use crate::graph::gpu::Wanted;
use crate::graph::plan::StyleUse;
use crate::graph::style::Library;
use crate::media::{Damage, Generated, generated};
use crate::render::error::{RenderError, Result};
use crate::render::event::{Cancel, Event};
use crate::render::job::{Job, JobInput};
use crate::render::naming::OutputLocation;
use crate::render::output_styles::OutputStyle;
use crate::render::pipeline::{FrameSource, StreamItem};
use crate::render::settings::Settings;
use crate::render::{Failure, Report};

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

impl FrameSource for Misbehaving {
    fn next(&mut self) -> Result<StreamItem> {
        let pts = self.given;
        self.given += 1;
        if pts >= self.good {
            match self.then {
                Then::End => return Ok(StreamItem::End),
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
        Ok(StreamItem::Frame(None, Span { pts, duration: 1 }))
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
    let input = JobInput {
        source: Some(Box::new(Misbehaving {
            good: 7,
            given: 0,
            then,
        })),
        info,
        header,
        generated: true,
    };
    let style = library.load("demo")?;
    let mut settings = Settings {
        styles: vec![OutputStyle::Chain(vec![StyleUse::new(style)])],
        device: Wanted::Cpu,
        ..Settings::default()
    };
    settings.output.audio = crate::media::AudioChoice::None;
    let target = OutputLocation {
        out: Some(folder.join("out.mkv")),
        ..OutputLocation::default()
    };
    Job::of(&library, &settings, input, &target)?.run(tell, cancel)
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
    assert_eq!(error.failure(), Failure::Fault);
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
