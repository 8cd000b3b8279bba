//! `aquatint compare`: the same seconds in several ways.

use serde_json::Value;

use crate::support::*;

fn compared(folder: &Folder, arguments: &[&str]) -> Value {
    let ran = folder.run(&[&["compare", "--json"], arguments].concat());
    serde_json::from_str(&ran.succeeds().stdout).unwrap()
}

#[test]
fn ways_are_measured_beside_each_other() {
    let folder = Folder::new();
    let clip = clip();
    std::fs::copy(&clip, folder.path("in.mp4")).unwrap();
    let arguments = [
        "in.mp4",
        "-s",
        "identity",
        "--crf",
        "20",
        "--set",
        "identity.strength=1",
        "--vs",
        "identity.strength=0",
    ];
    let found = compared(
        &folder,
        &[&arguments[..], &["--start", "0.2", "--duration", "0.4"]].concat(),
    );
    assert_eq!(
        (&found["frames"], &found["start"]),
        (&Value::from(10), &Value::from(0.2))
    );
    let ways = found["ways"].as_array().unwrap();
    assert_eq!(ways[0]["label"], "identity.strength=1");
    assert_eq!(
        ways[0]["command"],
        "aquatint in.mp4 --crf 20 -s identity --set identity.strength=1"
    );
    for way in ways {
        // Nothing is changed before it is encoded.
        assert!(
            way["metrics"]["metrics"]["ssim"]["mean"].as_f64().unwrap() > 0.999,
            "{way}"
        );
        assert_eq!(way["metrics"]["frames"], 10);
        assert!(way["bytes"].as_u64().unwrap() > 1000);
    }
    // The contact sheet has a column for the source and each way, and the page clips that a browser plays.
    let sheet = std::fs::read(folder.path("in.compare.png")).unwrap();
    let size = |at: usize| u32::from_be_bytes(sheet[at..at + 4].try_into().unwrap());
    assert_eq!(
        (size(16), size(20)),
        (3 * (160 + 8) + 8, 30 + 3 * (90 + 30))
    );
    let page = std::fs::read_to_string(folder.path("in.compare.html")).unwrap();
    let parsed = page.strip_prefix("<!DOCTYPE html>\n").unwrap();
    assert!(roxmltree::Document::parse(parsed).is_ok());
    assert_eq!(page.matches("data:video/mp4;base64,").count(), 2);
    // It does not replace them unasked.
    folder
        .run(&["compare", "in.mp4", "-s", "identity,pencil"])
        .says(2, &["in.compare.png"]);
}

#[test]
fn presets_and_styles_are_ways_whatever_their_codec() {
    let folder = Folder::new();
    let clip = clip();
    let mine = "style = 'pencil'\ncodec = 'ffv1'\n";
    folder.write("mine.toml", mine.as_bytes());
    let found = compared(
        &folder,
        &[
            text(&clip),
            "--presets",
            "mine.toml,film",
            "--duration",
            "0.2",
            "--sheet",
            "a.png",
            "--html",
            "a.html",
        ],
    );
    let labels: Vec<&str> = found["ways"]
        .as_array()
        .unwrap()
        .iter()
        .map(|way| way["label"].as_str().unwrap())
        .collect();
    assert_eq!(labels, ["mine", "film"]);
    let page = std::fs::read_to_string(folder.path("a.html")).unwrap();
    assert_eq!(page.matches("data:video/mp4;base64,").count(), 2);
    let styles = compared(
        &folder,
        &[
            text(&clip),
            "-s",
            "pencil,mosaic",
            "--duration",
            "0.2",
            "--sheet",
            "b.png",
            "--html",
            "b.html",
        ],
    );
    assert_eq!(styles["ways"][1]["label"], "mosaic");
}

#[test]
fn what_cannot_be_compared_is_refused_with_words() {
    let folder = Folder::new();
    let clip = clip();
    for (arguments, words) in [
        (&["-s", "pencil"][..], "nothing to compare it with"),
        (&["--presets", "film,film"], "named twice"),
        (&["--presets", "film,fim"], "did you mean"),
        (
            &["-s", "pencil,comic", "--start", "99"],
            "has no picture from 99 s",
        ),
        (
            &["-s", "pencil,comic", "--duration", "9999999"],
            "of memory",
        ),
    ] {
        let ran = folder.run(
            &[
                &[
                    "compare",
                    text(&clip),
                    "--sheet",
                    "x.png",
                    "--html",
                    "x.html",
                ],
                arguments,
            ]
            .concat(),
        );
        ran.says(2, &[words]);
    }
    assert!(
        folder.names().iter().all(|name| !name.starts_with('x')),
        "{:?}",
        folder.names()
    );
}

#[test]
fn pictures_stand_as_players_show_them() {
    let folder = Folder::new();
    let turned = folder.path("turned.mp4");
    std::fs::copy(clip(), &turned).unwrap();
    crate::turned::turn(&turned, 90);
    let arguments = [
        "compare",
        "turned.mp4",
        "-s",
        "identity,pencil",
        "--duration",
        "0.2",
        "--sheet",
        "s.png",
        "--html",
        "s.html",
    ];
    folder.run(&arguments).succeeds();
    let sheet = std::fs::read(folder.path("s.png")).unwrap();
    let size = |at: usize| u32::from_be_bytes(sheet[at..at + 4].try_into().unwrap());
    assert_eq!(
        (size(16), size(20)),
        (3 * (90 + 8) + 8, 30 + 3 * (160 + 30))
    );
}
