//! A model that may be opened: its file, read and checked, and its contract.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::contract::{Contract, InputKind};
use super::deduce::{Completed, Overrides, Place, complete, task_of};
use super::draft::Draft;
use super::error::{NeuralError, Result};
use super::onnx::{Header, check_external, read_header};
use super::probe::probe;

/// The ending of a model's file.
pub(super) const ENDING: &str = "onnx";

/// Where the bytes of a model are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelFile {
    /// A file, its path absolute and without links.
    Disk(PathBuf),
    /// In the program.
    BuiltIn(&'static [u8]),
}

/// A model whose file has been read and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub name: String,
    pub contract: Contract,
    /// What no file says and was assumed, in words for the user. The caller says it.
    pub assumptions: Vec<String>,
    /// SHA-256 of the model's file, 64 hexadecimal digits. Models of one hash are one model.
    pub sha256: String,
    pub(super) file: ModelFile,
    /// How messages name the file.
    pub(super) shown: PathBuf,
    pub(super) header: Header,
}

impl Model {
    /// The model in the file `path`. Its contract is `STEM.toml` beside it; what that does not say, or all of it, is read
    /// from the model itself. Where neither says the scale, the model is run a few times on small pictures.
    ///
    /// # Errors
    /// `Missing`, `Read`, `Damaged`, `ExternalMissing` and `ExternalUnsafe` for the file; `Contract`, `OtherModel` and
    /// `Undeduced` for its contract; `Rank` and `Dtype` for tensors that are no pictures.
    pub fn at(path: &Path, overrides: Overrides) -> Result<Self> {
        let (real, bytes) = read_file(path)?;
        let beside = path.with_extension("toml");
        let text = match std::fs::read_to_string(&beside) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                return Err(NeuralError::Read {
                    path: beside,
                    why: error.to_string(),
                });
            }
        };
        let origin = beside.to_string_lossy();
        let draft = match text {
            Some(text) => Draft::parse(&origin, &text)?,
            None => Draft::default(),
        };
        let file = ModelFile::Disk(real);
        Self::new(path, &origin, &draft, &bytes, file, overrides)
    }

    /// The model in the file `path` without a contract: who runs it knows what it takes and gives.
    ///
    /// # Errors
    /// `Missing`, `Read`, `Damaged`, `ExternalMissing` and `ExternalUnsafe` for the file.
    pub fn without_contract(path: &Path) -> Result<Self> {
        let (real, bytes) = read_file(path)?;
        let header = read_header(&bytes).map_err(|error| NeuralError::Damaged {
            path: path.into(),
            why: error.to_string(),
        })?;
        check_external(path, Some(&real), &header)?;
        let name = path.file_stem().unwrap_or_default();
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            contract: Contract::of_nothing(),
            assumptions: Vec::new(),
            sha256: hex(&Sha256::digest(&bytes)),
            file: ModelFile::Disk(real),
            shown: path.into(),
            header,
        })
    }

    /// Names of the tensors that it takes.
    pub fn inputs(&self) -> Vec<&str> {
        self.header
            .inputs
            .iter()
            .map(|tensor| tensor.name.as_str())
            .collect()
    }

    /// Names of the tensors that it gives.
    pub fn outputs(&self) -> Vec<&str> {
        self.header
            .outputs
            .iter()
            .map(|tensor| tensor.name.as_str())
            .collect()
    }

    /// The model in the file `path` under a contract that was written for a file of another name. `origin` is where that
    /// stands.
    pub(super) fn under(path: &Path, origin: &str, contract: Option<&str>) -> Result<Self> {
        let unread = |error: std::io::Error| NeuralError::Read {
            path: path.into(),
            why: error.to_string(),
        };
        let real = path.canonicalize().map_err(unread)?;
        let bytes = std::fs::read(&real).map_err(unread)?;
        let mut draft = match contract {
            Some(text) => Draft::parse(origin, text)?,
            None => Draft::default(),
        };
        draft.file = None;
        Self::new(
            path,
            origin,
            &draft,
            &bytes,
            ModelFile::Disk(real),
            Overrides::default(),
        )
    }

    /// A model in the program.
    pub(super) fn built_in(
        name: &str,
        text: &str,
        bytes: &'static [u8],
        overrides: Overrides,
    ) -> Result<Self> {
        let shown = Path::new("models").join(format!("{name}.{ENDING}"));
        let origin = format!("models/{name}.toml");
        let file = ModelFile::BuiltIn(bytes);
        let draft = Draft::parse(&origin, text)?;
        Self::new(&shown, &origin, &draft, bytes, file, overrides)
    }

    fn new(
        shown: &Path,
        origin: &str,
        draft: &Draft,
        bytes: &[u8],
        file: ModelFile,
        overrides: Overrides,
    ) -> Result<Self> {
        let header = read_header(bytes).map_err(|error| NeuralError::Damaged {
            path: shown.into(),
            why: error.to_string(),
        })?;
        let real = match &file {
            ModelFile::Disk(real) => Some(real.as_path()),
            ModelFile::BuiltIn(_) => None,
        };
        check_external(shown, real, &header)?;
        let sha256 = hex(&Sha256::digest(bytes));
        check_identity(draft, shown, origin, &sha256)?;
        let place = Place {
            model: shown,
            contract: origin,
        };
        let Completed {
            contract,
            assumptions,
            needs_run,
        } = complete(draft, &header, &place, overrides)?;
        let name = shown
            .file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let mut model = Self {
            name,
            contract,
            assumptions,
            sha256,
            file,
            shown: shown.into(),
            header,
        };
        if needs_run {
            let found = probe(&model, draft.multiple)?;
            model.contract.scale = found.scale;
            model.contract.multiple = draft.multiple.unwrap_or(found.multiple);
            model.contract.smallest = draft.smallest.unwrap_or(found.smallest);
            if draft.task.is_none() {
                model.contract.task = task_of(&model.contract);
            }
        }
        Ok(model)
    }

    /// How messages name the model's file.
    pub fn path(&self) -> &Path {
        &self.shown
    }

    /// Its file; `None` for a model in the program.
    pub fn file(&self) -> Option<&Path> {
        match &self.file {
            ModelFile::Disk(path) => Some(path),
            ModelFile::BuiltIn(_) => None,
        }
    }

    /// Its contract as it is written into a file, with what was assumed as comments.
    pub fn to_toml(&self) -> String {
        let assumed = self.assumptions.iter();
        let assumed = assumed.map(|assumed| format!("# Assumed: {assumed}\n"));
        assumed.chain([self.contract.to_toml()]).collect()
    }

    /// Whether several pictures can go through it at once: the axis of the batch is free in all that it takes and gives.
    pub fn takes_batches(&self) -> bool {
        let is_number = |name: &str| {
            let mut inputs = self.contract.inputs.iter();
            inputs.any(|input| input.name == name && matches!(input.kind, InputKind::Scalar { .. }))
        };
        let inputs = self.header.inputs.iter();
        let inputs = inputs.filter(|tensor| !is_number(&tensor.name));
        let mut all = inputs.chain(&self.header.outputs);
        all.all(|tensor| tensor.fixed(0).is_none())
    }

    /// What the model's file says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }
}

