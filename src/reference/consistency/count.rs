use rayon::prelude::*;

use crate::reference::Io;
use crate::reference::common::codes::code_to;
use crate::reference::row::Image;

/// From one pixel to the next that is counted, in both directions.
const STEP: usize = 2;
const CODES: usize = 1024;

/// Histograms of 1024 codes of red, green and blue, and one of 256 steps of fine detail.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let image = io.image("image");
    let nothing = || vec![0u32; words.len()];
    let rows = (0..image.height).into_par_iter().step_by(STEP);
    let counted = rows.fold(nothing, |mut bins, y| {
        let y = y as i64;
        let [above, here, below] = [y - 1, y, y + 1].map(|y| tones(image, y));
        let codes = codes(image, y);
        let last = image.width - 1;
        for x in (0..image.width).step_by(STEP) {
            for (channel, codes) in codes.iter().enumerate() {
                bins[channel * CODES + codes[x] as usize] += 1;
            }
            let across = here[x.saturating_sub(1)] + here[(x + 1).min(last)];
            let detail = (4 * here[x] - across - above[x] - below[x]).abs() / 8;
            bins[3 * CODES + detail.min(255) as usize] += 1;
        }
        bins
    });
    let counted = counted.reduce(nothing, |mut all, more| {
        all.iter_mut()
            .zip(more)
            .for_each(|(bin, more)| *bin += more);
        all
    });
    words.copy_from_slice(&counted);
}

/// Red, green and blue of row `y` as codes of 10 bits.
fn codes(image: &Image, y: i64) -> [Vec<i32>; 3] {
    let code = |value: &f32| code_to(*value, 1023.0);
    image
        .clamped_row(y)
        .rgb()
        .map(|line| line.iter().map(code).collect())
}

/// Red and blue and twice green of row `y`.
fn tones(image: &Image, y: i64) -> Vec<i32> {
    let [r, g, b] = codes(image, y);
    r.iter()
        .zip(&g)
        .zip(&b)
        .map(|((r, g), b)| r + 2 * g + b)
        .collect()
}
