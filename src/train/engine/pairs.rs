//! How far an output is from a target picture.

use burn_tensor::Tensor;

use super::super::recipe::Loss;
use super::features::Features;
use super::tensors::Picture4;

/// The distance of `output` from `target`.
pub fn pair_loss(loss: Loss, features: &Features, output: Picture4, target: Picture4) -> Tensor<1> {
    let difference = output.clone() - target.clone();
    match loss {
        Loss::Mse => difference.square().mean(),
        Loss::L1 => difference.abs().mean(),
        Loss::Perceptual => {
            let maps = features.of(output).into_iter().zip(features.of(target));
            let distances = maps.map(|(own, other)| (own.values - other.values).abs().mean());
            distances.fold(difference.abs().mean(), |sum, distance| {
                sum + distance * 0.25
            })
        }
    }
}
