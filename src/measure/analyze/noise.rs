//! Noise and film grain: what differs between two frames where the picture itself is the same.

use super::bytes::{Bytes, confidence, details, percentile};
use super::{Detector, Finding, View, Worst};

/// Side of the blocks that are looked at, and how many there are each way at most.
const BLOCK: usize = 16;
const BLOCKS: (usize, usize) = (24, 14);
/// One pair of frames of so many frames is looked at.
const EVERY: u64 = 5;
/// How far a block may have moved, in pixels.
const REACH: usize = 6;
/// Noise from this deviation on is a defect, in codes of 255.
const LEAST: f64 = 2.0;
/// Grain is noise whose spots are at least so large, in pixels.
const GRAIN: f64 = 1.5;
/// And at most so large, in pixels of a picture 1280 wide or less.
const MOST_GRAIN: f64 = 3.1;
/// Largest distance of the autocorrelation, in pixels.
const LAGS: usize = 8;

/// Finds `noise` (standard deviation in codes of 255) and `grain` (size of its spots in pixels: the width of the
/// autocorrelation at half of its height, 1 of white noise). The flattest blocks are sought in the frame before by block
/// matching, the rest of the movement is removed by one step after Lucas and Kanade (1981), and what is left is noise of
/// both frames.
#[derive(Default)]
pub struct Noise {
    seen: u64,
    width: usize,
    before: Option<(Bytes, Option<[Bytes; 2]>)>,
    luma: Vec<f64>,
    chroma: Vec<f64>,
    /// Sums of products of the residue at each distance.
    products: [f64; LAGS + 1],
    worst: Worst,
}

impl Detector for Noise {
    fn frame(&mut self, view: &View) {
        let turn = self.seen % EVERY;
        self.seen += 1;
        if turn == 0 {
            self.before = Some((Bytes::luma(view), Bytes::chroma(view)));
            return;
        }
        let Some((luma, chroma)) = self.before.take().filter(|_| view.follows) else {
            return;
        };
        let now = Bytes::luma(view);
        self.width = now.width;
        if !now.fits(&luma) {
            return;
        }
        if let Some(sigma) = self.pair(&now, &luma, true) {
            self.luma.push(sigma);
            self.worst.add(sigma, view.time);
        }
        if let (Some(now), Some(before)) = (Bytes::chroma(view), chroma) {
            let both = now.iter().zip(&before);
            let sigmas = both.filter_map(|(now, before)| self.pair(now, before, false));
            if let Some(sigma) = sigmas.collect::<Vec<_>>().into_iter().reduce(f64::max) {
                self.chroma.push(sigma);
            }
        }
    }

    fn findings(mut self: Box<Self>) -> Vec<Finding> {
        let sigma = percentile(&mut self.luma, 0.5);
        let chroma = percentile(&mut self.chroma, 0.5);
        let size = self.size();
        // What is wider than grain is movement that was not found.
        let most = MOST_GRAIN * (self.width as f64 / 1280.0).max(1.0);
        let found = sigma >= LEAST && size <= most;
        let sure = if self.luma.is_empty() {
            0.2
        } else {
            confidence(sigma, LEAST)
        };
        let mut noise = Finding::absent("noise", "codes of 255", sure, "There is little noise.");
        noise.details = details(&[("luma", sigma), ("chroma", chroma)]);
        let mut grain = Finding::absent("grain", "px", sure, "There is no film grain.");
        if found {
            noise.found = true;
            noise.severity = sigma;
            noise.at = self.worst.times();
            noise.words = format!(
                "There is noise: it deviates by {sigma:.1} codes of 255 in luma and {chroma:.1} in chroma."
            );
            grain.details = details(&[("size", size), ("luma", sigma)]);
            grain.confidence = confidence(size, GRAIN);
            if size >= GRAIN {
                grain.found = true;
                grain.severity = size;
                grain.at = noise.at.clone();
                grain.words = format!("The noise is grain: its spots are {size:.1} px large.");
            }
        }
        vec![noise, grain]
    }
}

