use super::*;
use crate::color::Coding;
use crate::frame::{Model, Subsampling};

fn source(width: u32, height: u32, depth: u8) -> (Source, PixelFormat) {
    let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, depth, false);
    let coding = Coding::resolve(&Color::default(), &format, width, height);
    (
        Source {
            width,
            height,
            coded: Some((format, coding)),
            time_base: Rational::new(1, 25),
            rate: Rational::new(25, 1),
            start: 0,
            interlaced: Default::default(),
        },
        format,
    )
}

fn chain(library: &Library, styles: &[&str], strength: f64) -> Vec<StyleUse> {
    styles
        .iter()
        .map(|name| {
            let style = library.load(name).unwrap();
            let values = Values::defaults(&style.params);
            StyleUse {
                style,
                values,
                strength,
                target: None,
                rate: None,
            }
        })
        .collect()
}

fn plan_of(outputs: &[&[&str]], strength: f64) -> Plan {
    let library = Library::built_in();
    let (source, format) = source(1920, 1080, 8);
    let requests: Vec<_> = outputs
        .iter()
        .map(|styles| OutputRequest {
            chain: chain(&library, styles, strength),
            format,
            color: Color::default(),
            temporal: Temporal::Off,
        })
        .collect();
    plan(&library, &source, &requests, PlanOptions::default()).unwrap()
}

#[test]
fn pencil() {
    insta::assert_snapshot!(text(&plan_of(&[&["pencil"]], 1.0)));
}

#[test]
fn pencil_at_half_strength() {
    insta::assert_snapshot!(text(&plan_of(&[&["pencil"]], 0.5)));
}

#[test]
fn equal_work_is_done_once() {
    let together = plan_of(&[&["pencil"], &["identity", "pencil"]], 1.0);
    let labels: Vec<_> = together
        .nodes
        .iter()
        .map(|node| node.label.as_str())
        .collect();
    // The second pencil draws what identity made, so its luma is another; two pencils of the source are one.
    assert!(labels.len() > plan_of(&[&["pencil"]], 1.0).nodes.len());
    let twice = plan_of(&[&["pencil"], &["pencil"]], 1.0);
    assert_eq!(twice.nodes.len(), plan_of(&[&["pencil"]], 1.0).nodes.len());
}

#[test]
fn files_that_no_output_needs_are_dropped() {
    let library = Library::built_in();
    let (source, format) = source(64, 48, 8);
    let mut chain = chain(&library, &["cinematic"], 1.0);
    let params = chain[0].style.params.clone();
    let values = &mut chain[0].values;
    values
        .set("cinematic", &params, "lut_path", "look.cube")
        .unwrap();
    let request = OutputRequest {
        chain,
        format,
        color: Color::default(),
        temporal: Temporal::Off,
    };
    let mut plan = plan(&library, &source, &[request], PlanOptions::default()).unwrap();
    assert_eq!(plan.files.len(), 1);
    // The first node unpacks the picture.
    plan.outputs = vec![OutputPort::Image(0)];
    live::drop_dead(&mut plan);
    assert_eq!((plan.nodes.len(), plan.files.len()), (1, 0));
}

#[test]
fn what_no_output_needs_is_dropped() {
    // A pencil drawing at full strength never looks at the colours.
    let plan = plan_of(&[&["pencil"]], 1.0);
    assert!(
        plan.nodes
            .iter()
            .all(|node| node.kernel.path != "io/unpack/yuv")
    );
}

#[test]
fn fusion_respects_the_limits_of_a_stage() {
    let library = Library::built_in();
    let (source, format) = source(640, 360, 8);
    let request = OutputRequest {
        chain: chain(&library, &["pencil"], 0.5),
        format,
        color: Color::default(),
        temporal: Temporal::Off,
    };
    let options = PlanOptions {
        max_uniforms: 5,
        ..PlanOptions::default()
    };
    let plan = plan(&library, &source, &[request], options).unwrap();
    let most = plan.steps.iter().map(|step| step.fused.len()).max();
    assert_eq!(most, Some(1), "{}", text(&plan));
}

#[test]
fn graphs_print_as_dot_and_json() {
    let plan = plan_of(&[&["pencil"]], 1.0);
    let graph = dot(&plan);
    assert!(graph.starts_with("digraph plan {") && graph.ends_with("}\n"));
    assert_eq!(graph.matches("shape=box").count(), 1);
    assert!(
        serde_json::to_value(&plan).unwrap()["steps"]
            .as_array()
            .is_some_and(|steps| steps.len() == plan.steps.len())
    );
}

