//! Convolutions as products of matrices, forward and back.
//!
//! burn's own backward pass is several times slower on the processor: it convolves with a filter as large as the picture.
//! Here the numbers under the filter are written side by side, a few rows of the output at a time, so that they stay in the
//! processor's cache.

use rayon::prelude::*;

use super::maps::Maps;
use super::product::{Matrix, product};

/// Numbers of the output that are computed at once, about.
const AT_ONCE: usize = 1024;

/// A convolution without borders.
#[derive(Clone, Copy, Debug)]
pub struct Convolution {
    /// Channels of the input.
    pub from: usize,
    /// Side of the filter.
    pub kernel: usize,
    pub stride: usize,
}

/// Rows of the output that are computed at once.
#[derive(Clone, Copy)]
struct Strip {
    first: usize,
    rows: usize,
}

impl Convolution {
    fn size(&self, input: &Maps) -> (usize, usize) {
        let size = |length: usize| (length - self.kernel) / self.stride + 1;
        (size(input.width), size(input.height))
    }

    /// Weights of one filter.
    fn taps(&self) -> usize {
        self.from * self.kernel * self.kernel
    }

    /// The output for `input`, with `weights` by output channel, input channel, row, column.
    pub fn forward(&self, weights: &[f32], input: &Maps) -> Maps {
        let (width, height) = self.size(input);
        let weights = Matrix::new(weights, self.taps());
        let one = |strip: &Strip| {
            let columns = self.columns(input, *strip, width);
            product(weights, Matrix::new(&columns, strip.rows * width))
        };
        let strips = strips(width, height);
        let parts: Vec<Vec<f32>> = strips.par_iter().map(one).collect();
        let to = parts[0].len() / (strips[0].rows * width);
        let mut values = vec![0.0; to * width * height];
        for (channel, plane) in values.chunks_exact_mut(width * height).enumerate() {
            for (strip, part) in strips.iter().zip(&parts) {
                let length = strip.rows * width;
                plane[strip.first * width..][..length]
                    .copy_from_slice(&part[channel * length..][..length]);
            }
        }
        Maps {
            width,
            height,
            values,
        }
    }

    /// From the slopes of the output: those of the input, and those of the weights added to `sums` where they are wanted.
    pub fn back(
        &self,
        weights: &[f32],
        input: &Maps,
        slopes: &Maps,
        sums: Option<&mut [f32]>,
    ) -> Maps {
        let (width, height) = (slopes.width, slopes.height);
        let across = Matrix::new(weights, self.taps()).turned();
        let learns = sums.is_some();
        let one = |strip: &Strip| {
            let length = strip.rows * width;
            let mut part = Vec::with_capacity(slopes.channels() * length);
            for plane in slopes.values.chunks_exact(width * height) {
                part.extend_from_slice(&plane[strip.first * width..][..length]);
            }
            let part = Matrix::new(&part, length);
            let of_weights = learns.then(|| {
                let columns = self.columns(input, *strip, width);
                product(part, Matrix::new(&columns, length).turned())
            });
            let of_columns = product(across, part);
            (
                of_weights,
                self.gathered(&of_columns, *strip, input.width, width),
            )
        };
        let strips = strips(width, height);
        let parts: Vec<(Option<Vec<f32>>, Vec<f32>)> = strips.par_iter().map(one).collect();
        if let Some(sums) = sums {
            for (of_weights, _) in &parts {
                for (sum, value) in sums.iter_mut().zip(of_weights.iter().flatten()) {
                    *sum += value;
                }
            }
        }
        let mut values = vec![0.0; input.values.len()];
        values
            .par_chunks_exact_mut(input.area())
            .enumerate()
            .for_each(|(channel, plane)| {
                for (strip, (_, part)) in strips.iter().zip(&parts) {
                    let length = part.len() / self.from;
                    let start = strip.first * self.stride * input.width;
                    let own = &part[channel * length..][..length];
                    for (sum, value) in plane[start..].iter_mut().zip(own) {
                        *sum += value;
                    }
                }
            });
        Maps {
            width: input.width,
            height: input.height,
            values,
        }
    }

    /// For each weight of a filter, what it is multiplied with for each number of the strip.
    fn columns(&self, input: &Maps, strip: Strip, width: usize) -> Vec<f32> {
        let mut out = Vec::with_capacity(self.taps() * strip.rows * width);
        for plane in input.values.chunks_exact(input.area()) {
            for tap in 0..self.kernel * self.kernel {
                let (down, right) = (tap / self.kernel, tap % self.kernel);
                for y in strip.first..strip.first + strip.rows {
                    let start = (y * self.stride + down) * input.width + right;
                    let row = &plane[start..start + (width - 1) * self.stride + 1];
                    if self.stride == 1 {
                        out.extend_from_slice(row);
                    } else {
                        out.extend(row.iter().step_by(self.stride));
                    }
                }
            }
        }
        out
    }

    /// Sums of what [`Convolution::columns`] has, for each number that it came from: of each channel, the rows under the strip.
    fn gathered(&self, columns: &[f32], strip: Strip, input: usize, width: usize) -> Vec<f32> {
        let under = ((strip.rows - 1) * self.stride + self.kernel) * input;
        let mut out = vec![0.0; self.from * under];
        let taps = self.kernel * self.kernel;
        let of_channel = columns.chunks_exact(taps * strip.rows * width);
        for (plane, columns) in out.chunks_exact_mut(under).zip(of_channel) {
            for (index, row) in columns.chunks_exact(width).enumerate() {
                let (tap, y) = (index / strip.rows, index % strip.rows);
                let (down, right) = (tap / self.kernel, tap % self.kernel);
                let start = (y * self.stride + down) * input + right;
                if self.stride == 1 {
                    for (sum, value) in plane[start..start + width].iter_mut().zip(row) {
                        *sum += value;
                    }
                } else {
                    let sums = plane[start..].iter_mut().step_by(self.stride);
                    for (sum, value) in sums.zip(row) {
                        *sum += value;
                    }
                }
            }
        }
        out
    }
}

fn strips(width: usize, height: usize) -> Vec<Strip> {
    let rows = (AT_ONCE / width).clamp(1, height);
    let strip = |first| Strip {
        first,
        rows: rows.min(height - first),
    };
    (0..height).step_by(rows).map(strip).collect()
}
