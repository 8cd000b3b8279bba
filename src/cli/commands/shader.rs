//! `aquatint shader`: for authors of styles.

use std::fmt::Write;
use std::path::Path;

use super::super::args::{Shader, ShaderAction, ShaderCheck, ShaderNew};
use super::super::problem::{BAD_INPUT, Problem};
use super::{named, print, print_json};
use crate::graph::style::Library;
use crate::render::shader::check::{Severity, as_diagnostics};
use crate::render::shader::{self, new_style};

pub fn run(args: &Shader) -> Result<u8, Problem> {
    match &args.action {
        ShaderAction::New(args) => new(args),
        ShaderAction::Check(args) => check(args),
    }
}

fn check(args: &ShaderCheck) -> Result<u8, Problem> {
    let folder = args.folder.as_deref().unwrap_or(Path::new("."));
    let (library, _) = named(&args.style_path, "")?;
    let (library, names) = with_folder(library, folder)?;
    let checked = shader::check::check(&library, names.iter().map(String::as_str));
    let (errors, warnings) = (
        checked.count(Severity::Error),
        checked.count(Severity::Warning),
    );
    if args.json {
        let files = checked.files.iter().map(String::as_str);
        print_json(&as_diagnostics(&checked.findings, files))?;
    } else {
        let mut out = String::new();
        for one in &checked.findings {
            let _ = writeln!(out, "{one}\n");
        }
        let several = |count: usize, what: &str| match count {
            1 => format!("1 {what}"),
            _ => format!("{count} {what}s"),
        };
        let _ = write!(
            out,
            "{}: {}, {}",
            checked.folders.join(", "),
            several(errors, "error"),
            several(warnings, "warning")
        );
        print(&out)?;
    }
    let denied = args.deny.is_some() && warnings > 0;
    Ok(if errors > 0 || denied { BAD_INPUT } else { 0 })
}

/// `library` with the styles in `folder`, and the names of all folders with a manifest that are in it.
fn with_folder(mut library: Library, folder: &Path) -> Result<(Library, Vec<String>), Problem> {
    let mut alone = Library::built_in();
    alone.add_path(folder)?;
    let names = alone.own_folders().map(str::to_owned).collect();
    library.add_path(folder)?;
    Ok((library, names))
}

fn new(args: &ShaderNew) -> Result<u8, Problem> {
    let parent = args.output.as_deref().unwrap_or(Path::new(""));
    let made = new_style(&args.name, &args.from, parent)?;
    let folder = made.folder.display();
    let mut out = format!("wrote {folder}\n");
    for file in &made.files {
        // Writing to a string does not fail.
        let _ = writeln!(out, "  {}", file.display());
    }
    // As a style is named by its folder: with a / in it.
    let style = match made.folder.components().count() {
        1 => format!("./{folder}"),
        _ => folder.to_string(),
    };
    let _ = write!(
        out,
        "\nRender with it: aquatint clip.mp4 -s {style}\nThen change {folder}/{}",
        made.files
            .iter()
            .find(|file| file.extension().is_some_and(|ending| ending == "wgsl"))
            .map_or_else(String::new, |file| file.display().to_string())
    );
    print(&out)?;
    Ok(0)
}
