//! A search: trials are asked for, and their scores are told.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::cmaes::CmaEs;
use super::error::{Result, SearchError};
use super::grid::Grid;
use super::sampling::{self, Generator};
use super::space::Space;
use super::tpe::Tpe;
use super::value::{Value, Values};

/// The most trials of a search.
pub const MAX_TRIALS: usize = 100_000;

/// How often a method is asked again for a point that was tried already, and how often chance is then.
const ATTEMPTS: usize = 100;

/// How the trials are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// A tree-structured Parzen estimator: for all kinds of parameters. Eleven trials are spread evenly, the others are near the
    /// best so far. It looks at each parameter alone.
    #[default]
    Tpe,
    /// An evolution strategy with a covariance matrix: for numbers only. It goes uphill from the defaults, and finds how
    /// parameters belong together.
    CmaEs,
    /// A grid: for few parameters. Its trials do not depend on scores.
    Grid,
}

/// Values that are to be tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// 0 for the defaults; then 1, 2 and so on.
    pub number: usize,
    /// The value of each parameter.
    pub values: Values,
}

/// The state of the method.
#[derive(Debug)]
enum State {
    Tpe(Tpe),
    CmaEs(CmaEs),
    Grid(Grid),
}

/// A search. With the same arguments and the same scores, told in the same order between the same questions, it asks for the
/// same trials, in each run and on each machine. (The logarithms and cosines of two systems may differ in the last bit; what
/// is tried is rounded to far fewer digits.) With TPE and CMA-ES the number of trials does not change which come first, so that
/// a search can be made longer.
#[derive(Debug)]
pub struct Search {
    space: Space,
    state: State,
    seed: u64,
    trials: usize,
    asked: Vec<(Trial, Option<f64>)>,
    /// What was asked for, as [`Space::key`] has it.
    tried: BTreeSet<Vec<String>>,
}

impl Search {
    /// A search of at most `trials` trials, the defaults included: 1 to [`MAX_TRIALS`].
    ///
    /// # Errors
    /// Those of [`Space::check`]; `Trials`; `NotANumber` for CMA-ES with a choice or a switch; `GridTooLarge`.
    pub fn new(space: Space, method: Method, seed: u64, trials: usize) -> Result<Self> {
        space.check()?;
        if !(1..=MAX_TRIALS).contains(&trials) {
            return Err(SearchError::Trials { trials });
        }
        let state = match method {
            Method::Tpe => State::Tpe(Tpe::new(&space, seed)),
            Method::CmaEs => {
                if let Some(other) = space
                    .parameters
                    .iter()
                    .find(|known| !known.domain.is_number())
                {
                    return Err(SearchError::NotANumber {
                        name: other.name.clone(),
                    });
                }
                let places = space
                    .parameters
                    .iter()
                    .map(|known| known.domain.place(&known.default));
                State::CmaEs(CmaEs::new(places.collect()))
            }
            Method::Grid => State::Grid(Grid::new(&space, trials - 1)?),
        };
        Ok(Self {
            space,
            state,
            seed,
            trials,
            asked: Vec::new(),
            tried: BTreeSet::new(),
        })
    }

    /// What is searched.
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// The next trial; `None` at the end. Trial 0 has the defaults, and no two trials the same values.
    ///
    /// The search ends after the number of trials that it was made for, or when there is nothing else to try: when all values
    /// were tried, all points of the grid were, or the method gave one that was tried already a hundred times (TPE: and chance a
    /// hundred times, too). Of CMA-ES, this means that it has found a place to the last digit.
    ///
    /// It may be called before the last trials were told; the method then knows less.
    pub fn ask(&mut self) -> Option<Trial> {
        let number = self.asked.len();
        if number >= self.trials
            || self
                .space
                .count()
                .is_some_and(|count| self.tried.len() > count)
        {
            return None;
        }
        let values = if number == 0 {
            self.space.defaults()
        } else {
            self.untried(number)?
        };
        self.tried.insert(self.space.key(&values));
        let trial = Trial { number, values };
        self.asked.push((trial.clone(), None));
        Some(trial)
    }

    /// Learns the score of a trial: the more, the better. A score that is not finite means that the trial failed: it is never
    /// the best, and counts as the worst.
    ///
    /// # Errors
    /// `NotAsked` and `ToldTwice`.
    pub fn tell(&mut self, number: usize, score: f64) -> Result<()> {
        let Some((trial, told)) = self.asked.get_mut(number) else {
            return Err(SearchError::NotAsked { number });
        };
        if told.is_some() {
            return Err(SearchError::ToldTwice { number });
        }
        let score = if score.is_finite() { score } else { f64::NAN };
        *told = Some(score);
        match &mut self.state {
            State::Tpe(method) => method.tell(&self.space, &trial.values, score),
            State::CmaEs(method) => method.tell(number, score),
            State::Grid(_) => {}
        }
        Ok(())
    }

    /// Goes on from a journal: asks for each of its trials and tells its score. The journal is of a search with the same
    /// arguments, except for the number of trials of TPE and CMA-ES; each trial of it was told before the next was asked for.
    ///
    /// # Errors
    /// `OtherSearch` for the first trial that this search would not have asked for; make another search then.
    pub fn replay<'a>(
        &mut self,
        journal: impl IntoIterator<Item = (&'a Trial, f64)>,
    ) -> Result<()> {
        for (trial, score) in journal {
            let number = trial.number;
            let same = self.ask().is_some_and(|asked| {
                let mut pairs = asked.values.iter().zip(&trial.values);
                asked.number == number
                    && asked.values.len() == trial.values.len()
                    && pairs.all(|(a, b)| a.0 == b.0 && Value::is_same(a.1, b.1))
            });
            if !same {
                return Err(SearchError::OtherSearch { number });
            }
            self.tell(number, score)?;
        }
        Ok(())
    }

    /// The trials that were told, in the order of their numbers, with their scores; not a number where the trial failed.
    pub fn told(&self) -> impl Iterator<Item = (&Trial, f64)> {
        self.asked
            .iter()
            .filter_map(|(trial, score)| Some((trial, (*score)?)))
    }

    /// The trial with the highest score, and that score; of equal ones, the first. `None` before one has succeeded.
    pub fn best(&self) -> Option<(&Trial, f64)> {
        let succeeded = self.told().filter(|(_, score)| !score.is_nan());
        succeeded.reduce(|best, next| if next.1 > best.1 { next } else { best })
    }

    /// Values for trial `number` that were not tried yet.
    fn untried(&mut self, number: usize) -> Option<Values> {
        let mut generator: Generator = sampling::generator(self.seed, number as u64);
        let mut attempt = 0;
        loop {
            let values =
                match &mut self.state {
                    State::Grid(method) => method.next(&self.space)?,
                    State::CmaEs(method) if attempt < ATTEMPTS => self
                        .space
                        .values_at(&method.propose(number, &mut generator)),
                    State::Tpe(method) if attempt < ATTEMPTS => self
                        .space
                        .values_at(&method.propose(&self.space, number, attempt, &mut generator)),
                    State::Tpe(_) if attempt < 2 * ATTEMPTS => self.space.values_at(
                        &sampling::uniform(&mut generator, self.space.parameters.len()),
                    ),
                    State::Tpe(_) | State::CmaEs(_) => return None,
                };
            if !self.tried.contains(&self.space.key(&values)) {
                return Some(values);
            }
            attempt += 1;
        }
    }
}
