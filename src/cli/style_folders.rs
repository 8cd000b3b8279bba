//! Folders of styles that the user does not name in each command: those of a variable of the environment and of the
//! configuration file.

use std::path::{Path, PathBuf};

use super::problem::{Problem, USAGE};
use crate::folders::{config_folder, home};
use crate::graph::style::{Library, position};
use crate::nearest::{did_you_mean, nearest};
use crate::render::shader::style_presets;

/// Folders as in PATH: parted by `:`, on Windows by `;`.
const VARIABLE: &str = "AQUATINT_STYLE_PATH";
/// The name of the configuration file, and the one key it has.
const FILE: &str = "config.toml";
const KEY: &str = "style_path";

/// Puts the standing folders before `given`, those of the command: of two styles with one name, the later is used. So the
/// command wins over the variable, and the variable over the file.
///
/// # Errors
/// Usage for a file that cannot be read, and for a folder that is not there. A folder in which no style lies yet adds nothing.
pub fn add_standing(given: &mut Vec<PathBuf>) -> Result<(), Problem> {
    let mut all = Vec::new();
    for (origin, folder) in of_file()?.into_iter().chain(of_variable()) {
        let has_styles = Library::has_styles(&folder).map_err(|error| {
            Problem::new(
                USAGE,
                error.to_string(),
                format!("{origin} names this folder of styles: correct it there"),
            )
        })?;
        if has_styles {
            all.push(folder);
        }
    }
    all.append(given);
    *given = all;
    Ok(())
}

/// Where `preset` is that of a style in `folders` or in a folder here, `STYLE/NAME`, its file takes its place.
pub fn name_preset(preset: &mut String, folders: &[PathBuf]) {
    if !preset.contains('/') || Path::new(preset).exists() {
        return;
    }
    let mut known = style_presets(folders).into_iter();
    if let Some((_, file)) = known.find(|(name, _)| name == preset) {
        *preset = file.to_string_lossy().into_owned();
        return;
    }
    let Some((style, name)) = preset.split_once('/') else {
        return;
    };
    let mut own = style_presets(&[PathBuf::from(style)]).into_iter();
    if let Some((_, file)) = own.find(|(known, _)| known.ends_with(&format!("/{name}"))) {
        *preset = file.to_string_lossy().into_owned();
    }
}

/// The folders of the variable, each with the words that name where it is said.
fn of_variable() -> Vec<(String, PathBuf)> {
    let Some(list) = std::env::var_os(VARIABLE) else {
        return Vec::new();
    };
    let folders = std::env::split_paths(&list).filter(|folder| !folder.as_os_str().is_empty());
    folders
        .map(|folder| (VARIABLE.to_owned(), folder))
        .collect()
}

/// The folders of the configuration file, likewise.
fn of_file() -> Result<Vec<(String, PathBuf)>, Problem> {
    let Some(file) = config_folder().map(|folder| folder.join(FILE)) else {
        return Ok(Vec::new());
    };
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            let what = format!("cannot read {}: {error}", file.display());
            return Err(Problem::new(USAGE, what, "correct the file, or remove it"));
        }
    };
    let origin = file.display().to_string();
    let folders = folders_in(&origin, &text)?;
    let beside = file.parent().unwrap_or(Path::new(""));
    let whole = |folder: String| (origin.clone(), beside.join(in_home(&folder)));
    Ok(folders.into_iter().map(whole).collect())
}

/// What the file `origin` with this text says.
fn folders_in(origin: &str, text: &str) -> Result<Vec<String>, Problem> {
    let wrong = |at: Option<usize>, what: String| {
        let place = at.map(|at| position(text, at));
        let place = place.map_or(String::new(), |(line, column)| format!(":{line}:{column}"));
        Problem::new(
            USAGE,
            format!("{origin}{place}: {what}"),
            format!("write {KEY} = [\"/path/to/styles\"]"),
        )
    };
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        wrong(
            error.span().map(|span| span.start),
            error.message().to_owned(),
        )
    })?;
    if let Some(key) = table.keys().find(|key| *key != KEY) {
        let near = did_you_mean(nearest(key, [KEY]));
        return Err(wrong(
            text.find(key.as_str()),
            format!("{key} is not known{near}"),
        ));
    }
    let Some(value) = table.get(KEY) else {
        return Ok(Vec::new());
    };
    let no_list = || wrong(text.find(KEY), format!("{KEY} is a list of folders"));
    let list = value.as_array().ok_or_else(no_list)?;
    let folders = list.iter().map(|folder| folder.as_str().map(str::to_owned));
    folders.collect::<Option<Vec<_>>>().ok_or_else(no_list)
}

/// `folder`, where `~/` at its beginning is the user's own folder.
fn in_home(folder: &str) -> PathBuf {
    match (folder.strip_prefix("~/"), home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(folder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_and_mistakes_have_their_places() {
        let read = |text: &str| folders_in("config.toml", text);
        assert_eq!(read("").unwrap(), [""; 0]);
        assert_eq!(read("style_path = ['a', '/b']").unwrap(), ["a", "/b"]);
        for (text, words) in [
            ("style_path = [", "config.toml:1:15:"),
            (
                "\nstyle_pat = []",
                "config.toml:2:1: style_pat is not known (did you mean \"style_path\"?)",
            ),
            ("style_path = 'a'", "config.toml:1:1: style_path is a list"),
            ("style_path = [1]", "config.toml:1:1: style_path is a list"),
        ] {
            let problem = read(text).unwrap_err();
            assert!(problem.what.starts_with(words), "{text}: {}", problem.what);
            assert_eq!(problem.code, USAGE);
        }
    }
}
