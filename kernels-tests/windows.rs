//! Frames before and after: what reads x[-1..+1] sees them within its scene, whatever is under way, carried or saved.

use aquatint::color::Color;
use aquatint::frame::Picture;
use aquatint::graph::Checkpoint;
use aquatint::graph::plan::{OutputRequest, Plan, PlanOptions, Temporal, Timing, plan};
use aquatint::graph::style::Library;

use crate::support::*;
use crate::temporal::{ADAPTIVE, session, span};

const FRAMES: usize = 9;
/// The frame that another scene begins with.
const CUT: usize = 6;

/// A still scene with a speck in one frame, and the beginning of another one.
fn film() -> Vec<Picture> {
    let frame = |index: usize| {
        picture(96, 64, yuv420(8), Color::default(), |component, x, y| {
            let scene = if index < CUT {
                60 + 2 * x as u32
            } else {
                230 - 3 * y as u32 / 2
            };
            let speck = index == 3 && (20..24).contains(&x) && (20..24).contains(&y);
            match component {
                0 if speck => 16,
                0 => scene,
                _ => 128,
            }
        })
    };
    (0..FRAMES).map(frame).collect()
}

fn planned(library: &Library, styles: &[&str], temporal: Temporal) -> Plan {
    let first = &film()[0];
    let request = OutputRequest {
        chain: styles
            .iter()
            .map(|name| styled(library, name, &[], 1.0))
            .collect(),
        format: first.format,
        color: first.color,
        temporal,
    };
    plan(
        library,
        &source_of(first),
        &[request],
        PlanOptions::default(),
    )
    .unwrap()
}

/// What `plan` makes of `film`, and when each frame is shown.
fn finished(library: &Library, plan: &Plan, film: &[Picture], on: On) -> (Vec<Picture>, Vec<i64>) {
    let mut session = session(library, plan.clone(), on);
    let mut outputs = Vec::new();
    for (index, frame) in film.iter().enumerate() {
        outputs.extend(session.push(Some(frame.clone()), span(index)).unwrap());
    }
    outputs.extend(session.finish().unwrap());
    let times = outputs.iter().map(|output| output.span.pts).collect();
    (pictures(outputs), times)
}

#[test]
fn a_speck_of_one_frame_goes_and_the_cut_stays() {
    let library = Library::built_in();
    let film = film();
    let plan = planned(&library, &["despeckle"], Temporal::Off);
    let timing = Timing {
        before: Some(1),
        after: 1,
    };
    assert_eq!(plan.timing(), timing);
    for on in BOTH {
        let (made, times) = finished(&library, &plan, &film, on);
        assert_eq!(times, (0..FRAMES as i64).collect::<Vec<_>>(), "on {on:?}");
        for (index, frame) in made.iter().enumerate() {
            let clean = &film[if index == 3 { 2 } else { index }];
            assert!(frame.same_samples(clean), "frame {index} on {on:?}");
        }
    }
    // Fewer frames than it looks ahead.
    let (made, _) = finished(&library, &plan, &film[..1], On::Cpu);
    assert!(made.len() == 1 && made[0].same_samples(&film[0]));
}

#[test]
fn windows_and_histories_can_be_saved_and_continued_at_every_frame() {
    let library = Library::built_in();
    let film = film();
    // The average works behind the window; the source's alpha and motion come from older planes.
    for styles in [
        &["despeckle"][..],
        &["despeckle", "pencil"],
        &["pencil", "despeckle"],
    ] {
        let plan = planned(&library, styles, ADAPTIVE);
        for on in BOTH {
            let (expected, _) = finished(&library, &plan, &film, on);
            for saved in 1..FRAMES {
                let mut first = session(&library, plan.clone(), on);
                let mut outputs = Vec::new();
                for (index, frame) in film[..saved].iter().enumerate() {
                    outputs.extend(first.push(Some(frame.clone()), span(index)).unwrap());
                }
                outputs.extend(first.drain().unwrap());
                let mut bytes = Vec::new();
                first.checkpoint().unwrap().write(&mut bytes).unwrap();
                let mut second = session(&library, plan.clone(), on);
                second
                    .restore(Checkpoint::from_bytes(&bytes).unwrap())
                    .unwrap();
                // What the checkpoint holds already is passed over.
                for (index, frame) in film.iter().enumerate().skip(saved - 1) {
                    outputs.extend(second.push(Some(frame.clone()), span(index)).unwrap());
                }
                outputs.extend(second.finish().unwrap());
                let made = pictures(outputs);
                assert_eq!(
                    made.len(),
                    FRAMES,
                    "{styles:?} saved after {saved} on {on:?}"
                );
                for (index, (a, b)) in made.iter().zip(&expected).enumerate() {
                    let words =
                        format!("frame {index} of {styles:?}, saved after {saved}, on {on:?}");
                    assert!(a.same_samples(b), "{words}");
                }
            }
        }
    }
}

const MEAN: &str = "fn pixel(at: vec2i) -> vec4f {
    // Four ways to the same pixel, and frames that are not there count for nothing.
    let uv = (vec2f(at) + 0.5) / vec2f(image_extent());
    var sum = image_here(0);
    var count = 1.0;
    if (image_valid(-1)) {
        sum += image_at(-1, at);
        count += 1.0;
    }
    if (image_valid(1)) {
        sum += image_sample(1, uv);
        count += 1.0;
    }
    return sum / count;
}";

