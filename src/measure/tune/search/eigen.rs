//! The axes of a symmetric matrix.

/// Rounds over all pairs of axes; a small matrix takes less than ten.
const MAX_ROUNDS: usize = 50;

/// A symmetric matrix as a sum of axes: the eigenvalues and, in the same order, the eigenvectors, each of length 1.
///
/// By the method of Jacobi (1846), with the rotations of Golub and Van Loan, "Matrix Computations", 8.5: one pair of axes after
/// the other is turned until nothing is left outside the diagonal. It is the slowest of the methods, but exact to the last
/// digits, and has no more than this to it; the matrices here have a row for each parameter.
pub(super) fn eigen(matrix: &[Vec<f64>]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let size = matrix.len();
    let mut left = matrix.to_vec();
    let mut axes: Vec<Vec<f64>> = (0..size)
        .map(|row| {
            (0..size)
                .map(|column| f64::from(u8::from(row == column)))
                .collect()
        })
        .collect();
    for _ in 0..MAX_ROUNDS {
        let mut turned = false;
        for first in 0..size {
            for second in first + 1..size {
                turned |= turn(&mut left, &mut axes, first, second);
            }
        }
        if !turned {
            break;
        }
    }
    ((0..size).map(|axis| left[axis][axis]).collect(), axes)
}

/// Turns two axes such that what `left` has outside the diagonal for them is 0; whether there was something.
fn turn(left: &mut [Vec<f64>], axes: &mut [Vec<f64>], first: usize, second: usize) -> bool {
    let outside = left[first][second];
    if outside.abs() <= f64::EPSILON * (left[first][first] * left[second][second]).abs().sqrt() {
        return false;
    }
    let ratio = (left[second][second] - left[first][first]) / (2.0 * outside);
    let tangent = ratio.signum() / (ratio.abs() + (1.0 + ratio * ratio).sqrt());
    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
    let sine = tangent * cosine;
    let rotated = |a: f64, b: f64| (cosine * a - sine * b, sine * a + cosine * b);
    for row in left.iter_mut() {
        (row[first], row[second]) = rotated(row[first], row[second]);
    }
    for column in 0..left.len() {
        (left[first][column], left[second][column]) =
            rotated(left[first][column], left[second][column]);
        (axes[first][column], axes[second][column]) =
            rotated(axes[first][column], axes[second][column]);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_axes_make_the_matrix(numbers in prop::collection::vec(-10.0_f64..10.0, 36), size in 1_usize..7) {
            // A product with its own transpose is symmetric, and no eigenvalue of it is negative.
            let root: Vec<_> = numbers.chunks(6).take(size).map(|row| &row[..size]).collect();
            let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
            let matrix: Vec<Vec<f64>> = root.iter().map(|a| root.iter().map(|b| dot(a, b)).collect()).collect();
            let (values, axes) = eigen(&matrix);
            for row in 0..size {
                for column in 0..size {
                    let sum: f64 = (0..size).map(|axis| values[axis] * axes[axis][row] * axes[axis][column]).sum();
                    prop_assert!((sum - matrix[row][column]).abs() < 1e-9, "{sum} is not {}", matrix[row][column]);
                    let expected = f64::from(u8::from(row == column));
                    prop_assert!((dot(&axes[row], &axes[column]) - expected).abs() < 1e-12);
                }
            }
            prop_assert!(values.iter().all(|value| *value > -1e-9));
        }
    }
}
