//! The layers hold: who may know whom, checked on the source itself (docs/architecture.md has the picture).

use std::collections::{BTreeMap, BTreeSet};
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
        &["graph/gpu/link.rs", "graph/gpu/link/"],
        &["wesl", "naga"],
    ));
    wrong.extend(check(
        &files,
        false,
        &["media/"],
        &["ffmpeg_next", "ffmpeg_sys_next"],
    ));
    // FFmpeg's versions differ in one place.
    wrong.extend(check(
        &files,
        false,
        &["media/av/versions.rs"],
        &["ffmpeg_6_1", "ffmpeg_7_1"],
    ));
    wrong.extend(check(
        &files,
        false,
        &["cli/", "main.rs"],
        &["clap", "indicatif"],
    ));
    // Only the command line and the other programs print and exit.
    let talk = [
        "println!",
        "eprintln!",
        "print!",
        "eprint!",
        "process::exit",
    ];
    wrong.extend(check(&files, false, &["cli/", "main.rs", "bin/"], &talk));
    // Layers.
    wrong.extend(check(
        &files,
        true,
        &["frame/", "color/"],
        &[
            "crate::graph",
            "crate::media",
            "crate::hardware",
            "crate::reference",
            "crate::render",
            "crate::train",
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
            "crate::hardware",
            "crate::render",
            "crate::train",
            "crate::cli",
        ],
    ));
    wrong.extend(check(
        &files,
        true,
        &["graph/"],
        &[
            "crate::media",
            "crate::hardware",
            "crate::render",
            "crate::train",
            "crate::cli",
        ],
    ));
    wrong.extend(check(
        &files,
        true,
        &["hardware/"],
        &[
            "crate::frame",
            "crate::color",
            "crate::reference",
            "crate::graph",
            "crate::media",
            "crate::render",
            "crate::train",
            "crate::cli",
        ],
    ));
    wrong.extend(check(&files, false, &["hardware/"], &["nvml_wrapper"]));
    wrong.extend(check(&files, false, &["neural/"], &["cudarc"]));
    wrong.extend(check(
        &files,
        true,
        &["neural/"],
        &[
            "crate::reference",
            "crate::graph",
            "crate::media",
            "crate::hardware",
            "crate::render",
            "crate::cli",
        ],
    ));
    wrong.extend(check(
        &files,
        true,
        &[
            "frame/",
            "color/",
            "reference/",
            "graph/",
            "media/",
            "hardware/",
        ],
        &["crate::neural"],
    ));
    wrong.extend(check(&files, false, &["neural/"], &["rten_tensor", "ureq"]));
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
            "crate::hardware",
            "crate::graph",
            "crate::reference",
            "crate::render",
            "crate::train",
            "crate::cli",
        ],
    ));
    wrong.extend(check(
        &files,
        true,
        &["metrics/"],
        &[
            "crate::graph",
            "crate::media",
            "crate::hardware",
            "crate::neural",
            "crate::render",
        ],
    ));
    wrong.extend(check(
        &files,
        true,
        &[
            "frame/",
            "color/",
            "reference/",
            "metrics/",
            "graph/",
            "media/",
            "hardware/",
            "neural/",
            "render/",
            "train/",
        ],
        &["crate::measure"],
    ));
    wrong.extend(check(
        &files,
        true,
        &[
            "frame/",
            "color/",
            "reference/",
            "graph/",
            "media/",
            "hardware/",
            "neural/",
        ],
        &["crate::metrics"],
    ));
    wrong.extend(check(
        &files,
        true,
        &["measure/", "metrics/"],
        &["crate::train", "crate::studio", "crate::cli"],
    ));
    wrong.extend(check(
        &files,
        true,
        &["render/"],
        &["crate::train", "crate::studio", "crate::cli"],
    ));
    wrong.extend(check(
        &files,
        true,
        &["train/"],
        &["crate::studio", "crate::cli"],
    ));
    // Schedulers' files are made of what `render` tells of a job.
    wrong.extend(check(
        &files,
        true,
        &["farm/"],
        &[
            "crate::graph",
            "crate::media",
            "crate::neural",
            "crate::measure",
            "crate::train",
            "crate::studio",
            "crate::cli",
        ],
    ));
    wrong.extend(check(
        &files,
        true,
        &[
            "frame/",
            "color/",
            "reference/",
            "metrics/",
            "graph/",
            "media/",
            "hardware/",
            "neural/",
            "render/",
            "measure/",
            "train/",
        ],
        &["crate::farm"],
    ));
    // The studio serves what `render` gives.
    wrong.extend(check(
        &files,
        true,
        &["studio/"],
        &[
            "crate::graph",
            "crate::media",
            "crate::neural",
            "crate::reference",
            "crate::cli",
        ],
    ));
    wrong.extend(check(
        &files,
        false,
        &["studio/"],
        &["axum", "tokio", "minijinja", "utoipa", "utoipa_axum"],
    ));
    // The trainer's arithmetic is in one place.
    wrong.extend(check(
        &files,
        false,
        &["train/engine/", "train/lesson.rs"],
        &["burn_tensor"],
    ));
    // A request is data: it knows nothing of what renders it.
    wrong.extend(check(
        &files,
        true,
        &["render/request/"],
        &["super::chunks", "super::pipeline", "super::job"],
    ));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A thread that shares the work of a value that is made once may take up a row that waits for that value.
