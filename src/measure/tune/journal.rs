//! The file in which a search keeps what it has tried, so that it can go on.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::search::Trial;
use crate::media::MediaError;
use crate::render::{InputHash, RenderError, Result};

/// What a search is: its trials can go on only where all of it is the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Version of aquatint.
    pub aquatint: String,
    pub input: InputHash,
    /// The styles with the values that are not searched, as a preset says them.
    pub look: String,
    /// The parameters with their ranges.
    pub space: String,
    pub goal: String,
    pub method: String,
    pub seed: u64,
    /// Where each scene begins, and its length, in seconds.
    pub scenes: Vec<f64>,
    pub duration: f64,
}

/// A trial that has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    #[serde(flatten)]
    pub trial: Trial,
    /// None where it failed.
    pub score: Option<f64>,
    /// The means of what was measured.
    pub metrics: BTreeMap<String, f64>,
}

/// An open journal: a line of JSON for what the search is, then one for each trial.
pub struct Journal {
    path: PathBuf,
    file: File,
    /// What an earlier run has tried.
    pub earlier: Vec<Tried>,
}

impl Journal {
    /// Opens the journal at `path` of the search `about`, or begins one. With `anew`, what is there is replaced.
    ///
    /// # Errors
    /// `Usage` where it is of another search; `Media` where it cannot be read or written.
    pub fn open(path: &Path, about: &About, anew: bool) -> Result<Self> {
        let failed = |error: std::io::Error| RenderError::from(MediaError::write(path, error));
        let there = match (anew, File::open(path)) {
            (false, Ok(file)) => Some(read(path, file, about)?),
            _ => None,
        };
        let (earlier, whole) = there.unwrap_or_default();
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        // A line that a killed process has not finished is cut off.
        file.set_len(whole).map_err(failed)?;
        std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).map_err(failed)?;
        let mut journal = Self {
            path: path.to_owned(),
            file,
            earlier,
        };
        if whole == 0 {
            journal.line(about)?;
        }
        Ok(journal)
    }

    /// Adds a trial.
    ///
    /// # Errors
    /// `Media` where it cannot be written.
    pub fn add(&mut self, tried: &Tried) -> Result<()> {
        self.line(tried)
    }

    fn line(&mut self, value: &impl Serialize) -> Result<()> {
        let mut write = || {
            let line = serde_json::to_string(value)? + "\n";
            self.file.write_all(line.as_bytes())?;
            self.file.sync_data()
        };
        write().map_err(|error| MediaError::write(&self.path, error).into())
    }
}

/// The trials in a journal, and the bytes of its whole lines.
fn read(path: &Path, file: File, about: &About) -> Result<(Vec<Tried>, u64)> {
    let refused = |why: &str| {
        RenderError::usage(
            format!("{} {why}", path.display()),
            "begin anew with --no-resume, or name another preset with -o",
        )
    };
    let mut lines = BufReader::new(file);
    let (mut line, mut whole, mut earlier) = (String::new(), 0, Vec::new());
    let mut known = false;
    loop {
        line.clear();
        let count = lines
            .read_line(&mut line)
            .map_err(|_| refused("is no journal of a search"))?;
        if count == 0 || !line.ends_with('\n') {
            break;
        }
        if known {
            let tried = serde_json::from_str(&line).map_err(|_| refused("is damaged"))?;
            earlier.push(tried);
        } else {
            let was: About =
                serde_json::from_str(&line).map_err(|_| refused("is no journal of a search"))?;
            if was != *about {
                return Err(refused(
                    "is of another search: of other parameters, goals, scenes, or another input or version",
                ));
            }
            known = true;
        }
        whole += count as u64;
    }
    Ok((earlier, whole))
}

#[cfg(test)]
mod tests {
    use super::super::search::Value;
    use super::*;

    fn about(seed: u64) -> About {
        About {
            aquatint: "1".to_owned(),
            input: InputHash {
                size: 1,
                sha256: "00".to_owned(),
            },
            look: String::new(),
            space: String::new(),
            goal: "ssim".to_owned(),
            method: "tpe".to_owned(),
            seed,
            scenes: vec![0.5],
            duration: 1.0,
        }
    }

    fn tried(number: usize, score: Option<f64>) -> Tried {
        Tried {
            trial: Trial {
                number,
                values: [("a.b".to_owned(), Value::Number(0.1 * number as f64))].into(),
            },
            score,
            metrics: [("ssim".to_owned(), 0.1 + 0.2)].into(),
        }
    }

    #[test]
    fn what_was_tried_is_there_again_but_for_a_broken_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let all = [
            tried(0, Some(0.0)),
            tried(1, None),
            tried(2, Some(1.0 / 3.0)),
        ];
        let mut journal = Journal::open(&path, &about(1), false).unwrap();
        all.iter().for_each(|tried| journal.add(tried).unwrap());
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, [bytes.as_slice(), b"{\"number\":3,\"val"].concat()).unwrap();
        assert_eq!(Journal::open(&path, &about(1), false).unwrap().earlier, all);
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        let other = Journal::open(&path, &about(2), false)
            .map(|_| ())
            .unwrap_err();
        assert!(other.summary().contains("another search"));
        assert!(
            Journal::open(&path, &about(2), true)
                .unwrap()
                .earlier
                .is_empty()
        );
    }
}