#[test]
fn phases_count_the_bytes_that_they_touch() {
    let plan = plan_of(&[&["cartoon"]], 1.0);
    let of = |kernel: &str| {
        let own = |step: &&Step| plan.step_kernels(step).any(|it| it.path == kernel);
        let step = plan.steps.iter().find(own).unwrap();
        traffic(&plan, step)
    };
    // The palette looks at 192 x 108 pixels of four half floats, not at 1920 x 1080 of them.
    let samples = 192 * 108 * 8;
    let words = 4 * (64 + 4 * 512);
    let (read, written) = of("cartoon/seed");
    assert!(
        (samples..=samples + 4 * words).contains(&read),
        "reads {read}"
    );
    assert_eq!(written, 3 * words, "cleared, counted, chosen");
    let (read, _) = of("cartoon/lloyd");
    // And, twice, at the words that the palette starts from.
    assert!((samples..samples + 20_000).contains(&read), "reads {read}");
    // Canny's last pass has five phases, and two words a pixel where short edges are left out.
    let image = 1920 * 1080 * 4;
    assert_eq!(of("common/canny/link"), (13 * image, 9 * image));
}

#[test]
fn passes_are_found_by_name() {
    let plan = plan_of(&[&["cinematic"]], 1.0);
    let names = plan.pass_names();
    let unique: std::collections::BTreeSet<&String> = names.iter().collect();
    assert_eq!(unique.len(), plan.nodes.len());
    for (node, name) in names.iter().enumerate() {
        assert_eq!(plan.pass_called(name).unwrap(), node, "{name}");
    }
    // Several passes make "result", one after the other.
    let error = plan
        .pass_called("cinematic/result")
        .unwrap_err()
        .to_string();
    assert!(error.contains("cinematic/result#2"), "{error}");
    // A style's own pass is meant before those of the folders that it uses.
    let pencil = plan_of(&[&["pencil"]], 1.0);
    let names = pencil.pass_names();
    let ends = |name: &&String| name.ends_with("/result");
    assert!(names.iter().filter(ends).count() > 1, "{names:?}");
    let own = pencil.pass_called("result").unwrap();
    assert_eq!(pencil.nodes[own].label, "pencil/result");
    let pencil = plan_of(&[&["pencil"]], 1.0);
    let coarse = pencil.pass_called("coarse_image").unwrap();
    assert_eq!(pencil.nodes[coarse].label, "pencil/soft/coarse_image");
    assert_eq!(pencil.pass_called("soft/coarse_image").unwrap(), coarse);
    let error = pencil.pass_called("coarse_imgae").unwrap_err().to_string();
    assert!(
        error.contains("did you mean \"pencil/soft/coarse_image\"?"),
        "{error}"
    );
}

#[test]
fn the_image_of_a_pass_comes_out_beside_the_frame() {
    let library = Library::built_in();
    let (source, format) = source(640, 360, 8);
    let request = OutputRequest {
        chain: chain(&library, &["pencil"], 1.0),
        format,
        color: Color::default(),
        temporal: Temporal::Off,
    };
    let options = PlanOptions::default();
    let whole = plan(&library, &source, std::slice::from_ref(&request), options).unwrap();
    let plan = plan_with_image(&library, &source, &[request], "soft/result", options).unwrap();
    assert_eq!(plan.outputs.len(), 2);
    let node = plan.outputs[1].node();
    assert_eq!(plan.nodes[node].label, "pencil/soft/result");
    assert!(plan.slot_of(node).is_some() && whole.slot_of(node).is_none());
    assert_eq!(plan.nodes, whole.nodes);
}

/// The plan of a style with one value.
fn plan_with(style: &str, param: &str, value: &str) -> Result<Plan, StyleError> {
    let library = Library::built_in();
    let (source, format) = source(1920, 1080, 8);
    let mut chain = chain(&library, &[style], 1.0);
    let params = chain[0].style.params.clone();
    let values = &mut chain[0].values;
    values.set(style, &params, param, value).unwrap();
    let request = OutputRequest {
        chain,
        format,
        color: Color::default(),
        temporal: Temporal::Off,
    };
    plan(&library, &source, &[request], PlanOptions::default())
}

#[test]
fn an_effect_that_a_track_switches_off_keeps_its_passes() {
    let names = |plan: &Plan| -> Vec<String> {
        let kernels = plan.nodes.iter().map(|node| node.kernel.path.clone());
        kernels.collect()
    };
    let whole = names(&plan_of(&[&["cinematic"]], 1.0));
    // At one end of its range an effect is off: its passes still run, and no pass that stands in for it.
    for (param, track) in [
        ("bloom_strength", "0:0,2:0.6,3:0"),
        ("bloom_strength", "hold,0:0,2:0.6"),
        ("contrast", "0:0.5,1:0"),
        ("lut_strength", "ease,0:0,1:1"),
    ] {
        let tracked = plan_with("cinematic", param, track).unwrap();
        assert_eq!(names(&tracked), whole, "{param} {track}");
    }
}

