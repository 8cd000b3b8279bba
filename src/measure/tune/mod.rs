//! `aquatint tune`: searches the parameters of a style for goals, on some scenes of a video.

mod goals;
mod journal;
mod liked;
mod page;
pub mod search;
mod space;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;

pub use goals::LIKED;
pub use journal::Tried;
pub use liked::{LikedModel, features};
pub use page::page;

use crate::media::MediaError;
use crate::metrics::Metrics;
use crate::render::request::{ParamValues, RenderRequest, SettingValue, Time};
use crate::render::{
    Cancel, Excerpt, InputHash, MetricsReport, OutputMetrics, RenderError, Result, Settings,
};
use goals::{goals, means, wanted, with_short_names};
use journal::{About, Journal};
use search::{Goals, Method, Search, SearchError, Space, Trial, Values, front};

/// What is searched.
#[derive(Clone, Debug)]
pub struct Tune {
    pub input: PathBuf,
    /// The style, and the values that stay.
    pub request: RenderRequest,
    /// The parameters, as the command line has them; none: all that can be searched.
    pub params: Vec<String>,
    /// The goals, as the command line has them.
    pub goal: String,
    pub method: Method,
    /// Trials at most, the defaults included.
    pub trials: usize,
    /// No trial is begun after this time.
    pub budget: Option<Duration>,
    pub seed: u64,
    /// Number of scenes, and seconds of each.
    pub scenes: usize,
    pub duration: f64,
    /// The journal; without it the search cannot go on later.
    pub journal: Option<PathBuf>,
    /// Begin anew, whatever is in the journal.
    pub anew: bool,
}

/// What a search found.
#[derive(Clone, Debug, Serialize)]
pub struct Tuned {
    pub input: PathBuf,
    pub style: String,
    pub goal: String,
    pub method: Method,
    pub seed: u64,
    /// Where the scenes begin, and how long each is, in seconds.
    pub scenes: Vec<f64>,
    pub duration: f64,
    /// All trials, in their order; the first has the defaults.
    pub trials: Vec<Tried>,
    /// How many of them an earlier run had made.
    pub resumed: usize,
    /// Index of the best.
    pub best: usize,
    /// Indices of those that no other beats in all goals.
    pub front: Vec<usize>,
    /// Why the search ended.
    pub ended: String,
    pub warnings: Vec<String>,
    #[serde(skip)]
    pub space: Space,
    /// The text of the preset with the best values.
    #[serde(skip)]
    pub preset: String,
}

