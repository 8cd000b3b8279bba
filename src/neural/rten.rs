//! The engine inside the program: rten, on the processor.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rten::{ModelOptions, RunOptions, ThreadPool, Value, ValueOrView, ValueView};

use super::contract::Dtype;
use super::engine::{Engine, EngineKind, TensorData, TensorOwned, TensorRef};
use super::error::{NeuralError, Result};
use super::gate::Gate;
use super::model::{Model, ModelFile};

/// The version of the crate that is linked.
const VERSION: &str = "0.27.0";

pub(super) struct Rten {
    model: rten::Model,
    gate: Gate,
    /// Outputs in 16-bit floats; this engine computes in 32.
    halves: Vec<String>,
    pool: Arc<ThreadPool>,
    threads: usize,
}

impl Rten {
    /// # Errors
    /// `Run` for a model with operators that this engine does not have; `Damaged` for one that contradicts itself.
    pub fn open(model: &Model, threads: usize) -> Result<Self> {
        let cannot = |why: String| NeuralError::Run {
            model: model.shown.clone(),
            engine: EngineKind::Rten,
            why,
        };
        let load = || {
            let options = ModelOptions::with_all_ops();
            match &model.file {
                ModelFile::Disk(path) => options.load_file(path),
                ModelFile::BuiltIn(bytes) => options.load(bytes.to_vec()),
            }
        };
        let loaded = catch_unwind(AssertUnwindSafe(load))
            .map_err(|_| cannot("it failed with an internal error".to_owned()))?
            .map_err(|error| cannot(error.to_string()))?;
        let half = |tensor: &&super::onnx::Tensor| tensor.element == 10;
        let halves = model.header.outputs.iter().filter(half);
        Ok(Self {
            model: loaded,
            gate: Gate::new(model),
            halves: halves.map(|tensor| tensor.name.clone()).collect(),
            pool: Arc::new(ThreadPool::with_num_threads(threads)),
            threads,
        })
    }

    fn failed(&self, why: impl Into<String>) -> NeuralError {
        NeuralError::Run {
            model: self.gate.model.clone(),
            engine: EngineKind::Rten,
            why: why.into(),
        }
    }
}

impl Engine for Rten {
    fn kind(&self) -> EngineKind {
        EngineKind::Rten
    }

    fn describe(&self) -> String {
        format!("rten {VERSION} on the processor, {}", threads(self.threads))
    }

    fn run(&mut self, inputs: &[TensorRef<'_>], outputs: &[&str]) -> Result<Vec<TensorOwned>> {
        let shapes = self.gate.check(inputs, outputs)?;
        let id = |name: &str| {
            let id = self.model.node_id(name);
            id.map_err(|error| self.failed(error.to_string()))
        };
        let mut given: Vec<(rten::NodeId, ValueOrView<'_>)> = Vec::new();
        for (input, shape) in inputs.iter().zip(&shapes) {
            let value: ValueOrView<'_> = match input.data {
                TensorData::F32(data) => ValueView::from_shape(shape, data)
                    .map_err(|error| self.failed(error.to_string()))?
                    .into(),
                TensorData::F16(data) => {
                    let wide = |bits: &u16| half::f16::from_bits(*bits).to_f32();
                    Value::from_shape(shape, data.iter().map(wide).collect::<Vec<f32>>())
                        .map_err(|error| self.failed(error.to_string()))?
                        .into()
                }
            };
            given.push((id(input.name)?, value));
        }
        let wanted = outputs
            .iter()
            .map(|name| id(name))
            .collect::<Result<Vec<_>>>()?;
        let mut options = RunOptions::default();
        options.thread_pool = Some(self.pool.clone());
        let run = || self.model.run(given, &wanted, Some(options));
        let values = catch_unwind(AssertUnwindSafe(run))
            .map_err(|_| self.failed("it failed with an internal error"))?
            .map_err(|error| self.failed(error.to_string()))?;
        let owned = |(value, name): (Value, &&str)| {
            let Some(tensor) = value.into_tensor::<f32>() else {
                return Err(NeuralError::Dtype {
                    model: self.gate.model.clone(),
                    tensor: (*name).to_owned(),
                    expected: Dtype::F32.word().to_owned(),
                    found: "whole numbers".to_owned(),
                });
            };
            let shape = rten_tensor::Layout::shape(&tensor).to_vec();
            let data = tensor.into_data();
            if self.halves.iter().any(|half| half == name) {
                let narrow = |value: &f32| half::f16::from_f32(*value).to_bits();
                return Ok(TensorOwned::F16(shape, data.iter().map(narrow).collect()));
            }
            Ok(TensorOwned::F32(shape, data))
        };
        values.into_iter().zip(outputs).map(owned).collect()
    }
}

/// A number of threads in words.
pub(super) fn threads(count: usize) -> String {
    match count {
        1 => "1 thread".to_owned(),
        count => format!("{count} threads"),
    }
}
