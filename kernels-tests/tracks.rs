//! Parameters that follow tracks: every frame is as it is with the value of its own time, whatever looks ahead, is under
//! way, or was saved.

use aquatint::frame::{Picture, Rational, Span};
use aquatint::graph::plan::{OutputRequest, Plan, PlanOptions, Source, StyleUse, Temporal, plan};
use aquatint::graph::style::{Library, Param, ParamKind, Style, StyleError, Value, strength};
use aquatint::graph::{Checkpoint, Session};

use crate::support::*;
use crate::temporal::own_files;

const RATE: usize = 25;

fn film(frames: usize) -> Vec<Picture> {
    (0..frames)
        .map(|index| view(yuv420(8), 3, 5 * index, 0.02, index as u64))
        .collect()
}

/// A stream of 25 frames a second; its first frame has the time 100.
fn session(library: &Library, plan: &Plan, on: On) -> Session {
    let files = own_files(library, plan);
    Session::new(executor(library, plan.clone(), &files, on), Some(100), 7)
}

fn span(index: usize) -> Span {
    Span {
        pts: 100 + index as i64,
        duration: 1,
    }
}

fn request(first: &Picture, chain: Vec<StyleUse>) -> OutputRequest {
    OutputRequest {
        chain,
        format: first.format,
        color: first.color,
        temporal: Temporal::Off,
    }
}

fn source(first: &Picture) -> Source {
    Source {
        time_base: Rational::new(1, RATE as i64),
        ..source_of(first)
    }
}

fn planned(library: &Library, first: &Picture, part: StyleUse) -> Result<Plan, StyleError> {
    let request = request(first, vec![part]);
    plan(library, &source(first), &[request], PlanOptions::default())
}

/// `style` with these values; the strength is one of them.
fn with(library: &Library, style: &Style, values: &[(String, String)]) -> StyleUse {
    let mut part = styled(library, &style.name, &[], 1.0);
    for (name, text) in values {
        if *name != "strength" {
            let set = part.values.set(&style.name, &style.params, name, text);
            set.unwrap();
            continue;
        }
        match strength().parse(&style.name, text).unwrap() {
            Value::Number(strength) => part.strength = strength,
            track => part.values.0.push((name.clone(), track)),
        }
    }
    part
}

/// Two values of a parameter between which it may move; `None` if it is no number.
fn ends(param: &Param) -> Option<(f64, f64)> {
    let (default, min, max) = match param.kind {
        ParamKind::Number { default, min, max } => (default, min, max),
        ParamKind::Integer { default, min, max } => (default as f64, min as f64, max as f64),
        _ => return None,
    };
    let to = if default < max { max } else { min };
    let near = default + (to - default) * 0.3;
    let from = default + (to - default) * 0.05;
    Some(match param.kind {
        ParamKind::Integer { .. } => (default, near.round()),
        _ => (from, near),
    })
}

#[test]
fn every_parameter_that_may_follows_its_track() {
    const FRAMES: usize = 4;
    let library = Library::built_in();
    let film = film(FRAMES);
    let end = (FRAMES - 1) as f64 / RATE as f64;
    let mut followed = Vec::new();
    for name in ["pencil", "cartoon", "comic", "cinematic"] {
        let style = library.load(name).unwrap();
        let params = style.params.iter().cloned().chain([strength()]);
        let moving: Vec<(Param, f64, f64)> = params
            .filter_map(|param| {
                let (from, to) = ends(&param)?;
                let track = format!("0:{from},{end}:{to}");
                let part = with(&library, &style, &[(param.name.clone(), track)]);
                match planned(&library, &film[0], part) {
                    Ok(_) => Some((param, from, to)),
                    Err(StyleError::Fixed { .. }) => None,
                    Err(error) => panic!("{name}.{}: {error}", param.name),
                }
            })
            .collect();
        followed.extend(
            moving
                .iter()
                .map(|(param, ..)| format!("{name}.{}", param.name)),
        );
        let tracks = moving.iter();
        let tracks =
            tracks.map(|(param, from, to)| (param.name.clone(), format!("0:{from},{end}:{to}")));
        let tracks: Vec<_> = tracks.collect();
        let tracked = planned(&library, &film[0], with(&library, &style, &tracks)).unwrap();
        let plain = |index: usize| {
            let values = moving.iter().map(|(param, from, to)| {
                let at = index as f64 / RATE as f64;
                let value = from + (to - from) * (at / end);
                let value = match param.kind {
                    ParamKind::Integer { .. } => value.round(),
                    _ => value,
                };
                (param.name.clone(), value.to_string())
            });
            let values: Vec<_> = values.collect();
            planned(&library, &film[0], with(&library, &style, &values)).unwrap()
        };
        for on in BOTH {
            let mut following = session(&library, &tracked, on);
            let files = own_files(&library, &plain(0));
            let live = live_executor(&library, plain(0), &files, on);
            let mut live = Session::new(live, Some(100), 7);
            let (mut made, mut expected, mut first) = (Vec::new(), Vec::new(), Vec::new());
            let mut still = session(&library, &plain(0), on);
            for (index, frame) in film.iter().enumerate() {
                made.extend(following.push(Some(frame.clone()), span(index)).unwrap());
                live.set_params(&plain(index)).unwrap();
                expected.extend(live.push(Some(frame.clone()), span(index)).unwrap());
                first.extend(still.push(Some(frame.clone()), span(index)).unwrap());
            }
            made.extend(following.finish().unwrap());
            expected.extend(live.finish().unwrap());
            first.extend(still.finish().unwrap());
            let [made, expected, first] = [made, expected, first].map(pictures);
            for index in 0..FRAMES {
                // A graphics compiler may fuse products and sums differently where other parameters are constants.
                let apart = difference(&made[index], &expected[index]).0;
                let allowed = u32::from(on == On::Gpu && !adapter().software);
                assert!(
                    apart <= allowed,
                    "frame {index} of {name} on {on:?}: {apart} codes"
                );
            }
            let last = FRAMES - 1;
            assert!(!made[last].same_samples(&first[last]), "{name} on {on:?}");
        }
    }
    for param in [
        "cinematic.bloom_strength",
        "cinematic.grain_size",
        "comic.strength",
        "pencil.strength",
    ] {
        assert!(followed.iter().any(|known| known == param), "{followed:?}");
    }
}

