//! Tries a model on the engines of this machine: whether it runs, how fast, with how much memory, and whether all give the
//! same.

use std::time::{Duration, Instant};

use super::contract::{Contract, OutputKind};
use super::engine::{Engine, EngineChoice, EngineKind, Opening, Said, TensorOwned};
use super::error::{NeuralError, Result};
use super::library::library;
use super::model::Model;
use super::open::{ENGINES, open};
use super::probe::run_grey;
use crate::folders::cache_folder;

/// The side of the picture that models of any size are tried with.
const SIDE: u32 = 256;
/// How many times as wide and high a picture is whose memory on a card is measured: what a card needs for any picture is left out.
const LARGER: u32 = 4;
/// Runs that are timed, after one to warm up.
const RUNS: u32 = 3;

/// How a model ran on one engine.
#[derive(Debug)]
pub struct Trial {
    pub kind: EngineKind,
    /// What ran it, in words, with its numbers; or why it did not run.
    pub outcome: Result<Ran>,
}

/// A model that ran.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    /// The engine in words.
    pub engine: String,
    /// The shortest of some runs.
    pub time: Duration,
    /// Megabytes that it took for each megapixel of input, of the processor's memory or the card's, whichever it runs on; `None`
    /// where that cannot be told.
    pub memory: Option<u32>,
    /// The largest difference from the first engine that ran, as a share of the range of its numbers; 0 for that.
    pub difference: f32,
}

/// Width and height of the picture that `contract` is tried with.
pub fn trial_size(contract: &Contract) -> [u32; 2] {
    let fixed = contract
        .input_pictures()
        .find_map(|(_, tensor)| tensor.size);
    let side = SIDE
        .max(contract.smallest)
        .next_multiple_of(contract.multiple);
    fixed.unwrap_or([side; 2])
}

/// Tries `model` with `choice`: `auto` is every engine that this machine has. `say` is told what takes long.
pub fn trials(
    model: &Model,
    choice: EngineChoice,
    threads: usize,
    say: &mut dyn FnMut(Said),
) -> Vec<Trial> {
    let there = |kind: &EngineKind| match (choice, kind) {
        (EngineChoice::Only(only), kind) => only == *kind,
        (EngineChoice::Auto, EngineKind::Rten) => true,
        (EngineChoice::Auto, kind) => {
            library().is_ok_and(|library| library.provider(*kind).is_some())
        }
    };
    let cache = cache_folder();
    let mut first: Option<Vec<TensorOwned>> = None;
    let mut all = Vec::new();
    for kind in ENGINES.into_iter().filter(there) {
        let opening = Opening {
            choice: EngineChoice::Only(kind),
            threads,
            cache: cache.as_deref(),
            size: Some(trial_size(&model.contract)),
            ..Opening::new(model)
        };
        let opened = open(&opening, say);
        let ran = opened.and_then(|mut engine| try_one(model, engine.as_mut()));
        let outcome = ran.map(|(mut ran, outputs)| {
            ran.difference = first
                .as_ref()
                .map_or(0.0, |first| difference(first, &outputs));
            first.get_or_insert(outputs);
            ran
        });
        all.push(Trial { kind, outcome });
    }
    all
}

fn try_one(model: &Model, engine: &mut dyn Engine) -> Result<(Ran, Vec<TensorOwned>)> {
    let contract = &model.contract;
    let [width, height] = trial_size(contract);
    let names: Vec<&str> = contract
        .outputs
        .iter()
        .map(|output| output.name.as_str())
        .collect();
    let before = Peak::begin();
    let outputs = run_grey(contract, engine, width, height, &names)?;
    check(model, [width, height], &outputs)?;
    let on_processor = before.filter(|_| engine.kind().is_on_processor());
    let memory = match on_processor {
        Some(peak) => Some(peak.megabytes() / megapixels([width, height])),
        None => memory_on_card(contract, engine, [width, height], &names),
    };
    let mut time = Duration::MAX;
    for _ in 0..RUNS {
        let begin = Instant::now();
        run_grey(contract, engine, width, height, &names)?;
        time = time.min(begin.elapsed());
    }
    let ran = Ran {
        engine: engine.describe(),
        time,
        memory: memory.map(|memory| memory.ceil() as u32),
        difference: 0.0,
    };
    Ok((ran, outputs))
}

