//! Flags and their help.

mod commands;
mod compare;
mod farm;
mod help;
mod look;
mod models;
mod opinions;
mod render;
mod reproduce;
mod shader;
#[cfg(feature = "studio")]
mod studio;
mod tune;
mod values;
mod wizard;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};

use super::console::ProgressMode;
use crate::render::request::key;
pub use commands::{
    AlignBy, Analyze, Bench, Demo, Devices, Graph, Measure, Presets, Probe, Resume, Styles, Train,
    Verify,
};
pub use compare::Compare;
pub use farm::{CancelJob, Chunk, Logs, Plan, Status, Stitch, Submit};
pub use help::Help;
pub use look::{Completions, Inspect, Man, Preview};
pub use models::{Models, ModelsAction, ModelsAdd, ModelsCheck};
pub use opinions::{Prefer, Rate, Ratings};
pub use render::{Render, Values};
pub use reproduce::Reproduce;
pub use shader::{
    PlanArgs, Shader, ShaderAction, ShaderCheck, ShaderDump, ShaderExport, ShaderNew, ShaderStats,
    ShaderTest,
};
#[cfg(feature = "studio")]
pub use studio::{Serve, Studio};
pub use tune::Tune;
pub use wizard::Wizard;

const EXAMPLES: &str = "\
Examples:
  aquatint clip.mp4                                renders clip.mp4 in pencil, as clip.pencil.mp4
  aquatint clip.mp4 -s pencil -o drawn.mkv         names the style and the output
  aquatint clip.mp4 --set pencil.blur_sigma=35     sets a parameter; `aquatint styles pencil` lists them
  aquatint photo.png                               renders a picture
  aquatint --help                                  lists all commands";

/// Renders video through GPU compute styles. Colour, timing, sound and all other streams stay intact.
#[derive(Debug, Parser)]
#[command(
    name = "aquatint",
    version,
    before_help = EXAMPLES,
    override_usage = "aquatint INPUT… [-s STYLE] [-o OUTPUT]\n       aquatint <COMMAND>",
    after_help = "`aquatint render --help` lists all flags of rendering; the short form takes the same flags.",
    arg_required_else_help = true,
    subcommand_required = true,
    disable_help_subcommand = true,
    max_term_width = 120
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub messages: Messages,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Render inputs; `aquatint INPUT` is short for it
    Render(Box<Render>),
    /// Answer four questions, see a picture, and render
    Wizard(Wizard),
    /// Continue renders that were not finished
    Resume(Resume),
    /// Plan a job that several processes or machines render
    Plan(Box<Plan>),
    /// Render tasks of a planned job
    Chunk(Chunk),
    /// Join the tasks of a planned job into its outputs
    Stitch(Stitch),
    /// Say how far a planned job is
    Status(Status),
    /// Give a planned job to a scheduler
    Submit(Submit),
    /// Take back what was submitted
    Cancel(CancelJob),
    /// Print the logs of a task
    Logs(Logs),
    /// Render a short clip or one frame of an input, to look at
    Preview(Box<Preview>),
    /// Show what a file contains
    Probe(Probe),
    /// Compare an output with its source: frames, times, streams, tags, audio offset
    Verify(Box<Verify>),
    /// Make an output again from the recipe in it, and say whether it is the same
    Reproduce(Reproduce),
    /// Measure a video: sharpness, noise, flicker of each frame, and how alike it is to another
    Measure(Measure),
    /// Render the same seconds in several ways, and show them beside each other
    Compare(Box<Compare>),
    /// Search the parameters of a style for what makes it best by a goal
    Tune(Box<Tune>),
    /// Say how much you like an output
    Rate(Rate),
    /// Say which of two outputs you like better
    Prefer(Prefer),
    /// List what you rated, or export it
    Ratings(Ratings),
    /// Say what is wrong with a video, where, how much, and what mends it
    Analyze(Analyze),
    /// List the styles, or the parameters of one
    Styles(Styles),
    /// Begin, check and test a style of your own
    Shader(Shader),
    /// Watch a style in the browser while you work on it
    #[cfg(feature = "studio")]
    Studio(Box<Studio>),
    #[cfg(feature = "studio")]
    Serve(Serve),
    /// List the presets, or print one
    Presets(Presets),
    /// List the neural models, check one, add or remove one
    Models(Models),
    /// Show the plan of passes for a style
    Graph(Graph),
    /// Write what one pass of a style makes of a frame, as a picture or numbers
    Inspect(Box<Inspect>),
    /// List the devices that can render
    Devices(Devices),
    /// Check what works on this machine, and what to install
    Doctor,
    /// Measure the time of each pass of a style, and the bytes it reads and writes
    Bench(Bench),
    /// Open one encoder and print as JSON whether it works
    #[command(hide = true)]
    TryEncoder {
        name: String,
        /// With this frame and these options, as JSON
        #[arg(long)]
        trial: Option<String>,
    },
    /// Render a generated scene in every style, and check the outputs
    Demo(Demo),
    /// Make a model for a look, or from pairs of pictures
    Train(Box<Train>),
    /// Show a help topic, or list them
    Help(Help),
    /// Print a script that completes commands and flags in a shell
    Completions(Completions),
    /// Print the manual page, or that of one command
    Man(Man),
}

