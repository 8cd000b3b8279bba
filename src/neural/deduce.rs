//! Completes a contract from what the model's file says of itself.

use super::contract::{
    Contract, Dtype, Input, InputKind, Layout, Order, Output, OutputKind, PictureTensor, Range,
    Signal, Task,
};
use super::draft::{Draft, DraftTensor, Kind};
use super::error::{NeuralError, Result};
use super::onnx::{Header, Tensor, element_name};
use crate::nearest::{did_you_mean, nearest};
use std::path::Path;

/// What the user says in place of the contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Of all pictures, in and out.
    pub range: Option<Range>,
}

/// A contract, and what of it is not certain yet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Completed {
    pub contract: Contract,
    /// What no file says, in words for the user.
    pub assumptions: Vec<String>,
    /// Whether only a run of the model can tell its scale.
    pub needs_run: bool,
}

/// Where things stand.
pub(super) struct Place<'a> {
    /// The model's file.
    pub model: &'a Path,
    /// The file of the contract, which may not be there.
    pub contract: &'a str,
}

impl Place<'_> {
    fn undeduced(&self, why: String, write: &str) -> NeuralError {
        NeuralError::Undeduced {
            model: self.model.to_owned(),
            why,
            advice: format!("write into {}: {write}", self.contract),
        }
    }

    fn wrong(&self, why: String, advice: String) -> NeuralError {
        NeuralError::Contract {
            origin: self.contract.to_owned(),
            why,
            advice,
        }
    }
}

/// Completes `draft` from `header`.
///
/// # Errors
/// `Contract` where the two contradict each other, `Undeduced` where neither says something, `Rank` and `Dtype` for tensors
/// that aquatint cannot fill.
pub(super) fn complete(
    draft: &Draft,
    header: &Header,
    place: &Place<'_>,
    overrides: Overrides,
) -> Result<Completed> {
    known_names("input", &draft.inputs, &header.inputs, place)?;
    known_names("output", &draft.outputs, &header.outputs, place)?;
    let window = match draft.window {
        Some(window) => window,
        None => frames_axis(header, place)?,
    };
    let frames = usize::try_from(window[1] - window[0] + 1).unwrap_or(1);
    let mut assumed_range = false;
    let mut inputs = Vec::new();
    let mut first: Option<PictureTensor> = None;
    for tensor in &header.inputs {
        let said = said_of(&draft.inputs, &tensor.name);
        let kind = input(tensor, said, frames, header, place)?;
        let kind = match kind {
            InputKind::Picture(mut picture) => {
                picture.order = said.order.unwrap_or(Order::Rgb);
                let known = overrides.range.or(said.range);
                assumed_range |= known.is_none();
                picture.range = known.unwrap_or(Range::Unit);
                first.get_or_insert_with(|| picture.clone());
                InputKind::Picture(picture)
            }
            other => other,
        };
        inputs.push(Input {
            name: tensor.name.clone(),
            kind,
        });
    }
    let Some(first) = first else {
        let why = "it takes no picture".to_owned();
        return Err(place.undeduced(why, "kind = \"picture\" below [input.NAME]"));
    };
    let mut outputs = Vec::new();
    let wanted = |name: &str| {
        draft.outputs.is_empty() || draft.outputs.iter().any(|(wanted, _)| wanted == name)
    };
    for tensor in header.outputs.iter().filter(|tensor| wanted(&tensor.name)) {
        let said = said_of(&draft.outputs, &tensor.name);
        let kind = match output(tensor, said, place)? {
            OutputKind::Picture(mut picture) => {
                picture.order = said.order.unwrap_or(first.order);
                picture.range = overrides.range.or(said.range).unwrap_or(first.range);
                OutputKind::Picture(picture)
            }
            other => other,
        };
        outputs.push(Output {
            name: tensor.name.clone(),
            kind,
        });
    }
    let mut contract = Contract {
        task: draft.task.unwrap_or(Task::Style),
        summary: draft.summary.clone().unwrap_or_default(),
        file: place
            .model
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        licence: draft.licence.clone().unwrap_or_default(),
        source: draft.source.clone().unwrap_or_default(),
        sha256: draft.sha256.clone(),
        memory: draft.memory,
        multiple: draft.multiple.unwrap_or(1),
        smallest: draft.smallest.unwrap_or(1),
        scale: 1,
        window,
        inputs,
        outputs,
    };
    let gives_picture = contract.output_pictures().next().is_some();
    let mut needs_run = false;
    match (draft.scale, fixed_scale(&contract, place)?) {
        (Some(said), Some(fixed)) if said != fixed => {
            let why = format!("scale is {said}, but the sizes in the model's file make it {fixed}");
            return Err(place.wrong(why, format!("write scale = {fixed}")));
        }
        (said, fixed) => match said.or(fixed) {
            Some(scale) => contract.scale = scale,
            None => needs_run = gives_picture,
        },
    }
    if draft.task.is_none() {
        contract.task = task_of(&contract);
    }
    let mut assumptions = Vec::new();
    if assumed_range {
        assumptions.push(assumed(&contract, place));
    }
    Ok(Completed {
        contract,
        assumptions,
        needs_run,
    })
}

