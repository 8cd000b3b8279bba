use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::super::{Output, Ratings, RatingsError};
use super::{AT, output, place};

/// Why the file at `path` is refused. The words name it, there is advice, and the file stays as it was.
fn refusal(path: &Path) -> RatingsError {
    let before = fs::read(path).unwrap();
    let error = Ratings::open(path).unwrap_err();
    assert!(error.to_string().contains("ratings.sqlite"), "{error}");
    assert!(!error.advice().is_empty());
    assert!(
        fs::read(path).unwrap() == before,
        "the file was changed: {error}"
    );
    error
}

/// A file of `rows` outputs and ratings.
fn filled(path: &Path, rows: u64) {
    let ratings = Ratings::open(path).unwrap();
    ratings.connection.execute_batch("BEGIN").unwrap();
    for n in 1..=rows {
        let id = ratings.add_output(&output(n)).unwrap();
        ratings
            .rate(id, 3, Some("so so, but the sky is good"), "me", AT)
            .unwrap();
    }
    ratings.connection.execute_batch("COMMIT").unwrap();
}

#[test]
fn a_newer_version_is_refused_with_its_number() {
    let (_folder, path) = place();
    filled(&path, 3);
    let other = Connection::open(&path).unwrap();
    other.pragma_update(None, "user_version", 7).unwrap();
    drop(other);
    let error = refusal(&path);
    let known = super::super::schema::VERSION;
    assert!(matches!(error, RatingsError::Newer { found: 7, .. }));
    assert!(error.to_string().contains("has version 7"), "{error}");
    assert!(error.to_string().contains(&format!("up to {known}")));
    assert!(error.advice().contains("update aquatint"));
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    for text in [
        "ab".to_owned(),
        "rated: 4 stars\n".repeat(10),
        "rated: 4 stars\n".repeat(10_000),
    ] {
        let (_folder, path) = place();
        fs::write(&path, text).unwrap();
        let error = refusal(&path);
        assert!(
            matches!(error, RatingsError::NotDatabase { .. }),
            "{error:?}"
        );
    }
}

#[test]
fn a_database_of_another_program_is_refused() {
    for sql in [
        "CREATE TABLE songs (name)",
        "PRAGMA user_version = 1",
        "PRAGMA application_id = 7",
    ] {
        let (_folder, path) = place();
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let error = refusal(&path);
        assert!(
            matches!(error, RatingsError::OtherProgram { .. }),
            "{error:?}"
        );
    }
}

#[test]
fn a_damaged_file_is_refused() {
    let (_folder, path) = place();
    filled(&path, 500);
    let whole = fs::read(&path).unwrap();
    assert!(whole.len() > 16 * 4096);
    // Zeros and nonsense in the tables, a lost half, and a lost end.
    let mut zeroed = whole.clone();
    zeroed[5 * 4096..9 * 4096].fill(0);
    let mut nonsense = whole.clone();
    nonsense[6 * 4096..7 * 4096].fill(0xa5);
    let half = whole[..whole.len() / 8192 * 4096].to_vec();
    let end = whole[..whole.len() - 4096].to_vec();
    for damaged in [zeroed, nonsense, half, end] {
        fs::write(&path, damaged).unwrap();
        let error = refusal(&path);
        assert!(matches!(error, RatingsError::Damaged { .. }), "{error:?}");
        assert!(error.advice().contains("backup"));
    }
    fs::write(&path, whole).unwrap();
    assert_eq!(
        Ratings::open(&path)
            .unwrap()
            .latest_ratings()
            .unwrap()
            .len(),
        500
    );
}

#[test]
fn a_folder_and_a_place_under_a_file_are_refused() {
    let (folder, path) = place();
    let error = Ratings::open(folder.path()).unwrap_err();
    assert!(
        matches!(
            error,
            RatingsError::CannotOpen { .. } | RatingsError::CannotCreate { .. }
        ),
        "{error:?}"
    );
    fs::write(&path, "text").unwrap();
    let error = Ratings::open(&path.join("below")).unwrap_err();
    assert!(
        matches!(error, RatingsError::CannotCreate { .. }),
        "{error:?}"
    );
}

#[test]
fn an_empty_file_becomes_one_of_ratings() {
    let (_folder, path) = place();
    fs::write(&path, "").unwrap();
    filled(&path, 1);
    assert_eq!(
        Ratings::open(&path)
            .unwrap()
            .latest_ratings()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_name_that_sqlite_would_read_otherwise_is_a_file() {
    let (folder, _) = place();
    for name in [
        "file:ratings.sqlite?mode=memory",
        ":memory:",
        "ra tings#%41",
    ] {
        let path = folder.path().join(name);
        filled(&path, 1);
        assert!(path.metadata().unwrap().len() > 0, "{name}");
    }
}

/// Damage that the check of pages cannot see is found when it is read.
#[test]
fn contents_that_make_no_sense_are_damage() {
    let (_folder, path) = place();
    filled(&path, 1);
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("PRAGMA ignore_check_constraints = on; UPDATE outputs SET recipe = '{'")
        .unwrap();
    drop(other);
    let error = match Ratings::open(&path) {
        Ok(ratings) => ratings.outputs().unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(error, RatingsError::Damaged { .. }), "{error:?}");
}

#[test]
fn a_full_disk_is_said_and_what_is_there_stays() {
    let (_folder, path) = place();
    filled(&path, 3);
    let ratings = Ratings::open(&path).unwrap();
    // SQLite says the same as when the disk is full.
    ratings
        .connection
        .execute_batch("PRAGMA max_page_count = 1")
        .unwrap();
    let large = Output {
        style: Some("x".repeat(100_000)),
        ..output(4)
    };
    let error = ratings.add_output(&large).unwrap_err();
    assert!(matches!(error, RatingsError::Full { .. }), "{error:?}");
    assert_eq!(ratings.outputs().unwrap().len(), 3);
}
