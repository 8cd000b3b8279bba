//! Structural similarity at several scales (Wang, Simoncelli, Bovik: "Multiscale structural similarity for image quality
//! assessment", 2003).

use rayon::prelude::*;

use super::Plane;
use super::ssim::{WINDOW, similarity};

/// Weights of the scales, the finest first.
const WEIGHTS: [f64; 5] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/// The product over five scales of the factors for contrast and structure, and of that for luminance at the coarsest one.
/// Each scale is the one before it averaged over 2 × 2. Factors below 0 count as 0. `None` for pictures with fewer than 176
/// columns or rows: the window would be larger than the coarsest scale.
pub fn ms_ssim(a: &Plane, b: &Plane) -> Option<f64> {
    if a.width.min(a.height) < WINDOW << (WEIGHTS.len() - 1) {
        return None;
    }
    let (mut a, mut b) = (Scale::of(a), Scale::of(b));
    let mut product = 1.0;
    for (scale, weight) in WEIGHTS.into_iter().enumerate() {
        let found = similarity((a.width, a.height), |at, one, other| {
            let end = at + one.len();
            one.copy_from_slice(&a.samples[at..end]);
            other.copy_from_slice(&b.samples[at..end]);
        })?;
        let last = scale + 1 == WEIGHTS.len();
        let factor = if last { found.all } else { found.contrast };
        product *= factor.max(0.0).powf(weight);
        if !last {
            (a, b) = (a.halved(), b.halved());
        }
    }
    Some(product)
}

/// A picture at one scale, as samples of 0 to 1 less a half.
struct Scale {
    width: usize,
    height: usize,
    samples: Vec<f32>,
}

impl Scale {
    fn of(plane: &Plane) -> Self {
        let scale = (1.0 / plane.peak()) as f32;
        let samples = plane.codes.par_iter();
        Self {
            width: plane.width,
            height: plane.height,
            samples: samples.map(|code| f32::from(*code) * scale - 0.5).collect(),
        }
    }

    /// Means of 2 × 2; an odd column or row at the end is left out.
    fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut samples = vec![0.0; width * height];
        let rows = samples
            .par_chunks_mut(width)
            .zip(self.samples.par_chunks(2 * self.width));
        rows.for_each(|(out, pair)| {
            let (above, below) = pair.split_at(self.width);
            let pairs = above
                .as_chunks::<2>()
                .0
                .iter()
                .zip(below.as_chunks::<2>().0);
            for (out, (above, below)) in out.iter_mut().zip(pairs) {
                *out = (above[0] + above[1] + below[0] + below[1]) / 4.0;
            }
        });
        Self {
            width,
            height,
            samples,
        }
    }
}
