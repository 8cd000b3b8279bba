//! Tests of the queue's file.

mod damaged;
mod jobs;
mod killed;
mod model;
mod order;
mod others;
mod states;

use serde_json::json;
use tempfile::TempDir;

use super::{NewJob, State, Store};

/// A store in a folder of its own.
fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    (folder, store)
}

/// The store in `folder`, without warnings.
fn open(folder: &TempDir) -> Store {
    let opened = Store::open(&folder.path().join("queue.db")).unwrap();
    assert_eq!(opened.warnings, Vec::<String>::new());
    opened.store
}

/// A job of the input `name`.
fn job(name: &str) -> NewJob {
    NewJob {
        input: format!("/videos/{name}"),
        file: format!("videos/{name}"),
        request: json!({"style": "pencil", "crf": 18}),
        output: json!(null),
        priority: 0,
        origin: "studio".to_owned(),
        paused: false,
    }
}

/// Adds one job.
fn add(store: &Store) -> i64 {
    store.add_jobs(&[job("a.mp4")], None).unwrap().ids[0]
}

/// Adds one job and brings it to `state`.
fn add_in(store: &Store, state: State) -> i64 {
    use State::{Cancelled, Cancelling, Done, Failed, Paused, Pausing, Queued, Running};
    let id = add(store);
    let way: &[State] = match state {
        Queued => &[],
        Running => &[Running],
        Pausing => &[Running, Pausing],
        Paused => &[Paused],
        Cancelling => &[Running, Cancelling],
        Done => &[Running, Done],
        Failed => &[Running, Failed],
        Cancelled => &[Cancelled],
    };
    for to in way {
        assert!(store.set_state(id, &State::ALL, *to, "").unwrap());
    }
    id
}
