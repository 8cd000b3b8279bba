//! Passes that make more or fewer frames than they read: which frames, when, and the same whatever is carried or saved.

use aquatint::color::Color;
use aquatint::frame::{FieldOrder, Picture, Rational, Span};
use aquatint::graph::plan::{
    OutputRequest, Plan, PlanOptions, Source, StyleUse, Temporal, Timing, plan, shape,
};
use aquatint::graph::style::Library;
use aquatint::graph::{Checkpoint, Output, Session};

use crate::support::*;
use crate::temporal::{EMA, session};

const FRAMES: usize = 7;
/// The frame that another scene begins with.
const CUT: usize = 4;
/// Ticks of a frame.
const TICKS: i64 = 4;
const START: i64 = 16;

/// Frames of two scenes, each a little brighter than the one before.
fn film() -> Vec<Picture> {
    let frame = |index: usize| {
        let mut made = picture(48, 32, yuv420(8), Color::default(), |component, x, y| {
            let scene = if index < CUT {
                20 + 3 * x as u32
            } else {
                200 - 4 * y as u32
            };
            match component {
                0 => scene + 5 * index as u32,
                _ => 128,
            }
        });
        made.field_order = FieldOrder::BottomFirst;
        made
    };
    (0..FRAMES).map(frame).collect()
}

/// Frame 3 is shown twice as long as the others.
fn span(index: usize) -> Span {
    let late = if index > 3 { TICKS } else { 0 };
    Span {
        pts: START + TICKS * index as i64 + late,
        duration: if index == 3 { 2 * TICKS } else { TICKS },
    }
}

/// A style whose manifest has these passes, and its kernels.
fn own(passes: &str, kernels: &[(&str, &str)]) -> (tempfile::TempDir, Library) {
    let manifest = format!("summary = \"s\"\n{passes}");
    let mut files = vec![("style.toml", manifest.as_str())];
    files.extend(kernels);
    with_own("mine", &files)
}

fn source() -> Source {
    Source {
        time_base: Rational::new(1, 100),
        ..source_of(&film()[0])
    }
}

fn rated(library: &Library, mode: &str, rate: (i64, i64)) -> StyleUse {
    StyleUse {
        rate: Some(Rational::new(rate.0, rate.1)),
        ..styled(library, "rate", &[("mode", mode)], 1.0)
    }
}

fn planned(library: &Library, chains: &[Vec<StyleUse>], temporal: Temporal) -> Plan {
    let first = &film()[0];
    let requests: Vec<OutputRequest> = chains
        .iter()
        .map(|chain| OutputRequest {
            chain: chain.clone(),
            format: first.format,
            color: first.color,
            temporal,
        })
        .collect();
    plan(library, &source(), &requests, PlanOptions::default()).unwrap()
}

fn refused(library: &Library, chain: Vec<StyleUse>) -> String {
    let source = source();
    let error = shape(library, &source, &chain, Temporal::Off).map(|_| ());
    error.unwrap_err().to_string()
}

fn push(session: &mut Session, film: &[Picture], index: usize) -> Vec<Output> {
    session
        .push(Some(film[index].clone()), span(index))
        .unwrap()
}

/// What a plan makes of the film, drained after each frame: the outputs that each frame completes, and those at the end.
fn finished(library: &Library, plan: &Plan, on: On) -> Vec<Vec<Output>> {
    let film = film();
    let mut session = session(library, plan.clone(), on);
    let mut outputs = Vec::new();
    for index in 0..film.len() {
        let mut ready = push(&mut session, &film, index);
        ready.extend(session.drain().unwrap());
        outputs.push(ready);
    }
    outputs.push(session.finish().unwrap());
    outputs
}

/// Times and durations of a port.
fn times(outputs: &[Output], port: usize) -> Vec<(i64, i64)> {
    let of_port = outputs.iter().filter(|output| output.port == port);
    of_port
        .map(|output| (output.span.pts, output.span.duration))
        .collect()
}

/// Luma at a pixel, picture by picture.
fn luma(outputs: Vec<Output>, x: usize, y: usize) -> Vec<u32> {
    let made = pictures(outputs);
    made.iter().map(|picture| picture.sample(0, x, y)).collect()
}

