//! What the file holds: outputs, ratings and preferences.

use std::path::Path;

use serde_json::Value;

/// The latest time that the file holds: 9999-12-31T23:59:59Z, in seconds since 1970. The earliest is 0.
pub const LATEST_TIME: i64 = 253_402_300_799;

/// A rendered output, known by the hash of its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The SHA-256 of the output's bytes: 64 hexadecimal digits.
    pub sha256: String,
    /// The name of the output's file, without the folders.
    pub name: String,
    /// The SHA-256 of the bytes of the input that it was rendered from.
    pub input_sha256: Option<String>,
    /// How it was rendered, as JSON.
    pub recipe: Option<Value>,
    /// The name of its style.
    pub style: Option<String>,
    /// What was measured of it, as JSON.
    pub metrics: Option<Value>,
    /// When it was first added, in seconds since 1970: 0 to [`LATEST_TIME`].
    pub added: i64,
}

impl Output {
    /// The output in the file at `path`, of which only the hash is known. Of the path, the last part alone is kept; a
    /// name that is not Unicode is kept with replacement characters.
    pub fn of_file(path: &Path, sha256: &str, added: i64) -> Self {
        let name = path.file_name().unwrap_or_default();
        Self {
            sha256: sha256.to_owned(),
            name: name.to_string_lossy().into_owned(),
            input_sha256: None,
            recipe: None,
            style: None,
            metrics: None,
            added,
        }
    }
}

/// An output in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredOutput {
    /// Its number in this file, from 1. It stays the same.
    pub id: i64,
    /// The output itself; its hashes are in lower case.
    pub output: Output,
}

/// Stars that a person gave to one output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rating {
    /// Its number in this file, from 1, in the order of writing.
    pub id: i64,
    /// The [`StoredOutput::id`] of the output.
    pub output: i64,
    /// 1 (worst) to 5 (best).
    pub stars: u8,
    /// What the person wrote about it.
    pub note: Option<String>,
    /// Who rated.
    pub rater: String,
    /// When, in seconds since 1970: 0 to [`LATEST_TIME`].
    pub at: i64,
}

/// Which of two outputs a person liked better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preference {
    /// Its number in this file, from 1, in the order of writing.
    pub id: i64,
    /// The [`StoredOutput::id`] of the better output; of either one in a tie.
    pub winner: i64,
    /// The [`StoredOutput::id`] of the other output.
    pub loser: i64,
    /// Whether the person liked both as well.
    pub tie: bool,
    /// What the person wrote about it.
    pub note: Option<String>,
    /// Who compared.
    pub rater: String,
    /// When, in seconds since 1970: 0 to [`LATEST_TIME`].
    pub at: i64,
}
