//! Tests of uploads.

mod names;
mod old;

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use tempfile::TempDir;

use super::*;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn uploads() -> (TempDir, Uploads) {
    let folder = tempfile::tempdir().unwrap();
    let uploads = again(&folder);
    (folder, uploads)
}

/// As after a restart.
fn again(folder: &TempDir) -> Uploads {
    Uploads::new(folder.path().to_owned(), 1000, DAY).unwrap()
}

fn names(folder: &TempDir) -> BTreeSet<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn an_upload_goes_on_after_a_restart() {
    let (folder, uploads) = uploads();
    let id = uploads.begin("clip.mp4", 10, 1000).unwrap();
    assert_eq!(uploads.append(&id, 0, b"0123").unwrap(), 4);
    drop(uploads);
    // What was written, but not told, before the end of the process.
    let mut file = OpenOptions::new()
        .append(true)
        .open(folder.path().join(format!(".{id}.part")))
        .unwrap();
    file.write_all(b"rubbish, and more than the file is to have")
        .unwrap();
    let uploads = again(&folder);
    let status = uploads.status(&id).unwrap();
    assert_eq!(
        status,
        Status {
            name: "clip.mp4".to_owned(),
            bytes: 10,
            offset: 4
        }
    );
    assert!(matches!(
        uploads.finish(&id),
        Err(UploadsError::Incomplete {
            offset: 4,
            bytes: 10
        })
    ));
    assert_eq!(uploads.append(&id, 4, b"45678").unwrap(), 9);
    let uploads = again(&folder);
    assert_eq!(uploads.append(&id, 9, b"9").unwrap(), 10);
    let path = uploads.finish(&id).unwrap();
    assert_eq!(path, folder.path().join("clip.mp4"));
    assert_eq!(fs::read(path).unwrap(), b"0123456789");
    assert_eq!(names(&folder), BTreeSet::from(["clip.mp4".to_owned()]));
    assert!(matches!(uploads.status(&id), Err(UploadsError::Unknown)));
}

#[test]
fn what_does_not_follow_is_refused() {
    let (_folder, uploads) = uploads();
    let id = uploads.begin("clip.mp4", 10, 1000).unwrap();
    uploads.append(&id, 0, b"0123").unwrap();
    for wrong in [0, 3, 5, u64::MAX] {
        let refused = uploads.append(&id, wrong, b"x").unwrap_err();
        assert!(matches!(
            refused,
            UploadsError::WrongOffset { right: 4, .. }
        ));
    }
    let refused = uploads.append(&id, 4, b"4567890").unwrap_err();
    assert!(matches!(
        refused,
        UploadsError::TooMuch { end: 11, bytes: 10 }
    ));
    assert_eq!(uploads.append(&id, 4, b"").unwrap(), 4);
    assert_eq!(uploads.append(&id, 4, b"456789").unwrap(), 10);
    assert_eq!(
        fs::read(uploads.finish(&id).unwrap()).unwrap(),
        b"0123456789"
    );
}

#[test]
fn uploads_are_limited() {
    let (_folder, uploads) = uploads();
    let refused = |bytes, free| uploads.begin("a", bytes, free).unwrap_err();
    assert!(matches!(refused(0, 1000), UploadsError::Empty));
    assert!(matches!(
        refused(1001, 5000),
        UploadsError::TooLarge {
            bytes: 1001,
            limit: 1000
        }
    ));
    assert!(matches!(
        refused(1000, 999),
        UploadsError::NoRoom {
            bytes: 1000,
            free: 999
        }
    ));
    // What another upload still needs is not free.
    let other = uploads.begin("b", 600, 1000).unwrap();
    uploads.append(&other, 0, &[0; 100]).unwrap();
    assert!(matches!(
        refused(501, 1000),
        UploadsError::NoRoom {
            bytes: 501,
            free: 500
        }
    ));
    uploads.begin("a", 500, 1000).unwrap();
    assert!(matches!(
        refused(1, 0),
        UploadsError::NoRoom { free: 0, .. }
    ));
    for error in [
        refused(0, 1),
        refused(2000, 1),
        refused(10, 1),
        UploadsError::Unknown,
        UploadsError::Busy,
    ] {
        assert!(!error.advice().is_empty() && !error.to_string().is_empty());
    }
}

