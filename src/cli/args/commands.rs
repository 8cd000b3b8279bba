//! The flags of the other commands.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::render::{
    InputRate, Part, RateArgs, SizeArgs, StreamArgs, TemporalArgs, Values, VideoArg,
};
use super::values::{size, value, word};
use super::{help, help_repeatable};
use crate::media::{AudioChoice, Dropped, Rotation};
use crate::metrics::{METRICS, Metrics, Needs};
use crate::render::request::Time;
use crate::train::{Ask, Loss};

/// Continue renders that were not finished.
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  aquatint resume --list\n  aquatint resume clip.pencil.mp4")]
pub struct Resume {
    /// Unfinished outputs, or folders to search for them. Without it, the current folder
    #[arg(value_name = "OUTPUT")]
    pub outputs: Vec<PathBuf>,
    /// List unfinished renders, and do nothing
    #[arg(long)]
    pub list: bool,
    /// Print JSON
    #[arg(long, requires = "list")]
    pub json: bool,
    /// The folder that was given to `render --work-dir`
    #[arg(long, value_name = "DIR")]
    pub work_dir: Option<PathBuf>,
}

/// Show what a file contains.
#[derive(Debug, Args)]
#[command(before_help = "Example:\n  aquatint probe clip.mp4 --json")]
pub struct Probe {
    /// A video, picture, or image sequence
    pub input: PathBuf,
    #[command(flatten)]
    pub film: VideoArg,
    #[command(flatten)]
    pub rate: InputRate,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Compare an output with its source.
#[derive(Debug, Args)]
#[command(
    before_help = "Example:\n  aquatint verify clip.mp4 clip.pencil.mp4",
    after_help = "Both files are decoded completely. Exit code 1: there is a difference that was not asked for. Give the flags that were given to `render` when the output was made, so that what they asked for is no difference."
)]
pub struct Verify {
    pub source: PathBuf,
    pub output: PathBuf,
    #[command(flatten)]
    pub stream: StreamArgs,
    #[command(flatten)]
    pub rate: RateArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub part: Part,
    /// As it was given to `render`
    #[arg(long, value_name = "WHAT", value_parser = word::<AudioChoice>())]
    pub audio: Option<AudioChoice>,
    /// As it was given to `render`
    #[arg(long, value_name = "WHAT", value_parser = word::<Rotation>())]
    pub rotation: Option<Rotation>,
    /// As it was given to `render`
    #[arg(long, value_name = "WHAT", value_delimiter = ',', hide_possible_values = true, value_parser = word::<Dropped>())]
    pub drop: Vec<Dropped>,
    /// As it was given to `render`
    #[arg(long, value_name = "FORMAT")]
    pub pix_fmt: Option<String>,
    #[command(flatten)]
    pub size: SizeArgs,
}

/// List the styles, or the parameters of one.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint styles pencil\n  aquatint styles ./my-glow\n  aquatint styles common/gaussian"
)]
pub struct Styles {
    /// A style, the folder or .zip of one of your own, or a building block for manifests
    pub name: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    #[arg(long, value_name = "DIR", help = help_repeatable("style_path"))]
    pub style_path: Vec<PathBuf>,
}

/// List the presets, or print one.
#[derive(Debug, Args)]
#[command(
    before_help = "Example:\n  aquatint presets comic-book > mine.toml && aquatint clip.mp4 --preset mine.toml"
)]
pub struct Presets {
    pub name: Option<String>,
    #[arg(long, value_name = "DIR", help = help_repeatable("style_path"))]
    pub style_path: Vec<PathBuf>,
}

/// Show the plan of passes for a style.
#[derive(Debug, Args)]
#[command(before_help = "Example:\n  aquatint graph pencil --format dot | dot -Tsvg > pencil.svg")]
pub struct Graph {
    /// A style, or a list as for `render --style`
    #[arg(value_name = "STYLE")]
    pub style: String,
    /// Size of the frames
    #[arg(long, value_name = "WxH", default_value = "1920x1080", value_parser = size)]
    pub size: (u32, u32),
    #[arg(long, default_value = "text", value_parser = ["text", "json", "dot"])]
    pub format: String,
    #[command(flatten)]
    pub values: Values,
    #[command(flatten)]
    pub temporal: TemporalArgs,
}

/// Measure the time of each pass of a style, and the bytes it reads and writes.
#[derive(Debug, Args)]
#[command(before_help = "Example:\n  aquatint bench pencil,cinematic --device cpu")]
pub struct Bench {
    /// A style, or a list as for `render --style`
    #[arg(value_name = "STYLES")]
    pub styles: String,
    /// A video whose first frames are rendered. Without it, a generated scene
    #[arg(short, long, value_name = "FILE", conflicts_with = "size")]
    pub input: Option<PathBuf>,
    /// Size of the generated scene
    #[arg(long, value_name = "WxH", default_value = "1920x1080", value_parser = size)]
    pub size: (u32, u32),
    /// Frames to measure, after a few to warm up
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub frames: u32,
    #[arg(long, value_name = "DEVICE", help = help("device"))]
    pub device: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub values: Values,
    #[command(flatten)]
    pub temporal: TemporalArgs,
}

