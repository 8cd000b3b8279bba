//! Every kernel through WebGPU in a browser, whose compiler (Tint) and checks are others than wgpu's: with the inputs and
//! the tolerances of the conformance tests. Every shader of the built-in styles becomes a pipeline there, and the styles run
//! as a page runs them.
//!
//! These tests need Chromium and some minutes: `make conformance` runs them.

mod browser;
mod styles;
mod tape;

use aquatint::color::Color;
use aquatint::graph::Payload;
use aquatint::graph::plan::PlanOptions;
use aquatint::graph::style::Library;
use serde_json::json;

use crate::compilers;
use crate::conformance::{self, Compare, Made};
use crate::support::{On, plan_for, rgb, run, scene, styled};
use crate::temporal::own_files;
use crate::workgroups::{SHARING, TILED, plain};
use browser::Browser;
use tape::{Tape, picture_of, recorded};

pub use tape::Recorder;

fn start() -> Browser {
    let (browser, adapter) = Browser::start().unwrap_or_else(|error| panic!("WebGPU: {error}"));
    println!("WebGPU: {adapter}");
    browser
}

/// Runs a tape; what came out, each as `made` has it.
fn played(
    browser: &mut Browser,
    tape: &Tape,
    made: &[Payload],
    compare: Compare,
) -> Result<Vec<Made>, String> {
    let bytes = browser.run(&json!({ "tape": tape }), &tape.data)?;
    let mut rest = &bytes[..];
    let mut outputs = Vec::new();
    for like in made {
        let size = match like {
            Payload::Picture(picture) => tape::words_of_planes(picture).len(),
            Payload::Image(_, words) => 4 * words.len(),
        };
        // Buffers are whole vectors of four words.
        let whole = size.next_multiple_of(16);
        let (own, left) = rest.split_at_checked(whole).ok_or("too little came out")?;
        rest = left;
        outputs.push(match like {
            Payload::Picture(picture) => Made::Picture(picture_of(own, picture)),
            Payload::Image(..) => {
                let words = own[..size].as_chunks::<4>().0.iter();
                let words = words.map(|word| u32::from_le_bytes(*word)).collect();
                Made::of_words(words, compare)
            }
        });
    }
    Ok(outputs)
}

fn made_of(payload: &Payload, compare: Compare) -> Made {
    match payload {
        Payload::Picture(picture) => Made::Picture(picture.clone()),
        Payload::Image(_, words) => Made::of_words(words.clone(), compare),
    }
}

/// The largest difference, in codes, of what a tape gives in the browser from `made`.
fn apart(
    browser: &mut Browser,
    tape: &Tape,
    made: &[Payload],
    compare: Compare,
) -> Result<u32, String> {
    let played = played(browser, tape, made, compare)?;
    let pairs = std::iter::zip(&played, made);
    let worst = pairs
        .map(|(played, made)| played.apart(&made_of(made, compare)))
        .max();
    worst.ok_or_else(|| "nothing came out".to_owned())
}

