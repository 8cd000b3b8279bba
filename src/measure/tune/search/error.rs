//! What goes wrong with searches and goals.

use thiserror::Error;

use super::value::Value;
use crate::nearest::did_you_mean;

/// A failure: what failed, and what to do about it.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SearchError {
    /// A space without parameters.
    #[error("there is no parameter to search")]
    NoParameters,
    /// Two parameters of one name.
    #[error("the parameter {name} is there twice")]
    ParameterTwice { name: String },
    /// A range that cannot be searched.
    #[error("the range of {name} cannot be searched: {why}")]
    Range { name: String, why: String },
    /// A choice with fewer than two names, or with a name twice.
    #[error("{name} has no two different choices, or one of them twice")]
    Choices { name: String },
    /// A default outside the domain.
    #[error("the default of {name}, {value}, {why}")]
    Default {
        name: String,
        value: Value,
        why: String,
    },
    /// No trials, or more than can be kept.
    #[error("a search has 1 to {} trials, not {trials}", super::MAX_TRIALS)]
    Trials { trials: usize },
    /// CMA-ES is to search something that is no number.
    #[error("CMA-ES searches numbers only, and {name} is none")]
    NotANumber { name: String },
    /// The least grid has more points than there are trials.
    #[error("a grid over these parameters takes {needed} trials, and there are {trials}")]
    GridTooLarge { needed: usize, trials: usize },
    /// A score of a trial that was not asked for.
    #[error("trial {number} was not asked for")]
    NotAsked { number: usize },
    /// A second score of a trial.
    #[error("trial {number} has a score already")]
    ToldTwice { number: usize },
    /// A trial of a journal is not the one that this search asks for.
    #[error("trial {number} of the journal is not of this search")]
    OtherSearch { number: usize },
    /// A text without goals.
    #[error("there is no goal")]
    NoGoals { known: Vec<String> },
    /// A goal that names no metric.
    #[error("there is no metric {name:?}{}", did_you_mean(.nearest.as_deref()))]
    UnknownMetric {
        name: String,
        nearest: Option<String>,
        known: Vec<String>,
    },
    /// Two goals for one metric.
    #[error("the goal {name} is there twice")]
    GoalTwice { name: String },
    /// A weight that is no positive number.
    #[error("the weight of {name}, {text:?}, is no number above 0 and up to 1000000")]
    Weight { name: String, text: String },
    /// A target that is no number.
    #[error("the target of {name}, {text:?}, is no number")]
    Target { name: String, text: String },
    /// A metric whose scale is no positive number.
    #[error("the scale of the metric {name}, {scale}, is no positive number")]
    Scale { name: String, scale: f64 },
}

/// What searches give back.
pub type Result<T> = std::result::Result<T, SearchError>;

impl SearchError {
    /// What to do; may be empty.
    pub fn advice(&self) -> String {
        match self {
            Self::NoParameters => "name a parameter of the style".to_owned(),
            Self::ParameterTwice { name } => format!("leave one {name} out"),
            Self::Range { .. } => {
                "give a range from a lower to a higher number, with a step that is shorter than it".to_owned()
            }
            Self::Choices { .. } => "name two or more different choices, or leave it out".to_owned(),
            Self::Default { name, .. } => {
                format!("set {name} to a value that is searched, or widen its range")
            }
            Self::Trials { .. } => "give another number of trials".to_owned(),
            Self::NotANumber { name } => {
                format!("leave {name} out, or use TPE, which searches choices and switches, too")
            }
            Self::GridTooLarge { needed, .. } => {
                format!("give {needed} trials or more, search fewer parameters, or use TPE")
            }
            Self::NotAsked { .. } | Self::ToldTwice { .. } => {
                "this is a fault of the program; please report it with the command".to_owned()
            }
            Self::OtherSearch { .. } => {
                "give the parameters, ranges, goals, method and seed that the journal was made with, or start another journal"
                    .to_owned()
            }
            Self::NoGoals { known } | Self::UnknownMetric { known, .. } => {
                format!("the metrics are {}", known.join(", "))
            }
            Self::GoalTwice { name } => {
                format!("leave one {name} out; a weight makes it count for more, as in {name}:2")
            }
            Self::Weight { name, .. } => format!("a weight is written as in {name}:2"),
            Self::Target { name, .. } => format!("a target is written as in {name}=20, or {name}=20:2 with a weight"),
            Self::Scale { .. } => "this is a fault of the program; please report it".to_owned(),
        }
    }
}