/// Measure a video: sharpness, noise, flicker and more of each frame, and how alike it is to another.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint measure clip.mp4\n  aquatint measure clip.pencil.mp4 clip.mp4 --html report.html\n  aquatint measure clip.2x.mp4 original.mp4 --metrics psnr,ssim,ssimulacra2 --json",
    after_help = measure_help()
)]
pub struct Measure {
    /// A video, picture, or image sequence: what came out of a render
    #[arg(value_name = "OUTPUT")]
    pub input: PathBuf,
    /// What it is compared with: the source, or an original. For PSNR, SSIM and their like it must have the same size
    #[arg(value_name = "REFERENCE")]
    pub reference: Option<PathBuf>,
    /// The same, as a flag
    #[arg(long = "reference", value_name = "FILE", conflicts_with = "reference")]
    pub reference_flag: Option<PathBuf>,
    /// Metrics, with commas between them; usual and all are lists of their own. The list is below
    #[arg(long, value_name = "LIST", value_parser = Metrics::read)]
    pub metrics: Option<Metrics>,
    /// A model of LPIPS as ONNX, for the metric lpips: two inputs of 1 x 3 x height x width from -1 to 1, and one output
    #[arg(long, value_name = "FILE")]
    pub lpips_model: Option<PathBuf>,
    /// Measure every Nth frame only; flicker and warped_error need them all, and are then left out
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub metrics_every: u64,
    /// How frames belong together: by the times at which they are shown, or by their order; both count from the first frame of
    /// each. Without it by time, but by order where one of the two is a picture or an image sequence without a rate
    #[arg(long, value_name = "HOW", value_enum)]
    pub align: Option<AlignBy>,
    #[command(flatten)]
    pub part: ReferencePart,
    /// Print JSON: a line for each frame while it runs, then the summary
    #[arg(long)]
    pub json: bool,
    /// Write to this file, not to stdout
    #[arg(short, long, visible_alias = "out", value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write the numbers of all frames as a table, with commas between them
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Write a page with plots over time and the worst frames. It is one file, and needs no network
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Replace these files if they exist
    #[arg(short = 'y', long)]
    pub overwrite: bool,
    #[command(flatten)]
    pub stream: StreamArgs,
    /// Index of the video stream of the reference
    #[arg(long, value_name = "N")]
    pub reference_video: Option<u32>,
    #[command(flatten)]
    pub rate: InputRate,
}

/// Say what is wrong with a video: noise, bars, blocks, flicker, cuts and more, where, how much, and what mends it.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint analyze film.mkv\n  aquatint analyze film.mkv --fast --html film.html",
    after_help = "Every kind that is looked for is told, found or not, with its severity in a unit of its own, how sure that is, the worst times, and the style that mends it, where there is one. The command line that is recommended mends what a style can mend.\n\n--json prints one object: findings (each kind, found, severity, unit, confidence, at in seconds, box as left, top, width and height where it is about a part of the picture, words, mends, details), recommendation (command, reasons), frames, duration, sampled, warnings."
)]
pub struct Analyze {
    /// A video or picture
    pub input: PathBuf,
    /// Look at parts that lie evenly over the file, 160 at most, and not at all of it. What lasts a moment may be missed
    #[arg(long)]
    pub fast: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Write to this file, not to stdout
    #[arg(short, long, visible_alias = "out", value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write a page with what was found. It is one file, and needs no network
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Replace these files if they exist
    #[arg(short = 'y', long)]
    pub overwrite: bool,
    #[command(flatten)]
    pub stream: StreamArgs,
    #[command(flatten)]
    pub rate: InputRate,
}

/// How frames of two videos belong together.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum AlignBy {
    Time,
    Order,
}

/// The metrics, and the form of the JSON.
fn measure_help() -> String {
    let mut help = String::from("Metrics (* measured unless others are named):\n");
    for about in METRICS {
        let star = if about.usual { '*' } else { ' ' };
        let needs = match about.needs {
            Needs::Picture => "",
            Needs::Reference => " [reference]",
            Needs::Vmaf => " [reference, ffmpeg with libvmaf]",
            Needs::Model => " [reference, a model]",
        };
        // Writing to a string does not fail.
        let _ = writeln!(help, "{star} {:16} {}{needs}", about.name, about.help);
    }
    help.push_str(
        "\nLuma is measured as coded: 0 to 255 for 8 bits, 0 to 1023 for 10. Luma of RGB is (R + 2 G + B) / 4. With a reference, metrics that need none are measured of both, and what changed is told.\n\n--json prints an object for each frame, one a line: frame, pts, time (seconds), mean, min, max, histogram (pixels in 256 bins), cut (whether a scene begins), each metric by its name, and the reference's own under reference. Where no sample differs, psnr is null and identical is true. The last line is {\"summary\": ...}: each metric for the whole video, and under metrics its mean, harmonic mean, the value that 1 % and 5 % of the frames are worse than (p1, p5), least, largest, and the worst frames with their times.",
    );
    help
}