impl Noise {
    /// Deviation of the noise of `now` and `before`, or none where no block can tell. `keep` adds to the autocorrelation.
    fn pair(&mut self, now: &Bytes, before: &Bytes, keep: bool) -> Option<f64> {
        let mut blocks = Vec::new();
        let (across, down) = (
            (now.width / BLOCK).min(BLOCKS.0),
            (now.height / BLOCK).min(BLOCKS.1),
        );
        for row in 0..down {
            let top = row * (now.height - BLOCK) / (down - 1).max(1);
            for column in 0..across {
                let left = column * (now.width - BLOCK) / (across - 1).max(1);
                let (mean, flat) = flattened(now, left, top);
                // Black, white and letterboxes have lost their noise.
                if (28.0..225.0).contains(&mean) {
                    blocks.push((deviation(&flat), left, top, flat));
                }
            }
        }
        blocks.sort_by(|a, b| a.0.total_cmp(&b.0));
        blocks.truncate((blocks.len() / 5).max(4));
        let mut sigmas = Vec::with_capacity(blocks.len());
        for (spatial, left, top, flat) in &blocks {
            let (x, y) = best(now, before, *left, *top);
            let (_, other) = flattened(before, x, y);
            let rest = unmoved(flat, &other);
            let temporal = deviation(&rest) / std::f64::consts::SQRT_2;
            sigmas.push(spatial.min(temporal));
            if keep {
                self.correlate(&rest);
            }
        }
        (!sigmas.is_empty()).then(|| percentile(&mut sigmas, 0.5))
    }

    /// Adds the products of `rest` with itself, shifted across and down.
    fn correlate(&mut self, rest: &[[f32; BLOCK]; BLOCK]) {
        for (lag, sum) in self.products.iter_mut().enumerate() {
            let mut product = 0.0;
            for y in 0..BLOCK - LAGS {
                for x in 0..BLOCK - LAGS {
                    product += rest[y][x] * (rest[y][x + lag] + rest[y + lag][x]);
                }
            }
            *sum += f64::from(product);
        }
    }

    /// Width of the autocorrelation at half of its height.
    fn size(&self) -> f64 {
        let half = self.products[0] / 2.0;
        let Some(below) = self.products.iter().position(|sum| *sum < half) else {
            return 2.0 * LAGS as f64;
        };
        if below == 0 {
            return 0.0;
        }
        let (high, low) = (self.products[below - 1], self.products[below]);
        2.0 * ((below - 1) as f64 + (high - half) / (high - low).max(1e-9))
    }
}

/// Mean of the block at (`left`, `top`), and the block without its mean and slope.
fn flattened(plane: &Bytes, left: usize, top: usize) -> (f64, [[f32; BLOCK]; BLOCK]) {
    let mut block = [[0.0f32; BLOCK]; BLOCK];
    let (mut sum, mut slope_x, mut slope_y) = (0.0, 0.0, 0.0);
    let centre = (BLOCK - 1) as f32 / 2.0;
    for (y, line) in block.iter_mut().enumerate() {
        let codes = &plane.row(top + y)[left..left + BLOCK];
        for (x, (value, code)) in line.iter_mut().zip(codes).enumerate() {
            *value = f32::from(*code);
            sum += *value;
            slope_x += *value * (x as f32 - centre);
            slope_y += *value * (y as f32 - centre);
        }
    }
    let count = (BLOCK * BLOCK) as f32;
    // The sum of the squares of the distances from the centre.
    let spread = count * (count - 1.0) / 12.0;
    let (mean, across, down) = (sum / count, slope_x / spread, slope_y / spread);
    for (y, line) in block.iter_mut().enumerate() {
        for (x, value) in line.iter_mut().enumerate() {
            *value -= mean + across * (x as f32 - centre) + down * (y as f32 - centre);
        }
    }
    (f64::from(mean), block)
}

/// Standard deviation of values whose mean is about 0.
fn deviation(block: &[[f32; BLOCK]; BLOCK]) -> f64 {
    let sum: f32 = block.as_flattened().iter().map(|v| v * v).sum();
    f64::from(sum / (BLOCK * BLOCK) as f32).sqrt()
}

