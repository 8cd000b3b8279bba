//! Rows as weighted sums of rows, and pixels as weighted sums of their neighbours.

use multiversion::multiversion;

use super::window::Windows;

/// Pixels of a row that are summed together.
const BLOCK: usize = 32;
/// Products that are added side by side: the order a vector unit adds in.
pub const LANES: usize = 8;

/// `out` = the sum of `rows`, each times its weight.
#[multiversion(targets = "simd")]
pub fn weighted_rows(rows: &[&[f32]], weights: &[f32], out: &mut [f32]) {
    let whole = out.len() / BLOCK * BLOCK;
    let (blocks, rest) = out.split_at_mut(whole);
    for (index, block) in blocks.chunks_exact_mut(BLOCK).enumerate() {
        let mut sums = [0.0f32; BLOCK];
        for (row, weight) in rows.iter().zip(weights) {
            let Some(taps) = row[index * BLOCK..].first_chunk::<BLOCK>() else {
                continue;
            };
            for (sum, tap) in sums.iter_mut().zip(taps) {
                *sum += weight * tap;
            }
        }
        block.copy_from_slice(&sums);
    }
    rest.fill(0.0);
    for (row, weight) in rows.iter().zip(weights) {
        for (sum, tap) in rest.iter_mut().zip(&row[whole..]) {
            *sum += weight * tap;
        }
    }
}

/// Each pixel of `out` = the weighted sum of its window over `row`.
#[multiversion(targets = "simd")]
pub fn weighted_pixels(row: &[f32], windows: &Windows, out: &mut [f32]) {
    let taps = windows.taps;
    let firsts = windows.first.iter();
    if taps == LANES {
        let (weights, _) = windows.weights.as_chunks::<LANES>();
        for ((value, first), weights) in out.iter_mut().zip(firsts).zip(weights) {
            if let Some(taps) = row[*first as usize..].first_chunk::<LANES>() {
                let mut sums = [0.0; LANES];
                for lane in 0..LANES {
                    sums[lane] = taps[lane] * weights[lane];
                }
                *value = total(sums);
            }
        }
        return;
    }
    let weights = windows.weights.chunks_exact(taps);
    for ((value, first), weights) in out.iter_mut().zip(firsts).zip(weights) {
        let (heads, tail) = row[*first as usize..][..taps].as_chunks::<LANES>();
        let (weight_heads, weight_tail) = weights.as_chunks::<LANES>();
        let mut sums = [0.0; LANES];
        for (taps, weights) in heads.iter().zip(weight_heads) {
            for lane in 0..LANES {
                sums[lane] += taps[lane] * weights[lane];
            }
        }
        for (sum, (tap, weight)) in sums.iter_mut().zip(tail.iter().zip(weight_tail)) {
            *sum += tap * weight;
        }
        *value = total(sums);
    }
}

/// The sum of all lanes.
#[inline(always)]
pub fn total(s: [f32; LANES]) -> f32 {
    ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}
