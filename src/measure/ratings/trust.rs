//! How far predictions can be trusted: each sample predicted by the others, without a further fit.
//!
//! For a penalty, let `e` be the errors of the fit to all samples and `H` the matrix that takes scores to fitted scores.
//! Without sample `i`, the error at `i` is `e_i / (1 - H_ii)` (Allen's PRESS, Technometrics 16, 1974); without `i` and
//! `j`, the error at `j` is `(e_j (1 - H_ii) + H_ij e_i) / ((1 - H_ii) (1 - H_jj) - H_ij²)`. Both are exact while the
//! scales of the features and `n λ` stay those of all samples.

use super::cholesky::dot;

/// How well each sample is predicted by a model of the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trust {
    /// The leave-one-out R²: 1 less the summed squared errors of these predictions, divided by those of guessing the
    /// mean score of the other samples. 1 is a perfect prediction; at 0 or below, the mean is as good a guess. The
    /// penalty is chosen anew without each sample, so that the choice cannot flatter.
    pub r2: f64,
    /// From how many samples.
    pub samples: usize,
}

impl Trust {
    /// What to tell the person: a warning if nothing was learnt (R² of 0 or below), otherwise nothing.
    pub fn warning(&self) -> Option<String> {
        match self.r2 > 0.0 {
            true => None,
            // Also if it is not a number.
            false => Some(format!(
                "nothing was learnt from {} ratings: the mean is as good a guess (leave-one-out R² {:.2}); rate more outputs",
                self.samples, self.r2
            )),
        }
    }

    /// The index of the best penalty, and the trust, for the fits with every penalty, from the smallest to the largest.
    /// `scores` have a mean of 0.
    pub(super) fn of(fits: &[&Left], scores: &[f64]) -> (usize, Self) {
        let count = scores.len();
        let every = 0..count;
        let of_all = |fit: &&Left| -> f64 { every.clone().map(|i| fit.without(i).powi(2)).sum() };
        let best = least(&fits.iter().map(of_all).collect::<Vec<_>>());
        let (mut wrong, mut guessed) = (0.0, 0.0);
        for i in every.clone() {
            let of_others = |fit: &&Left| -> f64 {
                let others = every.clone().filter(|j| *j != i);
                others.map(|j| fit.without_both(i, j).powi(2)).sum()
            };
            let chosen = least(&fits.iter().map(of_others).collect::<Vec<_>>());
            wrong += fits[chosen].without(i).powi(2);
            // The mean of the others is `-score / (count - 1)`.
            guessed += (scores[i] * count as f64 / (count - 1) as f64).powi(2);
        }
        let r2 = 1.0 - wrong / guessed;
        (best, Self { r2, samples: count })
    }
}

/// What a fit with one penalty left over.
pub(super) struct Left {
    /// Of each sample, its score less its fitted score.
    errors: Vec<f64>,
    /// Of each sample, its standardised features in the basis in which `H` is a plain product.
    halves: Vec<Vec<f64>>,
    /// Of each sample `i`, `1 - H_ii`: above 0, because every penalty is.
    free: Vec<f64>,
}

impl Left {
    /// The fit that left `errors` over, with the features of each sample as `L⁻¹ z`.
    pub(super) fn new(errors: Vec<f64>, halves: Vec<Vec<f64>>) -> Self {
        let constant = 1.0 / errors.len() as f64;
        let free = halves
            .iter()
            .map(|half| 1.0 - constant - dot(half, half))
            .collect();
        Self {
            errors,
            halves,
            free,
        }
    }

    /// The error at `i` of the fit without `i`.
    fn without(&self, i: usize) -> f64 {
        self.errors[i] / self.free[i]
    }

    /// The error at `j` of the fit without `i` and `j`.
    fn without_both(&self, i: usize, j: usize) -> f64 {
        let shared = 1.0 / self.errors.len() as f64 + dot(&self.halves[i], &self.halves[j]);
        let free = self.free[i] * self.free[j] - shared * shared;
        (self.errors[j] * self.free[i] + shared * self.errors[i]) / free
    }
}

/// The index of the smallest sum; of equal ones the last, with the largest penalty.
fn least(sums: &[f64]) -> usize {
    let mut best = 0;
    for (index, sum) in sums.iter().enumerate() {
        if *sum <= sums[best] {
            best = index;
        }
    }
    best
}
