//! Linear equations with a symmetric, positive definite matrix: the Cholesky decomposition.

/// A matrix `A = L Lᵀ`, as the rows of the lower triangle `L`.
pub(super) struct Cholesky {
    rows: Vec<Vec<f64>>,
}

impl Cholesky {
    /// Decomposes `matrix`, given by its rows; only the lower triangle is read. `None` if it is not positive definite.
    pub(super) fn of(matrix: &[Vec<f64>]) -> Option<Self> {
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(matrix.len());
        for (i, given) in matrix.iter().enumerate() {
            let mut row: Vec<f64> = Vec::with_capacity(i + 1);
            for (j, above) in rows.iter().enumerate() {
                row.push((given[j] - dot(&row, &above[..j])) / above[j]);
            }
            let pivot = given[i] - dot(&row, &row);
            if !(pivot > 0.0 && pivot.is_finite()) {
                return None;
            }
            row.push(pivot.sqrt());
            rows.push(row);
        }
        Some(Self { rows })
    }

    /// `x` with `L x = b`. The product of two of these is `aᵀ A⁻¹ b`.
    pub(super) fn half_solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = Vec::with_capacity(b.len());
        for (row, b) in self.rows.iter().zip(b) {
            let i = x.len();
            x.push((b - dot(&row[..i], &x)) / row[i]);
        }
        x
    }

    /// `x` with `A x = b`.
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = self.half_solve(b);
        for i in (0..x.len()).rev() {
            let below: f64 = (i + 1..x.len()).map(|k| self.rows[k][i] * x[k]).sum();
            x[i] = (x[i] - below) / self.rows[i][i];
        }
        x
    }
}

/// The sum of the products of the numbers of `a` and `b`.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
