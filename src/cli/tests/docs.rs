//! docs/cli.md, presets/README.md and the notes in the help match what the program does.

use std::path::Path;

use super::support::{Folder, clip, text};
use aquatint::render::request::{Key, keys, tier_accepts};

const COMMANDS: [&str; 50] = [
    "",
    "render",
    "wizard",
    "resume",
    "plan",
    "chunk",
    "stitch",
    "status",
    "submit",
    "cancel",
    "logs",
    "preview",
    "probe",
    "verify",
    "reproduce",
    "measure",
    "compare",
    "tune",
    "rate",
    "prefer",
    "ratings",
    "analyze",
    "styles",
    "shader",
    "shader new",
    "shader check",
    "shader stats",
    "shader dump",
    "shader export",
    "shader test",
    "studio",
    "serve",
    "presets",
    "models",
    "models check",
    "models add",
    "models versions",
    "models promote",
    "models rollback",
    "models remove",
    "graph",
    "inspect",
    "bench",
    "devices",
    "doctor",
    "demo",
    "train",
    "help",
    "completions",
    "man",
];

const CODES: &str = "\
| exit code | |
|---|---|
| 0 | done; damage inside the input is a warning |
| 1 | `verify` or `--verify` found a difference that was not asked for; with `--check-executors`, the CPU and a GPU differ; `shader test` and `shader check --against` found a picture that differs; `train` made a model that is no better than what it began with; `reproduce` made other pictures |
| 2 | usage: an unknown flag, style, parameter or encoder option; an output that exists, without `-y`; an output that is the input; an unfinished render with other settings or another input |
| 65 | not one frame could be decoded, or, with `--strict`, some damage; `shader check` found an error |
| 66 | no such input; `shader test` found no golden picture |
| 69 | something is not available: an encoder, a device, the CPU twin of a kernel, the trainer; or the container cannot hold a stream that may not be dropped |
| 70 | a fault of aquatint itself; the message says what there is of the output |
| 73 | the output cannot be created |
| 74 | reading or writing failed: the disk is full, or nearly full |
| 75 | try again: the device was lost or had too little memory, SIGTERM was received, or another process renders the same output |
| 130 | interrupted |
";

#[test]
fn the_page_is_true() {
    let folder = Folder::new();
    let mut page = String::from(
        "# Command line\n\nWhat `--help` says, on one page. The test suite writes it: `UPDATE_DOCS=1 cargo test --test cli docs`.\n",
    );
    for command in COMMANDS {
        let arguments: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let help = folder.run(&arguments);
        assert_eq!(help.code, Some(0), "{}", help.stderr);
        let lines: Vec<&str> = help.stdout.lines().map(str::trim_end).collect();
        let name = format!("aquatint {command}");
        page.push_str(&format!(
            "\n## {}\n\n```\n{}\n```\n",
            name.trim(),
            lines.join("\n").trim()
        ));
    }
    page.push_str(&format!("\n## Exit codes\n\n{CODES}"));
    is_up_to_date("docs/cli.md", &page);
}

/// Compares a page with what it must be; with UPDATE_DOCS set, writes it first.
#[track_caller]
pub fn is_up_to_date(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "{name} is out of date: UPDATE_DOCS=1 cargo test --test cli docs"
    );
}

#[test]
fn the_page_of_presets_lists_their_keys() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets/README.md");
    let page = std::fs::read_to_string(path).unwrap();
    let mut table = String::from(
        "| key | value | meaning | without it |\n|---|---|---|---|\n| `description` | text in quotes | One line about the preset | |\n",
    );
    table.push_str(&format!(
        "| `tier` | {} | The machine that the preset is meant for, by the memory of its graphics card in GB (`aquatint devices` names that of each device). On a smaller one there is a warning | |\n",
        tier_accepts()
    ));
    let row = |key: &Key| {
        let default = key
            .default()
            .map_or(String::new(), |default| format!("`{default}`"));
        format!(
            "| `{}` | {} | {} | {default} |\n",
            key.name,
            key.accepts(),
            key.help()
        )
    };
    table.extend(keys().iter().filter(|key| key.in_preset).map(row));
    let is_row = |line: &&str| line.starts_with('|');
    let before: Vec<&str> = page.lines().take_while(|line| !is_row(line)).collect();
    let rest: Vec<&str> = page.lines().skip(before.len()).collect();
    let after: Vec<&str> = rest.into_iter().skip_while(is_row).collect();
    let page = format!("{}\n{table}{}\n", before.join("\n"), after.join("\n"));
    is_up_to_date("presets/README.md", &page);
}

