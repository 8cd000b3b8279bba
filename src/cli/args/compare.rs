//! Flags of `aquatint compare`.

use std::path::PathBuf;

use clap::Args;

use super::look::StyleArgs;
use super::render::SizeArgs;
use super::values::value;
use super::{ENCODING, IO, STYLE};
use crate::metrics::Metrics;
use crate::render::request::{Quality, Time};

/// Render the same seconds in several ways, and show them beside each other.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint compare clip.mp4 --presets film,comic-book,dream\n  aquatint compare clip.mp4 -s pencil,watercolor --start 1:30\n  aquatint compare clip.mp4 -s pencil --set pencil.blur_sigma=10 --vs pencil.blur_sigma=25 --vs 'pencil.blur_sigma=40 pencil.strength=0.7'",
    after_help = "The part is decoded once. Each way is rendered and encoded as `render` would do it, without sound. Two files are written: a \
contact sheet (PNG: a column for each way, a row for each of three moments), and a page (HTML, one file) with clips that run together, two pictures \
of your choice one over the other, the numbers, and the command that renders everything in each way.\n\
Several styles, presets and --vs may be given together: every combination is a way."
)]
pub struct Compare {
    /// A video
    #[arg(help_heading = IO)]
    pub input: PathBuf,
    /// Presets, with commas between them: by name, or files
    #[arg(long, value_name = "LIST", value_delimiter = ',', conflicts_with = "preset", help_heading = STYLE)]
    pub presets: Vec<String>,
    /// Another way with other values of parameters, in place of --set: one, or several with spaces between them; repeatable
    #[arg(long, value_name = "STYLE.PARAM=VALUE", help_heading = STYLE)]
    pub vs: Vec<String>,
    /// Where the part begins: seconds, MM:SS or HH:MM:SS.mmm. Without it at a third of the input, or at its start if it has less
    /// than 10 seconds
    #[arg(long, value_name = "T", value_parser = value::<Time>, help_heading = IO)]
    pub start: Option<Time>,
    /// Length of the part
    #[arg(long, value_name = "D", value_parser = value::<Time>, default_value = "3", help_heading = IO)]
    pub duration: Time,
    /// The contact sheet. Without it STEM.compare.png beside the input
    #[arg(long, value_name = "FILE", help_heading = IO)]
    pub sheet: Option<PathBuf>,
    /// The page. Without it STEM.compare.html beside the input
    #[arg(long, value_name = "FILE", help_heading = IO)]
    pub html: Option<PathBuf>,
    /// Replace these files if they exist
    #[arg(short = 'y', long, help_heading = IO)]
    pub overwrite: bool,
    /// Metrics, with commas between them; `aquatint measure --help` lists them
    #[arg(long, value_name = "LIST", value_parser = Metrics::read, help_heading = IO)]
    pub metrics: Option<Metrics>,
    /// Print the numbers as JSON
    #[arg(long, help_heading = IO)]
    pub json: bool,
    #[arg(long, value_name = "NAME", help_heading = ENCODING, help = super::help("codec"))]
    pub codec: Option<String>,
    #[arg(long, value_name = "N", value_parser = value::<Quality>, help_heading = ENCODING, help = super::help("crf"))]
    pub crf: Option<Quality>,
    #[command(flatten)]
    pub look: StyleArgs,
    #[command(flatten)]
    pub size: SizeArgs,
}