#[test]
fn what_looks_ahead_reads_the_track_at_its_own_frame() {
    const FRAMES: usize = 8;
    let library = Library::built_in();
    let film = film(FRAMES);
    let style = library.load("despeckle").unwrap();
    let value = |text: &str| {
        let values = [("threshold".to_owned(), text.to_owned())];
        planned(&library, &film[0], with(&library, &style, &values)).unwrap()
    };
    let thresholds = ["0.02", "1", "0.1"];
    let tracked = value("hold,0:0.02,0.12:1,0.2:0.1");
    assert_eq!(tracked.latency, 1);
    for on in BOTH {
        let all = |plan: &Plan| {
            let mut session = session(&library, plan, on);
            let mut outputs = Vec::new();
            for (index, frame) in film.iter().enumerate() {
                outputs.extend(session.push(Some(frame.clone()), span(index)).unwrap());
            }
            outputs.extend(session.finish().unwrap());
            pictures(outputs)
        };
        let made = all(&tracked);
        let plain = thresholds.map(|threshold| all(&value(threshold)));
        assert!(!plain[0][4].same_samples(&plain[1][4]), "the values matter");
        for (index, made) in made.iter().enumerate() {
            let expected = &plain[usize::from(index >= 3) + usize::from(index >= 5)][index];
            assert!(made.same_samples(expected), "frame {index} on {on:?}");
        }
    }
}

#[test]
fn a_saved_stream_goes_on_at_its_time() {
    const FRAMES: usize = 6;
    let library = Library::built_in();
    let film = film(FRAMES);
    let style = library.load("despeckle").unwrap();
    let values = [("threshold".to_owned(), "0:0.001,0.2:1".to_owned())];
    let plan = planned(&library, &film[0], with(&library, &style, &values)).unwrap();
    for on in BOTH {
        let push = |session: &mut Session, range: std::ops::Range<usize>| {
            let mut outputs = Vec::new();
            for index in range {
                outputs.extend(
                    session
                        .push(Some(film[index].clone()), span(index))
                        .unwrap(),
                );
            }
            outputs
        };
        let mut whole = session(&library, &plan, on);
        let mut expected = push(&mut whole, 0..FRAMES);
        expected.extend(whole.finish().unwrap());
        let expected = pictures(expected);
        for saved in 1..FRAMES {
            let mut first = session(&library, &plan, on);
            let mut made = push(&mut first, 0..saved);
            made.extend(first.drain().unwrap());
            let mut bytes = Vec::new();
            first.checkpoint().unwrap().write(&mut bytes).unwrap();
            let mut second = session(&library, &plan, on);
            let state = Checkpoint::from_bytes(&bytes).unwrap();
            second.restore(state).unwrap();
            made.extend(push(&mut second, 0..FRAMES));
            made.extend(second.finish().unwrap());
            for (index, made) in pictures(made).iter().enumerate() {
                let same = made.same_samples(&expected[index]);
                assert!(same, "frame {index}, saved after {saved}, on {on:?}");
            }
        }
    }
}
