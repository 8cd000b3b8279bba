//! Sums of rows.

use multiversion::multiversion;

/// Sum of a row, in eight parts that are added at the end.
#[multiversion(targets = "simd")]
pub fn sum(row: &[f32]) -> f64 {
    let (blocks, rest) = row.as_chunks::<8>();
    let mut sums = [0.0f64; 8];
    for block in blocks {
        for (sum, value) in sums.iter_mut().zip(block) {
            *sum += f64::from(*value);
        }
    }
    sums.iter().sum::<f64>() + rest.iter().map(|value| f64::from(*value)).sum::<f64>()
}
