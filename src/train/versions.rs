//! The versions of a trained model in a folder of models, and which of them is used.
//!
//! ```text
//! DIR/NAME/NAME.onnx, NAME.toml   the version that is used and its contract: what lists and runs models reads them
//! DIR/NAME/current                its name
//! DIR/NAME/v0001/weights          the state of the training: it goes on from here
//! DIR/NAME/v0001/model.onnx, contract.toml, meta.json
//! ```
//!
//! Each is replaced by renaming, `current` last. Where the process ends between them, the contract's SHA-256 tells, and the next
//! promotion or rollback makes them agree.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::{Result, TrainError};
use crate::neural::models_folder;

/// The file that names the version in use.
const CURRENT: &str = "current";
/// The file that who trains has locked.
const LOCK: &str = "lock";
/// Files of a version.
#[cfg(feature = "train")]
pub const WEIGHTS: &str = "weights";
pub const MODEL: &str = "model.onnx";
pub const CONTRACT: &str = "contract.toml";
pub const META: &str = "meta.json";

/// What became of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Its training has not ended.
    Unfinished,
    /// It was or is in use.
    Promoted,
    /// Its training ended, but it is no better than what it began with: `Meta::why` says by how much. A person may promote it.
    Rejected,
    /// An engine gives another picture than the trainer: it cannot be used.
    Faulty,
}

impl Status {
    /// Its word, as in `meta.json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unfinished => "unfinished",
            Self::Promoted => "promoted",
            Self::Rejected => "rejected",
            Self::Faulty => "faulty",
        }
    }
}

/// One point of a learning curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LossPoint {
    /// Steps done.
    pub step: u64,
    /// The mean loss of the steps since the point before.
    pub loss: f32,
    /// The loss on the pictures kept for validation.
    pub validation: f32,
}

/// `meta.json` of a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    pub status: Status,
    /// Why it was rejected; empty else.
    #[serde(default)]
    pub why: String,
    /// The command's settings, as they were given.
    pub recipe: serde_json::Value,
    /// Steps done.
    pub steps: u64,
    /// The step with the least loss on the pictures kept for validation, and that loss.
    pub best_step: u64,
    pub best_loss: f32,
    /// That loss before the first step.
    pub first_loss: f32,
    /// The losses so far, in the order of their steps.
    #[serde(default)]
    pub curve: Vec<LossPoint>,
}

/// The versions of one model.
#[derive(Clone, Debug)]
pub struct Versions {
    folder: PathBuf,
    name: String,
}

