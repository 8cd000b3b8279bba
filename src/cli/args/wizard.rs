//! Flags of `aquatint wizard`.

use std::path::PathBuf;

use clap::Args;

/// Answer four questions, see a picture, and render.
#[derive(Debug, Args)]
#[command(
    before_help = "Example:\n  aquatint wizard clip.mp4",
    after_help = "The questions: what for, which look or size, how long it may take, and what kind of file. A picture of one frame is shown in \
terminals that can (kitty, iTerm, sixel), and written into the folder for temporary files otherwise. Then the command is printed: it can be given again without questions. \
An empty answer takes the first choice."
)]
pub struct Wizard {
    /// A video or picture
    pub input: PathBuf,
    /// Print the command, and do not run it
    #[arg(long)]
    pub dry_run: bool,
}
