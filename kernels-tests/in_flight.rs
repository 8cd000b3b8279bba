//! Several frames in flight at once, as in every render: they come out as one at a time, whatever is carried from frame to
//! frame and however the images share memory.

use aquatint::color::Color;
use aquatint::frame::Picture;
use aquatint::graph::cpu::CpuExecutor;
use aquatint::graph::plan::{Plan, PlanOptions, StyleUse, Temporal};
use aquatint::graph::style::Library;
use aquatint::graph::{Device, ExecError, Executor, Output, Session, StepTime, Submission};

use crate::support::*;
use crate::temporal::{
    ADAPTIVE, EMA, Playing, own_files, planned_with, session, span, stream, styles,
};

const FRAMES: usize = 8;
/// Index of the frame that another scene begins with.
const CUT: usize = 6;

/// A scene that moves, with noise, and the beginning of another one.
fn film() -> Vec<Picture> {
    let frame = |index: usize| {
        if index < CUT {
            return view(yuv420(8), 3, 3 * index, 3.0, index as u64);
        }
        picture(320, 180, yuv420(8), Color::default(), |_, x, y| {
            let light = ((x + index) / 40 + y / 45).is_multiple_of(2);
            if light { 220 } else { 60 }
        })
    };
    (0..FRAMES).map(frame).collect()
}

/// What `plan` makes of `film`, each frame done before the next is submitted.
fn one_at_a_time(library: &Library, plan: &Plan, film: &[Picture], on: On) -> Vec<Picture> {
    let mut playing = Playing::new(library, plan.clone(), on);
    let frames = film.iter().enumerate();
    frames
        .map(|(index, picture)| playing.next(picture, index))
        .collect()
}

/// Pushes frames without waiting for any; `first` is the number of the first. Gives what comes out.
fn push_all(session: &mut Session, film: &[Picture], first: usize) -> Vec<Picture> {
    let frames = film.iter().enumerate();
    let outputs = frames.flat_map(|(index, picture)| {
        session
            .push(Some(picture.clone()), span(first + index))
            .unwrap()
    });
    pictures(outputs.collect())
}

/// The rest of what was pushed.
fn rest(session: &mut Session) -> Vec<Picture> {
    pictures(session.drain().unwrap())
}

#[track_caller]
fn assert_same(found: &[Picture], expected: &[Picture], words: &str) {
    assert_eq!(found.len(), expected.len(), "{words}");
    for (index, (a, b)) in found.iter().zip(expected).enumerate() {
        let apart = difference(a, b);
        assert!(a.same_samples(b), "frame {index} of {words}: {apart:?}");
    }
}

/// Every style on both executors, as plans that carry something.
fn each(temporal: Temporal, names: &[&str], check: impl Fn(&Library, &Plan, On, &str)) {
    let library = Library::built_in();
    let first = view(yuv420(8), 3, 0, 3.0, 0);
    let all = styles(&library);
    let named = |style: &&StyleUse| names.contains(&style.style.name.as_str());
    let chosen: Vec<&StyleUse> = all.iter().filter(named).collect();
    assert_eq!(chosen.len(), names.len());
    for style in chosen {
        let plan = planned_with(&library, &first, style, temporal, PlanOptions::default());
        assert!(!plan.histories.is_empty());
        for on in BOTH {
            let words = format!("{}, {temporal:?} on {on:?}", style.style.name);
            check(&library, &plan, on, &words);
        }
    }
}

const ALL: &[&str] = &["pencil", "cartoon", "comic", "cinematic"];

/// Eight frames, flushed at the end.
fn come_out_alike(library: &Library, plan: &Plan, on: On, words: &str) {
    let film = film();
    let expected = one_at_a_time(library, plan, &film, on);
    let mut all = session(library, plan.clone(), on);
    let mut found = push_all(&mut all, &film, 0);
    let in_flight = FRAMES - found.len();
    assert!(
        on == On::Cpu || in_flight > 1,
        "{words}: {in_flight} in flight"
    );
    found.extend(rest(&mut all));
    assert_same(&found, &expected, words);
    // What was carried mattered.
    let mut fresh = Playing::new(library, plan.clone(), on);
    assert!(
        !fresh
            .next(&film[CUT - 1], CUT - 1)
            .same_samples(&found[CUT - 1])
    );
}

#[test]
fn a_plain_average_is_the_same() {
    each(EMA, ALL, come_out_alike);
}

#[test]
fn an_average_that_follows_motion_is_the_same() {
    each(ADAPTIVE, ALL, come_out_alike);
}

