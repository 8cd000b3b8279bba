//! Facts and parameters as kernels read them: numbers of frames by their time, the age of a scene, the scale of an image,
//! colours, choices.

use aquatint::color::Color;
use aquatint::frame::{Picture, Rational, Span};
use aquatint::graph::plan::{OutputRequest, Plan, PlanOptions, Source, Temporal, plan};
use aquatint::graph::style::Library;
use aquatint::graph::{Output, Session};

use crate::support::*;
use crate::temporal::session;

const WIDTH: u32 = 64;
const HEIGHT: u32 = 54;

/// Two scenes of R'G'B' with 16 bits; the second begins with frame 4.
fn film() -> Vec<Picture> {
    let frame = |index: usize| {
        picture(WIDTH, HEIGHT, rgb(16), Color::default(), |_, x, y| {
            if index < 4 {
                1000 * x as u32
            } else {
                65535 - 1000 * y as u32
            }
        })
    };
    (0..7).map(frame).collect()
}

/// A plan of a style with one kernel, for 25 frames a second in hundredths of a second.
fn planned(
    manifest: &str,
    files: &[(&str, &str)],
    set: &[(&str, &str)],
) -> (tempfile::TempDir, Library, Plan) {
    let text = format!("summary = \"s\"\n{manifest}");
    let mut all = vec![("style.toml", text.as_str())];
    all.extend(files);
    let (folder, library) = with_own("mine", &all);
    let first = &film()[0];
    let request = OutputRequest {
        chain: vec![styled(&library, "mine", set, 1.0)],
        format: first.format,
        color: first.color,
        temporal: Temporal::Off,
    };
    let source = Source {
        time_base: Rational::new(1, 100),
        rate: Rational::new(25, 1),
        ..source_of(first)
    };
    let plan = plan(&library, &source, &[request], PlanOptions::default()).unwrap();
    (folder, library, plan)
}

fn push(session: &mut Session, index: usize) -> Vec<Output> {
    // The third frame comes late.
    let pts = 4 * index as i64 + if index == 2 { 1 } else { 0 };
    let span = Span { pts, duration: 4 };
    session.push(Some(film()[index].clone()), span).unwrap()
}

/// Red, green and blue of the middle of each frame, from 0 to 1.
fn middles(library: &Library, plan: &Plan) -> Vec<[f64; 3]> {
    let mut session = session(library, plan.clone(), On::Gpu);
    let mut outputs = Vec::new();
    for index in 0..film().len() {
        outputs.extend(push(&mut session, index));
    }
    outputs.extend(session.finish().unwrap());
    let middle = |picture: &Picture| {
        let (x, y) = (picture.width as usize / 2, picture.height as usize / 2);
        [0, 1, 2].map(|component| f64::from(picture.sample(component, x, y)) / 65535.0)
    };
    pictures(outputs).iter().map(middle).collect()
}

fn close(found: [f64; 3], expected: [f64; 3]) -> bool {
    found
        .iter()
        .zip(expected)
        .all(|(a, b)| (a - b).abs() < 2e-5)
}

const ONE: &str = "[[pass]]\nkernel = \"k\"\nin = { image = \"source\" }\nout = \"result\"\n";

#[test]
fn frames_are_numbered_by_their_time_and_scenes_have_an_age() {
    let kernel = "fn pixel(at: vec2i) -> vec4f {
        let f = package::engine::facts;
        return image_here() * 0.0 + vec4f(f32(f.frame) / 64.0, f32(f.age) / 64.0, f.time_in_scene, 1.0);
    }";
    let (_folder, library, plan) = planned(ONE, &[("k.wgsl", kernel)], &[]);
    assert!(plan.observed.cuts && plan.timing().before.is_none());
    let found = middles(&library, &plan);
    assert_eq!(found.len(), 7);
    for (index, found) in found.into_iter().enumerate() {
        let age = if index < 4 { index } else { index - 4 };
        let late = if index == 2 { 0.01 } else { 0.0 };
        let expected = [
            index as f64 / 64.0,
            age as f64 / 64.0,
            0.04 * age as f64 + late,
        ];
        assert!(
            close(found, expected),
            "frame {index}: {found:?}, not {expected:?}"
        );
    }
}

#[test]
fn a_pass_with_a_rate_counts_its_own_frames() {
    let manifest = ONE.replace("out =", "rate = 2\nout =");
    let kernel = "fn pixel(at: vec2i) -> vec4f {
        let f = package::engine::facts;
        return image_here() * 0.0 + vec4f(f32(f.frame) / 64.0, f32(f.age) / 64.0, f.fps / 100.0, 1.0);
    }";
    let (_folder, library, plan) = planned(&manifest, &[("k.wgsl", kernel)], &[]);
    let found = middles(&library, &plan);
    assert_eq!(found.len(), 14);
    for (index, found) in found.into_iter().enumerate() {
        let age = if index < 8 { index } else { index - 8 };
        // Frame 2 of the source is shown from 0.09 to 0.12 s: 4.5 and 5.25 frames after the start.
        let number = if index == 4 { 5 } else { index };
        let expected = [number as f64 / 64.0, age as f64 / 64.0, 0.5];
        assert!(
            close(found, expected),
            "frame {index}: {found:?}, not {expected:?}"
        );
    }
}