impl Versions {
    /// Those of the model `name` in the folder of models `folder`.
    ///
    /// # Errors
    /// `Usage` for a name that cannot be the name of a file everywhere.
    pub fn new(folder: &Path, name: &str) -> Result<Self> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        if name.is_empty() || name.len() > 60 || !name.chars().all(fits) {
            return Err(TrainError::usage(
                format!("{name:?} cannot be the name of a model"),
                "use small letters a to z, digits, - and _, at most 60",
            ));
        }
        Ok(Self {
            folder: folder.to_owned(),
            name: name.to_owned(),
        })
    }

    /// The user's folder of models.
    ///
    /// # Errors
    /// `Usage` where there is none.
    pub fn users_folder() -> Result<PathBuf> {
        models_folder().ok_or_else(|| {
            TrainError::usage(
                "there is no folder for models: HOME is not set",
                "set HOME, or name a folder with --models-dir where the command has it",
            )
        })
    }

    /// Those of all models in the folder of models `folder` that have any, by their names.
    ///
    /// # Errors
    /// `Read`.
    pub fn in_folder(folder: &Path) -> Result<Vec<Self>> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(TrainError::read(folder))?,
        };
        let names = entries.flatten().map(|entry| entry.file_name());
        let mut all: Vec<Self> = names
            .filter_map(|name| Self::new(folder, name.to_str()?).ok())
            .filter(|model| model.all().is_ok_and(|versions| !versions.is_empty()))
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// Those of another model in the same folder.
    ///
    /// # Errors
    /// As [`Versions::new`].
    pub fn other(&self, name: &str) -> Result<Self> {
        Self::new(&self.folder, name)
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder of a version.
    pub fn folder_of(&self, version: &str) -> PathBuf {
        self.own_folder().join(version)
    }

    fn own_folder(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// The names of all versions, oldest first.
    ///
    /// # Errors
    /// `Read`.
    pub fn all(&self) -> Result<Vec<String>> {
        let folder = self.own_folder();
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(TrainError::read(&folder))?,
        };
        let names = entries.flatten().map(|entry| entry.file_name());
        let names = names.filter_map(|name| name.into_string().ok());
        let mut versions: Vec<(u32, String)> = names
            .filter_map(|name| Some((number(&name)?, name)))
            .collect();
        versions.sort();
        Ok(versions.into_iter().map(|(_, name)| name).collect())
    }

    /// The version in use; `None` where there is none yet.
    ///
    /// # Errors
    /// `Read`, and `BadFile` where the pointer names no version.
    pub fn current(&self) -> Result<Option<String>> {
        let path = self.own_folder().join(CURRENT);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(TrainError::read(&path))?,
        };
        let version = text.trim();
        if number(version).is_none() {
            return Err(TrainError::BadFile {
                path,
                why: format!("{version:?} is no version"),
                advice: "write the name of a folder beside it there, for example v0001".to_owned(),
            });
        }
        Ok(Some(version.to_owned()))
    }

    /// Creates the folder of a new version.
    ///
    /// # Errors
    /// `Read`, `Write`.
    pub fn create(&self) -> Result<String> {
        let last = self.all()?.last().and_then(|name| number(name));
        let version = format!("v{:04}", last.unwrap_or(0) + 1);
        let folder = self.folder_of(&version);
        fs::create_dir_all(&folder).map_err(TrainError::write(&folder))?;
        Ok(version)
    }

    /// Keeps other processes from training the same model, as long as the result lives.
    ///
    /// # Errors
    /// `Busy` where another does; `Write`.
    pub fn lock(&self) -> Result<File> {
        let folder = self.own_folder();
        fs::create_dir_all(&folder).map_err(TrainError::write(&folder))?;
        let path = folder.join(LOCK);
        let file = File::create(&path).map_err(TrainError::write(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => Err(TrainError::Busy {
                name: self.name.clone(),
            }),
            Err(fs::TryLockError::Error(error)) => Err(TrainError::Write { path, error }),
        }
    }

    /// Whether a process trains the model now.
    pub fn are_being_trained(&self) -> bool {
        let lock = File::open(self.own_folder().join(LOCK));
        lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
    }

    /// What is known of a version.
    ///
    /// # Errors
    /// `Read`, and `BadFile` where its `meta.json` is damaged.
    pub fn meta(&self, version: &str) -> Result<Meta> {
        let path = self.folder_of(version).join(META);
        let text = fs::read_to_string(&path).map_err(TrainError::read(&path))?;
        serde_json::from_str(&text).map_err(|error| TrainError::BadFile {
            path,
            why: error.to_string(),
            advice: "remove the folder of this version".to_owned(),
        })
    }

    /// What is known of each version, oldest first; an error where that is damaged. One that was begun just now, of which nothing
    /// is known yet, is left out.
    ///
    /// # Errors
    /// `Read`.
    pub fn described(&self) -> Result<Vec<(String, Result<Meta>)>> {
        let known = |version: &String| self.folder_of(version).join(META).exists();
        let all = self.all()?.into_iter().filter(known);
        let described = all.map(|version| {
            let meta = self.meta(&version);
            (version, meta)
        });
        Ok(described.collect())
    }

    /// Writes `meta.json` of a version.
    ///
    /// # Errors
    /// `Write`.
    pub fn write_meta(&self, version: &str, meta: &Meta) -> Result<()> {
        let text =
            serde_json::to_string_pretty(meta).expect("it has no maps of other keys than text");
        replace(&self.folder_of(version).join(META), text.as_bytes())
    }

    /// Makes `version` the one in use.
    ///
    /// # Errors
    /// `Read` where its model or its contract is missing, `Write`.
    pub fn promote(&self, version: &str) -> Result<()> {
        let folder = self.folder_of(version);
        let model = folder.join(MODEL);
        let bytes = fs::read(&model).map_err(TrainError::read(&model))?;
        let contract = folder.join(CONTRACT);
        let text = fs::read_to_string(&contract).map_err(TrainError::read(&contract))?;
        // The same contract, of the copy.
        let file = format!("{}.onnx", self.name);
        let text = text.replacen(
            &format!("file = \"{MODEL}\""),
            &format!("file = \"{file}\""),
            1,
        );
        let own = self.own_folder();
        replace(&own.join(file), &bytes)?;
        replace(&own.join(format!("{}.toml", self.name)), text.as_bytes())?;
        replace(&own.join(CURRENT), format!("{version}\n").as_bytes())
    }

    /// Takes `version` into use because a person asks for it, also one that was rejected.
    ///
    /// # Errors
    /// `Usage` where there is no such version, its training has not ended, or it is faulty; those of [`Versions::promote`].
    pub fn take_into_use(&self, version: &str) -> Result<()> {
        let all = self.all()?;
        if !all.iter().any(|known| known == version) {
            let known = match all.is_empty() {
                true => "only models made by `aquatint train` have versions".to_owned(),
                false => format!("its versions are {}", all.join(", ")),
            };
            let what = format!("{} has no version {version:?}", self.name);
            return Err(TrainError::usage(what, known));
        }
        let mut meta = self.meta(version)?;
        let not = |why: &str, advice: &str| {
            let what = format!("{} {version} cannot be used: {why}", self.name);
            Err(TrainError::usage(what, advice))
        };
        match meta.status {
            Status::Unfinished => not(
                "its training has not ended",
                "train it to its end first: the same command goes on with it",
            ),
            Status::Faulty => not(&meta.why, "train another version"),
            Status::Promoted => self.promote(version),
            Status::Rejected => {
                self.promote(version)?;
                meta.status = Status::Promoted;
                self.write_meta(version, &meta)
            }
        }
    }

    /// Takes the version before the current one into use again, of those that once were. Returns both names, the one left
    /// and the one now in use.
    ///
    /// # Errors
    /// `Usage` where there is none; those of [`Versions::promote`].
    pub fn rollback(&self) -> Result<(String, String)> {
        let Some(current) = self.current()? else {
            return Err(TrainError::usage(
                format!("no version of {} is in use", self.name),
                "only models made by `aquatint train` have versions; `aquatint models` lists all",
            ));
        };
        let used = |version: &String| {
            number(version) < number(&current)
                && self
                    .meta(version)
                    .is_ok_and(|meta| meta.status == Status::Promoted)
        };
        let Some(before) = self.all()?.into_iter().rev().find(used) else {
            return Err(TrainError::usage(
                format!("{} has no version in use before {current}", self.name),
                "its first version stays in use; `aquatint models remove` removes the model",
            ));
        };
        self.promote(&before)?;
        Ok((current, before))
    }
}

