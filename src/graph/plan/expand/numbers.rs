//! Named numbers of a fragment, some of which follow tracks, and what may depend on such numbers.

use std::collections::{BTreeMap, HashMap};

use super::super::tracks::{Curve, Formula, Term, Tracks};
use crate::graph::style::{Expression, Interpolation, KeyTime, Param, ParamKind, Track};

/// Samples between two keys of a track at which it is checked what the plan would be.
const BETWEEN: usize = 8;
/// If a track has more samples than this, only its keys and the times halfway between them are checked.
const MOST_SAMPLES: usize = 4096;
/// How far a value is moved, as a share of its range, to see what the plan is beside it.
const NUDGE: f64 = 1e-6;

/// A number, and the formula by which it follows tracks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    /// If it follows a track, its value at the first key.
    pub value: f64,
    pub follows: Option<usize>,
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self {
            value,
            follows: None,
        }
    }
}

pub(super) type Names = BTreeMap<String, Number>;

/// Why an expression has no value that holds for the whole stream.
pub(super) enum Unfit {
    /// A name is not known, or the value is not finite; as [`Expression::eval`] says it.
    Expression(String),
    /// It depends on these parameters, whose tracks change it.
    Moves(Vec<String>),
}

/// The curves and formulas of a plan that is being expanded.
#[derive(Default)]
pub(super) struct TrackTable {
    pub tracks: Tracks,
    /// The range of each curve's parameter, if its values may be moved a little.
    ranges: Vec<Option<(f64, f64)>>,
    /// Formulas by the parameter and scale that they were made for.
    known: HashMap<String, usize>,
}

impl TrackTable {
    /// The numbers of `track`, which `param` of `style` follows, times `factor`. Its times must be in seconds.
    pub fn numbers(
        &mut self,
        style: &str,
        param: &Param,
        track: &Track,
        factor: f64,
    ) -> Vec<(String, Number)> {
        let names = param.names().into_iter().enumerate();
        let number = |(component, name): (usize, String)| {
            let key = |(at, value): &(KeyTime, _)| {
                let KeyTime::Seconds(seconds) = *at else {
                    return None;
                };
                let numbers = crate::graph::style::Value::numbers(value, &param.name);
                Some((seconds, numbers.get(component)?.1))
            };
            let curve = Curve {
                param: format!("{style}.{name}"),
                interpolation: track.interpolation,
                whole: matches!(param.kind, ParamKind::Integer { .. }),
                keys: track.keys.iter().filter_map(key).collect(),
            };
            let range = match param.kind {
                ParamKind::Number { min, max, .. } => Some((min, max)),
                _ => None,
            };
            let value = curve.keys.first().map_or(0.0, |(_, value)| *value) * factor;
            let curve = self.curve(curve, range);
            let follows = Some(self.formula(Formula::Curve { curve, factor }));
            (name, Number { value, follows })
        };
        names.map(number).collect()
    }

    fn curve(&mut self, curve: Curve, range: Option<(f64, f64)>) -> usize {
        let curves = &mut self.tracks.curves;
        let known = curves.iter().position(|known| *known == curve);
        known.unwrap_or_else(|| {
            curves.push(curve);
            self.ranges.push(range);
            curves.len() - 1
        })
    }

    /// The keys of the track that `formula` follows alone, as times in seconds and values, where they hold up to the next.
    pub fn keys(&self, formula: usize) -> Option<Vec<(f64, f64)>> {
        let Formula::Curve { curve, .. } = self.tracks.formulas[formula] else {
            return None;
        };
        let curve = &self.tracks.curves[curve];
        (curve.interpolation == Interpolation::Hold).then(|| curve.keys.clone())
    }

    fn formula(&mut self, formula: Formula) -> usize {
        let formulas = &mut self.tracks.formulas;
        let key = format!("{formula:?}");
        *self.known.entry(key).or_insert_with(|| {
            formulas.push(formula);
            formulas.len() - 1
        })
    }

    /// The value of `expression`; if it depends on a number that follows a track, so does it. `Err` is as
    /// [`Expression::eval`] says it.
    pub fn number(&mut self, expression: &Expression, names: &Names) -> Result<Number, String> {
        let value = expression.eval_with(|name| Some(names.get(name)?.value));
        let known = expression.names().iter().filter_map(|name| names.get(name));
        if known.clone().all(|number| number.follows.is_none()) {
            return value.map(Number::from);
        }
        let terms: Vec<Term> = known
            .map(|number| match number.follows {
                Some(formula) => Term::Formula(formula),
                None => Term::Number(number.value),
            })
            .collect();
        if terms.len() < expression.names().len() {
            return value.map(Number::from);
        }
        let formula = self.formula(Formula::Expression {
            expression: Box::new(expression.clone()),
            terms,
        });
        let samples = self.samples(&self.tracks.curves_of(formula));
        let is_sound = |at: &f64| self.values(*at, None)[formula].is_finite();
        match value {
            Ok(value) if samples.iter().all(is_sound) => Ok(Number {
                value,
                follows: Some(formula),
            }),
            Ok(_) => Err(expression.text().to_owned()),
            Err(why) => Err(why),
        }
    }

