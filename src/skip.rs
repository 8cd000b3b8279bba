//! What a test does when something it needs is missing. One rule for the unit tests, the kernel tests and the tests of the
//! command line: each of these test programs includes this file.

#![allow(
    dead_code,
    reason = "no test program uses both functions with every set of features"
)]

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Says on stderr that a test, or a part of one, does not run because `missing` is missing. The caller then leaves that
/// part out. `remedy` says how to get what is missing.
///
/// # Panics
/// With `AQUATINT_REQUIRE_ALL=1` in the environment: there, everything must run.
#[track_caller]
pub fn skip(missing: &str, remedy: &str) {
    let required = std::env::var_os("AQUATINT_REQUIRE_ALL");
    match outcome(required.as_deref(), missing, remedy) {
        Ok(words) => say(&words),
        Err(words) => panic!("{words}"),
    }
}

/// A file or folder of real media, under the folder `AQUATINT_MEDIA`, else under `../shared/media`. Real media are
/// optional: without that folder `None`, said on stderr, whatever `AQUATINT_REQUIRE_ALL` is.
///
/// # Panics
/// Where `AQUATINT_MEDIA` is set and does not hold it.
#[track_caller]
pub fn media(name: &str) -> Option<PathBuf> {
    let named = std::env::var_os("AQUATINT_MEDIA");
    match find(named.as_deref(), name) {
        Ok(path) => Some(path),
        Err((words, true)) => panic!("{words}"),
        Err((words, false)) => {
            say(&words);
            None
        }
    }
}

/// Words for a part that is skipped; as an error where nothing may be.
fn outcome(required: Option<&OsStr>, missing: &str, remedy: &str) -> Result<String, String> {
    if required == Some(OsStr::new("1")) {
        Err(format!(
            "missing: {missing}\n  AQUATINT_REQUIRE_ALL=1 allows no skipped test: {remedy}"
        ))
    } else {
        Ok(format!("skipped: {missing} ({remedy})"))
    }
}

/// Where a media file is, or why it is not used and whether that is an error.
fn find(named: Option<&OsStr>, name: &str) -> Result<PathBuf, (String, bool)> {
    let folder = named.map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media"),
        PathBuf::from,
    );
    let path = folder.join(name);
    if path.exists() {
        Ok(path)
    } else if named.is_some() {
        let words = format!("AQUATINT_MEDIA is set, but there is no {}", path.display());
        Err((words, true))
    } else {
        let words = format!("skipped (optional media): no {}", path.display());
        Err((words, false))
    }
}

/// Writes a line to stderr itself: what a passing test prints by macros is never shown.
pub fn say(words: &str) {
    let _ = writeln!(std::io::stderr(), "{words}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skip_fails_only_where_everything_is_required() {
        for allowed in [None, Some("0"), Some("")] {
            let words = outcome(allowed.map(OsStr::new), "no x", "install x").unwrap();
            assert_eq!(words, "skipped: no x (install x)");
        }
        let words = outcome(Some(OsStr::new("1")), "no x", "install x").unwrap_err();
        assert!(words.contains("no x") && words.contains("install x"));
    }

    #[test]
    fn media_are_optional_unless_their_folder_is_named() {
        let here = OsStr::new(env!("CARGO_MANIFEST_DIR"));
        let found = find(Some(here), "Cargo.toml").unwrap();
        assert!(found.is_file());
        assert!(find(Some(here), "no such file").unwrap_err().1);
        assert!(!find(None, "no such file").unwrap_err().1);
    }
}