/// The part of the reference that the input was rendered from.
#[derive(Debug, Args)]
pub struct ReferencePart {
    /// First frame of the reference that is compared: give the --start of the render
    #[arg(long, value_name = "T", value_parser = value::<Time>)]
    pub start: Option<Time>,
    /// Length of that part
    #[arg(long, value_name = "D", value_parser = value::<Time>, conflicts_with = "to")]
    pub duration: Option<Time>,
    /// End of that part
    #[arg(long, value_name = "T", value_parser = value::<Time>)]
    pub to: Option<Time>,
}

/// List the devices that can render.
#[derive(Debug, Args)]
#[command(
    after_help = "Tiers are classes of machines, which presets can ask for: cpu; gpu-4 (a graphics card with less than 8 GB of memory, or an unknown size), gpu-8, gpu-12, gpu-16, gpu-24+ (that many GB or more); apple (an Apple chip). Cards of NVIDIA are read through their driver, where it is installed."
)]
pub struct Devices {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Read the graphics cards once a second, and write the readings to this file, as JSON
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub record: Option<PathBuf>,
    /// How long to record
    #[arg(long, value_name = "S", default_value_t = 10, requires = "record", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub seconds: u32,
}

/// Render a generated scene in every style, and check the outputs.
#[derive(Debug, Args)]
#[command(before_help = "Example:\n  aquatint demo -o demo")]
pub struct Demo {
    /// The folder for the files; files of an earlier demo are replaced
    #[arg(
        short,
        long,
        visible_alias = "out",
        value_name = "DIR",
        default_value = "demo"
    )]
    pub output: PathBuf,
    /// Size of the frames
    #[arg(long, value_name = "WxH", default_value = "960x540", value_parser = size)]
    pub size: (u32, u32),
    /// Length in seconds
    #[arg(long, value_name = "S", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub seconds: u32,
    #[arg(long, value_name = "DEVICE", help = help("device"))]
    pub device: Option<String>,
    #[arg(long, value_name = "DIR", help = help_repeatable("style_path"))]
    pub style_path: Vec<PathBuf>,
}

/// Make a model for a look, or from pairs of pictures.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint train --name night --style-image night.jpg --content photos/ clip.mp4\n  aquatint train --name graded --data pairs/ --from night --loss perceptual",
    after_help = "Needs a build with the feature `train`: docs/training.md. The same command goes on where a training was stopped. Exit code 1: the training ended, and what it made is not used, because it is no better than the beginning."
)]
pub struct Train {
    /// Name of the model: small letters, digits, - and _
    #[arg(long)]
    pub name: String,
    /// Picture of the look that is learnt
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    pub style_image: Option<PathBuf>,
    /// Pictures, clips, and folders of them, to learn the look on
    #[arg(long, value_name = "PATH", num_args = 1.., requires = "style_image")]
    pub content: Vec<PathBuf>,
    /// Folder with pairs of pictures: DIR/input/NAME.png and DIR/target/NAME.png
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Begin with a model that was trained before: its name, its .onnx file, or the folder of one of its versions
    #[arg(long, value_name = "MODEL")]
    pub from: Option<String>,
    /// How pairs are compared [default: l1]
    #[arg(long, value_name = "LOSS", conflicts_with = "style_image", 
          value_parser = PossibleValuesParser::new(Loss::NAMES).map(|name| Loss::named(&name)))]
    pub loss: Option<Loss>,
    /// Steps of the training
    #[arg(long, value_name = "N", default_value_t = Ask::default().steps)]
    pub steps: u64,
    /// Side of the squares that are learnt on, in pixels
    #[arg(long, value_name = "PX", default_value_t = Ask::default().size)]
    pub size: usize,
    /// Shorter side of the style picture, in sizes of the squares: larger makes larger strokes
    #[arg(
        long,
        value_name = "FACTOR",
        default_value_t = Ask::default().style_scale,
        conflicts_with = "data"
    )]
    pub style_scale: f32,
    /// How much what a picture shows weighs against the look
    #[arg(
        long,
        value_name = "WEIGHT",
        default_value_t = Ask::default().content_weight,
        conflicts_with = "data"
    )]
    pub content_weight: f32,
    /// Number that all chance follows from
    #[arg(long, value_name = "N", default_value_t = Ask::default().seed)]
    pub seed: u64,
    /// Folder of models, in place of that of the user
    #[arg(long, value_name = "DIR")]
    pub models_dir: Option<PathBuf>,
}
