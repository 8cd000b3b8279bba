//! Runs a model for executors: tile by tile, in the next engine where one fails, in smaller tiles where memory runs out.

use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, PoisonError};

use super::{Words, cache, in_lines, split};
use crate::graph::plan::{Call, Tensor};
use crate::graph::{External, ExternalImage, Given, SharesMemory};
use crate::neural::{
    self, ENGINES, Engine, EngineChoice, EngineKind, Model, NeuralError, Opening, Said, TensorData,
    TensorOwned, TensorRef,
};

/// A model in an engine.
pub(super) struct Running {
    pub(super) model: Model,
    choice: EngineChoice,
    threads: usize,
    pub(super) words: Words,
    pub(super) state: Mutex<State>,
    /// Frames that were run in shared memory.
    pub(super) shared: AtomicUsize,
}

pub(super) struct State {
    pub(super) engine: Box<dyn Engine>,
    /// The most pixels that were run at once without running out of memory; `None` while it never did.
    pub(super) most: Option<usize>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Running({})", self.model.name)
    }
}

/// A tensor of one tile.
struct TileTensor<'a> {
    tensor: &'a Tensor,
    /// With the axis of the batch.
    shape: Vec<usize>,
    /// The words of all its frames, and whether they had to be put together.
    words: std::borrow::Cow<'a, [u32]>,
}

impl Running {
    pub fn open(
        model: &Model,
        choice: EngineChoice,
        threads: usize,
        words: Words,
    ) -> neural::Result<Self> {
        let engine = open(model, choice, threads, &words)?;
        Ok(Self {
            model: model.clone(),
            choice,
            threads,
            words,
            state: Mutex::new(State { engine, most: None }),
            shared: AtomicUsize::new(0),
        })
    }

    /// With an engine that a test made.
    #[cfg(test)]
    pub fn with(
        model: &Model,
        engine: Box<dyn Engine>,
        choice: EngineChoice,
        words: Words,
    ) -> Self {
        Self {
            model: model.clone(),
            choice,
            threads: 1,
            words,
            state: Mutex::new(State { engine, most: None }),
            shared: AtomicUsize::new(0),
        }
    }

