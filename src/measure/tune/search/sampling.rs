//! Random numbers that are the same on every machine and in every run.

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

/// The generator: it is named, since only the sequences of named generators stay the same with newer versions of `rand`.
pub(super) type Generator = Xoshiro256PlusPlus;

/// The odd number nearest to 2^64 divided by the golden ratio: it spreads seeds that differ little.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The generator of trial `number`. Each trial has its own, so that what one draws does not move the next ones.
pub(super) fn generator(seed: u64, number: u64) -> Generator {
    let mixed = seed.wrapping_mul(GOLDEN).rotate_left(29) ^ number.wrapping_mul(GOLDEN);
    Generator::seed_from_u64(mixed)
}

/// A point with `dimensions` places, each 0 to 1.
pub(super) fn uniform(generator: &mut Generator, dimensions: usize) -> Vec<f64> {
    (0..dimensions).map(|_| generator.random()).collect()
}

/// A number of the normal distribution of mean 0 and variance 1, by the method of Box and Muller (1958).
pub(super) fn normal(generator: &mut Generator) -> f64 {
    let radius: f64 = 1.0 - generator.random::<f64>();
    let turn: f64 = generator.random();
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * turn).cos()
}

/// `points` points with `dimensions` places, each 0 to 1: in each dimension, each `points`-th part of it has one point (Latin
/// hypercube; McKay, Beckman and Conover 1979).
pub(super) fn latin(generator: &mut Generator, points: usize, dimensions: usize) -> Vec<Vec<f64>> {
    let mut hypercube = vec![vec![0.0; dimensions]; points];
    let mut order: Vec<usize> = (0..points).collect();
    for dimension in 0..dimensions {
        order.shuffle(generator);
        for (point, stratum) in hypercube.iter_mut().zip(&order) {
            point[dimension] = (*stratum as f64 + generator.random::<f64>()) / points as f64;
        }
    }
    hypercube
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_one_point() {
        let points = latin(&mut generator(1, 0), 10, 3);
        for dimension in 0..3 {
            let mut parts: Vec<_> = points
                .iter()
                .map(|point| (10.0 * point[dimension]) as usize)
                .collect();
            parts.sort_unstable();
            assert_eq!(parts, (0..10).collect::<Vec<_>>());
        }
    }

    #[test]
    fn trials_and_seeds_have_generators_of_their_own() {
        let first = |seed, number| generator(seed, number).random::<u64>();
        assert_eq!(first(1, 2), first(1, 2));
        assert_ne!(first(1, 2), first(1, 3));
        assert_ne!(first(1, 2), first(2, 1));
        // The sequence must be the same on all machines, and with all versions of the crate.
        assert_eq!(first(7, 3), 9_851_275_802_349_708_481);
    }

    #[test]
    fn normal_numbers_are_normal() {
        let mut generator = generator(5, 0);
        let numbers: Vec<f64> = (0..10_000).map(|_| normal(&mut generator)).collect();
        let mean = numbers.iter().sum::<f64>() / 1e4;
        let variance = numbers.iter().map(|number| number * number).sum::<f64>() / 1e4;
        assert!(mean.abs() < 0.03, "{mean}");
        assert!((variance - 1.0).abs() < 0.05, "{variance}");
    }
}
