//! The models there are: those in the program, and those that the user has added.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::contract::Task;
use super::deduce::Overrides;
use super::draft::Draft;
use super::error::{NeuralError, Result};
use super::model::{ENDING, Model};
use crate::folders::data_folder;
use crate::nearest::nearest;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/models");

/// Where a model comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is in the program.
    BuiltIn,
    /// The user has added it.
    User,
}

impl Origin {
    /// "built in" or "added".
    pub fn word(self) -> &'static str {
        match self {
            Self::BuiltIn => "built in",
            Self::User => "added",
        }
    }
}

/// What its contract says of a model; the model itself has not been read.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub name: String,
    pub origin: Origin,
    /// As the contract says; `None` where it does not.
    pub task: Option<Task>,
    pub scale: Option<u32>,
    pub summary: String,
    pub licence: String,
    pub source: String,
    /// Of the model's file.
    pub bytes: u64,
    /// The model's file; none for one in the program.
    pub path: Option<PathBuf>,
    /// Why it cannot be used: what is wrong with its contract.
    pub problem: Option<String>,
}

/// Where added models are: a folder for each. `None` where the system names no folder for data.
pub fn models_folder() -> Option<PathBuf> {
    data_folder().map(|folder| folder.join("models"))
}

/// The file of the model that the user has added as `name`.
pub(super) fn added_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).join(format!("{name}.{ENDING}"))
}

/// Names that a model may have: letters, digits, `-`, `_` and `.`, not at the beginning a dot.
pub(super) fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= 64 && !name.starts_with('.') && name.chars().all(allowed)
}

/// Contract and bytes of a model in the program.
fn built_in(name: &str) -> Option<(&'static str, &'static [u8])> {
    let text = BUILT_IN.get_file(format!("{name}.toml"))?.contents_utf8()?;
    let bytes = BUILT_IN.get_file(format!("{name}.{ENDING}"))?.contents();
    Some((text, bytes))
}

fn built_in_names() -> Vec<&'static str> {
    let files = BUILT_IN.files();
    let mut names: Vec<&str> = files
        .filter_map(|file| file.path().to_str()?.strip_suffix(".toml"))
        .filter(|name| built_in(name).is_some())
        .collect();
    names.sort_unstable();
    names
}

/// Whether a model in the program has this name.
pub fn is_built_in(name: &str) -> bool {
    built_in(name).is_some()
}

fn added_names(folder: &Path) -> Vec<String> {
    let inside = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = inside
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| is_name(name) && added_file(folder, name).is_file())
        .collect();
    names.sort_unstable();
    names
}

/// All models, those in the program first, by name.
pub fn models() -> Vec<Listed> {
    let mut all: Vec<Listed> = built_in_names()
        .into_iter()
        .filter_map(|name| {
            let (text, bytes) = built_in(name)?;
            let draft = Draft::parse(&format!("models/{name}.toml"), text);
            Some(listed(
                name,
                Origin::BuiltIn,
                draft,
                bytes.len() as u64,
                None,
            ))
        })
        .collect();
    let folder = models_folder().unwrap_or_default();
    for name in added_names(&folder) {
        let file = added_file(&folder, &name);
        let contract = file.with_extension("toml");
        let draft = match std::fs::read_to_string(&contract) {
            Ok(text) => Draft::parse(&contract.to_string_lossy(), &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Draft::default()),
            Err(error) => Err(NeuralError::Read {
                path: contract,
                why: error.to_string(),
            }),
        };
        let bytes = std::fs::metadata(&file).map_or(0, |facts| facts.len());
        all.push(listed(&name, Origin::User, draft, bytes, Some(file)));
    }
    all
}

fn listed(
    name: &str,
    origin: Origin,
    draft: Result<Draft>,
    bytes: u64,
    path: Option<PathBuf>,
) -> Listed {
    let (draft, problem) = match draft {
        Ok(draft) => (draft, None),
        Err(error) => (Draft::default(), Some(error.to_string())),
    };
    Listed {
        name: name.to_owned(),
        origin,
        task: draft.task,
        scale: draft.scale,
        summary: draft.summary.unwrap_or_default(),
        licence: draft.licence.unwrap_or_default(),
        source: draft.source.unwrap_or_default(),
        bytes,
        path,
        problem,
    }
}

/// The model called `name`, or the one in the file `name`. A name with a separator of folders, or that ends in `.onnx`, is
/// a file.
///
/// # Errors
/// `UnknownName` with the nearest name; else as [`Model::at`].
pub fn find_model(name: &str, overrides: Overrides) -> Result<Model> {
    let path = Path::new(name);
    let ending = path.extension().is_some_and(|ending| ending == ENDING);
    if ending || name.contains(['/', '\\']) {
        return Model::at(path, overrides);
    }
    if let Some((text, bytes)) = built_in(name) {
        return Model::built_in(name, text, bytes, overrides);
    }
    let folder = models_folder().unwrap_or_default();
    if is_name(name) && added_file(&folder, name).is_file() {
        return Model::at(&added_file(&folder, name), overrides);
    }
    Err(unknown(name))
}

/// The error for a name that no model has.
pub(super) fn unknown(name: &str) -> NeuralError {
    let folder = models_folder().unwrap_or_default();
    let mut known: Vec<String> = built_in_names().into_iter().map(str::to_owned).collect();
    known.extend(added_names(&folder));
    NeuralError::UnknownName {
        name: name.to_owned(),
        nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
        known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_model_is_sound() {
        for name in built_in_names() {
            let model = find_model(name, Overrides::default()).unwrap();
            assert_eq!(model.assumptions, [] as [&str; 0], "{name}");
            let contract = &model.contract;
            assert!(contract.summary.len() > 10, "{name} says what it is");
            assert!(!contract.licence.is_empty(), "{name} has a licence");
            assert!(!contract.source.is_empty(), "{name} has a source");
            assert!(contract.memory.is_some(), "{name} says what it takes");
            assert_eq!(contract.sha256.as_deref(), Some(model.sha256.as_str()));
        }
    }

    #[test]
    fn names_lead_to_no_other_folder() {
        for name in ["starry", "espcn_x3", "a.b-c"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", ".", "..", ".x", "a/b", "a\\b", "a b", "é"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
