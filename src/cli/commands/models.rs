//! `aquatint models`: lists neural models, checks, adds and removes them.

use std::fmt::Write as _;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use serde_json::json;

use super::super::args::{Models, ModelsAction, ModelsAdd, ModelsCheck};
use super::super::console::Console;
use super::super::problem::{Problem, USAGE};
use super::super::signals::Signals;
use super::{print, print_json, tell};
use crate::folders::cache_folder;
use crate::media::{bytes_in_words, read_image};
use crate::neural::{
    Adding, EngineChoice, Listed, Model, NeuralError, Overrides, Progress, Said, Source, Trial,
    Watcher, find_model, models, remove_model, trial_size, trials,
};
use crate::render::{Existing, RenderError, before_and_after, model_list, write_picture};
use crate::train::Versions;

/// Engines that differ by more are told of, as a share of the range of the numbers.
const ALIKE: f32 = 1e-3;
/// Memory is rounded up to this many megabytes a megapixel.
const MEMORY_STEP: u32 = 10;

pub fn run(args: &Models, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    match &args.action {
        None if args.json => print_json(&model_list())?,
        None => print(&list(&models()))?,
        Some(ModelsAction::Check(args)) => check(args, console)?,
        Some(ModelsAction::Add(args)) => add(args, console, signals)?,
        Some(ModelsAction::Versions { name, json }) => list_versions(name, *json)?,
        Some(ModelsAction::Promote { name, version }) => {
            versions_of(name)?.take_into_use(version)?;
            print(&format!("{name}: {version} is used now"))?;
        }
        Some(ModelsAction::Rollback { name }) => {
            let (left, used) = versions_of(name)?.rollback()?;
            print(&format!("{name}: {used} is used again, in place of {left}"))?;
        }
        Some(ModelsAction::Remove { name }) => {
            let folder = remove_model(name)?;
            print(&format!("removed {name} ({})", folder.display()))?;
        }
    }
    Ok(0)
}

fn versions_of(name: &str) -> Result<Versions, Problem> {
    Ok(Versions::new(&Versions::users_folder()?, name)?)
}

fn list_versions(name: &str, json: bool) -> Result<(), Problem> {
    let versions = versions_of(name)?;
    let all = versions.described()?;
    if all.is_empty() {
        return Err(Problem::new(
            USAGE,
            format!("there are no versions of {name}"),
            "only models made by `aquatint train` have versions; `aquatint models` lists all",
        ));
    }
    let current = versions.current()?;
    if json {
        let all: Vec<_> = all
            .iter()
            .map(|(version, meta)| {
                let mut value = match meta {
                    Ok(meta) => serde_json::to_value(meta).unwrap_or_default(),
                    Err(error) => json!({"status": "damaged", "why": error.to_string()}),
                };
                value["version"] = version.clone().into();
                value["used"] = (current.as_ref() == Some(version)).into();
                value
            })
            .collect();
        return print_json(&all);
    }
    let mut out = String::new();
    for (version, meta) in &all {
        let meta = match meta {
            Ok(meta) => meta,
            Err(error) => {
                // Writing to a string does not fail.
                let _ = writeln!(out, "{version}  damaged     {error}");
                continue;
            }
        };
        let used = match current.as_ref() == Some(version) {
            true => "in use",
            false => meta.status.word(),
        };
        let _ = writeln!(
            out,
            "{version}  {used:<10}  {:>6} steps  loss {:.4} at step {}, {:.4} at the beginning",
            meta.steps, meta.best_loss, meta.best_step, meta.first_loss
        );
        if !meta.why.is_empty() {
            let _ = writeln!(out, "       {}", meta.why);
        }
    }
    print(out.trim_end())
}

fn list(all: &[Listed]) -> String {
    if all.is_empty() {
        return "there are no models yet: add one with `aquatint models add FILE`".to_owned();
    }
    let mut out = String::new();
    for model in all {
        let task = model.task.map_or("?", |task| task.word());
        let scale = model
            .scale
            .map_or(String::new(), |scale| format!("x{scale}"));
        let licence = known(&model.licence);
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "{:<16} {task:<8} {scale:<3} {:>9}  {licence:<14} {:<9} {}",
            model.name,
            bytes_in_words(model.bytes),
            model.origin.word(),
            model.summary
        );
        if let Some(problem) = &model.problem {
            let _ = writeln!(out, "  cannot be used: {problem}");
        }
    }
    out
}

