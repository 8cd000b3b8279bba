//! Requests of people who may not name any file of this machine.

use std::path::{Path, PathBuf};

use super::super::error::{RenderError, Result};
use super::super::preset::{AUTO, Preset, is_built_in};
use super::paths::named_file;
use super::style_files::is_path;
use super::{ParamValues, RenderRequest};
use crate::graph::style::{Library, ParamKind};

/// The files that people may name.
pub trait AllowedFiles {
    /// The path of the file that they call `name`.
    ///
    /// # Errors
    /// Where there is none, or it may not be read.
    fn path(&self, name: &str) -> Result<PathBuf>;

    /// Whether they may read what lies at `path`.
    fn holds(&self, path: &Path) -> bool;
}

impl RenderRequest {
    /// The same request with the paths of the files that it names: `lut`, a preset that is a file, and values of parameters and their
    /// tracks. What that preset says is held to the same rules.
    ///
    /// # Errors
    /// `Usage` where it says where something is written, or names a style by its place, or a file that is not allowed.
    pub fn confined(&self, library: &Library, allowed: &dyn AllowedFiles) -> Result<Self> {
        let own = [
            ("style_path", self.style_path.is_some()),
            ("report", self.report.is_some()),
            ("work_dir", self.work_dir.is_some()),
        ];
        if let Some((key, _)) = own.iter().find(|(_, is_set)| *is_set) {
            return Err(RenderError::usage(
                format!("{key} cannot be set here: it names a place of this machine"),
                "leave it out",
            ));
        }
        self.names_no_place()?;
        let as_text = |name: &str| -> Result<String> {
            let path = allowed.path(name)?;
            let text = path.to_str().map(str::to_owned);
            text.ok_or_else(|| RenderError::usage(format!("{name} is no Unicode"), "rename it"))
        };
        let mut request = self.clone();
        if let Some(name) = &self.preset
            && name != AUTO
            && !is_built_in(name)
        {
            let path = as_text(name)?;
            check_preset(&path, library, allowed)?;
            request.preset = Some(path);
        }
        if let Some(lut) = &self.lut {
            request.lut = Some(allowed.path(&lut.to_string_lossy())?);
        }
        let mut values = Vec::new();
        for value in self.set.iter().flat_map(|values| &values.0) {
            let confined = match (named_file(library, value), named_model(library, value)) {
                (Some((name, mark, file)), _) => format!("{name}={mark}{}", as_text(file)?),
                (None, Some((name, file))) => format!("{name}={}", as_text(file)?),
                (None, None) => value.clone(),
            };
            values.push(confined);
        }
        if self.set.is_some() {
            request.set = ParamValues::of(&values);
        }
        Ok(request)
    }

    /// The files that it names: `lut`, and those of parameters and their tracks. Those of a preset are not among them.
    pub fn named_files(&self, library: &Library) -> Vec<PathBuf> {
        let values = self.set.iter().flat_map(|values| &values.0);
        let files = values.filter_map(|value| {
            let file = named_file(library, value).map(|(_, _, file)| file);
            file.or_else(|| named_model(library, value).map(|(_, file)| file))
        });
        files.map(PathBuf::from).chain(self.lut.clone()).collect()
    }

    /// That no style is named by its place, and no option of an encoder may name a file.
    fn names_no_place(&self) -> Result<()> {
        let styles = self.style.iter().flat_map(|list| list.split([',', '+']));
        if let Some(path) = styles.map(str::trim).find(|entry| is_path(entry)) {
            return Err(RenderError::usage(
                format!("{path} is a place of this machine, and no name of a style"),
                "name a style of the list; folders with styles of yours are named in AQUATINT_STYLE_PATH",
            ));
        }
        let options = self.encoder_opts.iter().flat_map(|options| &options.0);
        if let Some(option) = options.into_iter().find(|option| may_name_file(option)) {
            return Err(RenderError::usage(
                format!("the encoder option {option} cannot be given here: it may name a file"),
                "leave it out, or render from the command line",
            ));
        }
        Ok(())
    }
}

/// That the preset in the file `path` names no place, and no file that is not allowed.
fn check_preset(path: &str, library: &Library, allowed: &dyn AllowedFiles) -> Result<()> {
    if !path.to_ascii_lowercase().ends_with(".toml") {
        return Err(RenderError::usage(
            format!("{path} is no preset"),
            "the name of a preset's file ends in .toml",
        ));
    }
    Preset::load(path)?.request.names_no_place()?;
    let request = Preset::load_with_paths(path, library)?.request;
    for file in request.named_files(library) {
        if !allowed.holds(&file) {
            return Err(RenderError::usage(
                format!(
                    "{path} names {}, which may not be read here",
                    file.display()
                ),
                "copy that file beside the preset",
            ));
        }
    }
    Ok(())
}

/// Whether an option of an encoder, `KEY=VALUE`, may name a file that it reads or writes: options of x264, x265 and others that
/// hold options of their own do.
fn may_name_file(option: &str) -> bool {
    let (key, value) = option.split_once('=').unwrap_or((option, ""));
    let key = key.trim().to_ascii_lowercase();
    let holds_others = key.ends_with("params") || key.ends_with("opts");
    let of_passes = key.contains("pass") || key.contains("stats") || key.contains("file");
    holds_others || of_passes || value.contains(['/', '\\'])
}

