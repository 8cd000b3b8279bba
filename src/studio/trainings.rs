//! Trainings: one at a time, on a thread of its own. What is kept of them lies in the folder of models, so that those of
//! `aquatint train` are seen, too, and one that was stopped or killed goes on.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::events::Events;
use super::problem::{Answer, Problem, status_of};
use crate::train::{Lesson, Meta, Recipe, Status, TrainError, Versions};

/// What becomes of a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TrainingState {
    /// It runs here.
    Running,
    /// Another process trains the model.
    Elsewhere,
    /// The newest version has not ended: it can go on.
    Stopped,
    /// The newest version has ended.
    Ended,
}

/// A model that was trained, with its versions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Training {
    /// The model's name.
    pub name: String,
    pub state: TrainingState,
    /// The version in use; none where there is none yet.
    pub current: Option<String>,
    /// Oldest first.
    pub versions: Vec<Version>,
    /// How far it is, where it runs here.
    pub progress: Option<TrainingProgress>,
    /// Why the last training here failed.
    pub error: Option<Problem>,
}

/// A version of a model.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Version {
    pub name: String,
    /// `unfinished`, `promoted` (it is or was in use), `rejected` (it is no better than what it began with), `faulty` (an engine gives
    /// another picture), or `damaged`.
    pub state: String,
    /// Why it was rejected or cannot be used; empty else.
    pub why: String,
    /// What it learns from, by the names of files.
    pub learns_from: Vec<String>,
    /// Steps done.
    pub steps: u64,
    /// Steps asked for.
    pub steps_asked: Option<u64>,
    /// The step with the least loss on the pictures kept for validation.
    pub best_step: u64,
    pub best_loss: f32,
    /// That loss before the first step.
    pub first_loss: f32,
    /// The learning curve.
    pub curve: Vec<CurvePoint>,
}

/// A point of a learning curve.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct CurvePoint {
    pub step: u64,
    /// The mean loss of the steps since the point before.
    pub loss: f32,
    /// The loss on the pictures kept for validation.
    pub validation: f32,
}

/// How far a training is.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct TrainingProgress {
    /// None until the pictures are read.
    pub version: Option<String>,
    /// Pictures that are learnt from.
    pub pictures: Option<usize>,
    pub step: u64,
    pub steps: u64,
    /// Of the last step.
    pub loss: Option<f32>,
    pub steps_per_second: Option<f64>,
    /// Seconds until the last step.
    pub left: Option<f64>,
}

struct Now {
    name: String,
    progress: TrainingProgress,
    stop: Arc<AtomicUsize>,
}

#[derive(Default)]
struct State {
    now: Option<Now>,
    /// Why trainings failed, by the model's name.
    failed: BTreeMap<String, Problem>,
}

/// The trainings of a studio.
pub struct Trainings {
    events: Arc<Events>,
    state: Mutex<State>,
}

impl From<TrainError> for Problem {
    fn from(error: TrainError) -> Self {
        let status = status_of(error.failure());
        Self::new(status, error.to_string(), error.advice())
    }
}

