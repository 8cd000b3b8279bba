//! Files that cannot be used, and disks that are full.

use std::collections::BTreeSet;
use std::fs;

use rusqlite::Connection;

use super::super::{Store, StoreError};
use super::{add, job, open, store};

#[test]
fn a_damaged_file_is_moved_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    for number in 1..=3 {
        fs::write(&path, format!("this is no database, number {number}")).unwrap();
        fs::write(folder.path().join("queue.db-wal"), "a journal").unwrap();
        let opened = Store::open(&path).unwrap();
        let aside = folder.path().join(format!("queue.db.damaged-{number}"));
        assert_eq!(opened.warnings.len(), 1);
        assert!(opened.warnings[0].contains(aside.to_str().unwrap()));
        let kept = fs::read_to_string(&aside).unwrap();
        assert!(kept.ends_with(&format!("number {number}")));
        add(&opened.store);
        drop(opened);
        add(&open(&folder));
    }
}

#[test]
fn a_damaged_file_is_moved_aside_once() {
    for _ in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queue.db");
        fs::write(&path, "this is no database").unwrap();
        std::thread::scope(|scope| {
            let opened = [(); 4].map(|()| scope.spawn(|| Store::open(&path).unwrap()));
            let opened = opened.map(|thread| thread.join().unwrap());
            let warnings: usize = opened.iter().map(|opened| opened.warnings.len()).sum();
            assert_eq!(warnings, 1);
            let ids: BTreeSet<i64> = opened.iter().map(|opened| add(&opened.store)).collect();
            assert_eq!(ids.len(), 4);
        });
        assert!(!folder.path().join("queue.db.damaged-2").exists());
    }
}

#[test]
fn a_page_of_rubbish_is_found() {
    let (folder, store) = store();
    let many: Vec<_> = (0..500)
        .map(|number| job(&format!("{number}.mp4")))
        .collect();
    store.add_jobs(&many, None).unwrap();
    drop(store);
    let path = folder.path().join("queue.db");
    let mut bytes = fs::read(&path).unwrap();
    let half = bytes.len() / 2 / 4096 * 4096;
    bytes[half..half + 8192].fill(0xa5);
    fs::write(&path, &bytes).unwrap();
    let opened = Store::open(&path).unwrap();
    assert_eq!(opened.warnings.len(), 1);
    assert_eq!(opened.store.queue().unwrap().len(), 0);
    assert_eq!(
        fs::read(folder.path().join("queue.db.damaged-1")).unwrap(),
        bytes
    );
}

#[test]
fn a_newer_file_is_left_alone() {
    let (folder, store) = store();
    store
        .connection()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    drop(store);
    let path = folder.path().join("queue.db");
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(
        error,
        StoreError::Newer {
            found: 99,
            known: 1,
            ..
        }
    ));
    assert!(error.advice().contains("update aquatint"));
    assert!(path.exists() && !folder.path().join("queue.db.damaged-1").exists());
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE a (b)")
        .unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(
        Store::open(&path),
        Err(StoreError::OtherProgram { .. })
    ));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_folder_in_its_place_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let error = Store::open(folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::CannotOpen { .. }), "{error}");
    fs::write(folder.path().join("file"), "").unwrap();
    let error = Store::open(&folder.path().join("file/queue.db")).unwrap_err();
    assert!(matches!(error, StoreError::CannotCreate { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/queue.db");
    let opened = Store::open(&path).unwrap();
    add(&opened.store);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("new")), 0o700);
    for name in ["queue.db", "queue.db.lock", "queue.db-wal", "queue.db-shm"] {
        assert_eq!(mode(&path.with_file_name(name)), 0o600, "{name}");
    }
}

#[test]
fn a_full_disk_is_told_and_the_store_goes_on() {
    let (_folder, store) = store();
    let first = add(&store);
    let limit = |pages: i64| {
        let set = format!("PRAGMA max_page_count = {pages}");
        store
            .connection()
            .query_row(&set, [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    let usual = limit(0);
    let pages: i64 = store
        .connection()
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    limit(pages);
    let many: Vec<_> = (0..500)
        .map(|number| job(&format!("{number}.mp4")))
        .collect();
    let error = store.add_jobs(&many, Some(("key", "digest"))).unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    assert!(error.advice().contains("free space"));
    assert_eq!(store.queue().unwrap(), [first]);
    limit(usual);
    let added = store.add_jobs(&many, Some(("key", "digest"))).unwrap();
    assert!(!added.existing);
    assert_eq!(store.queue().unwrap().len(), 501);
}