/// The parts of `STYLE.PARAM=FILE`, where that is the file of a model rather than its name.
fn named_model<'a>(library: &Library, value: &'a str) -> Option<(&'a str, &'a str)> {
    let (name, value) = value.split_once('=')?;
    let (style, param) = name.trim().rsplit_once('.')?;
    let style = library.load(style).ok()?;
    let mut params = style.params.iter();
    let known = params.find(|known| known.name == param)?;
    let value = value.trim();
    let is_model = matches!(known.kind, ParamKind::Model { .. });
    (is_model && value.contains(['/', '\\', '.'])).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::request::EncoderOptions;

    /// The files of a folder, which are called `films/…`.
    struct Films(PathBuf);

    impl AllowedFiles for Films {
        fn path(&self, name: &str) -> Result<PathBuf> {
            match name.strip_prefix("films/") {
                Some(rest) => Ok(self.0.join(rest)),
                None => Err(RenderError::usage(format!("{name} is not allowed"), "")),
            }
        }

        fn holds(&self, path: &Path) -> bool {
            path.starts_with(&self.0) && !path.components().any(|part| part.as_os_str() == "..")
        }
    }

    fn confined(request: &RenderRequest) -> Result<RenderRequest> {
        request.confined(&Library::built_in(), &Films("/allowed".into()))
    }

    #[test]
    fn a_preset_says_no_more_than_a_request() {
        let folder = tempfile::tempdir().unwrap();
        let films = Films(folder.path().to_owned());
        let confined = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
            let request = RenderRequest {
                preset: Some(format!("films/{name}")),
                ..RenderRequest::default()
            };
            request.confined(&Library::built_in(), &films)
        };
        let good = "style = 'cinematic'\n[set.cinematic]\nlut_path = 'warm.cube'";
        confined("good.toml", good).unwrap();
        assert!(confined("good.onnx", good).is_err());
        for wrong in [
            "codec = 'libx264'\n[encoder_opts]\nx264-params = 'pass=1:stats=/tmp/x'",
            "style = './glow'",
            "style = '/tmp/glow'",
            "style = 'cinematic'\n[set.cinematic]\nlut_path = '/etc/passwd'",
            "style = 'cinematic'\n[set.cinematic]\nlut_path = '../x.cube'",
            "style = 'pencil'\n[set.pencil]\nstrength = '@/etc/passwd'",
            "style = 'upscale'\n[set.upscale]\nmodel = '/tmp/x.onnx'",
        ] {
            assert!(confined("wrong.toml", wrong).is_err(), "{wrong}");
        }
    }

    fn set(values: &[&str]) -> RenderRequest {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        RenderRequest {
            set: ParamValues::of(&values),
            ..RenderRequest::default()
        }
    }

    #[test]
    fn files_are_those_of_allowed_folders() {
        let request = RenderRequest {
            lut: Some("films/a.cube".into()),
            ..set(&[
                "cinematic.lut_path=films/b.cube",
                "pencil.strength=@films/t.csv",
                "pencil.strength=0.5",
            ])
        };
        let confined = confined(&request).unwrap();
        assert_eq!(confined.lut, Some("/allowed/a.cube".into()));
        assert_eq!(
            confined.set.unwrap().0,
            [
                "cinematic.lut_path=/allowed/b.cube",
                "pencil.strength=@/allowed/t.csv",
                "pencil.strength=0.5"
            ]
        );
    }

    #[test]
    fn no_other_file_is_named() {
        let style = |style: &str| RenderRequest {
            style: Some(style.to_owned()),
            ..RenderRequest::default()
        };
        let preset = |preset: &str| RenderRequest {
            preset: Some(preset.to_owned()),
            ..RenderRequest::default()
        };
        let option = |option: &str| RenderRequest {
            encoder_opts: Some(EncoderOptions::of(&[option.to_owned()]).unwrap()),
            ..RenderRequest::default()
        };
        let refused = [
            option("x264-params=stats=/tmp/x"),
            option("x264opts=qpfile=x"),
            option("stats=x"),
            option("passlogfile=x"),
            option("tune=/x"),
            style("/tmp/glow"),
            style("pencil+../glow"),
            style("glow.zip"),
            preset("/etc/passwd"),
            preset("../x.toml"),
            set(&["cinematic.lut_path=/etc/passwd"]),
            set(&["pencil.strength=@/etc/passwd"]),
            set(&["upscale.model=/tmp/x.onnx"]),
            RenderRequest {
                lut: Some("/etc/passwd".into()),
                ..RenderRequest::default()
            },
            RenderRequest {
                report: Some("films/r.json".into()),
                ..RenderRequest::default()
            },
            RenderRequest {
                work_dir: Some("films/w".into()),
                ..RenderRequest::default()
            },
            RenderRequest {
                style_path: Some(vec!["films/s".into()]),
                ..RenderRequest::default()
            },
        ];
        for request in refused {
            assert!(confined(&request).is_err(), "{request:?}");
        }
        for allowed in [
            style("pencil+cartoon"),
            preset(AUTO),
            preset("film"),
            option("tune=film"),
        ] {
            assert_eq!(confined(&allowed).unwrap(), allowed);
        }
    }
}
