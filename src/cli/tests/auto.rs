//! `--preset auto`, `--time-budget`, `aquatint wizard` and `aquatint help`.

use std::io::Write;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::*;

/// A scene of few tones: its contrast is low.
fn pale() -> PathBuf {
    let scene = "mandelbrot=size=320x240:rate=24:start_scale=0.4:end_scale=0.05:end_pts=400,trim=duration=2,format=yuv420p,eq=contrast=0.35:brightness=0.05";
    made("pale.mkv", &["-f", "lavfi", "-i", scene, "-c:v", "ffv1"])
}

fn report(folder: &Folder) -> Value {
    serde_json::from_slice(&std::fs::read(folder.path("r.json")).unwrap()).unwrap()
}

#[test]
fn what_is_found_is_mended_and_said_and_can_be_turned_off() {
    let folder = Folder::new();
    std::fs::copy(pale(), folder.path("pale.mkv")).unwrap();
    let arguments = [
        "pale.mkv",
        "--preset",
        "auto",
        "--report",
        "r.json",
        "--duration",
        "0.3",
        "-y",
    ];
    let ran = folder.run(&arguments);
    ran.says(
        0,
        &[
            "levels",
            "upscale: the pictures have 240 lines",
            "--auto-without upscale",
            "encoder: preset medium",
        ],
    );
    let whole = report(&folder);
    assert_eq!(whole["outputs"][0]["look"], "dering+deband+levels+upscale");
    assert_eq!(
        whole["outputs"][0]["plan"]["video"]["frames"]["height"],
        480
    );
    assert_eq!(
        whole["choices"].as_array().unwrap().len(),
        5 + usize::from(whole["choices"].to_string().contains("kind"))
    );
    assert!(folder.path("pale.auto.mkv").is_file());
    // The recipe has what was chosen.
    let recipe = &whole["outputs"][0]["recipe"]["request"];
    assert_eq!(
        (&recipe["style"], recipe.get("preset")),
        (&Value::from("dering+deband+levels+upscale"), None)
    );
    for (without, look) in [
        ("upscale", "dering+deband+levels"),
        ("mend,upscale", "identity"),
        ("mend,upscale,encoder", "identity"),
    ] {
        folder
            .run(&[&arguments[..], &["--auto-without", without]].concat())
            .succeeds();
        assert_eq!(report(&folder)["outputs"][0]["look"], look, "{without}");
    }
    // What is asked for wins.
    folder
        .run(
            &[
                &arguments[..],
                &["-s", "pencil", "--size", "160x120", "--crf", "30"],
            ]
            .concat(),
        )
        .succeeds();
    let own = report(&folder);
    assert_eq!(own["outputs"][0]["look"], "dering+deband+levels+pencil");
    assert_eq!(own["outputs"][0]["plan"]["video"]["frames"]["width"], 160);
}

