//! Runs a trained model in the engines that users run it in.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ort::environment::Environment;
use ort::session::Session;
use ort::value::TensorRef;
use rten::Model;
use rten_tensor::NdTensorView;
use rten_tensor::prelude::*;

use super::rgb::Rgb;

/// The variable that names the library of ONNX Runtime.
const LIBRARY: &str = "ORT_DYLIB_PATH";

/// The library of ONNX Runtime that the environment names; `None` where it names none.
pub fn onnx_runtime() -> Option<PathBuf> {
    let path = std::env::var_os(LIBRARY).filter(|path| !path.is_empty());
    path.map(PathBuf::from)
}

/// Runs `model` on `picture` in rten.
///
/// # Errors
/// Why it cannot.
pub fn run_in_rten(model: &Path, picture: &Rgb) -> Result<Rgb, String> {
    let bytes = std::fs::read(model).map_err(|error| error.to_string())?;
    let model = Model::load(bytes).map_err(|error| error.to_string())?;
    let shape = [1, 3, picture.height, picture.width];
    let input = NdTensorView::from_data(shape, &picture.values[..]);
    let output = model
        .run_one(input.into(), None)
        .map_err(|error| error.to_string())?;
    let output: rten_tensor::NdTensor<f32, 4> = output
        .try_into()
        .map_err(|error| format!("its output: {error:?}"))?;
    let [_, _, height, width] = output.shape();
    Ok(Rgb {
        width,
        height,
        values: output.to_vec(),
    })
}

/// ONNX Runtime, loaded once for the process: it allows no second environment.
fn environment(library: &Path) -> Result<&'static Environment, String> {
    static ENVIRONMENT: OnceLock<Result<Environment, String>> = OnceLock::new();
    let load = || {
        let builder = ort::init_from(library).map_err(|error| error.to_string())?;
        builder.build().map_err(|error| error.to_string())
    };
    ENVIRONMENT
        .get_or_init(load)
        .as_ref()
        .map_err(String::clone)
}

/// Runs `model` on `picture` in the ONNX Runtime of `library`, on the processor.
///
/// # Errors
/// Why it cannot.
pub fn run_in_onnx_runtime(library: &Path, model: &Path, picture: &Rgb) -> Result<Rgb, String> {
    let run = || -> Result<Rgb, Box<dyn std::error::Error>> {
        let mut session = Session::builder(environment(library)?)?.commit_from_file(model)?;
        let shape = [1, 3, picture.height, picture.width];
        let input = TensorRef::from_array_view((shape, &picture.values[..]))?;
        let outputs = session.run(ort::inputs!["input" => input])?;
        let (shape, values) = outputs["output"].try_extract_tensor::<f32>()?;
        let side = |axis: usize| usize::try_from(shape[axis]).unwrap_or(0);
        Ok(Rgb {
            width: side(3),
            height: side(2),
            values: values.to_vec(),
        })
    };
    run().map_err(|error| error.to_string())
}