/// What a model is for, from what it gives.
pub(super) fn task_of(contract: &Contract) -> Task {
    if contract.output_pictures().next().is_none() {
        Task::Measure
    } else if contract.scale > 1 {
        Task::Upscale
    } else {
        Task::Style
    }
}

/// The words for a range that is assumed.
fn assumed(contract: &Contract, place: &Place<'_>) -> String {
    let tensors: Vec<String> = (contract.input_pictures())
        .map(|(name, _)| format!("[input.{name}]"))
        .chain(
            contract
                .output_pictures()
                .map(|(name, _)| format!("[output.{name}]")),
        )
        .collect();
    format!(
        "no file says which numbers {} takes for black and white: unit (0 to 1) is assumed. If the result looks wrong, write range = \"byte\" (0 to 255) or \"signed\" (-1 to 1) below {} in {}",
        contract.file,
        tensors.join(" and "),
        place.contract
    )
}

/// The scale that fixed sizes make; `None` where a size is free.
fn fixed_scale(contract: &Contract, place: &Place<'_>) -> Result<Option<u32>> {
    let first = contract.input_pictures().next().and_then(|(_, t)| t.size);
    let Some(from) = first else {
        return Ok(None);
    };
    let mut scale = None;
    for (name, tensor) in contract.output_pictures() {
        let Some(to) = tensor.size else {
            return Ok(None);
        };
        let this = to[0] / from[0];
        let whole = (1..=4).contains(&this) && to == from.map(|side| side * this);
        if !whole || scale.is_some_and(|scale| scale != this) {
            let why = format!(
                "the output {name:?} has {} x {} pixels, the input {} x {}: not 1, 2, 3 or 4 times as many on both sides",
                to[0], to[1], from[0], from[1]
            );
            return Err(place.undeduced(
                why,
                "[output.NAME] for the outputs to use, without this one",
            ));
        }
        scale = Some(this);
    }
    Ok(scale)
}

fn known_names(
    what: &str,
    said: &[(String, DraftTensor)],
    tensors: &[Tensor],
    place: &Place<'_>,
) -> Result<()> {
    let names = || tensors.iter().map(|tensor| tensor.name.as_str());
    match said
        .iter()
        .find(|(name, _)| !names().any(|known| known == name))
    {
        None => Ok(()),
        Some((name, _)) => Err(place.wrong(
            format!(
                "the model has no {what} {name:?}{}",
                did_you_mean(nearest(name, names()))
            ),
            format!("its {what}s: {}", names().collect::<Vec<_>>().join(", ")),
        )),
    }
}

