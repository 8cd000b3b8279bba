//! Requests that mean the same from any folder.

use std::io;
use std::path::{Path, PathBuf, absolute};

use super::super::preset::{AUTO, Preset, is_built_in};
use super::{ParamValues, RenderRequest};
use crate::graph::style::{Library, STRENGTH};

impl RenderRequest {
    /// The same request with absolute paths: `lut`, `style_path`, `work_dir`, `report`, a preset file, and the files that
    /// parameters and their tracks name, in the preset, too. Styles named by a path are named by their names. `library` is
    /// that of the request.
    ///
    /// # Errors
    /// When the current folder is not known, or a style that is named by a path is not there any more.
    pub fn absolute(&self, library: &Library) -> io::Result<Self> {
        let named = self.clone().with_named_styles().map_err(io::Error::other)?;
        let all = |paths: &Vec<PathBuf>| paths.iter().map(absolute).collect::<io::Result<_>>();
        let mut request = Self {
            style_path: named.style_path.as_ref().map(all).transpose()?,
            lut: self.lut.as_ref().map(absolute).transpose()?,
            work_dir: self.work_dir.as_ref().map(absolute).transpose()?,
            report: self.report.as_ref().map(absolute).transpose()?,
            ..named.clone()
        };
        let mut values = Vec::new();
        if let Some(name) = self.preset.as_deref().filter(|name| !is_built_in(name)) {
            let path = absolute(name)?;
            request.preset = path.to_str().map(str::to_owned);
            // The preset's own values are read again later; files they name are said here, with their whole paths.
            if let Ok(preset) = Preset::load_with_paths(name, library) {
                let whole = Self::merge(&preset.request, &Self { set: None, ..named });
                for value in whole.set.iter().flat_map(|values| &values.0) {
                    values.extend(with_absolute_path(library, value, None)?);
                }
            }
        }
        for value in self.set.iter().flat_map(|values| &values.0) {
            let path = with_absolute_path(library, value, None)?;
            values.push(path.unwrap_or_else(|| value.clone()));
        }
        request.set = ParamValues::of(&values);
        Ok(request)
    }

    /// The same request with each path as `place` gives it: of `lut`, `style_path`, `work_dir`, `report`, a preset file, and
    /// the files that parameters and their tracks name. `library` is that of the request.
    pub(in super::super) fn with_paths(
        &self,
        library: &Library,
        place: &dyn Fn(&Path) -> PathBuf,
    ) -> Self {
        let as_text = |path: &str| place(Path::new(path)).to_string_lossy().into_owned();
        let values = self.set.iter().flat_map(|values| &values.0);
        let values: Vec<String> = values
            .map(|value| match named_file(library, value) {
                Some((name, mark, path)) => format!("{name}={mark}{}", as_text(path)),
                None => value.clone(),
            })
            .collect();
        let is_file = |name: &&String| !is_built_in(name) && *name != AUTO;
        Self {
            style_path: self.with_style_paths(place).style_path,
            lut: self.lut.as_deref().map(place),
            work_dir: self.work_dir.as_deref().map(place),
            report: self.report.as_deref().map(place),
            preset: match self.preset.as_ref().filter(is_file) {
                Some(file) => Some(as_text(file)),
                None => self.preset.clone(),
            },
            set: ParamValues::of(&values),
            ..self.clone()
        }
    }

    /// The same request with each folder of styles as `place` gives it.
    pub(in super::super) fn with_style_paths(&self, place: &dyn Fn(&Path) -> PathBuf) -> Self {
        let all = |paths: &Vec<PathBuf>| paths.iter().map(|path| place(path)).collect();
        Self {
            style_path: self.style_path.as_ref().map(all),
            ..self.clone()
        }
    }

    /// The same request with the files that its parameters and their tracks name beginning in `folder`.
    ///
    /// # Errors
    /// When the current folder is not known.
    pub(in super::super) fn files_from(
        mut self,
        library: &Library,
        folder: &Path,
    ) -> io::Result<Self> {
        for value in self.set.iter_mut().flat_map(|values| &mut values.0) {
            if let Some(path) = with_absolute_path(library, value, Some(folder))? {
                *value = path;
            }
        }
        Ok(self)
    }
}

/// `STYLE.PARAM=PATH` or `STYLE.PARAM=@PATH` with the path made absolute, from `folder` or from the current one; none where
/// the value names no file.
fn with_absolute_path(
    library: &Library,
    value: &str,
    folder: Option<&Path>,
) -> io::Result<Option<String>> {
    let Some((name, mark, path)) = named_file(library, value) else {
        return Ok(None);
    };
    let path = absolute(folder.unwrap_or(Path::new("")).join(path))?;
    Ok(path.to_str().map(|path| format!("{name}={mark}{path}")))
}

/// The parts of `STYLE.PARAM=PATH`, or of `STYLE.PARAM=@PATH`, whose mark is `@`; none where the value names no file.
pub(in super::super) fn named_file<'a>(
    library: &Library,
    value: &'a str,
) -> Option<(&'a str, &'static str, &'a str)> {
    let (name, value) = value.split_once('=')?;
    let (style, param) = name.trim().rsplit_once('.')?;
    let style = library.load(style).ok()?;
    let known = style.params.iter().find(|known| known.name == param);
    let value = value.trim();
    let (mark, path) = match (known, value.strip_prefix('@')) {
        (Some(known), _) if known.is_path() => ("", value),
        (None, _) if param != STRENGTH => return None,
        (_, Some(file)) => ("@", file),
        (_, None) => return None,
    };
    (!path.is_empty()).then_some((name, mark, path))
}
