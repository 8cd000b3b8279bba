use multiversion::multiversion;
use rayon::prelude::*;

use super::palette::{PALETTE, Place, ROWS, nearest, rounded, sample_row};
use crate::reference::Io;
use crate::reference::lanes::LANES;

/// One round of k-means (Lloyd, 1982): every sample goes to its nearest colour, every colour becomes the mean of its
/// samples. After the palette, the buffer holds the sums of red, green and blue, and the count, of each colour (at most
/// 20 736 samples of up to 255).
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    words.fill(0);
    let (palette, sums) = words.split_at_mut(PALETTE);
    let before = io.words("palette");
    let count = io.param("colors") as usize;
    let places: Vec<Place<1>> = (0..count)
        .map(|k| Place::new(rounded(before, k), [k as f32]))
        .collect();
    let picture = io.image("picture");
    let total = (0..ROWS)
        .into_par_iter()
        .fold(
            || [0; PALETTE],
            |sums, row| add(&sample_row(picture, row), &places, sums),
        )
        .reduce(
            || [0; PALETTE],
            |a, b| std::array::from_fn(|at| a[at] + b[at]),
        );
    sums.copy_from_slice(&total);
    for k in (0..count).map(|k| 4 * k) {
        let many = sums[k + 3];
        for c in k..k + 3 {
            palette[c] = match many {
                0 => before[c],
                _ => (sums[c] * 256 + many / 2) / many,
            };
        }
        palette[k + 3] = many;
    }
}

/// Adds each sample to the sums of its nearest colour.
#[multiversion(targets = "simd")]
fn add(samples: &[[i32; 3]], places: &[Place<1>], mut sums: [u32; PALETTE]) -> [u32; PALETTE] {
    for samples in samples.chunks(LANES) {
        let mut rgb = [[0.0; LANES]; 3];
        for (i, sample) in samples.iter().enumerate() {
            for c in 0..3 {
                rgb[c][i] = sample[c] as f32;
            }
        }
        let [best] = nearest(rgb, places);
        for (sample, best) in samples.iter().zip(best) {
            let at = 4 * (best as usize % (PALETTE / 4));
            for c in 0..3 {
                sums[at + c] += sample[c] as u32;
            }
            sums[at + 3] += 1;
        }
    }
    sums
}
