//! A training from its first step, or from where it was stopped, to a version that is used or rejected.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use sha2::{Digest, Sha256};

use super::engine::run;
use super::engines::{engines, run_in};
use super::error::{Result, TrainError};
use super::lesson::Prepared;
use super::load::{self, Stored};
use super::network::{MULTIPLE, NETWORK};
use super::recipe::{Lesson, Recipe};
use super::rgb::Rgb;
use super::state::State;
use super::versions::{CONTRACT, LossPoint, MODEL, Meta, Status, Versions, WEIGHTS, replace};
use super::{contract, onnx};
use crate::render::Cancel;

/// The state is kept, and the loss on the pictures for validation measured, at least this often, in steps.
const CHECKPOINT: u64 = 100;
/// It ends after so many validations without an improvement.
const PATIENCE: u64 = 10;
/// A model is used only if its loss in validation is below this part of that of the beginning.
const BETTER: f32 = 0.99;
/// How far an engine's picture may be from the trainer's.
pub const TOLERANCE: f32 = 1e-3;

/// Runs a model's file on a picture.
pub type Run<'a> = dyn Fn(&Path, &Rgb) -> std::result::Result<Rgb, String> + 'a;

/// Programs that run models, with their names. A model is promoted only if each gives the trainer's picture.
pub struct Engines<'a>(pub Vec<(String, &'a Run<'a>)>);

/// How far a training is.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// What is learnt from: pictures, and how many of them are kept for validation. `resumed`: the step it goes on from.
    Begins {
        version: String,
        pictures: usize,
        validation: usize,
        resumed: Option<u64>,
    },
    Step {
        step: u64,
        steps: u64,
        /// Of this step.
        loss: f32,
        /// Since this process began.
        steps_per_second: f64,
        /// Until the last step, in seconds.
        left: f64,
    },
    /// The state was kept.
    Validated { step: u64, loss: f32, best: f32 },
}

/// What became of a training.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub version: String,
    pub meta: Meta,
    /// The file of the model.
    pub model: PathBuf,
    /// The largest difference of an engine's picture from the trainer's, with the engine's name.
    pub engines: Vec<(String, f32)>,
}

