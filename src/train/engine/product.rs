//! Products of matrices.

use gemm::{Parallelism, gemm};

/// A matrix, row by row; `turned` takes its columns for its rows.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    steps: (usize, usize),
}

impl<'a> Matrix<'a> {
    /// `values` in rows of `columns`.
    pub fn new(values: &'a [f32], columns: usize) -> Self {
        let rows = values.len() / columns;
        assert_eq!(rows * columns, values.len(), "whole rows");
        Self {
            values,
            rows,
            columns,
            steps: (columns, 1),
        }
    }

    /// The value of a row and a column.
    pub fn at(&self, row: usize, column: usize) -> f32 {
        self.values[row * self.steps.0 + column * self.steps.1]
    }

    /// Rows as columns.
    pub fn turned(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            steps: (self.steps.1, self.steps.0),
            ..self
        }
    }
}

/// `left` · `right`, row by row.
pub fn product(left: Matrix<'_>, right: Matrix<'_>) -> Vec<f32> {
    assert_eq!(left.columns, right.rows, "matrices that fit");
    let (rows, columns) = (left.rows, right.columns);
    let mut out = vec![0.0f32; rows * columns];
    let step = |length: usize| length as isize;
    // SAFETY: a `Matrix` has rows × columns values at its steps, and `out` has as many as the product; `out` is no part of
    // either.
    unsafe {
        gemm(
            rows,
            columns,
            left.columns,
            out.as_mut_ptr(),
            1,
            step(columns),
            false,
            left.values.as_ptr(),
            step(left.steps.1),
            step(left.steps.0),
            right.values.as_ptr(),
            step(right.steps.1),
            step(right.steps.0),
            0.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_of_two_and_three_rows() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let b = [1.0, 0.0, -1.0, 2.0, 0.5, 1.0];
        let (a, b) = (Matrix::new(&a, 3), Matrix::new(&b, 2));
        assert_eq!(product(a, b), [0.5, 7.0, 2.0, 16.0]);
        // (b^T · a^T)^T is the same.
        assert_eq!(product(b.turned(), a.turned()), [0.5, 2.0, 7.0, 16.0]);
    }
}
