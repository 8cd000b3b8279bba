//! The library: the style folders built into the binary and those of an author.

mod folder;
mod twins;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::module::{absolute, module_name};
use super::{Kernel, Style, StyleError};
use crate::color::cube;
use crate::color::lut::Lut;
use crate::nearest::nearest;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/shaders");

const MANIFEST: &str = "style.toml";

/// A file of the library and the place it was read from.
#[derive(Clone, Debug)]
struct File {
    content: Content,
    origin: String,
}

#[derive(Clone, Debug)]
enum Content {
    Text(String),
    /// A WGSL file: its text, and the same with all paths from the root of the library.
    Kernel {
        text: String,
        linked: String,
    },
    /// A file that is no text, or cannot be read as one; why not.
    Unreadable(String),
}

impl Content {
    /// The text of the file at `path` in the library.
    fn of_text(path: &str, text: String) -> Self {
        match path.strip_suffix(".wgsl") {
            Some(stem) => Self::Kernel {
                linked: absolute(stem, &text),
                text,
            },
            None => Self::Text(text),
        }
    }
}

/// All known style folders. An author's folder replaces a built-in folder of the same name.
#[derive(Clone, Debug)]
pub struct Library {
    /// By path in the library: `pencil/style.toml`, `common/hash.wgsl`.
    files: BTreeMap<String, File>,
    /// WGSL files whose path is no name in WGSL: the path that stands for it, and that of the file, without extension.
    spelled: BTreeMap<String, String>,
    /// Whether there are files beside those of the binary.
    extended: bool,
}

impl Library {
    /// The styles built into the binary.
    pub fn built_in() -> Self {
        let mut library = Self {
            files: BTreeMap::new(),
            spelled: BTreeMap::new(),
            extended: false,
        };
        library.embed(&BUILT_IN);
        library
    }

    fn embed(&mut self, dir: &Dir<'_>) {
        for file in dir.files() {
            if let Some(text) = file.contents_utf8() {
                let path = file.path().to_string_lossy().replace('\\', "/");
                let content = Content::of_text(&path, text.to_owned());
                let origin = format!("shaders/{path}");
                self.files.insert(path, File { content, origin });
            }
        }
        dir.dirs().for_each(|dir| self.embed(dir));
    }

    /// Takes in an author's files, by path in the library. Each folder with a manifest replaces the one of its name.
    fn extend(&mut self, files: BTreeMap<String, File>) {
        let manifests = files.keys().filter_map(|path| path.strip_suffix(MANIFEST));
        for folder in manifests {
            self.files.retain(|path, _| !path.starts_with(folder));
        }
        for path in files.keys() {
            if let Some(path) = path.strip_suffix(".wgsl") {
                let spelled = module_name(path).replace("::", "/");
                if spelled != path {
                    self.spelled.insert(spelled, path.to_owned());
                }
            }
        }
        self.files.extend(files);
        self.extended = true;
    }

    /// Names of the styles that a user can choose: top folders with a manifest and an input.
    pub fn style_names(&self) -> Vec<String> {
        self.folders()
            .filter(|name| {
                !name.contains('/') && self.load(name).is_ok_and(|style| !style.generates())
            })
            .map(str::to_owned)
            .collect()
    }

