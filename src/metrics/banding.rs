//! Banding: smooth areas that rise in visible steps.

use std::sync::LazyLock;

use multiversion::multiversion;
use rayon::prelude::*;

use super::Plane;

/// Pictures that are smaller both ways have no number.
const SMALLEST: usize = 216;
/// A picture with more samples is measured on every second one each way, or every third, and so on.
const MOST_SAMPLES: usize = 2560 * 1600;
/// Codes of the 10 bits that the numbers of the paper are for.
const CODES: usize = 1024;
/// Weights of the scales. Each has half the width and height of the one before.
const SCALES: [f64; 5] = [16.0, 8.0, 4.0, 2.0, 1.0];
/// Steps of 1 to this many codes are looked for. A step weighs as much as it has codes.
const STEPS: usize = 4;
/// Share of the pixels, those with the largest contrasts, that make the number of a scale.
const SHARE: f64 = 0.6;
/// Half of the side of the square in which a pixel needs even neighbours.
const AROUND: usize = 3;
/// Code of a pixel in texture.
const TEXTURE: u16 = u16::MAX;
/// Columns that one piece of work has.
const COLUMNS: usize = 256;

/// CAMBI (Tandon, Afonso, Sole, Krasula: "CAMBI: contrast-aware multiscale banding index", 2021) of luma in the limited
/// range, with the constants of libvmaf: 0 is none, from about 5 on it annoys, about 24 is the most. `None` for pictures with
/// fewer than 216 columns and rows.
///
/// Pictures of more than 2560 × 1600 samples are measured on a coarser grid, as libvmaf does with its option `enc_width`.
pub fn banding(plane: &Plane) -> Option<f64> {
    if plane.width.max(plane.height) < SMALLEST || plane.codes.is_empty() {
        return None;
    }
    let mut image = prepared(plane);
    let (width, height) = (image.width, image.height);
    // One degree of the field of view, of a screen of 3840 × 2160 that is seen from 1.5 times its height.
    let window = 65 * (width + height) / 375 / 16;
    // More than 127 on each side would not fit into counts of 16 bits.
    let reach = (window / 2).min(127);
    let mut smooth = smooth(&image);
    let mut score = 0.0;
    for (scale, weight) in SCALES.into_iter().enumerate() {
        if scale > 0 {
            image = halved(&image);
            smooth = halved(&smooth);
        }
        image = by_majority(&image);
        score += weight * pooled(&contrasts(&image, &smooth, reach), image.samples.len());
    }
    let square = (2 * reach + 1) * (2 * reach + 1);
    Some(score / square as f64)
}

/// Samples of a picture or a mask.
struct Grid<T> {
    width: usize,
    height: usize,
    samples: Vec<T>,
}

impl<T: Copy + Send + Sync> Grid<T> {
    /// What `row` writes for each row.
    fn of(width: usize, height: usize, empty: T, row: impl Fn(usize, &mut [T]) + Sync) -> Self {
        let mut samples = vec![empty; width * height];
        let rows = samples.par_chunks_mut(width).enumerate();
        rows.for_each(|(y, out)| row(y, out));
        Self {
            width,
            height,
            samples,
        }
    }

    fn row(&self, y: usize) -> &[T] {
        &self.samples[y * self.width..][..self.width]
    }
}

/// The picture with 10 bits. What had fewer is averaged over 2 × 2, which undoes dither.
fn prepared(plane: &Plane) -> Grid<u16> {
    let samples = plane.width * plane.height;
    let step = (1..)
        .find(|step| samples / (step * step) <= MOST_SAMPLES)
        .unwrap_or(1)
        .min(plane.width.min(plane.height));
    let depth = u32::from(plane.depth);
    let deep = |code: u16| {
        let code = u32::from(code);
        let code = match depth.checked_sub(10) {
            None => code << (10 - depth),
            Some(0) => code,
            Some(more) => (code + (1 << (more - 1))) >> more,
        };
        code.min(CODES as u32 - 1) as u16
    };
    let (width, height) = (plane.width / step, plane.height / step);
    let image = Grid::of(width, height, 0, |y, out| {
        let row = plane.row(step / 2 + y * step);
        let codes = row[step / 2..].iter().step_by(step);
        out.iter_mut()
            .zip(codes)
            .for_each(|(out, code)| *out = deep(*code));
    });
    if depth >= 10 {
        return image;
    }
    Grid::of(width, height, 0, |y, out| {
        let (row, below) = (image.row(y), image.row((y + 1).min(height - 1)));
        let last = width - 1;
        for x in 0..last {
            out[x] = (row[x] + row[x + 1] + below[x] + below[x + 1]) >> 2;
        }
        out[last] = (row[last] + below[last]) >> 1;
    })
}

