//! What pictures are compared by: colours, and the answers of filters for strokes, at several sizes. No network trained on
//! photos is needed for it.
//!
//! A pair of Gabor filters (Gabor 1946; Daugman 1985) of one direction, a wave and the same wave a quarter of its length on,
//! answers to strokes of that direction; the root of the sum of both squares is how strong the stroke is, wherever its
//! middle lies. Eight directions at four sizes tell how strokes run, how long they are, and how they stand beside each
//! other.

use burn_tensor::Tensor;
use burn_tensor::module::{avg_pool2d, conv2d};
use burn_tensor::ops::{AvgPoolOptions, ConvOptions};

use super::tensors::{Picture4, constant};

/// Sizes at which pictures are looked at: each is half of the one before.
const LEVELS: usize = 4;
/// Levels that are large enough for every other pixel to be enough.
const SPARSE: usize = 2;
const DIRECTIONS: usize = 8;
/// Of a filter's bell across the stroke, in pixels.
const SIGMA: f32 = 1.5;
/// A bell is so much longer along the stroke.
const LENGTH: f32 = 1.7;
/// Pixels from a filter's middle to its border.
const RADIUS: usize = 3;
/// Shortest side of a picture that has features: a filter fits, and its answers have a neighbourhood.
const SMALLEST: usize = 2 * RADIUS + 1 + 4;
/// Length of the wave, in pixels: about two strokes of the smallest size.
const WAVE: f32 = 4.29;

/// Weights of luma in R, G and B (BT.601), as the loss weighs them; any such weights would do.
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// The filters.
pub struct Features(Vec<f32>);

impl Features {
    pub fn new() -> Self {
        let mut filters = Vec::new();
        for shift in [0.0, std::f32::consts::FRAC_PI_2] {
            for direction in 0..DIRECTIONS {
                let angle = std::f32::consts::PI * direction as f32 / DIRECTIONS as f32;
                filters.extend(gabor(angle, shift));
            }
        }
        Self(filters)
    }

    /// All features of a picture, at the sizes at which it is large enough for the filters: of each size R, G and B, how
    /// strong strokes are, of each direction, the same averaged over a neighbourhood, and the answers of the filters
    /// themselves.
    pub fn of(&self, picture: Picture4) -> Vec<Tensor<4>> {
        let side = 2 * RADIUS + 1;
        let filters = constant(
            self.0.clone(),
            [2 * DIRECTIONS, 1, side, side],
            &picture.device(),
        );
        let mut maps = Vec::new();
        let mut x = picture;
        for level in 0..LEVELS {
            let [_, _, height, width] = x.dims();
            if height.min(width) < SMALLEST {
                break;
            }
            let sparse = level < SPARSE;
            let stride = if sparse { 2 } else { 1 };
            let options = ConvOptions::new([stride; 2], [0; 2], [1; 2], 1);
            let waves = conv2d(luma(x.clone()), filters.clone(), None, options);
            let [_, _, height, width] = waves.dims();
            let even = waves
                .clone()
                .slice([0..1, 0..DIRECTIONS, 0..height, 0..width]);
            let odd = waves
                .clone()
                .slice([0..1, DIRECTIONS..2 * DIRECTIONS, 0..height, 0..width]);
            let strength = (even.square() + odd.square() + 1e-5).sqrt();
            let region = halved(strength.clone(), if sparse { 2 } else { 4 });
            maps.extend([x.clone(), strength, region, waves]);
            x = halved(x, 2);
        }
        maps
    }
}

/// The luma of pictures, one channel.
pub fn luma(pictures: Picture4) -> Tensor<4> {
    let weights = constant(LUMA.to_vec(), [1, 3, 1, 1], &pictures.device());
    (pictures * weights).sum_dim(1)
}

/// At 1/`times` of the size, averaged.
pub fn halved(x: Tensor<4>, times: usize) -> Tensor<4> {
    avg_pool2d(x, AvgPoolOptions::new([times; 2]))
}

/// A filter for strokes across `angle`, with mean 0 and length 1.
fn gabor(angle: f32, shift: f32) -> Vec<f32> {
    let side = 2 * RADIUS + 1;
    let position = |index: usize| {
        let (x, y) = (index % side, index / side);
        let (x, y) = (x as f32 - RADIUS as f32, y as f32 - RADIUS as f32);
        let (sin, cos) = angle.sin_cos();
        (x * cos + y * sin, y * cos - x * sin)
    };
    let bell = |(across, along): (f32, f32)| {
        let along = along / LENGTH;
        (-(across * across + along * along) / (2.0 * SIGMA * SIGMA)).exp()
    };
    let positions = || (0..side * side).map(position);
    let mut values: Vec<f32> = positions()
        .map(|at| bell(at) * (std::f32::consts::TAU * at.0 / WAVE - shift).cos())
        .collect();
    let mean = values.iter().sum::<f32>() / positions().map(bell).sum::<f32>();
    for (value, at) in values.iter_mut().zip(positions()) {
        *value -= mean * bell(at);
    }
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    values.iter().map(|value| value / length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_answer_to_their_direction_and_not_to_flat_colour() {
        let side = 2 * RADIUS + 1;
        let upright = gabor(0.0, 0.0);
        assert!(upright.iter().sum::<f32>().abs() < 1e-4);
        let stripes = |across: bool| -> f32 {
            let value = |index: usize| {
                let at = if across { index % side } else { index / side };
                (std::f32::consts::TAU * (at as f32 - RADIUS as f32) / WAVE).cos()
            };
            upright.iter().enumerate().map(|(i, w)| w * value(i)).sum()
        };
        assert!(
            stripes(true) > 10.0 * stripes(false).abs(),
            "{} {}",
            stripes(true),
            stripes(false)
        );
    }
}