    /// What the outputs of `call` hold for one tile, one after the other.
    fn tile(
        &self,
        state: &mut State,
        call: &Call,
        tile: &[TileTensor<'_>],
    ) -> neural::Result<Vec<u32>> {
        let pixels = tile
            .iter()
            .map(|input| split::pixels(input.tensor))
            .max()
            .unwrap_or(0);
        if state.most.is_none_or(|most| pixels <= most) {
            match self.whole(state, call, tile) {
                Err(error) if error.is_out_of_memory() && split::can(call) => {
                    state.most = Some(pixels / 2);
                    self.words.add(Said::Warning(format!(
                        "{error}: the model goes on in tiles of half the size"
                    )));
                }
                done => return done,
            }
        }
        self.in_parts(state, call, tile)
    }

    /// The tile in two halves, which are blended.
    fn in_parts(
        &self,
        state: &mut State,
        call: &Call,
        tile: &[TileTensor<'_>],
    ) -> neural::Result<Vec<u32>> {
        let halves = split::halves(&call.inputs, self.model.contract.multiple);
        let mut made = Vec::new();
        for half in &halves {
            let tensors: Vec<Tensor> = call
                .inputs
                .iter()
                .map(|tensor| half.tensor(tensor))
                .collect();
            let parts: Vec<TileTensor<'_>> = tile
                .iter()
                .zip(&tensors)
                .map(|(whole, tensor)| TileTensor {
                    tensor,
                    shape: batched(tensor),
                    words: half.cut(whole.tensor, &whole.words).into(),
                })
                .collect();
            let scale = self.model.contract.scale;
            let smaller = Call {
                tiles: 1,
                inputs: tensors.clone(),
                outputs: call
                    .outputs
                    .iter()
                    .map(|output| half.scaled(scale).tensor(output))
                    .collect(),
            };
            made.push(self.tile(state, &smaller, &parts)?);
        }
        Ok(split::joined(
            &halves,
            self.model.contract.scale,
            &call.outputs[0],
            &made,
        ))
    }

    /// The tile at once, in the next engine where one fails.
    fn whole(
        &self,
        state: &mut State,
        call: &Call,
        tile: &[TileTensor<'_>],
    ) -> neural::Result<Vec<u32>> {
        let inputs = tile.iter().map(TileTensor::as_ref);
        let inputs: Vec<TensorRef<'_>> = inputs.collect();
        let outputs: Vec<&str> = call
            .outputs
            .iter()
            .map(|output| output.name.as_str())
            .collect();
        loop {
            let made = state.engine.run(&inputs, &outputs);
            let made = made.and_then(|made| self.checked(call, made));
            match made {
                Ok(words) => return Ok(words),
                Err(error) if error.is_out_of_memory() && split::can(call) => return Err(error),
                Err(error) => match self.next_engine(state.engine.kind(), &error) {
                    Some(engine) => state.engine = engine,
                    None => return Err(error),
                },
            }
        }
    }

    /// The next engine after `failed`, if there may be another.
    fn next_engine(&self, failed: EngineKind, error: &NeuralError) -> Option<Box<dyn Engine>> {
        if self.choice != EngineChoice::Auto {
            return None;
        }
        let after = ENGINES.iter().skip_while(|kind| **kind != failed).skip(1);
        for kind in after {
            let opened = open(
                &self.model,
                EngineChoice::Only(*kind),
                self.threads,
                &self.words,
            );
            if let Ok(engine) = opened {
                self.words.add(Said::Warning(format!(
                    "{error}: the model goes on in {}",
                    engine.describe()
                )));
                return Some(engine);
            }
        }
        None
    }

    /// The words of what the model made.
    fn checked(&self, call: &Call, made: Vec<TensorOwned>) -> neural::Result<Vec<u32>> {
        let mut words = Vec::new();
        for (output, made) in call.outputs.iter().zip(made) {
            let expected = batched(output);
            let found = made.shape().to_vec();
            let count = |shape: &[usize]| shape.iter().product::<usize>();
            // Numbers may have any shape.
            let fits = match output.batched {
                true => found == expected,
                false => count(&found) == output.values(),
            };
            if !fits {
                return Err(NeuralError::OutputShape {
                    model: self.model.path().to_owned(),
                    tensor: output.name.clone(),
                    expected,
                    found,
                });
            }
            let finite = match &made {
                TensorOwned::F32(_, values) => are_finite(values),
                TensorOwned::F16(_, bits) => bits.iter().all(|bits| bits & 0x7c00 != 0x7c00),
            };
            if !finite {
                return Err(NeuralError::NotFinite {
                    model: self.model.path().to_owned(),
                    tensor: output.name.clone(),
                });
            }
            match made {
                TensorOwned::F32(_, values) if words.is_empty() => {
                    words = bytemuck::allocation::cast_vec(values);
                }
                TensorOwned::F32(_, values) => {
                    words.extend_from_slice(bytemuck::cast_slice(&values))
                }
                TensorOwned::F16(_, bits) => words.extend(bits.chunks(2).map(|pair| {
                    u32::from(pair[0]) | u32::from(pair.get(1).copied().unwrap_or(0)) << 16
                })),
            }
        }
        Ok(words)
    }
}

impl External for Running {
    fn run(&self, given: &Given<'_>) -> Result<Vec<u32>, String> {
        let call = given.call;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = Vec::new();
        for index in 0..call.tiles as usize {
            let tile = tile_of(call, given.inputs, index);
            let made = self
                .tile(&mut state, call, &tile)
                .map_err(|error| in_lines(&error))?;
            match all.is_empty() {
                true => all = made,
                false => all.extend(made),
            }
        }
        Ok(all)
    }

    fn sharing(&self) -> Option<&dyn SharesMemory> {
        Some(self)
    }
}

impl TileTensor<'_> {
    fn as_ref(&self) -> TensorRef<'_> {
        let data = match self.tensor.half {
            false => TensorData::F32(bytemuck::cast_slice(&self.words)),
            true => {
                let halves: &[u16] = bytemuck::cast_slice(&self.words);
                TensorData::F16(&halves[..self.shape.iter().product()])
            }
        };
        TensorRef {
            name: &self.tensor.name,
            shape: &self.shape,
            data,
        }
    }
}

/// The shape of a tensor for one tile, all its frames, and the axis of the batch.
pub(super) fn batched(tensor: &Tensor) -> Vec<usize> {
    let shape = tensor.shape.iter().enumerate().map(|(axis, length)| {
        let frames = if axis == tensor.frames_on {
            tensor.frames
        } else {
            1
        };
        (length * frames) as usize
    });
    match tensor.batched {
        true => std::iter::once(1).chain(shape).collect(),
        false => shape.collect(),
    }
}

/// The tensors of tile `index`.
fn tile_of<'a>(call: &'a Call, images: &'a [ExternalImage], index: usize) -> Vec<TileTensor<'a>> {
    let mut images = images.iter();
    let tensor = |tensor: &'a Tensor| {
        let words = tensor.words();
        let from = if tensor.batched { index * words } else { 0 };
        let mut frames = images
            .by_ref()
            .take(tensor.frames as usize)
            .map(|image| &image.words[from..][..words]);
        let words = match tensor.frames {
            1 => frames.next().unwrap_or_default().into(),
            _ => frames.flatten().copied().collect::<Vec<u32>>().into(),
        };
        TileTensor {
            tensor,
            shape: batched(tensor),
            words,
        }
    };
    call.inputs.iter().map(tensor).collect()
}

fn are_finite(values: &[f32]) -> bool {
    // In blocks, which the compiler can vectorise; what is not finite stays so when it is added to a sum of zeros.
    values
        .chunks(1024)
        .all(|block| block.iter().map(|value| value * 0.0).sum::<f32>() == 0.0)
}

fn open(
    model: &Model,
    choice: EngineChoice,
    threads: usize,
    words: &Words,
) -> neural::Result<Box<dyn Engine>> {
    let cache = cache();
    let opening = Opening {
        model,
        choice,
        threads,
        cache: cache.as_deref(),
        size: None,
    };
    neural::open(&opening, &mut |said| words.add(said))
}
