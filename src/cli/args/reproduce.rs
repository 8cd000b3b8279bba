//! Flags of `aquatint reproduce`.

use std::path::PathBuf;

use clap::Args;

use super::{help, help_repeatable};

/// Make an output again from its recipe.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint reproduce clip.pencil.mp4                        prints what made it\n  aquatint reproduce clip.pencil.mp4 --input clip.mp4       makes it again, and compares",
    after_help = "A render writes a recipe into its outputs: styles, values, seed, version, and a hash of the source. This makes the output \
again beside it, as STEM.reproduced.EXT, and says whether its bytes, its packets or its pictures are the same, and if not, why that may be. \
Exit code 1: pictures differ. Look-up tables, pictures and tracks are known by name and content; they are looked for beside the source, \
beside the output, in the current folder, and in the folders of --files."
)]
pub struct Reproduce {
    /// A file or image sequence that aquatint rendered
    pub output: PathBuf,
    /// What it was rendered from. Without it, the recipe is printed
    #[arg(long, value_name = "SOURCE")]
    pub input: Option<PathBuf>,
    /// Where the new one goes
    #[arg(short = 'o', long = "output", value_name = "OUT", requires = "input")]
    pub to: Option<PathBuf>,
    /// Replace what is there under that name
    #[arg(short = 'y', long)]
    pub overwrite: bool,
    /// A folder with files that the recipe names; repeatable
    #[arg(long, value_name = "DIR")]
    pub files: Vec<PathBuf>,
    #[arg(long, value_name = "DIR", help = help_repeatable("style_path"))]
    pub style_path: Vec<PathBuf>,
    #[arg(long, value_name = "DEVICE", help = help("device"))]
    pub device: Option<String>,
    /// The report of the render, where the output itself has no place for the recipe
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
