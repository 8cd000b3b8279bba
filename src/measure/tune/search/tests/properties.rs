//! What holds for all searches.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Domain, Method, Parameter, Search, Space, Trial, Value, Values, run};
use crate::measure::tune::search::SearchError;

/// Numbers of all kinds, with a default in the range.
fn numbers() -> impl Strategy<Value = (Domain, Value)> {
    let continuous = (
        -3_i32..4,
        1.0_f64..10.0,
        -50.0_f64..50.0,
        any::<bool>(),
        0.0_f64..=1.0,
    );
    let continuous = continuous.prop_map(|(power, width, low, log, part)| {
        let unit = 10_f64.powi(power);
        let low = if log {
            low.abs().max(0.1) * unit
        } else {
            low * unit
        };
        let high = low + width * unit;
        let domain = Domain::Number {
            low,
            high,
            step: None,
            integer: false,
            log,
        };
        (
            domain,
            Value::Number((low + part * (high - low)).clamp(low, high)),
        )
    });
    let steps = (
        -20_i32..20,
        1_i32..40,
        1_i32..5,
        any::<bool>(),
        any::<bool>(),
        0.0_f64..=1.0,
    );
    let steps = steps.prop_map(|(low, width, step, integer, log, part)| {
        let parts = if integer { 1.0 } else { 10.0 };
        let low = if log { low.abs().max(1) } else { low };
        let high = f64::from(low + width) / parts;
        let low = f64::from(low) / parts;
        let step = f64::from(step.min(width)) / parts;
        let step = (step <= high - low).then_some(step);
        let domain = Domain::Number {
            low,
            high,
            step,
            integer,
            log,
        };
        (
            domain,
            Value::Number((low + part * (high - low)).clamp(low, high)),
        )
    });
    prop_oneof![continuous, steps]
}

/// Domains of all kinds, with a default.
fn domains() -> impl Strategy<Value = (Domain, Value)> {
    let choices = (2_usize..6, any::<prop::sample::Index>()).prop_map(|(count, index)| {
        let names: Vec<String> = (0..count).map(|name| format!("c{name}")).collect();
        let default = Value::Choice(names[index.index(count)].clone());
        (Domain::Choice(names), default)
    });
    let switches = any::<bool>().prop_map(|on| (Domain::Switch, Value::Switch(on)));
    prop_oneof![3 => numbers(), 1 => choices, 1 => switches]
}

fn named(domains: Vec<(Domain, Value)>) -> Space {
    let parameters = domains
        .into_iter()
        .enumerate()
        .map(|(index, (domain, default))| Parameter {
            name: format!("p{index}"),
            domain,
            default,
        });
    Space {
        parameters: parameters.collect(),
    }
}

/// Spaces of one to four parameters.
pub(super) fn spaces() -> impl Strategy<Value = Space> {
    prop::collection::vec(domains(), 1..5).prop_map(named)
}

/// A space, and a method for it.
fn searches() -> impl Strategy<Value = (Space, Method)> {
    prop_oneof![
        2 => spaces().prop_map(|space| (space, Method::Tpe)),
        2 => prop::collection::vec(numbers(), 1..5).prop_map(|domains| (named(domains), Method::CmaEs)),
        1 => spaces().prop_map(|space| (space, Method::Grid)),
    ]
}

/// A search, where there is one: a grid may be too large.
fn made(space: &Space, method: Method, seed: u64, trials: usize) -> Option<Search> {
    match Search::new(space.clone(), method, seed, trials) {
        Err(SearchError::GridTooLarge { .. }) => None,
        made => Some(made.unwrap()),
    }
}

/// A score that is different for nearly all values, and sometimes fails.
fn score(values: &Values) -> f64 {
    let numbers = values.values().map(|value| match value {
        Value::Number(number) => (number * 1.7).sin() - number.abs().sqrt() / 3.0,
        Value::Choice(name) => name.len() as f64 / 10.0 + f64::from(name.as_bytes()[1]) / 50.0,
        Value::Switch(on) => f64::from(u8::from(*on)),
    });
    let sum: f64 = numbers.sum();
    if (10.0 * sum).fract().abs() > 0.9 {
        f64::NAN
    } else {
        sum
    }
}