/// Whether most pixels around one are as their right and lower neighbours.
fn smooth(image: &Grid<u16>) -> Grid<bool> {
    let (width, height) = (image.width, image.height);
    let even = Grid::of(width, height, 0u8, |y, out| {
        let (row, below) = (image.row(y), image.row((y + 1).min(height - 1)));
        // The last column has no right neighbour, the last row is its own lower one.
        let right = row[1..].iter().chain(&row[width - 1..]);
        let pairs = row.iter().zip(below).zip(right);
        for (out, ((here, below), right)) in out.iter_mut().zip(pairs) {
            *out = u8::from(here == below && here == right);
        }
    });
    // The smaller the picture, the fewer are asked for.
    let size = ((width >> 6) * (height >> 6)) as u32;
    let log = size
        .checked_next_power_of_two()
        .map_or(32, u32::trailing_zeros);
    let side = 2 * AROUND as u32 + 1;
    let needed = (side * side + 3 * log - 33 - 1) / 2;
    Grid::of(width, height, false, |y, out| {
        let mut sums = vec![0u8; width + 2 * AROUND];
        for line in y.saturating_sub(AROUND)..(y + AROUND + 1).min(height) {
            let sums = &mut sums[AROUND..];
            sums.iter_mut()
                .zip(even.row(line))
                .for_each(|(sum, even)| *sum += even);
        }
        for (out, square) in out.iter_mut().zip(sums.windows(side as usize)) {
            *out = u32::from(square.iter().sum::<u8>()) > needed;
        }
    })
}

/// Every second sample each way.
fn halved<T: Copy + Send + Sync>(grid: &Grid<T>) -> Grid<T> {
    let (width, height) = (grid.width.div_ceil(2), grid.height.div_ceil(2));
    Grid::of(width, height, grid.samples[0], |y, out| {
        let samples = grid.row(2 * y).iter().step_by(2);
        out.iter_mut()
            .zip(samples)
            .for_each(|(out, sample)| *out = *sample);
    })
}

/// Each sample becomes that which most of three have, across and then down; the smallest of three that differ. The first
/// and last row stay as they are.
fn by_majority(image: &Grid<u16>) -> Grid<u16> {
    let (width, height) = (image.width, image.height);
    let across = Grid::of(width, height, 0, |y, out| {
        let row = image.row(y);
        out.copy_from_slice(row);
        if width > 2 {
            majority([row, &row[1..], &row[2..]], &mut out[1..width - 1]);
        }
    });
    Grid::of(width, height, 0, |y, out| {
        match (1..height.saturating_sub(1)).contains(&y) {
            true => majority([y - 1, y, y + 1].map(|y| across.row(y)), out),
            false => out.copy_from_slice(image.row(y)),
        }
    })
}

#[multiversion(targets = "simd")]
fn majority([first, second, third]: [&[u16]; 3], out: &mut [u16]) {
    for (((out, a), b), c) in out.iter_mut().zip(first).zip(second).zip(third) {
        let least = *a.min(b).min(c);
        let pair = if b == c { *b } else { least };
        *out = if a == b || a == c { *a } else { pair };
    }
}

