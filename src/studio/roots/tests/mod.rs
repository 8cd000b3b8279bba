//! Tests of allowed folders.

mod fuzz;
#[cfg(unix)]
mod links;
mod lists;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

const EXTENSIONS: Extensions<'static> = Extensions {
    video: &["mp4", "mkv"],
    picture: &["png"],
    sound: &["wav"],
};

/// `videos` (writable), `read only` and `uploads` in a folder with a file `secret.mp4` outside of them.
fn roots() -> (TempDir, Roots) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["videos/sub", "read only", "uploads"] {
        fs::create_dir_all(path(name)).unwrap();
    }
    for name in [
        "secret.mp4",
        "videos/a.mp4",
        "videos/sub/b.mp4",
        "videos/.hidden.mp4",
        "read only/c.mp4",
    ] {
        fs::write(path(name), name).unwrap();
    }
    let folders = vec![(path("videos"), true), (path("read only"), false)];
    let roots = Roots::new(folders, path("uploads")).unwrap();
    (folder, roots)
}

fn names(listing: &super::list::Listing) -> Vec<&str> {
    listing
        .entries
        .iter()
        .map(|entry| entry.name.as_str())
        .collect()
}

#[test]
fn ids_are_slugs_and_differ() {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "a/Videos",
        "b/videos",
        "c/Videos 2",
        "d/videos",
        "e/Größe & Co.",
        "f/☃",
        "g/☃",
    ];
    let paths: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
    for path in &paths {
        fs::create_dir_all(path).unwrap();
    }
    let given = paths.iter().map(|path| (path.clone(), false)).collect();
    let roots = Roots::new(given, paths[1].clone()).unwrap();
    let ids: Vec<&str> = roots.roots().iter().map(|root| root.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "videos",
            "videos-2",
            "videos-2-2",
            "videos-3",
            "gr-e-co",
            "folder",
            "folder-2"
        ]
    );
    let uploads = roots.uploads().unwrap();
    assert!(uploads.writable && uploads.id == "videos-2");
    let missing = Roots::new(
        vec![(folder.path().join("missing"), false)],
        paths[0].clone(),
    );
    assert!(matches!(missing, Err(RootsError::NoFolder { .. })));
}

#[test]
fn names_lead_to_files_and_back() {
    let (_folder, roots) = roots();
    for (file, is_folder) in [
        ("videos", true),
        ("videos/sub", true),
        ("videos/a.mp4", false),
        ("videos/sub/b.mp4", false),
        ("read-only/c.mp4", false),
    ] {
        let place = roots.resolve(file).unwrap();
        assert_eq!(place.is_folder, is_folder);
        assert_eq!(place.writable, file.starts_with("videos"));
        assert_eq!(roots.name_of(&place.path).as_deref(), Some(file));
    }
    let root = &roots.roots()[0].path;
    for outside in [
        root.parent().unwrap().join("secret.mp4"),
        root.join(".hidden.mp4"),
        PathBuf::from("/"),
    ] {
        assert_eq!(roots.name_of(&outside), None);
    }
}

#[test]
fn names_that_break_a_rule_are_refused() {
    let (_folder, roots) = roots();
    let long = format!("videos/{}", "a".repeat(256));
    let deep = format!("videos{}", "/sub".repeat(1100));
    for bad in [
        "",
        "/",
        "/etc/passwd",
        "videos/",
        "videos//a.mp4",
        "videos/..",
        "videos/../secret.mp4",
        "videos/./a.mp4",
        "..",
        ".",
        "videos/sub/../../secret.mp4",
        "videos/.hidden.mp4",
        "videos/a.mp4\0",
        "videos/...",
        &long,
        &deep,
    ] {
        for error in [
            roots.resolve(bad).unwrap_err(),
            roots.resolve_new(bad).unwrap_err(),
        ] {
            assert!(
                matches!(error, RootsError::BadName { .. }),
                "{bad}: {error}"
            );
            assert!(!error.advice().is_empty());
        }
    }
    for missing in [
        "videos/b.mp4",
        "videos/a.mp4/b",
        "videos/..%2fsecret.mp4",
        "videos/%2e%2e",
        "videos/..\u{2215}secret.mp4",
    ] {
        let error = roots.resolve(missing).unwrap_err();
        assert!(
            matches!(
                error,
                RootsError::NotFound { .. } | RootsError::BadName { .. }
            ),
            "{missing}: {error}"
        );
    }
    for unknown in ["Videos/a.mp4", "secret.mp4", "c:/a", "video"] {
        assert!(
            matches!(roots.resolve(unknown), Err(RootsError::UnknownRoot { .. })),
            "{unknown}"
        );
    }
}

#[test]
fn outputs_go_to_writable_folders() {
    let (folder, roots) = roots();
    let place = roots.resolve_new("videos/sub/new.mp4").unwrap();
    assert!(place.path.ends_with("videos/sub/new.mp4") && !place.is_folder);
    assert!(
        roots.resolve_new("videos/a.mp4").is_ok(),
        "one that is there"
    );
    let refused = |file: &str| roots.resolve_new(file).unwrap_err();
    assert!(matches!(
        refused("read-only/new.mp4"),
        RootsError::ReadOnly { .. }
    ));
    assert!(matches!(
        refused("read-only/c.mp4"),
        RootsError::ReadOnly { .. }
    ));
    assert!(matches!(refused("videos"), RootsError::IsFolder { .. }));
    assert!(matches!(refused("videos/sub"), RootsError::IsFolder { .. }));
    assert!(matches!(
        refused("videos/missing/new.mp4"),
        RootsError::NotFound { .. }
    ));
    assert!(matches!(
        refused("videos/a.mp4/new.mp4"),
        RootsError::NotFound { .. }
    ));
    // A root in another one, of which one is for reading alone.
    let path = |name: &str| folder.path().join(name);
    for (outer, inner) in [(true, false), (false, true)] {
        let given = vec![(path("videos"), outer), (path("videos/sub"), inner)];
        let nested = Roots::new(given, path("uploads")).unwrap();
        let error = nested.resolve_new("videos/sub/new.mp4").unwrap_err();
        assert!(matches!(error, RootsError::ReadOnly { .. }));
        assert_eq!(nested.resolve_new("sub/new.mp4").is_ok(), inner);
        let name = nested.name_of(&nested.roots()[1].path.join("b.mp4"));
        assert_eq!(name.as_deref(), Some("sub/b.mp4"));
    }
}
