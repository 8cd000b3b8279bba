//! The parameters that are searched.

use std::collections::BTreeSet;

use super::domain::Domain;
use super::error::{Result, SearchError};
use super::value::{Value, Values};

/// The most steps of a number. More are no different from none, and could not be counted.
const MAX_STEPS: f64 = 1e9;

/// A parameter of a style.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name, which no other parameter of the space has.
    pub name: String,
    /// The values that are tried.
    pub domain: Domain,
    /// Its value in trial 0; it is in the domain, but need not be on a step of it.
    pub default: Value,
}

/// The parameters that are searched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Space {
    /// One or more; their order is part of what decides the trials.
    pub parameters: Vec<Parameter>,
}

impl Space {
    /// The values of all parameters when nothing was searched.
    pub fn defaults(&self) -> Values {
        self.named(self.parameters.iter().map(|known| known.default.clone()))
    }

    /// How many combinations of values there are to try; `None` where a number has no steps, or where they are too many to be
    /// counted.
    pub fn count(&self) -> Option<usize> {
        self.parameters.iter().try_fold(1_usize, |count, known| {
            count.checked_mul(known.domain.count()?)
        })
    }

    /// Checks that it can be searched.
    ///
    /// # Errors
    /// `NoParameters`; `ParameterTwice`; `Range`, `Choices` and `Default` of the first parameter that is wrong.
    pub fn check(&self) -> Result<()> {
        if self.parameters.is_empty() {
            return Err(SearchError::NoParameters);
        }
        let mut names = BTreeSet::new();
        for parameter in &self.parameters {
            let name = || parameter.name.clone();
            if !names.insert(&parameter.name) {
                return Err(SearchError::ParameterTwice { name: name() });
            }
            if let Some(why) = wrong_range(&parameter.domain) {
                return Err(SearchError::Range { name: name(), why });
            }
            if let Domain::Choice(choices) = &parameter.domain
                && (choices.len() < 2
                    || choices.iter().collect::<BTreeSet<_>>().len() < choices.len())
            {
                return Err(SearchError::Choices { name: name() });
            }
            if let Some(why) = parameter.domain.refuses(&parameter.default) {
                return Err(SearchError::Default {
                    name: name(),
                    value: parameter.default.clone(),
                    why,
                });
            }
        }
        Ok(())
    }

    /// The values at `point`, which has a place of 0 to 1 for each parameter.
    pub(super) fn values_at(&self, point: &[f64]) -> Values {
        let places = self.parameters.iter().zip(point);
        self.named(places.map(|(known, place)| known.domain.at(*place)))
    }

    /// `values`, which are in the order of the parameters, by name.
    pub(super) fn named(&self, values: impl IntoIterator<Item = Value>) -> Values {
        let names = self.parameters.iter().map(|known| known.name.clone());
        names.zip(values).collect()
    }

    /// What distinguishes `values` from others.
    pub(super) fn key(&self, values: &Values) -> Vec<String> {
        let values = self.parameters.iter().map(|known| values.get(&known.name));
        values
            .map(|value| value.map_or_else(String::new, Value::to_string))
            .collect()
    }
}

/// What is wrong with the range of a number, if something is.
fn wrong_range(domain: &Domain) -> Option<String> {
    let Domain::Number {
        low,
        high,
        step,
        integer,
        log,
    } = domain
    else {
        return None;
    };
    if !(high - low).is_finite() || low >= high {
        return Some(format!("from {low} to {high} there is nothing to search"));
    }
    if *log && *low <= 0.0 {
        return Some(format!("ratios start above 0, not at {low}"));
    }
    if let Some(step) = step
        && !(*step > 0.0 && *step <= high - low)
    {
        return Some(format!(
            "a step of {step} is not between 0 and {}",
            high - low
        ));
    }
    let distance = step.or(integer.then_some(1.0));
    if distance.is_some_and(|distance| (high - low) / distance > MAX_STEPS) {
        return Some(format!("it has more than {MAX_STEPS} steps"));
    }
    let whole = [Some(*low), Some(*high), *step];
    let broken = whole.into_iter().flatten().find(|end| end.fract() != 0.0);
    match broken {
        Some(broken) if *integer => Some(format!("{broken} is no whole number")),
        _ => None,
    }
}
