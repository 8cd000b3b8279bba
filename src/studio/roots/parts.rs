//! The rules for names of files.

use std::ffi::OsStr;

/// The most bytes of a name.
const NAME_BYTES: usize = 4096;
/// The most bytes of one part of it.
const PART_BYTES: usize = 255;

/// `file`, if it keeps the rules; otherwise which one it breaks.
pub(super) fn check(file: &str) -> Result<&str, &'static str> {
    if file.is_empty() {
        return Err("it is empty");
    }
    if file.len() > NAME_BYTES {
        return Err("it is longer than 4096 bytes");
    }
    if file.starts_with('/') {
        return Err("it begins with /");
    }
    match file.split('/').find_map(rule_broken) {
        Some(why) => Err(why),
        None => Ok(file),
    }
}

/// Which rule the part breaks.
fn rule_broken(part: &str) -> Option<&'static str> {
    if part.is_empty() {
        return Some("it has an empty part");
    }
    if part == ".." || part == "." {
        return Some("it has a part of dots alone");
    }
    if part.starts_with('.') {
        return Some("it has a hidden part");
    }
    if part.len() > PART_BYTES {
        return Some("it has a part of more than 255 bytes");
    }
    if part.contains('\0') {
        return Some("it has a character of value 0");
    }
    // There, these part folders, drives and streams.
    if cfg!(windows) && part.contains(['\\', ':']) {
        return Some("it has a \\ or :");
    }
    None
}

/// Whether a file of this name within its folder is shown. Names that are no Unicode are not, since they cannot be
/// asked for.
pub(super) fn is_shown(name: &OsStr) -> bool {
    name.to_str()
        .is_some_and(|name| rule_broken(name).is_none())
}

/// `name` as an id: its letters and digits in lower case, with a `-` for all between them.
pub(super) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(60);
    match slug.trim_end_matches('-') {
        "" => "folder".to_owned(),
        slug => slug.to_owned(),
    }
}
