//! Finds the scale of a model, and the sizes it takes, by runs on small pictures.

use super::contract::{Contract, Dtype, InputKind, tensor_shape};
use super::engine::{Engine, EngineChoice, EngineKind, Opening, Said, TensorData, TensorRef};
use super::error::{NeuralError, Result};
use super::model::Model;
use super::open::open;

/// What the runs have found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub scale: u32,
    pub multiple: u32,
    pub smallest: u32,
}

/// The side that all models take that take any, and are of use for pictures.
const SIDE: u32 = 64;
/// Smaller sides are not tried: engines differ in what they take there, and a picture is padded at no cost.
const SMALLEST: u32 = 16;
const MULTIPLES: [u32; 6] = [1, 2, 4, 8, 16, 32];

/// Runs the model on small pictures. `multiple` is known already, or is found, too.
///
/// # Errors
/// `Undeduced` where no size works, or the output has no whole scale; what opening a model gives.
pub(super) fn probe(model: &Model, multiple: Option<u32>) -> Result<Found> {
    let mut engine = processor(model)?;
    let contract = &model.contract;
    let fixed = contract
        .input_pictures()
        .find_map(|(_, tensor)| tensor.size);
    if let Some([width, height]) = fixed {
        return match scale_at(contract, engine.as_mut(), width, height)? {
            Some(scale) => Ok(Found {
                scale,
                multiple: 1,
                smallest: 1,
            }),
            None => Err(no_scale(
                model,
                "its output is not 1, 2, 3 or 4 times as wide and high",
            )),
        };
    }
    let given = multiple.map(|multiple| vec![multiple]);
    let mut why = "its output is not 1, 2, 3 or 4 times as wide and high".to_owned();
    for multiple in given.unwrap_or_else(|| MULTIPLES.to_vec()) {
        // An odd number of multiples, another one for each side.
        let (width, height) = (
            SIDE.next_multiple_of(multiple) + multiple,
            SIDE.next_multiple_of(multiple) + 3 * multiple,
        );
        match scale_at(contract, engine.as_mut(), width, height) {
            Ok(Some(scale)) => {
                let mut fits = |side: u32| {
                    let at = scale_at(contract, engine.as_mut(), side, side);
                    matches!(at, Ok(Some(found)) if found == scale)
                };
                let mut sides =
                    (0..).map(|power| multiple.max(SMALLEST).next_multiple_of(multiple) << power);
                let smallest = sides.find(|side| *side >= SIDE || fits(*side));
                return Ok(Found {
                    scale,
                    multiple,
                    smallest: smallest.unwrap_or(SIDE),
                });
            }
            Ok(None) => {}
            Err(error @ NeuralError::OutOfMemory { .. }) => return Err(error),
            Err(error) => why = error.to_string(),
        }
    }
    Err(no_scale(model, &why))
}

/// An engine that opens fast, for a few runs.
fn processor(model: &Model) -> Result<Box<dyn Engine>> {
    let open = |kind| {
        let opening = Opening {
            choice: EngineChoice::Only(kind),
            ..Opening::new(model)
        };
        open(&opening, &mut |_: Said| {})
    };
    open(EngineKind::OrtCpu).or_else(|_| open(EngineKind::Rten))
}

fn no_scale(model: &Model, why: &str) -> NeuralError {
    NeuralError::Undeduced {
        model: model.shown.clone(),
        why: format!("runs on small pictures did not show its scale: {why}"),
        advice: format!(
            "write into {}: scale = 1 (or 2, 3, 4) and multiple = NUMBER, of which the sides must be multiples",
            model.shown.with_extension("toml").display()
        ),
    }
}

/// How many times as large as the input the first picture is that comes out; `None` for no whole number from 1 to 4.
fn scale_at(
    contract: &Contract,
    engine: &mut dyn Engine,
    width: u32,
    height: u32,
) -> Result<Option<u32>> {
    let Some((name, tensor)) = contract.output_pictures().next() else {
        return Ok(None);
    };
    let outputs = run_grey(contract, engine, width, height, &[name])?;
    let shape = outputs[0].shape();
    let one = tensor.shape(1, 1, 1);
    let scale = (1..=4).find(|scale| *shape == *tensor.shape(width * scale, height * scale, 1));
    Ok(scale.filter(|_| shape.len() == one.len()))
}

/// Runs the model on a picture that is mid-grey with a gradient, and numbers at their defaults.
///
/// # Errors
/// As [`Engine::run`].
pub(super) fn run_grey(
    contract: &Contract,
    engine: &mut dyn Engine,
    width: u32,
    height: u32,
    outputs: &[&str],
) -> Result<Vec<super::engine::TensorOwned>> {
    let made: Vec<Made> = (contract.inputs.iter())
        .map(|input| {
            let (shape, values, dtype) = match &input.kind {
                InputKind::Picture(tensor) => {
                    let shape = tensor.shape(width, height, contract.frames());
                    let (black, white) = tensor.range.ends();
                    let (mean, std) = (tensor.mean[0], tensor.std[0]);
                    let value = |at: usize| {
                        let share = 0.25 + 0.5 * ((at % 251) as f32 / 250.0);
                        (black + share * (white - black) - mean) / std
                    };
                    let count = shape.iter().product();
                    (shape, (0..count).map(value).collect(), tensor.dtype)
                }
                InputKind::Scalar { dtype, default } => (vec![1], vec![*default], *dtype),
                InputKind::Map {
                    layout,
                    dtype,
                    default,
                } => {
                    let shape = tensor_shape(*layout, width, height, 1, 1);
                    let count = shape.iter().product();
                    (shape, vec![*default; count], *dtype)
                }
            };
            Made::new(&input.name, shape, values, dtype)
        })
        .collect();
    let inputs: Vec<TensorRef<'_>> = made.iter().map(Made::tensor).collect();
    engine.run(&inputs, outputs)
}

/// A tensor for a trial.
struct Made<'a> {
    name: &'a str,
    shape: Vec<usize>,
    values: Vec<f32>,
    /// The same in 16 bits, where the model takes those.
    halves: Option<Vec<u16>>,
}

impl<'a> Made<'a> {
    fn new(name: &'a str, shape: Vec<usize>, values: Vec<f32>, dtype: Dtype) -> Self {
        let half = |value: &f32| half::f16::from_f32(*value).to_bits();
        let halves = (dtype == Dtype::F16).then(|| values.iter().map(half).collect());
        Self {
            name,
            shape,
            values,
            halves,
        }
    }

    fn tensor(&self) -> TensorRef<'_> {
        TensorRef {
            name: self.name,
            shape: &self.shape,
            data: match &self.halves {
                Some(halves) => TensorData::F16(halves),
                None => TensorData::F32(&self.values),
            },
        }
    }
}