/// The contract must be that of this file.
/// The path of a model's file without links, and its bytes.
fn read_file(path: &Path) -> Result<(PathBuf, Vec<u8>)> {
    let unread = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => NeuralError::Missing { path: path.into() },
        _ => NeuralError::Read {
            path: path.into(),
            why: error.to_string(),
        },
    };
    let real = path.canonicalize().map_err(unread)?;
    if !real.is_file() {
        return Err(NeuralError::Read {
            path: path.into(),
            why: "it is no regular file".to_owned(),
        });
    }
    let bytes = std::fs::read(&real).map_err(unread)?;
    Ok((real, bytes))
}

fn check_identity(draft: &Draft, shown: &Path, origin: &str, sha256: &str) -> Result<()> {
    let name = shown.file_name().unwrap_or_default().to_string_lossy();
    match &draft.file {
        Some(file) if *file != name => {
            return Err(NeuralError::Contract {
                origin: origin.to_owned(),
                why: format!("it is for the file {file:?}, not for {name:?}"),
                advice: format!("write file = {name:?}, or give the contract another name"),
            });
        }
        _ => {}
    }
    match &draft.sha256 {
        Some(expected) if *expected != sha256 => Err(NeuralError::OtherModel {
            path: shown.into(),
            origin: origin.to_owned(),
            expected: expected.clone(),
            found: sha256.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
