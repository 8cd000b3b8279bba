//! Several frames under way at once, as in every render: they come out as one at a time, whatever is carried from frame to
//! frame and however the images share memory.

use aquatint::color::Color;
use aquatint::frame::Picture;
use aquatint::graph::cpu::CpuExecutor;
use aquatint::graph::plan::{Plan, PlanOptions, StyleUse, Temporal};
use aquatint::graph::scene::Observer;
use aquatint::graph::style::Library;
use aquatint::graph::{Executor, Submission};

use crate::support::*;
use crate::temporal::{ADAPTIVE, EMA, Playing, own_luts, planned_with, styles};

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

/// The frames of `film` from `first` on, each with what `observer` sees.
fn observed<'a>(
    film: &'a [Picture],
    first: usize,
    observer: &'a mut Observer,
) -> impl Iterator<Item = Submission> + 'a {
    film.iter().enumerate().skip(first).map(|(index, picture)| {
        let place = Default::default();
        let frame = Submission::new(Some(picture.clone()), place, index as i64, 0.0, 7);
        frame.observed(observer.observe(picture))
    })
}

/// What `plan` makes of `film`, each frame done before the next is submitted.
fn one_at_a_time(library: &Library, plan: &Plan, film: &[Picture], on: On) -> Vec<Picture> {
    let mut playing = Playing::new(library, plan.clone(), on);
    let frames = film.iter().enumerate();
    frames
        .map(|(index, picture)| playing.next(picture, index))
        .collect()
}

/// Submits frames without a flush; gives what comes out.
fn submit_all(
    executor: &mut dyn Executor,
    frames: impl Iterator<Item = Submission>,
) -> Vec<Picture> {
    let outputs = frames.flat_map(|frame| executor.submit(frame).unwrap());
    outputs.map(|output| output.picture).collect()
}

/// The rest of what was submitted.
fn rest(executor: &mut dyn Executor) -> Vec<Picture> {
    let outputs = executor.flush().unwrap().into_iter();
    outputs.map(|output| output.picture).collect()
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
    let mut executor = executor(library, plan.clone(), &own_luts(library, plan), on);
    let mut observer = Observer::default();
    let mut found = submit_all(executor.as_mut(), observed(&film, 0, &mut observer));
    let under_way = FRAMES - found.len();
    assert!(
        on == On::Cpu || under_way > 1,
        "{words}: {under_way} under way"
    );
    found.extend(rest(executor.as_mut()));
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

/// Saved with frames under way, and taken up by an executor that has others under way.
fn can_be_taken_up(library: &Library, plan: &Plan, on: On, words: &str) {
    const SAVED: usize = 4;
    let film = film();
    let expected = one_at_a_time(library, plan, &film, on);
    let start = || executor(library, plan.clone(), &own_luts(library, plan), on);
    let mut observer = Observer::default();
    let mut first = start();
    let mut found = submit_all(first.as_mut(), observed(&film[..SAVED], 0, &mut observer));
    assert!(on == On::Cpu || SAVED - found.len() > 1, "{words}");
    let state = first.save().unwrap();
    let mut slow = Playing::new(library, plan.clone(), on);
    for (index, picture) in film[..SAVED].iter().enumerate() {
        slow.next(picture, index);
    }
    assert!(slow.executor.save().unwrap() == state, "state of {words}");
    // Going on after a save.
    let mut through = observer.clone();
    let mut whole = found.clone();
    let after = observed(&film, SAVED, &mut through);
    whole.extend(submit_all(first.as_mut(), after));
    whole.extend(rest(first.as_mut()));
    assert_same(&whole, &expected, &format!("{words}, saved midway"));
    // By another executor, in the middle of something else.
    found.truncate(0);
    let mut second = start();
    let mut other = Observer::default();
    let backwards: Vec<Picture> = film[CUT..].iter().rev().cloned().collect();
    found.extend(submit_all(
        second.as_mut(),
        observed(&backwards, 0, &mut other),
    ));
    second.restore(&state).unwrap();
    found.extend(submit_all(
        second.as_mut(),
        observed(&film, SAVED, &mut observer),
    ));
    found.extend(rest(second.as_mut()));
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
fn flushed_at_the_end(library: &Library, plan: Plan, film: &[Picture], on: On) -> Vec<Picture> {
    let mut observer = Observer::default();
    let frames = observed(film, 0, &mut observer);
    let files = own_luts(library, &plan);
    if on == On::Cpu {
        let mut executor = CpuExecutor::new(library, plan, &files).unwrap();
        let mut outputs = Vec::new();
        for frame in frames {
            executor.poison();
            outputs.extend(executor.submit(frame).unwrap());
        }
        return outputs.into_iter().map(|output| output.picture).collect();
    }
    let mut executor = executor(library, plan, &files, on);
    let mut outputs = submit_all(executor.as_mut(), frames);
    outputs.extend(rest(executor.as_mut()));
    outputs
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
            let expected = flushed_at_the_end(&library, apart.clone(), &film, on);
            // Fused, as renders are; and not, where more images share memory.
            for fuse in [true, false] {
                let found = flushed_at_the_end(&library, planned(fuse, true), &film, on);
                let words = format!("{}, fused {fuse}, on {on:?}", style.style.name);
                assert_same(&found, &expected, &words);
            }
        }
    }
}
