//! The Adam optimiser (Kingma and Ba 2015).

/// How fast the averages forget.
const BETA: [f64; 2] = [0.9, 0.999];
/// Added to a root before it divides.
const EPSILON: f32 = 1e-8;

/// The averages that Adam carries from step to step.
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    /// Averages of the gradients, for each parameter.
    pub mean: Vec<Vec<f32>>,
    /// Averages of their squares.
    pub square: Vec<Vec<f32>>,
    /// Steps taken.
    pub steps: u64,
}

impl Adam {
    /// For parameters shaped as `values`, before the first step.
    pub fn new(values: &[Vec<f32>]) -> Self {
        let zeros: Vec<Vec<f32>> = values
            .iter()
            .map(|values| vec![0.0; values.len()])
            .collect();
        Self {
            mean: zeros.clone(),
            square: zeros,
            steps: 0,
        }
    }

    /// Moves `values` against `gradients` by about `rate`.
    pub fn step(&mut self, values: &mut [Vec<f32>], gradients: &[Vec<f32>], rate: f32) {
        self.steps += 1;
        // Averages begin at zero: they are too small by this factor.
        let count = i32::try_from(self.steps).unwrap_or(i32::MAX);
        let [young_mean, young_square] = BETA.map(|beta| (1.0 - beta.powi(count)) as f32);
        let [beta_mean, beta_square] = BETA.map(|beta| beta as f32);
        for (index, values) in values.iter_mut().enumerate() {
            let averages = self.mean[index].iter_mut().zip(&mut self.square[index]);
            for ((value, gradient), (mean, square)) in
                values.iter_mut().zip(&gradients[index]).zip(averages)
            {
                *mean = beta_mean * *mean + (1.0 - beta_mean) * gradient;
                *square = beta_square * *square + (1.0 - beta_square) * gradient * gradient;
                let root = (*square / young_square).sqrt() + EPSILON;
                *value -= rate * (*mean / young_mean) / root;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_is_as_long_as_the_rate() {
        let mut values = vec![vec![1.0, 1.0, 1.0]];
        let mut adam = Adam::new(&values);
        adam.step(&mut values, &[vec![5.0, -0.01, 0.0]], 0.1);
        // The first step depends on the sign alone (Kingma and Ba, section 2.1).
        for (value, expected) in values[0].iter().zip([0.9, 1.1, 1.0]) {
            assert!((value - expected).abs() < 1e-5, "{values:?}");
        }
    }

    #[test]
    fn a_bowl_is_descended_to_its_bottom() {
        let mut values = vec![vec![3.0, -2.0]];
        let mut adam = Adam::new(&values);
        for _ in 0..2000 {
            let gradients = vec![vec![
                2.0 * (values[0][0] - 1.0),
                20.0 * (values[0][1] + 1.0),
            ]];
            adam.step(&mut values, &gradients, 0.01);
        }
        assert!((values[0][0] - 1.0).abs() < 1e-3 && (values[0][1] + 1.0).abs() < 1e-3);
    }
}