#[test]
fn the_scale_is_that_of_the_image_that_a_pass_makes() {
    // A function that is imported reads it, too; and a pass of half the size has half of it.
    let manifest = "[[pass]]\nkernel = \"half\"\nin = { image = \"source\" }\nsize = [\"source_width / 2\", \"source_height / 2\"]\nout = \"small\"\n\
        [[pass]]\ncompute = \"count\"\nin = { small = \"small\" }\nwords = 1\nphases = [{ run = \"scale\", over = [1, 1] }]\nout = \"counted\"\n\
        [[pass]]\nkernel = \"whole\"\nin = { image = \"source\" }\nout = \"before\"\n\
        [[pass]]\nkernel = \"join\"\nin = { before = \"before\", small = \"small\", counted = \"counted\" }\nout = \"result\"\n";
    let files = [
        (
            "lines.wgsl",
            "fn lines() -> f32 { return package::engine::facts.scale; }",
        ),
        (
            "half.wgsl",
            "import package::mine::lines::lines;\nfn pixel(at: vec2i) -> vec4f { return image_here() * 0.0 + vec4f(vec3f(lines()), 1.0); }",
        ),
        (
            "whole.wgsl",
            "fn pixel(at: vec2i) -> vec4f { return image_here() * 0.0 + vec4f(vec3f(package::engine::facts.scale), 1.0); }",
        ),
        (
            "count.wgsl",
            "fn scale(at: vec2i) { words_store(0, bitcast<u32>(package::engine::facts.scale + 0.0 * small_at(at).r)); }",
        ),
        (
            "join.wgsl",
            "fn pixel(at: vec2i) -> vec4f { return vec4f(before_here().r, small_at(at / 2).r, bitcast<f32>(counted_word(0)), 1.0); }",
        ),
    ];
    let (_folder, library, plan) = planned(manifest, &files, &[]);
    let whole = f64::from(HEIGHT) / 1080.0;
    for found in middles(&library, &plan) {
        assert!(close(found, [whole, whole / 2.0, whole / 2.0]), "{found:?}");
    }
    // Facts of the plan, for the twins.
    let scales: Vec<f32> = plan.nodes.iter().map(|node| plan.scale_of(node)).collect();
    assert!(
        scales.contains(&0.05) && scales.contains(&0.025),
        "{scales:?}"
    );
}

#[test]
fn a_scale_is_read_where_a_drawing_is_packed_with_its_kernel() {
    // A gray result is evaluated where its planes are packed.
    let manifest =
        "[[pass]]\nkernel = \"k\"\nin = { image = \"source\" }\nchannels = 1\nout = \"result\"\n";
    let kernel = "fn pixel(at: vec2i) -> vec4f { return image_here() * 0.0 + package::engine::facts.scale * 4.0; }";
    let text = format!("summary = \"s\"\ndither = true\n{manifest}");
    let (_folder, library) = with_own("mine", &[("style.toml", &text), ("k.wgsl", kernel)]);
    let source = picture(WIDTH, HEIGHT, yuv420(8), Color::default(), |_, _, _| 128);
    let chain = vec![styled(&library, "mine", &[], 1.0)];
    let plan = plan_for(&library, &source, chain, PlanOptions::default());
    let made = run(&library, plan, Some(&source), &[], On::Gpu);
    // 0.2 of 219 above 16, and noise of the dither.
    let found = made[0].sample(0, 20, 20);
    assert!((58..=62).contains(&found), "{found}");
}

#[test]
fn a_colour_is_a_vector_and_a_choice_is_its_index() {
    let manifest = format!(
        "[param.amount]\ndefault = 0.5\nrange = [0, 1]\nhelp = \"h\"\n[param.ink]\ndefault = \"#336699\"\nhelp = \"h\"\n\
         [param.mode]\ndefault = \"plain\"\nchoices = [\"plain\", \"bright\", \"off\"]\nhelp = \"h\"\n\
         [let]\nlift = \"if(mode == 1, clamp(amount, 0, 0.25), 0)\"\n\
         [[pass]]\nkernel = \"none\"\nin = {{ image = \"source\" }}\nwhen = \"mode == 2\"\nout = \"source\"\n{ONE}"
    );
    let kernel = "fn pixel(at: vec2i) -> vec4f {
        return image_here() * 0.0 + vec4f(params.ink * params.amount + params.lift + 0.0 * params.ink_g, 1.0);
    }";
    let none = "fn pixel(at: vec2i) -> vec4f { return image_here(); }";
    let files = [("k.wgsl", kernel), ("none.wgsl", none)];
    let ink = [0.2, 0.4, 0.6];
    for (set, expected) in [
        (&[][..], ink.map(|value| value / 2.0)),
        (&[("amount", "1")], ink),
        (&[("mode", "bright")], ink.map(|value| value / 2.0 + 0.25)),
        (&[("ink", "#ff0000"), ("amount", "1")], [1.0, 0.0, 0.0]),
    ] {
        let (_folder, library, plan) = planned(&manifest, &files, set);
        let found = middles(&library, &plan)[0];
        assert!(
            close(found, expected),
            "{set:?}: {found:?}, not {expected:?}"
        );
    }
    // It follows a track, component by component.
    let (_folder, library, plan) = planned(
        &manifest,
        &files,
        &[("ink", "0:#000000,0.08:#ff0000"), ("amount", "1")],
    );
    let found = middles(&library, &plan);
    assert!(
        close(found[0], [0.0; 3])
            && close(found[1], [0.5, 0.0, 0.0])
            && close(found[6], [1.0, 0.0, 0.0]),
        "{found:?}"
    );
    // The choice decides about passes.
    let (_folder, _, off) = planned(&manifest, &files, &[("mode", "off")]);
    assert_eq!(
        off.nodes.len(),
        planned(&manifest, &files, &[]).2.nodes.len() + 1
    );
}
