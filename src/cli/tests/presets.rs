//! Presets: listed, printed, used, and overridden by flags.

use serde_json::Value;

use super::support::*;

/// The report of a render of the small clip with these arguments.
fn report(folder: &Folder, arguments: &[&str]) -> Value {
    let clip = clip();
    let all: Vec<&str> = [text(&clip), "--report", "report.json", "-y"]
        .into_iter()
        .chain(arguments.iter().copied())
        .collect();
    folder.run(&all).succeeds();
    serde_json::from_slice(&std::fs::read(folder.path("report.json")).unwrap()).unwrap()
}

fn option(report: &Value, key: &str) -> Option<String> {
    let options = report["outputs"][0]["plan"]["video"]["options"].as_array();
    let found = options?.iter().find(|pair| pair[0] == key)?;
    Some(found[1].as_str()?.to_owned())
}

#[test]
fn presets_are_listed_and_printed() {
    let folder = Folder::new();
    let list = folder.run(&["presets"]);
    list.succeeds();
    for name in ["speed", "balanced", "quality", "comic-book", "charcoal"] {
        assert!(
            list.stdout.lines().any(|line| line.starts_with(name)),
            "{}",
            list.stdout
        );
    }
    let one = folder.run(&["presets", "comic-book"]);
    assert!(one.stdout.contains("[set.comic]"), "{}", one.stdout);
    folder.run(&["presets", "comicbook"]).says(
        2,
        &[
            "there is no preset \"comicbook\"",
            "did you mean \"comic-book\"",
        ],
    );
}

#[test]
fn a_preset_is_used_and_flags_win() {
    let folder = Folder::new();
    let plain = report(&folder, &["--preset", "speed", "-o", "a.mkv"]);
    assert_eq!(plain["settings"]["preset"], "speed");
    assert_eq!(option(&plain, "crf").as_deref(), Some("23"));
    assert_eq!(option(&plain, "preset").as_deref(), Some("ultrafast"));
    let calm = |report: &Value| report["settings"]["temporal"].clone();
    let calmed = report(
        &folder,
        &["--preset", "speed", "--temporal", "adaptive", "-o", "g.mkv"],
    );
    assert_ne!(calm(&plain), calm(&calmed));
    let finer = report(
        &folder,
        &["--preset", "speed", "--crf", "30", "-o", "b.mkv"],
    );
    assert_eq!(option(&finer, "crf").as_deref(), Some("30"));
    assert_eq!(option(&finer, "preset").as_deref(), Some("ultrafast"));
    // A container that cannot hold the codec gets its usual one.
    let other = report(&folder, &["--preset", "speed", "-o", "c.webm"]);
    assert_eq!(
        other["outputs"][0]["plan"]["video"]["encoder"],
        "libvpx-vp9"
    );

    let look = report(&folder, &["--preset", "comic-book", "-o", "d.mkv"]);
    let chain = &look["settings"]["looks"][0]["chain"][0];
    assert_eq!(chain["style"], "comic");
    assert_eq!(chain["values"]["dot_size"], 4.0);
    assert_eq!(chain["values"]["paper"], "#f4e8c8");
    let set = [
        "--preset",
        "comic-book",
        "--set",
        "comic.dot_size=6",
        "-o",
        "e.mkv",
    ];
    let values = &report(&folder, &set)["settings"]["looks"][0]["chain"][0]["values"];
    assert_eq!(values["dot_size"], 6.0);
    assert_eq!(values["paper"], "#f4e8c8");
    let style = report(
        &folder,
        &["--preset", "comic-book", "-s", "identity", "-o", "f.mkv"],
    );
    assert_eq!(style["settings"]["looks"][0]["name"], "identity");
}

#[test]
fn a_file_is_a_preset_and_its_mistakes_are_taught() {
    let folder = Folder::new();
    folder.write(
        "mine.toml",
        b"description = 'mine'\nstyle = 'pencil'\n[set.pencil]\nblur_sigma = 30\n",
    );
    let used = report(&folder, &["--preset", "mine.toml", "-o", "a.mkv"]);
    let chain = &used["settings"]["looks"][0]["chain"][0];
    assert_eq!(chain["values"]["blur_sigma"], 30.0);
    for (content, part) in [
        ("stlye = 'pencil'", "did you mean \"style\""),
        ("style = 'pencli'", "did you mean \"pencil\""),
        (
            "style = 'pencil'\n[set.pencil]\nblur_sigma = 900",
            "5 to 50",
        ),
        ("style = 'pencil'\n[set.pencil]\nblur = 9", "blur_sigma"),
    ] {
        folder.write("wrong.toml", content.as_bytes());
        folder
            .run(&[text(&clip()), "--preset", "wrong.toml"])
            .says(2, &[part]);
    }
    folder
        .run(&[text(&clip()), "--preset", "none.toml"])
        .says(2, &["cannot read the preset none.toml"]);
}

#[test]
fn a_preset_sets_what_a_flag_can() {
    let folder = Folder::new();
    folder.write(
        "mine.toml",
        b"seed = 7\ntemporal = 'ema'\ntemporal_alpha = 0.5\ndevice = 'cpu'\ncodec = 'libx264'\nbitrate = '300k'\n\
          pix_fmt = 'yuv444p'\naudio = 'none'\ndrop = ['chapters']\nencoder_opts = { tune = 'film' }\n",
    );
    let used = report(&folder, &["--preset", "mine.toml", "-o", "a.mkv"]);
    let settings = &used["settings"];
    assert_eq!(settings["seed"], 7);
    assert_eq!(settings["temporal"]["mode"], "ema");
    assert_eq!(settings["temporal"]["alpha"], 0.5);
    assert_eq!(settings["device"], "cpu");
    assert_eq!(settings["output"]["audio"], "none");
    assert_eq!(settings["output"]["drop"][0], "chapters");
    assert_eq!(option(&used, "b").as_deref(), Some("300k"));
    assert_eq!(option(&used, "tune").as_deref(), Some("film"));
    assert_eq!(used["outputs"][0]["plan"]["video"]["pix_fmt"], "yuv444p");
    let flags = [
        "--preset",
        "mine.toml",
        "--seed",
        "8",
        "--crf",
        "30",
        "--audio",
        "copy",
        "--encoder-opt",
        "tune=grain",
        "-o",
        "b.mkv",
    ];
    let over = report(&folder, &flags);
    assert_eq!(over["settings"]["seed"], 8);
    assert_eq!(over["settings"]["output"]["audio"], "copy");
    assert_eq!(option(&over, "crf").as_deref(), Some("30"));
    assert_eq!(option(&over, "b"), None);
    assert_eq!(option(&over, "tune").as_deref(), Some("grain"));
    folder.write("report.toml", b"report = 'r.json'\n");
    folder
        .run(&[text(&clip()), "--preset", "report.toml"])
        .says(2, &["a preset cannot set report"]);
}