fn said_of<'d>(said: &'d [(String, DraftTensor)], name: &str) -> &'d DraftTensor {
    const NOTHING: DraftTensor = DraftTensor {
        kind: None,
        layout: None,
        order: None,
        range: None,
        mean: None,
        std: None,
        color: None,
        dtype: None,
        size: None,
        default: None,
        count: None,
    };
    let found = said.iter().find(|(known, _)| known == name);
    found.map_or(&NOTHING, |(_, said)| said)
}

/// The window that an axis of frames makes: an odd number of frames around the current one.
fn frames_axis(header: &Header, place: &Place<'_>) -> Result<[i32; 2]> {
    let Some(input) = header.inputs.iter().find(|input| input.rank() == Some(5)) else {
        return Ok([0, 0]);
    };
    match input.fixed(1).and_then(|frames| i32::try_from(frames).ok()) {
        Some(frames @ 1..=33) if frames % 2 == 1 => Ok([-(frames / 2), frames / 2]),
        _ => Err(place.undeduced(
            format!(
                "the input {:?} takes several frames ({})",
                input.name,
                input.words()
            ),
            "window = [FIRST, LAST], counted from the current frame, for example [-1, 1]",
        )),
    }
}

fn dtype(tensor: &Tensor, said: &DraftTensor, place: &Place<'_>) -> Result<Dtype> {
    let refuse = |expected: &str| NeuralError::Dtype {
        model: place.model.to_owned(),
        tensor: tensor.name.clone(),
        expected: expected.to_owned(),
        found: element_name(tensor.element),
    };
    let found = match tensor.element {
        1 => Dtype::F32,
        10 => Dtype::F16,
        _ => return Err(refuse("f32 or f16")),
    };
    match said.dtype {
        Some(said) if said != found => Err(refuse(said.word())),
        _ => Ok(found),
    }
}

/// Whether a tensor holds one number.
fn is_one_number(tensor: &Tensor) -> bool {
    let rank = tensor.rank();
    // The first axis may be the batch.
    rank.is_some_and(|rank| rank <= 2)
        && (0..rank.unwrap_or(0)).all(|axis| {
            tensor.fixed(axis) == Some(1) || (axis == 0 && tensor.fixed(axis).is_none())
        })
}

fn input(
    tensor: &Tensor,
    said: &DraftTensor,
    frames: usize,
    header: &Header,
    place: &Place<'_>,
) -> Result<InputKind> {
    let dtype = dtype(tensor, said, place)?;
    let name = &tensor.name;
    let default = || {
        said.default.ok_or_else(|| {
            place.undeduced(
                format!("no file says which number the input {name:?} gets where none is given"),
                &format!("default = NUMBER below [input.{name}], and kind = \"scalar\" or \"map\""),
            )
        })
    };
    match said.kind {
        Some(Kind::Numbers) => Err(place.wrong(
            format!("input.{name}.kind cannot be numbers"),
            "give picture, scalar or map".to_owned(),
        )),
        Some(Kind::Scalar) => Ok(InputKind::Scalar {
            dtype,
            default: default()?,
        }),
        None if is_one_number(tensor) => Ok(InputKind::Scalar {
            dtype,
            default: default()?,
        }),
        Some(Kind::Map) => {
            let (layout, channels) = layout(tensor, said, place)?;
            if channels.is_some_and(|channels| channels != 1) {
                return Err(place.wrong(
                    format!(
                        "input.{name} is no map: it has {} channels",
                        channels.unwrap_or(0)
                    ),
                    "a map has one channel".to_owned(),
                ));
            }
            Ok(InputKind::Map {
                layout,
                dtype,
                default: default()?,
            })
        }
        None if said.default.is_some() => Err(place.undeduced(
            format!("the input {name:?} has a default, and is no single number"),
            &format!("kind = \"map\" below [input.{name}]"),
        )),
        None if is_odd_one(tensor, header) => Err(place.undeduced(
            format!(
                "the input {name:?} ({}) may be a map or a picture",
                tensor.words()
            ),
            &format!(
                "kind = \"map\" and default = NUMBER, or kind = \"picture\", below [input.{name}]"
            ),
        )),
        Some(Kind::Picture) | None => {
            let picture = picture(tensor, said, frames, dtype, "input", place)?;
            Ok(InputKind::Picture(picture))
        }
    }
}

