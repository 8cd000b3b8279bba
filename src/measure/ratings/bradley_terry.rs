//! One number per item out of comparisons of pairs: the Bradley–Terry model.
//!
//! Item `a` beats item `b` with the probability `p_a / (p_a + p_b)`. The strengths `p` that make the comparisons most
//! probable are found by the MM algorithm of David R. Hunter, "MM algorithms for generalized Bradley–Terry models",
//! The Annals of Statistics 32 (2004), in its cyclic form: one item after another gets the number of its wins divided
//! by the sum of `n / (p + p_opponent)` over its opponents, with `n` comparisons each. A tie is half a win for both.

use std::collections::BTreeMap;

/// The weight that [`strengths`] gives to the phantom.
const PHANTOM: f64 = 0.5;
/// The largest change of a logarithm of a strength in the last round.
const CONVERGED: f64 = 1e-10;
/// More rounds are not made.
const MOST_ROUNDS: usize = 100_000;

/// One comparison of two items.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// The index of the better item; of either one in a tie.
    pub winner: usize,
    /// The index of the other item.
    pub loser: usize,
    /// Whether neither was better.
    pub tie: bool,
    /// For how many comparisons it counts, above 0: 1 for one that a person made.
    pub weight: f64,
}

/// The strengths of `items` items: a positive number each, 1 for an item of average strength or without comparisons.
///
/// Every item is also compared once with a phantom of strength 1, which ends in a tie: half a win keeps an item that
/// always lost above 0, and half a loss keeps one that always won finite. It draws all strengths a little towards 1,
/// less so the more an item was compared, and makes strengths of groups comparable that were never compared with each
/// other.
///
/// The order of `comparisons` does not matter. Left out are those of an item with itself, with an index of `items` or
/// more, and with a weight that is not above 0 and finite. The logarithms of the strengths change by less than 1e-10
/// in the last round, unless that takes more than 100000 rounds.
pub fn strengths(items: usize, comparisons: &[Comparison]) -> Vec<f64> {
    strengths_with_phantom(items, comparisons, PHANTOM)
}

/// As [`strengths`], with `phantom` wins against the phantom and as many losses, instead of half a one.
///
/// With 0, the strengths are those of the plain model, scaled to a geometric mean of 1. They exist if the items cannot
/// be parted in two groups of which one never won against the other (Ford 1957); otherwise some are 0, or still
/// growing after the last round.
pub fn strengths_with_phantom(items: usize, comparisons: &[Comparison], phantom: f64) -> Vec<f64> {
    let (wins, opponents) = table(items, comparisons);
    let mut strengths = vec![1.0; items];
    for _ in 0..MOST_ROUNDS {
        let before = strengths.clone();
        for item in 0..items {
            let own: f64 = strengths[item];
            let met: f64 = opponents[item]
                .iter()
                .map(|&(other, count)| count / (own + strengths[other]))
                .sum();
            let expected = met + 2.0 * phantom / (own + 1.0);
            if expected > 0.0 {
                strengths[item] = (wins[item] + phantom) / expected;
            }
        }
        if phantom == 0.0 {
            centre(&mut strengths);
        }
        if before.iter().zip(&strengths).all(|(a, b)| is_close(*a, *b)) {
            break;
        }
    }
    strengths
}

/// `strength` on the scale of Elo's ratings in chess: 0 for a strength of 1, and 400 more for each factor of 10.
pub fn elo(strength: f64) -> f64 {
    400.0 / std::f64::consts::LN_10 * strength.ln()
}

/// The probability, 0 to 1, that an item of strength `a` is preferred to one of strength `b`; both above 0.
pub fn probability(a: f64, b: f64) -> f64 {
    // Of the quotient instead of the sum, which could overflow.
    1.0 / (1.0 + b / a)
}

/// The opponents of an item, with the number of comparisons with each.
type Opponents = Vec<(usize, f64)>;

/// Of each item, its wins and its opponents.
fn table(items: usize, comparisons: &[Comparison]) -> (Vec<f64>, Vec<Opponents>) {
    let mut wins = vec![0.0; items];
    let mut pairs: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for one in comparisons {
        let (winner, loser, weight) = (one.winner, one.loser, one.weight);
        let counts = winner != loser && winner.max(loser) < items;
        if !counts || !weight.is_finite() || weight <= 0.0 {
            continue;
        }
        let won = if one.tie { weight / 2.0 } else { weight };
        wins[winner] += won;
        wins[loser] += weight - won;
        *pairs
            .entry((winner.min(loser), winner.max(loser)))
            .or_default() += weight;
    }
    let mut opponents = vec![Vec::new(); items];
    for ((a, b), count) in pairs {
        opponents[a].push((b, count));
        opponents[b].push((a, count));
    }
    (wins, opponents)
}

/// Scales the strengths above 0 to a geometric mean of 1.
fn centre(strengths: &mut [f64]) {
    let logarithms: Vec<f64> = strengths
        .iter()
        .filter(|strength| **strength > 0.0)
        .map(|strength| strength.ln())
        .collect();
    let mean = logarithms.iter().sum::<f64>() / logarithms.len().max(1) as f64;
    for strength in strengths {
        *strength /= mean.exp();
    }
}

fn is_close(before: f64, after: f64) -> bool {
    before == after || (after.ln() - before.ln()).abs() < CONVERGED
}
