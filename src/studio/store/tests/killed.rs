//! Processes that are killed while they write, and several at once. They are this test program again, with a variable.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::super::{State, Store};
use super::{job, open};

/// What the child is to do, and the file, with a line between them.
const VARIABLE: &str = "AQUATINT_TEST_STORE_CHILD";

/// Not a test by itself: what the children of the others do.
#[test]
fn child() {
    let Ok(task) = std::env::var(VARIABLE) else {
        return;
    };
    let (act, path) = task.split_once('\n').unwrap();
    let store = Store::open(Path::new(path)).unwrap().store;
    match act {
        "change" => change(&store),
        "take" => take(&store),
        other => panic!("{other}"),
    }
}

/// Adds jobs and changes their states without an end, and tells each change after it was made.
fn change(store: &Store) {
    loop {
        let id = store.add_jobs(&[job("a.mp4")], None).unwrap().ids[0];
        tell(&format!("{id} queued"));
        for to in [
            State::Running,
            State::Pausing,
            State::Paused,
            State::Queued,
            State::Running,
            State::Done,
        ] {
            assert!(store.set_state(id, &State::ALL, to, "").unwrap());
            tell(&format!("{id} {to}"));
        }
    }
}

/// Adds 30 jobs, then takes jobs from the queue until there are none.
fn take(store: &Store) {
    for _ in 0..30 {
        store.add_jobs(&[job("a.mp4")], None).unwrap();
    }
    while let Some(job) = store.take_next("", |_| true).unwrap() {
        assert_eq!(job.state, State::Running);
        tell(&format!("{} running", job.id));
    }
}

/// The line stands out from what the test program itself prints.
fn tell(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "\ntold: {line}")
        .and_then(|()| out.flush())
        .unwrap();
}

fn start(act: &str, path: &Path) -> Child {
    // The name of the test within its crate, wherever this module is.
    let (_, module) = module_path!().split_once("::").unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args([
            &format!("{module}::child"),
            "--exact",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(VARIABLE, format!("{act}\n{}", path.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// What the child tells: jobs and their new states.
fn told(child: &mut Child) -> impl Iterator<Item = (i64, State)> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.map_while(Result::ok).filter_map(|line| {
        let (id, state) = line.strip_prefix("told: ")?.split_once(' ')?;
        Some((id.parse().ok()?, State::of_name(state)?))
    })
}

#[test]
fn what_was_told_before_a_kill_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut all: BTreeMap<i64, Vec<State>> = BTreeMap::new();
    for round in 0..10 {
        let mut child = start("change", &folder.path().join("queue.db"));
        let mut lines = told(&mut child);
        let mut keep = |(id, state)| all.entry(id).or_default().push(state);
        // At another moment in each round.
        lines.by_ref().take(5 + 7 * round).for_each(&mut keep);
        child.kill().unwrap();
        lines.for_each(&mut keep);
        child.wait().unwrap();
        let store = open(&folder);
        let sound: String = store
            .connection()
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(sound, "ok");
        for (id, states) in &all {
            let history: Vec<State> = store
                .history(*id)
                .unwrap()
                .into_iter()
                .map(|event| event.state)
                .collect();
            assert!(history.starts_with(states), "{history:?} {states:?}");
            // One more may have been made before it was told.
            assert!(history.len() <= states.len() + 1);
            assert_eq!(history.last(), Some(&store.get(*id).unwrap().state));
        }
    }
    assert!(all.values().map(Vec::len).sum::<usize>() >= 10 * 5);
}

#[test]
fn two_processes_take_each_job_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let mut children = [(); 2].map(|()| start("take", &path));
    let mut taken = BTreeSet::new();
    for child in &mut children {
        for (id, _) in told(child) {
            assert!(taken.insert(id), "job {id} was taken twice");
        }
    }
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(taken.len(), 60);
    let counts = open(&folder).counts().unwrap();
    assert_eq!(counts[&State::Running], 60);
}

#[test]
fn threads_share_a_store() {
    let (_folder, store) = super::store();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    store.add_jobs(&[job("a.mp4")], None).unwrap();
                }
            });
        }
    });
    assert_eq!(store.queue().unwrap().len(), 80);
}
