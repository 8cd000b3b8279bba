//! The layers hold: who may know whom, checked on the source itself (docs/architecture.md has the picture).

use std::path::{Path, PathBuf};

/// All Rust files under `dir` with their paths relative to `src`, and text without comments.
fn sources(dir: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let relative = path
                .strip_prefix(root())
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            let text = std::fs::read_to_string(&path).unwrap();
            let code: Vec<&str> = text
                .lines()
                .map(|line| line.split("//").next().unwrap_or(""))
                .collect();
            found.push((relative, code.join("\n")));
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Whether `text` has `word` not inside a longer word.
fn uses(text: &str, word: &str) -> bool {
    let boundary = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, _)| {
        boundary(text[..at].chars().next_back()) && boundary(text[at + word.len()..].chars().next())
    })
}

/// Violations of `rule`: files under one of `where_`, or outside all of them, that use one of `words`.
fn check(files: &[(String, String)], inside: bool, places: &[&str], words: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| path != "layers.rs") {
        if places.iter().any(|place| path.starts_with(place)) == inside {
            wrong.extend(
                words
                    .iter()
                    .filter(|word| uses(text, word))
                    .map(|word| format!("{path} uses {word}")),
            );
        }
    }
    wrong
}

#[test]
fn no_layer_knows_one_above_it() {
    let mut files = Vec::new();
    sources(&root(), &mut files);
    assert!(files.len() > 50, "the sources were found");
    let mut wrong = Vec::new();
    // Libraries stay where they belong.
    wrong.extend(check(&files, false, &["graph/gpu/"], &["wgpu"]));
    wrong.extend(check(
        &files,
        false,
        &["graph/gpu/link.rs"],
        &["wesl", "naga"],
    ));
    wrong.extend(check(
        &files,
        false,
        &["media/"],
        &["ffmpeg_next", "ffmpeg_sys_next"],
    ));
    wrong.extend(check(
        &files,
        false,
        &["cli/", "main.rs"],
        &["clap", "indicatif"],
    ));
    // Only the command line prints and exits.
    let talk = [
        "println!",
        "eprintln!",
        "print!",
        "eprint!",
        "process::exit",
    ];
    wrong.extend(check(&files, false, &["cli/", "main.rs"], &talk));
    // Layers.
    wrong.extend(check(
        &files,
        true,
        &["frame/", "color/"],
        &[
            "crate::graph",
            "crate::media",
            "crate::reference",
            "crate::render",
            "crate::cli",
        ],
    ));
    wrong.extend(check(&files, true, &["frame/"], &["crate::color"]));
    wrong.extend(check(
        &files,
        true,
        &["reference/"],
        &[
            "crate::graph",
            "crate::media",
            "crate::render",
            "crate::cli",
        ],
    ));
    wrong.extend(check(
        &files,
        true,
        &["graph/"],
        &["crate::media", "crate::render", "crate::cli"],
    ));
    wrong.extend(check(
        &files,
        true,
        &["graph/style/"],
        &["plan", "gpu", "cpu", "crate::reference"],
    ));
    wrong.extend(check(
        &files,
        true,
        &["graph/plan/"],
        &["gpu", "cpu", "crate::reference"],
    ));
    wrong.extend(check(
        &files,
        true,
        &["media/"],
        &[
            "crate::graph",
            "crate::reference",
            "crate::render",
            "crate::cli",
        ],
    ));
    wrong.extend(check(&files, true, &["render/"], &["crate::cli"]));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_violation_is_seen() {
    let files = [(
        "frame/x.rs".to_owned(),
        "use crate::graph::Plan;".to_owned(),
    )];
    assert_eq!(check(&files, true, &["frame/"], &["crate::graph"]).len(), 1);
    assert_eq!(
        check(&files, false, &["graph/"], &["crate::graph"]).len(),
        1
    );
    assert!(!uses("my_wgpu_thing", "wgpu") && uses("use wgpu::Device;", "wgpu"));
}