#[test]
fn frames_are_held_at_the_rate_of_the_output() {
    let library = Library::built_in();
    let chain = vec![rated(&library, "hold", (50, 1))];
    let shaped = shape(&library, &source(), &chain, Temporal::Off).unwrap();
    assert_eq!(shaped.time_base, Rational::new(1, 100));
    let plan = planned(&library, &[chain], Temporal::Off);
    // A frame ends where the next one begins.
    assert_eq!((plan.timing().before, plan.timing().after), (Some(0), 1));
    for on in BOTH {
        let outputs: Vec<Output> = finished(&library, &plan, on)
            .into_iter()
            .flatten()
            .collect();
        // Eight frames of 4 ticks, in steps of 2.
        let expected = (0..16).map(|k| (START + 2 * k, 2));
        assert_eq!(times(&outputs, 0), expected.collect::<Vec<_>>());
        let shown = [0, 0, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6];
        let film = film();
        for (made, index) in pictures(outputs).iter().zip(shown) {
            assert!(made.same_samples(&film[index]), "frame {index} on {on:?}");
        }
    }
}

#[test]
fn frames_are_mixed_by_time_within_their_scene() {
    let library = Library::built_in();
    let plan = planned(
        &library,
        &[vec![rated(&library, "blend", (100, 1))]],
        Temporal::Off,
    );
    for on in BOTH {
        let outputs: Vec<Output> = finished(&library, &plan, on)
            .into_iter()
            .flatten()
            .collect();
        let made = luma(outputs, 8, 8);
        let frame = |index: usize| film()[index].sample(0, 8, 8);
        assert_eq!(made.len(), 32);
        // A quarter of the way from one to the next is a quarter of the 5 codes between them.
        for (at, expected) in [(0, 0.0), (1, 1.25), (2, 2.5), (3, 3.75), (4, 5.0)] {
            let expected = f64::from(frame(0)) + expected;
            let found = f64::from(made[at]);
            assert!(
                (found - expected).abs() <= 0.5 + 1e-3,
                "{at}: {found}, not {expected}"
            );
        }
        // Frame 3 is the last of its scene, and frame 6 of all.
        assert_eq!(made[12..20], [frame(3); 8], "on {on:?}");
        assert_eq!(made[28..], [frame(6); 4]);
        assert_eq!(made[20], frame(4));
    }
}

#[test]
fn a_lower_rate_leaves_frames_out() {
    let library = Library::built_in();
    let plan = planned(
        &library,
        &[vec![rated(&library, "hold", (25, 2))]],
        Temporal::Off,
    );
    let outputs: Vec<Output> = finished(&library, &plan, On::Cpu)
        .into_iter()
        .flatten()
        .collect();
    let expected: Vec<_> = (0..4).map(|k| (START + 8 * k, 8)).collect();
    assert_eq!(times(&outputs, 0), expected);
    let film = film();
    let made = pictures(outputs);
    for (made, index) in made.iter().zip([0, 2, 3, 5]) {
        assert!(made.same_samples(&film[index]), "frame {index}");
    }
}

const BOTH_FIELDS: &str = "fn pixel(at: vec2i) -> vec4f {
    let second = i32(round(2.0 * package::engine::facts.phase));
    return image_field(second, vec2i(at.x, at.y / 2));
}";

/// One pass that makes a frame of each field.
const FIELDS: &str =
    "[[pass]]\nkernel = \"fields\"\nin = { image = \"source\" }\nrate = 2\nout = \"result\"\n";

#[test]
fn a_pass_makes_a_frame_of_each_field() {
    let (_folder, library) = own(FIELDS, &[("fields.wgsl", BOTH_FIELDS)]);
    let chain = vec![styled(&library, "mine", &[], 1.0)];
    let plan = planned(&library, &[chain], Temporal::Off);
    // No twin: it runs as WGSL alone.
    let outputs: Vec<Output> = finished(&library, &plan, On::Gpu)
        .into_iter()
        .flatten()
        .collect();
    let spans: Vec<_> = (0..FRAMES).map(span).collect();
    // In ticks of half the length. The second field is shown half-way to the next frame.
    let halves = |span: &Span| {
        let half = |k: i64| (2 * span.pts + k * span.duration, span.duration);
        [half(0), half(1)]
    };
    let expected: Vec<_> = spans.iter().flat_map(halves).collect();
    assert_eq!(times(&outputs, 0), expected);
    let film = film();
    for (index, made) in pictures(outputs).iter().enumerate() {
        let whole = &film[index / 2];
        for y in 0..32 {
            // The bottom field is the first.
            let row = 2 * (y / 2) + 1 - index % 2;
            assert_eq!(
                made.sample(0, 9, y),
                whole.sample(0, 9, row),
                "row {y} of picture {index}"
            );
        }
    }
}

