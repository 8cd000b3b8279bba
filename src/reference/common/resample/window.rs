//! Where a pixel of the output lies among those of the input, along one axis, and which of them count how much.

use super::weight::{support, weight};

/// A position among the pixels of a row or column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// The input pixel it lies in.
    pub base: i32,
    /// From there to that pixel's centre, in input pixels: above -1/2, at most 1/2.
    pub offset: f32,
    /// Output pixels to an input pixel, at most 1: where the picture shrinks, the filter is stretched.
    pub step: f32,
}

impl Axis {
    /// That of output pixel `at`: the centre of a pixel is at its number and a half. The ratio is that of the two sizes, in
    /// whole numbers.
    pub fn new(at: usize, count_in: usize, count_out: usize) -> Self {
        let (n, d) = ((2 * at + 1) * count_in, 2 * count_out);
        Self {
            base: (n / d) as i32,
            offset: 0.5 - (n % d) as f32 / d as f32,
            step: (count_out as f32 / count_in as f32).min(1.0),
        }
    }

    /// The first and the last pixel, from `base`, that a filter of `support` reaches.
    pub fn reach(&self, support: f32) -> (i32, i32) {
        let reach = support / self.step;
        let first = (-reach - self.offset).ceil();
        let last = (reach - self.offset).floor();
        (first as i32, last as i32)
    }

    /// Distance of pixel `i`, from `base`, in samples of the filter.
    #[inline(always)]
    pub fn distance(&self, i: i32) -> f32 {
        (i as f32 + self.offset) * self.step
    }
}

/// Pixel `i` of a row of `n` that goes on as its mirror image, the last pixel twice (as zimg does); what lies beyond the
/// mirror image is the pixel at its end.
pub fn mirrored(i: i64, n: usize) -> usize {
    let n = n as i64;
    let inside = if i < 0 {
        -1 - i
    } else if i >= n {
        2 * n - 1 - i
    } else {
        i
    };
    inside.clamp(0, n - 1) as usize
}

/// Which input pixels each output pixel is the weighted sum of. All lie inside the row: weights of pixels beyond an end
/// have been added to those of their mirror images.
#[derive(Debug)]
pub struct Windows {
    /// Pixels of a window.
    pub taps: usize,
    /// The first pixel of each window.
    pub first: Vec<u32>,
    /// Windows one after the other; the weights of each sum to 1.
    pub weights: Vec<f32>,
}

impl Windows {
    /// For `count_out` pixels made of `count_in`. Windows have a multiple of `lanes` taps where the row is long enough.
    pub fn new(curve: f32, count_in: usize, count_out: usize, lanes: usize) -> Self {
        let folded: Vec<_> = (0..count_out)
            .map(|at| folded(curve, Axis::new(at, count_in, count_out), count_in))
            .collect();
        let longest = folded.iter().map(|(_, weights)| weights.len()).max();
        let taps = longest.unwrap_or(1).next_multiple_of(lanes).min(count_in);
        let mut windows = Self {
            taps,
            first: Vec::with_capacity(count_out),
            weights: vec![0.0; taps * count_out],
        };
        for ((begin, weights), window) in folded.iter().zip(windows.weights.chunks_exact_mut(taps))
        {
            let first = (*begin).min(count_in - taps);
            windows.first.push(first as u32);
            window[begin - first..][..weights.len()].copy_from_slice(weights);
        }
        windows
    }

    /// The first pixel of the window of output pixel `at`, and its weights.
    pub fn of(&self, at: usize) -> (usize, &[f32]) {
        (
            self.first[at] as usize,
            &self.weights[at * self.taps..][..self.taps],
        )
    }
}

/// The window around `axis`: its first pixel, and weights from the first to the last that is not 0.
fn folded(curve: f32, axis: Axis, count: usize) -> (usize, Vec<f32>) {
    let (first, last) = axis.reach(support(curve));
    let index = |i: i32| mirrored(i64::from(axis.base) + i64::from(i), count);
    let indices = || (first..=last).map(index);
    let begin = indices().min().unwrap_or(0);
    let end = indices().max().unwrap_or(0);
    let mut weights = vec![0.0f64; end + 1 - begin];
    for i in first..=last {
        weights[index(i) - begin] += f64::from(weight(curve, axis.distance(i)));
    }
    let total: f64 = weights.iter().sum();
    let counts = |weight: &f64| *weight != 0.0;
    let skipped = weights.iter().position(counts).unwrap_or(0);
    let kept = weights.iter().rposition(counts).unwrap_or(0) + 1;
    let weights = &weights[skipped..kept];
    (
        begin + skipped,
        weights
            .iter()
            .map(|weight| (weight / total) as f32)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pixels_of_the_same_size_are_themselves() {
        let windows = Windows::new(0.0, 7, 7, 1);
        assert_eq!((windows.taps, &windows.weights[..]), (1, &[1.0; 7][..]));
        assert_eq!(windows.first, [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn rows_go_on_as_their_mirror_image() {
        let seen: Vec<usize> = (-5..9).map(|i| mirrored(i, 3)).collect();
        assert_eq!(seen, [2, 2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 0, 0]);
    }

    proptest! {
        #[test]
        fn windows_lie_inside_and_sum_to_one(
            curve in 0..4u8, count_in in 1usize..400, count_out in 1usize..400, lanes in 1usize..9,
        ) {
            let windows = Windows::new(f32::from(curve), count_in, count_out, lanes);
            for at in 0..count_out {
                let (first, weights) = windows.of(at);
                prop_assert!(first + weights.len() <= count_in);
                let total: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
                prop_assert!((total - 1.0).abs() < 1e-6, "{}", total);
            }
        }
    }
}
