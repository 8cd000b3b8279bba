//! Settings, tokens, watched folders.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::{NewWatch, Seen, StoreError};
use super::{open, store};

#[test]
fn settings_are_kept() {
    let (folder, store) = store();
    assert_eq!(store.settings().unwrap().get("theme"), None);
    let some = BTreeMap::from([
        ("theme".to_owned(), json!("dark")),
        ("folder".to_owned(), Value::Null),
    ]);
    store.set_settings(&some).unwrap();
    drop(store);
    let store = open(&folder);
    assert_eq!(store.settings().unwrap(), some);
    assert_eq!(store.settings().unwrap().get("folder"), Some(&Value::Null));
    let one = BTreeMap::from([("theme".to_owned(), json!({"a": [1, 2.5]}))]);
    store.set_settings(&one).unwrap();
    assert_eq!(store.settings().unwrap().get("theme"), Some(&one["theme"]));
    assert_eq!(store.settings().unwrap().len(), 2);
}

#[test]
fn tokens_are_known_by_their_hashes() {
    let (folder, store) = store();
    let (first, second) = ("0123456789abcdef", "fedcba9876543210");
    store.put_token("phone", first).unwrap();
    store.put_token("script", second).unwrap();
    assert_eq!(store.check_token(first).unwrap().as_deref(), Some("phone"));
    assert_eq!(
        store.check_token(second).unwrap().as_deref(),
        Some("script")
    );
    for wrong in ["", "0123456789abcdeg", "0123456789abcde", "phone"] {
        assert_eq!(store.check_token(wrong).unwrap(), None);
    }
    store.put_token("phone", "another long token").unwrap();
    assert_eq!(store.check_token(first).unwrap(), None);
    let names: Vec<String> = store
        .tokens()
        .unwrap()
        .into_iter()
        .map(|token| token.name)
        .collect();
    assert_eq!(names, ["phone", "script"]);
    for (name, token) in [("", first), ("short", "0123456789abcde")] {
        assert!(matches!(
            store.put_token(name, token),
            Err(StoreError::Invalid { .. })
        ));
    }
    drop(store);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(
            !bytes
                .windows(first.len())
                .any(|part| part == first.as_bytes())
        );
    }
}

#[test]
fn watched_folders_remember_what_they_saw() {
    let (folder, store) = store();
    let new = NewWatch {
        folder: "videos/in".to_owned(),
        request: json!({"style": "pencil"}),
        to: None,
        on: true,
    };
    let watch = store.add_watch(&new).unwrap();
    assert_eq!(
        (&watch.folder, &watch.to, watch.on),
        (&new.folder, &None, true)
    );
    let mut file = Seen {
        path: "/videos/in/a.mp4".to_owned(),
        size: 5,
        mtime: 7,
        job: None,
    };
    assert_eq!(store.seen(watch.id, &file.path).unwrap(), None);
    store.put_seen(watch.id, &file).unwrap();
    assert_eq!(store.jobs_of_watch(watch.id).unwrap(), 0);
    file.job = Some(3);
    file.size = 6;
    store.put_seen(watch.id, &file).unwrap();
    drop(store);
    let store = open(&folder);
    assert_eq!(
        store.seen(watch.id, &file.path).unwrap(),
        Some(file.clone())
    );
    assert_eq!(store.jobs_of_watch(watch.id).unwrap(), 1);
    store.set_watch_on(watch.id, false).unwrap();
    let off = super::super::Watch {
        on: false,
        ..watch.clone()
    };
    assert_eq!(store.watches().unwrap(), [off]);
    store.remove_watch(watch.id).unwrap();
    assert_eq!(store.seen(watch.id, &file.path).unwrap(), None);
    let gone = [
        store.remove_watch(watch.id),
        store.set_watch_on(watch.id, true),
        store.put_seen(watch.id, &file),
    ];
    for unknown in gone {
        assert!(matches!(unknown, Err(StoreError::UnknownWatch { .. })));
    }
    assert!(store.add_watch(&new).unwrap().id > watch.id);
}