/// What follows the pass that doubles the frames: a window over the doubled frames, and an average of them.
const AFTER: &str = "[history.last]\nof = \"mean\"\nlike = \"source\"\n\
    [[pass]]\nkernel = \"half\"\nin = { image = \"source[-1..+1]\" }\nrate = \"1 + 1\"\nout = \"doubled\"\n\
    [[pass]]\nkernel = \"window\"\nin = { image = \"doubled[-1..+1]\", source = \"source\" }\nout = \"calm\"\n\
    [[pass]]\nkernel = \"average\"\nin = { image = \"calm\", last = \"last\" }\nchannels = 4\nout = \"mean\"\n\
    [[pass]]\nkernel = \"same\"\nin = { image = \"mean\" }\nout = \"result\"\n";
const HALF: &str = "fn pixel(at: vec2i) -> vec4f {
    let share = package::engine::facts.phase;
    return mix(image_here(0), image_here(1), share) * 0.9 + image_here(-1) * 0.1;
}";
const WINDOW: &str = "fn pixel(at: vec2i) -> vec4f {
    return max(max(image_here(-1), image_here(0)), image_here(1)) * 0.75 + source_here() * 0.25;
}";
const AVERAGE: &str = "fn pixel(at: vec2i) -> vec4f {
    let valid = package::engine::facts.history_valid != 0u;
    return select(image_here(), mix(last_here(), image_here(), 0.5), valid);
}";
const SAME: &str = "fn pixel(at: vec2i) -> vec4f { return image_here(); }";

fn doubled() -> (tempfile::TempDir, Library) {
    own(
        AFTER,
        &[
            ("half.wgsl", HALF),
            ("window.wgsl", WINDOW),
            ("average.wgsl", AVERAGE),
            ("same.wgsl", SAME),
        ],
    )
}

#[test]
fn windows_and_histories_follow_the_faster_clock() {
    let manifest = AFTER.replace("[history.last]\nof = \"mean\"\nlike = \"source\"\n", "");
    let manifest = manifest.replace(", last = \"last\"", "");
    let kernels = [
        ("half.wgsl", HALF),
        ("window.wgsl", WINDOW),
        ("average.wgsl", SAME),
        ("same.wgsl", SAME),
    ];
    let (_folder, library) = own(&manifest, &kernels);
    let chain = vec![styled(&library, "mine", &[], 1.0)];
    let plan = planned(&library, &[chain], Temporal::Off);
    // One frame ahead for the pass that doubles, and one doubled frame, which needs another one; one frame back, and one
    // of the doubled, which is half of one.
    let timing = Timing {
        before: Some(2),
        after: 2,
    };
    assert_eq!(plan.timing(), timing);
    let made = luma(
        finished(&library, &plan, On::Gpu)
            .into_iter()
            .flatten()
            .collect(),
        8,
        8,
    );
    assert_eq!(made.len(), 2 * FRAMES);
    let frame = |index: usize| f64::from(film()[index].sample(0, 8, 8)) - 16.0;
    let scene = |index: usize| if index < CUT { 0..CUT } else { CUT..FRAMES };
    let near = |index: usize, offset: i64| {
        let scene = scene(index);
        let wanted = (index as i64 + offset).clamp(scene.start as i64, scene.end as i64 - 1);
        frame(wanted as usize)
    };
    let doubled = |tick: usize| {
        let index = tick / 2;
        let share = 0.5 * (tick % 2) as f64;
        (near(index, 0) * (1.0 - share) + near(index, 1) * share) * 0.9 + near(index, -1) * 0.1
    };
    for (tick, found) in made.iter().enumerate() {
        let scene = scene(tick / 2);
        let ticks = [tick.saturating_sub(1), tick, tick + 1];
        let inside = ticks.map(|other| other.clamp(2 * scene.start, 2 * scene.end - 1));
        let brightest = inside.map(doubled).into_iter().fold(0.0, f64::max);
        let expected = brightest * 0.75 + frame(tick / 2) * 0.25 + 16.0;
        assert!(
            (f64::from(*found) - expected).abs() <= 1.0,
            "frame {tick}: {found}, not {expected}"
        );
    }
}

