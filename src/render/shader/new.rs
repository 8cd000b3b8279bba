//! Writes the folder of a new style, made of a template.

use std::io;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::super::error::{RenderError, Result};
use crate::graph::style::Library;

static FOLDERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The templates, and what each begins with.
pub const TEMPLATES: [(&str, &str); 5] = [
    ("pixel", "one kernel, which changes each pixel by itself"),
    (
        "blur",
        "a building block, and a kernel that reads two images",
    ),
    (
        "edges",
        "several building blocks, and a kernel that reads around a pixel",
    ),
    (
        "palette",
        "parameters that are colours, and a kernel with functions of its own",
    ),
    ("temporal", "a history: an image of the frame before"),
];

/// The page that every template gets.
const PAGE: &str = "README.md";
/// The folder of the pictures that a style is tested against.
pub const GOLDEN: &str = "golden";
/// What stands in templates for the name and the summary of the style, and for the version of this program.
const NAME: &str = "NAME";
const SUMMARY: &str = "SUMMARY";
const VERSION_HERE: &str = "VERSION";
/// The version of this program.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A folder that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStyle {
    pub folder: PathBuf,
    /// Its files, relative to it, in the order of their names.
    pub files: Vec<PathBuf>,
}

/// Writes the folder `name` of a new style, made of the template `from`, into the folder `parent`.
///
/// # Errors
/// `Usage` for a name that no style can have, that a built-in style has, or that makes no folder; `Exists` where there is such a
/// file or folder already; `CannotCreate` where it cannot be written.
pub fn new_style(name: &str, from: &str, parent: &Path) -> Result<NewStyle> {
    check_name(name)?;
    let template = FOLDERS.get_dir(from).ok_or_else(|| {
        let names: Vec<&str> = TEMPLATES.iter().map(|(name, _)| *name).collect();
        RenderError::usage(
            format!("there is no template {from:?}"),
            format!("templates: {}", names.join(", ")),
        )
    })?;
    let texts = template.files().filter_map(|file| {
        let name = file.path().file_name()?;
        Some((PathBuf::from(name), file.contents_utf8()?))
    });
    let texts: Vec<(PathBuf, &str)> = texts.collect();
    let summary = texts.iter().find_map(|(_, text)| summary_of(text));
    let page = page_of(name, summary.unwrap_or_default());
    let whole = |text: &str| text.replace(VERSION_HERE, VERSION).replace(NAME, name);
    let texts = texts.iter().map(|(file, text)| (file.clone(), whole(text)));
    write_style(name, parent, texts.chain(page))
}

/// The page of a style: its file, and its text.
pub(super) fn page_of(name: &str, summary: &str) -> Option<(PathBuf, String)> {
    let text = FOLDERS.get_file(PAGE)?.contents_utf8()?;
    let text = text.replace(SUMMARY, summary).replace(NAME, name);
    Some((PathBuf::from(PAGE), text))
}

/// Writes the folder `name` into `parent`, with these files and a folder for golden pictures.
///
/// # Errors
/// `Usage` where there is such a file or folder already; `CannotCreate` where it cannot be written.
pub(super) fn write_style(
    name: &str,
    parent: &Path,
    texts: impl IntoIterator<Item = (PathBuf, String)>,
) -> Result<NewStyle> {
    let folder = parent.join(name);
    if folder.symlink_metadata().is_ok() {
        return Err(RenderError::usage(
            format!("{} exists already", folder.display()),
            "give the style another name, or name another folder with -o",
        ));
    }
    let failed = |path: &Path, error: io::Error| RenderError::CannotCreate {
        path: path.to_owned(),
        why: error.to_string(),
    };
    let golden = folder.join(GOLDEN);
    std::fs::create_dir_all(&golden).map_err(|error| failed(&golden, error))?;
    let mut files = Vec::new();
    for (file, text) in texts {
        let path = folder.join(&file);
        std::fs::write(&path, text).map_err(|error| failed(&path, error))?;
        files.push(file);
    }
    files.sort();
    Ok(NewStyle { folder, files })
}

/// The summary in a manifest.
fn summary_of(text: &str) -> Option<&str> {
    let line = text.lines().find(|line| line.starts_with("summary = "))?;
    line.split('"').nth(1)
}

pub(super) fn check_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic());
    if !begins || !name.chars().all(plain) {
        return Err(RenderError::usage(
            format!("a style cannot be called {name:?}"),
            "a name is made of letters, digits, - and _, and begins with a letter",
        ));
    }
    if let Some(why) = Library::refused_name(name) {
        return Err(RenderError::usage(why, ""));
    }
    let built_in = Library::built_in();
    if built_in.folders().any(|folder| folder == name) {
        return Err(RenderError::usage(
            format!("{name} is the name of a built-in style, which yours would replace"),
            "call it something else",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::cpu::CpuExecutor;
    use crate::graph::plan::StyleUse;
    use crate::render::broken_styles;
    use crate::render::shader::scenes::plan_of;

    #[test]
    fn every_template_is_a_sound_style_without_a_warning() {
        let folder = tempfile::tempdir().unwrap();
        for (from, _) in TEMPLATES {
            let made = new_style(&format!("my-{from}"), from, folder.path()).unwrap();
            assert_eq!(made.folder, folder.path().join(format!("my-{from}")));
            assert!(made.folder.join(GOLDEN).is_dir());
            for file in &made.files {
                let text = std::fs::read_to_string(made.folder.join(file)).unwrap();
                for left in [NAME, SUMMARY, VERSION_HERE] {
                    assert!(!text.contains(left), "{}: {left}", file.display());
                }
            }
        }
        let mut library = Library::built_in();
        library.add_path(folder.path()).unwrap();
        assert_eq!(broken_styles(&library), []);
        for (from, _) in TEMPLATES {
            let style = library.load(&format!("my-{from}")).unwrap();
            assert_eq!(style.warnings, [""; 0], "{from}");
            assert_eq!(style.requires.as_deref(), Some(env!("CARGO_PKG_VERSION")));
            // All but one are made of the texts of built-in kernels, so they render where there is no graphics card.
            let plan = plan_of(&library, StyleUse::new(style)).unwrap();
            let missing = CpuExecutor::missing_twins(&plan);
            assert_eq!(missing.is_empty(), from != "palette", "{from}: {missing:?}");
        }
    }

    #[test]
    fn names_that_cannot_be_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (name, words) in [
            ("", "a name is made of"),
            ("a b", "a name is made of"),
            ("../a", "a name is made of"),
            ("9a", "a name is made of"),
            ("common", "cannot be called common"),
            ("none", "cannot be called none"),
            ("pencil", "built-in style"),
        ] {
            let error = new_style(name, "pixel", folder.path()).unwrap_err();
            let said = format!("{error}\n{}", error.advice());
            assert!(said.contains(words), "{name}: {said}");
        }
        let unknown = new_style("mine", "pixle", folder.path()).unwrap_err();
        assert!(unknown.advice().contains("pixel, blur"));
        new_style("mine", "pixel", folder.path()).unwrap();
        let twice = new_style("mine", "blur", folder.path()).unwrap_err();
        assert!(twice.to_string().contains("exists already"));
        // Nothing was changed.
        assert!(folder.path().join("mine/tone.wgsl").is_file());
        assert!(!folder.path().join("mine/blend.wgsl").exists());
    }
}
