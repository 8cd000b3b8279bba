//! Links, also such as are put there in the meantime.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::RootsError;
use super::{EXTENSIONS, names, roots};

#[test]
fn links_must_stay_inside() {
    let (folder, roots) = roots();
    let videos = folder.path().join("videos");
    symlink("../secret.mp4", videos.join("out.mp4")).unwrap();
    symlink("..", videos.join("up")).unwrap();
    symlink("/", videos.join("system")).unwrap();
    symlink("nowhere", videos.join("broken.mp4")).unwrap();
    symlink("../new.mp4", videos.join("new out.mp4")).unwrap();
    symlink("loop", videos.join("loop")).unwrap();
    symlink(".hidden.mp4", videos.join("shown.mp4")).unwrap();
    symlink("../read only", videos.join("other")).unwrap();
    symlink("sub/b.mp4", videos.join("in.mp4")).unwrap();
    symlink("sub", videos.join("in")).unwrap();
    for out in [
        "out.mp4",
        "up",
        "up/secret.mp4",
        "system",
        "system/etc/passwd",
        "shown.mp4",
        "other/c.mp4",
    ] {
        let file = format!("videos/{out}");
        let error = roots.resolve(&file).unwrap_err();
        assert!(
            matches!(
                error,
                RootsError::Outside { .. } | RootsError::NotFound { .. }
            ),
            "{out}: {error}"
        );
        assert!(roots.resolve_new(&file).is_err(), "{out}");
    }
    // Back inside after a way outside: what is found counts.
    assert!(roots.resolve("videos/up/videos/a.mp4").is_ok());
    for new in [
        "broken.mp4",
        "new out.mp4",
        "loop",
        "up/new.mp4",
        "other/new.mp4",
    ] {
        assert!(
            roots.resolve_new(&format!("videos/{new}")).is_err(),
            "{new}"
        );
    }
    let inside = roots.resolve("videos/in.mp4").unwrap();
    assert!(inside.path.ends_with("videos/sub/b.mp4"));
    assert_eq!(roots.resolve("videos/in/b.mp4").unwrap(), inside);
    assert_eq!(roots.resolve_new("videos/in.mp4").unwrap(), inside);
    let new = roots.resolve_new("videos/in/new.mp4").unwrap();
    assert!(new.path.ends_with("videos/sub/new.mp4"));
    let listing = roots.list("videos", &EXTENSIONS, false, None, 100).unwrap();
    assert_eq!(names(&listing), ["in", "sub", "a.mp4", "in.mp4"]);
}

#[test]
fn what_is_replaced_by_a_link_is_not_opened() {
    let (folder, roots) = roots();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("b.mp4"), "secret").unwrap();
    let (file, in_folder) = (
        roots.resolve("videos/a.mp4").unwrap(),
        roots.resolve("videos/sub/b.mp4").unwrap(),
    );
    let mut text = String::new();
    in_folder.open().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "videos/sub/b.mp4");
    fs::rename(path("videos/sub"), path("moved")).unwrap();
    symlink(folder.path(), path("videos/sub")).unwrap();
    assert!(matches!(in_folder.open(), Err(RootsError::Changed { .. })));
    fs::remove_file(path("videos/a.mp4")).unwrap();
    symlink("../secret.mp4", path("videos/a.mp4")).unwrap();
    assert!(matches!(file.open(), Err(RootsError::Changed { .. })));
    // The root itself.
    fs::rename(path("videos"), path("old")).unwrap();
    symlink(folder.path(), path("videos")).unwrap();
    assert!(matches!(
        roots.resolve("videos/secret.mp4"),
        Err(RootsError::Outside { .. })
    ));
    fs::remove_file(path("videos")).unwrap();
    assert!(matches!(file.open(), Err(RootsError::Io { .. })));
}

#[test]
fn a_race_never_leads_outside() {
    let (folder, roots) = roots();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("b.mp4"), "secret").unwrap();
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                fs::rename(path("videos/sub"), path("moved")).unwrap();
                symlink(folder.path(), path("videos/sub")).unwrap();
                fs::remove_file(path("videos/sub")).unwrap();
                fs::rename(path("moved"), path("videos/sub")).unwrap();
            }
        });
        for _ in 0..3000 {
            if let Ok(mut file) = roots
                .resolve("videos/sub/b.mp4")
                .and_then(|place| place.open())
            {
                let mut text = String::new();
                file.read_to_string(&mut text).unwrap();
                assert_eq!(text, "videos/sub/b.mp4");
            }
        }
        ended.store(true, Ordering::Relaxed);
    });
}