/// Trains as `recipe` says, into a version of the model in `versions`. A training of the same recipe that was stopped goes on
/// from its last checkpoint.
///
/// # Errors
/// `Usage` for settings and pictures that cannot be trained with; those of reading and writing; `Busy`; `Diverged`;
/// `Engine` where an engine gives another picture than the trainer; `Cancelled`.
pub fn train(
    recipe: &Recipe,
    versions: &Versions,
    engines: &Engines<'_>,
    tell: &mut dyn FnMut(&Told),
    cancel: &Cancel,
) -> Result<Outcome> {
    check(recipe)?;
    let initial = initial(recipe, versions)?;
    let lesson = Prepared::new(recipe)?;
    let _lock = versions.lock()?;
    let json = serde_json::to_value(recipe).expect("a recipe is plain data");
    let (version, mut state, resumed) = match unfinished(versions, recipe)? {
        Some(version) => {
            let path = versions.folder_of(&version).join(WEIGHTS);
            let state = State::read(&path, &initial)?;
            let step = state.step();
            (version, state, Some(step))
        }
        None => {
            let loss = lesson.validate(&initial);
            (versions.create()?, State::new(initial, loss), None)
        }
    };
    let folder = versions.folder_of(&version);
    let meta = |state: &State, curve: &[LossPoint], status, why: &str| Meta {
        status,
        why: why.to_owned(),
        recipe: json.clone(),
        steps: state.step(),
        best_step: state.best_step,
        best_loss: state.best_loss,
        first_loss: state.first_loss,
        curve: curve.to_vec(),
    };
    let describe = |state: &State, curve: &[LossPoint]| {
        versions.write_meta(&version, &meta(state, curve, Status::Unfinished, ""))
    };
    let mut curve = Vec::new();
    match resumed {
        Some(step) => {
            curve = versions.meta(&version)?.curve;
            // It is written before the state: its last point may be of steps that are done again.
            curve.retain(|point| point.step <= step);
        }
        None => {
            state.write(&folder.join(WEIGHTS))?;
            describe(&state, &curve)?;
        }
    }
    tell(&Told::Begins {
        version: version.clone(),
        pictures: lesson.counts().0,
        validation: lesson.counts().1,
        resumed,
    });
    let interval = (recipe.steps / 10).clamp(1, CHECKPOINT);
    let (begun, first) = (Instant::now(), state.step());
    let mut losses = Vec::new();
    while state.step() < recipe.steps {
        if cancel.requested() {
            return Err(TrainError::Cancelled);
        }
        let step = state.step();
        let loss = lesson.step(recipe, &mut state);
        if !loss.is_finite() {
            return Err(TrainError::Diverged { step, loss });
        }
        losses.push(loss);
        let step = state.step();
        let steps_per_second = (step - first) as f64 / begun.elapsed().as_secs_f64();
        tell(&Told::Step {
            step,
            steps: recipe.steps,
            loss,
            steps_per_second,
            left: (recipe.steps - step) as f64 / steps_per_second,
        });
        if step.is_multiple_of(interval) || step == recipe.steps {
            let loss = lesson.validate(&state.values);
            if loss < state.best_loss {
                (state.best_step, state.best_loss) = (step, loss);
                state.best.clone_from(&state.values);
            }
            let mean = losses.iter().sum::<f32>() / losses.len() as f32;
            losses.clear();
            curve.push(LossPoint {
                step,
                loss: mean,
                validation: loss,
            });
            describe(&state, &curve)?;
            state.write(&folder.join(WEIGHTS))?;
            let best = state.best_loss;
            tell(&Told::Validated { step, loss, best });
            if step - state.best_step >= PATIENCE * interval {
                break;
            }
        }
    }
    let model = folder.join(MODEL);
    let file = onnx::write(&NETWORK, &state.best);
    replace(&model, &file)?;
    let hash: String = Sha256::digest(&file)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    replace(
        &folder.join(CONTRACT),
        contract::text(&summary(recipe), &hash).as_bytes(),
    )?;
    let reject = |status, why: &str| {
        let meta = meta(&state, &curve, status, why);
        versions.write_meta(&version, &meta)?;
        Ok::<_, TrainError>(meta)
    };
    let compared = compared(&model, &state.best, lesson.sample(), engines);
    let engines = match compared {
        Ok(engines) => engines,
        Err(error) => {
            reject(Status::Faulty, &error.to_string())?;
            return Err(error);
        }
    };
    let mut outcome = Outcome {
        meta: meta(&state, &curve, Status::Promoted, ""),
        version: version.clone(),
        model,
        engines,
    };
    if state.best_loss >= state.first_loss * BETTER {
        let why = format!(
            "it is no better on the pictures for validation than what it began with: the loss was {}, and is {}",
            state.first_loss, state.best_loss
        );
        outcome.meta = reject(Status::Rejected, &why)?;
        return Ok(outcome);
    }
    versions.write_meta(&version, &outcome.meta)?;
    versions.promote(&version)?;
    Ok(outcome)
}

