//! What was found in the studio, to be used outside it: as a command, and as a preset.

use std::path::{Path, PathBuf};

use super::super::error::{RenderError, Result};
use super::super::output_styles::OutputStyle;
use super::super::request::{ParamValues, RenderRequest};
use super::super::shader::{PageRequest, browser_style};
use super::{Live, Loaded};
use crate::graph::browser::BrowserStyle;
use crate::graph::plan::Temporal;

/// The folder of presets in that of a style.
const PRESETS: &str = "presets";

impl Live {
    /// The request with its preset, and with these values.
    ///
    /// # Errors
    /// Those of the values.
    fn whole_with(&self, values: &[String]) -> Result<RenderRequest> {
        let lower = self.loaded()?.whole.clone();
        self.settings_with(values)?;
        let upper = RenderRequest {
            set: ParamValues::of(&self.resolved(values)?),
            ..RenderRequest::default()
        };
        let mut whole = RenderRequest::merge(&lower, &upper);
        // Of two values of a parameter, the later one counts.
        let mut last: Vec<String> = Vec::new();
        for set in whole.set.take().unwrap_or_default().0 {
            let param = set.split_once('=').map(|(param, _)| param.to_owned());
            last.retain(|known| known.split_once('=').map(|(param, _)| param) != param.as_deref());
            last.push(set);
        }
        whole.set = ParamValues::of(&last);
        Ok(whole)
    }

    /// The command that renders the whole clip with these values.
    ///
    /// # Errors
    /// Those of the values.
    pub fn command(&self, values: &[String]) -> Result<String> {
        let set = self.whole_with(values)?.set;
        let input = self.input.as_deref().unwrap_or(Path::new("clip.mp4"));
        let request = RenderRequest {
            set,
            ..self.request.clone()
        };
        Ok(request.command(input))
    }

    /// The style with these values as a browser's own graphics card runs it, for pictures of the clip's size.
    ///
    /// # Errors
    /// Those of the values; `Usage` for a style that a browser cannot run.
    pub fn browser(&self, values: &[String]) -> Result<BrowserStyle> {
        let set = self.whole_with(values)?.set.unwrap_or_default().0;
        let (library, settings) = self.settings_with(values)?;
        let names: Vec<String> = settings.styles.iter().map(OutputStyle::name).collect();
        let request = PageRequest {
            style: &names.join(","),
            set: &set,
            sizes: &[self.clip.facts().extent],
            // As for all drafts.
            temporal: Temporal::Off,
        };
        browser_style(library, &request)
    }

    /// A preset of the style with these values: the same from any folder.
    ///
    /// # Errors
    /// Those of the values; `Usage` where the current folder is not known.
    pub fn preset(&self, values: &[String]) -> Result<String> {
        self.preset_of(None, values)
    }

    /// As [`Self::preset`]; `style` takes the place of the style and of its folders.
    fn preset_of(&self, style: Option<&str>, values: &[String]) -> Result<String> {
        let Loaded { library, .. } = self.loaded()?;
        let whole = self.whole_with(values)?.absolute(library);
        let whole = whole.map_err(|error| {
            RenderError::usage(
                format!("paths of the preset cannot be made absolute: {error}"),
                "start the studio in a folder that exists",
            )
        })?;
        let kept = RenderRequest {
            style: style.map_or(whole.style, |style| Some(style.to_owned())),
            style_path: whole.style_path.filter(|_| style.is_none()),
            lut: whole.lut,
            seed: whole.seed,
            temporal: whole.temporal,
            temporal_alpha: whole.temporal_alpha,
            ..RenderRequest::default()
        };
        let name = self.style().name;
        let kept = RenderRequest {
            set: whole.set,
            ..kept
        };
        Ok(kept.preset(&format!("{name}, as it was seen in the studio")))
    }

    /// Writes a preset called `name` with these values: into the folder `presets` of an author's own style, else into the
    /// current folder. Returns the file.
    ///
    /// # Errors
    /// `Usage` for a name that is none; `Exists` where there is such a file; those of the values and of writing.
    pub fn save_preset(&self, name: &str, values: &[String]) -> Result<PathBuf> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return Err(RenderError::usage(
                format!("{name:?} is no name for a preset"),
                "use letters, digits, - and _, at most 64 of them",
            ));
        }
        let style = self.style();
        let folder = style
            .folder
            .filter(|folder| folder.is_dir() && !style.name.contains('+'));
        let (folder, text) = match folder {
            // Paths of styles in a preset begin in its own folder, so that the two can be moved together.
            Some(folder) => (folder.join(PRESETS), self.preset_of(Some(".."), values)?),
            None => (PathBuf::new(), self.preset(values)?),
        };
        let path = folder.join(format!("{name}.toml"));
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => RenderError::Exists { path: path.clone() },
            _ => RenderError::CannotCreate {
                path: path.clone(),
                why: error.to_string(),
            },
        };
        if !folder.as_os_str().is_empty() {
            std::fs::create_dir_all(&folder).map_err(failed)?;
        }
        let mut file = std::fs::File::create_new(&path).map_err(failed)?;
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
        Ok(path)
    }
}