/// Where in `before` the block of `now` at (`left`, `top`) is found best.
fn best(now: &Bytes, before: &Bytes, left: usize, top: usize) -> (usize, usize) {
    let difference = |x: usize, y: usize| -> u32 {
        (0..BLOCK)
            .map(|row| {
                let one = &now.row(top + row)[left..left + BLOCK];
                let other = &before.row(y + row)[x..x + BLOCK];
                one.iter()
                    .zip(other)
                    .map(|(a, b)| u32::from(a.abs_diff(*b)))
                    .sum::<u32>()
            })
            .sum()
    };
    let mut place = (left, top);
    let mut least = difference(left, top);
    for y in top.saturating_sub(REACH)..=(top + REACH).min(before.height - BLOCK) {
        for x in left.saturating_sub(REACH)..=(left + REACH).min(before.width - BLOCK) {
            let sum = difference(x, y);
            if sum < least {
                (least, place) = (sum, (x, y));
            }
        }
    }
    place
}

/// The difference of two blocks without what a small movement explains.
fn unmoved(one: &[[f32; BLOCK]; BLOCK], other: &[[f32; BLOCK]; BLOCK]) -> [[f32; BLOCK]; BLOCK] {
    let mean = |y: usize, x: usize| one[y][x] + other[y][x];
    let slopes = |y: usize, x: usize| {
        let (left, right) = (x.saturating_sub(1), (x + 1).min(BLOCK - 1));
        let (above, below) = (y.saturating_sub(1), (y + 1).min(BLOCK - 1));
        (
            mean(y, right) - mean(y, left),
            mean(below, x) - mean(above, x),
        )
    };
    let (mut xx, mut xy, mut yy, mut xd, mut yd) = (0.0f32, 0.0, 0.0, 0.0, 0.0);
    for y in 0..BLOCK {
        for x in 0..BLOCK {
            let ((gx, gy), d) = (slopes(y, x), one[y][x] - other[y][x]);
            xx += gx * gx;
            xy += gx * gy;
            yy += gy * gy;
            xd += gx * d;
            yd += gy * d;
        }
    }
    let determinant = xx * yy - xy * xy;
    let (mut along_x, mut along_y) = (0.0, 0.0);
    if determinant > 1e-3 * xx * yy {
        along_x = (xd * yy - yd * xy) / determinant;
        along_y = (yd * xx - xd * xy) / determinant;
    }
    let mut rest = [[0.0; BLOCK]; BLOCK];
    for (y, line) in rest.iter_mut().enumerate() {
        for (x, value) in line.iter_mut().enumerate() {
            let (gx, gy) = slopes(y, x);
            *value = one[y][x] - other[y][x] - along_x * gx - along_y * gy;
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{normal, view};
    use super::*;

    fn run(sigma: f64, coarse: usize) -> Vec<Finding> {
        let mut noise = Box::new(Noise::default());
        for number in 0..10 {
            noise.frame(&view(number, 160, 96, |x, y| {
                // Spots of `coarse` pixels each way.
                let spot = (number as usize * 160 + x / coarse) * 160 + y / coarse;
                [100.0 + x as f64 / 4.0 + sigma * normal(spot), 128.0, 128.0]
            }));
        }
        noise.findings()
    }

    #[test]
    fn the_deviation_is_that_of_the_noise() {
        let found = run(6.0, 1);
        assert!(found[0].found && !found[1].found);
        assert!(
            (5.2..6.6).contains(&found[0].severity),
            "{}",
            found[0].severity
        );
    }

    #[test]
    fn large_spots_are_grain_and_still_pictures_are_clean() {
        let found = run(6.0, 3);
        assert!(found[1].found);
        assert!(
            (2.0..4.0).contains(&found[1].severity),
            "{}",
            found[1].severity
        );
        assert!(run(0.0, 1).iter().all(|finding| !finding.found));
    }
}
