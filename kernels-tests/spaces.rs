//! `space = "linear"`: passes that work in light get light, once for all of them, and coded pictures come out.

use aquatint::color::Color;
use aquatint::graph::plan::PlanOptions;
use aquatint::reference::common::transfer::{POWER, light, signal};

use crate::support::*;

/// The mean of two pixels beside each other.
const MEAN: &str = "fn pixel(at: vec2i) -> vec4f {
    return (image_at(at) + image_at(at + vec2i(1, 0))) / 2.0;
}";

#[test]
fn means_are_of_light_where_a_pass_asks_for_it() {
    let manifest = |space: &str| {
        format!(
            "summary = \"s\"\n[[pass]]\nkernel = \"mean\"\nin = {{ image = \"source\" }}\n{space}out = \"result\"\n"
        )
    };
    let linear = manifest("space = \"linear\"\n");
    let coded = manifest("");
    // A folder within a folder works in what the pass that uses it says.
    let outer = "summary = \"s\"\n[[pass]]\nuse = \"plain\"\nin = { source = \"source\" }\nspace = \"linear\"\nout = \"result\"\n";
    let black_and_white = picture(16, 4, rgb(16), Color::default(), |_, x, _| {
        if x % 2 == 0 { 0 } else { 65535 }
    });
    let of = |name: &str, files: &[(&str, &str)]| {
        let (folder, mut library) = with_own(name, files);
        let plain = folder.path().join("plain");
        if name != "plain" {
            std::fs::create_dir(&plain).unwrap();
            std::fs::write(plain.join("style.toml"), &coded).unwrap();
            std::fs::write(plain.join("mean.wgsl"), MEAN).unwrap();
            library.add_path(folder.path()).unwrap();
        }
        let chain = vec![styled(&library, name, &[], 1.0)];
        let plan = plan_for(&library, &black_and_white, chain, PlanOptions::default());
        let conversions = plan
            .nodes
            .iter()
            .filter(|node| node.kernel.path.starts_with("common/space"));
        let conversions = conversions.count();
        // No twin: it runs as WGSL alone.
        let made = run(&library, plan, Some(&black_and_white), &[], On::Gpu).remove(0);
        (made.sample(0, 2, 1), conversions)
    };
    let in_light = (signal::<POWER>(light::<POWER>(1.0, 2.4) / 2.0, 2.4) * 65535.0).round() as u32;
    let (found, conversions) = of("plain", &[("style.toml", &coded), ("mean.wgsl", MEAN)]);
    assert!(found.abs_diff(32768) <= 1 && conversions == 0, "{found}");
    for (name, text) in [("lit", linear.as_str()), ("outer", outer)] {
        let (found, conversions) = of(name, &[("style.toml", text), ("mean.wgsl", MEAN)]);
        assert!(
            found.abs_diff(in_light) <= 2,
            "{name}: {found}, not {in_light}"
        );
        assert_eq!(conversions, 2, "{name}: to light and back");
    }
}

#[test]
fn passes_in_light_share_one_conversion() {
    let manifest = "summary = \"s\"\n\
        [[pass]]\nkernel = \"mean\"\nin = { image = \"source\" }\nspace = \"linear\"\nout = \"a\"\n\
        [[pass]]\nkernel = \"mean\"\nin = { image = \"a\" }\nspace = \"linear\"\nout = \"b\"\n\
        [[pass]]\nkernel = \"add\"\nin = { a = \"a\", b = \"b\", source = \"source\" }\nspace = \"linear\"\nout = \"result\"\n";
    let add =
        "fn pixel(at: vec2i) -> vec4f { return (a_here() + b_here() + source_here()) / 3.0; }";
    let (_folder, library) = with_own(
        "three",
        &[
            ("style.toml", manifest),
            ("mean.wgsl", MEAN),
            ("add.wgsl", add),
        ],
    );
    let scene = scene(64, 48, yuv420(8), Color::default(), 1);
    let chain = vec![styled(&library, "three", &[], 1.0)];
    let plan = plan_for(&library, &scene, chain, PlanOptions::default());
    let count = |stem: &str| {
        let path = format!("common/space/{stem}");
        plan.nodes
            .iter()
            .filter(|node| node.kernel.path == path)
            .count()
    };
    assert_eq!((count("light"), count("signal")), (1, 1));
}

#[test]
fn bloom_converts_once_each_way_and_only_where_it_runs() {
    let library = aquatint::graph::style::Library::built_in();
    let scene = scene(64, 48, yuv420(8), Color::default(), 1);
    let converted = |strength: &str| {
        let set = [("bloom_strength", strength)];
        let chain = vec![styled(&library, "cinematic", &set, 1.0)];
        let plan = plan_for(&library, &scene, chain, PlanOptions::default());
        let paths = plan.nodes.iter().map(|node| node.kernel.path.clone());
        let mut paths: Vec<String> = paths.filter(|p| p.starts_with("common/space")).collect();
        paths.sort();
        paths
    };
    assert_eq!(
        converted("0.3"),
        ["common/space/light", "common/space/signal"]
    );
    assert!(converted("0").is_empty());
}

/// Light of 8-bit sources is stored in half floats, whose steps must not show in the shadows.
#[test]
fn every_code_survives_the_way_to_light_and_back() {
    let manifest = "summary = \"s\"\n[[pass]]\nuse = \"identity\"\nin = { source = \"source\" }\nspace = \"linear\"\nout = \"result\"\n";
    let (_folder, library) = with_own("there_and_back", &[("style.toml", manifest)]);
    let ramp = picture(256, 4, rgb(8), Color::default(), |_, x, _| x as u32);
    let chain = vec![styled(&library, "there_and_back", &[], 1.0)];
    let plan = plan_for(&library, &ramp, chain, PlanOptions::default());
    let kernels: Vec<&str> = plan.nodes.iter().map(|n| n.kernel.path.as_str()).collect();
    assert!(kernels.contains(&"common/space/light"), "{kernels:?}");
    for on in BOTH {
        let made = run(&library, plan.clone(), Some(&ramp), &[], on).remove(0);
        assert!(made.same_samples(&ramp), "on {on:?}");
    }
}
