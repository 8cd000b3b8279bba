//! The brightness of a frame.

use rayon::prelude::*;
use serde::Serialize;

use crate::metrics::Plane;

/// Samples that are counted together.
const PART: usize = 1 << 18;

/// Luma of a frame, in codes as the decoder gives them: 0 to `2^depth - 1`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Luma {
    pub mean: f64,
    pub min: u16,
    pub max: u16,
    /// Pixels in 256 bins of equal width.
    pub histogram: Vec<u64>,
}

impl Luma {
    /// Of `plane`, which has 8 bits or more.
    pub fn of(plane: &Plane) -> Self {
        let parts = plane.codes.par_chunks(PART).map(|codes| {
            let mut counts = vec![0u32; 1 << plane.depth];
            codes
                .iter()
                .for_each(|code| counts[usize::from(*code)] += 1);
            counts
        });
        let counts = parts.reduce(
            || vec![0; 1 << plane.depth],
            |mut counts, more| {
                counts
                    .iter_mut()
                    .zip(more)
                    .for_each(|(sum, count)| *sum += count);
                counts
            },
        );
        let counts: Vec<u64> = counts.into_iter().map(u64::from).collect();
        let sum: u64 = (0..).zip(&counts).map(|(code, count)| code * count).sum();
        let used = |count: &u64| *count > 0;
        Self {
            mean: sum as f64 / plane.codes.len() as f64,
            min: counts.iter().position(used).unwrap_or(0) as u16,
            max: counts.iter().rposition(used).unwrap_or(0) as u16,
            histogram: counts
                .chunks(counts.len() / 256)
                .map(|bin| bin.iter().sum())
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_counted() {
        let plane = Plane {
            width: 2,
            height: 2,
            depth: 10,
            codes: vec![4, 7, 8, 1023],
        };
        let luma = Luma::of(&plane);
        assert_eq!((luma.mean, luma.min, luma.max), (260.5, 4, 1023));
        assert_eq!((luma.histogram[1], luma.histogram[2]), (2, 1));
        assert_eq!((luma.histogram[255], luma.histogram.len()), (1, 256));
    }
}
