//! Search with an evolution strategy that adapts its covariance matrix.
//!
//! Hansen 2016, "The CMA Evolution Strategy: A Tutorial" (arXiv:1604.00772), with its default parameters and positive weights
//! only. Points are drawn from a normal distribution; after each generation, its mean moves to the better points, and its width
//! and shape follow the steps that the mean made. It starts at the defaults.

use std::collections::BTreeMap;

use super::eigen::eigen;
use super::sampling::{self, Generator};

/// The width of the first generation (standard deviation), as a part of the range of each parameter.
const START_WIDTH: f64 = 0.25;

/// The width never grows above the range, as it could where nothing makes a difference.
const MAX_WIDTH: f64 = 1.0;

/// Draws for a point inside all ranges; then the last one is moved to the ends of the ranges.
const DRAWS: usize = 100;

/// The least eigenvalue of the covariance matrix: it stays invertible.
const MIN_VARIANCE: f64 = 1e-20;

/// The state of the method. Points have a place of 0 to 1 for each parameter.
#[derive(Debug)]
pub(super) struct CmaEs {
    /// Points of a generation.
    population: usize,
    /// Of the better points of a generation, the best first; their sum is 1.
    weights: Vec<f64>,
    mean: Vec<f64>,
    width: f64,
    covariance: Vec<Vec<f64>>,
    /// Of the covariance matrix, each of length 1.
    axes: Vec<Vec<f64>>,
    /// Of the axes: the square roots of the eigenvalues.
    lengths: Vec<f64>,
    /// The path of the mean that decides the width, in a space where the distribution is round.
    round_path: Vec<f64>,
    /// The path of the mean that stretches the covariance matrix.
    path: Vec<f64>,
    generations: i32,
    /// Points without a score, by the number of their trial.
    open: BTreeMap<usize, Vec<f64>>,
    /// The scores and points of this generation.
    generation: Vec<(f64, Vec<f64>)>,
}

impl CmaEs {
    /// Around the point `start`, which has one place or more.
    pub(super) fn new(start: Vec<f64>) -> Self {
        let size = start.len();
        let population = 4 + (3.0 * (size as f64).ln()) as usize;
        let middle = ((population as f64 + 1.0) / 2.0).ln();
        let raw: Vec<f64> = (1..=population / 2)
            .map(|rank| middle - (rank as f64).ln())
            .collect();
        let sum: f64 = raw.iter().sum();
        let unit = |row: usize| {
            (0..size)
                .map(|column| f64::from(u8::from(row == column)))
                .collect()
        };
        let identity: Vec<Vec<f64>> = (0..size).map(unit).collect();
        Self {
            population,
            weights: raw.iter().map(|weight| weight / sum).collect(),
            mean: start,
            width: START_WIDTH,
            covariance: identity.clone(),
            axes: identity,
            lengths: vec![1.0; size],
            round_path: vec![0.0; size],
            path: vec![0.0; size],
            generations: 0,
            open: BTreeMap::new(),
            generation: Vec::new(),
        }
    }

    /// A point for trial `number`, 1 or more; it takes the place of the last one for this trial.
    pub(super) fn propose(&mut self, number: usize, generator: &mut Generator) -> Vec<f64> {
        let mut point = self.draw(generator);
        for _ in 1..DRAWS {
            if point.iter().all(|place| (0.0..=1.0).contains(place)) {
                break;
            }
            point = self.draw(generator);
        }
        point
            .iter_mut()
            .for_each(|place| *place = place.clamp(0.0, 1.0));
        self.open.insert(number, point.clone());
        point
    }

    /// Learns that trial `number` had this score: the more, the better; not a number for trials that failed.
    pub(super) fn tell(&mut self, number: usize, score: f64) {
        let Some(point) = self.open.remove(&number) else {
            return;
        };
        let score = if score.is_nan() {
            f64::NEG_INFINITY
        } else {
            score
        };
        self.generation.push((score, point));
        if self.generation.len() < self.population {
            return;
        }
        let mut generation = std::mem::take(&mut self.generation);
        generation.sort_by(|a, b| b.0.total_cmp(&a.0));
        // Where all failed, none is better than another, and there is nothing to learn.
        if generation[0].0 > f64::NEG_INFINITY {
            let points: Vec<_> = generation.into_iter().map(|(_, point)| point).collect();
            self.adapt(&points);
        }
    }

