//! Flags and their help.

mod commands;
mod render;
mod values;

use std::collections::BTreeSet;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Parser, Subcommand};
use serde::{Deserialize, Serialize};

use super::console::ProgressMode;
pub use commands::{Bench, Demo, Devices, Graph, Presets, Probe, Resume, Styles, Verify};
pub use render::Render;

const EXAMPLES: &str = "\
Examples:
  aquatint clip.mp4                                draws clip.mp4 in pencil, as clip.pencil.mp4
  aquatint clip.mp4 -s pencil -o drawn.mkv         names the style and the output
  aquatint clip.mp4 --set pencil.blur_sigma=35     changes a parameter; `aquatint styles pencil` lists them
  aquatint photo.png                               pictures work, too
  aquatint --help                                  all commands";

/// Renders video through GPU compute styles, with colour, timing, sound and every other stream intact.
#[derive(Debug, Parser)]
#[command(
    name = "aquatint",
    version,
    before_help = EXAMPLES,
    override_usage = "aquatint INPUT… [-s STYLE] [-o OUTPUT]\n       aquatint <COMMAND>",
    after_help = "`aquatint render --help` lists every flag of rendering, which the short form takes as well.",
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
    /// Go on with renders that were not finished
    Resume(Resume),
    /// Tell what a file holds
    Probe(Probe),
    /// Compare an output with its source: frames, times, streams, tags, where the sound lies
    Verify(Box<Verify>),
    /// List the styles, or the parameters of one
    Styles(Styles),
    /// List the presets, or print one
    Presets(Presets),
    /// Show the plan of passes that a style becomes
    Graph(Graph),
    /// List the devices that can render
    Devices(Devices),
    /// Check what works on this machine, and say what to install
    Doctor,
    /// Time the passes of a style, and count the bytes they move
    Bench(Bench),
    /// Open one encoder and say as JSON whether it works
    #[command(hide = true)]
    TryEncoder { name: String },
    /// Render a generated scene in every style, and check the outputs
    Demo(Demo),
}

/// Which flags of a command were given, rather than being at their defaults.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Given(BTreeSet<String>);

impl Given {
    pub fn of(matches: &ArgMatches) -> Self {
        let command = matches.subcommand().map(|(_, command)| command);
        let given = command.into_iter().flat_map(|command| {
            command
                .ids()
                .map(clap::Id::as_str)
                .filter(|id| command.value_source(id) == Some(ValueSource::CommandLine))
        });
        Self(given.map(str::to_owned).collect())
    }

    /// Whether the flag kept in the field `name` was given.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

const IO: &str = "Input and output";
const LOOK: &str = "Look";
const ENCODING: &str = "Encoding";
const RUN: &str = "Run";
const LONG: &str = "Long renders";
const MESSAGES: &str = "Messages";

/// What is said on stderr.
#[derive(Debug, Args)]
pub struct Messages {
    /// How progress is told on stderr; json makes every line of it a JSON object
    #[arg(long, global = true, value_name = "HOW", default_value = "auto", help_heading = MESSAGES,
          value_parser = PossibleValuesParser::new(["auto", "bar", "json", "none"]).map(|how| ProgressMode::named(&how)))]
    pub progress: ProgressMode,
    /// Say more; twice, more still
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = MESSAGES)]
    pub verbose: u8,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = MESSAGES)]
    pub quiet: bool,
    /// What is logged, in place of -v and -q, on stderr and in the log file of the day
    #[arg(long, global = true, value_name = "LEVEL", help_heading = MESSAGES,
          value_parser = PossibleValuesParser::new(["off", "error", "warn", "info", "debug", "trace"]))]
    pub log_level: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn flags_are_consistent() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn defaults_are_not_given() {
        let given = |words: &[&str]| {
            let command = super::Cli::command();
            super::Given::of(&command.try_get_matches_from(words).unwrap())
        };
        assert!(!given(&["aquatint", "render", "a.mp4"]).has("styles"));
        assert!(given(&["aquatint", "render", "a.mp4", "-s", "pencil"]).has("styles"));
    }
}