#[test]
fn a_cancelled_upload_leaves_nothing() {
    let (folder, uploads) = uploads();
    let id = uploads.begin("clip.mp4", 10, 1000).unwrap();
    uploads.append(&id, 0, b"0123").unwrap();
    uploads.cancel(&id).unwrap();
    assert_eq!(names(&folder), BTreeSet::new());
    let ids = [
        id.as_str(),
        "",
        "..",
        "../../etc/passwd",
        "x",
        &"0".repeat(32),
        &"A".repeat(32),
        &"é".repeat(16),
    ];
    for unknown in ids {
        assert!(matches!(
            uploads.status(unknown),
            Err(UploadsError::Unknown)
        ));
        assert!(matches!(
            uploads.append(unknown, 0, b"x"),
            Err(UploadsError::Unknown)
        ));
        assert!(matches!(
            uploads.finish(unknown),
            Err(UploadsError::Unknown)
        ));
        assert!(matches!(
            uploads.cancel(unknown),
            Err(UploadsError::Unknown)
        ));
    }
}

#[test]
fn no_file_is_replaced() {
    let (folder, uploads) = uploads();
    fs::write(folder.path().join("clip.mp4"), "other").unwrap();
    fs::create_dir(folder.path().join("clip (3).mp4")).unwrap();
    let ids = [(); 3].map(|()| uploads.begin("clip.mp4", 1, 1000).unwrap());
    let paths = ids.map(|id| {
        uploads.append(&id, 0, b"x").unwrap();
        uploads.finish(&id).unwrap()
    });
    for (path, name) in paths
        .iter()
        .zip(["clip (2).mp4", "clip (4).mp4", "clip (5).mp4"])
    {
        assert_eq!(path, &folder.path().join(name));
    }
    assert_eq!(fs::read(folder.path().join("clip.mp4")).unwrap(), b"other");
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let (folder, uploads) = uploads();
    std::os::unix::fs::symlink("elsewhere", folder.path().join("clip.mp4")).unwrap();
    let id = uploads.begin("clip.mp4", 1, 1000).unwrap();
    uploads.append(&id, 0, b"x").unwrap();
    assert!(uploads.finish(&id).unwrap().ends_with("clip (2).mp4"));
    assert!(!folder.path().join("elsewhere").exists());
}

#[test]
fn two_at_once_with_the_same_name_are_two_files() {
    let (folder, uploads) = uploads();
    let uploads = &uploads;
    std::thread::scope(|scope| {
        for letter in b'a'..b'i' {
            scope.spawn(move || {
                let id = uploads.begin("clip.mp4", 50, 1000).unwrap();
                for offset in 0..50 {
                    uploads.append(&id, offset, &[letter]).unwrap();
                }
                let path = uploads.finish(&id).unwrap();
                assert_eq!(fs::read(path).unwrap(), [letter; 50]);
            });
        }
    });
    let mut expected: BTreeSet<String> = (2..=8)
        .map(|number| format!("clip ({number}).mp4"))
        .collect();
    expected.insert("clip.mp4".to_owned());
    assert_eq!(names(&folder), expected);
}

#[test]
fn one_upload_is_written_by_one_at_a_time() {
    let (_folder, uploads) = uploads();
    let id = uploads.begin("clip.mp4", 100, 1000).unwrap();
    let turn = uploads.turn(&id).unwrap();
    assert!(matches!(
        uploads.append(&id, 0, b"x"),
        Err(UploadsError::Busy)
    ));
    drop(turn);
    std::thread::scope(|scope| {
        for letter in [b'a', b'b'] {
            let (uploads, id) = (&uploads, &id);
            scope.spawn(move || {
                let mut offset = 0;
                while offset < 100 {
                    offset = match uploads.append(id, offset, &[letter; 5]) {
                        Ok(offset) => offset,
                        Err(UploadsError::WrongOffset { right, .. }) => right,
                        Err(UploadsError::Busy) => offset,
                        Err(error) => panic!("{error}"),
                    };
                }
            });
        }
    });
    let bytes = fs::read(uploads.finish(&id).unwrap()).unwrap();
    assert_eq!(bytes.len(), 100);
    assert!(bytes.chunks(5).all(|chunk| chunk == [chunk[0]; 5]));
}

#[test]
fn ids_differ() {
    let ids: BTreeSet<String> = (0..1000).map(|_| id::new()).collect();
    assert_eq!(ids.len(), 1000);
    assert!(ids.iter().all(|id| id::is_one(id)));
}
