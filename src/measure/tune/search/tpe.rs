//! Search with a tree-structured Parzen estimator.
//!
//! Bergstra, Bardenet, Bengio and Kégl 2011, "Algorithms for Hyper-Parameter Optimization", as the crate `tpe` has it: for each
//! parameter, one density of the values of the best trials and one of the others; the value that is tried next is, of some drawn
//! from the first, the one where the first is greatest in relation to the second.

use tpe::density_estimation::DefaultEstimatorBuilder;
use tpe::{TpeOptimizer, TpeOptimizerBuilder};

use super::domain::Domain;
use super::sampling::{self, Generator};
use super::space::Space;
use super::value::Values;

/// Trials after the first that are spread evenly: there is nothing yet to learn from.
const START: usize = 10;

/// The part of the trials that are the best ones.
const BEST: f64 = 0.2;

/// Values that are drawn for each parameter, of which one is tried.
const CANDIDATES: usize = 12;

/// The number of the generator of the start, which no trial has.
const START_GENERATOR: u64 = u64::MAX;

/// The state of the method.
#[derive(Debug)]
pub(super) struct Tpe {
    /// One for each parameter of the space: the method looks at each alone.
    parameters: Vec<TpeOptimizer>,
    /// The points of the first trials after trial 0.
    start: Vec<Vec<f64>>,
}

impl Tpe {
    /// For a space that was checked.
    pub(super) fn new(space: &Space, seed: u64) -> Self {
        let mut generator = sampling::generator(seed, START_GENERATOR);
        Self {
            parameters: space
                .parameters
                .iter()
                .map(|known| optimizer(&known.domain))
                .collect(),
            start: sampling::latin(&mut generator, START, space.parameters.len()),
        }
    }

    /// A point for trial `number`, 1 or more; `attempt` counts those that were refused.
    pub(super) fn propose(
        &mut self,
        space: &Space,
        number: usize,
        attempt: usize,
        generator: &mut Generator,
    ) -> Vec<f64> {
        match self.start.get(number.saturating_sub(1)) {
            Some(point) if attempt == 0 => return point.clone(),
            Some(_) => return sampling::uniform(generator, space.parameters.len()),
            None => {}
        }
        let parameters = self.parameters.iter_mut().zip(&space.parameters);
        parameters
            .map(|(optimizer, known)| {
                let Ok(place) = optimizer.ask(generator);
                match categories(&known.domain) {
                    Some(count) => (place + 0.5) / count as f64,
                    None => place,
                }
            })
            .collect()
    }

    /// Learns that `values` had this score: the more, the better; not a number for trials that failed.
    pub(super) fn tell(&mut self, space: &Space, values: &Values, score: f64) {
        let loss = if score.is_nan() {
            f64::INFINITY
        } else {
            -score
        };
        for (optimizer, known) in self.parameters.iter_mut().zip(&space.parameters) {
            let Some(value) = values.get(&known.name) else {
                continue;
            };
            let place = match categories(&known.domain) {
                Some(_) => known.domain.index(value) as f64,
                None => known.domain.place(value).min(1.0_f64.next_down()),
            };
            let told = optimizer.tell(place, loss);
            debug_assert!(told.is_ok(), "{place} is in the range, and {loss} a number");
        }
    }
}

/// The number of values of a domain without an order.
fn categories(domain: &Domain) -> Option<usize> {
    domain.count().filter(|_| !domain.is_number())
}

/// The estimator for one parameter: places of 0 to 1, or the indexes of values without an order.
fn optimizer(domain: &Domain) -> TpeOptimizer<DefaultEstimatorBuilder> {
    let (estimator, range) = match categories(domain) {
        Some(count) => (tpe::histogram_estimator(), tpe::categorical_range(count)),
        None => (tpe::parzen_estimator(), tpe::range(0.0, 1.0)),
    };
    let range = range.expect("a checked space has no empty domain");
    TpeOptimizerBuilder::new()
        .gamma(BEST)
        .candidates(CANDIDATES)
        .build(estimator, range)
        .expect("the part of the best trials is in 0 to 1, and there are candidates")
}
