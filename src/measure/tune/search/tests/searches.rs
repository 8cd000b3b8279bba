//! What searches promise, one by one.

use std::collections::BTreeSet;

use super::{Domain, Method, Trial, choice, number, of, run, search, space, switch};
use crate::measure::tune::search::SearchError;

const METHODS: [Method; 3] = [Method::Tpe, Method::CmaEs, Method::Grid];

#[test]
fn the_first_trial_has_the_defaults() {
    // Even if they are not on a step.
    let mut width = number("width", 0.0, 1.0, 0.123_456_789);
    if let Domain::Number { step, .. } = &mut width.domain {
        *step = Some(0.25);
    }
    for method in METHODS {
        let first = search(&space([width.clone()]), method, 1, 3).ask().unwrap();
        assert_eq!(first.number, 0);
        assert_eq!(of(&first.values, "width"), 0.123_456_789);
    }
}

#[test]
fn it_ends_when_all_was_tried() {
    let space = space([switch("a"), switch("b"), choice("c", &["x", "y", "z"])]);
    assert_eq!(space.count(), Some(12));
    for seed in 0..20 {
        let trials = run(&mut search(&space, Method::Tpe, seed, 100), |_| 0.0);
        assert_eq!(trials.len(), 12);
    }
}

#[test]
fn it_ends_after_its_trials() {
    let space = space([number("a", 0.0, 1.0, 0.5)]);
    for method in METHODS {
        let trials = run(&mut search(&space, method, 3, 7), |values| of(values, "a"));
        let numbers: Vec<_> = trials.iter().map(|(trial, _)| trial.number).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6], "{method:?}");
    }
}

#[test]
fn what_failed_is_never_the_best() {
    let space = space([number("a", 0.0, 1.0, 0.5), number("b", 0.0, 1.0, 0.5)]);
    for method in METHODS {
        let mut search = search(&space, method, 1, 40);
        // All above the diagonal fails, in all the ways there are.
        run(&mut search, |values| {
            let (a, b) = (of(values, "a"), of(values, "b"));
            match (a + b > 1.0, a > b) {
                (true, true) => f64::NAN,
                (true, false) => f64::INFINITY,
                (false, _) => a + b,
            }
        });
        let (best, score) = search.best().unwrap();
        assert!(of(&best.values, "a") + of(&best.values, "b") <= 1.0);
        assert!((0.5..=1.0).contains(&score), "{method:?}: {score}");
        assert!(search.told().any(|(_, score)| score.is_nan()));
        assert!(search.told().all(|(_, score)| !score.is_infinite()));
    }
}

#[test]
fn nothing_is_best_where_all_failed() {
    let space = space([number("a", 0.0, 1.0, 0.5), number("b", 0.0, 1.0, 0.5)]);
    for method in METHODS {
        let mut search = search(&space, method, 1, 40);
        assert!(run(&mut search, |_| f64::NAN).len() > 30);
        assert_eq!(search.best(), None);
    }
}

#[test]
fn of_equal_trials_the_first_is_best() {
    let mut search = search(&space([number("a", 0.0, 1.0, 0.5)]), Method::Tpe, 1, 5);
    run(&mut search, |_| 1.0);
    assert_eq!(search.best().unwrap().0.number, 0);
}

#[test]
fn a_search_can_be_made_longer() {
    let space = space([number("a", 0.0, 1.0, 0.5), number("b", 0.0, 1.0, 0.5)]);
    for method in [Method::Tpe, Method::CmaEs] {
        let score = |values: &_| of(values, "a") - of(values, "b");
        let short = run(&mut search(&space, method, 8, 20), score);
        let long = run(&mut search(&space, method, 8, 50), score);
        assert_eq!(short[..], long[..20]);
    }
}

#[test]
fn trials_can_be_asked_for_ahead() {
    let space = space([number("a", 0.0, 1.0, 0.5), number("b", 0.0, 1.0, 0.5)]);
    for method in METHODS {
        let mut search = search(&space, method, 4, 30);
        while let Some(first) = search.ask() {
            let second = search.ask();
            let trials = second.into_iter().chain([first]);
            for trial in trials {
                search.tell(trial.number, of(&trial.values, "a")).unwrap();
            }
        }
        assert!(search.told().count() >= 25);
        let values = search
            .told()
            .map(|(trial, _)| format!("{:?}", trial.values));
        assert_eq!(values.collect::<BTreeSet<_>>().len(), search.told().count());
    }
}

/// Journals are of use only as long as this holds: on each machine, and with each version of the crates.
#[test]
fn trials_stay_the_same() {
    let space = space([number("a", 0.0, 1.0, 0.5), number("b", 0.0, 1.0, 0.5)]);
    for (method, expected) in [
        (Method::Tpe, [(0.64, 0.248), (0.986, 0.0), (0.932, 0.011)]),
        (
            Method::CmaEs,
            [(0.624, 0.351), (0.536, 0.643), (0.968, 0.306)],
        ),
    ] {
        let score = |values: &_| of(values, "a") - of(values, "b").powi(2);
        let trials = run(&mut search(&space, method, 11, 40), score);
        let pair = |number: usize| {
            let values = &trials[number].0.values;
            (of(values, "a"), of(values, "b"))
        };
        assert_eq!([pair(1), pair(20), pair(39)], expected, "{method:?}");
    }
}

#[test]
fn a_journal_of_another_search_is_refused() {
    let space = space([number("a", 0.0, 1.0, 0.5)]);
    let journal = run(&mut search(&space, Method::Tpe, 1, 10), |values| {
        of(values, "a")
    });
    let pairs = || journal.iter().map(|(trial, score)| (trial, *score));
    let refused = search(&space, Method::Tpe, 2, 10).replay(pairs());
    assert_eq!(refused, Err(SearchError::OtherSearch { number: 1 }));
    let refused = search(&space, Method::Tpe, 1, 5).replay(pairs());
    assert_eq!(refused, Err(SearchError::OtherSearch { number: 5 }));
    assert_eq!(search(&space, Method::Tpe, 1, 10).replay(pairs()), Ok(()));
}

#[test]
fn a_trial_in_a_journal_is_plain() {
    let mut search = search(
        &space([number("a", 0.0, 8.0, 3.0), switch("b")]),
        Method::Tpe,
        1,
        2,
    );
    let trial = search.ask().unwrap();
    let json = serde_json::to_string(&trial).unwrap();
    assert_eq!(json, r#"{"number":0,"values":{"a":3,"b":false}}"#);
    assert_eq!(serde_json::from_str::<Trial>(&json).unwrap(), trial);
    assert_eq!(serde_json::to_string(&Method::CmaEs).unwrap(), "\"cma-es\"");
}