#[test]
fn windows_of_windows_reach_as_far_as_both() {
    let manifest = "summary = \"s\"\n[[pass]]\nkernel = \"k\"\nin = { image = \"source[-1..+1]\" }\nout = \"one\"\n\
        [[pass]]\nkernel = \"k\"\nin = { image = \"one[-1 .. 1]\" }\nout = \"result\"\n";
    let (_folder, library) = with_own("mean", &[("style.toml", manifest), ("k.wgsl", MEAN)]);
    let film = film();
    let plan = planned(&library, &["mean"], Temporal::Off);
    assert_eq!((plan.timing().before, plan.timing().after), (Some(2), 2));
    // No twin: it runs as WGSL alone.
    let (made, _) = finished(&library, &plan, &film, On::Gpu);
    let luma = |index: usize| f64::from(film[index].sample(0, 21, 21));
    let mean = |of: &dyn Fn(usize) -> f64, index: usize| {
        let scene = if index < CUT { 0..CUT } else { CUT..FRAMES };
        let around = index.saturating_sub(1)..index + 2;
        let values: Vec<f64> = around.filter(|i| scene.contains(i)).map(of).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    for (index, frame) in made.iter().enumerate() {
        let expected = mean(&|i| mean(&luma, i), index);
        let found = f64::from(frame.sample(0, 21, 21));
        assert!(
            (found - expected).abs() < 1.0,
            "frame {index}: {found}, not {expected}"
        );
    }
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    const HEAD: &str = "summary = \"s\"\n";
    let planned = |manifest: &str, kernel: &str| {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("mine");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("style.toml"), format!("{HEAD}{manifest}")).unwrap();
        std::fs::write(folder.join("k.wgsl"), kernel).unwrap();
        let mut library = Library::built_in();
        let added = library
            .add_path(dir.path())
            .and_then(|()| library.load("mine"));
        let style = added.map_err(|error| error.to_string())?;
        let first = &film()[0];
        let request = OutputRequest {
            chain: vec![aquatint::graph::plan::StyleUse::new(style)],
            format: first.format,
            color: first.color,
            temporal: Temporal::Off,
        };
        plan(
            &library,
            &source_of(first),
            &[request],
            PlanOptions::default(),
        )
        .map(|_| ())
        .map_err(|error| error.to_string())
    };
    let one = |input: &str| {
        format!("[[pass]]\nkernel = \"k\"\nin = {{ image = \"{input}\" }}\nout = \"result\"\n")
    };
    let ahead = "fn pixel(at: vec2i) -> vec4f { return image_here(1); }";
    let plain = "fn pixel(at: vec2i) -> vec4f { return image_here(); }";
    for (manifest, kernel, words) in [
        (one("source"), ahead, "give it a window"),
        (one("source[-1..+1]"), plain, "image_here(0)"),
        (one("source[-3]"), plain, "such as image_here(-3)"),
        (one("source[1..-1]"), ahead, "write it as source[-1..+1]"),
        (one("source[-1..99]"), ahead, "at most 15 frames"),
        (one("source[x]"), ahead, "is not a window"),
        (one("planes[-1..+1]"), ahead, "has no earlier and later frames"),
        (
            "[history.last]\nof = \"result\"\nlike = \"source\"\n[[pass]]\nkernel = \"k\"\nin = { image = \"last[0..+1]\" }\nout = \"result\"\n".to_owned(),
            ahead,
            "has no earlier and later frames",
        ),
        (
            // The history of what looks ahead of itself.
            "[history.last]\nof = \"result\"\nlike = \"source\"\n\
             [[pass]]\nkernel = \"k\"\nin = { image = \"source\", last = \"last\" }\nout = \"mixed\"\n\
             [[pass]]\nkernel = \"k2\"\nin = { image = \"mixed[0..+1]\" }\nout = \"result\"\n"
                .to_owned(),
            "fn pixel(at: vec2i) -> vec4f { return image_here() + last_here(); }",
            "k2.wgsl",
        ),
    ] {
        let error = planned(&manifest, kernel).unwrap_err();
        assert!(error.contains(words), "{manifest}: {error}");
    }
}

#[test]
fn a_history_that_needs_its_own_future_is_refused() {
    let manifest = "summary = \"s\"\n[history.last]\nof = \"result\"\nlike = \"source\"\n\
        [[pass]]\nkernel = \"add\"\nin = { image = \"source\", last = \"last\" }\nout = \"mixed\"\n\
        [[pass]]\nkernel = \"next\"\nin = { image = \"mixed[0..+1]\" }\nout = \"result\"\n";
    let add = "fn pixel(at: vec2i) -> vec4f { return image_here() + last_here(); }";
    let next = "fn pixel(at: vec2i) -> vec4f { return image_here(1); }";
    let (_folder, library) = with_own(
        "mine",
        &[
            ("style.toml", manifest),
            ("add.wgsl", add),
            ("next.wgsl", next),
        ],
    );
    let first = &film()[0];
    let request = OutputRequest {
        chain: vec![styled(&library, "mine", &[], 1.0)],
        format: first.format,
        color: first.color,
        temporal: Temporal::Off,
    };
    let error = plan(
        &library,
        &source_of(first),
        &[request],
        PlanOptions::default(),
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("later frames than the one it is read for"),
        "{error}"
    );
}
