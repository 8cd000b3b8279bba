//! How far what a picture shows is from what another shows: by luma alone, so that colours are free.

use burn_tensor::Tensor;
use burn_tensor::module::avg_pool2d;
use burn_tensor::ops::{AvgPoolOptions, PadMode};

use super::super::rgb::Rgb;
use super::features::{halved, luma};
use super::tensors::with_slopes;

/// How much edges at half size weigh: strokes run over small details, and lie along what is larger.
const FINE: f32 = 0.2;
/// Pixels from the middle of a neighbourhood to its border, at half and at quarter size.
const RADIUS: usize = 6;

/// The distance of `picture` from `content`: of the large shapes, with the mean and the contrast of the whole picture made
/// the same, and of edges, with the mean and the contrast of each neighbourhood made the same. With it, how it depends on
/// each of the numbers of `picture`.
pub fn content_loss(picture: &Rgb, content: &Rgb) -> (f32, Vec<f32>) {
    with_slopes(picture, |picture| {
        let content = content.tensor(&picture.device());
        let [own, other] = [picture, content].map(|x| halved(luma(x), 2));
        let [own_quarter, other_quarter] = [own.clone(), other.clone()].map(|x| halved(x, 2));
        let shapes = whole(own_quarter.clone()) - whole(other_quarter.clone());
        let edges = local(own) - local(other);
        let coarse = local(own_quarter) - local(other_quarter);
        shapes.square().mean() + edges.square().mean() * FINE + coarse.square().mean()
    })
}

fn whole(x: Tensor<4>) -> Tensor<4> {
    let x = x.clone() - x.mean_dim(2).mean_dim(3);
    let variance = x.clone().square().mean_dim(2).mean_dim(3);
    x / (variance + 2.5e-3).sqrt()
}

fn local(x: Tensor<4>) -> Tensor<4> {
    let mean = blurred(x.clone());
    let square = blurred(x.clone().square());
    let variance = square - mean.clone().square();
    (x - mean) / (variance.clamp_min(0.0) + 4e-3).sqrt()
}

/// The mean of each pixel's neighbourhood.
fn blurred(x: Tensor<4>) -> Tensor<4> {
    let [_, _, height, width] = x.dims();
    let radius = RADIUS.min(height - 1).min(width - 1);
    let side = 2 * radius + 1;
    let one = |size: [usize; 2]| AvgPoolOptions::new(size).with_stride([1, 1]);
    let x = x.pad([(radius, radius), (radius, radius)], PadMode::Reflect);
    let x = avg_pool2d(x, one([side, 1]));
    avg_pool2d(x, one([1, side]))
}
