//! What parameters are tried with.

use super::fixtures::Setting;
use crate::support::Noise;

/// What a parameter is tried with.
#[derive(Clone, Copy)]
pub enum Try {
    /// Anything between.
    Between(f32, f32),
    /// One of these; the last while others are tried.
    OneOf(&'static [f32]),
    /// Part of the format under test, not free.
    Fixed(f32),
}

use Try::{Between, Fixed, OneOf};

/// Values while nothing is tried: the middle, or the last choice.
pub fn usual(params: &'static [(&'static str, Try)]) -> Vec<Setting> {
    params
        .iter()
        .map(|(name, tried)| match tried {
            Between(least, most) => (*name, (least + most) / 2.0),
            OneOf(choices) => (*name, choices[choices.len() - 1]),
            Fixed(value) => (*name, *value),
        })
        .collect()
}

/// Both ends of everything, and random points between.
pub fn points(params: &'static [(&'static str, Try)]) -> Vec<Vec<Setting>> {
    let mut random = Noise(11);
    let mut at = |pick: &mut dyn FnMut(&mut Noise) -> f32| {
        let mut point = Vec::new();
        for (name, tried) in params {
            let t = pick(&mut random);
            point.push(match tried {
                Between(least, most) => (*name, least + (most - least) * t),
                OneOf(choices) => (
                    *name,
                    choices[((choices.len() as f32 * t) as usize).min(choices.len() - 1)],
                ),
                Fixed(value) => (*name, *value),
            });
        }
        point
    };
    vec![
        at(&mut |_| 0.0),
        at(&mut |_| 1.0),
        at(&mut |random| random.unit()),
        at(&mut |random| random.unit()),
    ]
}

pub type Pair = [Vec<Setting>; 2];

/// Pairs of values of one parameter, the others usual: its ends, and its middle against a tenth of its range more.
pub fn moved(params: &'static [(&'static str, Try)]) -> Vec<(&'static str, Pair)> {
    let with = |name: &str, value: f32| {
        let mut point = usual(params);
        point
            .iter_mut()
            .filter(|(known, _)| *known == name)
            .for_each(|(_, v)| *v = value);
        point
    };
    let mut pairs = Vec::new();
    for (name, tried) in params {
        match tried {
            Between(least, most) => {
                pairs.push((*name, [with(name, *least), with(name, *most)]));
                let middle = (least + most) / 2.0;
                pairs.push((
                    *name,
                    [
                        with(name, middle),
                        with(name, middle + (most - least) / 10.0),
                    ],
                ));
            }
            OneOf(choices) => {
                pairs.extend(
                    choices
                        .windows(2)
                        .map(|pair| (*name, [with(name, pair[0]), with(name, pair[1])])),
                );
            }
            Fixed(_) => {}
        }
    }
    pairs
}
