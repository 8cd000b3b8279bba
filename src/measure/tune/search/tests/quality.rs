//! How near searches come to a known optimum, and that they come nearer than chance.

use std::f64::consts::PI;

use super::{Method, Space, Values, number, of, run, search, space};
use crate::measure::tune::search::sampling;

const SEEDS: std::ops::RangeInclusive<u64> = 1..=5;

/// A bowl that is steeper in one direction and turned a little; 0 at (3, -2).
fn bowl(values: &Values) -> f64 {
    let (x, y) = (of(values, "x") - 3.0, of(values, "y") + 2.0);
    x * x + 2.0 * y * y + 0.5 * x * y
}

/// The function of Branin, of which the least value is 0.3979, at three places.
fn branin(values: &Values) -> f64 {
    let (x, y) = (of(values, "x"), of(values, "y"));
    let valley = y - 5.1 / (4.0 * PI * PI) * x * x + 5.0 / PI * x - 6.0;
    valley * valley + 10.0 * (1.0 - 1.0 / (8.0 * PI)) * x.cos() + 10.0
}

/// The least that each seed finds.
fn found(space: &Space, method: Method, trials: usize, cost: fn(&Values) -> f64) -> Vec<f64> {
    SEEDS
        .map(|seed| {
            let mut search = search(space, method, seed, trials);
            run(&mut search, |values| -cost(values));
            -search.best().unwrap().1
        })
        .collect()
}

/// The least that chance finds in as many trials: the mean of 100 runs.
fn chance(space: &Space, trials: usize, cost: fn(&Values) -> f64) -> f64 {
    let least = (0..100).map(|seed| {
        let mut generator = sampling::generator(seed, 0);
        let points = (0..trials).map(|_| sampling::uniform(&mut generator, 2));
        let costs = points.map(|point| cost(&space.values_at(&point)));
        costs.fold(f64::INFINITY, f64::min)
    });
    least.sum::<f64>() / 100.0
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

#[test]
fn the_bottom_of_a_bowl_is_found() {
    let space = space([
        number("x", -10.0, 10.0, -6.0),
        number("y", -10.0, 10.0, 7.0),
    ]);
    let chance = chance(&space, 60, bowl);
    // In a bowl of 20 by 20 that is up to 500 high.
    for (method, most) in [(Method::Tpe, 0.5), (Method::CmaEs, 3.0)] {
        let found = found(&space, method, 60, bowl);
        assert!(
            found.iter().all(|least| *least < most),
            "{method:?}: {found:?}"
        );
        assert!(
            mean(&found) < chance / 3.0,
            "{method:?}: {found:?}, chance {chance}"
        );
    }
}

#[test]
fn the_valleys_of_branin_are_found() {
    let space = space([number("x", -5.0, 10.0, 0.0), number("y", 0.0, 15.0, 0.0)]);
    let chance = chance(&space, 80, branin);
    for method in [Method::Tpe, Method::CmaEs] {
        let found = found(&space, method, 80, branin);
        assert!(
            found.iter().all(|least| *least < 0.3979 + 0.4),
            "{method:?}: {found:?}"
        );
        assert!(
            mean(&found) - 0.3979 < (chance - 0.3979) / 2.0,
            "{method:?}: {found:?}, chance {chance}"
        );
    }
}

#[test]
fn the_best_choice_is_found_with_its_number() {
    use super::{Value, choice, switch};
    let space = space([
        choice("brush", &["pen", "ink", "chalk", "wash", "oil"]),
        switch("grain"),
        number("width", 1.0, 9.0, 2.0),
    ]);
    let cost = |values: &Values| {
        let brush = if values["brush"] == Value::Choice("chalk".to_owned()) {
            0.0
        } else {
            3.0
        };
        let grain = if values["grain"] == Value::Switch(true) {
            0.0
        } else {
            2.0
        };
        brush + grain + (of(values, "width") - 6.5).abs()
    };
    for seed in SEEDS {
        let mut search = search(&space, Method::Tpe, seed, 60);
        run(&mut search, |values| -cost(values));
        let best = search.best().unwrap();
        assert!(best.1 > -0.5, "{best:?}");
    }
}