    /// The value of an expression that shapes the plan: it must be the same, as `used`, at all times.
    pub fn fixed(
        &self,
        expression: &Expression,
        names: &Names,
        used: fn(f64) -> f64,
    ) -> Result<f64, Unfit> {
        self.agreed(expression, names, |at| {
            let values = self.values(at, None);
            evaluated(expression, names, &values).map(used)
        })
    }

    /// Whether an expression that decides about a pass is not 0. It must be so at all times. A value is passed over if
    /// those just above and below it decide otherwise: where an effect is switched off at the end of its range, its
    /// passes run with that value.
    pub fn decided(&self, expression: &Expression, names: &Names) -> Result<bool, Unfit> {
        let value = self.agreed(expression, names, |at| {
            let decide = |nudge: Option<f64>| {
                let values = self.values(at, nudge);
                evaluated(expression, names, &values).map(|value| f64::from(u8::from(value != 0.0)))
            };
            let here = decide(None)?;
            match (decide(Some(NUDGE)), decide(Some(-NUDGE))) {
                (Ok(above), Ok(below)) if above == below => Ok(above),
                _ => Ok(here),
            }
        })?;
        Ok(value != 0.0)
    }

    /// The names as plain values at a time at which `expression` is not 0; `None` if there is none.
    pub fn values_when(
        &self,
        expression: &Expression,
        names: &Names,
    ) -> Result<Option<BTreeMap<String, f64>>, String> {
        let curves = self.curves_behind(expression, names);
        let mut samples = self.samples(&curves);
        if samples.is_empty() {
            samples.push(0.0);
        }
        for at in samples {
            let values = self.values(at, None);
            if evaluated(expression, names, &values)? != 0.0 {
                let plain = |(name, number): (&String, &Number)| {
                    let value = number.follows.map_or(number.value, |index| values[index]);
                    (name.clone(), value)
                };
                return Ok(Some(names.iter().map(plain).collect()));
            }
        }
        Ok(None)
    }

    fn agreed(
        &self,
        expression: &Expression,
        names: &Names,
        value: impl Fn(f64) -> Result<f64, String>,
    ) -> Result<f64, Unfit> {
        let curves = self.curves_behind(expression, names);
        if curves.is_empty() {
            return value(0.0).map_err(Unfit::Expression);
        }
        let mut agreed = None;
        for at in self.samples(&curves) {
            let value = value(at).map_err(Unfit::Expression)?;
            if *agreed.get_or_insert(value) != value {
                return Err(Unfit::Moves(self.params(&curves)));
            }
        }
        agreed.ok_or_else(|| Unfit::Moves(self.params(&curves)))
    }

    /// The parameters of these curves, as a person writes them.
    fn params(&self, curves: &[usize]) -> Vec<String> {
        let names = curves.iter().map(|curve| &self.tracks.curves[*curve].param);
        names.cloned().collect()
    }

    fn curves_behind(&self, expression: &Expression, names: &Names) -> Vec<usize> {
        let known = expression.names().iter().filter_map(|name| names.get(name));
        let formulas = known.filter_map(|number| number.follows);
        let mut curves: Vec<usize> = formulas
            .flat_map(|formula| self.tracks.curves_of(formula))
            .collect();
        curves.sort_unstable();
        curves.dedup();
        curves
    }

    /// Times at which these curves are checked: their keys, and times between.
    fn samples(&self, curves: &[usize]) -> Vec<f64> {
        let keys = curves.iter().map(|curve| &self.tracks.curves[*curve].keys);
        let mut keys: Vec<f64> = keys.flatten().map(|(at, _)| *at).collect();
        keys.sort_by(f64::total_cmp);
        keys.dedup();
        let between = match keys.len() * (BETWEEN + 1) {
            all if all > MOST_SAMPLES => 1,
            _ => BETWEEN,
        };
        let gaps = keys.windows(2).flat_map(|pair| {
            let step = (pair[1] - pair[0]) / (between + 1) as f64;
            (1..=between).map(move |index| pair[0] + step * index as f64)
        });
        let gaps: Vec<f64> = gaps.collect();
        keys.into_iter().chain(gaps).collect()
    }

    /// The values of all formulas at a time; with `nudge`, each curve's value is moved by that share of its range, and
    /// the other way where the range ends.
    fn values(&self, at: f64, nudge: Option<f64>) -> Vec<f64> {
        self.tracks.values_with(|curve| {
            let value = self.tracks.curves[curve].at(at);
            let (Some(nudge), Some((min, max))) = (nudge, self.ranges[curve]) else {
                return value;
            };
            let step = nudge * (max - min);
            let moved = value + step;
            if (min..=max).contains(&moved) {
                moved
            } else {
                value - step
            }
        })
    }
}

fn evaluated(expression: &Expression, names: &Names, values: &[f64]) -> Result<f64, String> {
    expression.eval_with(|name| {
        let number = names.get(name)?;
        Some(number.follows.map_or(number.value, |index| values[index]))
    })
}
