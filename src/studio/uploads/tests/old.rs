//! What is left of earlier uploads.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::time::SystemTime;

use super::super::UploadsError;
use super::{DAY, again, names, uploads};

#[test]
fn expired_uploads_are_removed_at_the_start() {
    let (folder, uploads) = uploads();
    let [old, new, half] = [(); 3].map(|()| uploads.begin("clip.mp4", 10, 1000).unwrap());
    fs::remove_file(uploads.facts(&half)).unwrap();
    fs::write(folder.path().join(".note"), "").unwrap();
    fs::write(folder.path().join("kept.mp4"), "").unwrap();
    let long_ago = SystemTime::now() - 2 * DAY;
    for name in [
        format!(".{old}.part"),
        format!(".{old}.json"),
        format!(".{half}.part"),
        ".note".into(),
        "kept.mp4".into(),
    ] {
        let file = OpenOptions::new()
            .write(true)
            .open(folder.path().join(name))
            .unwrap();
        file.set_modified(long_ago).unwrap();
    }
    let uploads = again(&folder);
    assert!(matches!(uploads.status(&old), Err(UploadsError::Unknown)));
    assert!(uploads.status(&new).is_ok());
    let expected = [
        format!(".{new}.part"),
        format!(".{new}.json"),
        ".note".into(),
        "kept.mp4".into(),
    ];
    assert_eq!(names(&folder), BTreeSet::from(expected));
    assert_eq!(uploads.remove_expired().unwrap(), 0);
}

#[cfg(unix)]
#[test]
fn a_file_that_got_its_name_before_a_kill_stays_one() {
    let (folder, uploads) = uploads();
    let id = uploads.begin("clip.mp4", 1, 1000).unwrap();
    uploads.append(&id, 0, b"x").unwrap();
    fs::hard_link(uploads.part(&id), folder.path().join("clip.mp4")).unwrap();
    let uploads = again(&folder);
    assert!(matches!(uploads.finish(&id), Err(UploadsError::Unknown)));
    assert_eq!(names(&folder), BTreeSet::from(["clip.mp4".to_owned()]));
}

#[test]
fn facts_that_cannot_be_read_are_no_upload() {
    let (_folder, uploads) = uploads();
    let id = uploads.begin("clip.mp4", 1, 1000).unwrap();
    for rubbish in ["", "{", "[]", "{\"name\":1}"] {
        fs::write(uploads.facts(&id), rubbish).unwrap();
        assert!(matches!(uploads.status(&id), Err(UploadsError::Unknown)));
    }
    assert!(uploads.begin("clip.mp4", 1, 1000).is_ok());
}
