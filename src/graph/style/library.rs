//! The library: the style folders built into the binary and those of an author.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::{Kernel, Style, StyleError};
use crate::color::lut::Lut;
use crate::color::lut_file;
use crate::nearest::nearest;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/shaders");

const MANIFEST: &str = "style.toml";

/// A text file of the library and the place it was read from.
#[derive(Clone, Debug)]
struct Source {
    text: String,
    origin: String,
}

/// All known style folders. An author's folder replaces a built-in folder of the same name.
#[derive(Clone, Debug)]
pub struct Library {
    /// By path in the library: `pencil/style.toml`, `common/hash.wgsl`.
    files: BTreeMap<String, Source>,
}

impl Library {
    /// The styles built into the binary.
    pub fn built_in() -> Self {
        let mut library = Self {
            files: BTreeMap::new(),
        };
        library.embed(&BUILT_IN);
        library
    }

    fn embed(&mut self, dir: &Dir<'_>) {
        for file in dir.files() {
            if let Some(text) = file.contents_utf8() {
                let path = file.path().to_string_lossy().replace('\\', "/");
                let origin = format!("shaders/{path}");
                self.files.insert(
                    path,
                    Source {
                        text: text.to_owned(),
                        origin,
                    },
                );
            }
        }
        dir.dirs().for_each(|dir| self.embed(dir));
    }

    /// Adds an author's folder: one style (it holds `style.toml`) or several (its subfolders do).
    pub fn add_path(&mut self, dir: &Path) -> Result<(), StyleError> {
        let prefix = if dir.join(MANIFEST).is_file() {
            let dir = dir.canonicalize().map_err(|source| StyleError::Read {
                path: dir.to_owned(),
                source,
            })?;
            dir.file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default()
        } else {
            String::new()
        };
        if dir.is_file() || !self.read_dir(dir, &prefix, 0)? {
            return Err(StyleError::NoStyleIn {
                path: dir.to_owned(),
            });
        }
        Ok(())
    }

    /// Adds the files in `dir`; whether a manifest is among them.
    fn read_dir(&mut self, dir: &Path, prefix: &str, level: usize) -> Result<bool, StyleError> {
        let mut found = false;
        const DEEPEST: usize = 4;
        let read = |path: &Path| {
            let path = path.to_owned();
            move |source| StyleError::Read { path, source }
        };
        for entry in std::fs::read_dir(dir).map_err(read(dir))? {
            let path = entry.map_err(read(dir))?.path();
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            let inside = if prefix.is_empty() {
                name
            } else {
                format!("{prefix}/{name}")
            };
            if path.is_dir() && level < DEEPEST {
                found |= self.read_dir(&path, &inside, level + 1)?;
            } else if [".wgsl", ".toml", ".cube"]
                .iter()
                .any(|ending| inside.ends_with(ending))
            {
                let text = std::fs::read_to_string(&path).map_err(read(&path))?;
                found |= path.file_name().is_some_and(|name| name == MANIFEST);
                self.files.insert(
                    inside,
                    Source {
                        text,
                        origin: path.display().to_string(),
                    },
                );
            }
        }
        Ok(found)
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

    /// Source of the kernel or module at `path` (`common/hash`).
    pub fn source(&self, path: &str) -> Option<&str> {
        self.files
            .get(&format!("{path}.wgsl"))
            .map(|source| source.text.as_str())
    }

    /// The file that the kernel or module at `path` was read from.
    pub fn origin(&self, path: &str) -> Option<&str> {
        let file = self.files.get(&format!("{path}.wgsl"));
        file.map(|file| file.origin.as_str())
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
        self.files.get(path).map(|file| file.text.as_str())
    }

    /// The look-up table of the `.cube` file at `path` in the library: `cinematic/look.cube`.
    pub fn lut(&self, path: &str) -> Result<Lut, StyleError> {
        let file = self.files.get(path).ok_or_else(|| StyleError::LutFile {
            path: path.into(),
            source: std::io::ErrorKind::NotFound.into(),
        })?;
        lut_file::read(path, file.text.as_bytes()).map_err(|error| StyleError::Lut {
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
        let style = Style::parse(name, &manifest.origin, &manifest.text, |stem| {
            let path = format!("{name}/{stem}");
            self.source(&path)
                .map(|source| (path.clone(), source.to_owned()))
        })?;
        Ok(Arc::new(style))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_folder_parses() {
        let library = Library::built_in();
        let folders: Vec<_> = library.folders().collect();
        assert!(folders.contains(&"pencil"), "{folders:?}");
        for folder in folders {
            let style = library
                .load(folder)
                .unwrap_or_else(|error| panic!("{folder}: {error}"));
            for path in style.luts.iter().filter_map(|lut| lut.own.as_deref()) {
                library
                    .lut(path)
                    .unwrap_or_else(|error| panic!("{folder}: {error}"));
            }
        }
    }

    #[test]
    fn an_unknown_style_names_the_nearest() {
        let error = Library::built_in().load("pencli").unwrap_err().to_string();
        assert!(error.contains("did you mean \"pencil\"?"), "{error}");
    }

    #[test]
    fn an_authors_folder_is_found_either_way() {
        let dir = tempfile::tempdir().unwrap();
        let style = dir.path().join("mine");
        std::fs::create_dir(&style).unwrap();
        std::fs::write(
            style.join("k.wgsl"),
            "fn pixel(at: vec2i) -> vec4f { return source_here(); }",
        )
        .unwrap();
        std::fs::write(
            style.join("style.toml"),
            "summary = 'mine'\n[[pass]]\nkernel = 'k'\nin = { source = 'source' }\nout = 'result'",
        )
        .unwrap();
        for path in [dir.path(), &style] {
            let mut library = Library::built_in();
            library.add_path(path).unwrap();
            assert_eq!(library.load("mine").unwrap().summary, "mine");
            assert!(library.style_names().contains(&"mine".to_owned()));
        }
    }
}