#[test]
fn what_shapes_the_plan_follows_no_track() {
    for (style, param, track) in [
        ("cinematic", "bloom_radius", "0:2,1:100"),
        ("pencil", "blur_sigma", "0:20,1:30"),
        ("resize", "scale", "0:1,1:2"),
        ("resize", "light", "0:coded,1:linear"),
    ] {
        let error = plan_with(style, param, track).unwrap_err().to_string();
        let said = format!("{style}.{param} cannot follow a track");
        assert!(
            error.contains(&said) && error.contains("it decides about"),
            "{error}"
        );
    }
    // Where all its values lead to the same plan, it may.
    let near = plan_with("cinematic", "bloom_radius", "0:24,1:30").unwrap();
    assert!(!near.tracks.is_empty());
}

#[test]
fn plans_with_other_tracks_have_one_structure() {
    let tracked = |track| plan_with("cinematic", "contrast", track).unwrap();
    let (one, other) = (tracked("0:0.1,1:0.2"), tracked("hold,0:0.3,2:0.5,3:0.1"));
    let plain = tracked("0.4");
    assert!(one.has_structure_of(&other) && one.has_structure_of(&plain));
    assert!(plain.tracks.is_empty() && !one.tracks.is_empty());
    assert!(!one.has_structure_of(&plan_of(&[&["pencil"]], 1.0)));
}

/// The storage of each average of `styles` for a source of so many bits.
fn averages(library: &Library, styles: &[&str], depth: u8, alpha: f32) -> Vec<Storage> {
    let (source, format) = source(640, 360, depth);
    let request = OutputRequest {
        chain: chain(library, styles, 1.0),
        format,
        color: Color::default(),
        temporal: Temporal::Ema { alpha },
    };
    let plan = plan(library, &source, &[request], PlanOptions::default()).unwrap();
    let histories = plan.histories.iter();
    let averages = histories.filter(|history| history.label.ends_with("/average"));
    averages.map(|history| history.image.storage).collect()
}

#[test]
fn averages_of_signals_take_half_the_bytes_where_that_is_exact_enough() {
    let library = Library::built_in();
    let of = |styles: &[&str], depth, alpha| averages(&library, styles, depth, alpha);
    for (style, lines) in [("cartoon", 1), ("comic", 1)] {
        let expected = |colour| {
            let mut all = vec![colour];
            all.extend(vec![Storage::R32Float; lines]);
            all
        };
        let found = |depth, alpha| {
            let mut found = of(&[style], depth, alpha);
            found.sort_by_key(|storage| storage.channels() == 1);
            found
        };
        assert_eq!(found(8, 0.3), expected(Storage::Rgba16Fixed), "{style}");
        assert_eq!(found(10, 0.3), expected(Storage::Rgba16Fixed), "{style}");
        // A smaller weight, or finer codes, would leave the average visibly short of its target.
        assert_eq!(found(8, 0.05), expected(Storage::Rgba32Float), "{style}");
        assert_eq!(found(10, 0.2), expected(Storage::Rgba32Float), "{style}");
        assert_eq!(found(12, 0.3), expected(Storage::Rgba32Float), "{style}");
        assert_eq!(found(32, 0.3), expected(Storage::Rgba32Float), "{style}");
    }
    // A look-up table may give values beyond those of a picture.
    assert_eq!(of(&["cinematic"], 8, 0.3), [Storage::Rgba32Float]);
}

/// An author's history of an average has 32 bits a channel, as every history of a style.
#[test]
fn a_history_of_an_average_is_a_copy_in_floats() {
    let folder = tempfile::tempdir().unwrap();
    let style = folder.path().join("trail");
    std::fs::create_dir(&style).unwrap();
    let manifest = "summary = \"s\"\n[history.last]\nof = \"calm\"\n\
        [[pass]]\nuse = \"identity\"\nin = { source = \"source\" }\ntemporal = \"signal\"\nout = \"calm\"\n\
        [[pass]]\nkernel = \"k\"\nin = { image = \"calm\", last = \"last\" }\nout = \"result\"\n";
    std::fs::write(style.join("style.toml"), manifest).unwrap();
    let kernel = "fn pixel(at: vec2i) -> vec4f { return (image_here() + last_here()) / 2.0; }";
    std::fs::write(style.join("k.wgsl"), kernel).unwrap();
    let mut library = Library::built_in();
    library.add_path(folder.path()).unwrap();
    let (source, format) = source(640, 360, 8);
    let request = OutputRequest {
        chain: chain(&library, &["trail"], 1.0),
        format,
        color: Color::default(),
        temporal: Temporal::Ema { alpha: 0.3 },
    };
    let plan = plan(&library, &source, &[request], PlanOptions::default()).unwrap();
    let mut storages: Vec<(&str, Storage)> = Vec::new();
    for history in &plan.histories {
        let name = history.label.rsplit('/').next().unwrap();
        storages.push((name, history.image.storage));
        assert_eq!(
            plan.nodes[history.commit].image.storage,
            history.image.storage
        );
    }
    storages.sort_by_key(|(name, _)| name.to_owned());
    assert_eq!(
        storages,
        [
            ("average", Storage::Rgba16Fixed),
            ("last", Storage::Rgba32Float)
        ]
    );
}