#[test]
fn the_time_decides_what_fits() {
    let folder = Folder::new();
    let clip = clip();
    let preset = |folder: &Folder| {
        let options = report(folder)["outputs"][0]["plan"]["video"]["options"].clone();
        let options = options.as_array().unwrap().clone();
        options.iter().find(|pair| pair[0] == "preset").unwrap()[1].clone()
    };
    let arguments = [
        text(&clip),
        "-s",
        "identity",
        "-o",
        "out.mp4",
        "--report",
        "r.json",
        "-y",
    ];
    folder
        .run(&[&arguments[..], &["--time-budget", "10h"]].concat())
        .says(0, &["time: about", "encoder: preset slow"]);
    assert_eq!(preset(&folder), "slow");
    // A long film in a second: the fastest, and that it will not be enough.
    let long = made(
        "long_auto.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=640x360:rate=25:duration=240",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
        ],
    );
    let ran = folder.run(&[
        text(&long),
        "-s",
        "pencil",
        "--time-budget",
        "1s",
        "--dry-run",
    ]);
    ran.says(0, &[]);
    assert!(
        ran.stdout.contains("not be enough") || ran.stderr.contains("not be enough"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    // An encoder that is named is not chosen.
    folder
        .run(
            &[
                &arguments[..],
                &["--time-budget", "10h", "--encoder-preset", "veryfast"],
            ]
            .concat(),
        )
        .succeeds();
    assert_eq!(preset(&folder), "veryfast");
    folder
        .run(&[&arguments[..], &["--time-budget", "20"]].concat())
        .says(2, &["1h30m"]);
    folder
        .run(&[&arguments[..], &["--auto-without", "upscale"]].concat())
        .says(2, &["nothing is chosen"]);
    folder
        .run(
            &[
                &arguments[..],
                &["--preset", "auto", "--auto-without", "upscal"],
            ]
            .concat(),
        )
        .says(2, &["did you mean \"upscale\""]);
    folder
        .run(&["preview", text(&clip), "--preset", "auto"])
        .says(2, &["chosen for each input"]);
}

/// Runs the wizard with these answers.
fn answered(folder: &Folder, arguments: &[&str], answers: &str) -> Ran {
    let mut child = folder
        .command(&[&["wizard"], arguments].concat())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(answers.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap().into()
}

#[test]
fn four_answers_make_a_command_that_is_run() {
    let folder = Folder::new();
    std::fs::copy(clip(), folder.path("my clip.mp4")).unwrap();
    // A look, the first of the list; a wrong answer first.
    let ran = answered(&folder, &["my clip.mp4"], "nine\n1\n1\n\n2\n\n");
    ran.says(
        0,
        &[
            "What do you want?",
            "\"nine\" is none of them",
            "Which look?",
            "How long may it take?",
            "Which kind of file?",
        ],
    );
    assert_eq!(
        ran.stdout.trim(),
        "aquatint 'my clip.mp4' --preset aquarelle -o 'my clip.aquarelle.mkv'"
    );
    assert!(
        folder.path("my clip.aquarelle.mkv").is_file(),
        "{}",
        ran.stderr
    );
    // The same pictures, without sound, in ten hours, for editing; not run.
    let ran = answered(&folder, &["my clip.mp4"], "4\n2\n10h\n3\nn\n");
    ran.says(0, &["This is how it will look"]);
    assert!(
        ran.stdout.contains("--audio none")
            && ran.stdout.contains("--codec prores_ks")
            && ran.stdout.contains("--time-budget 10h"),
        "{}",
        ran.stdout
    );
    assert!(!folder.path("my clip.identity.mov").exists());
    answered(&folder, &["my clip.mp4"], "1\n").says(2, &["there was no answer"]);
    answered(&folder, &["none.mp4"], "").says(66, &["none.mp4"]);
}

#[test]
fn topics_are_listed_shown_and_found() {
    let folder = Folder::new();
    let list = folder.run(&["help"]);
    for topic in [
        "getting-started",
        "presets",
        "colour",
        "gpu-memory",
        "long-renders",
        "restoring",
        "troubleshooting",
    ] {
        assert!(list.succeeds().stdout.contains(topic), "{topic}");
        assert!(
            folder
                .run(&["help", topic])
                .succeeds()
                .stdout
                .starts_with("# "),
            "{topic}"
        );
    }
    let found = folder.run(&["help", "--search", "resume"]);
    assert!(found.succeeds().stdout.contains("long-renders"));
    assert!(
        folder
            .run(&["help", "render"])
            .succeeds()
            .stdout
            .contains("--crf")
    );
    folder
        .run(&["help", "colr"])
        .says(2, &["did you mean \"colour\""]);
    folder
        .run(&["help", "--search", "xyzzy"])
        .says(2, &["no topic has xyzzy"]);
    // Errors name theirs.
    folder
        .run(&["none.mp4"])
        .says(66, &["more: aquatint help troubleshooting"]);
}

#[test]
fn what_a_person_asks_for_is_not_taken_away_to_save_time() {
    let folder = Folder::new();
    let clip = clip();
    let arguments = [
        text(&clip),
        "-s",
        "upscale",
        "--scale",
        "2",
        "-o",
        "out.mp4",
        "--report",
        "r.json",
    ];
    folder
        .run(&[&arguments[..], &["--time-budget", "1s"]].concat())
        .succeeds();
    assert_eq!(
        report(&folder)["outputs"][0]["plan"]["video"]["frames"]["width"],
        320
    );
}

#[test]
fn every_kind_of_output_can_be_chosen_for() {
    let folder = Folder::new();
    let clip = clip();
    let photo = made(
        "auto.png",
        &["-f", "lavfi", "-i", "testsrc2=s=160x90", "-frames:v", "1"],
    );
    for (input, output) in [
        (&photo, "photo.png"),
        (&clip, "out.webm"),
        (&clip, "out.avi"),
        (&clip, "frames_%03d.png"),
        (&clip, "out.mov"),
    ] {
        let ran = folder.run(&[
            text(input),
            "--preset",
            "auto",
            "-o",
            output,
            "--time-budget",
            "1h",
        ]);
        ran.succeeds();
        let encodes = ran.stderr.contains("encoder: preset");
        assert_eq!(
            encodes,
            output.ends_with("avi") || output.ends_with("mov"),
            "{output}: {}",
            ran.stderr
        );
    }
    assert!(folder.path("frames_025.png").is_file());
}

#[test]
fn an_output_that_exists_is_told_before_the_input_is_looked_through() {
    let folder = Folder::new();
    std::fs::copy(clip(), folder.path("in.mp4")).unwrap();
    folder.write("in.auto.mp4", b"mine");
    let ran = folder.run(&["in.mp4", "--preset", "auto", "--progress", "json"]);
    ran.says(2, &["in.auto.mp4"]);
    assert!(!ran.stderr.contains("\"analyse\""), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn an_interrupted_render_goes_on_only_with_what_was_asked_for() {
    let folder = Folder::new();
    std::fs::copy(long_clip(), folder.path("in.mp4")).unwrap();
    let arguments = [
        "in.mp4",
        "--preset",
        "auto",
        "--auto-without",
        "upscale",
        "-s",
        "pencil",
        "--chunk",
        "10",
        "--progress",
        "json",
    ];
    let mut child = folder.start(&arguments);
    let done = || {
        folder.names().iter().any(|name| {
            name.ends_with(".aquatint")
                && names(&folder.path(name))
                    .iter()
                    .any(|name| name.ends_with(".chunk"))
        })
    };
    let begun = std::time::Instant::now();
    while !done() && begun.elapsed().as_secs() < 120 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    send_signal(&child, "-KILL");
    child.wait().unwrap();
    let other: Vec<&str> = arguments
        .iter()
        .map(|word| if *word == "pencil" { "identity" } else { *word })
        .collect();
    let other: Vec<&str> = other
        .into_iter()
        .filter(|word| *word != "--progress" && *word != "json")
        .collect();
    folder.run(&other).says(2, &["in.auto.mp4"]);
    let same: Vec<&str> = arguments[..arguments.len() - 2].to_vec();
    let ran = folder.run(&same);
    ran.says(0, &["goes on with what was chosen when it was begun"]);
    assert!(folder.path("in.auto.mp4").is_file());
}

#[test]
fn restoring_mends_what_is_found_and_chooses_nothing_else() {
    let folder = Folder::new();
    std::fs::copy(pale(), folder.path("pale.mkv")).unwrap();
    let with = |more: &[&'static str]| {
        let always = [
            "pale.mkv",
            "--restore",
            "auto",
            "--report",
            "r.json",
            "--duration",
            "0.3",
            "-y",
        ];
        [&always, more].concat()
    };
    let ran = folder.run(&with(&[]));
    ran.says(0, &["levels: ", "--auto-without levels"]);
    let done = report(&folder);
    // In the order of a chain, whatever is surest.
    assert_eq!(done["outputs"][0]["look"], "dering+deband+levels");
    assert_eq!(
        done["choices"].as_array().unwrap().len(),
        3,
        "{}",
        done["choices"]
    );
    assert_eq!(done["outputs"][0]["plan"]["video"]["frames"]["height"], 240);
    assert!(folder.path("pale.auto.mkv").is_file());
    // Before the style that is named.
    folder
        .run(&with(&["-s", "pencil", "-o", "drawn.mkv"]))
        .succeeds();
    assert_eq!(
        report(&folder)["outputs"][0]["look"],
        "dering+deband+levels+pencil"
    );
    // What needs nothing is left alone.
    folder
        .run(&with(&["--auto-without", "levels,dering,deband"]))
        .says(0, &["nothing was found that a style mends"]);
    assert_eq!(report(&folder)["outputs"][0]["look"], "identity");
    folder
        .run(&["pale.mkv", "--restore", "all"])
        .says(2, &["off", "auto"]);
}

#[test]
fn the_look_of_a_preset_comes_after_what_mends() {
    let folder = Folder::new();
    std::fs::copy(pale(), folder.path("pale.mkv")).unwrap();
    let look = |name: &str| {
        let end = [
            "--report",
            "r.json",
            "--duration",
            "0.3",
            "-y",
            "-o",
            "out.mkv",
        ];
        let begin = ["pale.mkv", "--restore", "auto", "--preset", name];
        folder.run(&[&begin[..], &end].concat()).succeeds();
        report(&folder)["outputs"][0]["look"].clone()
    };
    assert_eq!(look("newsprint"), "dering+deband+levels+comic");
    // What the preset mends itself is not mended twice.
    assert_eq!(look("animation"), "levels+deblock+dering+deband");
}

#[test]
fn fields_without_tags_are_shown_in_the_order_that_was_measured() {
    let folder = Folder::new();
    for (order, filter) in [("top", "interleave_top"), ("bottom", "interleave_bottom")] {
        let scene = "mandelbrot=size=360x240:rate=50:start_scale=0.5:end_scale=0.05:end_pts=200,trim=duration=2,format=yuv420p";
        let input = made(
            &format!("untagged-{order}.mkv"),
            &[
                "-f",
                "lavfi",
                "-i",
                scene,
                "-vf",
                &format!("tinterlace={filter},setfield=prog"),
                "-c:v",
                "ffv1",
            ],
        );
        let output = format!("{order}.mkv");
        let ran = folder.run(&[
            text(&input),
            "--restore",
            "auto",
            "-o",
            &output,
            "--codec",
            "ffv1",
        ]);
        ran.says(
            0,
            &[&format!(
                "the {order} field is taken as the first, as measured"
            )],
        );
        assert_eq!(
            frames(&folder.path(&output), "yuv420p").len(),
            100,
            "{}",
            ran.stderr
        );
    }
}
