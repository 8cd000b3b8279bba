//! The contract of a trained model: what a program must know to run it.

use std::fmt::Write as _;

use super::network::MULTIPLE;
use super::versions::MODEL;

/// Memory that ONNX Runtime takes for a megapixel of the input of the network, in MB, measured at 1920x1080 on the processor.
const MEMORY: u32 = 330;

/// The text of `contract.toml`. `sha256` is of the model's file.
pub fn text(summary: &str, sha256: &str) -> String {
    let mut out = format!(
        "task = \"style\"\nsummary = {}\nfile = \"{MODEL}\"\nlicence = \"that of the pictures it was trained on\"\n\
         source = \"trained by aquatint train: meta.json beside the model has the settings\"\nsha256 = \"{sha256}\"\n\
         memory = {MEMORY}\nmultiple = {MULTIPLE}\nscale = 1\n",
        quoted(summary)
    );
    for tensor in ["input.input", "output.output"] {
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "\n[{tensor}]\nkind = \"picture\"\nlayout = \"nchw\"\norder = \"rgb\"\nrange = \"unit\"\ncolor = \"rgb\"\n\
             dtype = \"f32\"\n"
        );
    }
    out
}

/// As a string of TOML, whose escapes are those of JSON.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("text can be written")
}