impl Trainings {
    pub fn new(events: Arc<Events>) -> Self {
        Self {
            events,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All models that were trained, by their names.
    ///
    /// # Errors
    /// Where the folder of models cannot be read.
    pub fn list(&self) -> Answer<Vec<Training>> {
        let all = Versions::in_folder(&Versions::users_folder()?)?;
        let mut all: Vec<Training> = all
            .iter()
            .map(|one| self.view(one))
            .collect::<Answer<_>>()?;
        // Its folder is made when its pictures have been read. One that failed before has none at all.
        let state = self.state();
        let begun = state.now.iter().map(|now| &now.name);
        let without: Vec<String> = begun
            .chain(state.failed.keys())
            .filter(|name| all.iter().all(|known| known.name != **name))
            .cloned()
            .collect();
        drop(state);
        for name in without {
            all.push(self.view(&Versions::new(&Versions::users_folder()?, &name)?)?);
        }
        Ok(all)
    }

    /// The model `name`.
    ///
    /// # Errors
    /// 404 where none of this name was trained.
    pub fn get(&self, name: &str) -> Answer<Training> {
        let all = self.list()?;
        let found = all.into_iter().find(|training| training.name == name);
        found.ok_or_else(|| Problem::missing(format!("no model {name:?} was trained")))
    }

    fn view(&self, versions: &Versions) -> Answer<Training> {
        let name = versions.name();
        let (progress, error) = {
            let state = self.state();
            let now = state.now.as_ref().filter(|now| now.name == name);
            (
                now.map(|now| now.progress.clone()),
                state.failed.get(name).cloned(),
            )
        };
        let all = versions.described()?.into_iter();
        let all: Vec<Version> = all
            .map(|(version, meta)| match meta {
                Ok(meta) => Version::new(version, meta),
                Err(error) => Version::damaged(version, &error),
            })
            .collect();
        let newest = all.last();
        let state = if progress.is_some() {
            TrainingState::Running
        } else if versions.are_being_trained() {
            TrainingState::Elsewhere
        } else if newest.is_some_and(|version| version.state == Status::Unfinished.word()) {
            TrainingState::Stopped
        } else {
            TrainingState::Ended
        };
        Ok(Training {
            name: name.to_owned(),
            state,
            current: versions.current()?,
            versions: all,
            progress,
            error,
        })
    }

    /// Begins a training in the background.
    ///
    /// # Errors
    /// 409 where one runs already, 422 for a name that cannot be one, 501 where this build has no trainer.
    pub fn begin(self: &Arc<Self>, name: &str, recipe: Recipe) -> Answer<Training> {
        let versions = Versions::new(&Versions::users_folder()?, name)?;
        if !cfg!(feature = "train") {
            return Err(Problem::new(
                StatusCode::NOT_IMPLEMENTED,
                "this build of aquatint has no trainer",
                "build one with it, with Rust 1.95 or later: cargo build --release --features train; docs/training.md says more",
            ));
        }
        #[cfg(feature = "train")]
        crate::train::check(&recipe)?;
        let stop: Arc<AtomicUsize> = Arc::default();
        {
            let mut state = self.state();
            if let Some(now) = &state.now {
                return Err(Problem::new(
                    StatusCode::CONFLICT,
                    format!("{} is being trained", now.name),
                    "wait until it has ended, or stop it first: it can go on later",
                ));
            }
            state.failed.remove(name);
            state.now = Some(Now {
                name: name.to_owned(),
                progress: TrainingProgress {
                    steps: recipe.steps,
                    ..TrainingProgress::default()
                },
                stop: stop.clone(),
            });
        }
        let own = self.clone();
        let thread = std::thread::Builder::new().name("training".to_owned());
        let begun = thread.spawn({
            let versions = versions.clone();
            move || own.work(&recipe, &versions, stop)
        });
        if let Err(error) = begun {
            self.state().now = None;
            return Err(Problem::fault(&format!("a thread: {error}")));
        }
        self.tell(&versions);
        self.view(&versions)
    }

    /// Goes on with the newest version of the model `name`, which was stopped.
    ///
    /// # Errors
    /// 404 where there is none, 409 where it has ended, and those of [`Trainings::begin`].
    pub fn go_on(self: &Arc<Self>, name: &str) -> Answer<Training> {
        let training = self.get(name)?;
        let versions = Versions::new(&Versions::users_folder()?, name)?;
        let newest = training.versions.last().map(|version| &version.name);
        let (TrainingState::Stopped, Some(newest)) = (training.state, newest) else {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                format!("no training of {name} was stopped"),
                "begin a new one",
            ));
        };
        let recipe = serde_json::from_value(versions.meta(newest)?.recipe).map_err(|error| {
            Problem::unfit(
                format!("how {name} {newest} is trained cannot be read: {error}"),
                "begin a new training",
            )
        })?;
        self.begin(name, recipe)
    }

    /// Stops the training of the model `name`; what was learnt up to its last checkpoint is kept.
    ///
    /// # Errors
    /// 409 where it is not being trained here.
    pub fn stop(&self, name: &str) -> Answer<Training> {
        let stopped = self.state().now.as_ref().is_some_and(|now| {
            let is_it = now.name == name;
            if is_it {
                now.stop.store(1, Ordering::Relaxed);
            }
            is_it
        });
        let training = self.get(name)?;
        match stopped {
            true => Ok(training),
            false => Err(Problem::new(
                StatusCode::CONFLICT,
                format!("{name} is not being trained here"),
                "a training of the command line is stopped where it was started",
            )),
        }
    }

    /// Takes a version of the model `name` into use.
    ///
    /// # Errors
    /// Those of [`Versions::take_into_use`], 404.
    pub fn promote(&self, name: &str, version: &str) -> Answer<Training> {
        self.get(name)?;
        let versions = Versions::new(&Versions::users_folder()?, name)?;
        versions.take_into_use(version)?;
        self.tell(&versions);
        self.view(&versions)
    }

    /// Takes the version before into use again.
    ///
    /// # Errors
    /// Those of [`Versions::rollback`], 404.
    pub fn roll_back(&self, name: &str) -> Answer<Training> {
        self.get(name)?;
        let versions = Versions::new(&Versions::users_folder()?, name)?;
        versions.rollback()?;
        self.tell(&versions);
        self.view(&versions)
    }

