//! Tests of grids.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::properties::spaces;
use super::{
    Domain, Method, Parameter, Search, Value, choice, number, of, run, search, space, switch,
};
use crate::measure::tune::search::SearchError;

#[test]
fn a_grid_has_its_corners_first() {
    let space = space([number("a", 0.0, 1.0, 0.5), number("b", -1.0, 1.0, 0.0)]);
    // The defaults are the point in the middle of a grid of 3 by 3.
    let trials = run(&mut search(&space, Method::Grid, 1, 10), |_| 0.0);
    assert_eq!(trials.len(), 9);
    let points: Vec<_> = trials
        .iter()
        .map(|(trial, _)| (of(&trial.values, "a"), of(&trial.values, "b")))
        .collect();
    assert_eq!(points[0], (0.5, 0.0));
    for corner in [(0.0, -1.0), (0.0, 1.0), (1.0, -1.0), (1.0, 1.0)] {
        assert!(points[1..5].contains(&corner), "{points:?}");
    }
}

#[test]
fn a_part_of_a_grid_is_spread() {
    let space = space([number("a", 0.0, 1.0, 0.0), number("b", 0.0, 1.0, 0.0)]);
    let trials = run(&mut search(&space, Method::Grid, 1, 122), |_| 0.0);
    assert_eq!(trials.len(), 121);
    // After a quarter of it, no point of the square is farther from a trial than two steps of the grid.
    for x in 0..=20 {
        for y in 0..=20 {
            let distance = |values: &super::Values| {
                (of(values, "a") - f64::from(x) / 20.0).hypot(of(values, "b") - f64::from(y) / 20.0)
            };
            let near = trials[..30]
                .iter()
                .map(|(trial, _)| distance(&trial.values));
            assert!(near.fold(f64::INFINITY, f64::min) < 0.2);
        }
    }
}

#[test]
fn a_grid_has_all_choices_and_both_ends() {
    let levels = Domain::Number {
        low: 1.0,
        high: 8.0,
        step: Some(3.0),
        integer: true,
        log: false,
    };
    let levels = Parameter {
        name: "levels".to_owned(),
        domain: levels,
        default: Value::Number(4.0),
    };
    let space = space([choice("brush", &["x", "y", "z"]), switch("grain"), levels]);
    let trials = run(&mut search(&space, Method::Grid, 1, 19), |_| 0.0);
    let values: BTreeSet<_> = trials
        .iter()
        .map(|(trial, _)| space.key(&trial.values).join(" "))
        .collect();
    // 3 brushes, 2 grains, and 1, 4 and 7 as levels; one of the 18 points are the defaults.
    assert_eq!(trials.len(), 18);
    assert_eq!(values.len(), 18);
    assert!(values.contains("z true 7") && values.contains("x false 1"));
}

#[test]
fn a_grid_that_does_not_fit_says_what_it_takes() {
    let space = space([
        choice("brush", &["x", "y", "z"]),
        switch("grain"),
        number("a", 0.0, 1.0, 0.5),
    ]);
    let error = Search::new(space.clone(), Method::Grid, 1, 12).unwrap_err();
    assert_eq!(
        error,
        SearchError::GridTooLarge {
            needed: 13,
            trials: 12
        }
    );
    assert!(error.advice().contains("give 13 trials or more"));
    assert_eq!(
        run(&mut search(&space, Method::Grid, 1, 13), |_| 0.0).len(),
        13
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_grid_fits_the_trials_and_has_two_values_of_each(space in spaces(), trials in 1_usize..200) {
        match Search::new(space.clone(), Method::Grid, 0, trials) {
            Ok(mut search) => {
                let tried = run(&mut search, |_| 0.0);
                prop_assert!(tried.len() <= trials);
                for parameter in &space.parameters {
                    let values: BTreeSet<_> = tried.iter().map(|(trial, _)| trial.values[&parameter.name].to_string()).collect();
                    let ends = parameter.domain.spread(2);
                    prop_assert!(ends.len() >= 2);
                    prop_assert!(ends.iter().all(|end| values.contains(&end.to_string())));
                }
            }
            Err(SearchError::GridTooLarge { needed, .. }) => {
                prop_assert!(needed > trials);
                if needed < 300 {
                    prop_assert!(Search::new(space, Method::Grid, 0, needed).is_ok());
                }
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}