fn megapixels([width, height]: [u32; 2]) -> f64 {
    f64::from(width) * f64::from(height) / 1e6
}

/// Megabytes of its card that a megapixel takes, after a run over a picture of `size`. An engine keeps what it has taken, so a
/// larger picture tells. `None` where the card does not say, or the model takes no other size.
fn memory_on_card(
    contract: &Contract,
    engine: &mut dyn Engine,
    size: [u32; 2],
    names: &[&str],
) -> Option<f64> {
    let larger = size.map(|side| side * LARGER);
    let fixed = (contract.input_pictures()).any(|(_, tensor)| tensor.size.is_some());
    let before = engine.on_card()?.card().in_use()?;
    if fixed || run_grey(contract, engine, larger[0], larger[1], names).is_err() {
        return None;
    }
    let taken = engine.on_card()?.card().in_use()?.checked_sub(before)?;
    (taken > 0).then(|| taken as f64 / 1e6 / (megapixels(larger) - megapixels(size)))
}

/// Shapes are those of the contract, and all numbers are finite.
fn check(model: &Model, [width, height]: [u32; 2], outputs: &[TensorOwned]) -> Result<()> {
    let scale = model.contract.scale;
    for (output, tensor) in model.contract.outputs.iter().zip(outputs) {
        let found = tensor.shape();
        let expected = match &output.kind {
            OutputKind::Picture(picture) => picture.shape(width * scale, height * scale, 1),
            OutputKind::Numbers { count, .. } if found.iter().product::<usize>() == *count => {
                found.to_vec()
            }
            OutputKind::Numbers { count, .. } => vec![*count],
        };
        if found != expected {
            return Err(NeuralError::OutputShape {
                model: model.shown.clone(),
                tensor: output.name.clone(),
                expected,
                found: found.to_vec(),
            });
        }
        if !numbers(tensor).all(f32::is_finite) {
            return Err(NeuralError::NotFinite {
                model: model.shown.clone(),
                tensor: output.name.clone(),
            });
        }
    }
    Ok(())
}

fn numbers(tensor: &TensorOwned) -> Box<dyn Iterator<Item = f32> + '_> {
    match tensor {
        TensorOwned::F32(_, data) => Box::new(data.iter().copied()),
        TensorOwned::F16(_, bits) => {
            Box::new(bits.iter().map(|bits| half::f16::from_bits(*bits).to_f32()))
        }
    }
}

/// The largest difference, as a share of the range of the numbers of `a`.
fn difference(a: &[TensorOwned], b: &[TensorOwned]) -> f32 {
    let one = |(a, b): (&TensorOwned, &TensorOwned)| {
        let ends = numbers(a).fold((f32::MAX, f32::MIN), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let largest = numbers(a)
            .zip(numbers(b))
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        largest / (ends.1 - ends.0).max(f32::MIN_POSITIVE)
    };
    a.iter().zip(b).map(one).fold(0.0, f32::max)
}

/// The memory of this process, and the most it has had since.
struct Peak {
    /// Kilobytes.
    before: u64,
}

impl Peak {
    /// Begins to watch; `None` where the system does not tell.
    fn begin() -> Option<Self> {
        // 5 sets the highest mark to what there is now (Linux, man proc).
        std::fs::write("/proc/self/clear_refs", "5").ok()?;
        Some(Self {
            before: status("VmRSS:")?,
        })
    }

    /// How far memory has risen since.
    fn megabytes(&self) -> f64 {
        let most = status("VmHWM:").unwrap_or(self.before);
        most.saturating_sub(self.before) as f64 * 1024.0 / 1e6
    }
}

/// Kilobytes in a line of `/proc/self/status`.
fn status(name: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
