//! The flags of the other commands.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::render::{Part, TemporalArgs, Values};
use super::values::{audio, left_out, rate, size};
use crate::frame::Rational;
use crate::media::{AudioChoice, Dropped};

/// Go on with renders that were not finished.
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  aquatint resume --list\n  aquatint resume clip.pencil.mp4")]
pub struct Resume {
    /// Outputs that were not finished, or folders to look for them in; this folder when not given
    #[arg(value_name = "OUTPUT")]
    pub outputs: Vec<PathBuf>,
    /// List them, and do nothing
    #[arg(long)]
    pub list: bool,
    /// As JSON
    #[arg(long, requires = "list")]
    pub json: bool,
    /// The folder that was given to `render --work-dir`
    #[arg(long, value_name = "DIR")]
    pub work_dir: Option<PathBuf>,
}

/// Tell what a file holds.
#[derive(Debug, Args)]
#[command(before_help = "Example:\n  aquatint probe clip.mp4 --json")]
pub struct Probe {
    /// A video, picture, or image sequence
    pub input: PathBuf,
    /// Frames a second of an input that is an image sequence: 24, 23.976, 30000/1001; 25 when not given
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub fps: Option<Rational>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// Compare an output with its source.
#[derive(Debug, Args)]
#[command(
    before_help = "Example:\n  aquatint verify clip.mp4 clip.pencil.mp4",
    after_help = "Both are decoded from beginning to end. The exit status is 1 when something differs that need not. What was asked for\nwhen the output was made is told by the same flags as to `render`."
)]
pub struct Verify {
    pub source: PathBuf,
    pub output: PathBuf,
    /// As it was asked of `render`, of a source that is an image sequence
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub fps: Option<Rational>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub part: Part,
    /// As it was asked of `render`
    #[arg(long, value_name = "WHAT", default_value = "copy",
          value_parser = PossibleValuesParser::new(["copy", "aac", "none"]).map(|what| audio(&what)))]
    pub audio: AudioChoice,
    /// As it was asked of `render`
    #[arg(long, value_name = "WHAT", value_delimiter = ',', hide_possible_values = true,
          value_parser = PossibleValuesParser::new(Dropped::ALL.map(Dropped::name)).map(|name| left_out(&name)))]
    pub drop: Vec<Dropped>,
    /// As it was asked of `render`
    #[arg(long, value_name = "FORMAT")]
    pub pix_fmt: Option<String>,
}

/// List the styles, or the parameters of one.
#[derive(Debug, Args)]
#[command(before_help = "Example:\n  aquatint styles pencil")]
pub struct Styles {
    pub name: Option<String>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
    /// A folder of your own styles; repeatable
    #[arg(long, value_name = "DIR")]
    pub style_path: Vec<PathBuf>,
}

/// List the presets, or print one.
#[derive(Debug, Args)]
#[command(
    before_help = "Example:\n  aquatint presets comic-book > mine.toml && aquatint clip.mp4 --preset mine.toml"
)]
pub struct Presets {
    pub name: Option<String>,
}

/// Show the plan of passes that a style becomes.
#[derive(Debug, Args)]
#[command(before_help = "Example:\n  aquatint graph pencil --format dot | dot -Tsvg > pencil.svg")]
pub struct Graph {
    /// A style, or a list as `render --style` takes it
    #[arg(value_name = "STYLE")]
    pub style: String,
    /// Size of the pictures
    #[arg(long, value_name = "WxH", default_value = "1920x1080", value_parser = size)]
    pub size: (u32, u32),
    #[arg(long, default_value = "text", value_parser = ["text", "json", "dot"])]
    pub format: String,
    #[command(flatten)]
    pub values: Values,
    #[command(flatten)]
    pub temporal: TemporalArgs,
}

/// Time the passes of a style, and count the bytes they move.
#[derive(Debug, Args)]
#[command(before_help = "Example:\n  aquatint bench pencil,cinematic --device cpu")]
pub struct Bench {
    /// A style, or a list as `render --style` takes it
    #[arg(value_name = "STYLES")]
    pub styles: String,
    /// A video whose first pictures are rendered; a generated scene when not given
    #[arg(short, long, value_name = "FILE", conflicts_with = "size")]
    pub input: Option<PathBuf>,
    /// Size of the generated scene
    #[arg(long, value_name = "WxH", default_value = "1920x1080", value_parser = size)]
    pub size: (u32, u32),
    /// Frames that are timed, after a few that are not
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub frames: u32,
    /// As in `render`
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: String,
    /// As JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub values: Values,
    #[command(flatten)]
    pub temporal: TemporalArgs,
}

/// List the devices that can render.
#[derive(Debug, Args)]
pub struct Devices {
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// Render a generated scene in every style, and check the outputs.
#[derive(Debug, Args)]
#[command(before_help = "Example:\n  aquatint demo -o demo")]
pub struct Demo {
    /// The folder for the files; what an earlier demo left there is replaced
    #[arg(
        short,
        long,
        visible_alias = "out",
        value_name = "DIR",
        default_value = "demo"
    )]
    pub output: PathBuf,
    /// Size of the pictures
    #[arg(long, value_name = "WxH", default_value = "960x540", value_parser = size)]
    pub size: (u32, u32),
    /// Length in seconds
    #[arg(long, value_name = "S", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub seconds: u32,
    /// As in `render`
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: String,
}
