use rayon::prelude::*;

use crate::reference::Io;
use crate::reference::common::codes::code_of;

/// From one pixel to the next that is counted, in both directions.
const STEP: usize = 2;

/// A histogram of 256 tones: a quarter of red and blue each and half of green.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let image = io.image("image");
    let nothing = || vec![0u32; words.len()];
    let rows = (0..image.height).into_par_iter().step_by(STEP);
    let counted = rows.fold(nothing, |mut bins, y| {
        let [r, g, b] = image.row(y).rgb();
        for x in (0..image.width).step_by(STEP) {
            let [r, g, b] = [r[x], g[x], b[x]].map(code);
            bins[((r + 2 * g + b + 2) / 4) as usize] += 1;
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

/// A value 0..1 as a code value of 8 bits.
fn code(value: f32) -> u32 {
    code_of(value) as u32
}
