//! The commands, one file each. Each returns an exit code or a problem.

pub mod analyze;
pub mod batch;
pub mod bench;
pub mod compare;
pub mod demo;
pub mod devices;
pub mod doctor;
mod engines;
pub mod farm;
pub mod graph;
pub mod help;
pub mod inspect;
pub mod measure;
pub mod models;
pub mod opinions;
pub mod pages;
pub mod presets;
pub mod preview;
pub mod probe;
pub mod render;
pub mod reproduce;
pub mod resume;
pub mod shader;
#[cfg(feature = "studio")]
pub mod studio;
pub mod styles;
pub mod train;
pub mod tune;
pub mod verify;
pub mod watch;
pub mod wizard;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::console::Console;
use super::problem::{IO, Problem};
use crate::graph::style::Library;
use crate::neural::{EngineChoice, Said};
use crate::render::request::named_styles;
use crate::render::{model_words, with_models};

/// Writes requested data to stdout. A reader that closes the pipe early is no failure.
fn print(text: &str) -> Result<(), Problem> {
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| {
            if text.ends_with('\n') {
                Ok(())
            } else {
                stdout.write_all(b"\n")
            }
        })
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Problem::new(
            IO,
            format!("cannot write to stdout: {error}"),
            "",
        )),
        _ => Ok(()),
    }
}

/// Writes `value` to stdout as JSON.
fn print_json(value: &impl serde::Serialize) -> Result<(), Problem> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Problem::new(IO, format!("cannot be written as JSON: {error}"), ""))?;
    print(&text)
}

/// Shows what an engine for models says.
fn tell(console: &Console, said: Said) {
    match said {
        Said::Info(words) => console.remark(&words),
        Said::Warning(words) => console.warning(&words),
    }
}

/// Shows what ran the models of `library`.
fn tell_of_models(library: &Library, console: &Console) {
    for said in model_words(library) {
        tell(console, said);
    }
}

/// The built-in styles, those in `folders`, and those that the list `styles` names by a path; and that list with names alone.
fn named(folders: &[PathBuf], styles: &str) -> Result<(Library, String), Problem> {
    let mut library = with_models(Library::built_in(), EngineChoice::default());
    for folder in folders {
        library.add_path(folder)?;
    }
    // As other commands of an author take the name of a folder.
    let is_here = Path::new(styles).join("style.toml").is_file();
    let is_known = library.folders().any(|known| known == styles);
    let named = match is_here && !is_known && !styles.contains('/') {
        true => format!("./{styles}"),
        false => styles.to_owned(),
    };
    let mut more = folders.to_vec();
    let styles = named_styles(&named, &mut more)?;
    for folder in &more[folders.len()..] {
        library.add_path(folder)?;
    }
    Ok((library, styles))
}
