use super::super::{Comparison, Output, StarRating, comparisons, preferences_of_stars, strengths};
use super::{AT, output, with_outputs};

fn star(item: usize, input: &'static str, rater: &'static str, stars: u8) -> StarRating<'static> {
    StarRating {
        item,
        input,
        rater,
        stars,
    }
}

fn one(winner: usize, loser: usize, tie: bool, weight: f64) -> Comparison {
    Comparison {
        winner,
        loser,
        tie,
        weight,
    }
}

#[test]
fn stars_are_compared_within_one_input_and_one_rater() {
    let found = preferences_of_stars(&[
        star(0, "a", "me", 2),
        star(1, "a", "me", 5),
        star(2, "b", "me", 1),
        star(3, "b", "me", 1),
        star(4, "a", "you", 3),
    ]);
    assert_eq!(found, [one(1, 0, false, 1.0), one(2, 3, true, 1.0)]);
}

#[test]
fn many_stars_weigh_one_less_than_they_are() {
    let ratings: Vec<_> = (0..5).map(|n| star(n, "a", "me", n as u8 + 1)).collect();
    let found = preferences_of_stars(&ratings);
    assert_eq!(found.len(), 10);
    let weight: f64 = found.iter().map(|one| one.weight).sum();
    assert!((weight - 4.0).abs() < 1e-12);
    let strengths = strengths(5, &found);
    assert!(strengths.is_sorted_by(|a, b| a < b), "{strengths:?}");
}

#[test]
fn the_last_stars_of_an_item_count() {
    let found = preferences_of_stars(&[
        star(0, "a", "me", 5),
        star(1, "a", "me", 3),
        star(0, "a", "me", 1),
    ]);
    assert_eq!(found, [one(1, 0, false, 1.0)]);
}

#[test]
fn a_file_gives_its_preferences_and_its_stars() {
    let (_folder, ratings) = with_outputs(4);
    for n in 1..=3 {
        let of_input = Output {
            input_sha256: Some("c".repeat(64)),
            ..output(n)
        };
        ratings.add_output(&of_input).unwrap();
    }
    ratings.prefer(4, 1, false, None, "me", AT).unwrap();
    ratings.rate(2, 1, None, "me", AT).unwrap();
    ratings.rate(3, 3, None, "me", AT).unwrap();
    ratings.rate(2, 4, None, "me", AT).unwrap();
    // Of an unknown input: comparable to nothing.
    ratings.rate(4, 5, None, "me", AT).unwrap();
    let found = comparisons(
        &ratings.outputs().unwrap(),
        &ratings.latest_ratings().unwrap(),
        &ratings.preferences().unwrap(),
    );
    assert_eq!(found, [one(3, 0, false, 1.0), one(1, 2, false, 1.0)]);
    // An output that was left out of the list takes its ratings along.
    let some = &ratings.outputs().unwrap()[..2];
    let found = comparisons(
        some,
        &ratings.latest_ratings().unwrap(),
        &ratings.preferences().unwrap(),
    );
    assert_eq!(found, []);
}
