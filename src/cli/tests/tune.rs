//! `aquatint tune`: parameters are searched; and the ratings that it can learn from.

use serde_json::Value;

use crate::support::*;

fn tuned(folder: &Folder, arguments: &[&str]) -> Value {
    let ran = folder.run(
        &[
            &[
                "tune",
                "--json",
                "--scenes",
                "2",
                "--duration",
                "0.12",
                "--method",
                "grid",
            ],
            arguments,
        ]
        .concat(),
    );
    serde_json::from_str(&ran.succeeds().stdout).unwrap()
}

#[test]
fn the_best_value_is_found_and_becomes_a_preset() {
    let folder = Folder::new();
    let clip = clip();
    let arguments = [
        text(&clip),
        "-s",
        "cinematic",
        "--params",
        "contrast,vignette_strength=0..1",
        "--goal",
        "ssim",
        "--trials",
        "10",
        "-o",
        "best.toml",
    ];
    let first = tuned(&folder, &arguments);
    let trials = first["trials"].as_array().unwrap();
    assert_eq!((trials.len(), &trials[0]["score"]), (10, &Value::from(0.0)));
    let best = first["best"].as_u64().unwrap() as usize;
    let score = |trial: &Value| trial["score"].as_f64().unwrap();
    assert!(
        trials
            .iter()
            .all(|trial| score(trial) <= score(&trials[best]))
    );
    assert!(score(&trials[best]) > 0.0);
    // The preset renders what was found: its SSIM is that of the trial.
    let preset = std::fs::read_to_string(folder.path("best.toml")).unwrap();
    assert!(
        preset.contains("goal ssim") && preset.contains("seed 0"),
        "{preset}"
    );
    folder
        .run(&[
            text(&clip),
            "--preset",
            "best.toml",
            "--temporal",
            "adaptive",
            "-o",
            "a.mkv",
            "--report",
            "r.json",
        ])
        .succeeds();
    let report: Value =
        serde_json::from_slice(&std::fs::read(folder.path("r.json")).unwrap()).unwrap();
    let contrast = &report["outputs"][0]["recipe"]["parameters"]["cinematic.contrast"];
    assert_eq!(
        contrast.as_f64(),
        trials[best]["values"]["cinematic.contrast"].as_f64()
    );
    let page = std::fs::read_to_string(folder.path("best.html")).unwrap();
    assert!(roxmltree::Document::parse(page.strip_prefix("<!DOCTYPE html>\n").unwrap()).is_ok());
    assert!(page.matches("<circle").count() >= 30);
    // The same seed makes the same search, on the journal's side, too.
    let again = tuned(&folder, &[&arguments[..9], &["-o", "again.toml"]].concat());
    assert_eq!(again["trials"], first["trials"]);
}

#[test]
fn a_search_goes_on_where_it_was() {
    let folder = Folder::new();
    let clip = clip();
    let arguments = |trials: &'static str| {
        let clip = text(&clip).to_owned();
        move |folder: &Folder| {
            let ran = folder.run(&[
                "tune",
                &clip,
                "-s",
                "pencil",
                "--params",
                "blur_sigma",
                "--goal",
                "sharpness=3,flicker:0.5",
                "--trials",
                trials,
                "--scenes",
                "1",
                "--duration",
                "0.12",
                "-o",
                "p.toml",
                "--json",
            ]);
            serde_json::from_str::<Value>(&ran.succeeds().stdout).unwrap()
        }
    };
    let whole = arguments("14")(&Folder::new());
    arguments("6")(&folder);
    // A journal whose last line was not finished.
    let journal = folder.path("p.tune.jsonl");
    let lines = std::fs::read(&journal).unwrap();
    std::fs::write(&journal, &lines[..lines.len() - 20]).unwrap();
    let rest = arguments("14")(&folder);
    assert_eq!(
        (&rest["resumed"], &rest["trials"]),
        (&Value::from(5), &whole["trials"])
    );
    // Of another search it is refused.
    let other = folder.run(&[
        "tune",
        text(&clip),
        "-s",
        "pencil",
        "--params",
        "blur_sigma",
        "--goal",
        "ssim",
        "--scenes",
        "1",
        "--duration",
        "0.12",
        "-o",
        "p.toml",
        "-y",
    ]);
    other.says(2, &["p.tune.jsonl is of another search", "--no-resume"]);
}

#[test]
fn what_cannot_be_searched_is_refused_with_words() {
    let folder = Folder::new();
    let clip = clip();
    for (arguments, words) in [
        (&["-s", "pencil", "--goal", "simm"][..], "ssim"),
        (
            &["-s", "pencil", "--goal", "ssim", "--params", "blur_sgma"],
            "did you mean",
        ),
        (
            &["-s", "pencil", "--goal", "ssim", "--params", "texture_path"],
            "cannot be searched",
        ),
        (
            &["-s", "pencil,comic", "--goal", "ssim"],
            "one style is tuned",
        ),
        (&["-s", "pencil", "--goal", "liked"], "nothing is rated yet"),
        (
            &["-s", "pencil", "--goal", "ssim", "--time-budget", "5"],
            "90s",
        ),
    ] {
        let ran = folder.run(&[&["tune", text(&clip), "-o", "x.toml"], arguments].concat());
        ran.says(2, &[words]);
    }
}

#[test]
fn opinions_are_kept_and_learnt_from() {
    let folder = Folder::new();
    let clip = clip();
    // The broader the shading, the less it is liked.
    for (index, sigma) in ["6", "9", "12", "16", "20", "26", "32", "40", "50"]
        .iter()
        .enumerate()
    {
        let (output, set) = (
            format!("o{index}.mkv"),
            format!("pencil.blur_sigma={sigma}"),
        );
        folder
            .run(&[text(&clip), "-s", "pencil", "--set", &set, "-o", &output])
            .succeeds();
        let stars = (5 - index / 2).max(1).to_string();
        folder
            .run(&["rate", &output, &stars, "--note", "a 'note'"])
            .succeeds();
    }
    folder.run(&["prefer", "o0.mkv", "o8.mkv"]).succeeds();
    let list = folder.run(&["ratings", "--json"]);
    let list: Value = serde_json::from_str(&list.succeeds().stdout).unwrap();
    assert_eq!(
        (&list[0]["name"], list.as_array().unwrap().len()),
        (&Value::from("o0.mkv"), 9)
    );
    folder.run(&["ratings", "--export", "all.jsonl"]).succeeds();
    let lines = std::fs::read_to_string(folder.path("all.jsonl")).unwrap();
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 10);
    assert_eq!(lines[0]["output"]["recipe"]["style"], "pencil");
    assert!(lines[0]["output"]["metrics"]["sharpness"].as_f64().unwrap() > 0.0);
    let found = tuned(
        &folder,
        &[
            text(&clip),
            "-s",
            "pencil",
            "--params",
            "blur_sigma",
            "--goal",
            "liked",
            "--trials",
            "8",
            "-o",
            "liked.toml",
        ],
    );
    let best = &found["trials"][found["best"].as_u64().unwrap() as usize];
    assert!(
        best["values"]["pencil.blur_sigma"].as_f64().unwrap() < 15.0,
        "{best}"
    );
    folder
        .run(&["rate", "none.mkv", "3"])
        .says(66, &["none.mkv"]);
    folder.run(&["rate", "o0.mkv", "6"]).says(2, &["6"]);
    folder
        .run(&["prefer", "o0.mkv", "o0.mkv"])
        .says(2, &["same bytes"]);
}
