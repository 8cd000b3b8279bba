//! docs/cli.md is what the program says of itself.

use std::path::Path;

use super::support::Folder;

const COMMANDS: [&str; 12] = [
    "", "render", "resume", "probe", "verify", "styles", "presets", "graph", "bench", "devices",
    "doctor", "demo",
];

const CODES: &str = "\
| exit code | |
|---|---|
| 0 | done; damage inside the input is a warning |
| 1 | `verify` found a difference that was not asked for |
| 2 | usage: an unknown flag, style, parameter or encoder option; an output that exists, without `-y`; an output that is the input; an unfinished render of something else |
| 65 | not one frame could be decoded, or, with `--strict`, some damage |
| 66 | no such input |
| 69 | something is not available: an encoder, a device, a kernel's twin; or the container cannot hold a stream |
| 73 | the output cannot be created |
| 74 | reading or writing failed: the disk is full, or was about to be |
| 75 | try again: the device was lost, SIGTERM came, or another process is at the same job |
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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/cli.md is out of date: UPDATE_DOCS=1 cargo test --test cli docs"
    );
}
