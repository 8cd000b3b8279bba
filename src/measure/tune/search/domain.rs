//! The values that a parameter may have.

use super::round;
use super::value::Value;

/// A step that misses the upper end by less than this part of a step reaches it.
const STEP_ROUNDING: f64 = 1e-9;

/// The values that a parameter may have.
#[derive(Clone, Debug, PartialEq)]
pub enum Domain {
    /// A number from `low` to `high`, both included, in the unit of the parameter.
    ///
    /// The numbers that are tried are rounded, so that they can be typed: to the steps from `low` if there is a `step`, to
    /// whole numbers for an `integer`, else to four significant digits of `high - low`, or of the number itself where it is
    /// `log` and the number is less. None is outside the range.
    Number {
        /// The least number.
        low: f64,
        /// The greatest number; `high - low` need not be a multiple of `step`.
        high: f64,
        /// The distance of numbers that are tried, counted from `low`; `None`: any number (any whole one for an `integer`).
        step: Option<f64>,
        /// Whether only whole numbers are tried; `low`, `high` and `step` are whole then.
        integer: bool,
        /// Whether equal ratios are equally far from each other, not equal differences; `low` is positive then.
        log: bool,
    },
    /// One of these names, two or more, in no order.
    Choice(Vec<String>),
    /// On or off.
    Switch,
}

impl Domain {
    /// How many values there are to try; `None` for numbers without steps.
    pub fn count(&self) -> Option<usize> {
        match self {
            Self::Number { low, high, .. } => {
                let steps = ((high - low) / self.step()? + STEP_ROUNDING).floor();
                Some((steps as usize).saturating_add(1))
            }
            Self::Choice(names) => Some(names.len()),
            Self::Switch => Some(2),
        }
    }

    /// Whether it has an order.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Number { .. })
    }

    /// What `value` lacks to be allowed; `None` if it is. A number between two steps is allowed.
    pub(super) fn refuses(&self, value: &Value) -> Option<String> {
        match (self, value) {
            (Self::Number { low, high, .. }, Value::Number(number)) => {
                (!(low..=high).contains(&number)).then(|| format!("is not in {low} to {high}"))
            }
            (Self::Choice(names), Value::Choice(name)) => {
                (!names.contains(name)).then(|| format!("is none of {}", names.join(", ")))
            }
            (Self::Switch, Value::Switch(_)) => None,
            (Self::Number { .. }, _) => Some("is no number".to_owned()),
            (Self::Choice(names), _) => Some(format!("is none of {}", names.join(", "))),
            (Self::Switch, _) => Some("is neither true nor false".to_owned()),
        }
    }

    /// The value at `place`, 0 to 1: each value has the same share of that interval.
    pub(super) fn at(&self, place: f64) -> Value {
        match self {
            Self::Number { low, high, log, .. } => Value::Number(match self.count() {
                Some(count) if !log => self.nth(share(place, count)),
                Some(_) => self.rounded(between(*low, *high, true, place)),
                None => self.rounded(between(*low, *high, *log, place)),
            }),
            Self::Choice(names) => Value::Choice(names[share(place, names.len())].clone()),
            Self::Switch => Value::Switch(share(place, 2) == 1),
        }
    }

    /// The place of `value`, 0 to 1: the middle of the share that [`Domain::at`] gives it.
    pub(super) fn place(&self, value: &Value) -> f64 {
        match (self, self.count()) {
            (Self::Number { log: true, .. }, _) | (Self::Number { .. }, None) => self.part(value),
            (_, count) => (self.index(value) as f64 + 0.5) / count.unwrap_or(1) as f64,
        }
    }

    /// How far along the range `value` is, 0 to 1; 0 where there is no order.
    pub(super) fn part(&self, value: &Value) -> f64 {
        match (self, value) {
            (Self::Number { low, high, log, .. }, Value::Number(number)) => {
                let part = if *log {
                    (number.ln() - low.ln()) / (high.ln() - low.ln())
                } else {
                    (number - low) / (high - low)
                };
                part.clamp(0.0, 1.0)
            }
            _ => 0.0,
        }
    }

    /// The number of `value` among the [`Domain::count`] ones; of a number between two steps, that of the nearer.
    pub(super) fn index(&self, value: &Value) -> usize {
        let last = self.count().map_or(0, |count| count.saturating_sub(1));
        let index = match (self, value) {
            (Self::Number { low, .. }, Value::Number(number)) => self
                .step()
                .map_or(0, |step| ((number - low) / step).round() as usize),
            (Self::Choice(names), Value::Choice(name)) => {
                names.iter().position(|known| known == name).unwrap_or(0)
            }
            (_, Value::Switch(on)) => usize::from(*on),
            _ => 0,
        };
        index.min(last)
    }

    /// `points` values, or as many as there are if that is less, evenly over the range with both ends; all of a choice.
    pub(super) fn spread(&self, points: usize) -> Vec<Value> {
        let Self::Number { low, high, log, .. } = self else {
            let count = self.count().unwrap_or(1);
            let places = (0..count).map(|index| (index as f64 + 0.5) / count as f64);
            return places.map(|place| self.at(place)).collect();
        };
        let last = points.saturating_sub(1).max(1);
        let mut numbers: Vec<f64> = (0..points)
            .map(|point| match self.count() {
                Some(count) if !log => {
                    let part = point as f64 / last as f64;
                    self.nth((part * (count - 1) as f64).round() as usize)
                }
                _ => self.rounded(between(*low, *high, *log, point as f64 / last as f64)),
            })
            .collect();
        numbers.dedup();
        numbers.into_iter().map(Value::Number).collect()
    }

    /// The distance of the numbers to try; `None` if there is none, or it is no number.
    fn step(&self) -> Option<f64> {
        match self {
            Self::Number { step, integer, .. } => step.or(integer.then_some(1.0)),
            _ => None,
        }
    }

    /// The number `steps` steps above the least.
    fn nth(&self, steps: usize) -> f64 {
        let (Self::Number { low, high, .. }, Some(step)) = (self, self.step()) else {
            return 0.0;
        };
        let decimals = round::decimals(*low).max(round::decimals(step));
        round::to_decimals(low + steps as f64 * step, decimals).clamp(*low, *high)
    }

    /// The number to try that is nearest to `number`.
    fn rounded(&self, number: f64) -> f64 {
        match self {
            Self::Number { .. } if self.count().is_some() => {
                self.nth(self.index(&Value::Number(number)))
            }
            Self::Number { low, high, log, .. } => {
                let width = if *log {
                    number.min(high - low)
                } else {
                    high - low
                };
                let rounded = round::to_width(number, width);
                rounded.clamp(*low, *high)
            }
            _ => number,
        }
    }
}

/// Which of `count` equal shares of 0 to 1 `place` is in.
fn share(place: f64, count: usize) -> usize {
    ((place.clamp(0.0, 1.0) * count as f64) as usize).min(count.saturating_sub(1))
}

/// The number at `place`, 0 to 1, of a range.
fn between(low: f64, high: f64, log: bool, place: f64) -> f64 {
    let number = if log {
        (low.ln() + (high.ln() - low.ln()) * place).exp()
    } else {
        low + (high - low) * place
    };
    number.clamp(low, high)
}
