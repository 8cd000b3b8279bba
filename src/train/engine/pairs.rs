//! How far an output is from a target picture.

use super::super::recipe::Loss;
use super::super::rgb::Rgb;
use super::features::Features;
use super::tensors::with_slopes;

/// The distance of `output` from `target`, and how it depends on each of the numbers of `output`.
pub fn pair_loss(loss: Loss, features: &Features, output: &Rgb, target: &Rgb) -> (f32, Vec<f32>) {
    with_slopes(output, |output| {
        let target = target.tensor(&output.device());
        let difference = output.clone() - target.clone();
        match loss {
            Loss::Mse => difference.square().mean(),
            Loss::L1 => difference.abs().mean(),
            Loss::Perceptual => {
                let maps = features.of(output).into_iter().zip(features.of(target));
                let distances = maps.map(|(own, other)| (own - other).abs().mean());
                distances.fold(difference.abs().mean(), |sum, distance| {
                    sum + distance * 0.25
                })
            }
        }
    })
}
