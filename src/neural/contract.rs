//! What a model takes and gives: the content of `models/NAME.toml`.

use super::words::words;

words! {
    /// What a model is for.
    Task {
        Style = "style",
        Upscale = "upscale",
        Denoise = "denoise",
        Deblur = "deblur",
        Restore = "restore",
        Colour = "colour",
        Measure = "measure",
    }
}

words! {
    /// The order of a tensor's axes. The first axis is always the batch.
    Layout {
        /// Batch, channels, rows, columns. Several frames follow each other on the axis of channels.
        Nchw = "nchw",
        /// Batch, rows, columns, channels. Several frames follow each other on the axis of channels.
        Nhwc = "nhwc",
        /// Batch, frames, channels, rows, columns.
        Nfchw = "nfchw",
    }
}

words! {
    /// The order of the three channels of a pixel.
    Order {
        Rgb = "rgb",
        Bgr = "bgr",
    }
}

words! {
    /// Which numbers stand for black and white, before mean and deviation are applied.
    Range {
        /// 0 to 1.
        Unit = "unit",
        /// 0 to 255.
        Byte = "byte",
        /// -1 to 1.
        Signed = "signed",
    }
}

words! {
    /// What the channels of a pixel hold.
    Signal {
        /// Red, green and blue, coded (with the transfer function of the video).
        Rgb = "rgb",
        /// Luma alone, coded: one channel.
        Luma = "luma",
        /// Red, green and blue in linear light.
        Linear = "linear",
    }
}

words! {
    /// The type of a tensor's numbers.
    Dtype {
        F32 = "f32",
        F16 = "f16",
    }
}

impl Range {
    /// The numbers that stand for black and for white.
    pub const fn ends(self) -> (f32, f32) {
        match self {
            Self::Unit => (0.0, 1.0),
            Self::Byte => (0.0, 255.0),
            Self::Signed => (-1.0, 1.0),
        }
    }
}

impl Signal {
    /// How many channels a pixel has.
    pub const fn channels(self) -> usize {
        match self {
            Self::Luma => 1,
            Self::Rgb | Self::Linear => 3,
        }
    }
}

/// How a picture stands in a tensor. A number of the tensor is `(x - mean) / std`, where `x` is the sample in [`Range`].
#[derive(Clone, Debug, PartialEq)]
pub struct PictureTensor {
    pub layout: Layout,
    /// Without meaning for luma.
    pub order: Order,
    pub range: Range,
    /// For each channel, in the order of the tensor. Luma uses the first.
    pub mean: [f32; 3],
    /// As `mean`; none is 0.
    pub std: [f32; 3],
    pub signal: Signal,
    pub dtype: Dtype,
    /// Width and height, where the model takes (or gives) one size only.
    pub size: Option<[u32; 2]>,
}

impl Default for PictureTensor {
    /// What a contract means where it says nothing: NCHW, RGB from 0 to 1 in 32-bit floats, of any size.
    fn default() -> Self {
        Self {
            layout: Layout::Nchw,
            order: Order::Rgb,
            range: Range::Unit,
            mean: [0.0; 3],
            std: [1.0; 3],
            signal: Signal::Rgb,
            dtype: Dtype::F32,
            size: None,
        }
    }
}

/// A tensor that the model takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Its name in the model's file.
    pub name: String,
    pub kind: InputKind,
}

/// What stands in an input.
#[derive(Clone, Debug, PartialEq)]
pub enum InputKind {
    Picture(PictureTensor),
    /// One number. `default` is used where the user gives none.
    Scalar {
        dtype: Dtype,
        default: f32,
    },
    /// One number for each pixel of the picture, in a tensor with one channel.
    Map {
        layout: Layout,
        dtype: Dtype,
        default: f32,
    },
}

/// A tensor that the model gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its name in the model's file.
    pub name: String,
    pub kind: OutputKind,
}

/// What stands in an output.
#[derive(Clone, Debug, PartialEq)]
pub enum OutputKind {
    Picture(PictureTensor),
    /// `count` numbers, in a tensor of any shape.
    Numbers {
        dtype: Dtype,
        count: usize,
    },
}

/// What a model takes and gives, and what there is to know of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Contract {
    pub task: Task,
    /// One line; may be empty.
    pub summary: String,
    /// The model's file, in the folder of the contract.
    pub file: String,
    /// SPDX expression or words; empty where it is not known.
    pub licence: String,
    /// Where the model comes from; may be empty.
    pub source: String,
    /// Of the model's file, 64 lower-case hexadecimal digits.
    pub sha256: Option<String>,
    /// Megabytes (1 000 000 bytes) that a run takes for each megapixel of its input.
    pub memory: Option<u32>,
    /// Both sides of the input must be multiples of it.
    pub multiple: u32,
    /// The least side that the model takes, in pixels.
    pub smallest: u32,
    /// How many times as wide and high as the input the output is: 1 to 4.
    pub scale: u32,
    /// The first and the last frame of a picture's input, from the current one: `[-1, 1]` is three frames.
    pub window: [i32; 2],
    /// In the order of the model's file.
    pub inputs: Vec<Input>,
    /// In the order of the model's file.
    pub outputs: Vec<Output>,
}

impl Contract {
    /// A contract that says nothing: of a model that measures, and whose caller knows what it takes and gives.
    pub(super) fn of_nothing() -> Self {
        Self {
            task: Task::Measure,
            summary: String::new(),
            file: String::new(),
            licence: String::new(),
            source: String::new(),
            sha256: None,
            memory: None,
            multiple: 1,
            smallest: 1,
            scale: 1,
            window: [0, 0],
            inputs: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// How many frames stand in a picture's input.
    pub fn frames(&self) -> usize {
        usize::try_from(self.window[1] - self.window[0] + 1).unwrap_or(1)
    }

    /// The pictures that the model takes, with their names.
    pub fn input_pictures(&self) -> impl Iterator<Item = (&str, &PictureTensor)> {
        self.inputs.iter().filter_map(|input| match &input.kind {
            InputKind::Picture(tensor) => Some((input.name.as_str(), tensor)),
            InputKind::Scalar { .. } | InputKind::Map { .. } => None,
        })
    }

    /// The pictures that the model gives, with their names.
    pub fn output_pictures(&self) -> impl Iterator<Item = (&str, &PictureTensor)> {
        self.outputs.iter().filter_map(|output| match &output.kind {
            OutputKind::Picture(tensor) => Some((output.name.as_str(), tensor)),
            OutputKind::Numbers { .. } => None,
        })
    }
}

impl PictureTensor {
    /// The shape of a batch of one, for a picture of this size and this many frames.
    pub fn shape(&self, width: u32, height: u32, frames: usize) -> Vec<usize> {
        tensor_shape(self.layout, width, height, self.signal.channels(), frames)
    }
}

/// The shape of a batch of one.
pub(super) fn tensor_shape(
    layout: Layout,
    width: u32,
    height: u32,
    channels: usize,
    frames: usize,
) -> Vec<usize> {
    let (width, height) = (width as usize, height as usize);
    match layout {
        Layout::Nchw => vec![1, channels * frames, height, width],
        Layout::Nhwc => vec![1, height, width, channels * frames],
        Layout::Nfchw => vec![1, frames, channels, height, width],
    }
}