/// As [`train`], for the engines of this machine that users run models in.
///
/// # Errors
/// As those of [`train`].
pub fn train_for_engines(
    recipe: &Recipe,
    versions: &Versions,
    tell: &mut dyn FnMut(&Told),
    cancel: &Cancel,
) -> Result<Outcome> {
    let engine = |kind| move |model: &Path, picture: &Rgb| run_in(kind, model, picture);
    let runs: Vec<_> = engines()
        .into_iter()
        .map(|kind| (kind, engine(kind)))
        .collect();
    let engines = runs
        .iter()
        .map(|(kind, run)| (kind.to_string(), run as &Run<'_>));
    train(recipe, versions, &Engines(engines.collect()), tell, cancel)
}

/// Refuses settings that cannot be trained with, before anything is read.
///
/// # Errors
/// `Usage`.
pub fn check(recipe: &Recipe) -> Result<()> {
    if recipe.steps == 0 {
        return Err(TrainError::usage(
            "--steps 0 trains nothing",
            "ask for 1 step or more",
        ));
    }
    if !(64..=1024).contains(&recipe.size) || !recipe.size.is_multiple_of(MULTIPLE) {
        return Err(TrainError::usage(
            format!("--size {} cannot be trained with", recipe.size),
            format!("choose a multiple of {MULTIPLE} from 64 to 1024"),
        ));
    }
    if let Lesson::Style {
        scale,
        content_weight,
        ..
    } = recipe.lesson
    {
        if !(0.9..=8.0).contains(&scale) {
            return Err(TrainError::usage(
                format!("--style-scale {scale} cannot be trained with"),
                "choose a number from 0.9 to 8",
            ));
        }
        if !(0.0..=1000.0).contains(&content_weight) {
            return Err(TrainError::usage(
                format!("--content-weight {content_weight} cannot be trained with"),
                "choose a number from 0 to 1000",
            ));
        }
    }
    Ok(())
}

fn summary(recipe: &Recipe) -> String {
    let file = |path: &Path| {
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    match &recipe.lesson {
        Lesson::Style { image, .. } => format!("In the look of {}", file(image)),
        Lesson::Pairs { data, .. } => format!("Trained on the pairs of {}", file(data)),
    }
}

/// The newest version, where its training is one of this recipe that has not ended.
fn unfinished(versions: &Versions, recipe: &Recipe) -> Result<Option<String>> {
    let Some(version) = versions.all()?.pop() else {
        return Ok(None);
    };
    // A folder whose first checkpoint was not kept yet has no meta.json.
    let meta = versions.meta(&version).ok();
    let same = |meta: Meta| {
        let other = serde_json::from_value::<Recipe>(meta.recipe);
        meta.status == Status::Unfinished && other.is_ok_and(|other| other == *recipe)
    };
    Ok(meta.is_some_and(same).then_some(version))
}

/// The numbers that the training begins with.
fn initial(recipe: &Recipe, versions: &Versions) -> Result<Vec<Vec<f32>>> {
    let Some(from) = &recipe.from else {
        return Ok(NETWORK.initial(recipe.seed));
    };
    let path = start(from, versions)?;
    let bytes = fs::read(&path).map_err(TrainError::read(&path))?;
    onnx::parameters(&NETWORK, &bytes).map_err(|why| TrainError::BadFile {
        path,
        why,
        advice: "--from takes models that `aquatint train` made: a name, an .onnx file, or the folder of a version".to_owned(),
    })
}

/// The file that `--from` names.
fn start(from: &str, versions: &Versions) -> Result<PathBuf> {
    let path = Path::new(from);
    if path.is_dir() {
        return Ok(path.join(MODEL));
    }
    let named = versions.other(from).ok();
    let current = named.as_ref().map(Versions::current).transpose()?.flatten();
    Ok(match (named, current) {
        (Some(named), Some(version)) => named.folder_of(&version).join(MODEL),
        _ => path.to_owned(),
    })
}

/// The largest difference of each engine's picture from the trainer's.
fn compared(
    model: &Path,
    values: &[Vec<f32>],
    picture: &Stored,
    engines: &Engines<'_>,
) -> Result<Vec<(String, f32)>> {
    let picture = load::limited(picture.rgb(), 96);
    let (width, height) = (
        picture.width / MULTIPLE * MULTIPLE,
        picture.height / MULTIPLE * MULTIPLE,
    );
    let picture = picture.part(0, 0, width, height);
    let own = run(&NETWORK, values, &picture);
    let mut out = Vec::new();
    for (name, engine) in &engines.0 {
        let failed = |why| TrainError::Engine {
            engine: name.clone(),
            why,
        };
        let other = engine(model, &picture).map_err(failed)?;
        if other.values.len() != own.values.len() {
            return Err(failed(format!(
                "it has {}x{} pixels",
                other.width, other.height
            )));
        }
        let differences = own
            .values
            .iter()
            .zip(&other.values)
            .map(|(a, b)| (a - b).abs());
        // A NaN is no number below the limit.
        let largest = differences.fold(0.0, |most: f32, next| {
            if next > most || next.is_nan() {
                next
            } else {
                most
            }
        });
        if largest.is_nan() || largest > TOLERANCE {
            return Err(failed(format!(
                "values differ by {largest}, more than {TOLERANCE}"
            )));
        }
        out.push((name.clone(), largest));
    }
    Ok(out)
}
