//! The flags of `aquatint studio`.

use std::path::PathBuf;

use clap::Args;

use super::IO;
use super::look::StyleArgs;

/// Watch a style in the browser while you work on it.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint studio clip.mp4 -s ./glow\n  aquatint studio -s pencil",
    after_help = "The page shows a frame of the clip, in the style and as it is in the file, and a control for every parameter. When a file of the style is saved, the frame is rendered again; a mistake is shown at its line, and the last picture stays. What was found is copied as a command, or saved as a preset.\n\nThe page is for this machine alone: nothing else can reach it. Ctrl-C ends it."
)]
pub struct Studio {
    /// A video, picture, or image sequence. Without it, a scene that the program generates
    #[arg(help_heading = IO)]
    pub input: Option<PathBuf>,
    /// The port of this machine; 0 takes one that is free
    #[arg(long, value_name = "N", default_value_t = 8431, help_heading = IO)]
    pub port: u16,
    /// Print the address of the page, and do not open it
    #[arg(long, help_heading = IO)]
    pub no_browser: bool,
    #[command(flatten)]
    pub look: StyleArgs,
}
