//! Flags of `aquatint tune`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::look::StyleArgs;
use super::values::value;
use super::{IO, RUN, STYLE};
use crate::measure::tune::search::Method;
use crate::render::request::TimeBudget;

/// Search the parameters of a style for what makes it best by a goal.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint tune clip.mp4 --style pencil --params blur_sigma --goal edges\n  aquatint tune clip.mp4 --style cartoon --params 'edge_strength,smooth=1..4' --goal ssim:2,flicker --trials 60\n  aquatint tune clip.mp4 --style film --preset film --goal liked --time-budget 30m",
    after_help = "Some scenes are decoded once, rendered with other values again and again, and measured; nothing is encoded. The first trial has the \
defaults (or the values of --set and --preset), and a score of 0; one with a score of 1 is clearly better. The score is the mean of the gains of all \
goals by their weights; a gain is the change of the metric against the defaults, divided by a difference that a person calls clear.\n\
A goal is a metric of `aquatint measure` (edges is edges_kept), with =TARGET for as near as possible to a number, and :WEIGHT. liked is what you \
like, learnt from `aquatint rate` and `aquatint prefer`.\n\
The result is a preset for `render --preset`, a page with what was tried, and a journal: the same command goes on where it was stopped, and with a \
greater --trials it goes on from its end. The same seed gives the same search."
)]
pub struct Tune {
    /// A video
    #[arg(help_heading = IO)]
    pub input: PathBuf,
    /// Parameters, with commas between them: PARAM or STYLE.PARAM, with =LOW..HIGH for a part of its range. Without it, all
    /// numbers, choices and switches
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = STYLE)]
    pub params: Vec<String>,
    /// Goals, with commas between them: METRIC[=TARGET][:WEIGHT]
    #[arg(long, value_name = "LIST", help_heading = RUN)]
    pub goal: String,
    /// tpe: for all kinds of parameters. cma-es: for numbers that belong together. grid: places that lie evenly
    #[arg(long, value_name = "METHOD", value_enum, default_value = "tpe", help_heading = RUN)]
    pub method: SearchMethod,
    /// Trials at most
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=100_000), help_heading = RUN)]
    pub trials: u32,
    /// Begin no trial after this time: 90s, 30m, 2h
    #[arg(long, value_name = "TIME", value_parser = value::<TimeBudget>, help_heading = RUN)]
    pub time_budget: Option<TimeBudget>,
    /// Seed of the search; --seed is that of the style
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = RUN)]
    pub search_seed: u64,
    /// Scenes that are rendered, evenly over the video
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100), help_heading = IO)]
    pub scenes: u32,
    /// Length of each, in seconds
    #[arg(long, value_name = "S", default_value_t = 1.0, value_parser = seconds, help_heading = IO)]
    pub duration: f64,
    /// The preset. Without it STEM.tuned.toml beside the input
    #[arg(short, long, visible_alias = "out", value_name = "FILE", help_heading = IO)]
    pub output: Option<PathBuf>,
    /// A page with what was tried. Without it beside the preset, with the ending .html
    #[arg(long, value_name = "FILE", help_heading = IO)]
    pub html: Option<PathBuf>,
    /// Replace these files if they exist
    #[arg(short = 'y', long, help_heading = IO)]
    pub overwrite: bool,
    /// Begin anew, and discard what an earlier run has tried
    #[arg(long, help_heading = RUN)]
    pub no_resume: bool,
    /// Print JSON
    #[arg(long, help_heading = IO)]
    pub json: bool,
    #[command(flatten)]
    pub look: StyleArgs,
}

/// How parameters are searched.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SearchMethod {
    Tpe,
    CmaEs,
    Grid,
}

impl From<SearchMethod> for Method {
    fn from(method: SearchMethod) -> Self {
        match method {
            SearchMethod::Tpe => Self::Tpe,
            SearchMethod::CmaEs => Self::CmaEs,
            SearchMethod::Grid => Self::Grid,
        }
    }
}

/// Seconds, 0.04 to 60.
fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text
        .parse::<f64>()
        .ok()
        .filter(|seconds| (0.04..=60.0).contains(seconds));
    seconds.ok_or_else(|| "a number of seconds, 0.04 to 60".to_owned())
}