#[test]
fn what_is_carried_over_clocks_can_be_saved_and_continued_at_every_frame() {
    let (_folder, library) = doubled();
    let mine = || styled(&library, "mine", &[], 1.0);
    let plain = |name| styled(&library, name, &[], 1.0);
    let film = film();
    for (chains, on) in [
        (vec![vec![mine()]], &[On::Gpu][..]),
        // Outputs of three clocks, one of which looks ahead.
        (
            vec![
                vec![mine()],
                vec![plain("despeckle")],
                vec![mine(), rated(&library, "hold", (30, 1))],
            ],
            &[On::Gpu],
        ),
        (
            vec![vec![plain("pencil"), rated(&library, "blend", (60, 1))]],
            &BOTH,
        ),
        (
            vec![vec![plain("cartoon"), rated(&library, "hold", (10, 1))]],
            &BOTH,
        ),
    ] {
        let plan = planned(&library, &chains, EMA);
        for on in on {
            let whole: Vec<Output> = finished(&library, &plan, *on)
                .into_iter()
                .flatten()
                .collect();
            for saved in 1..FRAMES {
                let mut first = session(&library, plan.clone(), *on);
                let mut outputs = Vec::new();
                for index in 0..saved {
                    outputs.extend(push(&mut first, &film, index));
                }
                outputs.extend(first.drain().unwrap());
                let mut bytes = Vec::new();
                first.checkpoint().unwrap().write(&mut bytes).unwrap();
                let mut second = session(&library, plan.clone(), *on);
                let checkpoint = Checkpoint::from_bytes(&bytes).unwrap();
                second.restore(checkpoint).unwrap();
                for index in saved - 1..FRAMES {
                    outputs.extend(push(&mut second, &film, index));
                }
                outputs.extend(second.finish().unwrap());
                for port in 0..chains.len() {
                    let words = format!("port {port}, saved after {saved}, on {on:?}");
                    assert_eq!(times(&outputs, port), times(&whole, port), "{words}");
                    let of_port = |outputs: &[Output]| {
                        let outputs = outputs.iter().filter(|output| output.port == port);
                        pictures(outputs.cloned().collect())
                    };
                    let pairs = of_port(&outputs).into_iter().zip(of_port(&whole));
                    for (index, (a, b)) in pairs.enumerate() {
                        assert!(a.same_samples(&b), "frame {index} of {words}");
                    }
                }
            }
        }
    }
}

#[test]
fn short_streams_lose_no_frame() {
    let (_folder, library) = own(FIELDS, &[("fields.wgsl", BOTH_FIELDS)]);
    let film = film();
    for before in 0..4 {
        let mut chain = vec![styled(&library, "despeckle", &[], 1.0); before];
        chain.push(styled(&library, "mine", &[], 1.0));
        let more = [chain.clone(), vec![rated(&library, "hold", (100, 1))]].concat();
        let plan = planned(&library, &[chain, more], Temporal::Off);
        for frames in 1..=FRAMES {
            let mut session = session(&library, plan.clone(), On::Gpu);
            let mut outputs = Vec::new();
            for index in 0..frames {
                outputs.extend(push(&mut session, &film, index));
            }
            outputs.extend(session.finish().unwrap());
            let words = format!("{frames} frames after {before} windows");
            assert_eq!(times(&outputs, 0).len(), 2 * frames, "{words}");
            let last = span(frames - 1);
            let ticks = last.pts + last.duration - START;
            assert_eq!(times(&outputs, 1).len() as i64, ticks, "{words}");
            // Each is the field of its frame, which the windows leave as it is.
            let of_first = outputs.into_iter().filter(|output| output.port == 0);
            for (index, made) in pictures(of_first.collect()).iter().enumerate() {
                let (row, x) = (2 * 5 + 1 - index % 2, 9);
                let expected = film[index / 2].sample(0, x, row);
                assert_eq!(
                    made.sample(0, x, 10),
                    expected,
                    "picture {index} of {words}"
                );
            }
        }
    }
}

#[test]
fn a_track_has_the_value_of_each_new_frame() {
    let passes = "[param.level]\ndefault = 0.0\nrange = [0.0, 1.0]\nhelp = \"h\"\n\
        [[pass]]\nkernel = \"flat\"\nin = { image = \"source\" }\nrate = 2\nout = \"result\"\n";
    let flat = "fn pixel(at: vec2i) -> vec4f {
        return vec4f(vec3f(params.level), image_here().a);
    }";
    let (_folder, library) = own(passes, &[("flat.wgsl", flat)]);
    let mut style = styled(&library, "mine", &[("level", "0:0,1s:1")], 1.0);
    style
        .values
        .in_seconds("mine", Rational::new(25, 1))
        .unwrap();
    let plan = planned(&library, &[vec![style]], Temporal::Off);
    let outputs: Vec<Output> = finished(&library, &plan, On::Gpu)
        .into_iter()
        .flatten()
        .collect();
    let times: Vec<f64> = outputs
        .iter()
        .map(|output| output.span.pts as f64 / 200.0)
        .collect();
    assert_eq!(times.len(), 2 * FRAMES);
    for (time, found) in times.iter().zip(luma(outputs, 5, 5)) {
        let expected = 16.0 + 219.0 * time;
        assert!(
            (f64::from(found) - expected).abs() <= 1.0,
            "at {time} s: {found}, not {expected}"
        );
    }
}

