//! The library: the style folders built into the binary and those of an author.

mod archive;
mod folder;
mod twins;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::module::{absolute, identifier, module_name};
use super::numbers::numbers;
use super::{
    Body, Kernel, ModelDesc, ModelError, ModelFailure, ModelFinder, ModelName, Style, StyleError,
    WantedModel,
};
use crate::color::lut::Lut;
use crate::color::lut_file;
use crate::nearest::{did_you_mean, nearest};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/shaders");

const MANIFEST: &str = "style.toml";

/// What users write in place of a style where they want none.
pub const NO_STYLE: &str = "none";

/// Why an author's style cannot have the name `name`; none if it can.
fn refused_name(name: &str) -> Option<String> {
    let why = if name == NO_STYLE {
        "because that means that frames bypass all styles"
    } else if holds_built_in(name) {
        "because building blocks of the engine lie in a folder of that name"
    } else if !name.contains('/') && name.contains([',', '+']) {
        "because a list of styles is cut at , and +"
    } else {
        return None;
    };
    Some(format!(
        "a style cannot be called {name}, {why}: give its folder another name"
    ))
}

/// Whether `name` is that of a built-in folder that is no style itself, but holds others: `io`, `common`.
fn holds_built_in(name: &str) -> bool {
    BUILT_IN.get_dir(name).is_some() && BUILT_IN.get_file(format!("{name}/{MANIFEST}")).is_none()
}

/// Where the file at `path` lies, by its one name on this disk. It may lie in an archive.
fn real(path: &str) -> PathBuf {
    let path = Path::new(path);
    let real = |folder: &Path| {
        Some(
            folder
                .canonicalize()
                .ok()?
                .join(path.strip_prefix(folder).ok()?),
        )
    };
    path.ancestors()
        .find_map(real)
        .unwrap_or_else(|| path.to_owned())
}

/// Said of a file that should be text.
const NO_TEXT: &str = "it is not text in UTF-8";

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
    /// A file of another kind, such as a picture.
    Bytes(Cow<'static, [u8]>),
    /// The same, to be read from there.
    OnDisk(PathBuf),
    /// A file that should be text and cannot be read as such; why not.
    Unreadable(String),
}

/// Endings of the files that are read as text.
const TEXTS: [&str; 2] = [".wgsl", ".toml"];

fn is_text(path: &str) -> bool {
    TEXTS.iter().any(|ending| path.ends_with(ending))
}

impl Content {
    /// The content of the file at `path` in the library.
    fn of_bytes(path: &str, bytes: Vec<u8>) -> Self {
        if !is_text(path) {
            return Self::Bytes(bytes.into());
        }
        match String::from_utf8(bytes) {
            Ok(text) => Self::of_text(path, text),
            Err(_) => Self::Unreadable(NO_TEXT.to_owned()),
        }
    }

    /// The same content at another path.
    fn at(self, path: &str) -> Self {
        match self {
            Self::Kernel { text, .. } => Self::of_text(path, text),
            other => other,
        }
    }

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
    /// The folders with a manifest that are an author's; empty where there are no files beside those of the binary.
    own: BTreeSet<String>,
    /// The manifests of an author's folders that another of the author's replaced, by the folders' name.
    replaced: BTreeMap<String, Vec<String>>,
    /// Who knows the models that styles name; none where no model can be run.
    models: Option<Arc<dyn ModelFinder>>,
}

impl Library {
    /// The styles built into the binary.
    pub fn built_in() -> Self {
        let mut library = Self {
            files: BTreeMap::new(),
            spelled: BTreeMap::new(),
            own: BTreeSet::new(),
            replaced: BTreeMap::new(),
            models: None,
        };
        library.embed(&BUILT_IN);
        library
    }

    /// Has models that styles name looked up by `finder`.
    pub fn with_models(mut self, finder: Arc<dyn ModelFinder>) -> Self {
        self.models = Some(finder);
        self
    }

    /// Who looks up models.
    pub fn models(&self) -> Option<&Arc<dyn ModelFinder>> {
        self.models.as_ref()
    }

    /// What is known of the model `wanted`.
    ///
    /// # Errors
    /// Where it is not known, or this library knows no models at all.
    pub fn model(&self, wanted: &WantedModel) -> Result<Arc<ModelDesc>, ModelError> {
        let on_disk = match &wanted.name {
            ModelName::Own(path) => Some(self.on_disk(path).ok_or_else(|| ModelError {
                failure: ModelFailure::Missing,
                message: format!(
                    "there is no model {path}, or it lies in an archive\n  unpack the archive, and give --style-path its folder"
                ),
            })?),
            ModelName::Known(_) | ModelName::File(_) => None,
        };
        let on_disk = on_disk.map(|path| WantedModel {
            name: ModelName::File(path.to_owned()),
            range: wanted.range.clone(),
        });
        let wanted = on_disk.as_ref().unwrap_or(wanted);
        match &self.models {
            Some(finder) => finder.find(wanted),
            None => Err(ModelError {
                failure: ModelFailure::Unavailable,
                message: format!(
                    "the model {wanted} cannot be run: this program has no engine for models\n  use the program aquatint"
                ),
            }),
        }
    }

