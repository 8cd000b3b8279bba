//! What cannot be searched, and what is said about it.

use super::{Domain, Method, Search, Value, choice, number, search, space, switch};
use crate::measure::tune::search::{MAX_TRIALS, SearchError};

#[test]
fn faults_of_the_caller_are_told() {
    let mut search = search(&space([switch("a")]), Method::Tpe, 1, 2);
    assert_eq!(
        search.tell(0, 1.0),
        Err(SearchError::NotAsked { number: 0 })
    );
    search.ask();
    search.tell(0, 1.0).unwrap();
    assert_eq!(
        search.tell(0, 1.0),
        Err(SearchError::ToldTwice { number: 0 })
    );
}

/// Why a search with TPE over these parameters cannot be made.
fn refused(parameters: impl Into<Vec<super::Parameter>>) -> SearchError {
    Search::new(space(parameters), Method::Tpe, 1, 9).unwrap_err()
}

#[test]
fn spaces_that_cannot_be_searched_are_refused() {
    assert_eq!(refused([]), SearchError::NoParameters);
    let twice = refused([switch("a"), number("a", 0.0, 1.0, 0.0)]);
    assert_eq!(
        twice,
        SearchError::ParameterTwice {
            name: "a".to_owned()
        }
    );
    for names in [&["x"][..], &["x", "y", "x"]] {
        assert!(matches!(
            refused([choice("a", names)]),
            SearchError::Choices { .. }
        ));
    }
    let mut ranges = vec![
        number("a", 1.0, 1.0, 1.0),
        number("a", 2.0, 1.0, 1.0),
        number("a", f64::NAN, 1.0, 1.0),
        number("a", 0.0, f64::INFINITY, 1.0),
        number("a", -f64::MAX, f64::MAX, 1.0),
    ];
    for (step, integer, log) in [
        (Some(0.0), false, false),
        (Some(-1.0), false, false),
        (Some(f64::NAN), false, false),
        (Some(9.0), false, false),
        (Some(0.5), true, false),
        (None, false, true),
        (Some(1e-9), false, false),
    ] {
        let domain = Domain::Number {
            low: 0.0,
            high: 8.0,
            step,
            integer,
            log,
        };
        ranges.push(super::Parameter {
            domain,
            ..number("a", 0.0, 8.0, 0.0)
        });
    }
    for range in ranges {
        let error = refused([range.clone()]);
        assert!(
            matches!(error, SearchError::Range { .. }),
            "{range:?}: {error}"
        );
        assert!(!error.advice().is_empty());
    }
    let mut wrong = choice("a", &["x", "y"]);
    wrong.default = Value::Choice("z".to_owned());
    let error = refused([wrong]);
    assert_eq!(error.to_string(), "the default of a, z, is none of x, y");
    let error = refused([number("a", 0.0, 1.0, 1.5)]);
    assert_eq!(error.to_string(), "the default of a, 1.5, is not in 0 to 1");
}

#[test]
fn arguments_that_cannot_be_used_are_refused() {
    let two = space([number("a", 0.0, 1.0, 0.5), choice("brush", &["x", "y"])]);
    for trials in [0, MAX_TRIALS + 1] {
        let error = Search::new(two.clone(), Method::Tpe, 1, trials).unwrap_err();
        assert_eq!(error, SearchError::Trials { trials });
    }
    let error = Search::new(two, Method::CmaEs, 1, 9).unwrap_err();
    assert_eq!(
        error.to_string(),
        "CMA-ES searches numbers only, and brush is none"
    );
    assert!(error.advice().contains("leave brush out, or use TPE"));
}
