//! Parameters of nodes that follow tracks: each is an expression over values of curves at the time of a frame.

use serde::Serialize;

use super::{NodeId, Plan, Target};
use crate::graph::style::{Expression, Interpolation};

/// Times are often stored in milliseconds, so a key counts from half a millisecond before its time.
const TOLERANCE: f64 = 0.0005;

/// One number of a parameter over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// The parameter, `STYLE.PARAM`; of a colour one component of it, `STYLE.PARAM_r`.
    pub param: String,
    pub interpolation: Interpolation,
    /// Whether its values are whole numbers.
    pub whole: bool,
    /// Seconds from the source's first frame, and the value; times increase, and there is at least one.
    pub keys: Vec<(f64, f64)>,
}

impl Curve {
    /// The value at `seconds`. Before the first key and after the last, their values hold.
    pub fn at(&self, seconds: f64) -> f64 {
        let seconds = seconds + TOLERANCE;
        let next = self.keys.partition_point(|(at, _)| *at <= seconds);
        let value = match (next.checked_sub(1), self.keys.get(next)) {
            (None, first) => first.map_or(0.0, |(_, value)| *value),
            (Some(last), None) => self.keys[last].1,
            (Some(before), Some(&(end, to))) => {
                let (start, from) = self.keys[before];
                // Without the tolerance, which would move the whole curve.
                let share = ((seconds - TOLERANCE - start) / (end - start)).clamp(0.0, 1.0);
                match self.interpolation {
                    Interpolation::Hold => from,
                    Interpolation::Linear => from + (to - from) * share,
                    Interpolation::Ease => {
                        from + (to - from) * (share * share * (3.0 - 2.0 * share))
                    }
                }
            }
        };
        if self.whole { value.round() } else { value }
    }
}

/// A number that a formula reads.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Term {
    Number(f64),
    /// By index into [`Tracks::formulas`]; it comes before the formula that reads it.
    Formula(usize),
}

/// How a number comes from curves.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Formula {
    /// The value of a curve, by index into [`Tracks::curves`], times `factor`.
    Curve { curve: usize, factor: f64 },
    /// An expression of a manifest; `terms` are in the order of its names.
    Expression {
        expression: Box<Expression>,
        terms: Vec<Term>,
    },
}

/// A parameter of a node that follows a track.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Follower {
    pub node: NodeId,
    /// Its index in the parameters of the node.
    pub param: usize,
    /// By index into [`Tracks::formulas`].
    pub formula: usize,
}

/// All that follows tracks in a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Tracks {
    pub curves: Vec<Curve>,
    pub formulas: Vec<Formula>,
    pub followers: Vec<Follower>,
}

impl Tracks {
    /// Whether nothing follows a track.
    pub fn is_empty(&self) -> bool {
        self.followers.is_empty()
    }

    /// The curves that parameters follow, and those parameters.
    pub(super) fn by_curve(&self) -> Vec<(&Curve, Vec<Follower>)> {
        let curves = self.curves.iter().enumerate();
        let curves = curves.map(|(index, curve)| {
            let follows = |follower: &&Follower| self.curves_of(follower.formula).contains(&index);
            let followers = self.followers.iter().filter(follows).copied();
            (curve, followers.collect::<Vec<_>>())
        });
        curves
            .filter(|(_, followers)| !followers.is_empty())
            .collect()
    }

    /// The values of all formulas at a time, with the value of each curve as `curve` gives it. What is no finite number
    /// is NaN.
    pub(super) fn values_with(&self, curve: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut values: Vec<f64> = Vec::with_capacity(self.formulas.len());
        let mut given = Vec::new();
        for formula in &self.formulas {
            let value = match formula {
                Formula::Curve { curve: of, factor } => curve(*of) * factor,
                Formula::Expression { expression, terms } => {
                    given.clear();
                    given.extend(terms.iter().map(|term| match *term {
                        Term::Number(number) => number,
                        Term::Formula(index) => values[index],
                    }));
                    expression.eval_in_order(&given).unwrap_or(f64::NAN)
                }
            };
            values.push(value);
        }
        values
    }

    /// The curves that a formula reads, in order.
    pub(super) fn curves_of(&self, formula: usize) -> Vec<usize> {
        let mut curves = Vec::new();
        let mut waiting = vec![formula];
        while let Some(formula) = waiting.pop() {
            match &self.formulas[formula] {
                Formula::Curve { curve, .. } => curves.push(*curve),
                Formula::Expression { terms, .. } => {
                    waiting.extend(terms.iter().filter_map(|term| match term {
                        Term::Formula(index) => Some(*index),
                        Term::Number(_) => None,
                    }))
                }
            }
        }
        curves.sort_unstable();
        curves.dedup();
        curves
    }
}

