//! Lists of what is in a folder.

use std::fs;

use proptest::prelude::*;

use super::super::natural::compare;
use super::super::{Kind, RootsError};
use super::{EXTENSIONS, names, roots};

#[cfg(target_os = "linux")]
#[test]
fn names_without_unicode_and_pipes_are_left_out() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::net::UnixListener;
    let (folder, roots) = roots();
    let videos = folder.path().join("videos");
    fs::write(videos.join(OsStr::from_bytes(b"\xff.mp4")), "").unwrap();
    let _socket = UnixListener::bind(videos.join("socket.mp4")).unwrap();
    let listing = roots.list("videos", &EXTENSIONS, false, None, 100).unwrap();
    assert_eq!(
        (names(&listing), listing.unnamed),
        (vec!["sub", "a.mp4"], 1)
    );
    assert!(matches!(
        roots.resolve("videos/socket.mp4"),
        Err(RootsError::Special { .. })
    ));
    let path = fs::canonicalize(&videos)
        .unwrap()
        .join(OsStr::from_bytes(b"\xff.mp4"));
    assert_eq!(roots.name_of(&path), None);
}

#[test]
fn folders_come_first_and_numbers_count() {
    let (folder, roots) = roots();
    let uploads = folder.path().join("uploads");
    for name in ["Zebra", "clips 10", "clips 9"] {
        fs::create_dir(uploads.join(name)).unwrap();
    }
    let files = [
        "a10.mp4",
        "a2.MP4",
        "A1.mkv",
        "a.mp4",
        "b.png",
        "ä.wav",
        "notes.txt",
        "none",
    ];
    for name in files {
        fs::write(uploads.join(name), name).unwrap();
    }
    let all = [
        "clips 9",
        "clips 10",
        "Zebra",
        "a.mp4",
        "A1.mkv",
        "a2.MP4",
        "a10.mp4",
        "b.png",
        "none",
        "notes.txt",
        "ä.wav",
    ];
    let media: Vec<&str> = all
        .into_iter()
        .filter(|name| !name.starts_with("no"))
        .collect();
    let listing = roots
        .list("uploads", &EXTENSIONS, false, None, 100)
        .unwrap();
    assert_eq!(names(&listing), all);
    assert_eq!(listing.next, None);
    use Kind::{Folder, Other, Picture, Sound, Video};
    let kinds: Vec<Kind> = listing.entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(
        kinds,
        [
            Folder, Folder, Folder, Video, Video, Video, Video, Picture, Other, Other, Sound
        ]
    );
    let first = &listing.entries[3];
    assert_eq!((first.file.as_str(), first.bytes), ("uploads/a.mp4", 5));
    assert!(first.modified.is_some() && listing.entries[0].bytes == 0);
    for limit in 1..media.len() {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let part = roots
                .list("uploads", &EXTENSIONS, true, after.as_deref(), limit)
                .unwrap();
            found.extend(part.entries.into_iter().map(|entry| entry.name));
            after = part.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, media);
    }
    // A place of which the file was deleted.
    let part = roots
        .list("uploads", &EXTENSIONS, false, Some("fa3.mp4"), 1)
        .unwrap();
    assert_eq!(names(&part), ["a10.mp4"]);
    let refused = |folder: &str, after| {
        roots
            .list(folder, &EXTENSIONS, false, after, 1)
            .unwrap_err()
    };
    assert!(matches!(
        refused("uploads", Some("x")),
        RootsError::BadCursor { .. }
    ));
    assert!(matches!(
        refused("uploads", Some("d")),
        RootsError::BadCursor { .. }
    ));
    assert!(matches!(
        refused("uploads/none", None),
        RootsError::NoList { .. }
    ));
    assert!(matches!(
        refused("uploads/missing", None),
        RootsError::NotFound { .. }
    ));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_names_is_one(names in prop::collection::vec("[aAbB012. ßİ-]{0,6}", 3)) {
        let [a, b, c] = [&names[0], &names[1], &names[2]];
        prop_assert_eq!(compare(a, b), compare(b, a).reverse());
        prop_assert_eq!(compare(a, b).is_eq(), a == b);
        if compare(a, b).is_le() && compare(b, c).is_le() {
            prop_assert!(compare(a, c).is_le(), "{:?}", names);
        }
    }
}