impl Command {
    /// The folders of styles that a command is given, where styles are named or listed. The demo renders the built-in styles, and
    /// only those others that it is asked for.
    pub fn style_path(&mut self) -> Option<&mut Vec<PathBuf>> {
        match self {
            Self::Render(args) => Some(&mut args.values.style_path),
            Self::Plan(args) => Some(&mut args.render.values.style_path),
            Self::Preview(args) => Some(&mut args.look.values.style_path),
            Self::Inspect(args) => Some(&mut args.look.values.style_path),
            Self::Reproduce(args) => Some(&mut args.style_path),
            Self::Compare(args) => Some(&mut args.look.values.style_path),
            Self::Tune(args) => Some(&mut args.look.values.style_path),
            Self::Styles(args) => Some(&mut args.style_path),
            Self::Graph(args) => Some(&mut args.values.style_path),
            Self::Bench(args) => Some(&mut args.values.style_path),
            Self::Presets(args) => Some(&mut args.style_path),
            Self::Shader(args) => args.action.style_path(),
            #[cfg(feature = "studio")]
            Self::Studio(args) => Some(&mut args.look.values.style_path),
            _ => None,
        }
    }

    /// The presets that a command is given.
    pub fn presets(&mut self) -> Vec<&mut String> {
        let one = match self {
            Self::Compare(args) => {
                return args
                    .presets
                    .iter_mut()
                    .chain(&mut args.look.preset)
                    .collect();
            }
            Self::Render(args) => args.preset.as_mut(),
            Self::Plan(args) => args.render.preset.as_mut(),
            Self::Preview(args) => args.look.preset.as_mut(),
            Self::Tune(args) => args.look.preset.as_mut(),
            Self::Inspect(args) => args.look.preset.as_mut(),
            Self::Presets(args) => args.name.as_mut(),
            #[cfg(feature = "studio")]
            Self::Studio(args) => args.look.preset.as_mut(),
            _ => None,
        };
        one.into_iter().collect()
    }
}

/// Help of the flag for the setting called `name`, with the value that is used when the flag is not given.
fn help(name: &str) -> String {
    let key = key(name).expect("flags are of settings in the table");
    match key.default() {
        Some(default) if default != "false" => format!("{} [default: {default}]", key.help()),
        _ => key.help(),
    }
}

/// As [`help`], of a flag that can be given several times.
fn help_repeatable(name: &str) -> String {
    format!("{}; repeatable", help(name))
}

const IO: &str = "Input and output";
const STYLE: &str = "Style";
const ENCODING: &str = "Encoding";
const RUN: &str = "Run";
const LONG: &str = "Long renders";
const FARM: &str = "Several processes";
/// What is said where the flags of rendering are those of another command, too.
const EXAMPLES_OF_RENDER_FLAGS: &str = "\
The plan is made on a machine like those that render: with the same version of aquatint and the same device. It pins the \
threads of encoders, and leaves out what they do otherwise on other processors, so that every machine gives the same bytes. \
First passes are made now. `aquatint render --help` says more of the flags of rendering, `aquatint help farm` of the rest.
What cannot be planned: several inputs (a job each), pictures and image sequences, one frame (--frame), what is read from a \
pipe, outputs that cannot be joined from parts, --chunk none and --check-executors.";
const MESSAGES: &str = "Messages";

/// What is written to stderr.
#[derive(Debug, Args)]
pub struct Messages {
    /// How progress is shown on stderr; with json every line of stderr is a JSON object, openjd is for schedulers
    #[arg(long, global = true, value_name = "HOW", default_value = "auto", help_heading = MESSAGES,
          value_parser = PossibleValuesParser::new(["auto", "bar", "json", "openjd", "none"]).map(|how| ProgressMode::named(&how)))]
    pub progress: ProgressMode,
    /// Log more; -vv and -vvv log still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = MESSAGES)]
    pub verbose: u8,
    /// Write only errors
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = MESSAGES)]
    pub quiet: bool,
    /// What is logged on stderr and in the daily log file, in place of -v and -q
    #[arg(long, global = true, value_name = "LEVEL", help_heading = MESSAGES,
          value_parser = PossibleValuesParser::new(["off", "error", "warn", "info", "debug", "trace"]))]
    pub log_level: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};
    use serde_json::json;

    #[test]
    fn flags_are_consistent() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn what_is_not_given_is_not_asked_for() {
        let request = |words: &[&str]| {
            let cli = super::Cli::try_parse_from(words).unwrap();
            let super::Command::Render(render) = cli.command else {
                panic!("a render");
            };
            serde_json::to_value(render.request()).unwrap()
        };
        assert_eq!(request(&["aquatint", "render", "a.mp4"]), json!({}));
        let words = [
            "aquatint",
            "render",
            "a.mp4",
            "-s",
            "pencil",
            "-s",
            "a+b",
            "--temporal",
            "adaptive",
            "--chunk",
            "30",
            "--encoder-opt",
            "tune=film",
            "--drop",
            "covers,chapters",
            "-y",
            "--no-resume",
            "--fps",
            "24",
        ];
        assert_eq!(
            request(&words),
            json!({
                "style": "pencil,a+b", "temporal": "adaptive", "chunk": 30, "encoder_opts": ["tune=film"],
                "drop": ["covers", "chapters"], "existing": "replace", "resume": false, "fps": 24,
            })
        );
    }

    #[test]
    fn every_setting_has_a_flag() {
        let command = super::Cli::command();
        let render = command.find_subcommand("render").unwrap();
        let flags: Vec<&str> = render
            .get_arguments()
            .filter_map(|arg| arg.get_long())
            .collect();
        for key in crate::render::request::keys() {
            let flag = match key.name {
                "encoder_opts" => "encoder-opt".to_owned(),
                "existing" => "overwrite".to_owned(),
                "resume" => "no-resume".to_owned(),
                "recipe" => "no-recipe".to_owned(),
                name => name.replace('_', "-"),
            };
            assert!(flags.contains(&flag.as_str()), "--{flag}");
        }
    }
}