/// Whether a number has at most four significant digits of `width`, and can be written in few letters.
fn is_round(number: f64, width: f64) -> bool {
    let unit = 10_f64.powf(width.log10().floor() - 3.0);
    let rest = (number / unit).fract().abs();
    !(1e-6..=1.0 - 1e-6).contains(&rest)
}

fn check(domain: &Domain, value: &Value) {
    assert_eq!(domain.refuses(value), None, "{value} in {domain:?}");
    let (
        Domain::Number {
            low,
            high,
            step,
            integer,
            log,
        },
        Value::Number(number),
    ) = (domain, value)
    else {
        return;
    };
    let step = step.or(integer.then_some(1.0));
    let is_end = number == low || number == high;
    match step {
        Some(step) => {
            let steps = (number - low) / step;
            assert!(
                (steps - steps.round()).abs() < 1e-6,
                "{number} in {domain:?}"
            );
            assert!(value.to_string().len() < 9, "{number} in {domain:?}");
        }
        None if *log => assert!(
            is_end || is_round(*number, number.min(high - low)),
            "{number} in {domain:?}"
        ),
        None => assert!(
            is_end || is_round(*number, high - low),
            "{number} in {domain:?}"
        ),
    }
    assert!(!integer || number.fract() == 0.0, "{number} in {domain:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn trials_are_in_their_domains_and_different((space, method) in searches(), seed: u64, trials in 1_usize..60) {
        let Some(mut search) = made(&space, method, seed, trials) else { return Ok(()) };
        let tried = run(&mut search, score);
        prop_assert!((1..=trials).contains(&tried.len()));
        prop_assert_eq!(&tried[0].0.values, &space.defaults());
        for (trial, _) in &tried[1..] {
            prop_assert_eq!(trial.values.len(), space.parameters.len());
            for parameter in &space.parameters {
                check(&parameter.domain, &trial.values[&parameter.name]);
            }
        }
        let different: BTreeSet<_> = tried.iter().map(|(trial, _)| space.key(&trial.values)).collect();
        prop_assert_eq!(different.len(), tried.len());
    }

    #[test]
    fn a_search_that_was_interrupted_goes_on_as_it_would_have(
        (space, method) in searches(), seed: u64, trials in 1_usize..60, told in 0_usize..60, open: bool,
    ) {
        let Some(mut whole) = made(&space, method, seed, trials) else { return Ok(()) };
        let whole = run(&mut whole, score);
        let told = told.min(whole.len());
        // As a file: scores that are no number are null in JSON.
        let lines: Vec<String> = whole[..told].iter().map(|pair| serde_json::to_string(pair).unwrap()).collect();
        let journal: Vec<(Trial, Option<f64>)> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut again = made(&space, method, seed, trials).unwrap();
        again.replay(journal.iter().map(|(trial, score)| (trial, score.unwrap_or(f64::NAN)))).unwrap();
        prop_assert_eq!(again.told().count(), told);
        if open {
            // The trial that was under way has no score in the journal.
            let next = again.ask();
            prop_assert_eq!(next.as_ref(), whole.get(told).map(|(trial, _)| trial));
            if let Some(next) = next {
                again.tell(next.number, score(&next.values)).unwrap();
            }
        }
        let rest = run(&mut again, score);
        let start = whole.len() - rest.len();
        prop_assert_eq!(start, (told + usize::from(open)).min(whole.len()));
        for (a, b) in rest.iter().zip(&whole[start..]) {
            prop_assert_eq!(&a.0, &b.0);
        }
    }

    #[test]
    fn no_range_is_too_much(
        low in prop::num::f64::ANY, high in prop::num::f64::ANY, step in prop::option::of(prop::num::f64::ANY),
        integer: bool, log: bool, seed: u64,
    ) {
        let domain = Domain::Number { low, high, step, integer, log };
        let parameter = Parameter { name: "p".to_owned(), domain: domain.clone(), default: Value::Number(low) };
        let space = Space { parameters: vec![parameter] };
        for method in [Method::Tpe, Method::CmaEs, Method::Grid] {
            let Ok(mut search) = Search::new(space.clone(), method, seed, 20) else { continue };
            let tried = run(&mut search, score);
            prop_assert!(tried.len() > 1, "{:?}", domain);
            for (trial, _) in tried {
                prop_assert_eq!(domain.refuses(&trial.values["p"]), None);
            }
        }
    }
}
