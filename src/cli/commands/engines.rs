//! What `doctor` says of the engines for neural models.

use std::fmt::Write;

use crate::graph::gpu::AdapterFacts;
use crate::hardware;
use crate::neural::{ENGINES, EngineKind, NeuralError, OLDEST, library, models, runtime_folder};

/// The version of ONNX Runtime that aquatint is tested with.
const VERSION: &str = "1.31.1";

/// What was found; what to install goes to `advice`.
pub fn section(adapters: &[AdapterFacts], advice: &mut Vec<String>) -> String {
    let mut out = String::new();
    let has = |kind| library().is_ok_and(|library| library.provider(kind).is_some());
    // Writing to a string does not fail.
    match library() {
        Ok(library) => {
            let _ = writeln!(
                out,
                "  ONNX Runtime {} ({})\n    found in {}",
                library.version,
                library.path.display(),
                library.place
            );
            for refused in &library.refused {
                let _ = writeln!(out, "    not used: {refused}");
            }
        }
        Err(error) => {
            let _ = writeln!(
                out,
                "  {error}: the engine inside aquatint (rten) runs models"
            );
            if let NeuralError::LibraryTooOld { .. } = error {
                let _ = writeln!(
                    out,
                    "    {OLDEST} or later is needed, of Python's packages one with a library of its own (1.20 or later)"
                );
            }
        }
    }
    let names: Vec<&str> = ENGINES
        .into_iter()
        .filter(|kind| *kind == EngineKind::Rten || has(*kind))
        .map(EngineKind::word)
        .collect();
    let _ = writeln!(out, "  --engine auto tries: {}", names.join(", "));
    let _ = writeln!(out, "  models: {} (`aquatint models`)", models().len());
    let nvidia = has_nvidia(adapters);
    if library().is_err() {
        advice.push(format!(
            "neural models run some times faster with ONNX Runtime: {}",
            install(" --no-deps", &format!("onnxruntime=={VERSION}"))
        ));
    }
    if nvidia && !has(EngineKind::Cuda) {
        advice.push(format!(
            "neural models on this NVIDIA card: {}",
            install(
                "",
                &format!("\"onnxruntime-gpu[cuda,cudnn]=={VERSION}\" nvidia-cublas")
            )
        ));
    }
    let named = |words: &[&str]| {
        let cards = adapters.iter().filter(|adapter| !adapter.software);
        cards
            .map(|card| &card.name)
            .any(|name| words.iter().any(|word| name.contains(word)))
    };
    if cfg!(windows) && named(&["AMD", "Radeon", "Intel"]) && !has(EngineKind::DirectMl) {
        advice.push(format!(
            "neural models on this graphics card: {}",
            install(" --no-deps", "onnxruntime-directml")
        ));
    }
    if cfg!(target_os = "linux") && named(&["Intel"]) && !has(EngineKind::OpenVino) {
        advice.push(format!(
            "neural models on this Intel GPU: {}",
            install("", "onnxruntime-openvino")
        ));
    }
    if cfg!(target_os = "linux") && named(&["AMD", "Radeon"]) && !has(EngineKind::Rocm) {
        advice.push("neural models run on the processor here: ONNX Runtime from PyPI does not use AMD cards on Linux. AMD's own build (onnxruntime-migraphx, from repo.radeon.com) is used where it is installed; all other passes run on the card".to_owned());
    }
    out
}

fn has_nvidia(adapters: &[AdapterFacts]) -> bool {
    let driver = hardware::monitor().is_some_and(|monitor| !monitor.gpus().is_empty());
    driver
        || adapters
            .iter()
            .any(|adapter| adapter.name.contains("NVIDIA"))
}

/// The line that installs `packages` where aquatint finds them. A system whose Python belongs to its package manager (PEP
/// 668) allows `--target`, and nothing else is changed by it. `options` are for that line: what only Python needs can be
/// left out.
fn install(options: &str, packages: &str) -> String {
    let python = if cfg!(windows) { "python" } else { "python3" };
    let target = runtime_folder().map_or(String::new(), |folder| {
        format!("{options} --upgrade --target \"{}\"", folder.display())
    });
    format!(
        "`{python} -m pip install{target} {packages}`, or in a virtual environment `{python} -m pip install {packages}`"
    )
}