/// Whether `tensor` has one channel, and another input three.
fn is_odd_one(tensor: &Tensor, header: &Header) -> bool {
    let channels = |tensor: &Tensor| tensor.fixed(1).or(tensor.fixed(3));
    channels(tensor) == Some(1)
        && header
            .inputs
            .iter()
            .any(|other| other.rank() == Some(4) && channels(other) == Some(3))
}

fn output(tensor: &Tensor, said: &DraftTensor, place: &Place<'_>) -> Result<OutputKind> {
    let dtype = dtype(tensor, said, place)?;
    let name = &tensor.name;
    let rank = tensor.rank();
    let single = rank == Some(4) && tensor.fixed(2) == Some(1) && tensor.fixed(3) == Some(1);
    let numbers = rank.is_some_and(|rank| rank <= 2) || single || said.count.is_some();
    match said.kind {
        Some(kind @ (Kind::Scalar | Kind::Map)) => Err(place.wrong(
            format!("output.{name}.kind cannot be {kind}"),
            "give picture or numbers".to_owned(),
        )),
        Some(Kind::Picture) => {
            picture(tensor, said, 1, dtype, "output", place).map(OutputKind::Picture)
        }
        None if !numbers => {
            picture(tensor, said, 1, dtype, "output", place).map(OutputKind::Picture)
        }
        Some(Kind::Numbers) | None => {
            let fixed = || {
                let axes = 0..rank?;
                axes.map(|axis| match tensor.fixed(axis) {
                    // The batch.
                    None if axis == 0 => Some(1),
                    length => length,
                })
                .try_fold(1_usize, |count, length| {
                    count.checked_mul(usize::try_from(length?).ok()?)
                })
            };
            let count = match (said.count, fixed()) {
                (Some(said), Some(fixed)) if said != fixed => {
                    return Err(place.wrong(
                        format!(
                            "output.{name}.count is {said}, but the model gives {fixed} numbers"
                        ),
                        format!("write count = {fixed}"),
                    ));
                }
                (said, fixed) => said.or(fixed),
            };
            let count = count.filter(|count| *count > 0).ok_or_else(|| {
                place.undeduced(
                    format!(
                        "how many numbers the output {name:?} has ({})",
                        tensor.words()
                    ),
                    &format!("count = NUMBER below [output.{name}]"),
                )
            })?;
            Ok(OutputKind::Numbers { dtype, count })
        }
    }
}

/// The layout of a tensor that is a picture or a map, and the length of its channels' axis, where that is fixed.
fn layout(tensor: &Tensor, said: &DraftTensor, place: &Place<'_>) -> Result<(Layout, Option<u64>)> {
    let axis = |layout: Layout| match layout {
        Layout::Nchw => 1,
        Layout::Nhwc => 3,
        Layout::Nfchw => 2,
    };
    let expected = match said.layout {
        Some(Layout::Nfchw) => 5,
        Some(Layout::Nchw | Layout::Nhwc) => 4,
        None if tensor.rank() == Some(5) => 5,
        None => 4,
    };
    if let Some(found) = tensor.rank().filter(|rank| *rank != expected) {
        return Err(NeuralError::Rank {
            model: place.model.to_owned(),
            tensor: tensor.name.clone(),
            expected,
            found,
        });
    }
    let is_channels = |axis: usize| matches!(tensor.fixed(axis), Some(1 | 3));
    let layout = match said.layout {
        Some(layout) => layout,
        None if expected == 5 => Layout::Nfchw,
        None if is_channels(1) => Layout::Nchw,
        None if is_channels(3) => Layout::Nhwc,
        // Channels of several frames, say.
        None if tensor.fixed(1).is_some() && tensor.fixed(3).is_none() => Layout::Nchw,
        None => {
            return Err(place.undeduced(
                format!(
                    "which axis of {:?} ({}) holds the channels",
                    tensor.name,
                    tensor.words()
                ),
                &format!(
                    "layout = \"nchw\" or \"nhwc\", and color = \"rgb\" or \"luma\", below the table of {}",
                    tensor.name
                ),
            ));
        }
    };
    Ok((layout, tensor.fixed(axis(layout))))
}