    fn embed(&mut self, dir: &'static Dir<'static>) {
        for file in dir.files() {
            let path = file.path().to_string_lossy().replace('\\', "/");
            let content = match file.contents_utf8() {
                Some(text) => Content::of_text(&path, text.to_owned()),
                None => Content::Bytes(file.contents().into()),
            };
            let origin = format!("shaders/{path}");
            self.files.insert(path, File { content, origin });
        }
        dir.dirs().for_each(|dir| self.embed(dir));
    }

    /// Takes in an author's files, by path in the library. Each folder with a manifest replaces the one of its name.
    fn extend(&mut self, mut files: BTreeMap<String, File>) {
        let manifest_in = |folder: &str| format!("{folder}/{MANIFEST}");
        let folders_of = |files: &BTreeMap<String, File>| -> Vec<String> {
            let manifests = files.keys().filter_map(|path| path.strip_suffix(MANIFEST));
            let folders = manifests.filter_map(|folder| folder.strip_suffix('/'));
            folders.map(str::to_owned).collect()
        };
        let is_inside = |path: &str, folder: &str| {
            path.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        // Of a folder that would replace the engine's own only the manifest is kept, so that its error can be said.
        for folder in folders_of(&files) {
            if holds_built_in(&folder) {
                files.retain(|path, _| !is_inside(path, &folder) || *path == manifest_in(&folder));
            }
        }
        let folders = folders_of(&files);
        for folder in &folders {
            if self.own.contains(folder) {
                let before = self.files[&manifest_in(folder)].origin.clone();
                self.replaced
                    .entry(folder.clone())
                    .or_default()
                    .push(before);
            }
            if !holds_built_in(folder) {
                self.files.retain(|path, _| !is_inside(path, folder));
                self.own.retain(|name| !is_inside(name, folder));
            }
        }
        self.own.extend(folders);
        for path in files.keys() {
            if let Some(path) = path.strip_suffix(".wgsl") {
                let spelled = module_name(path).replace("::", "/");
                if spelled != path {
                    self.spelled.insert(spelled, path.to_owned());
                }
            }
        }
        self.files.extend(files);
    }

    /// Why an author's style cannot be called `name`; none if it can.
    pub fn refused_name(name: &str) -> Option<String> {
        refused_name(name)
    }

    /// Whether there is a style in the folder or archive `path`, so that [`Self::add_path`] takes it.
    ///
    /// # Errors
    /// `Read` for a folder or archive that cannot be read.
    pub fn has_styles(path: &Path) -> Result<bool, StyleError> {
        folder::has_styles(path)
    }

    /// The folder of an author that the style `name` was read from; none for a built-in one. For an archive, its path and
    /// that of the folder in it.
    pub fn folder_of(&self, name: &str) -> Option<PathBuf> {
        let manifest = self.files.get(&format!("{name}/{MANIFEST}"));
        let manifest = manifest.filter(|_| self.own.contains(name))?;
        Some(Path::new(&manifest.origin).parent()?.to_owned())
    }

    /// Whether `name` is that of a folder built into the binary.
    pub fn is_built_in(name: &str) -> bool {
        BUILT_IN.get_file(format!("{name}/{MANIFEST}")).is_some()
    }

    /// Whether `name` is that of a built-in building block, such as `common/gaussian`.
    pub fn is_block(name: &str) -> bool {
        name.contains('/') && BUILT_IN.get_file(format!("{name}/{MANIFEST}")).is_some()
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
            _ => None,
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

    /// The file that the kernel or module at `path` was read from.
    pub fn origin(&self, path: &str) -> Option<&str> {
        self.module(path).map(|file| file.origin.as_str())
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

    /// The bytes of the file at `path` in the library: `mine/paper.png`.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    pub fn bytes(&self, path: &str) -> io::Result<Cow<'_, [u8]>> {
        let file = self.files.get(path).ok_or(io::ErrorKind::NotFound)?;
        match &file.content {
            Content::Text(text) | Content::Kernel { text, .. } => Ok(text.as_bytes().into()),
            Content::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
            Content::OnDisk(path) => Ok(std::fs::read(path)?.into()),
            Content::Unreadable(why) => Err(io::Error::other(why.clone())),
        }
    }

    /// Where the file at `path` in the library lies; none where it lies in the binary or in an archive.
    pub fn on_disk(&self, path: &str) -> Option<&Path> {
        match &self.files.get(path)?.content {
            Content::OnDisk(path) => Some(path),
            _ => None,
        }
    }

    /// The look-up table in the file at `path` in the library: `cinematic/look.cube`.
    pub fn lut(&self, path: &str) -> Result<Lut, StyleError> {
        let bytes = self.bytes(path).map_err(|source| StyleError::LutFile {
            path: path.into(),
            source,
        })?;
        lut_file::read(path, &bytes).map_err(|error| StyleError::Lut {
            file: self.files[path].origin.clone(),
            error,
        })
    }

    /// The numbers in the file at `path` in the library: `common/double/small.f16`.
    ///
    /// # Errors
    /// `Read` where it cannot be read; `Table` where its name says no kind of number, or it is cut off.
    pub fn table(&self, path: &str) -> Result<Arc<[f32]>, StyleError> {
        let bytes = self.bytes(path).map_err(|source| StyleError::Read {
            path: path.into(),
            source,
        })?;
        numbers(path, &bytes).map_err(|why| StyleError::Table {
            file: self.files[path].origin.clone(),
            why,
        })
    }

    /// Parses the folder `name`, a style or a building block.
    ///
    /// # Errors
    /// `UnknownStyle` where there is no such folder; the first mistake in its manifest and in how its kernels are given what
    /// they read.
    pub fn load(&self, name: &str) -> Result<Arc<Style>, StyleError> {
        let (style, errors) = self.read(name)?;
        match (style, errors.into_iter().next()) {
            (Some(style), None) => Ok(Arc::new(style)),
            (_, Some(error)) => Err(self.placed(name, error)),
            (None, None) => Err(self.unknown(name)),
        }
    }

    /// `error` of the folder `name` with its place in the manifest.
    fn placed(&self, name: &str, error: StyleError) -> StyleError {
        match self.manifest(name) {
            Some((text, _)) => error.placed_in(text),
            None => error,
        }
    }

    /// The error of a folder that is not there.
    fn unknown(&self, name: &str) -> StyleError {
        let known: Vec<String> = self
            .folders()
            .filter(|folder| !folder.contains('/'))
            .map(str::to_owned)
            .collect();
        StyleError::UnknownStyle {
            name: name.to_owned(),
            nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
            known: self.style_names(),
        }
    }

    /// As [`Self::load`], with all mistakes that can be told at once, and the style as far as it could be read.
    ///
    /// # Errors
    /// `UnknownStyle` where there is no such folder, `Read` where its manifest cannot be read, `Manifest` where no style can have
    /// this name.
    pub fn read(&self, name: &str) -> Result<(Option<Style>, Vec<StyleError>), StyleError> {
        let Some(manifest) = self.files.get(&format!("{name}/{MANIFEST}")) else {
            return Err(self.unknown(name));
        };
        let refused = |message| StyleError::Manifest {
            manifest: manifest.origin.clone(),
            message,
        };
        if let Some(why) = refused_name(name) {
            return Err(refused(why));
        }
        let text = match &manifest.content {
            Content::Text(text) | Content::Kernel { text, .. } => text,
            other => {
                let why = match other {
                    Content::Unreadable(why) => why,
                    _ => NO_TEXT,
                };
                return Err(StyleError::Read {
                    path: PathBuf::from(&manifest.origin),
                    source: io::Error::other(why),
                });
            }
        };
        let (style, mut errors) = Style::parse_all(name, &manifest.origin, text, |stem| {
            self.kernel_beside(name, stem)
        });
        let Some(mut style) = style else {
            return Ok((None, errors));
        };
        self.keep_twins_that_fit(&mut style);
        style.warnings.extend(self.unread(&style));
        style.warnings.extend(self.borrowed(&style));
        style
            .warnings
            .extend(self.namesakes(name, &manifest.origin));
        let pictures = style.files.iter().map(|file| ("picture", &file.own));
        let luts = style.luts.iter().map(|lut| ("look-up table", &lut.own));
        let tables = style.tables.iter().map(|table| ("table", &table.own));
        let own = pictures
            .chain(luts)
            .filter_map(|(what, own)| Some((what, own.as_ref()?)));
        for (what, own) in own.chain(tables) {
            if !self.files.contains_key(own) {
                errors.push(refused(format!(
                    "there is no {what} {own}: it must lie beside the manifest"
                )));
            }
        }
        Ok((Some(style), errors))
    }

    /// The text of the manifest of the folder `name`, and the file it was read from.
    pub fn manifest(&self, name: &str) -> Option<(&str, &str)> {
        let file = self.files.get(&format!("{name}/{MANIFEST}"))?;
        match &file.content {
            Content::Text(text) => Some((text, &file.origin)),
            _ => None,
        }
    }

    /// The text of the kernel or module at `path` (`mine/k`) as it stands in its file, with its own imports.
    pub fn text(&self, path: &str) -> Option<&str> {
        match &self.module(path)?.content {
            Content::Kernel { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Paths of the kernels and modules in the folder `name`, without those of folders in it that have a manifest.
    pub fn kernels_of(&self, name: &str) -> Vec<&str> {
        let inside = format!("{name}/");
        let owner = |path: &str| {
            // The nearest folder with a manifest has it.
            let folders = path.match_indices('/').rev().map(|(end, _)| &path[..end]);
            let mut owners =
                folders.filter(|folder| self.files.contains_key(&format!("{folder}/{MANIFEST}")));
            owners.next() == Some(name)
        };
        self.kernels()
            .filter(|path| path.starts_with(&inside) && owner(path))
            .collect()
    }

    /// A warning for each other folder of the author's that has the name `name`, too. `used` is the manifest that is read.
    fn namesakes(&self, name: &str, used: &str) -> BTreeSet<String> {
        let others = self.replaced.get(name).into_iter().flatten();
        let others = others.filter(|other| real(other) != real(used));
        let folder = |manifest: &str| {
            let folder = Path::new(manifest).parent().unwrap_or(Path::new(""));
            folder.display().to_string()
        };
        let warning = |other: &String| {
            let (used, other) = (folder(used), folder(other));
            format!(
                "two folders have this name: {used} is used, {other} is not; rename one of them"
            )
        };
        others.map(warning).collect()
    }

    /// A warning for each module of another style that a kernel of `style` imports: a copy of that style may be meant.
    fn borrowed(&self, style: &Style) -> BTreeSet<String> {
        let top = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
        let kernels = style.passes.iter().filter_map(|pass| match &pass.body {
            Body::Kernel(kernel) | Body::Compute { kernel, .. } => Some(kernel),
            Body::Use(_) | Body::Model { .. } => None,
        });
        let imports =
            kernels.flat_map(|kernel| kernel.imports.iter().map(move |path| (kernel, path)));
        let foreign = imports.filter(|(_, path)| {
            let (of, own) = (top(path), identifier(&top(&style.name)));
            of != own && self.files.contains_key(&format!("{of}/{MANIFEST}"))
        });
        let warning = |(kernel, path): (&Arc<Kernel>, &String)| {
            let file = path.rsplit('/').next().unwrap_or_default();
            format!(
                "{}.wgsl imports package::{}, a module of another style; super::{file} is the file in its own folder",
                kernel.path,
                path.replace('/', "::")
            )
        };
        foreign.map(warning).collect()
    }

    /// A warning for each WGSL file of the folder of `style` that is neither a kernel of a pass nor imported.
    fn unread(&self, style: &Style) -> Vec<String> {
        if self.own.is_empty() {
            return Vec::new();
        }
        let mut own = self.kernels_of(&style.name);
        for pass in &style.passes {
            if let Body::Kernel(kernel) | Body::Compute { kernel, .. } = &pass.body {
                own.retain(|path| *path != kernel.path);
            }
        }
        if own.is_empty() {
            return Vec::new();
        }
        let sources = self.kernels().filter_map(|path| self.source(path));
        let imported: BTreeSet<String> = sources.flat_map(Kernel::imports_of).collect();
        let file_of = |path: &String| self.spelled.get(path).unwrap_or(path).clone();
        let imported: BTreeSet<String> = imported.iter().map(file_of).collect();
        let unread = own.into_iter().filter(|path| !imported.contains(*path));
        unread
            .map(|path| {
                format!("nothing reads {path}.wgsl: no pass runs it, and no kernel imports it")
            })
            .collect()
    }

    /// The folders with a manifest that are an author's.
    pub fn own_folders(&self) -> impl Iterator<Item = &str> {
        self.own.iter().map(String::as_str)
    }

    /// Checks the manifest of the folder `name`, and that there are the folders it uses.
    ///
    /// # Errors
    /// As [`Self::load`]; `Manifest` for a folder that is not there.
    pub fn check(&self, name: &str) -> Result<(), StyleError> {
        let style = self.load(name)?;
        let unknown = self.unknown_folders(&style).into_iter().next();
        unknown.map_or(Ok(()), |error| Err(self.placed(name, error)))
    }

    /// An error for each folder that a pass of `style` uses and that is not there.
    pub fn unknown_folders(&self, style: &Style) -> Vec<StyleError> {
        let mut wrong = Vec::new();
        for pass in &style.passes {
            if let Body::Use(folder) = &pass.body
                && !self.files.contains_key(&format!("{folder}/{MANIFEST}"))
            {
                let near = did_you_mean(nearest(folder, self.folders()));
                let name = &style.name;
                wrong.push(StyleError::Manifest {
                    manifest: self.files[&format!("{name}/{MANIFEST}")].origin.clone(),
                    message: format!("use = {folder:?}: there is no such folder{near}"),
                });
            }
        }
        wrong
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