#[test]
fn the_palette_of_a_cartoon_is_the_same() {
    each(Temporal::Off, &["cartoon"], come_out_alike);
}

/// Saved with frames in flight, and taken up by an executor that has others in flight.
fn can_be_taken_up(library: &Library, plan: &Plan, on: On, words: &str) {
    const SAVED: usize = 4;
    let film = film();
    let expected = one_at_a_time(library, plan, &film, on);
    let mut first = session(library, plan.clone(), on);
    let mut whole = push_all(&mut first, &film[..SAVED], 0);
    assert!(on == On::Cpu || SAVED - whole.len() > 1, "{words}");
    let state = first.checkpoint().unwrap();
    let mut slow = Playing::new(library, plan.clone(), on);
    for (index, picture) in film[..SAVED].iter().enumerate() {
        slow.next(picture, index);
    }
    assert!(slow.0.checkpoint().unwrap() == state, "state of {words}");
    // Continuing after a checkpoint.
    whole.extend(push_all(&mut first, &film[SAVED..], SAVED));
    whole.extend(rest(&mut first));
    assert_same(&whole, &expected, &format!("{words}, saved midway"));
    // By another session, in the middle of something else.
    let backwards: Vec<Picture> = film[CUT..].iter().rev().cloned().collect();
    let mut second = session(library, plan.clone(), on);
    let mut found = push_all(&mut second, &backwards, 0);
    second.restore(state).unwrap();
    found.extend(push_all(&mut second, &film[SAVED..], SAVED));
    found.extend(rest(&mut second));
    let found = &found[backwards.len()..];
    assert_same(found, &expected[SAVED..], &format!("{words}, taken up"));
}

#[test]
fn a_plain_average_can_be_taken_up() {
    each(EMA, &["pencil"], can_be_taken_up);
}

#[test]
fn an_average_that_follows_motion_can_be_taken_up() {
    each(ADAPTIVE, &["cinematic"], can_be_taken_up);
}

#[test]
fn the_palette_of_a_cartoon_can_be_taken_up() {
    each(Temporal::Off, &["cartoon"], can_be_taken_up);
}

/// What a plan makes of `film`, flushed at the end. On the processor what lies in the pool is spoilt before every frame; on
/// a GPU it is what other frames left there.
fn finished(library: &Library, plan: Plan, film: &[Picture], on: On) -> Vec<Picture> {
    let mut session = match on {
        On::Cpu => {
            let files = own_files(library, &plan);
            stream(Box::new(Spoilt(CpuExecutor::new(plan, &files).unwrap())))
        }
        On::Gpu | On::Recorded => session(library, plan, on),
    };
    let mut outputs = push_all(&mut session, film, 0);
    outputs.extend(pictures(session.finish().unwrap()));
    outputs
}

/// The CPU executor; what lies in its pool is spoilt before every frame.
struct Spoilt(CpuExecutor);

impl Executor for Spoilt {
    fn device(&self) -> Device {
        self.0.device()
    }

    fn plan(&self) -> &Plan {
        self.0.plan()
    }

    fn submit(&mut self, work: Submission) -> Result<Vec<Output>, ExecError> {
        self.0.poison();
        self.0.submit(work)
    }

    fn drain(&mut self) -> Result<Vec<Output>, ExecError> {
        self.0.drain()
    }

    fn save(&mut self) -> Result<Vec<u8>, ExecError> {
        self.0.save()
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), ExecError> {
        self.0.restore(state)
    }

    fn set_params(&mut self, plan: &Plan) -> Result<(), ExecError> {
        self.0.set_params(plan)
    }

    fn step_times(&self) -> Vec<StepTime> {
        self.0.step_times()
    }
}

#[test]
fn a_shared_pool_changes_nothing() {
    let library = Library::built_in();
    let film = film();
    for style in styles(&library) {
        let planned = |fuse, pool| {
            let options = PlanOptions {
                fuse,
                pool,
                ..PlanOptions::default()
            };
            planned_with(&library, &film[0], &style, ADAPTIVE, options)
        };
        let apart = planned(false, false);
        assert!(
            planned(false, true).slots.len() < apart.slots.len(),
            "something is shared"
        );
        for on in BOTH {
            let expected = finished(&library, apart.clone(), &film, on);
            // Fused, as renders are; and not, where more images share memory.
            for fuse in [true, false] {
                let found = finished(&library, planned(fuse, true), &film, on);
                let words = format!("{}, fused {fuse}, on {on:?}", style.style.name);
                assert_same(&found, &expected, &words);
            }
        }
    }
}
