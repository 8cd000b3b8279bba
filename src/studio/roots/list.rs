//! Lists of what is in a folder.

use std::cmp::Ordering;
use std::fs::{self, DirEntry};
use std::path::Path;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::{Result, Roots, RootsError, natural, parts};

/// The most entries of one part of a list.
const PAGE: usize = 500;

/// What a file is, by its extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Folder,
    Video,
    Picture,
    Sound,
    Other,
}

/// Which extensions files of each kind have, in lower case without a dot.
#[derive(Clone, Copy, Debug)]
pub struct Extensions<'a> {
    /// Those of videos.
    pub video: &'a [&'a str],
    /// Those of pictures.
    pub picture: &'a [&'a str],
    /// Those of files of sound alone.
    pub sound: &'a [&'a str],
}

impl Extensions<'_> {
    /// What a file of this name is.
    pub fn kind(&self, name: &str) -> Kind {
        let extension = Path::new(name).extension().unwrap_or_default();
        let is_in = |list: &[&str]| list.iter().any(|one| extension.eq_ignore_ascii_case(one));
        match () {
            () if is_in(self.video) => Kind::Video,
            () if is_in(self.picture) => Kind::Picture,
            () if is_in(self.sound) => Kind::Sound,
            () => Kind::Other,
        }
    }
}

/// A file or folder in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name within the folder.
    pub name: String,
    /// Its whole name, as [`Roots::resolve`] takes it.
    pub file: String,
    /// What it is.
    pub kind: Kind,
    /// Its size in bytes; 0 for a folder.
    pub bytes: u64,
    /// When it was changed, where the system knows.
    pub modified: Option<SystemTime>,
}

/// A part of the list of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Folders first, then files, each in natural order of their names.
    pub entries: Vec<Entry>,
    /// Where the list goes on ([`Roots::list`]); nothing at its end.
    pub next: Option<String>,
    /// How many in the whole folder are left out because their names are no Unicode.
    pub unnamed: usize,
}

impl Roots {
    /// What is in the folder that is named `folder`; with `media_only`, only folders, videos, pictures and sound.
    ///
    /// Left out are hidden ones, pipes, devices, and links that lead nowhere or out of the root. `after` is
    /// [`Listing::next`] of the part before, and `limit` the most entries, from 1 to 500.
    ///
    /// # Errors
    /// As of [`Roots::resolve`]; [`RootsError::NoList`] for a file, and [`RootsError::BadCursor`] for an `after` that
    /// no list gave.
    pub fn list(
        &self,
        folder: &str,
        extensions: &Extensions<'_>,
        media_only: bool,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Listing> {
        let after = after.map(cursor).transpose()?;
        let place = self.resolve(folder)?;
        if !place.is_folder {
            return Err(RootsError::NoList {
                file: folder.into(),
            });
        }
        let failed = |source| RootsError::Io {
            file: folder.into(),
            source,
        };
        let mut unnamed = 0;
        let mut found: Vec<(bool, String)> = Vec::new();
        for entry in fs::read_dir(&place.path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().into_string() else {
                unnamed += 1;
                continue;
            };
            if !parts::is_shown(name.as_ref()) {
                continue;
            }
            let file = format!("{folder}/{name}");
            let Some(is_folder) = self.is_folder(&entry, &file) else {
                continue;
            };
            if is_folder || !media_only || extensions.kind(&name) != Kind::Other {
                found.push((is_folder, name));
            }
        }
        found.sort_by(in_order);
        let begin = match after {
            Some(after) => found.partition_point(|entry| in_order(entry, &after).is_le()),
            None => 0,
        };
        let end = found.len().min(begin + limit.clamp(1, PAGE));
        let more = end < found.len();
        let next = found[begin..end]
            .last()
            .filter(|_| more)
            .map(|(is_folder, name)| format!("{}{name}", if *is_folder { 'd' } else { 'f' }));
        // Only for these, since a folder on another machine may take long for each.
        let entries = found[begin..end]
            .iter()
            .filter_map(|(is_folder, name)| {
                let facts = fs::metadata(place.path.join(name)).ok()?;
                Some(Entry {
                    name: name.clone(),
                    file: format!("{folder}/{name}"),
                    kind: if *is_folder {
                        Kind::Folder
                    } else {
                        extensions.kind(name)
                    },
                    bytes: if *is_folder { 0 } else { facts.len() },
                    modified: facts.modified().ok(),
                })
            })
            .collect();
        Ok(Listing {
            entries,
            next,
            unnamed,
        })
    }

    /// Whether `entry` is a folder; nothing for what cannot be resolved.
    fn is_folder(&self, entry: &DirEntry, file: &str) -> Option<bool> {
        let kind = entry.file_type().ok()?;
        match kind.is_file() || kind.is_dir() {
            true => Some(kind.is_dir()),
            // Links: where they lead to counts.
            false => self.resolve(file).ok().map(|place| place.is_folder),
        }
    }
}

fn in_order(a: &(bool, String), b: &(bool, String)) -> Ordering {
    b.0.cmp(&a.0).then_with(|| natural::compare(&a.1, &b.1))
}

/// The entry that a cursor names.
fn cursor(cursor: &str) -> Result<(bool, String)> {
    let named = |kind| cursor.strip_prefix(kind).filter(|name| !name.is_empty());
    match (named('d'), named('f')) {
        (Some(name), _) => Ok((true, name.to_owned())),
        (_, Some(name)) => Ok((false, name.to_owned())),
        _ => Err(RootsError::BadCursor {
            cursor: cursor.chars().take(80).collect(),
        }),
    }
}
