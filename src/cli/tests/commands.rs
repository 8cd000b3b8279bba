//! The commands other than render: their data on stdout.

use serde_json::Value;

use crate::support::*;

fn json(folder: &Folder, arguments: &[&str]) -> Value {
    let ran = folder.run(arguments);
    serde_json::from_str(&ran.succeeds().stdout).unwrap()
}

#[test]
fn probe_tells_what_a_file_holds() {
    let folder = Folder::new();
    let clip = clip();
    let info = json(&folder, &["probe", text(&clip), "--json"]);
    assert_eq!(info["streams"][0]["video"]["width"], 160);
    assert_eq!(info["streams"][1]["codec"], "aac");
    let words = folder
        .run(&["probe", text(&clip)])
        .succeeds()
        .stdout
        .clone();
    assert!(
        words.contains("160x90 yuv420p") && words.contains("25 frames"),
        "{words}"
    );
    folder
        .run(&["probe", "missing.mp4"])
        .says(66, &["missing.mp4"]);
}

#[test]
fn styles_teach_their_parameters() {
    let folder = Folder::new();
    let all = json(&folder, &["styles", "--json"]);
    let named: Vec<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|style| style["name"].as_str())
        .collect();
    assert!(
        named.contains(&"pencil") && named.contains(&"identity") && !named.contains(&"demo"),
        "{named:?}"
    );
    let pencil = json(&folder, &["styles", "pencil", "--json"]);
    assert_eq!(pencil["params"][0]["name"], "blur_sigma");
    let words = folder.run(&["styles", "pencil"]).succeeds().stdout.clone();
    assert!(
        words.contains("--set pencil.blur_sigma=21") && words.contains("strength"),
        "{words}"
    );
    // A choice of names.
    let resize = json(&folder, &["styles", "resize", "--json"]);
    assert_eq!(resize["params"][0]["choices"][4], "lanczos3");
    let words = folder.run(&["styles", "resize"]).succeeds().stdout.clone();
    assert!(
        words.contains("--set resize.kernel=auto") && words.contains("catmull-rom, lanczos3"),
        "{words}"
    );
    folder
        .run(&["styles", "pencli"])
        .says(2, &["did you mean \"pencil\"?"]);
    // A style of the user.
    std::fs::create_dir(folder.path("mine")).unwrap();
    folder.write(
        "mine/half.wgsl",
        b"fn pixel(at: vec2i) -> vec4f { return vec4f(source_here().rgb * params.share, 1.0); }",
    );
    folder.write("mine/style.toml", b"summary = 'Darker'\n[param.share]\ndefault = 0.5\nrange = [0.0, 1.0]\nhelp = 'h'\n[[pass]]\nkernel = 'half'\nin = { source = 'source' }\nout = 'result'\n");
    let mine = json(
        &folder,
        &["styles", "mine", "--style-path", "mine", "--json"],
    );
    assert_eq!(mine["summary"], "Darker");
    // It has no CPU twin: the error names the kernel.
    let clip = clip();
    folder
        .run(&[
            text(&clip),
            "-s",
            "mine",
            "--style-path",
            "mine",
            "--device",
            "cpu",
            "-o",
            "out.mp4",
        ])
        .says(69, &["mine/half", "no twin"]);
    if software_vulkan(&folder) {
        folder
            .run(&[
                text(&clip),
                "-s",
                "mine",
                "--style-path",
                "mine",
                "-o",
                "out.mp4",
                "--report",
                "report.json",
            ])
            .succeeds();
        let report: Value =
            serde_json::from_slice(&std::fs::read(folder.path("report.json")).unwrap()).unwrap();
        assert_eq!(report["device"]["executor"], "gpu");
        let software = report["device"]["name"]
            .as_str()
            .unwrap()
            .contains("llvmpipe");
        assert_eq!(
            report["fallbacks"].as_array().unwrap().len(),
            usize::from(software)
        );
    }
}

#[test]
fn graphs_devices_and_help_are_printed() {
    let folder = Folder::new();
    let plan = json(
        &folder,
        &["graph", "pencil", "--size", "640x360", "--format", "json"],
    );
    assert_eq!(plan["sources"][0]["extent"], serde_json::json!([640, 360]));
    assert!(
        folder
            .run(&["graph", "pencil,identity", "--format", "dot"])
            .succeeds()
            .stdout
            .starts_with("digraph")
    );
    assert!(
        folder
            .run(&["graph", "pencil"])
            .succeeds()
            .stdout
            .contains("pencil/dodge")
    );
    folder
        .run(&["graph", "pencil", "--size", "0x9"])
        .says(2, &["WIDTHxHEIGHT"]);
    let devices = json(&folder, &["devices", "--json"]);
    assert_eq!(devices.as_array().unwrap().last().unwrap()["name"], "cpu");
    for arguments in [
        &["--help"][..],
        &["render", "--help"],
        &["--version"],
        &["demo", "--help"],
    ] {
        let ran = folder.run(arguments);
        assert!(ran.succeeds().stdout.contains("aquatint") && ran.stderr.is_empty());
    }
    assert!(
        folder
            .run(&["render", "--help"])
            .stdout
            .contains("--encoder-preset")
    );
}

#[test]
fn doctor_says_what_works() {
    let folder = Folder::new();
    let words = folder.run(&["doctor"]).succeeds().stdout.clone();
    for part in [
        "libavcodec",
        "devices",
        "encoders",
        "libx264",
        "neural models",
        "--engine auto tries",
        "free here",
    ] {
        assert!(words.contains(part), "{words}");
    }
}

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let folder = Folder::new();
    let clip = clip();
    let ran = folder.run(&[
        text(&clip),
        "-s",
        "pencil,identity",
        "-o",
        "new",
        "--dry-run",
    ]);
    for part in [
        "new/clip.pencil.mp4",
        "libx264",
        "yuv420p",
        "aac",
        "unchanged",
        "pencil/dodge",
        "disk",
        "device",
        "would be created",
    ] {
        assert!(
            ran.succeeds().stdout.contains(part),
            "no {part} in {}",
            ran.stdout
        );
    }
    assert!(folder.names().is_empty());
}

#[test]
fn the_demo_makes_and_checks_a_file_for_every_style() {
    let folder = Folder::new();
    let ran = folder.run(&["demo", "-o", "made", "--size", "160x90", "--seconds", "1"]);
    ran.succeeds();
    let made = names(&folder.path("made"));
    let styles = folder.run(&["styles"]).stdout;
    let mut expected: Vec<String> = styles
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        // These are no looks.
        .filter(|style| !["none", "resize", "rate", "upscale"].contains(style))
        .map(|style| format!("demo-source.{style}.mp4"))
        .chain(["demo-source.mp4".to_owned()])
        .collect();
    expected.sort();
    assert!(expected.len() > 3);
    assert_eq!(made, expected);
    for name in &made {
        let path = folder.path("made").join(name);
        assert!(ran.stdout.contains(name.as_str()), "{}", ran.stdout);
        assert_eq!(times(&path).len(), 25);
        assert_eq!(sound(&path), sound(&folder.path("made/demo-source.mp4")));
    }
    // Frames differ: the scene moves.
    let scene = frames(&folder.path("made/demo-source.mp4"), "yuv420p");
    assert_ne!(scene[0], scene[24]);
    folder
        .run(&["demo", "-o", "no/such"])
        .says(73, &["does not exist"]);
}
