//! Between plain numbers and burn's tensors.

use burn_tensor::{Device, Gradients, Tensor, TensorData};

use super::super::network::Parameter;
use super::super::rgb::Rgb;

/// Pictures as a tensor: picture, channel, row, column.
pub type Picture4 = Tensor<4>;

/// The device that records gradients.
pub fn autodiff() -> Device {
    Device::flex().autodiff()
}

/// A tensor of four axes that nothing is learnt of.
pub fn constant(values: Vec<f32>, shape: [usize; 4], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// The parameters as tensors. Vectors lie along the axis of channels; on a device with gradients, theirs are kept.
pub fn leaves(values: &[Vec<f32>], parameters: &[Parameter], device: &Device) -> Vec<Tensor<4>> {
    let tensor = |(values, parameter): (&Vec<f32>, &Parameter)| match parameter.shape[..] {
        [to, from, height, width] => constant(values.clone(), [to, from, height, width], device),
        _ => {
            let tensor = constant(values.clone(), [1, parameter.count(), 1, 1], device);
            if device.is_autodiff() {
                tensor.require_grad()
            } else {
                tensor
            }
        }
    };
    values.iter().zip(parameters).map(tensor).collect()
}

/// The gradients of `leaves`; zeros for those whose gradients are not kept: [`Notes`](super::Notes) has them.
pub fn gradients(leaves: &[Tensor<4>], all: &mut Gradients) -> Vec<Vec<f32>> {
    let one = |leaf: &Tensor<4>| match leaf.grad_remove(all) {
        Some(gradient) => numbers(gradient),
        None => vec![0.0; leaf.dims().iter().product()],
    };
    leaves.iter().map(one).collect()
}

/// The values of a tensor.
pub fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor
        .into_data()
        .try_to_vec()
        .expect("tensors here are of 32-bit floats")
}

/// The value of a tensor of one number.
pub fn number(tensor: Tensor<1>) -> f32 {
    numbers(tensor)[0]
}

impl Rgb {
    /// As a tensor of one picture.
    pub fn tensor(&self, device: &Device) -> Picture4 {
        constant(self.values.clone(), [1, 3, self.height, self.width], device)
    }
}
