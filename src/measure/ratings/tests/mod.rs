//! What a user of ratings sees.

mod bradley_terry;
mod dates;
mod exported;
mod killed;
mod liked;
mod refused;
mod stars;
mod store;
mod writers;

use std::path::PathBuf;

use tempfile::TempDir;

use super::{Output, Ratings};

/// 2026-11-27T21:30:00Z.
const AT: i64 = 1_795_815_000;

/// A new folder, and a file in it that is not there yet.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ratings.sqlite");
    (folder, path)
}

/// Output number `n`, of which only the hash is known.
fn output(n: u64) -> Output {
    Output::of_file(
        format!("/home/me/film-{n}.mkv").as_ref(),
        &format!("{n:064x}"),
        AT,
    )
}

/// A new file with `count` outputs, whose ids are 1 and up.
fn with_outputs(count: u64) -> (TempDir, Ratings) {
    let (folder, path) = place();
    let ratings = Ratings::open(&path).unwrap();
    for n in 1..=count {
        assert_eq!(ratings.add_output(&output(n)).unwrap(), n as i64);
    }
    (folder, ratings)
}
