//! Weighted sums of rows and of neighbouring pixels, used by all six twins.

use multiversion::multiversion;

use crate::reference::common::border::reflect;
use crate::reference::common::bspline::cubic;
use crate::reference::lanes::{LANES, Lanes, load, store};
use crate::reference::{Image, Out};

/// Weights of neighbouring indices, summing to 1.
pub struct Window {
    /// Index of the first; it may be outside the row.
    pub first: i64,
    pub weights: Vec<f32>,
}

impl Window {
    fn normalised(first: i64, mut weights: Vec<f32>) -> Self {
        let total: f32 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= total);
        Self { first, weights }
    }

    /// Weights around point `i` of the coarse grid.
    pub fn reduce(i: usize, spacing: f32) -> Self {
        let centre = i as f32 * spacing;
        let reach = 2.0 * spacing;
        let (first, last) = (
            (centre - reach).ceil() as i64,
            (centre + reach).floor() as i64,
        );
        Self::normalised(
            first,
            (first..=last)
                .map(|i| cubic((i as f32 - centre) / spacing))
                .collect(),
        )
    }

    /// Weights of the spline at pixel `i`.
    pub fn expand(i: usize, spacing: f32) -> Self {
        let position = i as f32 / spacing;
        let first = position.floor() as i64 - 1;
        Self::normalised(
            first,
            (first..first + 4)
                .map(|i| cubic(i as f32 - position))
                .collect(),
        )
    }

    /// Weights of the Gaussian around pixel `i`, cut at four standard deviations.
    pub fn gaussian(i: usize, deviation: f32) -> Self {
        let reach = (4.0 * deviation).ceil() as i64;
        let fall = -0.5 / (deviation * deviation);
        Self::normalised(
            i as i64 - reach,
            (-reach..=reach)
                .map(|d| (fall * (d * d) as f32).exp())
                .collect(),
        )
    }

    /// The sum over pixels that are all 1, with the rounding of the sums below.
    pub fn of_ones(&self) -> f32 {
        self.weights.iter().fold(0.0, |sum, weight| sum + weight)
    }
}

/// `out` = the weighted sum of rows of `image`, which is reflected at its borders.
pub fn sum_rows(image: &Image, window: &Window, out: &mut Out<'_>) {
    let whole_row = |i: usize| image.row(reflect(window.first + i as i64, image.height));
    for channel in 0..out.channels() {
        let line = out.channel(channel);
        let rows = 0..window.weights.len();
        if channel == 3 && rows.into_iter().all(|i| whole_row(i).is_opaque()) {
            line.fill(window.of_ones());
            continue;
        }
        let rows = 0..window.weights.len();
        let rows: Vec<&[f32]> = rows.map(|i| whole_row(i).channel(channel)).collect();
        weigh(&rows, &window.weights, line);
    }
}

/// Blocks whose sums are made at once, so that no addition waits for the one before it.
const BLOCKS: usize = 4;

/// `out` = the sum of `rows`, each with its weight.
#[multiversion(targets = "simd")]
fn weigh(rows: &[&[f32]], weights: &[f32], out: &mut [f32]) {
    let (stretches, rest) = out.as_chunks_mut::<{ BLOCKS * LANES }>();
    let whole = stretches.len() * BLOCKS * LANES;
    for (index, out) in stretches.iter_mut().enumerate() {
        let x = index * BLOCKS * LANES;
        // Four variables, not an array: the compiler keeps them in registers.
        let [mut a, mut b, mut c, mut d] = [[0.0; LANES]; BLOCKS];
        for (row, weight) in rows.iter().zip(weights) {
            let values = row[x..x + BLOCKS * LANES].as_chunks::<LANES>().0;
            add(&values[0], *weight, &mut a);
            add(&values[1], *weight, &mut b);
            add(&values[2], *weight, &mut c);
            add(&values[3], *weight, &mut d);
        }
        out.copy_from_slice([a, b, c, d].as_flattened());
    }
    for x in (0..rest.len()).step_by(LANES) {
        let mut sum = [0.0; LANES];
        for (row, weight) in rows.iter().zip(weights) {
            add(&load(row, whole + x), *weight, &mut sum);
        }
        store(&sum, rest, x);
    }
}

#[inline(always)]
fn add(values: &Lanes, weight: f32, sum: &mut Lanes) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += weight * value;
    }
}

/// Each pixel of `out` = the sum over the same `window` around it in `row`, which is reflected at its ends.
pub fn convolve(row: &[f32], window: &Window, out: &mut [f32]) {
    let taps = window.weights.len();
    let before = (-window.first).max(0) as usize;
    let reflected = |i: i64| row[reflect(i, row.len())];
    let mut padded = Vec::with_capacity(row.len() + taps - 1);
    padded.extend((window.first..0).map(reflected));
    padded.extend_from_slice(row);
    let after = (taps - 1).saturating_sub(before);
    padded.extend((row.len()..row.len() + after).map(|i| reflected(i as i64)));
    let shifted: Vec<&[f32]> = padded.windows(row.len()).take(taps).collect();
    weigh(&shifted, &window.weights, out);
}

/// Each pixel of `out` = the sum over its own window in `row`, which is reflected at its ends.
pub fn sum_pixels(row: &[f32], windows: &[Window], out: &mut [f32]) {
    // The row extended on both sides, so that no window reaches outside.
    let before = windows.iter().map(|w| -w.first).max().unwrap_or(0).max(0) as usize;
    let after = windows
        .iter()
        .map(|w| w.first + w.weights.len() as i64 - row.len() as i64)
        .max()
        .unwrap_or(0)
        .max(0) as usize;
    let mut padded = Vec::with_capacity(before + row.len() + after);
    padded.extend(
        (1..=before)
            .rev()
            .map(|i| row[reflect(-(i as i64), row.len())]),
    );
    padded.extend_from_slice(row);
    padded.extend((0..after).map(|i| row[reflect((row.len() + i) as i64, row.len())]));
    dot_windows(&padded, before as i64, windows, out);
}

#[multiversion(targets = "simd")]
fn dot_windows(padded: &[f32], before: i64, windows: &[Window], out: &mut [f32]) {
    for (value, window) in out.iter_mut().zip(windows) {
        let start = (window.first + before) as usize;
        let taps = &padded[start..start + window.weights.len()];
        // Eight partial sums: the order in which a vector unit adds.
        let mut sums = [0.0f32; 8];
        let (head, tail) = (taps.chunks_exact(8), taps.chunks_exact(8).remainder());
        for (taps, weights) in head.zip(window.weights.chunks_exact(8)) {
            for lane in 0..8 {
                sums[lane] += taps[lane] * weights[lane];
            }
        }
        let rest = window.weights.len() - tail.len();
        for (lane, (tap, weight)) in tail.iter().zip(&window.weights[rest..]).enumerate() {
            sums[lane] += tap * weight;
        }
        *value = ((sums[0] + sums[4]) + (sums[2] + sums[6]))
            + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    }
}
