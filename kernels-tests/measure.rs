//! Numbers of frames: `[measure.NAME]` in a manifest.

use aquatint::color::Color;
use aquatint::frame::Picture;
use aquatint::graph::Payload;
use aquatint::graph::plan::{
    MeasuringPlan, PlanOptions, Source, Storage, StyleUse, Temporal, measuring_plan,
};
use aquatint::graph::style::{Library, StyleError};

use crate::support::{On, executor, noisy, scene, styled, with_own, yuv420};

fn measured_by(
    library: &Library,
    chain: &[StyleUse],
    source: &Picture,
) -> Result<MeasuringPlan, StyleError> {
    measuring_plan(
        library,
        &Source::of(source),
        chain,
        Temporal::Off,
        PlanOptions::default(),
    )
}

/// The words of every port for one picture.
fn words(library: &Library, plan: &MeasuringPlan, source: &Picture, on: On) -> Vec<Vec<u32>> {
    let mut executor = executor(library, plan.plan.clone(), &[], on);
    let mut outputs = executor.submit(noisy(Some(source), 0)).unwrap();
    outputs.extend(executor.drain().unwrap());
    let words = outputs.into_iter().map(|output| match output.payload {
        Payload::Image(_, words) => words,
        Payload::Picture(_) => panic!("a measuring plan makes no pictures"),
    });
    words.collect()
}

const MINE: &str = r#"
summary = "Counts bright pixels"
[param.least]
default = 0.5
range = [0.0, 1.0]
help = "h"
[measure.bright]
of = "counted"
[measure.shade]
of = "dark"
[[pass]]
kernel = "darken"
in = { image = "source" }
channels = 1
out = "dark"
[[pass]]
compute = "count"
in = { image = "source" }
words = "1"
phases = [{ run = "clear", over = [1, 1] }, { run = "count", over = ["width", "height"] }]
out = "counted"
[[pass]]
kernel = "darken"
in = { image = "source" }
out = "result"
"#;
const COUNT: &str = "fn clear(at: vec2i) { words_store(0, 0u); }
fn count(at: vec2i) { if (image_at(at).g > params.least) { words_add(0, 1u); } }";
const DARKEN: &str = "fn pixel(at: vec2i) -> vec4f { return vec4f(image_here().rgb * 0.5, 1.0); }";

#[test]
fn a_style_of_ones_own_is_measured() {
    let files = [
        ("style.toml", MINE),
        ("count.wgsl", COUNT),
        ("darken.wgsl", DARKEN),
    ];
    let (_dir, library) = with_own("mine", &files);
    let source = scene(64, 48, yuv420(8), Color::default(), 3);
    let ports = |chain: &[StyleUse]| {
        let plan = measured_by(&library, chain, &source).unwrap();
        let words = words(&library, &plan, &source, On::Gpu);
        (plan, words)
    };
    let mine = |least: &str| styled(&library, "mine", &[("least", least)], 1.0);
    let (plan, all) = ports(&[mine("0.0")]);
    assert_eq!(plan.names, ["mine/bright", "mine/shade"]);
    assert_eq!((all[0].len(), all[1].len()), (1, 64 * 48));
    let nodes = plan.plan.outputs.iter().map(|port| port.node());
    let storages: Vec<Storage> = nodes.map(|id| plan.plan.nodes[id].image.storage).collect();
    assert_eq!(storages, [Storage::Words, Storage::R32Float]);
    let (_, some) = ports(&[mine("0.5")]);
    assert!(0 < some[0][0] && some[0][0] < all[0][0], "{some:?}");
    // Whatever comes before it in a chain is measured through; half the light is less bright.
    let (plan, behind) = ports(&[mine("0.5"), mine("0.5")]);
    assert_eq!(plan.names.len(), 4);
    assert!(behind[2][0] < behind[0][0]);
}

#[test]
fn what_offers_nothing_is_refused_and_numbers_are_no_picture() {
    let library = Library::built_in();
    let source = scene(64, 48, yuv420(8), Color::default(), 3);
    let style = |name: &str| styled(&library, name, &[], 1.0);
    let refused = |chain: &[StyleUse]| {
        let refused = measured_by(&library, chain, &source);
        refused.unwrap_err().to_string()
    };
    let nothing = refused(&[style("pencil")]);
    assert!(nothing.contains("[measure.NAME]"), "{nothing}");
    let numbers = style("common/measure/luma");
    let rendered = refused(&[numbers.clone(), style("pencil")]);
    assert!(
        rendered.contains("makes numbers, not a picture"),
        "{rendered}"
    );
    let shape =
        aquatint::graph::plan::shape(&library, &Source::of(&source), &[numbers], Temporal::Off);
    let shape = shape.unwrap_err().to_string();
    assert!(shape.contains("makes numbers, not a picture"), "{shape}");
}
