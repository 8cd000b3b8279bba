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
    /// Width and height of what it is given, where that is known.
    size: Option<[u32; 2]>,
    pub(super) words: Words,
    pub(super) state: Mutex<State>,
    /// Frames that were run in shared memory.
    pub(super) shared: AtomicUsize,
}

pub(super) struct State {
    pub(super) engine: Box<dyn Engine>,
    /// The most pixels that were run at once without running out of memory; `None` while it never did.
    pub(super) most: Option<usize>,
    /// Tiles that are run at once.
    pub(super) batch: usize,
}

/// Tiles that a card is given at once. Processors gain nothing by it: one tile keeps all of their cores busy.
const BATCH: usize = 4;

impl State {
    fn new(model: &Model, engine: Box<dyn Engine>) -> Self {
        let batches = model.takes_batches() && !engine.kind().is_on_processor();
        Self {
            engine,
            most: None,
            batch: if batches { BATCH } else { 1 },
        }
    }

    /// How many tiles of `call` are run at once.
    pub(super) fn at_once(&self, call: &Call) -> usize {
        let alike = |tensor: &Tensor| tensor.frames == 1;
        // Several outputs lie tile by tile, which is not how a batch gives them.
        let one = call.outputs.len() == 1 && call.outputs[0].batched;
        match one && self.most.is_none() && call.inputs.iter().all(alike) {
            true => self.batch,
            false => 1,
        }
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Running({})", self.model.name)
    }
}

/// A tensor of one tile, or of some that follow each other.
struct TileTensor<'a> {
    tensor: &'a Tensor,
    /// With the axis of the batch.
    shape: Vec<usize>,
    /// The words of all its tiles or frames; frames had to be put together.
    words: std::borrow::Cow<'a, [u32]>,
}

impl Running {
    /// `size` is the width and height of what it will be given, where that is known: engines that build code for one size
    /// keep it under that.
    pub fn open(
        model: &Model,
        choice: EngineChoice,
        threads: usize,
        size: Option<[u32; 2]>,
        words: Words,
    ) -> neural::Result<Self> {
        let engine = open(model, choice, threads, size, &words)?;
        Ok(Self {
            model: model.clone(),
            choice,
            threads,
            size,
            words,
            state: Mutex::new(State::new(model, engine)),
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
            size: None,
            words,
            state: Mutex::new(State::new(model, engine)),
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
                    shape: batched(tensor, 1),
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
        loop {
            match self.once(state, call, tile, 1) {
                Ok(words) => return Ok(words),
                Err(error) if error.is_out_of_memory() && split::can(call) => return Err(error),
                Err(error) => match self.next_engine(state.engine.kind(), &error) {
                    Some(engine) => state.engine = engine,
                    None => return Err(error),
                },
            }
        }
    }

    /// `count` tiles at once, in the engine that is there.
    fn once(
        &self,
        state: &mut State,
        call: &Call,
        tiles: &[TileTensor<'_>],
        count: usize,
    ) -> neural::Result<Vec<u32>> {
        let inputs: Vec<TensorRef<'_>> = tiles.iter().map(TileTensor::as_ref).collect();
        let outputs = call.outputs.iter().map(|output| output.name.as_str());
        let outputs: Vec<&str> = outputs.collect();
        let made = state.engine.run(&inputs, &outputs)?;
        self.checked(call, made, count)
    }

    /// After `error`, tiles are run one by one.
    pub(super) fn one_by_one(&self, state: &mut State, error: &dyn std::fmt::Display) {
        state.batch = 1;
        self.words.add(Said::Warning(format!(
            "{error}: the model goes on with one tile at a time"
        )));
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
                self.size,
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
    fn checked(
        &self,
        call: &Call,
        made: Vec<TensorOwned>,
        tiles: usize,
    ) -> neural::Result<Vec<u32>> {
        let mut words = Vec::new();
        for (output, made) in call.outputs.iter().zip(made) {
            let expected = batched(output, tiles);
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
        let (mut first, tiles) = (0, call.tiles as usize);
        while first < tiles {
            let count = state.at_once(call).min(tiles - first);
            let part = tiles_of(call, given.inputs, first, count);
            let made = match count {
                1 => self.tile(&mut state, call, &part),
                _ => self.once(&mut state, call, &part, count),
            };
            let made = match made {
                Err(error) if count > 1 => {
                    self.one_by_one(&mut state, &error);
                    continue;
                }
                made => made.map_err(|error| in_lines(&error))?,
            };
            first += count;
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

/// The shape of a tensor for this many tiles, all its frames, and the axis of the batch.
pub(super) fn batched(tensor: &Tensor, tiles: usize) -> Vec<usize> {
    let shape = tensor.shape.iter().enumerate().map(|(axis, length)| {
        let frames = if axis == tensor.frames_on {
            tensor.frames
        } else {
            1
        };
        (length * frames) as usize
    });
    match tensor.batched {
        true => std::iter::once(tiles).chain(shape).collect(),
        false => shape.collect(),
    }
}

/// The tensors of `count` tiles from `first` on. Where there are several, each has one frame.
fn tiles_of<'a>(
    call: &'a Call,
    images: &'a [ExternalImage],
    first: usize,
    count: usize,
) -> Vec<TileTensor<'a>> {
    let mut images = images.iter();
    let tensor = |tensor: &'a Tensor| {
        let words = tensor.words();
        let (from, words) = match tensor.batched {
            true => (first * words, count * words),
            false => (0, words),
        };
        let frames = images
            .by_ref()
            .take(tensor.frames as usize)
            .map(|image| &image.words[from..][..words]);
        let frames: Vec<&[u32]> = frames.collect();
        TileTensor {
            tensor,
            shape: batched(tensor, count),
            words: match frames[..] {
                [one] => one.into(),
                _ => joined(tensor, &frames).into(),
            },
        }
    };
    call.inputs.iter().map(tensor).collect()
}

/// The words of all frames of a tensor, which follow each other on their axis.
fn joined(tensor: &Tensor, frames: &[&[u32]]) -> Vec<u32> {
    let axis = tensor.shape.iter().skip(tensor.frames_on);
    // Values of a frame that lie side by side.
    let run: usize = axis.map(|length| *length as usize).product();
    let runs = tensor.values() / run.max(1);
    if !tensor.half {
        return interleaved(frames, run, runs);
    }
    let halves: Vec<&[u16]> = frames
        .iter()
        .map(|words| bytemuck::cast_slice(words))
        .collect();
    let mut all = interleaved(&halves, run, runs);
    if all.len() % 2 == 1 {
        all.push(0);
    }
    bytemuck::pod_collect_to_vec(&all)
}

/// `run` values of each of `frames`, so often.
fn interleaved<T: Copy>(frames: &[&[T]], run: usize, runs: usize) -> Vec<T> {
    let mut all = Vec::with_capacity(run * runs * frames.len());
    for at in 0..runs {
        for frame in frames {
            all.extend_from_slice(&frame[at * run..][..run]);
        }
    }
    all
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
    size: Option<[u32; 2]>,
    words: &Words,
) -> neural::Result<Box<dyn Engine>> {
    let cache = cache();
    let opening = Opening {
        model,
        choice,
        threads,
        cache: cache.as_deref(),
        size,
    };
    neural::open(&opening, &mut |said| words.add(said))
}
