//! Recipes in outputs, and `aquatint reproduce`.

use std::path::Path;

use serde_json::Value;

use crate::support::*;

/// Renders `input` in pencil, softer than usual, to `output`.
fn render(folder: &Folder, input: &Path, output: &str, more: &[&str]) -> Ran {
    let mut arguments = vec![
        text(input),
        "-s",
        "pencil",
        "--set",
        "pencil.blur_sigma=12",
        "--seed",
        "7",
        "-o",
        output,
    ];
    arguments.extend(more);
    folder.run(&arguments)
}

fn recipe(folder: &Folder, output: &str) -> Value {
    let ran = folder.run(&["reproduce", output, "--json"]);
    serde_json::from_str(&ran.succeeds().stdout).unwrap()
}

/// What `reproduce` says of the output that it has made again.
fn again(folder: &Folder, output: &str, input: &Path, code: i32) -> Value {
    let ran = folder.run(&["reproduce", output, "--input", text(input), "--json", "-y"]);
    serde_json::from_str(&ran.says(code, &[]).stdout).unwrap()
}

#[test]
fn an_output_is_made_again_from_what_it_says_of_itself() {
    let folder = Folder::new();
    let clip = clip();
    // What each container makes equal: Matroska draws an identity by chance.
    for (ending, same) in [
        ("mp4", "bytes"),
        ("mov", "bytes"),
        ("nut", "bytes"),
        ("mkv", "packets"),
        ("webm", "packets"),
    ] {
        let output = format!("out.{ending}");
        render(
            &folder,
            &clip,
            &output,
            &["--report", "report.json", "--verify"],
        )
        .succeeds();
        let report: Value =
            serde_json::from_slice(&std::fs::read(folder.path("report.json")).unwrap()).unwrap();
        assert_eq!(report["outputs"][0]["recipe"]["in_file"], true, "{ending}");
        let recipe = recipe(&folder, &output);
        assert_eq!(recipe["parameters"]["pencil.blur_sigma"], 12.0, "{ending}");
        assert_eq!(
            (&recipe["style"], &recipe["seed"]),
            (&Value::from("pencil"), &Value::from(7))
        );
        assert_eq!(recipe["input"]["size"], clip.metadata().unwrap().len());
        let found = again(&folder, &output, &clip, 0);
        assert_eq!(
            (&found["same"], &found["why"]),
            (&Value::from(same), &serde_json::json!([])),
            "{ending}"
        );
        assert!(folder.path(&format!("out.reproduced.{ending}")).is_file());
    }
}

#[test]
fn a_picture_says_how_it_was_made() {
    let folder = Folder::new();
    let clip = clip();
    for output in ["one.png", "one.jpg", "many_%02d.png"] {
        let frame: &[&str] = if output.contains('%') {
            &[]
        } else {
            &["--frame", "3"]
        };
        render(&folder, &clip, output, frame).succeeds();
        assert_eq!(recipe(&folder, output)["style"], "pencil", "{output}");
    }
    assert_eq!(again(&folder, "one.png", &clip, 0)["same"], "bytes");
    assert_eq!(
        frames(&folder.path("one.png"), "rgb24"),
        frames(&folder.path("one.reproduced.png"), "rgb24")
    );
}