    /// Every folder with a manifest, building blocks included.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.files
            .keys()
            .filter_map(|path| path.strip_suffix(MANIFEST)?.strip_suffix('/'))
    }

    /// Path of every kernel file, without its extension: `pencil/dodge`.
    pub fn kernels(&self) -> impl Iterator<Item = &str> {
        self.files
            .keys()
            .filter_map(|path| path.strip_suffix(".wgsl"))
    }

    /// The file of the kernel or module at `path` (`common/hash`).
    fn module(&self, path: &str) -> Option<&File> {
        let path = self.spelled.get(path).map_or(path, String::as_str);
        self.files.get(&format!("{path}.wgsl"))
    }

    /// Source of the kernel or module at `path` (`common/hash`), with all imports from the root of the library.
    pub fn source(&self, path: &str) -> Option<&str> {
        match &self.module(path)?.content {
            Content::Kernel { linked, .. } => Some(linked),
            Content::Text(_) | Content::Unreadable(_) => None,
        }
    }

    /// The kernel at `path` (`pencil/dodge`). Where there is no such file, it is empty: external code has none.
    pub fn kernel(&self, path: &str) -> Kernel {
        let source = self.source(path).unwrap_or_default();
        Kernel {
            twin: self.twin_of(path),
            ..Kernel::parse(path, source)
        }
    }

    /// The sources, by path, of the modules at `paths` and of all modules they import.
    pub fn linked<'a>(
        &'a self,
        paths: impl IntoIterator<Item = &'a str>,
    ) -> BTreeMap<String, &'a str> {
        let mut wanted: Vec<String> = paths.into_iter().map(str::to_owned).collect();
        let mut found = BTreeMap::new();
        while let Some(path) = wanted.pop() {
            if let Some(source) = self.source(&path)
                && !found.contains_key(&path)
            {
                wanted.extend(Kernel::imports_of(source));
                found.insert(path, source);
            }
        }
        found
    }

    /// The text of the file at `path` in the library: `cinematic/look.cube`.
    pub fn text(&self, path: &str) -> Option<&str> {
        match &self.files.get(path)?.content {
            Content::Text(text) | Content::Kernel { text, .. } => Some(text),
            Content::Unreadable(_) => None,
        }
    }

    /// The look-up table of the `.cube` file at `path` in the library: `cinematic/look.cube`.
    pub fn lut(&self, path: &str) -> Result<Lut, StyleError> {
        let missing = |source| StyleError::LutFile {
            path: path.into(),
            source,
        };
        let file = self.files.get(path);
        let file = file.ok_or_else(|| missing(std::io::ErrorKind::NotFound.into()))?;
        let text = match &file.content {
            Content::Text(text) | Content::Kernel { text, .. } => text,
            Content::Unreadable(why) => return Err(missing(std::io::Error::other(why.clone()))),
        };
        cube::parse(text.as_bytes()).map_err(|error| StyleError::Lut {
            file: file.origin.clone(),
            error,
        })
    }

    /// Parses the folder `name`, a style or a building block.
    pub fn load(&self, name: &str) -> Result<Arc<Style>, StyleError> {
        let Some(manifest) = self.files.get(&format!("{name}/{MANIFEST}")) else {
            let known: Vec<String> = self
                .folders()
                .filter(|folder| !folder.contains('/'))
                .map(str::to_owned)
                .collect();
            return Err(StyleError::UnknownStyle {
                name: name.to_owned(),
                nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
                known: self.style_names(),
            });
        };
        let text = match &manifest.content {
            Content::Text(text) | Content::Kernel { text, .. } => text,
            Content::Unreadable(why) => {
                return Err(StyleError::Read {
                    path: PathBuf::from(&manifest.origin),
                    source: std::io::Error::other(why.clone()),
                });
            }
        };
        let mut style = Style::parse(name, &manifest.origin, text, |stem| {
            self.kernel_beside(name, stem)
        })?;
        self.keep_twins_that_fit(&mut style);
        Ok(Arc::new(style))
    }

    /// The kernel `stem` in the folder `name`.
    fn kernel_beside(&self, name: &str, stem: &str) -> Result<Kernel, String> {
        let path = format!("{name}/{stem}");
        match self.module(&path).map(|file| (&file.content, &file.origin)) {
            Some((Content::Unreadable(why), origin)) => Err(format!("cannot read {origin}: {why}")),
            Some(_) => Ok(self.kernel(&path)),
            None => Err(format!(
                "there is no {stem}.wgsl beside the manifest of {name}"
            )),
        }
    }
}

#[cfg(test)]
mod tests;