fn picture(
    tensor: &Tensor,
    said: &DraftTensor,
    frames: usize,
    dtype: Dtype,
    what: &str,
    place: &Place<'_>,
) -> Result<PictureTensor> {
    let name = &tensor.name;
    let (layout, channels) = layout(tensor, said, place)?;
    if let Some(batch @ (0 | 2..)) = tensor.fixed(0) {
        return Err(place.undeduced(
            format!("the {what} {name:?} always has a batch of {batch} pictures"),
            "nothing helps here: save the model with a batch of 1, or of any size",
        ));
    }
    let frames = if layout == Layout::Nfchw {
        1
    } else {
        frames as u64
    };
    let signal = match (said.color, channels) {
        (Some(signal), Some(channels)) if signal.channels() as u64 * frames != channels => {
            return Err(place.wrong(
                format!(
                    "{what}.{name} has {channels} channels, but color = {:?} with this window makes {}",
                    signal.word(),
                    signal.channels() as u64 * frames
                ),
                "write color = \"luma\" for one channel, \"rgb\" or \"linear\" for three; window says how many frames there are".to_owned(),
            ));
        }
        (Some(signal), _) => signal,
        (None, Some(channels)) if channels == 3 * frames => Signal::Rgb,
        (None, Some(channels)) if channels == frames => Signal::Luma,
        (None, Some(channels)) => {
            return Err(place.undeduced(
                format!("the {what} {name:?} has {channels} channels ({})", tensor.words()),
                &if what == "input" {
                    format!("window = [FIRST, LAST] if these are several frames; else kind below [input.{name}]")
                } else {
                    "[output.NAME] for the outputs to use, without this one".to_owned()
                },
            ));
        }
        (None, None) => {
            return Err(place.undeduced(
                format!("how many channels {name:?} has ({})", tensor.words()),
                &format!("color = \"rgb\" or \"luma\" below [{what}.{name}]"),
            ));
        }
    };
    if said.default.is_some() || said.count.is_some() {
        return Err(place.wrong(
            format!("{what}.{name} is a picture: it has no default and no count"),
            "default is for kind = \"scalar\" and \"map\", count for \"numbers\"".to_owned(),
        ));
    }
    let (rows, columns) = match layout {
        Layout::Nchw => (2, 3),
        Layout::Nhwc => (1, 2),
        Layout::Nfchw => (3, 4),
    };
    let side = |axis| tensor.fixed(axis).and_then(|side| u32::try_from(side).ok());
    let fixed = side(columns).zip(side(rows)).map(|(w, h)| [w, h]);
    let size = match (said.size, fixed) {
        (Some(said), Some(fixed)) if said != fixed => {
            return Err(place.wrong(
                format!(
                    "{what}.{name}.size is {} x {}, but the model takes {} x {}",
                    said[0], said[1], fixed[0], fixed[1]
                ),
                format!("write size = [{}, {}]", fixed[0], fixed[1]),
            ));
        }
        (said, fixed) => said.or(fixed),
    };
    let plain = PictureTensor::default();
    Ok(PictureTensor {
        layout,
        order: plain.order,
        range: plain.range,
        mean: said.mean.unwrap_or(plain.mean),
        std: said.std.unwrap_or(plain.std),
        signal,
        dtype,
        size,
    })
}
