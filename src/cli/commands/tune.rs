//! `aquatint tune`: searches parameters.

use std::fmt::Write as _;
use std::path::Path;

use super::super::args;
use super::super::console::Console;
use super::super::problem::{Problem, USAGE};
use super::super::signals::Signals;
use super::measure::Out;
use super::{print, print_json};
use crate::measure::opinions::ratings_file;
use crate::measure::ratings::Ratings;
use crate::measure::tune::{LIKED, LikedModel, Tried, Tune, Tuned, journal_of, page};
use crate::render::RenderError;

pub fn run(args: &args::Tune, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let preset = args.output.clone().unwrap_or_else(|| {
        let stem = args.input.file_stem().unwrap_or_default().to_string_lossy();
        args.input
            .with_file_name(format!("{}.tuned.toml", stem.replace('%', "")))
    });
    let html = args
        .html
        .clone()
        .unwrap_or_else(|| preset.with_extension("html"));
    let liked = liked(&args.goal)?;
    let tune = Tune {
        input: args.input.clone(),
        request: args.look.request(),
        params: args.params.clone(),
        goal: args.goal.clone(),
        method: args.method.into(),
        trials: args.trials as usize,
        budget: args.time_budget.map(|budget| budget.duration()),
        seed: args.search_seed,
        scenes: args.scenes as usize,
        duration: args.duration,
        journal: Some(journal_of(&preset)),
        anew: args.no_resume,
    };
    let inputs = [args.input.as_path()];
    // What lies beside its journal is its own.
    let journal = journal_of(&preset);
    let overwrite = args.overwrite || journal.is_file() && !args.no_resume;
    let to_preset = Out::file(&preset, &inputs, overwrite)?;
    let to_html = Out::file(&html, &inputs, overwrite)?;
    let mut tell = |tried: &Tried, best: &Tried| {
        let values: Vec<String> = tried
            .trial
            .values
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let score = tried
            .score
            .map_or("failed".to_owned(), |score| format!("{score:+.4}"));
        console.remark(&format!(
            "trial {} of {}: {score}  {}  (best {:+.4}, trial {})",
            tried.trial.number,
            args.trials - 1,
            values.join(" "),
            best.score.unwrap_or(0.0),
            best.trial.number
        ));
    };
    let tuned = tune.run(liked.as_ref(), &mut tell, &signals.cancel());
    let tuned = tuned.map_err(|error| match (&error, signals.problem()) {
        (RenderError::Cancelled, Some(signal)) => Problem::new(
            signal.code,
            format!(
                "interrupted: the trials so far are kept in {}",
                journal.display()
            ),
            "the same command goes on with them",
        ),
        _ => signals.problem_of(&error),
    })?;
    for words in &tuned.warnings {
        console.warning(words);
    }
    to_html.all(page(&tuned))?;
    to_preset.all(&tuned.preset)?;
    match args.json {
        true => print_json(&tuned)?,
        false => print(&words(&tuned, &preset, &html))?,
    }
    Ok(0)
}

/// What was learnt from ratings, where the goal needs it.
fn liked(goal: &str) -> Result<Option<LikedModel>, Problem> {
    let wanted = goal
        .split(',')
        .any(|part| part.trim().split([':', '=']).next() == Some(LIKED));
    if !wanted {
        return Ok(None);
    }
    let path = ratings_file().filter(|path| path.is_file());
    let nothing = |why: String| {
        Problem::new(
            USAGE,
            why,
            "rate more outputs that differ: aquatint rate OUTPUT STARS, aquatint prefer BETTER OTHER",
        )
    };
    let Some(path) = path else {
        return Err(nothing(
            "nothing is rated yet: what you like is learnt from 8 rated outputs or more".to_owned(),
        ));
    };
    let ratings = Ratings::open(&path)?;
    let learnt = LikedModel::learn(
        &ratings.outputs()?,
        &ratings.latest_ratings()?,
        &ratings.preferences()?,
    );
    let learnt = learnt.map_err(|error| nothing(error.to_string()))?;
    match learnt.warning() {
        Some(words) => Err(nothing(words)),
        None => Ok(Some(learnt)),
    }
}

fn words(tuned: &Tuned, preset: &Path, html: &Path) -> String {
    let best = &tuned.trials[tuned.best];
    let defaults = &tuned.trials[0];
    let mut out = format!("{}; {} trials", tuned.ended, tuned.trials.len());
    if tuned.resumed > 0 {
        // Writing to a string does not fail.
        let _ = write!(out, ", {} of them from an earlier run", tuned.resumed);
    }
    let _ = writeln!(
        out,
        "\nbest: trial {} (0 has the defaults), score {:+.4}",
        best.trial.number,
        best.score.unwrap_or(0.0)
    );
    for (name, value) in &best.trial.values {
        let was = &defaults.trial.values[name];
        let _ = writeln!(out, "  {name} = {value}  (was {was})");
    }
    for (name, value) in &best.metrics {
        let was = defaults.metrics.get(name).copied().unwrap_or(f64::NAN);
        let _ = writeln!(out, "  {name}: {was:.4} -> {value:.4}");
    }
    let _ = writeln!(
        out,
        "preset: {}\npage:   {}\nrender with it: aquatint {} --preset {}",
        preset.display(),
        html.display(),
        tuned.input.display(),
        preset.display()
    );
    out
}
