//! Adding jobs.

use serde_json::{Value, json};

use super::super::open::KEPT;
use super::super::{NewJob, State, StoreError};
use super::{add, job, open, store};

#[test]
fn jobs_are_read_as_they_were_added() {
    let (folder, store) = store();
    let new = NewJob {
        request: json!({"style": "pencil,cartoon", "set": ["pencil.strength=0.5"], "crf": 18, "consistency": 0.1}),
        output: json!({"folder": "videos/out"}),
        priority: i32::MIN,
        origin: "folder:3".to_owned(),
        paused: true,
        ..job("ä ☃ ' \" .mp4")
    };
    let added = store.add_jobs(&[new.clone(), job("b.mp4")], None).unwrap();
    assert!(!added.existing);
    drop(store);
    let store = open(&folder);
    let read = store.get(added.ids[0]).unwrap();
    assert_eq!((read.input, read.file), (new.input, new.file));
    assert_eq!((read.request, read.output), (new.request, new.output));
    assert_eq!((read.priority, read.origin), (i32::MIN, new.origin));
    assert_eq!((read.state, read.attempts), (State::Paused, 1));
    assert_eq!(read.outputs, Vec::<String>::new());
    assert!(read.created > 1_600_000_000_000);
    assert_eq!(store.get(added.ids[1]).unwrap().output, Value::Null);
    let history = store.history(added.ids[0]).unwrap();
    assert_eq!((history.len(), history[0].words.as_str()), (1, "added"));
}

#[test]
fn a_request_sent_twice_adds_its_jobs_once() {
    let (folder, store) = store();
    let jobs = [job("a.mp4"), job("b.mp4")];
    let first = store.add_jobs(&jobs, Some(("key", "digest"))).unwrap();
    assert!(!first.existing);
    drop(store);
    let store = open(&folder);
    let second = store.add_jobs(&jobs, Some(("key", "digest"))).unwrap();
    assert!(second.existing);
    assert_eq!(second.ids, first.ids);
    let other = store.add_jobs(&jobs, Some(("key", "other digest")));
    assert!(matches!(other, Err(StoreError::KeyReused { .. })));
    let fresh = store
        .add_jobs(&jobs, Some(("other key", "digest")))
        .unwrap();
    assert!(!fresh.existing && fresh.ids != first.ids);
    assert_eq!(store.queue().unwrap().len(), 4);
}

#[test]
fn keys_are_kept_for_a_week() {
    let (folder, store) = store();
    let first = store
        .add_jobs(&[job("a.mp4")], Some(("key", "digest")))
        .unwrap();
    store
        .connection()
        .execute("UPDATE keys SET at = 0", [])
        .unwrap();
    drop(store);
    let again = open(&folder)
        .add_jobs(&[job("a.mp4")], Some(("key", "digest")))
        .unwrap();
    assert!(!again.existing && again.ids != first.ids);
}

#[test]
fn nothing_is_added_of_what_cannot_be_held() {
    let (_folder, store) = store();
    let mut deep = Value::Null;
    for _ in 0..200 {
        deep = json!([deep]);
    }
    let bad = [
        NewJob {
            request: deep.clone(),
            ..job("a.mp4")
        },
        NewJob {
            output: deep,
            ..job("a.mp4")
        },
        NewJob {
            input: String::new(),
            ..job("a.mp4")
        },
    ];
    for one in bad {
        let added = store.add_jobs(&[job("a.mp4"), one], Some(("key", "digest")));
        let error = added.unwrap_err();
        assert!(matches!(error, StoreError::Invalid { .. }));
        assert!(!error.advice().is_empty());
    }
    for key in [String::new(), "k".repeat(256)] {
        let added = store.add_jobs(&[job("a.mp4")], Some((&key, "digest")));
        assert!(matches!(added, Err(StoreError::Invalid { .. })));
    }
    assert_eq!(store.queue().unwrap(), Vec::<i64>::new());
    assert!(
        !store
            .add_jobs(&[], Some(("key", "digest")))
            .unwrap()
            .existing
    );
}

#[test]
fn ids_are_never_used_again() {
    let (_folder, store) = store();
    let first = super::add_in(&store, State::Done);
    store.remove(first).unwrap();
    assert!(add(&store) > first);
}

#[test]
fn the_oldest_ended_jobs_are_removed() {
    let (folder, store) = store();
    store
        .connection()
        .execute_batch(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10020)
             INSERT INTO jobs (state, input, file, request, priority, place, origin, created, ended)
             SELECT iif(n <= 10, 'queued', 'done'), '/a', 'a', '{}', 0, n, 'api', n, iif(n <= 10, NULL, n) FROM n;
             INSERT INTO history (job, at, state, words) SELECT id, 1, state, '' FROM jobs;",
        )
        .unwrap();
    drop(store);
    let store = open(&folder);
    let counts = store.counts().unwrap();
    assert_eq!(i64::from(counts[&State::Done]), KEPT);
    assert_eq!(counts[&State::Queued], 10);
    assert!(store.get(20).is_err() && store.get(21).is_ok());
    let lines: i64 = store
        .connection()
        .query_row("SELECT count(*) FROM history", [], |row| row.get(0))
        .unwrap();
    assert_eq!(lines, KEPT + 10);
}
