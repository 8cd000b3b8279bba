//! `aquatint train`: makes a model for a look, or from pairs of pictures.

use super::super::args;
use super::super::console::Console;
use super::super::problem::Problem;
use super::super::signals::Signals;

#[cfg(not(feature = "train"))]
pub fn run(_: &args::Train, _: &Console, _: &Signals) -> Result<u8, Problem> {
    Err(Problem::new(
        super::super::problem::UNAVAILABLE,
        "this build of aquatint has no trainer",
        "build one with it, with Rust 1.95 or later: cargo build --release --features train; docs/training.md says more",
    ))
}

#[cfg(feature = "train")]
pub use with_trainer::run;

#[cfg(feature = "train")]
mod with_trainer {
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::{Console, Problem, Signals, args};
    use crate::train::{
        Ask, Outcome, Recipe, Status, Told, TrainError, Versions, train_for_engines,
    };

    /// A line is written at least so often.
    const EVERY: Duration = Duration::from_secs(10);

    pub fn run(args: &args::Train, console: &Console, signals: &Signals) -> Result<u8, Problem> {
        let recipe = Recipe::try_from(ask(args))?;
        let folder = match &args.models_dir {
            Some(folder) => folder.clone(),
            None => Versions::users_folder()?,
        };
        let versions = Versions::new(&folder, &args.name)?;
        let mut shown = None::<Instant>;
        let mut tell = |told: &Told| show(told, console, &mut shown);
        let trained = train_for_engines(&recipe, &versions, &mut tell, &signals.cancel());
        let outcome = match (trained, signals.problem()) {
            (Ok(outcome), _) => outcome,
            (Err(TrainError::Cancelled), Some(signal)) => {
                return Err(Problem::new(
                    signal.code,
                    "stopped; the training is kept up to its last checkpoint",
                    TrainError::Cancelled.advice(),
                ));
            }
            (Err(error), _) => return Err(error.into()),
        };
        Ok(finish(&outcome, &args.name, console))
    }

    fn ask(args: &args::Train) -> Ask {
        Ask {
            style_image: args.style_image.clone(),
            content: args.content.clone(),
            style_scale: args.style_scale,
            content_weight: args.content_weight,
            data: args.data.clone(),
            loss: args.loss,
            from: args.from.clone(),
            steps: args.steps,
            size: args.size,
            seed: args.seed,
        }
    }

    fn show(told: &Told, console: &Console, shown: &mut Option<Instant>) {
        match told {
            Told::Begins {
                version,
                pictures,
                validation,
                resumed,
            } => {
                let from =
                    resumed.map_or(String::new(), |step| format!(", goes on from step {step}"));
                console.remark(&format!(
                    "{version}: {pictures} pictures to learn from, {validation} for validation{from}"
                ));
            }
            Told::Step {
                step,
                steps,
                loss,
                steps_per_second,
                left,
            } => {
                if console.speaks_json() {
                    let event = json!({"event": "train", "step": step, "steps": steps, "loss": loss,
                        "steps_per_second": steps_per_second, "left": left});
                    console.line(&event.to_string());
                } else if shown.is_none_or(|shown| shown.elapsed() >= EVERY) || step == steps {
                    *shown = Some(Instant::now());
                    let left = left.round() as u64;
                    console.remark(&format!(
                        "step {step} of {steps}, loss {loss:.4}, {steps_per_second:.2} steps/s, {}:{:02} left",
                        left / 60,
                        left % 60
                    ));
                }
            }
            Told::Validated { step, loss, best } => {
                if console.speaks_json() {
                    let event =
                        json!({"event": "validated", "step": step, "loss": loss, "best": best});
                    console.line(&event.to_string());
                } else {
                    console.remark(&format!(
                        "step {step}: loss in validation {loss:.4}, best {best:.4}"
                    ));
                }
            }
        }
    }

    fn finish(outcome: &Outcome, name: &str, console: &Console) -> u8 {
        let meta = &outcome.meta;
        if meta.status != Status::Promoted {
            console.warning(&format!(
                "{name} {} is not used: {}",
                outcome.version, meta.why
            ));
            return super::super::super::problem::DIFFERS;
        }
        for (engine, largest) in &outcome.engines {
            console.remark(&format!(
                "{engine} gives the trainer's picture within {largest:.1e}"
            ));
        }
        console.remark(&format!(
            "{name} {} is now used: {}; loss in validation {:.4} at step {}, {:.4} at the beginning",
            outcome.version,
            outcome.model.display(),
            meta.best_loss,
            meta.best_step,
            meta.first_loss
        ));
        0
    }
}
