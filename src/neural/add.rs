//! Adds models to those of the user, and removes them.

use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use super::contract::Contract;
use super::deduce::Overrides;
use super::draft::Draft;
use super::error::{NeuralError, Result};
use super::fetch::{Watcher, fetch, fetch_text};
use super::model::{ENDING, Model, hex};
use super::registry::{added_file, is_built_in, is_name, models_folder, unknown};

/// Where a model to add comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    File(PathBuf),
    Url(String),
}

impl Source {
    /// A URL begins with `http://` or `https://`.
    pub fn new(text: &str) -> Self {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        match scheme {
            Some("http" | "https") => Self::Url(text.to_owned()),
            _ => Self::File(text.into()),
        }
    }

    /// The name of the file, without its ending.
    fn stem(&self) -> String {
        let file = match self {
            Self::File(path) => path
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned()),
            Self::Url(url) => {
                let path = url.split(['?', '#']).next().unwrap_or_default();
                let last = path.trim_end_matches('/').rsplit('/').next();
                last.map(|last| last.trim_end_matches(&format!(".{ENDING}")).to_owned())
            }
        };
        file.unwrap_or_default()
    }
}

/// A model that is about to be added: what is known of it before its file is fetched.
#[derive(Clone, Debug, PartialEq)]
pub struct Adding {
    pub name: String,
    pub source: Source,
    /// Where it will be.
    pub target: PathBuf,
    /// Of its contract; empty where nothing says it.
    pub licence: String,
    pub summary: String,
    /// The text of the contract at the source.
    contract: Option<String>,
    /// What that says of the file.
    sha256: Option<String>,
    folder: PathBuf,
}

impl Adding {
    /// Looks at what is to be added: its name, its contract. `name` is given by the user; else it is that of the file.
    /// `force` allows to replace an added model.
    ///
    /// # Errors
    /// `Name` for a name that no model may have, `Exists`, `Contract` for one that cannot be read, `Fetch`.
    pub fn new(source: Source, name: Option<&str>, force: bool) -> Result<Self> {
        let folder = models_folder().ok_or_else(|| NeuralError::Write {
            path: "models".into(),
            why: "this system names no folder for data: HOME is not set".to_owned(),
        })?;
        let name = name.map_or_else(|| source.stem(), str::to_owned);
        if !is_name(&name) {
            return Err(NeuralError::Name { name });
        }
        let target = added_file(&folder, &name);
        if is_built_in(&name) || (target.exists() && !force) {
            return Err(NeuralError::Exists {
                built_in: is_built_in(&name),
                name,
            });
        }
        let (contract, origin) = match &source {
            Source::File(path) => {
                let beside = path.with_extension("toml");
                let text = std::fs::read_to_string(&beside).ok();
                (text, beside.to_string_lossy().into_owned())
            }
            Source::Url(url) => {
                let end = url.find(['?', '#']).unwrap_or(url.len());
                match url[..end].strip_suffix(&format!(".{ENDING}")) {
                    Some(stem) => {
                        let beside = format!("{stem}.toml");
                        (fetch_text(&beside)?, beside)
                    }
                    None => (None, String::new()),
                }
            }
        };
        let draft = match &contract {
            Some(text) => Draft::parse(&origin, text)?,
            None => Draft::default(),
        };
        Ok(Self {
            name,
            source,
            target,
            licence: draft.licence.unwrap_or_default(),
            summary: draft.summary.unwrap_or_default(),
            sha256: draft.sha256,
            contract,
            folder,
        })
    }

    /// Fetches, checks and adds the model. `sha256` is what its file must have. An attempt that was interrupted goes on
    /// where it ended.
    ///
    /// # Errors
    /// As [`Model::at`]; `Hash`, and what a download gives.
    pub fn run(&self, sha256: Option<&str>, watcher: &mut dyn Watcher) -> Result<Model> {
        make_folder(&self.folder)?;
        let staged = self.folder.join(format!(".{}.new", self.name));
        remove_folder(&staged)?;
        make_folder(&staged)?;
        let added = self
            .stage(&staged, sha256, watcher)
            .and_then(|()| self.publish(&staged));
        if added.is_err() {
            // What the error says is worth more than what is left here.
            let _ = remove_folder(&staged);
        }
        added
    }

