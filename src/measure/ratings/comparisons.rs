//! Comparisons of pairs, out of preferences and out of stars.

use std::collections::{BTreeMap, HashMap};

use super::{Comparison, Preference, Rating, StoredOutput};

/// Stars that a person gave to one item, with what makes them comparable to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StarRating<'a> {
    /// The index of the rated item.
    pub item: usize,
    /// The input that the item was rendered from: its hash, or another name.
    pub input: &'a str,
    /// Who rated.
    pub rater: &'a str,
    /// 1 (worst) to 5 (best).
    pub stars: u8,
}

/// Stars as comparisons: two items of the same input, rated by the same rater, count as one preference for the one
/// with more stars, or as a tie. If an item is there more than once for a rater, its last stars count.
///
/// Items of different inputs are not compared, because a person may like one input better; nor are stars of different
/// raters, because four stars of one may be five of another. How many stars lie between the two does not matter.
///
/// The weight of each pair is `2 / n` for `n` items of that input that the rater rated. Two items are thus one whole
/// preference. More items make `n (n - 1) / 2` pairs, which together weigh `n - 1`: only so many of them are news,
/// since the others follow from the order.
pub fn preferences_of_stars(ratings: &[StarRating<'_>]) -> Vec<Comparison> {
    let mut groups: BTreeMap<(&str, &str), BTreeMap<usize, u8>> = BTreeMap::new();
    for rating in ratings {
        groups
            .entry((rating.input, rating.rater))
            .or_default()
            .insert(rating.item, rating.stars);
    }
    let mut found = Vec::new();
    for group in groups.values() {
        let weight = 2.0 / group.len() as f64;
        for (&a, stars) in group {
            // The items after `a`: each pair once.
            for (&b, others) in group.range(a + 1..) {
                let (winner, loser) = if stars < others { (b, a) } else { (a, b) };
                found.push(Comparison {
                    winner,
                    loser,
                    tie: stars == others,
                    weight,
                });
            }
        }
    }
    found
}

/// All comparisons in a file, for [`strengths`](super::strengths) of `outputs.len()` items: every preference, with a
/// weight of 1, and the stars ([`preferences_of_stars`]) of outputs with a known input. An item is the index of an
/// output in `outputs`. What is about an output that is not in `outputs` is left out.
pub fn comparisons(
    outputs: &[StoredOutput],
    ratings: &[Rating],
    preferences: &[Preference],
) -> Vec<Comparison> {
    let items: HashMap<i64, usize> = outputs
        .iter()
        .enumerate()
        .map(|(item, stored)| (stored.id, item))
        .collect();
    let chosen = preferences.iter().filter_map(|preference| {
        Some(Comparison {
            winner: *items.get(&preference.winner)?,
            loser: *items.get(&preference.loser)?,
            tie: preference.tie,
            weight: 1.0,
        })
    });
    let stars: Vec<StarRating<'_>> = ratings
        .iter()
        .filter_map(|rating| {
            let item = *items.get(&rating.output)?;
            Some(StarRating {
                item,
                input: outputs[item].output.input_sha256.as_deref()?,
                rater: &rating.rater,
                stars: rating.stars,
            })
        })
        .collect();
    chosen.chain(preferences_of_stars(&stars)).collect()
}