/// The contrasts of all pixels in smooth areas that have any, in a fixed order. `reach` is half of the side of the window.
fn contrasts(image: &Grid<u16>, smooth: &Grid<bool>, reach: usize) -> Vec<f32> {
    let marked = Grid::of(image.width, image.height, TEXTURE, |y, out| {
        let pairs = image.row(y).iter().zip(smooth.row(y));
        for (out, (code, smooth)) in out.iter_mut().zip(pairs) {
            *out = if *smooth { *code } else { TEXTURE };
        }
    });
    let pieces = (0..image.width.div_ceil(COLUMNS)).into_par_iter();
    let pieces = pieces.map(|piece| {
        let left = piece * COLUMNS;
        let mut counts = Counts::new(left, COLUMNS.min(image.width - left), reach);
        let mut found = Vec::new();
        let none = vec![TEXTURE; image.width];
        for y in 0..reach.min(image.height) {
            counts.replace(&none, marked.row(y));
        }
        for y in 0..image.height {
            let leaves = y.checked_sub(reach + 1).map(|y| marked.row(y));
            let enters = (y + reach < image.height).then(|| marked.row(y + reach));
            counts.replace(leaves.unwrap_or(&none), enters.unwrap_or(&none));
            counts.contrasts(marked.row(y), &mut found);
        }
        found
    });
    pieces.collect::<Vec<Vec<f32>>>().concat()
}

/// How many pixels of each code lie in the window around each of some columns.
struct Counts {
    left: usize,
    width: usize,
    reach: usize,
    /// Counts of all columns by code; [`STEPS`] more codes at both ends.
    counts: Vec<u16>,
}

impl Counts {
    fn new(left: usize, width: usize, reach: usize) -> Self {
        Self {
            left,
            width,
            reach,
            counts: vec![0; (CODES + 2 * STEPS) * width],
        }
    }

    /// One row leaves the window and another enters it.
    fn replace(&mut self, leaves: &[u16], enters: &[u16]) {
        let right = (self.left + self.width + self.reach).min(enters.len());
        for x in self.left.saturating_sub(self.reach)..right {
            let (old, new) = (leaves[x], enters[x]);
            if old == new {
                continue;
            }
            // The columns in whose windows this one lies.
            let first = x.saturating_sub(self.reach).max(self.left) - self.left;
            let end = (x + self.reach + 1 - self.left).min(self.width);
            for (code, more) in [(old, u16::MAX), (new, 1)] {
                if code != TEXTURE {
                    let at = (usize::from(code) + STEPS) * self.width;
                    add(&mut self.counts[at + first..at + end], more);
                }
            }
        }
    }

    /// Appends the contrasts of the pixels of the row in the middle of the window.
    fn contrasts(&self, row: &[u16], found: &mut Vec<f32>) {
        for (x, code) in row[self.left..][..self.width].iter().enumerate() {
            if *code == TEXTURE {
                continue;
            }
            let count = |code: usize| f32::from(self.counts[code * self.width + x]);
            let middle = usize::from(*code) + STEPS;
            let own = count(middle);
            let mut most = 0.0f32;
            for (step, brightest) in (1..).zip(&*VISIBLE) {
                if code <= brightest {
                    let other = count(middle + step).max(count(middle - step));
                    most = most.max(step as f32 * own * other / (own + other));
                }
            }
            if most > 0.0 {
                found.push(most);
            }
        }
    }
}

/// Adds `more` to all counts; [`u16::MAX`] takes one away.
#[inline]
fn add(counts: &mut [u16], more: u16) {
    for count in counts {
        *count = count.wrapping_add(more);
    }
}

/// The brightest code at which a step of 1, 2, and so on is seen: by more than 0.019 of the light, on a screen after BT.1886
/// with a white of 300 and a black of 0.01 nits.
static VISIBLE: LazyLock<[u16; STEPS]> = LazyLock::new(|| {
    const GAMMA: f64 = 2.4;
    let [white, black] = [300.0f64, 0.01].map(|nits| nits.powf(1.0 / GAMMA));
    let light = |code: u16| {
        let value = f64::from(code.clamp(64, 940) - 64) / f64::from(940 - 64);
        (value * (white - black) + black).powf(GAMMA)
    };
    let seen = |code: u16, step: u16| light(code + step) - light(code) > 0.019 * light(code);
    [1, 2, 3, 4].map(|step| {
        (64..940 - step)
            .rfind(|code| seen(*code, step))
            .unwrap_or(0)
    })
});