fn known(licence: &str) -> &str {
    match licence {
        "" => "not known",
        licence => licence,
    }
}

fn check(args: &ModelsCheck, console: &Console) -> Result<(), Problem> {
    let overrides = Overrides { range: args.range };
    let mut model = find_model(&args.model, overrides)?;
    check_files(args)?;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut out = facts(&model);
    // Which engine was opened stands in the table.
    let tried = trials(&model, args.engine, threads, &mut |said| {
        if let Said::Warning(_) = said {
            tell(console, said);
        }
    });
    let [width, height] = trial_size(&model.contract);
    let _ = writeln!(out, "\nengines, on a picture of {width} x {height}");
    for trial in &tried {
        let _ = writeln!(out, "  {:<9} {}", trial.kind.word(), outcome(trial));
    }
    let ran: Vec<_> = tried
        .iter()
        .filter_map(|trial| trial.outcome.as_ref().ok())
        .collect();
    // The budget that a contract is held against is of the processor's memory.
    let most = |on_processor: bool| {
        let some = tried
            .iter()
            .filter(|trial| trial.kind.is_on_processor() == on_processor);
        some.filter_map(|trial| trial.outcome.as_ref().ok()?.memory)
            .max()
    };
    if let Some(most) = most(true).or_else(|| most(false)) {
        model.contract.memory = Some(most.next_multiple_of(MEMORY_STEP).max(MEMORY_STEP));
    }
    let worst = ran.iter().map(|ran| ran.difference).fold(0.0, f32::max);
    let runs = !ran.is_empty();
    if runs {
        let _ = writeln!(out, "\n{}", show(&model, args)?);
        model.contract.sha256 = Some(model.sha256.clone());
        let contract = model.to_toml();
        if args.contract {
            out = contract;
        } else {
            let _ = write!(out, "\ncontract\n\n{contract}");
        }
    }
    print(&out)?;
    for assumed in &model.assumptions {
        console.warning(assumed);
    }
    if worst > ALIKE {
        console.warning(&format!(
            "the engines give results that differ by {:.2} % of their range: trust the first",
            worst * 100.0
        ));
    }
    match tried.into_iter().find_map(|trial| trial.outcome.err()) {
        Some(error) if !runs || args.engine != EngineChoice::Auto => Err(error.into()),
        _ => Ok(()),
    }
}

/// What can be told before the model has run for some time: the picture that is shown can be read, and written.
fn check_files(args: &ModelsCheck) -> Result<(), Problem> {
    if let Some(picture) = &args.picture {
        read_image(picture)?;
    }
    let Some(path) = &args.output else {
        return Ok(());
    };
    if path.exists() && !args.overwrite {
        return Err(RenderError::Exists { path: path.clone() }.into());
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            Err(RenderError::CannotCreate {
                path: path.clone(),
                why: format!("the folder {} does not exist", folder.display()),
            }
            .into())
        }
        _ => Ok(()),
    }
}

/// Writes the picture before and after the model, and says where.
fn show(model: &Model, args: &ModelsCheck) -> Result<String, Problem> {
    let Some(picture) = before_and_after(model, args.engine, args.range, args.picture.as_deref())?
    else {
        return Ok("it makes numbers, no picture".to_owned());
    };
    let path = match &args.output {
        Some(path) => path.clone(),
        None => {
            let cache = cache_folder().unwrap_or_else(std::env::temp_dir);
            let folder = cache.join("checks");
            std::fs::create_dir_all(&folder).map_err(|error| RenderError::CannotCreate {
                path: folder.clone(),
                why: error.to_string(),
            })?;
            folder.join(format!("{}.png", model.name))
        }
    };
    // A file that -o names was looked for before the model ran.
    write_picture(&path, &picture, Existing::Replace)?;
    Ok(format!("before and after: {}", path.display()))
}

