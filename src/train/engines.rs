//! Runs a trained model in the engines that users run it in.

use std::path::Path;

use super::rgb::Rgb;
use crate::neural::{
    EngineChoice, EngineKind, Model, Opening, Overrides, Range, TensorData, TensorOwned, TensorRef,
    library, open,
};

/// The engines that a model must work in: the one that is always there, and ONNX Runtime where it is installed.
pub fn engines() -> Vec<EngineKind> {
    let installed = library().is_ok().then_some(EngineKind::OrtCpu);
    std::iter::once(EngineKind::Rten).chain(installed).collect()
}

/// Runs `model` on `picture` in rten.
///
/// # Errors
/// As [`run_in`].
pub fn run_in_rten(model: &Path, picture: &Rgb) -> Result<Rgb, String> {
    run_in(EngineKind::Rten, model, picture)
}

/// Runs `model` on `picture` in `engine`.
///
/// # Errors
/// Why it cannot.
pub fn run_in(engine: EngineKind, model: &Path, picture: &Rgb) -> Result<Rgb, String> {
    let run = || {
        let overrides = Overrides {
            range: Some(Range::Unit),
        };
        let model = Model::at(model, overrides)?;
        let opening = Opening {
            choice: EngineChoice::Only(engine),
            ..Opening::new(&model)
        };
        let mut engine = open(&opening, &mut |_| {})?;
        let input = TensorRef {
            name: "input",
            shape: &[1, 3, picture.height, picture.width],
            data: TensorData::F32(&picture.values),
        };
        engine.run(&[input], &["output"])
    };
    let made = run().map_err(|error| error.to_string())?;
    match made.into_iter().next() {
        Some(TensorOwned::F32(shape, values)) if shape.len() == 4 => Ok(Rgb {
            width: shape[3],
            height: shape[2],
            values,
        }),
        other => Err(format!(
            "its output is no picture: {:?}",
            other.map(|made| made.shape().to_vec())
        )),
    }
}
