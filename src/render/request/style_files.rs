//! Styles named by their folder or archive, `-s ./my-glow`, in place of a name and `--style-path`.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use super::super::error::{RenderError, Result};
use super::RenderRequest;
use crate::graph::style::Library;

/// Whether an entry of a list of styles is the path of a folder or archive, rather than a name.
pub(super) fn is_path(entry: &str) -> bool {
    let written = entry.contains(['/', MAIN_SEPARATOR]) && !Library::is_block(entry);
    written || matches!(entry, "." | "..") || entry.to_ascii_lowercase().ends_with(".zip")
}

/// `list` with each path in it replaced by what `by` makes of it.
fn with_paths(list: &str, mut by: impl FnMut(&Path) -> Result<String>) -> Result<String> {
    let mut out = String::new();
    for part in list.split_inclusive([',', '+']) {
        let entry = part.trim_end_matches([',', '+']);
        match is_path(entry.trim()) {
            true => out.push_str(&by(Path::new(entry.trim()))?),
            false => out.push_str(entry),
        }
        out.push_str(&part[entry.len()..]);
    }
    Ok(out)
}

/// The error of a path that exists and has a `,` or `+` in it: `list` is cut there, and `part` is one of its parts. None where
/// no such path goes through `part`.
fn cut(list: &str, part: &Path) -> Option<RenderError> {
    let mut parts = Vec::new();
    let mut start = 0;
    for piece in list.split([',', '+']) {
        parts.push(start..start + piece.len());
        start += piece.len() + 1;
    }
    let is_part = |at: usize| Path::new(list[parts[at].clone()].trim()) == part;
    for first in 0..parts.len() {
        for last in first + 1..parts.len() {
            let whole = list[parts[first].start..parts[last].end].trim();
            if !(first..=last).any(is_part) || !Path::new(whole).exists() {
                continue;
            }
            let name = Path::new(whole).file_name().unwrap_or_default();
            let advice = match name.to_string_lossy().contains([',', '+']) {
                true => "rename it".to_owned(),
                false => format!("give --style-path {whole}, and the style by its name"),
            };
            return Some(RenderError::usage(
                format!("{whole} cannot be named in a list of styles: it would be cut at , or +"),
                advice,
            ));
        }
    }
    None
}

/// `list` with names in place of paths; the folders and archives of the paths are added to `folders`.
///
/// # Errors
/// `Style` for a path that cannot be read, or has not exactly one style; `Usage` for one with a `,` or `+` in it.
pub fn named_styles(list: &str, folders: &mut Vec<PathBuf>) -> Result<String> {
    with_paths(list, |path| {
        let name = Library::built_in().add_style(path);
        let name = name.map_err(|error| cut(list, path).unwrap_or_else(|| error.into()))?;
        if !folders.iter().any(|known| known == path) {
            folders.push(path.to_owned());
        }
        Ok(name)
    })
}

impl RenderRequest {
    /// The same request with styles by name alone: those named by a path are in `style_path` as well.
    ///
    /// # Errors
    /// As [`named_styles`].
    pub(in super::super) fn with_named_styles(mut self) -> Result<Self> {
        if let Some(list) = &self.style {
            let mut folders = self.style_path.take().unwrap_or_default();
            self.style = Some(named_styles(list, &mut folders)?);
            self.style_path = (!folders.is_empty()).then_some(folders);
        }
        Ok(self)
    }

    /// The same request with the paths of its styles beginning in `folder`.
    pub(in super::super) fn styles_from(mut self, folder: &Path) -> Result<Self> {
        if let Some(list) = &self.style {
            let from = |path: &Path| Ok(folder.join(path).to_string_lossy().into_owned());
            self.style = Some(with_paths(list, from)?);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_names_are_told_apart() {
        for (entry, expected) in [
            ("pencil", false),
            ("./my-glow", true),
            ("styles/my-glow", true),
            ("/styles/my-glow", true),
            ("my-glow.zip", true),
            ("My-Glow.ZIP", true),
            (".", true),
            ("common/mix", false),
            ("none", false),
            ("", false),
        ] {
            assert_eq!(is_path(entry), expected, "{entry}");
        }
        let mut seen = Vec::new();
        let list = with_paths("pencil, ./a + b/c.zip,none", |path| {
            seen.push(path.to_owned());
            Ok("x".to_owned())
        });
        assert_eq!(list.unwrap(), "pencil,x+x,none");
        assert_eq!(seen, [Path::new("./a"), Path::new("b/c.zip")]);
    }
}
