//! Opens a model in the engine that was asked for, or in the first one that works.

use super::engine::{Engine, EngineChoice, EngineKind, Opening, Said};
use super::error::{NeuralError, Result};
use super::library::library;
use super::ort::Ort;
use super::rten::Rten;

/// All engines, in the order in which `auto` tries them.
pub const ENGINES: [EngineKind; 8] = [
    EngineKind::TensorRt,
    EngineKind::Cuda,
    EngineKind::CoreMl,
    EngineKind::DirectMl,
    EngineKind::OpenVino,
    EngineKind::Rocm,
    EngineKind::OrtCpu,
    EngineKind::Rten,
];

/// Opens a model. `say` is told what was chosen, and what does not work and why. An engine that was asked for by name is
/// used, or the call fails.
///
/// # Errors
/// Of the engine that was asked for; with `auto` of the last one, which needs no library.
pub fn open(opening: &Opening<'_>, say: &mut dyn FnMut(Said)) -> Result<Box<dyn Engine>> {
    let engine = match opening.choice {
        EngineChoice::Only(kind) => open_one(kind, opening, say)?,
        EngineChoice::Auto => first_that_works(opening, say)?,
    };
    say(Said::Info(format!(
        "{} runs in {}",
        opening.model.name,
        engine.describe()
    )));
    Ok(engine)
}

fn open_one(
    kind: EngineKind,
    opening: &Opening<'_>,
    say: &mut dyn FnMut(Said),
) -> Result<Box<dyn Engine>> {
    Ok(match kind {
        EngineKind::Rten => Box::new(Rten::open(opening.model, opening.threads.max(1))?),
        kind => Box::new(Ort::open(kind, opening, say)?),
    })
}

fn first_that_works(opening: &Opening<'_>, say: &mut dyn FnMut(Said)) -> Result<Box<dyn Engine>> {
    let library = match library() {
        Ok(library) => {
            for refused in &library.refused {
                say(Said::Warning(refused.clone()));
            }
            Some(library)
        }
        Err(NeuralError::LibraryMissing) => {
            say(Said::Info(
                "ONNX Runtime was not found: the engine inside aquatint runs the model, some times slower. `aquatint doctor` prints the line that installs it".to_owned(),
            ));
            None
        }
        Err(error) => {
            say(Said::Warning(format!("{error}; {}", error.advice())));
            None
        }
    };
    for kind in ENGINES {
        let there = match kind {
            EngineKind::Rten => true,
            kind => library.is_some_and(|library| library.provider(kind).is_some()),
        };
        if !there {
            continue;
        }
        match open_one(kind, opening, say) {
            Ok(engine) => return Ok(engine),
            Err(error) if kind == EngineKind::Rten => return Err(error),
            // A library for cards of NVIDIA has both, and many have only one of them.
            Err(error) if kind == EngineKind::TensorRt => {
                say(Said::Info(error.to_string()));
            }
            Err(error) => say(Said::Warning(error.to_string())),
        }
    }
    // The last engine has returned.
    Err(NeuralError::LibraryMissing)
}