impl Tune {
    /// Searches; `tell` is told of each trial and of the best so far. `liked` is what was learnt from ratings, where the goal needs
    /// it.
    ///
    /// # Errors
    /// `Usage` for goals, parameters and trials that make no search; those of reading the input, of rendering and of the journal.
    pub fn run(
        &self,
        liked: Option<&LikedModel>,
        tell: &mut dyn FnMut(&Tried, &Tried),
        cancel: &Cancel,
    ) -> Result<Tuned> {
        let begun = Instant::now();
        let known = goals(liked.is_some());
        let goal = Goals::parse(&self.goal, &known).map_err(refused)?;
        let library = self.request.library()?;
        let settings = self.request.settings(&library)?;
        let look = match settings.styles.as_slice() {
            [one] => one,
            _ => {
                return Err(RenderError::usage(
                    "one style is tuned at a time",
                    "name one with --style; a+b is one style after the other",
                ));
            }
        };
        let space = space::space(look, &self.params)?;
        let mut search =
            Search::new(space.clone(), self.method, self.seed, self.trials).map_err(refused)?;
        let mut names: Vec<&str> = goal
            .goals()
            .iter()
            .map(|goal| goal.metric.as_str())
            .collect();
        if names.contains(&LIKED) {
            names.extend(features().iter().map(|metric| metric.name()));
        }
        let metrics = OutputMetrics::all_frames(wanted(names.into_iter()));
        let places = self.places(&settings)?;
        let excerpts = self.excerpts(&settings, &places, cancel)?;
        let mut journal = self.journal(&settings, &space, &places)?;
        let mut tried: Vec<Tried> = journal
            .iter_mut()
            .flat_map(|journal| std::mem::take(&mut journal.earlier))
            .collect();
        let told: Vec<(&Trial, f64)> = tried
            .iter()
            .map(|tried| (&tried.trial, tried.score.unwrap_or(f64::NAN)))
            .collect();
        search.replay(told).map_err(refused)?;
        let resumed = tried.len();
        let mut warnings = Vec::new();
        let ended = loop {
            if cancel.requested() {
                return Err(RenderError::Cancelled);
            }
            if self.budget.is_some_and(|budget| begun.elapsed() >= budget)
                && tried.len() > resumed.max(1)
            {
                break "the time budget is used up".to_owned();
            }
            let Some(trial) = search.ask() else {
                break match tried.len() >= self.trials {
                    true => format!("all {} trials are made", self.trials),
                    false => "there is nothing else to try".to_owned(),
                };
            };
            let measured = self.measured(&library, &trial.values, &excerpts, &metrics, cancel);
            let mut found = match measured {
                Ok(reports) => means(&reports),
                Err(RenderError::Cancelled) => return Err(RenderError::Cancelled),
                // The defaults must work; values that a style refuses are no good ones.
                Err(error) if trial.number == 0 => return Err(error),
                Err(error) => {
                    warnings.push(format!("trial {} failed: {error}", trial.number));
                    BTreeMap::new()
                }
            };
            if let (Some(liked), false) = (liked, found.is_empty()) {
                found.insert(LIKED.to_owned(), liked.predict(&found));
            }
            let defaults = tried.first().map_or(&found, |first| &first.metrics);
            let score = goal.score(&with_short_names(&found), &with_short_names(defaults));
            search.tell(trial.number, score).map_err(refused)?;
            let trial = Tried {
                trial,
                score: score.is_finite().then_some(score),
                metrics: found,
            };
            if let Some(journal) = &mut journal {
                journal.add(&trial)?;
            }
            tried.push(trial);
            let last = tried.len() - 1;
            tell(&tried[last], &tried[best(&tried)]);
        };
        let best = best(&tried);
        let defaults = with_short_names(&tried[0].metrics);
        let gains: Vec<Vec<f64>> = tried
            .iter()
            .map(|tried| goal.gains(&with_short_names(&tried.metrics), &defaults))
            .collect();
        let mut tuned = Tuned {
            input: self.input.clone(),
            style: look.name(),
            goal: self.goal.clone(),
            method: self.method,
            seed: self.seed,
            scenes: places,
            duration: self.duration,
            trials: tried,
            resumed,
            best,
            front: front(&gains),
            ended,
            warnings,
            space,
            preset: String::new(),
        };
        tuned.preset = self.preset(&tuned)?;
        Ok(tuned)
    }

    /// Where the scenes begin, in seconds: in the middle of parts of one length.
    fn places(&self, settings: &Settings) -> Result<Vec<f64>> {
        let info = crate::media::probe_at(&self.input, settings.of_input_reading(&self.input))?;
        let length = info.duration.unwrap_or(0.0);
        let room = (length - self.duration).max(0.0);
        let scenes = match room > 0.0 {
            true => self.scenes.max(1),
            false => 1,
        };
        let at = |index: usize| room * (index as f64 + 0.5) / scenes as f64;
        // In milliseconds, as times are written.
        Ok((0..scenes)
            .map(|index| (at(index) * 1e3).round() / 1e3)
            .collect())
    }

    fn excerpts(
        &self,
        settings: &Settings,
        places: &[f64],
        cancel: &Cancel,
    ) -> Result<Vec<Excerpt>> {
        let time = |seconds: f64| Time::parse(&format!("{seconds:.3}")).unwrap_or_default();
        let parts = places.iter().map(|start| {
            Excerpt::decode(
                &self.input,
                settings,
                time(*start),
                time(self.duration),
                cancel,
            )
        });
        parts.collect()
    }