    /// Puts all files of the model into `staged`, and its whole contract.
    fn stage(&self, staged: &Path, sha256: Option<&str>, watcher: &mut dyn Watcher) -> Result<()> {
        let file = staged.join(format!("{}.{ENDING}", self.name));
        let (model, origin) = match &self.source {
            Source::File(path) => {
                let model = Model::at(path, Overrides::default())?;
                expect(sha256, &model.sha256, &path.to_string_lossy())?;
                copy(path, &file)?;
                copy_external(&model, staged)?;
                (model, path.display().to_string())
            }
            Source::Url(url) => {
                let part = self.part();
                let found = fetch(url, &part, watcher)?;
                if let Err(error) = expect(sha256.or(self.sha256.as_deref()), &found, url) {
                    // Going on with it would give the same again.
                    let _ = std::fs::remove_file(&part);
                    return Err(error);
                }
                std::fs::rename(&part, &file).map_err(|error| unwritten(&file, &error))?;
                let contract = self.contract.as_deref();
                (Model::under(&file, url, contract)?, url.clone())
            }
        };
        let contract = Contract {
            file: format!("{}.{ENDING}", self.name),
            sha256: Some(model.sha256.clone()),
            source: match model.contract.source.is_empty() {
                true => origin,
                false => model.contract.source.clone(),
            },
            ..model.contract.clone()
        };
        let mut text = String::new();
        for assumed in &model.assumptions {
            text.push_str(&format!("# Assumed: {assumed}\n"));
        }
        text.push_str(&contract.to_toml());
        let beside = file.with_extension("toml");
        std::fs::write(&beside, text).map_err(|error| unwritten(&beside, &error))
    }

    /// Gives the finished folder its name, in one step.
    fn publish(&self, staged: &Path) -> Result<Model> {
        let target = self.folder.join(&self.name);
        let old = self.folder.join(format!(".{}.old", self.name));
        remove_folder(&old)?;
        if target.exists() {
            std::fs::rename(&target, &old).map_err(|error| unwritten(&target, &error))?;
        }
        if let Err(error) = std::fs::rename(staged, &target) {
            // The model that was there is put back.
            let _ = std::fs::rename(&old, &target);
            return Err(unwritten(&target, &error));
        }
        remove_folder(&old)?;
        Model::at(&self.target, Overrides::default())
    }

    /// The unfinished file of this URL.
    fn part(&self) -> PathBuf {
        let url = match &self.source {
            Source::Url(url) => url.as_str(),
            Source::File(_) => "",
        };
        let id = hex(&Sha256::digest(url.as_bytes())[..8]);
        self.folder.join(format!(".{id}.part"))
    }
}

/// Copies the files that the model reads, which have been checked, to the same places below `to`.
fn copy_external(model: &Model, to: &Path) -> Result<()> {
    let from = model
        .file()
        .and_then(Path::parent)
        .unwrap_or(Path::new("."));
    for external in &model.header().external {
        let location = external.location.replace('\\', "/");
        let place = Path::new(&location).components();
        let place: PathBuf = place
            .filter(|part| matches!(part, Component::Normal(_)))
            .collect();
        let copied = to.join(&place);
        if !copied.exists() {
            make_folder(copied.parent().unwrap_or(to))?;
            copy(&from.join(&place), &copied)?;
        }
    }
    Ok(())
}

fn expect(expected: Option<&str>, found: &str, origin: &str) -> Result<()> {
    match expected {
        Some(expected) if !expected.eq_ignore_ascii_case(found) => Err(NeuralError::Hash {
            origin: origin.to_owned(),
            expected: expected.to_ascii_lowercase(),
            found: found.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Removes a model that the user has added; gives the folder that was removed.
///
/// # Errors
/// `UnknownName`; `BuiltIn` for a model in the program; `Write`.
pub fn remove_model(name: &str) -> Result<PathBuf> {
    if is_built_in(name) {
        return Err(NeuralError::BuiltIn {
            name: name.to_owned(),
        });
    }
    let folder = models_folder().unwrap_or_default();
    if !is_name(name) || !added_file(&folder, name).exists() {
        return Err(unknown(name));
    }
    let target = folder.join(name);
    let old = folder.join(format!(".{name}.old"));
    remove_folder(&old)?;
    std::fs::rename(&target, &old).map_err(|error| unwritten(&target, &error))?;
    remove_folder(&old)?;
    Ok(target)
}

fn unwritten(path: &Path, error: &std::io::Error) -> NeuralError {
    NeuralError::Write {
        path: path.to_owned(),
        why: error.to_string(),
    }
}

fn make_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| unwritten(path, &error))
}

fn remove_folder(path: &Path) -> Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unwritten(path, &error)),
        _ => Ok(()),
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to)
        .map(|_| ())
        .map_err(|error| unwritten(to, &error))
}