#[test]
fn all_outputs_of_a_frame_come_together() {
    let (_folder, library) = doubled();
    let chains = vec![
        vec![styled(&library, "mine", &[], 1.0)],
        vec![styled(&library, "identity", &[], 1.0)],
        vec![
            styled(&library, "despeckle", &[], 1.0),
            rated(&library, "hold", (25, 1)),
        ],
    ];
    let plan = planned(&library, &chains, Temporal::Off);
    let outputs = finished(&library, &plan, On::Gpu);
    let late = plan.timing().after as usize;
    for (pushed, ready) in outputs[..FRAMES].iter().enumerate() {
        let Some(index) = pushed.checked_sub(late) else {
            assert!(ready.is_empty(), "after frame {pushed}");
            continue;
        };
        assert_eq!(times(ready, 1), [(span(index).pts, span(index).duration)]);
        let first = 2 * span(index).pts;
        let length = span(index).duration;
        assert_eq!(times(ready, 0), [(first, length), (first + length, length)]);
        // 25 frames a second are one for each but the frame that is shown twice as long.
        let held: Vec<i64> = times(ready, 2).iter().map(|(pts, _)| *pts).collect();
        let expected = (0..length / TICKS).map(|k| span(index).pts + k * TICKS);
        assert_eq!(held, expected.collect::<Vec<_>>());
    }
    // So do those after the last frame: whatever is of an earlier frame comes first.
    let seconds = |output: &Output| match output.port {
        0 => output.span.pts as f64 / 200.0,
        _ => output.span.pts as f64 / 100.0,
    };
    let begins: Vec<f64> = (0..FRAMES)
        .map(|index| span(index).pts as f64 / 100.0)
        .collect();
    let of = |output: &Output| {
        begins
            .iter()
            .rposition(|begin| *begin <= seconds(output) + 1e-9)
    };
    let order: Vec<_> = outputs[FRAMES].iter().map(of).collect();
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn what_no_clock_can_do_is_refused_in_words() {
    let same = ("same.wgsl", SAME);
    let mine = |passes: &str, kernels: &[(&str, &str)]| {
        let (folder, library) = own(passes, kernels);
        let style = styled(&library, "mine", &[], 1.0);
        (folder, library, style)
    };
    let pass = |input: &str, rate: &str, out: &str| {
        format!(
            "[[pass]]\nkernel = \"same\"\nin = {{ image = \"{input}\" }}\n{rate}out = \"{out}\"\n"
        )
    };
    for (passes, words) in [
        (
            pass("source", "rate = 99\n", "result"),
            "makes 99 frames of one; it must be 1 to 16",
        ),
        (
            pass("source", "rate = 2\n", "a")
                + &pass("source", "rate = 3\n", "b")
                + "[[pass]]\nkernel = \"two\"\nin = { image = \"a\", other = \"b\" }\nout = \"result\"\n",
            "passes whose frames have different rates meet",
        ),
        (
            "[history.last]\nof = \"result\"\nlike = \"source\"\n".to_owned()
                + "[[pass]]\nkernel = \"two\"\nin = { image = \"source\", other = \"last\" }\nout = \"a\"\n"
                + &pass("a", "rate = 2\n", "result"),
            "a history is read at another rate than it is kept at",
        ),
    ] {
        let two = (
            "two.wgsl",
            "fn pixel(at: vec2i) -> vec4f { return image_here() + other_here(); }",
        );
        let (_folder, library, style) = mine(&passes, &[same, two]);
        let first = &film()[0];
        let request = OutputRequest {
            chain: vec![style],
            format: first.format,
            color: first.color,
            temporal: Temporal::Off,
        };
        let made = plan(&library, &source(), &[request], PlanOptions::default());
        let error = made.map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(words), "{passes}: {error}");
    }
    let library = Library::built_in();
    let twice = vec![
        rated(&library, "hold", (30, 1)),
        rated(&library, "hold", (60, 1)),
    ];
    assert!(refused(&library, twice).contains("the frames have the output's rate already"));
    let after = vec![
        rated(&library, "hold", (30, 1)),
        styled(&library, "despeckle", &[], 1.0),
    ];
    assert!(refused(&library, after).contains("put it before"));
    let strange = vec![rated(&library, "hold", (999_999_937, 999_983))];
    assert!(refused(&library, strange).contains("cannot be stated exactly"));
    let still = shape(
        &library,
        &source_of(&film()[0]),
        &[rated(&library, "hold", (30, 1))],
        Temporal::Off,
    );
    let error = still.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("a picture has no frame rate"), "{error}");
}
