//! Flags of `aquatint rate`, `prefer` and `ratings`.

use std::path::PathBuf;

use clap::Args;

/// Say how much you like an output.
#[derive(Debug, Args)]
#[command(
    before_help = "Example:\n  aquatint rate clip.pencil.mp4 4 --note 'lines are a little thin'",
    after_help = "Ratings are kept in one file of yours (ratings.db in the folder of aquatint's data), with what made the output, and with numbers of \
its pictures; nothing is sent anywhere. `tune --goal liked` learns from them: 8 are the least. Of several ratings of one output the latest counts."
)]
pub struct Rate {
    /// A rendered video or picture
    pub output: PathBuf,
    /// 1 (bad) to 5 (very good)
    #[arg(value_parser = clap::value_parser!(u8).range(1..=5))]
    pub stars: u8,
    #[command(flatten)]
    pub opinion: OpinionArgs,
}

/// Say which of two outputs you like better.
#[derive(Debug, Args)]
#[command(before_help = "Example:\n  aquatint prefer clip.soft.mp4 clip.hard.mp4")]
pub struct Prefer {
    /// The better one
    pub better: PathBuf,
    /// The other one
    pub other: PathBuf,
    /// Neither is better
    #[arg(long)]
    pub tie: bool,
    #[command(flatten)]
    pub opinion: OpinionArgs,
}

/// What goes with an opinion.
#[derive(Debug, Args)]
pub struct OpinionArgs {
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Whose opinion it is
    #[arg(long, value_name = "NAME", default_value = "me")]
    pub rater: String,
}

/// List what you rated, the best first.
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  aquatint ratings\n  aquatint ratings --export ratings.jsonl")]
pub struct Ratings {
    /// Write all ratings and preferences as JSON lines, for training: to a file, or - for stdout
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,
    /// Replace that file if it exists
    #[arg(short = 'y', long, requires = "export")]
    pub overwrite: bool,
    /// Print JSON
    #[arg(long, conflicts_with = "export")]
    pub json: bool,
}
