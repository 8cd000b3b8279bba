//! What a search is for, and the score of a trial.

use std::collections::BTreeMap;
use std::fmt;

use super::error::{Result, SearchError};
use crate::nearest::nearest;

/// No goal gains or loses more: one that is out of all proportion does not hide the others.
const MAX_GAIN: f64 = 10.0;

/// The greatest weight that can be typed.
const MAX_WEIGHT: f64 = 1e6;

/// In which direction a metric is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// As SSIM is.
    More,
    /// As flicker is.
    Less,
}

/// A metric that can be a goal.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its name, without `,`, `:` and `=`.
    pub name: String,
    /// The direction of a goal without a target.
    pub better: Better,
    /// A difference that a person calls clear, in the unit of the metric, above 0: 0.1 for SSIM. It is a gain of 1.
    pub scale: f64,
}

/// What is wanted of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aim {
    /// As much of it as possible, or as little.
    Better(Better),
    /// As near to this as possible, in the unit of the metric.
    Target(f64),
}

/// One of the [`Goals`].
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// The name of the metric.
    pub metric: String,
    /// What is wanted of it.
    pub aim: Aim,
    /// How much it counts, as it was typed: above 0.
    pub weight: f64,
    /// See [`Metric::scale`].
    pub scale: f64,
}

/// Goals, one for each of one or more metrics. Their text is `METRIC[=TARGET][:WEIGHT],...`: `ssim:2,flicker`, `sharpness=20`.
///
/// The score of a trial says how much better it is than the defaults (trial 0), which have a score of 0:
///
/// ```text
/// gain  = (v - d) / scale                more is better
///         (d - v) / scale                less is better
///         (|d - t| - |v - t|) / scale    the nearer to the target t, the better
/// score = sum of weight * gain / sum of weights
/// ```
///
/// `v` is what was measured of the trial, and `d` of the defaults. A gain is limited to -10 to 10. It depends on the trial and
/// the defaults alone: later trials do not change it.
#[derive(Clone, Debug, PartialEq)]
pub struct Goals {
    goals: Vec<Goal>,
}

impl Goals {
    /// Reads goals for these `metrics`; space around names and numbers does not count.
    ///
    /// # Errors
    /// `NoGoals`, `UnknownMetric`, `GoalTwice`, `Weight`, `Target` and `Scale`.
    pub fn parse(text: &str, metrics: &[Metric]) -> Result<Self> {
        let known = || metrics.iter().map(|metric| metric.name.clone()).collect();
        let mut goals: Vec<Goal> = Vec::new();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let goal = Goal::parse(part, metrics)?;
            if goals.iter().any(|other| other.metric == goal.metric) {
                return Err(SearchError::GoalTwice { name: goal.metric });
            }
            goals.push(goal);
        }
        if goals.is_empty() {
            return Err(SearchError::NoGoals { known: known() });
        }
        Ok(Self { goals })
    }

    /// The goals, in the order of the text.
    pub fn goals(&self) -> &[Goal] {
        &self.goals
    }

    /// The score of a trial, -10 to 10; see [`Goals`]. `measured` and `defaults` are the values of the metrics of the trial and of
    /// trial 0; not a number where one of the goals is missing in them or is not finite: the trial failed.
    pub fn score(&self, measured: &BTreeMap<String, f64>, defaults: &BTreeMap<String, f64>) -> f64 {
        let weights: f64 = self.goals.iter().map(|goal| goal.weight).sum();
        let gains = self.gains(measured, defaults);
        let shares = self.goals.iter().map(|goal| goal.weight / weights);
        shares.zip(gains).map(|(share, gain)| share * gain).sum()
    }

    /// The gain of each goal, -10 to 10, in the order of the goals; see [`Goals`]. Not a number where the metric is missing or is
    /// not finite.
    pub fn gains(
        &self,
        measured: &BTreeMap<String, f64>,
        defaults: &BTreeMap<String, f64>,
    ) -> Vec<f64> {
        let value = |of: &BTreeMap<String, f64>, goal: &Goal| {
            of.get(&goal.metric).copied().unwrap_or(f64::NAN)
        };
        self.goals
            .iter()
            .map(|goal| goal.gain(value(measured, goal), value(defaults, goal)))
            .collect()
    }
}

impl Goal {
    /// Reads `METRIC[=TARGET][:WEIGHT]`.
    fn parse(text: &str, metrics: &[Metric]) -> Result<Self> {
        let (rest, weight) = split(text, ':');
        let (name, target) = split(rest, '=');
        let Some(metric) = metrics.iter().find(|metric| metric.name == name) else {
            let names = metrics.iter().map(|metric| metric.name.as_str());
            return Err(SearchError::UnknownMetric {
                name: name.to_owned(),
                nearest: nearest(name, names.clone()).map(str::to_owned),
                known: names.map(str::to_owned).collect(),
            });
        };
        let wrong_weight = |text: &str| SearchError::Weight {
            name: name.to_owned(),
            text: text.to_owned(),
        };
        let wrong_target = |text: &str| SearchError::Target {
            name: name.to_owned(),
            text: text.to_owned(),
        };
        let weight = weight.map_or(Ok(1.0), |text| {
            number(text)
                .filter(|weight| *weight > 0.0 && *weight <= MAX_WEIGHT)
                .ok_or_else(|| wrong_weight(text))
        })?;
        let target = target
            .map(|text| number(text).ok_or_else(|| wrong_target(text)))
            .transpose()?;
        if !(metric.scale > 0.0 && metric.scale.is_finite()) {
            return Err(SearchError::Scale {
                name: name.to_owned(),
                scale: metric.scale,
            });
        }
        Ok(Self {
            metric: metric.name.clone(),
            aim: target.map_or(Aim::Better(metric.better), Aim::Target),
            weight,
            scale: metric.scale,
        })
    }

    /// How much better `value` is than `default`, -10 to 10; see [`Goals`].
    fn gain(&self, value: f64, default: f64) -> f64 {
        if !(value.is_finite() && default.is_finite()) {
            return f64::NAN;
        }
        let better = match self.aim {
            Aim::Better(Better::More) => value - default,
            Aim::Better(Better::Less) => default - value,
            Aim::Target(target) => (default - target).abs() - (value - target).abs(),
        };
        (better / self.scale).clamp(-MAX_GAIN, MAX_GAIN)
    }
}

impl fmt::Display for Goal {
    /// As it is typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.metric)?;
        if let Aim::Target(target) = self.aim {
            write!(f, "={target}")?;
        }
        if self.weight == 1.0 {
            Ok(())
        } else {
            write!(f, ":{}", self.weight)
        }
    }
}

/// What is before the first `mark` and what is after it, without space around.
fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    match text.split_once(mark) {
        Some((before, after)) => (before.trim(), Some(after.trim())),
        None => (text.trim(), None),
    }
}

/// A finite number.
fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}