#[test]
fn what_is_made_once_is_made_by_one_thread() {
    let mut files = Vec::new();
    sources(&root().join("reference"), &mut files);
    let once = |(_, text): &&(String, String)| text.contains("io.once(");
    let product = |text: &str| text.split("#[cfg(test)]").next().map(str::to_owned);
    let shares = |(_, text): &&&(String, String)| uses(&product(text).unwrap_or_default(), "rayon");
    let once: Vec<_> = files.iter().filter(once).collect();
    assert!(once.len() > 5, "the twins were found");
    let wrong: Vec<_> = once.iter().filter(|file| shares(file)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
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

/// The paths of `text` that begin with `crate::` or `super::`, braces taken apart.
fn paths(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in text.match_indices(start) {
            let before = text[..at].chars().next_back();
            if before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':') {
                expand(&text[at..], "", &mut found);
            }
        }
    }
    found
}

/// Adds the paths that `text` begins with, each after `prefix`; gives what is left of it.
fn expand<'t>(text: &'t str, prefix: &str, found: &mut Vec<String>) -> &'t str {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let end = text.find(|c| !word(c)).unwrap_or(text.len());
    let path = format!("{prefix}{}", &text[..end]);
    let mut rest = &text[end..];
    let Some(inside) = rest.strip_prefix('{').filter(|_| path.ends_with("::")) else {
        found.push(path);
        return rest;
    };
    rest = inside;
    loop {
        rest = expand(rest.trim_start(), &path, found).trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return rest.strip_prefix('}').unwrap_or(rest),
        }
        if let Some(after) = rest.trim_start().strip_prefix('}') {
            return after;
        }
    }
}

/// The folder of `src` that `path` leads to from the file `from`.
fn folder_of(from: &str, path: &str, folders: &BTreeSet<String>) -> String {
    let stem = from.trim_end_matches(".rs").trim_end_matches("/mod");
    let mut module: Vec<&str> = stem.split('/').collect();
    for part in path.split("::") {
        match part {
            "crate" => module.clear(),
            "super" => {
                module.pop();
            }
            "self" => {}
            name => module.push(name),
        }
    }
    while !folders.contains(&module.join("/")) && !module.is_empty() {
        module.pop();
    }
    module.join("/")
}

/// For each folder, the folders that its files import from. What a folder shares with those inside it is no edge.
fn imports(files: &[(String, String)]) -> BTreeMap<String, BTreeSet<String>> {
    let parent = |path: &str| {
        path.rsplit_once('/')
            .map_or("", |(folder, _)| folder)
            .to_owned()
    };
    let is_test = |path: &str| {
        path.split('/')
            .any(|part| part == "tests" || part == "tests.rs")
    };
    let files = files
        .iter()
        .filter(|(path, _)| !is_test(path) && path != "layers.rs");
    let folders: BTreeSet<String> = files.clone().map(|(path, _)| parent(path)).collect();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in files {
        let text = text
            .split("#[cfg(test)]\nmod tests")
            .next()
            .unwrap_or_default();
        let from = parent(path);
        for import in paths(text) {
            let to = folder_of(path, &import, &folders);
            let inside =
                |a: &str, b: &str| a.is_empty() || b == a || b.starts_with(&format!("{a}/"));
            if !inside(&from, &to) && !inside(&to, &from) {
                edges.entry(from.clone()).or_default().insert(to);
            }
        }
    }
    edges
}

/// A way from a folder back to itself.
fn circle(edges: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(
        edges: &BTreeMap<String, BTreeSet<String>>,
        way: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> bool {
        let last = way.last().cloned().unwrap_or_default();
        for next in edges.get(&last).into_iter().flatten() {
            let closes = way.contains(next);
            way.push(next.clone());
            if closes || (!done.contains(next) && walk(edges, way, done)) {
                return true;
            }
            way.pop();
        }
        done.insert(last);
        false
    }
    let mut done = BTreeSet::new();
    edges.keys().find_map(|folder| {
        let mut way = vec![folder.clone()];
        walk(edges, &mut way, &mut done).then_some(way)
    })
}

#[test]
fn folders_do_not_import_each_other_in_circles() {
    let mut files = Vec::new();
    sources(&root(), &mut files);
    let edges = imports(&files);
    assert!(
        edges["render/chunks"].contains("render/pipeline"),
        "{edges:?}"
    );
    assert!(edges["cli/commands"].contains("render"), "{edges:?}");
    assert_eq!(circle(&edges), None);
}

#[test]
fn a_circle_is_seen() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let files = [
        file("a/x/mod.rs", "use super::super::b::{self, c::{D, E}};"),
        file("b/c.rs", "fn f() { crate::c::g() }"),
        file("c/mod.rs", "use crate::{frame, a::x::Y};"),
        file("frame/mod.rs", ""),
    ];
    let way = circle(&imports(&files)).unwrap();
    assert_eq!(way.first(), way.last());
    assert!(way.len() == 4 && way.contains(&"a/x".to_owned()), "{way:?}");
    assert_eq!(circle(&imports(&files[1..])), None);
}