    /// Stops what runs: the studio ends.
    pub fn end(&self) {
        if let Some(now) = &self.state().now {
            now.stop.store(1, Ordering::Relaxed);
        }
    }

    /// Tells how a model is now.
    fn tell(&self, versions: &Versions) {
        if let Ok(training) = self.view(versions) {
            self.events.tell("training", &training);
        }
    }

    #[cfg(not(feature = "train"))]
    fn work(&self, _: &Recipe, _: &Versions, _: Arc<AtomicUsize>) {}

    #[cfg(feature = "train")]
    fn work(&self, recipe: &Recipe, versions: &Versions, stop: Arc<AtomicUsize>) {
        use std::panic::{AssertUnwindSafe, catch_unwind};

        use crate::render::{Cancel, Failure, RenderError, panic_message};

        let cancel = Cancel::new(stop);
        let mut told = None;
        let trained = catch_unwind(AssertUnwindSafe(|| {
            let mut hear = |what: &crate::train::Told| self.hear(versions, what, &mut told);
            crate::train::train_for_engines(recipe, versions, &mut hear, &cancel)
        }));
        let trained = trained.unwrap_or_else(|panic| {
            Err(TrainError::Pictures(RenderError::Panicked {
                stage: "training",
                message: panic_message(panic.as_ref()),
            }))
        });
        {
            let mut state = self.state();
            state.now = None;
            if let Err(error) = trained
                && error.failure() != Failure::Cancelled
            {
                state
                    .failed
                    .insert(versions.name().to_owned(), error.into());
            }
        }
        self.tell(versions);
    }

    /// Takes what a training tells, and tells it on: each checkpoint, and steps now and then.
    #[cfg(feature = "train")]
    fn hear(
        &self,
        versions: &Versions,
        what: &crate::train::Told,
        told: &mut Option<std::time::Instant>,
    ) {
        use crate::train::Told;

        /// How often steps are told.
        const TELLS_EVERY: std::time::Duration = std::time::Duration::from_millis(500);

        if let Some(now) = &mut self.state().now {
            let progress = &mut now.progress;
            match what {
                Told::Begins {
                    version,
                    pictures,
                    resumed,
                    ..
                } => {
                    progress.version = Some(version.clone());
                    progress.pictures = Some(*pictures);
                    progress.step = resumed.unwrap_or(0);
                }
                Told::Step {
                    step,
                    loss,
                    steps_per_second,
                    left,
                    ..
                } => {
                    progress.step = *step;
                    progress.loss = Some(*loss);
                    progress.steps_per_second = Some(*steps_per_second);
                    progress.left = Some(*left);
                }
                Told::Validated { .. } => {}
            }
        }
        if !matches!(what, Told::Step { .. }) {
            self.tell(versions);
        } else if self.events.is_heard() && told.is_none_or(|at| at.elapsed() >= TELLS_EVERY) {
            *told = Some(std::time::Instant::now());
            if let Ok(training) = self.view(versions) {
                self.events.tell_progress("training", &training);
            }
        }
    }
}

impl Version {
    /// One of which nothing can be read.
    fn damaged(name: String, error: &TrainError) -> Self {
        Self {
            name,
            state: "damaged".to_owned(),
            why: error.to_string(),
            learns_from: Vec::new(),
            steps: 0,
            steps_asked: None,
            best_step: 0,
            best_loss: 0.0,
            first_loss: 0.0,
            curve: Vec::new(),
        }
    }

    fn new(name: String, meta: Meta) -> Self {
        let recipe = serde_json::from_value::<Recipe>(meta.recipe).ok();
        let curve = meta.curve.iter().map(|point| CurvePoint {
            step: point.step,
            loss: point.loss,
            validation: point.validation,
        });
        Self {
            name,
            state: meta.status.word().to_owned(),
            why: meta.why,
            learns_from: recipe.as_ref().map(learns_from).unwrap_or_default(),
            steps: meta.steps,
            steps_asked: recipe.map(|recipe| recipe.steps),
            best_step: meta.best_step,
            best_loss: meta.best_loss,
            first_loss: meta.first_loss,
            curve: curve.collect(),
        }
    }
}

/// The names of the files that are learnt from: where they lie is not told.
fn learns_from(recipe: &Recipe) -> Vec<String> {
    let name = |path: &Path| {
        let name = path.file_name().unwrap_or(path.as_os_str());
        name.to_string_lossy().into_owned()
    };
    match &recipe.lesson {
        Lesson::Style { image, content, .. } => {
            let content = content.iter().map(|path| name(path));
            std::iter::once(name(image)).chain(content).collect()
        }
        Lesson::Pairs { data, .. } => vec![name(data)],
    }
}