#[test]
fn no_table_of_a_page_is_cut_in_two() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for entry in std::fs::read_dir(docs).unwrap() {
        let path = entry.unwrap().path();
        let Ok(page) = std::fs::read_to_string(&path) else {
            continue;
        };
        let is_row = |line: Option<&&str>| line.is_some_and(|line| line.starts_with('|'));
        let lines: Vec<&str> = page.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|before| lines.get(before));
            if is_row(Some(line)) && !is_row(before) {
                let ruled = lines
                    .get(at + 1)
                    .is_some_and(|next| next.starts_with("|--"));
                assert!(ruled, "{}:{}: {line}", path.display(), at + 1);
            }
        }
    }
}

/// The columns of a line in the notes on encoders: names, quality, preset.
fn columns(line: &str) -> Vec<&str> {
    line.split("  ")
        .map(str::trim)
        .filter(|column| !column.is_empty())
        .collect()
}

#[test]
fn the_notes_on_encoders_are_true() {
    let folder = Folder::new();
    let clip = clip();
    let help = folder.run(&["render", "--help"]).stdout;
    let lines = help
        .lines()
        .skip_while(|line| !line.starts_with("--crf and --encoder-preset"))
        .filter(|line| line.starts_with("  "))
        .take_while(|line| columns(line).len() == 3);
    let mut defaults = Vec::new();
    let mut encoders = 0;
    for line in lines {
        let columns = columns(line);
        let (quality, preset) = (columns[1], columns[2]);
        for encoder in columns[0].split(", ") {
            encoders += 1;
            let plan = |more: &[&str]| {
                let output = if encoder == "png" { "x.mov" } else { "x.mkv" };
                let common = [text(&clip), "--dry-run", "-o", output, "--codec", encoder];
                folder.run(&[&common[..], more].concat())
            };
            let plain = plan(&[]);
            if plain.stderr.contains("does not have it") {
                continue;
            }
            // Where NVENC does not work, another encoder is used: then its defaults are not seen.
            let opens = plain.stdout.contains(&format!(", {encoder} "));
            assert!(
                opens || encoder.ends_with("_nvenc"),
                "{encoder}: {}",
                plain.stderr
            );
            let default = |words: &str| {
                let (key, rest) = words.split_once(' ').unwrap();
                let value = rest.split_once('(').unwrap().1.trim_end_matches(')');
                format!(" {key}={value}")
            };
            if quality == "none" {
                plan(&["--crf", "10"]).says(2, &["does not support --crf"]);
            } else {
                let (_, range) = quality.split_once(" 0 to ").unwrap();
                let worst = range.split_once(' ').unwrap().0;
                let ends = format!("from 0 (best) to {worst} (worst)");
                plan(&["--crf", "1000"]).says(2, &[encoder, &ends]);
            }
            if preset == "none" {
                let words = "does not support --encoder-preset";
                plan(&["--encoder-preset", "fast"]).says(2, &[words]);
            } else {
                let (_, range) = preset.split_once(' ').unwrap();
                let (first, rest) = range.split_once(" … ").unwrap();
                let last = rest.split_once(' ').unwrap().0;
                let ran = plan(&["--encoder-preset", "nonsense"]);
                let advice = ran.says(2, &[encoder]).stderr.trim_end().to_owned();
                let names =
                    advice.contains(&format!("its presets are {first},")) && advice.ends_with(last);
                let numbers = advice.contains(&format!("from {first} (slow) to {last} (fast)"));
                assert!(names || numbers, "{line}: {advice}");
            }
            for words in [quality, preset]
                .into_iter()
                .filter(|words| *words != "none")
            {
                if opens {
                    let option = default(words);
                    assert!(plain.stdout.contains(&option), "{option}: {}", plain.stdout);
                    defaults.push(encoder.to_owned());
                }
            }
        }
    }
    assert_eq!(encoders, 10, "{help}");
    for encoder in ["libx264", "libx265"] {
        assert!(defaults.iter().any(|seen| seen == encoder), "{defaults:?}");
    }
}
