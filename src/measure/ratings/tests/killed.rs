use std::collections::BTreeSet;
use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::super::Ratings;
use super::{AT, output, place};

/// The file that the child writes to.
const FILE: &str = "RATINGS_TEST_FILE";
/// In whose name it rates.
const RATER: &str = "RATINGS_TEST_RATER";

/// This test program as another process that rates until it is killed. After each rating that was acknowledged, it
/// appends the id to the file `RATER.ids` beside the ratings.
fn child(path: &Path, rater: &str) -> Child {
    let module = module_path!().split_once("::").unwrap().1;
    Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "--ignored",
            &format!("{module}::rate_until_killed"),
        ])
        .env(FILE, path)
        .env(RATER, rater)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "it is the other process of the tests beside it, and never ends as such"]
fn rate_until_killed() {
    let (Some(path), Ok(rater)) = (env::var_os(FILE), env::var(RATER)) else {
        return;
    };
    let path = Path::new(&path);
    let ratings = Ratings::open(path).unwrap();
    let mut ids = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path.with_file_name(format!("{rater}.ids")))
        .unwrap();
    // The parent kills it long before; alone, it ends.
    let end = Instant::now() + Duration::from_secs(60);
    for n in 1.. {
        let id = ratings.add_output(&output(n)).unwrap();
        let id = ratings.rate(id, 4, Some(&rater), &rater, AT).unwrap();
        ids.write_all(format!("{id}\n").as_bytes()).unwrap();
        if Instant::now() > end {
            break;
        }
    }
}

/// The ratings that the child acknowledged.
fn acknowledged(path: &Path, rater: &str) -> Vec<i64> {
    let text = fs::read_to_string(path.with_file_name(format!("{rater}.ids"))).unwrap_or_default();
    let whole = text
        .split_inclusive('\n')
        .filter_map(|line| line.strip_suffix('\n'));
    whole.map(|line| line.parse().unwrap()).collect()
}

/// Waits until each child has acknowledged `count` ratings.
fn wait(path: &Path, raters: &[&str], count: usize) {
    let end = Instant::now() + Duration::from_secs(50);
    while raters
        .iter()
        .any(|rater| acknowledged(path, rater).len() < count)
    {
        assert!(Instant::now() < end, "the children do not write");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_writing_processes_are_killed() {
    let (_folder, path) = place();
    let raters = ["me", "you"];
    for round in 1..=6 {
        let mut children = raters.map(|rater| child(&path, rater));
        // From the second round on, the first one has left its journal behind. Each round is cut at another point.
        wait(&path, &raters, round * 15);
        thread::sleep(Duration::from_micros(700 * round as u64));
        for one in &mut children {
            one.kill().unwrap();
        }
        for one in &mut children {
            assert!(!one.wait().unwrap().success(), "it was killed, not done");
        }
        let ratings = Ratings::open(&path).unwrap();
        let check: String = ratings
            .connection
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(check, "ok");
        let mut statement = ratings
            .connection
            .prepare("SELECT id FROM ratings WHERE rater = ?1 AND note = ?1 AND stars = 4")
            .unwrap();
        for rater in raters {
            let there: BTreeSet<i64> = statement
                .query_map([rater], |row| row.get(0))
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap();
            let ids = acknowledged(&path, rater);
            assert!(ids.len() >= round * 15);
            assert!(ids.iter().all(|id| there.contains(id)), "a rating is lost");
            // A rating may be written and its process killed before it could say so: one for each round.
            assert!(there.len() <= ids.len() + round);
        }
    }
}