#[test]
fn no_path_of_the_machine_is_in_an_output() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("hidden-folder")).unwrap();
    folder.write(
        "hidden-folder/swap.cube",
        b"LUT_3D_SIZE 2\n0 0 0\n0 0 1\n0 1 0\n0 1 1\n1 0 0\n1 0 1\n1 1 0\n1 1 1\n",
    );
    let preset = "style = 'cinematic'\n[set.cinematic]\nlut_path = 'swap.cube'\n";
    folder.write("hidden-folder/mine.toml", preset.as_bytes());
    let clip = clip();
    let input = folder.path("hidden-folder/in.mp4");
    std::fs::copy(&clip, &input).unwrap();
    let whole = folder.path("hidden-folder/mine.toml");
    for (output, given) in [
        ("a.mp4", ["--preset", text(&whole)]),
        ("b.mov", ["--lut", "hidden-folder/swap.cube"]),
    ] {
        let arguments = [
            text(&input),
            "-s",
            "cinematic",
            given[0],
            given[1],
            "-o",
            output,
        ];
        folder.run(&arguments).succeeds();
        let bytes = std::fs::read(folder.path(output)).unwrap();
        let has = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
        assert!(has(b"swap.cube") && !has(b"hidden-folder"), "{output}");
        // The table lies beside the source, where it is looked for.
        assert_eq!(
            again(&folder, output, &input, 0)["same"],
            "bytes",
            "{output}"
        );
    }
    // Without it, the file is named, and what to do.
    std::fs::rename(
        folder.path("hidden-folder/swap.cube"),
        folder.path("hidden-folder/other.cube"),
    )
    .unwrap();
    folder
        .run(&["reproduce", "a.mp4", "--input", text(&input), "-y"])
        .says(2, &["swap.cube", "--files"]);
    std::fs::create_dir(folder.path("tables")).unwrap();
    folder.write(
        "tables/swap.cube",
        b"LUT_3D_SIZE 2\n0 0 0\n1 0 0\n0 1 0\n1 1 0\n0 0 1\n1 0 1\n0 1 1\n1 1 1\n",
    );
    let ran = folder.run(&[
        "reproduce",
        "a.mp4",
        "--input",
        text(&input),
        "-y",
        "--files",
        "tables",
    ]);
    ran.says(1, &["another content"]);
    assert!(
        ran.stdout.contains("pictures are not those") && ran.stdout.contains("another content"),
        "{}",
        ran.stdout
    );
}

#[test]
fn another_source_is_said_and_why_pictures_differ() {
    let folder = Folder::new();
    let clip = clip();
    render(&folder, &clip, "out.mp4", &[]).succeeds();
    let other = made(
        "other-source.mp4",
        &["-f", "lavfi", "-i", "testsrc=s=320x180:d=1"],
    );
    let ran = folder.run(&["reproduce", "out.mp4", "--input", text(&other)]);
    ran.says(1, &["is not the source of the recipe"]);
    assert!(
        ran.stdout.contains("the source is another file"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_recipe_can_be_left_out_and_is_never_that_of_the_source() {
    let folder = Folder::new();
    let clip = clip();
    render(&folder, &clip, "first.mkv", &[]).succeeds();
    let first = folder.path("first.mkv");
    folder
        .run(&[text(&first), "-s", "identity", "-o", "second.mkv"])
        .succeeds();
    assert_eq!(recipe(&folder, "second.mkv")["style"], "identity");
    folder
        .run(&[
            text(&first),
            "-s",
            "identity",
            "-o",
            "third.mkv",
            "--no-recipe",
            "--verify",
        ])
        .succeeds();
    folder
        .run(&["reproduce", "third.mkv"])
        .says(2, &["does not say how it was made", "--no-recipe"]);
    folder
        .run(&["verify", text(&first), "third.mkv"])
        .succeeds();
}

#[test]
fn a_container_without_a_place_leaves_the_recipe_to_the_report() {
    let folder = Folder::new();
    let clip = clip();
    render(&folder, &clip, "out.avi", &["--report", "report.json"]).succeeds();
    folder
        .run(&["reproduce", "out.avi"])
        .says(2, &["does not say"]);
    let ran = folder.run(&[
        "reproduce",
        "out.avi",
        "--report",
        "report.json",
        "--input",
        text(&clip),
    ]);
    assert!(
        ran.succeeds().stdout.contains("the same bytes"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_card_of_this_machine_is_not_asked_for_elsewhere() {
    let folder = Folder::new();
    let clip = clip();
    for (device, kept) in [("cpu", true), ("llvmpipe", false)] {
        if !kept && !software_vulkan(&folder) {
            continue;
        }
        let output = format!("{device}.mp4");
        render(&folder, &clip, &output, &["--device", device]).succeeds();
        let recipe = recipe(&folder, &output);
        assert_eq!(recipe["request"].get("device").is_some(), kept, "{recipe}");
    }
}

#[test]
fn bad_outputs_are_refused_with_words() {
    let folder = Folder::new();
    folder.write("text.txt", b"words");
    folder
        .run(&["reproduce", "text.txt"])
        .says(65, &["text.txt"]);
    folder
        .run(&["reproduce", "none.mp4"])
        .says(66, &["none.mp4"]);
    let clip = clip();
    folder
        .run(&["reproduce", text(&clip), "--input", text(&clip)])
        .says(2, &["does not say"]);
}