/// The number of a version `vNNNN`.
fn number(name: &str) -> Option<u32> {
    let digits = name.strip_prefix('v')?;
    let plain = digits.len() >= 4 && digits.chars().all(|c| c.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// Writes a file so that it has its old or its new contents at any time.
///
/// # Errors
/// `Write`.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let write = || {
        let mut file = File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    write().map_err(TrainError::write(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trained(versions: &Versions, status: Status) -> String {
        let version = versions.create().unwrap();
        let folder = versions.folder_of(&version);
        fs::write(folder.join(MODEL), version.as_bytes()).unwrap();
        let contract = format!("task = \"style\"\nfile = \"{MODEL}\"\n");
        fs::write(folder.join(CONTRACT), contract).unwrap();
        let meta = Meta {
            status,
            why: String::new(),
            recipe: serde_json::json!({"seed": 1}),
            steps: 10,
            best_step: 8,
            best_loss: 0.5,
            first_loss: 1.5,
            curve: vec![LossPoint {
                step: 10,
                loss: 0.75,
                validation: 0.5,
            }],
        };
        versions.write_meta(&version, &meta).unwrap();
        assert_eq!(versions.meta(&version).unwrap(), meta);
        version
    }

    #[test]
    fn a_rollback_takes_the_last_version_that_was_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let versions = Versions::new(folder.path(), "night").unwrap();
        assert_eq!(versions.current().unwrap(), None);
        assert!(
            versions
                .rollback()
                .unwrap_err()
                .to_string()
                .contains("no version")
        );
        let first = trained(&versions, Status::Promoted);
        versions.promote(&first).unwrap();
        let error = versions.rollback().unwrap_err();
        assert!(error.to_string().contains("before v0001"), "{error}");
        trained(&versions, Status::Rejected);
        let third = trained(&versions, Status::Promoted);
        versions.promote(&third).unwrap();
        assert_eq!(versions.current().unwrap().as_deref(), Some("v0003"));
        let used = |file: &str| fs::read_to_string(folder.path().join("night").join(file)).unwrap();
        assert_eq!(used("night.onnx"), "v0003");
        assert!(used("night.toml").contains("file = \"night.onnx\""));
        // The rejected version is not one to go back to.
        assert_eq!(
            versions.rollback().unwrap(),
            ("v0003".to_owned(), "v0001".to_owned())
        );
        assert_eq!(versions.current().unwrap().as_deref(), Some("v0001"));
        assert_eq!(used("night.onnx"), "v0001");
        // Versions go on counting from the newest.
        assert_eq!(versions.create().unwrap(), "v0004");
    }

    #[test]
    fn a_version_without_its_model_is_not_taken_into_use() {
        let folder = tempfile::tempdir().unwrap();
        let versions = Versions::new(folder.path(), "night").unwrap();
        let first = trained(&versions, Status::Promoted);
        versions.promote(&first).unwrap();
        let second = trained(&versions, Status::Promoted);
        fs::remove_file(versions.folder_of(&second).join(MODEL)).unwrap();
        assert!(
            versions
                .promote(&second)
                .unwrap_err()
                .to_string()
                .contains(MODEL)
        );
        assert_eq!(versions.current().unwrap(), Some(first));
    }

    #[test]
    fn a_person_may_promote_what_was_rejected_and_nothing_that_is_unfinished() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Versions::in_folder(folder.path()).unwrap().is_empty());
        let versions = Versions::new(folder.path(), "night").unwrap();
        for status in [
            Status::Promoted,
            Status::Rejected,
            Status::Unfinished,
            Status::Faulty,
        ] {
            trained(&versions, status);
        }
        versions.take_into_use("v0002").unwrap();
        assert_eq!(versions.current().unwrap().as_deref(), Some("v0002"));
        assert_eq!(versions.meta("v0002").unwrap().status, Status::Promoted);
        assert_eq!(versions.rollback().unwrap().1, "v0001");
        for (version, says) in [
            ("v0003", "not ended"),
            ("v0004", "cannot be used"),
            ("v0009", "no version"),
        ] {
            let error = versions.take_into_use(version).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
            assert_eq!(versions.current().unwrap().as_deref(), Some("v0001"));
        }
        // Folders without versions are no models that were trained.
        fs::create_dir(folder.path().join("added")).unwrap();
        let all = Versions::in_folder(folder.path()).unwrap();
        assert_eq!(
            all.iter().map(Versions::name).collect::<Vec<_>>(),
            ["night"]
        );
        assert!(!all[0].are_being_trained());
        let lock = versions.lock().unwrap();
        assert!(all[0].are_being_trained());
        drop(lock);
        assert!(!all[0].are_being_trained());
    }

    #[test]
    fn names_that_are_paths_and_damaged_pointers_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["", "../up", "A", "a/b", "a.b", "a b"] {
            assert!(Versions::new(folder.path(), name).is_err(), "{name:?}");
        }
        let versions = Versions::new(folder.path(), "night").unwrap();
        trained(&versions, Status::Promoted);
        fs::write(folder.path().join("night/current"), "../../etc\n").unwrap();
        assert!(
            versions
                .current()
                .unwrap_err()
                .to_string()
                .contains("is no version")
        );
    }

    #[test]
    fn only_one_process_trains_a_model() {
        let folder = tempfile::tempdir().unwrap();
        let versions = Versions::new(folder.path(), "night").unwrap();
        let lock = versions.lock().unwrap();
        assert!(matches!(versions.lock(), Err(TrainError::Busy { .. })));
        drop(lock);
        versions.lock().unwrap();
    }
}
