use super::super::{Comparison, elo, probability, strengths, strengths_with_phantom};

/// Wins in the season of 1987 of the American League's Eastern Division, of the row's team over the column's: Agresti,
/// "Categorical Data Analysis", table 10.10 of the second edition.
const SEASON: [[u32; 7]; 7] = [
    [0, 7, 9, 7, 7, 9, 11],
    [6, 0, 7, 5, 11, 9, 9],
    [4, 6, 0, 7, 7, 8, 12],
    [6, 8, 6, 0, 6, 7, 10],
    [6, 2, 6, 7, 0, 7, 12],
    [4, 4, 5, 6, 6, 0, 6],
    [2, 4, 1, 3, 1, 7, 0],
];

/// The published logarithms of the strengths of Milwaukee, Detroit, Toronto, New York, Boston, Cleveland and Baltimore.
const ABILITIES: [f64; 7] = [1.581, 1.436, 1.294, 1.248, 1.108, 0.684, 0.0];

fn win(winner: usize, loser: usize) -> Comparison {
    Comparison {
        winner,
        loser,
        tie: false,
        weight: 1.0,
    }
}

fn season() -> Vec<Comparison> {
    let mut games = Vec::new();
    for (winner, row) in SEASON.iter().enumerate() {
        for (loser, wins) in row.iter().enumerate() {
            games.extend((0..*wins).map(|_| win(winner, loser)));
        }
    }
    games
}

fn assert_close(a: &[f64], b: &[f64], limit: f64) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() < limit, "{a} is not {b}");
    }
}

#[test]
fn a_season_of_baseball_gives_the_published_abilities() {
    let found = strengths_with_phantom(7, &season(), 0.0);
    let abilities: Vec<f64> = found.iter().map(|p| (p / found[6]).ln()).collect();
    assert_close(&abilities, &ABILITIES, 0.0006);
    let mean = found.iter().map(|p| p.ln()).sum::<f64>() / 7.0;
    assert!(mean.abs() < 1e-12);
}

#[test]
fn the_phantom_shifts_a_season_of_baseball_little_and_changes_no_rank() {
    let found = strengths(7, &season());
    let abilities: Vec<f64> = found.iter().map(|p| (p / found[6]).ln()).collect();
    assert_close(&abilities, &ABILITIES, 0.04);
    assert!(found.is_sorted_by(|a, b| a > b));
}

#[test]
fn the_probable_wins_are_the_wins() {
    // What the maximum of the likelihood means: each team is expected to win as often as it did.
    let found = strengths(7, &season());
    for (team, row) in SEASON.iter().enumerate() {
        let expected: f64 = (0..7)
            .filter(|other| *other != team)
            .map(|other| 13.0 * probability(found[team], found[other]))
            .sum();
        let wins = f64::from(row.iter().sum::<u32>());
        let phantom = probability(found[team], 1.0) - 0.5;
        assert!((expected + phantom - wins).abs() < 1e-7);
    }
}

#[test]
fn the_order_of_comparisons_does_not_matter() {
    let mut games = season();
    games.push(Comparison {
        tie: true,
        weight: 0.3,
        ..win(2, 5)
    });
    let expected = strengths(7, &games);
    // A fixed sequence of shuffles, and the sides of a tie.
    let mut state = 1_u64;
    for _ in 0..20 {
        for i in (1..games.len()).rev() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            games.swap(i, (state >> 33) as usize % (i + 1));
        }
        for game in games.iter_mut().filter(|game| game.tie) {
            (game.winner, game.loser) = (game.loser, game.winner);
        }
        assert_close(&strengths(7, &games), &expected, 1e-9);
    }
}

#[test]
fn names_and_scale_do_not_matter() {
    let games = season();
    let expected = strengths(7, &games);
    // Item `i` under the name `6 - i`.
    let renamed: Vec<Comparison> = games
        .iter()
        .map(|game| win(6 - game.winner, 6 - game.loser))
        .collect();
    let mut found = strengths(7, &renamed);
    found.reverse();
    assert_close(&found, &expected, 1e-8);
    // Three times the comparisons, with three times the phantom; and one with three times the weight.
    let thrice: Vec<Comparison> = [&games[..], &games[..], &games[..]].concat();
    assert_close(&strengths_with_phantom(7, &thrice, 1.5), &expected, 1e-8);
    let heavy: Vec<Comparison> = games
        .iter()
        .map(|game| Comparison {
            weight: 3.0,
            ..*game
        })
        .collect();
    assert_close(&strengths_with_phantom(7, &heavy, 1.5), &expected, 1e-8);
    let (a, b) = (expected[0], expected[1]);
    assert!((probability(a, b) - probability(8.0 * a, 8.0 * b)).abs() < 1e-15);
    assert!((probability(a, b) + probability(b, a) - 1.0).abs() < 1e-15);
}

#[test]
fn the_undefeated_stay_finite_and_the_winless_above_zero() {
    // By hand: p = 1.5 / (1 / (p + q) + 1 / (p + 1)) with q = 1 / p.
    let found = strengths(2, &[win(0, 1)]);
    assert!((found[0] * found[1] - 1.0).abs() < 1e-8);
    let (p, q) = (found[0], found[1]);
    assert!((p / (p + q) + p / (p + 1.0) - 1.5).abs() < 1e-9);
    let many = vec![win(0, 1); 1000];
    let found = strengths(2, &many);
    assert!(found[0].is_finite() && found[0] > 20.0 && found[1] > 0.0);
    // Without the phantom, this ends as well, and is no number to rely on.
    assert_eq!(strengths_with_phantom(2, &many, 0.0)[1], 0.0);
}

#[test]
fn items_without_comparisons_or_with_ties_alone_are_average() {
    let tie = Comparison {
        tie: true,
        ..win(0, 1)
    };
    assert_close(&strengths(3, &[tie]), &[1.0; 3], 1e-9);
    assert!(strengths(0, &[]).is_empty());
    // What makes no sense is left out.
    let nonsense = [
        win(0, 0),
        win(0, 3),
        win(9, 1),
        Comparison {
            weight: -1.0,
            ..win(0, 1)
        },
        Comparison {
            weight: f64::NAN,
            ..win(0, 1)
        },
        Comparison {
            weight: f64::INFINITY,
            ..win(0, 1)
        },
    ];
    assert_close(&strengths(3, &nonsense), &[1.0; 3], 1e-9);
}

#[test]
fn elo_and_probability_agree() {
    assert_eq!(elo(1.0), 0.0);
    assert!((elo(10.0) - 400.0).abs() < 1e-9);
    assert!((elo(0.1) + 400.0).abs() < 1e-9);
    assert!((probability(3.0, 1.0) - 0.75).abs() < 1e-15);
    assert_eq!(probability(1e308, 1e308), 0.5);
    // Elo's own formula.
    let (a, b) = (2.7, 0.4);
    let expected = 1.0 / (1.0 + 10_f64.powf((elo(b) - elo(a)) / 400.0));
    assert!((probability(a, b) - expected).abs() < 1e-12);
}
