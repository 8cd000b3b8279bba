use rayon::prelude::*;

use super::super::LumaLine;
use crate::reference::Io;

/// Words of a row.
pub const WORDS: usize = 3;
/// 1 in the third word of a row.
pub const ONE: u32 = 1 << 15;
/// Weights of the window along one axis, in 1/4096: a Gaussian of deviation 1.5.
pub const WEIGHTS: [u32; 11] = [4, 32, 146, 449, 873, 1088, 873, 449, 146, 32, 4];
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
            words[2] = lacking(rows);
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

/// What the SSIM of the windows of one row lacks to 1, from the sums of the 11 rows that they cover.
fn lacking(rows: &[Sums]) -> u32 {
    let means = [0, 1].map(|which| down(rows, which, |sum| sum));
    // Squares need 40 bits: their upper and lower parts are added up apart. Then they are in 1/2^16.
    let squares = [2, 3, 4].map(|which| {
        let high = down(rows, which, |sum| sum >> 12);
        let low = down(rows, which, |sum| sum & 0xfff);
        let parts = high.into_iter().zip(low);
        let both = parts.map(|(high, low)| (high << 4) + (low >> 8));
        both.collect::<Vec<u32>>()
    });
    let windows = 0..means[0].len();
    let of = |x: usize| {
        of_window(
            means.each_ref().map(|m| m[x]),
            squares.each_ref().map(|s| s[x]),
        )
    };
    windows.map(of).sum()
}

/// The weighted sum down 11 rows of `part` of their sums.
fn down(rows: &[Sums], which: usize, part: impl Fn(u32) -> u32) -> Vec<u32> {
    let mut total = vec![0; rows[0][which].len()];
    for (row, weight) in rows.iter().zip(WEIGHTS) {
        for (total, sum) in total.iter_mut().zip(&row[which]) {
            *total += weight * part(*sum);
        }
    }
    total
}

/// What the SSIM of a window lacks to 1, from the means of a and b in 1/2^24, and those of a², b² and ab in 1/2^16.
fn of_window([a, b]: [u32; 2], [square_a, square_b, both]: [u32; 3]) -> u32 {
    let product = |a: u32, b: u32| ((u64::from(a) * u64::from(b)) >> 32) as u32;
    let (aa, bb, ab) = (product(a, a), product(b, b), product(a, b));
    let beyond = |square: u32, mean: u32| square.wrapping_sub(mean) as i32;
    let variance = beyond(square_a, aa).max(0) + beyond(square_b, bb).max(0);
    let joint = 2 * beyond(both, ab) + C2;
    let luminance = ratio(2 * (ab >> 2) + C1, (aa >> 2) + (bb >> 2) + C1);
    let structure = ratio(joint.unsigned_abs(), (variance + C2) as u32);
    let similarity = (luminance * structure + (ONE >> 1)) >> 15;
    if joint < 0 {
        ONE + similarity
    } else {
        ONE - similarity
    }
}

/// `part / whole` in 1/32768, rounded; `part` is taken to be at most `whole`.
fn ratio(part: u32, whole: u32) -> u32 {
    let twice = (u64::from(part.min(whole)) << 16) / u64::from(whole);
    ((twice + 1) >> 1) as u32
}
