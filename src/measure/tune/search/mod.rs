//! The search of `aquatint tune`: which values of the parameters of a style are tried next, and which were best.
//!
//! Nothing is rendered, printed or written here. The caller asks for a trial, renders and measures it, makes one number of what
//! it measured ([`Goals`]), and tells that number:
//!
//! ```text
//! let mut search = Search::new(space, Method::Tpe, seed, 60)?;
//! while let Some(trial) = search.ask() {
//!     let measured = render_and_measure(&trial.values);
//!     search.tell(trial.number, goals.score(&measured, &defaults))?;
//! }
//! let (trial, score) = search.best();
//! ```

mod cmaes;
mod domain;
mod eigen;
mod error;
mod goal;
mod grid;
mod pareto;
mod round;
mod sampling;
mod space;
mod tpe;
mod trials;
mod value;

#[cfg(test)]
mod tests;

pub use domain::Domain;
pub use error::{Result, SearchError};
pub use goal::{Aim, Better, Goal, Goals, Metric};
pub use pareto::front;
pub use space::{Parameter, Space};
pub use trials::{MAX_TRIALS, Method, Search, Trial};
pub use value::{Value, Values};
