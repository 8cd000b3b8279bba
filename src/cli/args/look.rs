//! The flags of the commands that look at single frames and short parts.

use std::path::PathBuf;

use clap::Args;

use super::render::{InputRate, StreamArgs, TemporalArgs, Values, some};
use super::values::value;
use super::{IO, RUN, STYLE, help};
use crate::neural::EngineChoice;
use crate::render::Moment;
use crate::render::request::{ParamValues, RenderRequest, Time};

/// What is rendered, as for `render`.
#[derive(Debug, Args)]
pub struct StyleArgs {
    /// A style, or a chain such as a+b
    #[arg(short = 's', long = "style", value_name = "STYLE", help_heading = STYLE)]
    pub style: Option<String>,
    #[command(flatten)]
    pub values: Values,
    #[arg(long, value_name = "FILE", help_heading = STYLE, help = help("lut"))]
    pub lut: Option<PathBuf>,
    #[arg(long, value_name = "NAME|FILE", help_heading = STYLE, help = help("preset"))]
    pub preset: Option<String>,
    #[arg(long, value_name = "N", help_heading = STYLE, help = help("seed"))]
    pub seed: Option<u32>,
    #[command(flatten)]
    pub temporal: TemporalArgs,
    #[arg(long, value_name = "DEVICE", help_heading = RUN, help = help("device"))]
    pub device: Option<String>,
    #[arg(long, value_name = "ENGINE", value_parser = value::<EngineChoice>, help_heading = RUN, help = help("engine"))]
    pub engine: Option<EngineChoice>,
    #[command(flatten)]
    pub stream: StreamArgs,
    #[command(flatten)]
    pub rate: InputRate,
}

impl StyleArgs {
    /// What the flags ask for.
    pub fn request(&self) -> RenderRequest {
        RenderRequest {
            style: self.style.clone(),
            set: ParamValues::of(&self.values.set),
            style_path: some(&self.values.style_path),
            lut: self.lut.clone(),
            preset: self.preset.clone(),
            seed: self.seed,
            temporal: self.temporal.temporal,
            temporal_alpha: self.temporal.temporal_alpha,
            device: self.device.clone(),
            engine: self.engine,
            video: self.stream.film.video,
            close_gaps: self.stream.close_gaps.then_some(true),
            aspect_changes: self.stream.aspect_changes,
            input_fps: self.rate.input_fps,
            ..RenderRequest::default()
        }
    }
}

/// Which frame.
#[derive(Debug, Args)]
pub struct MomentArgs {
    /// The frame with this number; the first frame has the number 0
    #[arg(long, value_name = "N", conflicts_with = "start", help_heading = IO)]
    pub frame: Option<u64>,
    /// The frame at this time, or the next one: seconds, MM:SS or HH:MM:SS.mmm. Without --start and --frame, the first
    #[arg(long, value_name = "T", value_parser = value::<Time>, help_heading = IO)]
    pub start: Option<Time>,
}

impl MomentArgs {
    /// The frame that the flags name.
    pub fn moment(&self) -> Moment {
        match (self.frame, self.start) {
            (Some(number), _) => Moment::Frame(number),
            (None, Some(time)) => Moment::Time(time),
            (None, None) => Moment::Frame(0),
        }
    }
}

/// Render a short clip or one frame of an input.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint preview clip.mp4 -s pencil --start 1:30\n  aquatint preview clip.mp4 -s pencil --start 1:30 -o look.png\n  aquatint preview clip.mp4 -s ./glow --frame 100 --watch"
)]
pub struct Preview {
    /// A video, picture, or image sequence
    #[arg(help_heading = IO)]
    pub input: PathBuf,
    #[command(flatten)]
    pub moment: MomentArgs,
    /// Length of the clip [default: 5 seconds]
    #[arg(long, value_name = "D", value_parser = value::<Time>, help_heading = IO)]
    pub duration: Option<Time>,
    /// The output: a clip, or a picture (.png, .jpg, .exr) of one frame. Without it, a clip beside the input, named
    /// STEM.STYLE.preview.EXT
    #[arg(short, long, visible_alias = "out", value_name = "OUT", help_heading = IO)]
    pub output: Option<PathBuf>,
    /// Replace an output that exists
    #[arg(short = 'y', long, help_heading = IO)]
    pub overwrite: bool,
    /// Show the frame in this terminal, and render it again whenever a file of the style is saved. Terminals: kitty, iTerm,
    /// and those with sixel. With -o, the picture is written, too. Ctrl-C ends it
    #[arg(long, conflicts_with_all = ["duration", "exact"], help_heading = RUN)]
    pub watch: bool,
    /// How pictures are shown in the terminal, where that is not found out by itself
    #[arg(long, value_name = "HOW", requires = "watch", value_parser = ["kitty", "iterm", "sixel", "none"], help_heading = RUN)]
    pub terminal: Option<String>,
    /// Frames equal those of the whole render: all frames of the scene before are rendered, too. Without it, only 16, or
    /// as many as they depend on
    #[arg(long, help_heading = RUN)]
    pub exact: bool,
    #[command(flatten)]
    pub look: StyleArgs,
}

/// Write what one pass of a style makes of a frame.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint inspect clip.mp4 -s pencil\n  aquatint inspect clip.mp4 -s pencil --pass soft/result --frame 100 -o soft.png",
    after_help = "An image is written as PNG of 16 bits: gray for one channel, else RGB, with alpha where pixels are not opaque. 0 is black and 1 is white. Colours beyond that are limited; where values of a single channel leave it, the smallest becomes black and the largest white. Their range is printed. A buffer of words is printed as a table.\nThe image is that of the whole render: all frames of the scene before are rendered, too."
)]
pub struct Inspect {
    /// A video, picture, or image sequence
    #[arg(help_heading = IO)]
    pub input: PathBuf,
    /// The pass: its name, or the last parts of it. Without it, or with `list`, the passes are listed
    #[arg(long, value_name = "NAME", help_heading = STYLE)]
    pub pass: Option<String>,
    #[command(flatten)]
    pub moment: MomentArgs,
    /// Where it is written: an image to a .png file; words to a .txt or .json file, without -o to stdout
    #[arg(short, long, visible_alias = "out", value_name = "OUT", help_heading = IO)]
    pub output: Option<PathBuf>,
    /// Replace an output that exists
    #[arg(short = 'y', long, help_heading = IO)]
    pub overwrite: bool,
    /// Print the list of passes, or the words, as JSON
    #[arg(long, help_heading = RUN)]
    pub json: bool,
    #[command(flatten)]
    pub look: StyleArgs,
}

/// Print a script that completes commands and flags in a shell.
#[derive(Debug, Args)]
#[command(
    before_help = "Example:\n  aquatint completions bash > ~/.local/share/bash-completion/completions/aquatint"
)]
pub struct Completions {
    pub shell: clap_complete::Shell,
}

/// Print the manual page, or that of one command.
#[derive(Debug, Args)]
#[command(
    before_help = "Example:\n  aquatint man render > aquatint-render.1 && man ./aquatint-render.1"
)]
pub struct Man {
    pub command: Option<String>,
}
