//! The command line: reads flags, prints, and decides the exit code. No other layer does any of these.

mod args;
mod commands;
mod console;
mod inputs;
mod job_log;
mod log;
mod problem;
mod quiet;
mod short_form;
mod signals;
mod style_folders;
mod summary;
mod terminal;
mod terminal_picture;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, FromArgMatches};

use args::{Cli, Command};
use console::{Console, ProgressMode};
use problem::{Problem, unless_it_panics};

use crate::{hardware, media};

/// Runs the program with its arguments; returns its exit code.
pub fn main() -> ExitCode {
    quiet::hush_libraries();
    unless_it_panics(|| Ok(program())).unwrap_or_else(|problem| {
        // There is no console yet.
        quiet::write_line(&format!("error: {}\n  {}", problem.what, problem.advice));
        ExitCode::from(problem.code)
    })
}

fn program() -> ExitCode {
    let arguments: Vec<OsString> = short_form::rewritten(std::env::args_os().collect());
    let read = Cli::command()
        .try_get_matches_from(&arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let mut cli = match read {
        Ok(cli) => cli,
        Err(error) => return refused(&error, &arguments),
    };
    let console = Arc::new(Console::new(&cli.messages));
    if console.speaks_json() {
        quiet::keep_stderr_to_ourselves();
    }
    let keeps_log = matches!(
        cli.command,
        Command::Render(_)
            | Command::Resume(_)
            | Command::Reproduce(_)
            | Command::Wizard(_)
            | Command::Demo(_)
            | Command::Chunk(_)
            | Command::Stitch(_)
    );
    log::install(&console, &cli.messages, keeps_log);
    if let Ok(program) = std::env::current_exe() {
        media::try_encoders_in(program);
    }
    let signals = signals::install();
    let recorded = recorded_cards();
    let standing = match cli.command.style_path() {
        Some(folders) => style_folders::add_standing(folders).map(|()| folders.clone()),
        None => Ok(Vec::new()),
    };
    for preset in cli.command.presets() {
        if let Ok(folders) = &standing {
            style_folders::name_preset(preset, folders);
        }
    }
    let outcome = unless_it_panics(|| match &cli.command {
        _ if recorded.is_err() => recorded.clone().map(|()| 0),
        _ if standing.is_err() => standing.clone().map(|_| 0),
        Command::Render(args) => commands::render::run(args, &console, &signals),
        Command::Resume(args) => commands::resume::run(args, &console, &signals),
        Command::Plan(args) => commands::farm::plan(args, &console, &signals),
        Command::Chunk(args) => commands::farm::chunk(args, &console, &signals),
        Command::Stitch(args) => commands::farm::stitch(args, &console, &signals),
        Command::Status(args) => commands::farm::status(args),
        Command::Submit(args) => commands::farm::submit(args, &console),
        Command::Cancel(args) => commands::farm::cancel(args, &console),
        Command::Logs(args) => commands::farm::logs(args),
        Command::Reproduce(args) => commands::reproduce::run(args, &console, &signals),
        Command::Preview(args) => commands::preview::run(args, &console, &signals),
        Command::Inspect(args) => commands::inspect::run(args, &console, &signals),
        Command::Completions(args) => commands::pages::completions(args),
        Command::Man(args) => commands::pages::man(args),
        Command::Probe(args) => commands::probe::run(args),
        Command::Verify(args) => commands::verify::run(args),
        Command::Measure(args) => commands::measure::run(args, &console, &signals),
        Command::Compare(args) => commands::compare::run(args, &console, &signals),
        Command::Wizard(args) => commands::wizard::run(args, &console, &signals),
        Command::Tune(args) => commands::tune::run(args, &console, &signals),
        Command::Rate(args) => commands::opinions::rate(args, &console, &signals),
        Command::Prefer(args) => commands::opinions::prefer(args, &console, &signals),
        Command::Ratings(args) => commands::opinions::list(args),
        Command::Help(args) => commands::help::run(args),
        Command::Analyze(args) => commands::analyze::run(args, &console, &signals),
        Command::Styles(args) => commands::styles::run(args),
        Command::Shader(args) => commands::shader::run(args, &console),
        #[cfg(feature = "studio")]
        Command::Studio(args) => commands::studio::run(args, &console, &signals),
        #[cfg(feature = "studio")]
        Command::Serve(args) => commands::studio::serve(args, &console, &signals),
        Command::Presets(args) => commands::presets::run(args),
        Command::Models(args) => commands::models::run(args, &console, &signals),
        Command::Graph(args) => commands::graph::run(args),
        Command::Devices(args) => commands::devices::run(args),
        Command::Doctor => commands::doctor::run(),
        Command::Bench(args) => commands::bench::run(args, &console),
        Command::TryEncoder { name, trial } => commands::doctor::try_one(name, trial.as_deref()),
        Command::Train(args) => commands::train::run(args, &console, &signals),
        Command::Demo(args) => commands::demo::run(args, &console, &signals),
    });
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(problem) => {
            console.all_ended();
            console.problem(&problem);
            ExitCode::from(problem.code)
        }
    }
}

/// Where this variable names a file, the recorded session in it stands for the graphics cards of this machine.
const RECORDING: &str = "AQUATINT_GPU_RECORDING";

fn recorded_cards() -> Result<(), Problem> {
    let Some(path) = std::env::var_os(RECORDING).filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    hardware::replay(Path::new(&path)).map_err(|error| {
        Problem::new(
            problem::NO_INPUT,
            error.to_string(),
            format!("unset {RECORDING}, or name a file that `aquatint devices --record` wrote"),
        )
    })
}

/// Handles arguments that cannot be read, and requests for help.
fn refused(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let code = u8::try_from(error.exit_code()).unwrap_or(problem::USAGE);
    if error.use_stderr() && ProgressMode::of(arguments) == Some(ProgressMode::Json) {
        let text = error.to_string();
        let text = text.trim_start_matches("error: ");
        let (what, advice) = text.split_once('\n').unwrap_or((text, ""));
        let problem = Problem {
            code,
            what: what.to_owned(),
            advice: advice.trim().to_owned(),
            topic: None,
        };
        quiet::write_line(&problem.json());
    } else if error.print().is_err() {
        // Nobody reads the message; the exit code remains.
    }
    ExitCode::from(code)
}
