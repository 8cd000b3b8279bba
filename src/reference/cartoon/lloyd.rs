use super::palette::{PALETTE, nearest, opponent, rounded, samples};
use crate::reference::Io;

/// One round of k-means (Lloyd, 1982): every sample goes to its nearest colour, every colour becomes the mean of its
/// samples. Behind the palette lie the sums of red, green and blue, and the count, of each colour: at most 20 736 samples
/// of 255 each.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    words.fill(0);
    let (palette, sums) = words.split_at_mut(PALETTE);
    let before = io.words("palette");
    let count = io.param("colors") as usize;
    let colors: Vec<[i32; 3]> = (0..count).map(|k| opponent(rounded(before, k))).collect();
    for rgb in samples(io.image("picture")) {
        let best = 4 * nearest(&colors, opponent(rgb));
        for (c, v) in rgb.into_iter().enumerate() {
            sums[best + c] += v as u32;
        }
        sums[best + 3] += 1;
    }
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
