//! Checks what goes into a model before an engine sees it, with messages that are the same for all engines.

use std::path::PathBuf;

use super::card::CardTensor;
use super::contract::Dtype;
use super::engine::TensorRef;
use super::error::{NeuralError, Result};
use super::model::Model;
use super::onnx::{Header, Tensor, element_name};

/// The tensors of a model.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    pub model: PathBuf,
    header: Header,
}

/// A tensor that goes into a model, without its numbers.
#[derive(Clone, Copy)]
pub(super) struct Entering<'a> {
    name: &'a str,
    shape: &'a [usize],
    dtype: Dtype,
    /// How many numbers there are.
    count: usize,
}

impl<'a, 't: 'a> From<&'a TensorRef<'t>> for Entering<'a> {
    fn from(tensor: &'a TensorRef<'t>) -> Self {
        Self {
            name: tensor.name,
            shape: tensor.shape,
            dtype: tensor.data.dtype(),
            count: tensor.data.len(),
        }
    }
}

impl<'a, 't: 'a> From<&'a CardTensor<'t>> for Entering<'a> {
    fn from(tensor: &'a CardTensor<'t>) -> Self {
        Self {
            name: tensor.name,
            shape: tensor.shape,
            dtype: tensor.dtype,
            count: tensor.numbers().unwrap_or(usize::MAX),
        }
    }
}

impl Gate {
    pub fn new(model: &Model) -> Self {
        Self {
            model: model.shown.clone(),
            header: model.header.clone(),
        }
    }

    fn unfit(&self, tensor: &str, why: String) -> NeuralError {
        NeuralError::Tensor {
            model: self.model.clone(),
            tensor: tensor.to_owned(),
            why,
        }
    }

    fn find<'t>(&self, tensors: &'t [Tensor], what: &str, name: &str) -> Result<&'t Tensor> {
        let found = tensors.iter().find(|tensor| tensor.name == name);
        found.ok_or_else(|| {
            let known: Vec<&str> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
            self.unfit(name, format!("its {what}s are {}", known.join(", ")))
        })
    }

    /// The shapes with which `inputs` go in. One number takes the rank that the model has for it.
    ///
    /// # Errors
    /// `Tensor` for names and shapes, `Rank`, `Dtype`.
    pub fn check<'a, T>(&self, inputs: &'a [T], outputs: &[&str]) -> Result<Vec<Vec<usize>>>
    where
        Entering<'a>: From<&'a T>,
    {
        let inputs: Vec<Entering<'_>> = inputs.iter().map(Entering::from).collect();
        for name in outputs {
            self.find(&self.header.outputs, "output", name)?;
        }
        for input in &inputs {
            self.find(&self.header.inputs, "input", input.name)?;
        }
        let given = |name: &str| inputs.iter().any(|input| input.name == name);
        if let Some(missing) = self.header.inputs.iter().find(|input| !given(&input.name)) {
            return Err(self.unfit(&missing.name, "it was not given".to_owned()));
        }
        inputs.iter().map(|input| self.shape(input)).collect()
    }

    fn shape(&self, input: &Entering<'_>) -> Result<Vec<usize>> {
        let tensor = self.find(&self.header.inputs, "input", input.name)?;
        let dtype = input.dtype.word();
        let expected = element_name(tensor.element);
        if expected != dtype {
            return Err(NeuralError::Dtype {
                model: self.model.clone(),
                tensor: input.name.to_owned(),
                expected,
                found: dtype.to_owned(),
            });
        }
        let count = (input.shape.iter()).try_fold(1_usize, |all, side| all.checked_mul(*side));
        if count != Some(input.count) {
            let why = format!(
                "{} numbers do not fill the shape {:?}",
                input.count, input.shape
            );
            return Err(self.unfit(input.name, why));
        }
        let Some(dims) = &tensor.shape else {
            return Ok(input.shape.to_vec());
        };
        if count == Some(1) && dims.len() != input.shape.len() {
            return Ok(vec![1; dims.len()]);
        }
        if dims.len() != input.shape.len() {
            return Err(NeuralError::Rank {
                model: self.model.clone(),
                tensor: input.name.to_owned(),
                expected: dims.len(),
                found: input.shape.len(),
            });
        }
        let differs = |(axis, side): (usize, &usize)| {
            tensor
                .fixed(axis)
                .is_some_and(|fixed| fixed != *side as u64)
        };
        if input.shape.iter().enumerate().any(differs) {
            let why = format!(
                "its shape is {:?}, the model takes {}",
                input.shape,
                tensor.words()
            );
            return Err(self.unfit(input.name, why));
        }
        Ok(input.shape.to_vec())
    }
}
