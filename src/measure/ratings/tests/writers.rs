use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::super::{Ratings, RatingsError};
use super::{AT, output, place, with_outputs};

/// Ratings and preferences of each writer.
const EACH: u64 = 40;

/// Adds outputs that all writers add, and rates and compares them in its own name.
fn write(ratings: &Ratings, rater: &str) {
    for n in 1..=EACH {
        let first = ratings.add_output(&output(n)).unwrap();
        let second = ratings.add_output(&output(n + 1)).unwrap();
        ratings.rate(first, 3, None, rater, AT).unwrap();
        ratings
            .prefer(first, second, false, None, rater, AT)
            .unwrap();
    }
}

#[test]
fn two_writers_at_once_lose_nothing() {
    let (_folder, path) = place();
    thread::scope(|scope| {
        for rater in ["me", "you"] {
            let path = &path;
            scope.spawn(move || write(&Ratings::open(path).unwrap(), rater));
        }
    });
    let ratings = Ratings::open(&path).unwrap();
    let outputs = ratings.outputs().unwrap();
    assert_eq!(outputs.len() as u64, EACH + 1, "each output once");
    let rated: BTreeSet<_> = ratings
        .latest_ratings()
        .unwrap()
        .into_iter()
        .map(|one| (one.rater, one.output))
        .collect();
    assert_eq!(rated.len() as u64, 2 * EACH);
    assert_eq!(ratings.preferences().unwrap().len() as u64, 2 * EACH);
}

#[test]
fn many_may_create_the_same_file_at_once() {
    for _ in 0..10 {
        let (_folder, path) = place();
        thread::scope(|scope| {
            for n in 1..=8 {
                let path = &path;
                scope.spawn(move || Ratings::open(path).unwrap().add_output(&output(n)).unwrap());
            }
        });
        assert_eq!(Ratings::open(&path).unwrap().outputs().unwrap().len(), 8);
    }
}

#[test]
fn a_reader_sees_one_moment_while_another_writes() {
    let (_folder, path) = place();
    Ratings::open(&path).unwrap();
    thread::scope(|scope| {
        let writer = scope.spawn(|| write(&Ratings::open(&path).unwrap(), "me"));
        let reader = Ratings::open(&path).unwrap();
        while !writer.is_finished() {
            // A rating of an output that is not there yet would be an error.
            reader.export(&mut Vec::new()).unwrap();
        }
    });
}

#[test]
fn a_file_that_another_program_keeps_locked_is_said_to_be_in_use() {
    let (_folder, ratings) = with_outputs(1);
    let other = Ratings::open(ratings.path()).unwrap();
    other.connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    ratings
        .connection
        .busy_timeout(Duration::from_millis(20))
        .unwrap();
    let error = ratings.rate(1, 3, None, "me", AT).unwrap_err();
    assert!(matches!(error, RatingsError::Busy { .. }), "{error:?}");
    // To read and to open it, nobody has to wait.
    assert_eq!(
        Ratings::open(ratings.path())
            .unwrap()
            .outputs()
            .unwrap()
            .len(),
        1
    );
    other.connection.execute_batch("COMMIT").unwrap();
    ratings.rate(1, 3, None, "me", AT).unwrap();
}

#[test]
fn a_rating_gets_its_turn_while_another_writes_all_the_time_to_a_slow_disk() {
    let (_folder, ratings) = with_outputs(1);
    let (path, done) = (ratings.path().to_path_buf(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let other = Ratings::open(&path).unwrap();
            while !done.load(Ordering::Relaxed) {
                let slow = other.write(|connection| {
                    connection
                        .execute_batch("BEGIN IMMEDIATE; UPDATE outputs SET style = 'ink'")?;
                    thread::sleep(Duration::from_millis(50));
                    connection.execute_batch("COMMIT")
                });
                slow.unwrap();
            }
        });
        for n in 0..10 {
            let rated = ratings.rate(1, 3, None, "me", AT + n);
            // The other thread ends before a failure is reported.
            done.store(rated.is_err() || n == 9, Ordering::Relaxed);
            rated.unwrap();
        }
    });
}
