use rayon::prelude::*;

use super::super::LumaLine;
use crate::reference::Io;

/// Words of a row.
pub const WORDS: usize = 3;
/// 1 in the third word of a row.
pub const ONE: u32 = 1 << 15;
/// Weights of the window along one axis, in 1/4096: a Gaussian of deviation 1.5.
pub const WEIGHTS: [u32; 11] = [4, 31, 148, 448, 872, 1090, 872, 448, 148, 31, 4];
/// (0.01 · 255)² in 1/2^14, and (0.03 · 255)² in 1/2^16.
const C1: u32 = 106_537;
const C2: i32 = 3_835_331;
/// Rows of windows that are made together.
const BAND: usize = 32;

/// Sums along a row, for each window that begins in it: of a, b, a², b² and ab.
type Sums = [Vec<u32>; 5];

/// How far the upper half of a gray picture differs from the lower half. A row has the sum of the lower 16 bits of the
/// squares of the differences, that of their upper 16 bits, and what the SSIM of its windows lacks to 1, in 1/32768.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let picture = io.planes();
    let (rows, width) = (io.param("rows") as usize, picture.width as usize);
    let shift = io.param("depth") as u32 - 8;
    let line = |picture_index: usize, y: usize| {
        let line = LumaLine::of(picture, picture_index * rows + y, false);
        (0..width).map(|x| line.luma(x)).collect::<Vec<u32>>()
    };
    words.fill(0);
    let windows = (rows + 1).saturating_sub(WEIGHTS.len());
    let bands = words.par_chunks_mut(WORDS * BAND).enumerate();
    bands.for_each(|(band, words)| {
        let top = band * BAND;
        for (y, words) in (top..).zip(words.chunks_exact_mut(WORDS)) {
            squares(&line(0, y), &line(1, y), words);
        }
        if width < WEIGHTS.len() || top >= windows {
            return;
        }
        let eight = |picture: usize, y: usize| {
            let mut codes = line(picture, y);
            for code in &mut codes {
                *code = ((*code + ((1 << shift) >> 1)) >> shift).min(255);
            }
            codes
        };
        let end = (top + BAND).min(windows);
        let sums = (top..end + WEIGHTS.len() - 1).map(|y| along(&eight(0, y), &eight(1, y)));
        let sums: Vec<Sums> = sums.collect();
        let windows = sums.windows(WEIGHTS.len());
        for (words, rows) in words.chunks_exact_mut(WORDS).zip(windows) {
            words[2] = (0..rows[0][0].len()).map(|x| lacking(rows, x)).sum();
        }
    });
}

fn squares(a: &[u32], b: &[u32], words: &mut [u32]) {
    for (a, b) in a.iter().zip(b) {
        let gap = a.abs_diff(*b);
        let square = gap * gap;
        words[0] += square & 0xffff;
        words[1] += square >> 16;
    }
}

/// The weighted sums of one row.
fn along(a: &[u32], b: &[u32]) -> Sums {
    let products: [Vec<u32>; 5] = [
        a.to_vec(),
        b.to_vec(),
        a.iter().map(|a| a * a).collect(),
        b.iter().map(|b| b * b).collect(),
        a.iter().zip(b).map(|(a, b)| a * b).collect(),
    ];
    products.map(|values| {
        let mut sums = vec![0; values.len() + 1 - WEIGHTS.len()];
        for (k, weight) in WEIGHTS.iter().enumerate() {
            let values = &values[k..];
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += weight * value;
            }
        }
        sums
    })
}

/// What the SSIM of window `x` lacks to 1, from the sums of its rows.
fn lacking(rows: &[Sums], x: usize) -> u32 {
    // In 1/2^24.
    let sum = |which: usize| -> u64 {
        let rows = rows.iter().zip(WEIGHTS);
        rows.map(|(row, weight)| u64::from(row[which][x]) * u64::from(weight))
            .sum()
    };
    let means = [sum(0), sum(1)];
    // All that follows is in 1/2^16.
    let product = |a: u64, b: u64| (a * b >> 32) as u32;
    let [aa, bb, ab] = [
        product(means[0], means[0]),
        product(means[1], means[1]),
        product(means[0], means[1]),
    ];
    let beyond = |which: usize, square: u32| ((sum(which) >> 8) as u32).wrapping_sub(square) as i32;
    let variance = beyond(2, aa).max(0) + beyond(3, bb).max(0);
    let joint = 2 * beyond(4, ab) + C2;
    let luminance = ratio(2 * (ab >> 2) + C1, (aa >> 2) + (bb >> 2) + C1);
    let structure = ratio(joint.unsigned_abs(), (variance + C2) as u32);
    let both = (luminance * structure + (ONE >> 1)) >> 15;
    if joint < 0 { ONE + both } else { ONE - both }
}

/// `part / whole` in 1/32768, rounded; `part` is taken to be at most `whole`.
fn ratio(part: u32, whole: u32) -> u32 {
    let twice = (u64::from(part.min(whole)) << 16) / u64::from(whole);
    ((twice + 1) >> 1) as u32
}
