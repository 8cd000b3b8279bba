//! LPIPS (Zhang and others: "The unreasonable effectiveness of deep features as a perceptual metric", 2018), through a model that
//! the user has: the weights of its networks may not be handed on.

use std::path::Path;

use rayon::prelude::*;

use crate::frame::Picture;
use crate::metrics::Rgb;
use crate::neural::{
    Engine, Model, NeuralError, Opening, Said, TensorData, TensorOwned, TensorRef, open,
};
use crate::render::{RenderError, Result};

/// A model of two pictures that gives how far they are apart.
pub struct Lpips {
    engine: Box<dyn Engine>,
    inputs: [String; 2],
    output: String,
}

impl Lpips {
    /// The model in the file `path`: two inputs of `1 × 3 × height × width`, red, green and blue of -1 to 1, and a number, or
    /// several whose mean it is. `warnings` is told what does not work as it should.
    ///
    /// # Errors
    /// `Usage` where it takes or gives something else; those of the file and of the engines.
    pub fn open(path: &Path, warnings: &mut Vec<String>) -> Result<Self> {
        let model = Model::without_contract(path).map_err(refused)?;
        let (inputs, outputs) = (model.inputs(), model.outputs());
        let (&[a, b], &[output, ..]) = (inputs.as_slice(), outputs.as_slice()) else {
            return Err(RenderError::usage(
                format!(
                    "{} takes {} tensors and gives {}, so it compares no two pictures",
                    path.display(),
                    inputs.len(),
                    outputs.len()
                ),
                "name a model of LPIPS as ONNX: two inputs of 1 x 3 x height x width from -1 to 1, and one output",
            ));
        };
        let (inputs, output) = ([a.to_owned(), b.to_owned()], output.to_owned());
        let engine = open(&Opening::new(&model), &mut |said| {
            if let Said::Warning(words) = said {
                warnings.push(words);
            }
        });
        Ok(Self {
            engine: engine.map_err(refused)?,
            inputs,
            output,
        })
    }

    /// How far two pictures of one size are apart; 0 where they are the same.
    ///
    /// # Errors
    /// Those of running the model.
    pub fn measure(&mut self, output: &Picture, reference: &Picture) -> Result<f64> {
        let [a, b] = [output, reference].map(tensor);
        let shape = [1, 3, output.height as usize, output.width as usize];
        let input = |name, data| TensorRef {
            name,
            shape: &shape,
            data: TensorData::F32(data),
        };
        let [first, second] = &self.inputs;
        let inputs = [input(first.as_str(), &a), input(second.as_str(), &b)];
        let made = self.engine.run(&inputs, &[&self.output]).map_err(refused)?;
        let numbers = match made.into_iter().next() {
            Some(TensorOwned::F32(_, numbers)) => numbers,
            Some(TensorOwned::F16(_, bits)) => bits
                .into_iter()
                .map(|bits| half::f16::from_bits(bits).to_f32())
                .collect(),
            None => Vec::new(),
        };
        let sum: f64 = numbers.iter().map(|number| f64::from(*number)).sum();
        Ok(sum / numbers.len().max(1) as f64)
    }
}

/// Red, green and blue, one after the other, of -1 to 1.
fn tensor(picture: &Picture) -> Vec<f32> {
    let rgb = Rgb::of(picture);
    let planes = rgb.planes.par_iter();
    let planes: Vec<Vec<f32>> = planes
        .map(|plane| plane.iter().map(|value| 2.0 * value - 1.0).collect())
        .collect();
    planes.concat()
}

fn refused(error: NeuralError) -> RenderError {
    RenderError::usage(format!("lpips cannot be measured: {error}"), error.advice())
}
