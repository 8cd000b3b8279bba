//! Finds models for the planner, and runs them for executors.

mod card;
mod describe;
mod run;
mod shown;
mod split;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::Result;
use crate::folders::cache_folder;
use crate::graph::External;
use crate::graph::plan::{File, Node, NodeKind, Operand, Plan, Tensor};
use crate::graph::style::{
    Library, ModelDesc, ModelError, ModelFailure, ModelFinder, ModelName, StyleError, WantedModel,
};
use crate::hardware::Memory;
use crate::neural::{self, EngineChoice, Model, NeuralError, NeuralFailure, Overrides, Said};
use describe::description;
use run::Running;
pub use shown::before_and_after;

/// The part of the memory that is free which models may use, in percent.
const SHARE: u64 = 70;
/// Bytes that models may use where the system does not say how much memory there is.
const UNKNOWN: u64 = 2 << 30;

/// What models have to tell the user.
#[derive(Clone, Debug, Default)]
pub(super) struct Words(Arc<Mutex<Vec<Said>>>);

impl Words {
    fn add(&self, said: Said) {
        let mut words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !words.contains(&said) {
            words.push(said);
        }
    }

    fn take(&self) -> Vec<Said> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A model that was found.
#[derive(Debug)]
struct Found {
    model: Model,
    description: Arc<ModelDesc>,
}

/// The models that a job asks for.
#[derive(Debug)]
pub(super) struct Models {
    choice: EngineChoice,
    threads: usize,
    /// Bytes of memory that a model may use.
    budget: u64,
    found: Mutex<HashMap<WantedModel, Arc<Found>>>,
    running: Mutex<HashMap<String, Arc<Running>>>,
    words: Words,
}

impl Models {
    /// Models that the engine `choice` runs.
    pub fn new(choice: EngineChoice) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let free = Memory::this().map(|memory| memory.available);
        Self {
            choice,
            threads,
            budget: free.map_or(UNKNOWN, |free| free / 100 * SHARE),
            found: Mutex::default(),
            running: Mutex::default(),
            words: Words::default(),
        }
    }

    /// Those that `finder` looks up.
    fn of(finder: &Arc<dyn ModelFinder>) -> Option<&Self> {
        let finder: &dyn Any = &**finder;
        finder.downcast_ref()
    }

    fn model(&self, wanted: &WantedModel) -> neural::Result<Model> {
        let range = wanted.range.as_deref().map(str::parse);
        let overrides = Overrides {
            // Styles offer the words of contracts.
            range: range.and_then(std::result::Result::ok),
        };
        match &wanted.name {
            ModelName::Known(name) => neural::find_model(name, overrides),
            ModelName::File(path) => Model::at(path, overrides),
            // The library gives the path of such a file.
            ModelName::Own(path) => Err(NeuralError::Missing { path: path.into() }),
        }
    }

    /// What runs the model `identity`; `size` as in [`Running::open`].
    fn code(&self, identity: &str, size: Option<[u32; 2]>) -> Option<neural::Result<Arc<Running>>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = running.get(identity) {
            return Some(Ok(known.clone()));
        }
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let found = found
            .values()
            .find(|found| found.description.identity == identity)?;
        let opened = Running::open(
            &found.model,
            self.choice,
            self.threads,
            size,
            self.words.clone(),
        );
        Some(opened.map(|opened| {
            let opened = Arc::new(opened);
            running.insert(identity.to_owned(), opened.clone());
            opened
        }))
    }
}

impl ModelFinder for Models {
    fn find(&self, wanted: &WantedModel) -> std::result::Result<Arc<ModelDesc>, ModelError> {
        let mut all = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(wanted) {
            return Ok(known.description.clone());
        }
        let model = self.model(wanted).map_err(|error| failed(&error))?;
        let identity = format!("{} {:?} {}", model.sha256, model.contract, self.choice);
        let found = Found {
            description: Arc::new(description(&model, identity, self.budget)),
            model,
        };
        let description = found.description.clone();
        all.insert(wanted.clone(), Arc::new(found));
        Ok(description)
    }
}

/// The error of a model as that of a style.
pub(super) fn failed(error: &NeuralError) -> ModelError {
    ModelError {
        failure: match error.failure() {
            NeuralFailure::Usage => ModelFailure::Usage,
            NeuralFailure::BadModel if matches!(error, NeuralError::Missing { .. }) => {
                ModelFailure::Missing
            }
            NeuralFailure::BadModel => ModelFailure::Bad,
            NeuralFailure::Unavailable | NeuralFailure::TryAgain => ModelFailure::Unavailable,
            NeuralFailure::CannotCreate | NeuralFailure::Io => ModelFailure::Missing,
        },
        message: in_lines(error),
    }
}

/// What failed, and from the second line on what to do.
fn in_lines(error: &NeuralError) -> String {
    match error.advice() {
        advice if advice.is_empty() => error.to_string(),
        advice => format!("{error}\n  {}", advice.replace('\n', "\n  ")),
    }
}

/// What runs the model `name` of a plan that was made with `library`, on pictures of `size` where all have one.
///
/// # Errors
/// `Style` where no engine can open it.
pub(super) fn code(
    library: &Library,
    name: &str,
    identity: &str,
    size: Option<[u32; 2]>,
) -> Result<Arc<dyn External>> {
    let opened = library
        .models()
        .and_then(Models::of)
        .and_then(|models| models.code(identity, size));
    match opened {
        Some(Ok(running)) => Ok(running),
        Some(Err(error)) => Err(StyleError::Model(failed(&error)).into()),
        None => Err(StyleError::Model(ModelError {
            failure: ModelFailure::Unavailable,
            message: format!("the model {name} is not known"),
        })
        .into()),
    }
}

/// Width and height of the pictures that the model in `file` of `plan` is given, where all have one size.
pub(super) fn size_in(plan: &Plan, file: &File) -> Option<[u32; 2]> {
    let reads = |node: &Node| {
        let mut operands = node.inputs.iter().map(|(_, operand)| operand);
        operands
            .any(|operand| matches!(operand, Operand::File(index) if plan.files[*index] == *file))
    };
    let nodes = plan.nodes.iter().filter(|node| reads(node));
    let calls = nodes.filter_map(|node| match &node.kind {
        NodeKind::External { call } => Some(call),
        NodeKind::Pixel | NodeKind::Compute { .. } => None,
    });
    let mut sizes = calls.flat_map(|call| call.inputs.iter().filter_map(Tensor::size));
    let first = sizes.next()?;
    sizes.all(|size| size == first).then_some(first)
}

/// What the models that `finder` looks up have to tell since they were asked last.
pub(super) fn words(finder: Option<&Arc<dyn ModelFinder>>) -> Vec<Said> {
    finder
        .and_then(Models::of)
        .map_or(Vec::new(), |models| models.words.take())
}

/// What runs the models of `library`, and what happened to them, since it was asked last: for commands that are no job.
pub fn model_words(library: &Library) -> Vec<Said> {
    words(library.models())
}

/// `library`, with models that the engine `choice` runs.
pub fn with_models(library: Library, choice: EngineChoice) -> Library {
    library.with_models(Arc::new(Models::new(choice)))
}

/// The folder that TensorRT's engines are kept in.
fn cache() -> Option<PathBuf> {
    cache_folder()
}
