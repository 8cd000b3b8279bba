//! Systems of linear equations.

/// The solution of a symmetric system with a positive definite matrix (Cholesky); `None` where it is not one.
pub(super) fn solve<const N: usize>(
    mut matrix: [[f64; N]; N],
    mut right: [f64; N],
) -> Option<[f64; N]> {
    for at in 0..N {
        for row in at..N {
            let sum: f64 = (0..at).map(|k| matrix[row][k] * matrix[at][k]).sum();
            let value = matrix[row][at] - sum;
            if row == at {
                if value.is_nan() || value <= 1e-12 {
                    return None;
                }
                matrix[at][at] = value.sqrt();
            } else {
                matrix[row][at] = value / matrix[at][at];
            }
        }
    }
    for at in 0..N {
        let sum: f64 = (0..at).map(|k| matrix[at][k] * right[k]).sum();
        right[at] = (right[at] - sum) / matrix[at][at];
    }
    for at in (0..N).rev() {
        let sum: f64 = (at + 1..N).map(|k| matrix[k][at] * right[k]).sum();
        right[at] = (right[at] - sum) / matrix[at][at];
    }
    Some(right)
}

/// Fills what is below the diagonal with what is above it.
pub(super) fn mirror<const N: usize>(matrix: &mut [[f64; N]; N]) {
    for row in 0..N {
        let (above, below) = matrix.split_at_mut(row);
        for (value, line) in below[0].iter_mut().zip(above) {
            *value = line[row];
        }
    }
}

#[test]
fn a_small_system_is_solved() {
    let matrix = [[4.0, 2.0, 0.0], [2.0, 5.0, 1.0], [0.0, 1.0, 3.0]];
    let [x, y, z] = solve(matrix, [8.0, 15.0, 11.0]).unwrap();
    assert!((x - 1.0).abs() < 1e-9 && (y - 2.0).abs() < 1e-9 && (z - 3.0).abs() < 1e-9);
    assert_eq!(solve([[1.0, 1.0], [1.0, 1.0]], [1.0, 1.0]), None);
    assert_eq!(solve([[f64::NAN]], [1.0]), None);
}