/// Mean of the largest contrasts, of `all` pixels.
fn pooled(contrasts: &[f32], all: usize) -> f64 {
    let kept = ((SHARE * all as f64) as usize).clamp(1, all.max(1));
    let mut least = 0.0;
    if contrasts.len() > kept {
        let larger_first = |a: &f32, b: &f32| b.total_cmp(a);
        let mut order = contrasts.to_vec();
        least = *order.select_nth_unstable_by(kept - 1, larger_first).1;
    }
    let larger = contrasts.iter().filter(|contrast| **contrast > least);
    let (sum, count) = larger.fold((0.0, 0), |(sum, count), contrast| {
        (sum + f64::from(*contrast), count + 1)
    });
    // Those that are as large as the least which counts are not all kept.
    (sum + kept.saturating_sub(count) as f64 * f64::from(least)) / kept as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A gradient in steps of `step` codes; with `dither`, of a code more or less in a pattern that has no bands.
    fn gradient((width, height): (usize, usize), depth: u8, step: usize, dither: bool) -> Plane {
        let codes = (0..width * height).map(|at| {
            let (x, y) = (at % width, at / width);
            let value = (40 * 8 + x + y / 2) << (depth - 8);
            let hash = (at as u32 ^ 0x9e37).wrapping_mul(0x9e37_79b1);
            let hash = (hash ^ (hash >> 15)).wrapping_mul(0x85eb_ca6b) >> 13;
            let noise = if dither {
                hash as usize % (8 * step)
            } else {
                0
            };
            ((value + noise) / (8 * step) * step) as u16
        });
        Plane {
            width,
            height,
            depth,
            codes: codes.collect(),
        }
    }

    #[test]
    fn it_is_that_of_libvmaf() {
        // FFmpeg 9.0.2 (imageio-ffmpeg 0.8.1), libvmaf=feature=name=cambi, of the same codes as luma of yuv420p and
        // yuv420p10le. As `gray` they would be converted to another range.
        let cases = [
            (((320, 240), 8, 1, false), 23.470029),
            (((320, 240), 8, 1, true), 4.099227),
            (((333, 225), 8, 2, false), 0.036629),
            (((320, 240), 10, 4, false), 23.486331),
            (((320, 240), 10, 1, true), 7.382277),
        ];
        for ((size, depth, step, dither), expected) in cases {
            let found = banding(&gradient(size, depth, step, dither)).unwrap();
            let what = (size, depth, step, dither, found);
            assert!((found - expected).abs() < 1e-4, "{what:?}");
        }
    }

    #[test]
    fn steps_are_seen_up_to_some_light() {
        // Of libvmaf: the code from which on a step of 1 to 4 is not seen any more.
        assert!(VISIBLE.is_sorted());
        let flat = |code| Plane {
            codes: vec![code; 240 * 216],
            ..gradient((240, 216), 8, 1, false)
        };
        assert_eq!(banding(&flat(90)), Some(0.0));
        let edge = |dark: u16| {
            let mut plane = flat(dark);
            let columns = plane.codes.iter_mut().enumerate();
            columns.for_each(|(at, code)| *code += u16::from(at % 240 >= 120));
            banding(&plane).unwrap()
        };
        assert!(edge(60) > 1.0 && edge(200) == 0.0);
    }

    #[test]
    fn odd_sizes_are_measured_and_small_ones_not() {
        for size in [(1, 1), (215, 215)] {
            assert_eq!(banding(&gradient(size, 8, 1, false)), None);
        }
        for size in [(300, 1), (1, 217), (217, 2), (6000, 700)] {
            assert!(banding(&gradient(size, 8, 1, false)).is_some(), "{size:?}");
        }
        let deep = gradient((240, 216), 8, 1, false);
        let codes = deep.codes.iter().map(|code| code * 257).collect();
        let deep = Plane {
            depth: 16,
            codes,
            ..deep
        };
        assert!(banding(&deep).unwrap() > 0.0);
    }
}