#[test]
#[ignore = "needs Chromium, and takes minutes: make conformance"]
fn every_kernel_agrees_with_its_twin_in_a_browser() {
    let mut browser = start();
    let mut faults = Vec::new();
    for path in conformance::paths() {
        for subject in conformance::subjects(path) {
            let name = &subject.name;
            let tape =
                |point: &[_], seed| recorded(|| drop((subject.run)(point, seed, On::Recorded)));
            let mut worst = 0;
            for (seed, point) in conformance::points(subject.params).iter().enumerate() {
                let tape = tape(point, seed as u64);
                match apart(&mut browser, &tape, &tape.made, subject.compare) {
                    Ok(codes) => worst = worst.max(codes),
                    Err(error) => faults.push(format!("{name} {point:?}: {error}")),
                }
            }
            println!("{name}: {worst} codes, at most {}", subject.allowed);
            if worst > subject.allowed {
                faults.push(format!(
                    "{name}: {worst} codes, at most {}",
                    subject.allowed
                ));
            }
            // What workgroup memory holds at first must not matter.
            let mut spoilt = tape(&conformance::usual(subject.params), 1);
            if spoilt.spoil() > 0 {
                match apart(&mut browser, &spoilt, &spoilt.made, subject.compare) {
                    Ok(codes) if codes <= subject.allowed => {}
                    told => faults.push(format!("{name} after garbage: {told:?}")),
                }
            }
            // The negative control: other inputs must not pass; for a kernel that reads none, other values.
            let point = conformance::usual(subject.params);
            let (one, mut other) = (tape(&point, 100), tape(&point, 101));
            let made = |payload: &Payload| made_of(payload, subject.compare);
            let same = |(a, b): (&Payload, &Payload)| made(a).apart(&made(b)) == 0;
            if std::iter::zip(&one.made, &other.made).all(same) {
                let points = conformance::points(subject.params);
                other = tape(points.last().unwrap_or(&point), 100);
            }
            match apart(&mut browser, &one, &other.made, subject.compare) {
                Ok(codes) if codes > 10 * subject.allowed => {}
                told => faults.push(format!("{name} tells no pictures apart: {told:?}")),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
#[ignore = "needs Chromium, and takes minutes: make conformance"]
fn every_built_in_shader_compiles_in_a_browser() {
    let mut browser = start();
    let step =
        |wgsl: &str| json!({ "compile": [{ "label": "k", "wgsl": wgsl, "entries": ["main"] }] });
    let wrong = "@compute @workgroup_size(1) fn main() { let x: f32 = 1u; }";
    let said = browser.run(&step(wrong), &[]).unwrap();
    assert!(
        String::from_utf8_lossy(&said).contains("1:"),
        "an error is seen"
    );
    let shaders = compilers::shaders();
    println!("{} shaders", shaders.len());
    let mut faults: Vec<String> = Vec::new();
    for some in shaders.chunks(16) {
        let steps = some.iter().map(|shader| {
            json!({ "label": shader.label, "wgsl": shader.wgsl, "entries": shader.entries })
        });
        let steps: Vec<_> = steps.collect();
        let said = browser.run(&json!({ "compile": steps }), &[]).unwrap();
        faults.extend(serde_json::from_slice::<Vec<String>>(&said).unwrap());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
#[ignore = "needs Chromium, and takes minutes: make conformance"]
fn tiles_change_no_picture_in_a_browser() {
    let mut browser = start();
    let library = Library::built_in();
    for (style, set) in SHARING {
        for (width, height) in [(5, 4), (70, 37)] {
            let picture = scene(width, height, rgb(16), Color::default(), 3);
            let chain = vec![styled(&library, style, set, 1.0)];
            let shared = plan_for(&library, &picture, chain, PlanOptions::default());
            let [tiled, direct] = [shared.clone(), plain(shared.clone())].map(|plan| {
                let files = own_files(&library, &plan);
                recorded(|| drop(run(&library, plan, Some(&picture), &files, On::Recorded)))
            });
            let mut spoilt = recorded(|| {
                let (plan, files) = (shared.clone(), own_files(&library, &shared));
                drop(run(&library, plan, Some(&picture), &files, On::Recorded));
            });
            assert!(spoilt.spoil() > 0, "{style} has workgroup memory");
            let mut play = |tape: &Tape| {
                let mut played = played(&mut browser, tape, &tape.made, Compare::Equal)
                    .unwrap_or_else(|error| panic!("{style} {set:?}: {error}"));
                played.remove(0)
            };
            let [tiled, direct, spoilt] = [&tiled, &direct, &spoilt].map(&mut play);
            // As it is without what the browser does, and no driver must: fill workgroup memory with zeros.
            assert_eq!(tiled.apart(&spoilt), 0, "{style} {set:?}: garbage is read");
            let worst = tiled.apart(&direct);
            println!("{style} {set:?} at {width}x{height}: {worst} codes, at most {TILED}");
            assert!(worst <= TILED, "{style} {set:?} at {width}x{height}");
        }
    }
}
