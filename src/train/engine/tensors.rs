//! Between plain numbers and burn's tensors.

use burn_tensor::{Device, Tensor, TensorData};

use super::super::rgb::Rgb;

/// Pictures as a tensor: picture, channel, row, column.
pub type Picture4 = Tensor<4>;

/// A tensor of four axes that nothing is learnt of.
pub fn constant(values: Vec<f32>, shape: [usize; 4], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// A loss of `output`, and how it depends on each of its numbers.
pub fn with_slopes(output: &Rgb, loss: impl FnOnce(Picture4) -> Tensor<1>) -> (f32, Vec<f32>) {
    let output = output.tensor(&Device::flex().autodiff()).require_grad();
    let loss = loss(output.clone());
    let mut all = loss.backward();
    let slopes = output.grad_remove(&mut all).map(numbers);
    (
        numbers(loss)[0],
        slopes.expect("the loss depends on the output"),
    )
}

/// The values of a tensor.
pub fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor
        .into_data()
        .try_to_vec()
        .expect("tensors here are of 32-bit floats")
}

impl Rgb {
    /// As a tensor of one picture.
    pub fn tensor(&self, device: &Device) -> Picture4 {
        constant(self.values.clone(), [1, 3, self.height, self.width], device)
    }
}
