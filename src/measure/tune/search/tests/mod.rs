//! Tests of whole searches.

mod goals;
mod grids;
mod properties;
mod quality;
mod refusals;
mod searches;

use super::{Domain, Method, Parameter, Search, Space, Trial, Value, Values};

/// A number without steps.
fn number(name: &str, low: f64, high: f64, default: f64) -> Parameter {
    let domain = Domain::Number {
        low,
        high,
        step: None,
        integer: false,
        log: false,
    };
    Parameter {
        name: name.to_owned(),
        domain,
        default: Value::Number(default),
    }
}

/// A choice, with the first name as the default.
fn choice(name: &str, names: &[&str]) -> Parameter {
    Parameter {
        name: name.to_owned(),
        domain: Domain::Choice(names.iter().map(|name| (*name).to_owned()).collect()),
        default: Value::Choice(names[0].to_owned()),
    }
}

/// A switch that is off.
fn switch(name: &str) -> Parameter {
    Parameter {
        name: name.to_owned(),
        domain: Domain::Switch,
        default: Value::Switch(false),
    }
}

fn space(parameters: impl Into<Vec<Parameter>>) -> Space {
    Space {
        parameters: parameters.into(),
    }
}

/// The number of this name.
fn of(values: &Values, name: &str) -> f64 {
    match values[name] {
        Value::Number(number) => number,
        _ => f64::NAN,
    }
}

/// Runs a search to its end; the trials with their scores.
fn run(search: &mut Search, score: impl Fn(&Values) -> f64) -> Vec<(Trial, f64)> {
    let mut trials = Vec::new();
    while let Some(trial) = search.ask() {
        let score = score(&trial.values);
        search.tell(trial.number, score).unwrap();
        trials.push((trial, score));
    }
    trials
}

/// A search that can be made.
fn search(space: &Space, method: Method, seed: u64, trials: usize) -> Search {
    Search::new(space.clone(), method, seed, trials).unwrap()
}
