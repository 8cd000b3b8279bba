use super::palette::{PALETTE, distance, opponent, samples};
use crate::reference::Io;

const LEVELS: usize = 8;
const BINS: usize = 512;

/// The most samples of a bin that count.
const MOST: u32 = 256;
/// A colour that is so far from all others is no shade of one of them.
const FAR: i32 = 25600;
/// The least samples that such a colour has, with those of the bins around it: 0.15 % of the picture; and the least of the bin.
const LEAST: u32 = 30;
const LEAST_OF_BIN: u32 = 8;

/// The initial palette: that of the previous frame. Colours without samples (all of them, when a scene starts) are
/// replaced by those of a coarse histogram that are frequent and far from the others. The last quarter of the colours goes to
/// small areas first, where one is unlike all that was chosen: a red roof in a green landscape. After the palette, the buffer
/// holds the bins, 8 levels each of red, green and blue: sums of red, green, blue, and the count.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    words.fill(0);
    let (palette, bins) = words.split_at_mut(PALETTE);
    for rgb in samples(io.image("picture")) {
        let level = rgb.map(|v| v as usize * LEVELS / 256);
        let bin = 4 * ((level[0] * LEVELS + level[1]) * LEVELS + level[2]);
        for (c, v) in rgb.into_iter().enumerate() {
            bins[bin + c] += v as u32;
        }
        bins[bin + 3] += 1;
    }
    let means: Vec<[i32; 3]> = bins
        .chunks_exact(4)
        .map(|bin| [0, 1, 2].map(|c| (bin[c] / bin[3].max(1)) as i32))
        .collect();
    let colors = io.param("colors") as usize;
    let last = io.words("last");
    let alive = |k: usize| io.facts.history_valid && last[4 * k + 3] > 0;
    // For each bin, the distance to the nearest colour chosen so far.
    let mut nearest = [1 << 20; BINS];
    let mut choose = |k: usize, rgb: [u32; 3], nearest: &mut [i32; BINS]| {
        palette[4 * k..4 * k + 3].copy_from_slice(&rgb);
        palette[4 * k + 3] = 1;
        let rgb = opponent(rgb.map(|v| (v / 256) as i32));
        for (near, mean) in nearest.iter_mut().zip(&means) {
            *near = (*near).min(distance(opponent(*mean), rgb));
        }
    };
    // First the colours that are kept, then the new ones.
    for k in (0..colors).filter(|k| alive(*k)) {
        choose(k, [0, 1, 2].map(|c| last[4 * k + c]), &mut nearest);
    }
    let small: Vec<bool> = (0..BINS)
        .map(|bin| bins[4 * bin + 3] >= LEAST_OF_BIN && around(bins, bin) >= LEAST)
        .collect();
    let kept = (0..colors).filter(|k| alive(*k)).count();
    for (chosen, k) in (kept..).zip((0..colors).filter(|k| !alive(*k))) {
        let late = chosen >= colors - colors / 4;
        let (mut best, mut most) = (0, 0);
        for (bin, near) in nearest.iter().enumerate() {
            // A small area of a far colour counts as a large one.
            let many = match late && small[bin] && *near >= FAR {
                true => MOST,
                false => bins[4 * bin + 3].min(MOST),
            };
            let score = many * (near >> 5) as u32;
            if score > most {
                (best, most) = (bin, score);
            }
        }
        choose(k, means[best].map(|v| 256 * v as u32), &mut nearest);
    }
}

/// The samples of a bin and of the 26 around it.
fn around(bins: &[u32], bin: usize) -> u32 {
    let near = |level: usize| level.saturating_sub(1)..=(level + 1).min(LEVELS - 1);
    let mut sum = 0;
    for r in near(bin / (LEVELS * LEVELS)) {
        for g in near(bin / LEVELS % LEVELS) {
            for b in near(bin % LEVELS) {
                sum += bins[4 * ((r * LEVELS + g) * LEVELS + b) + 3];
            }
        }
    }
    sum
}
