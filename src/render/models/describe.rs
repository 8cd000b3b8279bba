//! A model's contract as the planner knows it.

use crate::graph::style::{
    InputKind, Layout, ModelDesc, ModelInput, ModelOutput, OutputKind, PictureTensor, TensorColor,
    Window,
};
use crate::neural::{self, Contract, Dtype, Model};

/// Megabytes that a megapixel takes where no contract says it: somewhat more than a common network for styles needs.
const MEMORY: u32 = 1000;

/// What the planner knows of `model`, which may use `budget` bytes of memory. `identity` tells it from others.
pub(super) fn description(model: &Model, identity: String, budget: u64) -> ModelDesc {
    let contract = &model.contract;
    let [from, to] = contract.window;
    ModelDesc {
        name: model.name.clone(),
        path: model.path().to_owned(),
        identity,
        inputs: contract.inputs.iter().map(input).collect(),
        outputs: contract.outputs.iter().map(output).collect(),
        multiple: contract.multiple,
        smallest: contract.smallest,
        size: contract
            .input_pictures()
            .find_map(|(_, picture)| picture.size)
            .map(|[width, height]| (width, height)),
        scale: contract.scale,
        window: Window { from, to },
        most_pixels: most_pixels(contract, budget),
        assumed: model.assumptions.clone(),
    }
}

fn layout(layout: neural::Layout) -> Layout {
    match layout {
        neural::Layout::Nchw => Layout::Planar,
        neural::Layout::Nhwc => Layout::Interleaved,
        neural::Layout::Nfchw => Layout::FramesPlanar,
    }
}

/// The most pixels that fit into `budget` bytes.
fn most_pixels(contract: &Contract, budget: u64) -> u64 {
    // Megabytes for a megapixel are bytes for a pixel.
    budget / u64::from(contract.memory.unwrap_or(MEMORY).max(1))
}

fn input(input: &neural::Input) -> ModelInput {
    let (kind, dtype) = match &input.kind {
        neural::InputKind::Picture(picture) => (InputKind::Picture(packed(picture)), picture.dtype),
        neural::InputKind::Scalar { dtype, default } => {
            (InputKind::Scalar(f64::from(*default)), *dtype)
        }
        neural::InputKind::Map {
            layout: order,
            dtype,
            default,
        } => (InputKind::Map(f64::from(*default), layout(*order)), *dtype),
    };
    ModelInput {
        name: input.name.clone(),
        kind,
        half: dtype == Dtype::F16,
    }
}

fn output(output: &neural::Output) -> ModelOutput {
    let (kind, dtype) = match &output.kind {
        neural::OutputKind::Picture(picture) => {
            (OutputKind::Picture(unpacked(picture)), picture.dtype)
        }
        neural::OutputKind::Numbers { dtype, count } => {
            (OutputKind::Numbers(*count as u32), *dtype)
        }
    };
    ModelOutput {
        name: output.name.clone(),
        kind,
        half: dtype == Dtype::F16,
    }
}

/// A picture that goes into a model: its values times `scale`, plus `bias`, are those of the tensor.
fn packed(picture: &neural::PictureTensor) -> PictureTensor {
    let (black, white) = picture.range.ends();
    let value = |c: usize| {
        let std = picture.std[c];
        ((white - black) / std, (black - picture.mean[c]) / std)
    };
    with_values(picture, value)
}

/// A picture that a model makes: the values of its tensor times `scale`, plus `bias`, are its values.
fn unpacked(picture: &neural::PictureTensor) -> PictureTensor {
    let (black, white) = picture.range.ends();
    let value = |c: usize| {
        let range = white - black;
        (picture.std[c] / range, (picture.mean[c] - black) / range)
    };
    with_values(picture, value)
}

fn with_values(
    picture: &neural::PictureTensor,
    value: impl Fn(usize) -> (f32, f32),
) -> PictureTensor {
    let bgr = picture.order == neural::Order::Bgr && picture.signal != neural::Signal::Luma;
    // Mean and deviation are in the order of the tensor; scale and bias are for red, green and blue.
    let of_color = |color: usize| value(if bgr { 2 - color } else { color });
    let (scale, bias) = [0, 1, 2]
        .map(of_color)
        .into_iter()
        .unzip::<_, _, Vec<_>, Vec<_>>();
    PictureTensor {
        layout: layout(picture.layout),
        color: match picture.signal {
            neural::Signal::Rgb => TensorColor::Rgb,
            neural::Signal::Luma => TensorColor::Luma,
            neural::Signal::Linear => TensorColor::Linear,
        },
        bgr,
        scale: [scale[0], scale[1], scale[2]],
        bias: [bias[0], bias[1], bias[2]],
    }
}