    fn journal(
        &self,
        settings: &Settings,
        space: &Space,
        places: &[f64],
    ) -> Result<Option<Journal>> {
        let Some(path) = &self.journal else {
            return Ok(None);
        };
        let hash = std::fs::File::open(&self.input).and_then(|file| InputHash::of(&file));
        let input = hash.map_err(|error| MediaError::Read {
            path: self.input.clone(),
            why: error.to_string(),
        })?;
        let parameters = space
            .parameters
            .iter()
            .map(|known| format!("{} {:?} {}", known.name, known.domain, known.default));
        let about = About {
            aquatint: env!("CARGO_PKG_VERSION").to_owned(),
            input,
            look: format!("{}seed = {}", self.look().preset(""), settings.seed),
            space: parameters.collect::<Vec<_>>().join("; "),
            goal: self.goal.clone(),
            method: format!("{:?}", self.method),
            seed: self.seed,
            scenes: places.to_vec(),
            duration: self.duration,
        };
        Journal::open(path, &about, self.anew).map(Some)
    }

    /// What of the request makes the look.
    fn look(&self) -> RenderRequest {
        RenderRequest {
            device: None,
            engine: None,
            ..self.request.clone()
        }
    }

    /// The numbers of each scene with these values.
    fn measured(
        &self,
        library: &crate::graph::style::Library,
        values: &Values,
        excerpts: &[Excerpt],
        metrics: &OutputMetrics,
        cancel: &Cancel,
    ) -> Result<Vec<MetricsReport>> {
        let settings = self.with(values).settings(library)?;
        let reports = excerpts.iter().map(|excerpt| {
            let report = excerpt.measure(library, &settings, metrics, cancel)?;
            report.ok_or(RenderError::Stopped)
        });
        reports.collect()
    }

    /// The request with these values.
    fn with(&self, values: &Values) -> RenderRequest {
        let mut set = self.request.set.clone().unwrap_or_default().0;
        let param = |set: &String| {
            set.split_once('=')
                .map(|(param, _)| param.trim().to_owned())
        };
        set.retain(|set| param(set).is_none_or(|param| !values.contains_key(&param)));
        set.extend(values.iter().map(|(name, value)| format!("{name}={value}")));
        RenderRequest {
            set: ParamValues::of(&set),
            ..self.request.clone()
        }
    }

    /// The preset with the best values, and where they come from.
    fn preset(&self, tuned: &Tuned) -> Result<String> {
        let best = &tuned.trials[tuned.best];
        let kept = RenderRequest {
            device: None,
            engine: None,
            existing: None,
            style: Some(tuned.style.clone()),
            ..self.with(&best.trial.values)
        };
        let name = self
            .input
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let score = best.score.unwrap_or(0.0);
        let mut text = kept.preset(&format!("{}, tuned for {}", tuned.style, tuned.goal));
        let scenes: Vec<String> = tuned
            .scenes
            .iter()
            .map(|start| format!("{start} s"))
            .collect();
        text.push_str(&format!(
            "\n# Found by aquatint {} tune: goal {}, method {}, seed {}, trial {} of {} (0 has the defaults), score {score:.4}.\n\
             # On {} s each from {} of {name}.\n",
            env!("CARGO_PKG_VERSION"),
            tuned.goal,
            serde_json::to_value(tuned.method).ok().and_then(|method| method.as_str().map(str::to_owned)).unwrap_or_default(),
            tuned.seed,
            best.trial.number,
            tuned.trials.len() - 1,
            tuned.duration,
            scenes.join(", "),
        ));
        for (metric, value) in &best.metrics {
            let was = tuned.trials[0]
                .metrics
                .get(metric)
                .copied()
                .unwrap_or(f64::NAN);
            text.push_str(&format!("# {metric}: {value:.5} (defaults: {was:.5})\n"));
        }
        Ok(text)
    }
}

/// Index of the best trial; the earliest where several are.
fn best(tried: &[Tried]) -> usize {
    let score = |index: usize| tried[index].score.unwrap_or(f64::NEG_INFINITY);
    (0..tried.len()).fold(0, |best, index| {
        if score(index) > score(best) {
            index
        } else {
            best
        }
    })
}

fn refused(error: SearchError) -> RenderError {
    let advice = error.advice();
    RenderError::usage(error.to_string(), advice)
}

/// Where the journal of the preset at `preset` lies: beside it.
pub fn journal_of(preset: &Path) -> PathBuf {
    preset.with_extension("tune.jsonl")
}

/// The metrics that a search measures for `goal`; none for a goal that is none.
pub fn metrics_of(goal: &str) -> Metrics {
    let names = goal
        .split(',')
        .map(|part| part.split([':', '=']).next().unwrap_or_default().trim());
    wanted(names)
}
