//! The network's output for pictures, and what its weights had to do with it.
//!
//! The gradient of a convolution's weights is computed here: burn's is a convolution whose filter is as large as the
//! picture, several times slower on the processor than one product of matrices for each of the filter's pixels.

use burn_tensor::module::{conv2d, interpolate};
use burn_tensor::ops::{ConvOptions, InterpolateMode, InterpolateOptions, PadMode};
use burn_tensor::{Device, Gradients, Slice, Tensor, activation};

use super::super::network::{EPSILON, Layer, Network};
use super::super::rgb::Rgb;
use super::tensors::{Picture4, leaves, numbers};

/// Notes of the convolutions of a forward pass, for the gradients of their weights.
#[derive(Default)]
pub struct Notes(Vec<Note>);

struct Note {
    /// Number of the parameter.
    weight: usize,
    /// Side of the filter in pixels.
    kernel: usize,
    stride: usize,
    /// What the filter was applied to.
    input: Tensor<4>,
    /// Zeros that were added to the output: their gradient is that of the output.
    zeros: Tensor<4>,
}

impl Notes {
    /// Adds the gradients of the convolutions' weights to `sums`, in the order of the parameters.
    pub fn weights(&self, all: &mut Gradients, sums: &mut [Vec<f32>]) {
        for note in &self.0 {
            let Some(gradient) = note.zeros.grad_remove(all) else {
                continue;
            };
            let [_, to, height, width] = gradient.dims();
            let from = note.input.dims()[1];
            let gradient = gradient.reshape([to, height * width]);
            let taps = note.kernel * note.kernel;
            for tap in 0..taps {
                let (top, left) = (tap / note.kernel, tap % note.kernel);
                let part = |first: usize, count: usize| {
                    let end = first + (count - 1) * note.stride + 1;
                    Slice::with_step(first as isize, Some(end as isize), note.stride as isize)
                };
                let seen = note.input.clone().slice([
                    Slice::full(),
                    Slice::full(),
                    part(top, height),
                    part(left, width),
                ]);
                let seen = seen.reshape([from, height * width]).transpose();
                let product = numbers(gradient.clone().matmul(seen));
                for (index, value) in product.into_iter().enumerate() {
                    sums[note.weight][index * taps + tap] += value;
                }
            }
        }
    }
}

/// The output of `network` for one picture, with the parameters `learnt` in the order of [`Network::parameters`]. On a device
/// with gradients, `notes` are taken.
pub fn forward(
    network: &Network,
    learnt: &[Tensor<4>],
    picture: Picture4,
    notes: &mut Notes,
) -> Picture4 {
    let mut index = 0;
    let mut next = || {
        index += 1;
        (index - 1, learnt[index - 1].clone())
    };
    let mut x = picture;
    let mut kept = None;
    for layer in network.layers() {
        x = match layer {
            Layer::Convolution {
                kernel,
                stride,
                normal,
                relu,
                ..
            } => {
                let (weight, filter) = next();
                let input = reflected(x, kernel / 2);
                let options = ConvOptions::new([stride; 2], [0; 2], [1; 2], 1);
                let mut y = conv2d(input.clone(), filter, None, options);
                if y.is_autodiff() {
                    let zeros = Tensor::zeros(y.dims(), &y.device()).require_grad();
                    y = y + zeros.clone();
                    notes.0.push(Note {
                        weight,
                        kernel,
                        stride,
                        input: input.inner(),
                        zeros,
                    });
                }
                let y = if normal {
                    normalised(y) * next().1 + next().1
                } else {
                    y + next().1
                };
                if relu { activation::relu(y) } else { y }
            }
            Layer::Keep => {
                kept = Some(x.clone());
                x
            }
            Layer::AddKept => x + kept.take().expect("kept before it is added"),
            Layer::Double => {
                let options =
                    InterpolateOptions::new(InterpolateMode::Nearest).with_scale_factor([2.0, 2.0]);
                interpolate(x, options)
            }
            Layer::Sigmoid => activation::sigmoid(x),
        };
    }
    x
}

/// With `border` more pixels on each side, mirrored at the outermost ones.
pub fn reflected(x: Tensor<4>, border: usize) -> Tensor<4> {
    if border == 0 {
        return x;
    }
    x.pad([(border, border), (border, border)], PadMode::Reflect)
}

fn normalised(x: Tensor<4>) -> Tensor<4> {
    let mean = x.clone().mean_dim(2).mean_dim(3);
    let x = x - mean;
    let variance = x.clone().square().mean_dim(2).mean_dim(3);
    x / (variance + EPSILON).sqrt()
}

/// The picture that `network` makes of `picture`, whose sides are multiples of [`MULTIPLE`](super::super::network::MULTIPLE).
pub fn run(network: &Network, values: &[Vec<f32>], picture: &Rgb) -> Rgb {
    let device = Device::flex();
    let learnt = leaves(values, &network.parameters(), &device);
    let output = forward(
        network,
        &learnt,
        picture.tensor(&device),
        &mut Notes::default(),
    );
    Rgb {
        width: picture.width,
        height: picture.height,
        values: numbers(output),
    }
}