impl Plan {
    /// Sets the parameters that follow tracks to the values that their formulas have where each curve has the value that
    /// `value` gives it, whatever the curve's keys say.
    pub fn follow_values(&mut self, value: impl Fn(&Curve) -> f64) {
        let curve = |curve: usize| value(&self.tracks.curves[curve]);
        let values = self.tracks.values_with(curve);
        for follower in &self.tracks.followers {
            self.nodes[follower.node].params[follower.param].1 = values[follower.formula] as f32;
        }
    }

    /// Sets the parameters that follow tracks to their values for the frame that each node works on. `seconds` is the
    /// time of the frame that the nodes of a lane work on, from the source's first frame, if there is one. Returns the nodes
    /// whose values changed.
    pub fn follow_tracks(&mut self, seconds: impl Fn(usize) -> Option<f64>) -> Vec<NodeId> {
        let mut changed = Vec::new();
        // Nodes of one lane work on one frame.
        let mut known: Vec<(f64, Vec<f64>)> = Vec::new();
        for index in 0..self.tracks.followers.len() {
            let follower = self.tracks.followers[index];
            let target = Target::Image {
                node: follower.node,
                slot: 0,
            };
            let Some(seconds) = seconds(self.lane_of(target)) else {
                continue;
            };
            let node = &mut self.nodes[follower.node];
            let at = known.iter().position(|(known, _)| *known == seconds);
            let at = at.unwrap_or_else(|| {
                let curve = |curve: usize| self.tracks.curves[curve].at(seconds);
                known.push((seconds, self.tracks.values_with(curve)));
                known.len() - 1
            });
            let value = known[at].1[follower.formula] as f32;
            let param = &mut node.params[follower.param].1;
            if param.to_bits() != value.to_bits() {
                *param = value;
                if changed.last() != Some(&follower.node) {
                    changed.push(follower.node);
                }
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn curve(interpolation: Interpolation, keys: &[(f64, f64)]) -> Curve {
        Curve {
            param: "s.p".to_owned(),
            interpolation,
            whole: false,
            keys: keys.to_vec(),
        }
    }

    #[test]
    fn values_between_keys() {
        let keys = [(1.0, 0.0), (3.0, 1.0)];
        let values = |interpolation| {
            let curve = curve(interpolation, &keys);
            [0.0, 1.0, 1.5, 2.0, 3.0, 9.0].map(|seconds| curve.at(seconds))
        };
        assert_eq!(
            values(Interpolation::Linear),
            [0.0, 0.0, 0.25, 0.5, 1.0, 1.0]
        );
        assert_eq!(values(Interpolation::Hold), [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
        assert_eq!(
            values(Interpolation::Ease),
            [0.0, 0.0, 0.15625, 0.5, 1.0, 1.0]
        );
        let whole = Curve {
            whole: true,
            ..curve(Interpolation::Linear, &[(0.0, 1.0), (4.0, 3.0)])
        };
        assert_eq!(
            [0.0, 0.9, 1.1, 2.9, 3.1].map(|at| whole.at(at)),
            [1.0, 1.0, 2.0, 2.0, 3.0]
        );
    }

    #[test]
    fn two_keys_at_one_time_are_a_jump() {
        let jump = curve(Interpolation::Linear, &[(0.0, 0.0), (2.0, 0.5), (2.0, 0.0)]);
        assert_eq!([1.0, 2.0, 3.0].map(|at| jump.at(at)), [0.25, 0.0, 0.0]);
        assert!(jump.at(1.99) > 0.49);
    }

    #[test]
    fn a_key_is_met_by_a_time_in_milliseconds() {
        // The second frame of 24000/1001 frames a second is at 0.0834166 s; in milliseconds it is 83.
        let key = curve(
            Interpolation::Hold,
            &[(0.0, 0.0), (2.0 * 1001.0 / 24000.0, 1.0)],
        );
        assert_eq!(key.at(0.083), 1.0);
        assert_eq!(key.at(0.0417), 0.0);
    }

    proptest! {
        #[test]
        fn no_value_leaves_those_of_its_keys(
            steps in prop::collection::vec((0.001f64..10.0, -5.0f64..5.0), 1..8),
            seconds in -5.0f64..100.0,
            kind in 0usize..3,
        ) {
            let mut at = 0.0;
            let keys: Vec<(f64, f64)> = steps.iter().map(|(step, value)| { at += step; (at, *value) }).collect();
            let kind = [Interpolation::Linear, Interpolation::Hold, Interpolation::Ease][kind];
            let value = curve(kind, &keys).at(seconds);
            let (least, most) = keys.iter().fold((f64::MAX, f64::MIN), |(least, most), (_, value)| (least.min(*value), most.max(*value)));
            prop_assert!((least - 1e-9..=most + 1e-9).contains(&value));
        }
    }
}