    fn draw(&self, generator: &mut Generator) -> Vec<f64> {
        let mut point = self.mean.clone();
        for (axis, length) in self.axes.iter().zip(&self.lengths) {
            let far = self.width * length * sampling::normal(generator);
            add(&mut point, far, axis);
        }
        point
    }

    /// Equations 38 to 47 of the tutorial; `points` are those of a generation, the best first.
    fn adapt(&mut self, points: &[Vec<f64>]) {
        let size = self.mean.len() as f64;
        let effective = 1.0
            / self
                .weights
                .iter()
                .map(|weight| weight * weight)
                .sum::<f64>();
        let round_rate = (effective + 2.0) / (size + effective + 5.0);
        let damping =
            1.0 + 2.0 * (((effective - 1.0) / (size + 1.0)).sqrt() - 1.0).max(0.0) + round_rate;
        let path_rate = (4.0 + effective / size) / (size + 4.0 + 2.0 * effective / size);
        let one_rate = 2.0 / ((size + 1.3).powi(2) + effective);
        let all_rate = (2.0 * (effective - 2.0 + 1.0 / effective)
            / ((size + 2.0).powi(2) + effective))
            .min(1.0 - one_rate);
        let expected = size.sqrt() * (1.0 - 1.0 / (4.0 * size) + 1.0 / (21.0 * size * size));

        let steps: Vec<Vec<f64>> = points
            .iter()
            .take(self.weights.len())
            .map(|point| {
                point
                    .iter()
                    .zip(&self.mean)
                    .map(|(place, mean)| (place - mean) / self.width)
                    .collect()
            })
            .collect();
        let mut step = vec![0.0; self.mean.len()];
        for (weight, one) in self.weights.iter().zip(&steps) {
            add(&mut step, *weight, one);
        }
        add(&mut self.mean, self.width, &step);

        scale(&mut self.round_path, 1.0 - round_rate);
        let gain = (round_rate * (2.0 - round_rate) * effective).sqrt();
        for (axis, length) in self.axes.iter().zip(&self.lengths) {
            add(&mut self.round_path, gain * dot(axis, &step) / length, axis);
        }
        self.generations += 1;
        let norm = dot(&self.round_path, &self.round_path).sqrt();
        let settled = (1.0 - (1.0 - round_rate).powi(2 * self.generations)).sqrt();
        let steady = norm / settled < (1.4 + 2.0 / (size + 1.0)) * expected;

        scale(&mut self.path, 1.0 - path_rate);
        if steady {
            add(
                &mut self.path,
                (path_rate * (2.0 - path_rate) * effective).sqrt(),
                &step,
            );
        }
        let lost = if steady {
            0.0
        } else {
            one_rate * path_rate * (2.0 - path_rate)
        };
        for (row, line) in self.covariance.iter_mut().enumerate() {
            scale(line, 1.0 - one_rate - all_rate + lost);
            add(line, one_rate * self.path[row], &self.path);
            for (weight, one) in self.weights.iter().zip(&steps) {
                add(line, all_rate * weight * one[row], one);
            }
        }
        self.width *= (round_rate / damping * (norm / expected - 1.0)).exp();
        self.width = self.width.min(MAX_WIDTH);
        let (values, axes) = eigen(&self.covariance);
        self.axes = axes;
        self.lengths = values
            .iter()
            .map(|value| value.max(MIN_VARIANCE).sqrt())
            .collect();
    }
}

/// Adds `factor` times `more`.
fn add(sum: &mut [f64], factor: f64, more: &[f64]) {
    sum.iter_mut()
        .zip(more)
        .for_each(|(sum, more)| *sum += factor * more);
}

fn scale(numbers: &mut [f64], factor: f64) {
    numbers.iter_mut().for_each(|number| *number *= factor);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