/// What the file says of itself.
fn facts(model: &Model) -> String {
    let header = model.header();
    let mut out = format!("{} ({})\n", model.name, model.path().display());
    let _ = writeln!(
        out,
        "  SHA-256 {}\n  ONNX operators of version {}, {} kinds",
        model.sha256,
        header.opset,
        header.ops.len()
    );
    for (what, tensors) in [("input", &header.inputs), ("output", &header.outputs)] {
        for tensor in tensors {
            let _ = writeln!(out, "  {what:<6} {:<16} {}", tensor.name, tensor.words());
        }
    }
    if !header.domains.is_empty() {
        let domains: Vec<&str> = header.domains.iter().map(String::as_str).collect();
        let _ = writeln!(
            out,
            "  it has operators that are not of the standard, of {}: an engine may not have them",
            domains.join(", ")
        );
    }
    let mut files: Vec<&str> = header
        .external
        .iter()
        .map(|file| file.location.as_str())
        .collect();
    files.dedup();
    if !files.is_empty() {
        files.sort_unstable();
        files.dedup();
        let _ = writeln!(out, "  its numbers lie in {}", files.join(", "));
    }
    out
}

fn outcome(trial: &Trial) -> String {
    match &trial.outcome {
        Ok(ran) => {
            let memory = ran
                .memory
                .map_or(String::new(), |memory| format!(", {memory} MB a megapixel"));
            format!(
                "{:.1} ms{memory}, largest difference {:.1e} ({})",
                ran.time.as_secs_f64() * 1e3,
                ran.difference,
                ran.engine
            )
        }
        Err(error) => format!("does not run: {error}"),
    }
}

/// Shows a download, and stops it when a signal comes.
struct Download<'a> {
    name: &'a str,
    console: &'a Console,
    signals: &'a Signals,
}

impl Watcher for Download<'_> {
    fn progress(&mut self, progress: &Progress) {
        self.console.download(Path::new(self.name), progress);
    }

    fn remark(&mut self, text: &str) {
        self.console.remark(text);
    }

    fn stop(&self) -> bool {
        self.signals.problem().is_some()
    }
}

fn add(args: &ModelsAdd, console: &Console, signals: &Signals) -> Result<(), Problem> {
    let adding = Adding::new(Source::new(&args.source), args.name.as_deref(), args.force)?;
    let mut about = format!("{}, from {}\n", adding.name, args.source);
    if !adding.summary.is_empty() {
        let _ = writeln!(about, "  {}", adding.summary);
    }
    let _ = write!(about, "  licence: {}", known(&adding.licence));
    if adding.licence.is_empty() {
        about.push_str(" (its page says whether you may use it)");
    }
    print(&about)?;
    if !args.yes && !agrees()? {
        return Err(Problem::new(USAGE, "nothing was added", ""));
    }
    let mut watcher = Download {
        name: &adding.name,
        console,
        signals,
    };
    let added = adding.run(args.sha256.as_deref(), &mut watcher);
    console.ended(Path::new(&adding.name));
    let model = match added {
        Err(error @ NeuralError::Stopped { .. }) => {
            let code = signals.problem().map_or(USAGE, |problem| problem.code);
            return Err(Problem::new(code, error.to_string(), error.advice()));
        }
        added => added?,
    };
    let text = std::fs::read_to_string(adding.target.with_extension("toml")).unwrap_or_default();
    for assumed in text
        .lines()
        .filter_map(|line| line.strip_prefix("# Assumed: "))
    {
        console.warning(assumed);
    }
    print(&format!(
        "added {}: {} ({})",
        model.name,
        model.contract.task,
        adding.target.display()
    ))
}

/// Asks on the terminal.
fn agrees() -> Result<bool, Problem> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Problem::new(
            USAGE,
            "nobody can be asked about the licence: this is no terminal",
            "read the licence, and give --yes",
        ));
    }
    let mut stderr = io::stderr().lock();
    let asked = write!(stderr, "add it? [y/N] ").and_then(|()| stderr.flush());
    let mut answer = String::new();
    let read = asked.and_then(|()| io::stdin().lock().read_line(&mut answer));
    Ok(read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes"))
}
