//! Flags and their help.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Parser, Subcommand};
use serde::{Deserialize, Serialize};

use super::console::Manner;
use super::problem::{Problem, USAGE};
use crate::frame::Rational;
use crate::graph::plan::Temporal;
use crate::media::{AudioChoice, Leave, TimeRange};
use crate::render::{LowDisk, Parallelism};

const EXAMPLES: &str = "\
Examples:
  aquatint clip.mp4                                draws clip.mp4 in pencil, as clip.pencil.mp4
  aquatint clip.mp4 -s pencil -o drawn.mkv         names the style and the output
  aquatint clip.mp4 --set pencil.blur_sigma=35     changes a parameter; `aquatint styles pencil` lists them
  aquatint photo.png                               pictures work, too
  aquatint --help                                  all commands";

const QUALITIES: &str = "\
--crf and --encoder-preset are handed to the encoder as what it calls them (and what is used when they are not given):
  libx264, libx264rgb    crf 0 to 51 (18)        preset ultrafast … placebo (medium)
  libx265                crf 0 to 51 (20)        preset ultrafast … placebo (medium)
  h264_nvenc             cq 0 to 51 (19)         preset p1 … p7 (p5); where it does not work, libx264 preset medium, aloud
  hevc_nvenc             cq 0 to 51 (21)         preset p1 … p7 (p5); where it does not work, libx265 preset medium, aloud
  libvpx-vp9             crf 0 to 63 (24)        cpu-used -8 … 8 (3)
  libsvtav1              crf 0 to 63 (28)        preset 0 … 13 (8)
  prores_ks              none: by the profile    profile proxy, lt, standard, hq, 4444, 4444xq (hq; 4444 for 4:4:4 and alpha)
  ffv1, png              none: lossless          none

An image sequence is named by a pattern: frame_%04d.png are frame_0001.png and so on, %d are numbers without zeros in front.
As an input it begins with the least number there is; numbers that are missing are named, and the picture before them is shown
for as long. As an output (.png, .jpg) it counts from 1, or keeps the numbers of the sequence it is made of. It holds no times,
sound, subtitles or tags: they are dropped, and it is said before rendering. It is rendered in one piece, whatever --chunk says,
and has its names when all of it is complete; -y replaces all pictures of the pattern.";

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
          value_parser = PossibleValuesParser::new(["auto", "bar", "json", "none"]).map(|how| Manner::named(&how)))]
    pub progress: Manner,
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

/// Render inputs.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
#[command(before_help = EXAMPLES, after_help = QUALITIES, override_usage = "aquatint [render] INPUT… [-s STYLE] [-o OUTPUT] [FLAGS]")]
pub struct Render {
    /// Videos, pictures, image sequences (frame_%04d.png), or folders of videos and pictures
    #[arg(value_name = "INPUT", required_unless_present_any = ["also", "list"], help_heading = IO)]
    pub inputs: Vec<PathBuf>,
    /// A further input
    #[arg(short = 'i', long = "in", value_name = "INPUT", id = "also", help_heading = IO)]
    pub also: Vec<PathBuf>,
    /// A file with an input on each line
    #[arg(long, value_name = "FILE", help_heading = IO)]
    pub list: Vec<PathBuf>,
    /// Search folders within folders, too; where -o names a folder, they are found again in it
    #[arg(long, help_heading = IO)]
    pub recursive: bool,
    /// The output: a file, an image sequence (out_%05d.png), or a folder for several; beside the input, as
    /// STEM.STYLE.EXT, when not given
    #[arg(short, long, visible_alias = "out", value_name = "OUT", help_heading = IO)]
    pub output: Option<PathBuf>,
    /// Replace outputs that exist, once the new ones are complete
    #[arg(short = 'y', long, help_heading = IO)]
    pub overwrite: bool,
    /// Leave outputs that exist, and render the others
    #[arg(short = 'n', long = "skip-existing", conflicts_with = "overwrite", help_heading = IO)]
    pub skip: bool,
    /// Write what was done to this file, as JSON
    #[arg(long, value_name = "FILE", help_heading = IO)]
    pub report: Option<PathBuf>,
    /// Frames a second of an input that is an image sequence: 24, 23.976, 30000/1001; 25 when not given
    #[arg(long, value_name = "RATE", value_parser = rate, help_heading = IO)]
    #[serde(default)]
    pub fps: Option<Rational>,

    #[command(flatten)]
    pub part: Part,

    #[command(flatten)]
    pub look: Look,

    /// Settings under a name (`aquatint presets` lists them), or a file of them; other flags win over it
    #[arg(long, value_name = "NAME|FILE", help_heading = LOOK)]
    pub preset: Option<String>,
    /// Of everything random
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = LOOK)]
    pub seed: u32,

    #[command(flatten)]
    pub temporal: TemporalArgs,

    /// Encoder or codec: libx264, libx265, libvpx-vp9, ffv1, prores, …; by the output's ending when not given
    #[arg(long, value_name = "NAME", help_heading = ENCODING)]
    pub codec: Option<String>,
    /// Constant quality in the encoder's own scale; lower is better
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = quality, conflicts_with = "bitrate", help_heading = ENCODING)]
    pub crf: Option<f32>,
    /// Bits per second of the video: 8M, 2500k
    #[arg(long, value_name = "B", help_heading = ENCODING)]
    pub bitrate: Option<String>,
    /// The encoder's own word for its speed: slow, p7, 8
    #[arg(long, value_name = "P", help_heading = ENCODING)]
    pub encoder_preset: Option<String>,
    /// Pixel format, in FFmpeg's words: yuv420p, yuv444p10le; the source's where the encoder has it
    #[arg(long, value_name = "FORMAT", help_heading = ENCODING)]
    pub pix_fmt: Option<String>,
    /// An option for the encoder; repeatable
    #[arg(long = "encoder-opt", value_name = "KEY=VALUE", value_parser = pair, help_heading = ENCODING)]
    pub encoder_opts: Vec<(String, String)>,
    /// The sound: as it is where the container can hold it, encoded anew as AAC, or left out
    #[arg(long, value_name = "WHAT", default_value = "copy", help_heading = ENCODING,
          value_parser = PossibleValuesParser::new(["copy", "aac", "none"]).map(|what| audio(&what)))]
    pub audio: AudioChoice,

    /// Leave these out: subtitles, attachments, covers, chapters, rotation, videos (beside the rendered one); repeatable
    #[arg(long, value_name = "WHAT", value_delimiter = ',', help_heading = ENCODING, hide_possible_values = true,
          value_parser = PossibleValuesParser::new(Leave::ALL.map(Leave::name)).map(|name| left_out(&name)))]
    pub drop: Vec<Leave>,

    /// auto (a real GPU, else the processor), cpu, gpu, or an adapter by number or part of its name
    #[arg(long, value_name = "DEVICE", default_value = "auto", help_heading = RUN)]
    pub device: String,
    /// Inputs that are rendered at a time on the processor: a number, or auto, by processors and memory; of those on a
    /// graphics processor always one
    #[arg(long, value_name = "N", default_value = "auto", value_parser = parallelism, help_heading = RUN)]
    pub jobs: Parallelism,
    /// Say what would be done, and do nothing
    #[arg(long, help_heading = RUN)]
    pub dry_run: bool,
    /// Take damage in the input for an error
    #[arg(long, help_heading = RUN)]
    pub strict: bool,

    #[command(flatten)]
    pub long: Long,
}

/// How long jobs are run.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub struct Long {
    /// Seconds of a chunk, 10 to 120: what is longer is rendered chunk by chunk, and goes on after the last finished one
    /// when the same command is given again, whatever ended it; none renders in one piece. What is ended more often than
    /// a chunk takes comes no further: make it shorter
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = chunk, help_heading = LONG)]
    pub chunk: Chunk,
    /// Begin anew, whatever an earlier run has done
    #[arg(long, help_heading = LONG)]
    pub no_resume: bool,
    /// Where finished chunks are kept meanwhile; beside the output, hidden, when not given
    #[arg(long, value_name = "DIR", help_heading = LONG)]
    pub work_dir: Option<PathBuf>,
    /// When there is no room for the next chunk: wait for some, or end (what is done is kept)
    #[arg(long, value_name = "WHAT", default_value = "pause", help_heading = LONG,
          value_parser = PossibleValuesParser::new(["pause", "fail"]).map(|what| low_disk(&what)))]
    pub on_low_disk: LowDisk,
    /// Chunks that are rendered at a time, each by a worker with a decoder and encoders of its own: a number, or auto, by
    /// processors and memory. On the processor, where no frame depends on those before it (--temporal off); the result is
    /// the same for any number
    #[arg(long, value_name = "N", default_value = "auto", value_parser = parallelism, help_heading = LONG)]
    pub workers: Parallelism,
}

/// Seconds of a chunk, if there are to be any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk(pub Option<u32>);

/// Which part of the input. Times count from its start; the first frame taken is the one shown at the time or next after it.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub struct Part {
    /// Begin there: seconds, MM:SS or HH:MM:SS.mmm; also -ss
    #[arg(long, value_name = "T", value_parser = super::time::time, help_heading = IO)]
    pub start: Option<Rational>,
    /// For as long; also -t
    #[arg(long, value_name = "D", value_parser = super::time::time, conflicts_with = "to", help_heading = IO)]
    pub duration: Option<Rational>,
    /// End there, before the frame shown at that time; also -to
    #[arg(long, value_name = "T", value_parser = super::time::time, help_heading = IO)]
    pub to: Option<Rational>,
}

impl Part {
    /// What is asked for; `None` is everything.
    pub fn range(&self) -> Result<Option<TimeRange>, Problem> {
        let zero = Rational::new(0, 1_000_000);
        let start = self.start.unwrap_or(zero);
        // All of them are in millionths.
        let after =
            |length: Rational| Rational::new(start.num.saturating_add(length.num), start.den);
        let end = self.to.or(self.duration.map(after));
        if end.is_some_and(|end| end.num <= start.num) {
            return Err(Problem::new(
                USAGE,
                "the part to render is empty: it ends before it begins",
                "give a --to that is later than --start, or a --duration above zero",
            ));
        }
        let asked = self.start.is_some() || end.is_some();
        Ok(asked.then_some(TimeRange { start, end }))
    }
}

/// What the pictures shall look like.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub struct Look {
    /// "pencil"; "pencil,identity": two outputs from one decode; "a+b": one after the other; "none": the planes bypass
    /// the graph; "identity": through the whole graph, unchanged
    #[arg(short = 's', long = "style", visible_alias = "styles", value_name = "LIST", default_value = "pencil", help_heading = LOOK)]
    pub styles: Vec<String>,
    #[command(flatten)]
    pub values: Values,
}

/// Values of parameters, and further styles.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub struct Values {
    /// A parameter of a style; repeatable. Every style has `strength`, 0 to 1
    #[arg(long, value_name = "STYLE.PARAM=VALUE", help_heading = LOOK)]
    pub set: Vec<String>,
    /// A folder of your own styles; repeatable
    #[arg(long, value_name = "DIR", help_heading = LOOK)]
    pub style_path: Vec<PathBuf>,
}

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
          value_parser = PossibleValuesParser::new(Leave::ALL.map(Leave::name)).map(|name| left_out(&name)))]
    pub drop: Vec<Leave>,
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

/// How styles are averaged over time.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub struct TemporalArgs {
    /// Calm flicker by averaging frames, where the style asks for it: adaptive spares what moves, ema does not
    #[arg(long, default_value = "adaptive", value_parser = ["adaptive", "ema", "off"], help_heading = LOOK)]
    pub temporal: String,
    /// Weight of the new frame in that average; less is calmer
    #[arg(long, value_name = "WEIGHT", default_value_t = Temporal::ALPHA, value_parser = weight, help_heading = LOOK)]
    pub temporal_alpha: f32,
}

impl TemporalArgs {
    /// What the flags say.
    pub fn mode(&self) -> Temporal {
        self.mode_called(&self.temporal)
    }

    /// The mode that `--temporal NAME` would be.
    pub fn mode_called(&self, name: &str) -> Temporal {
        let alpha = self.temporal_alpha;
        match name {
            "off" => Temporal::Off,
            "ema" => Temporal::Ema { alpha },
            _ => Temporal::Adaptive { alpha },
        }
    }
}

fn weight(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(weight) if weight > 0.0 && weight <= 1.0 => Ok(weight),
        _ => Err("a number above 0, at most 1".to_owned()),
    }
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

fn chunk(text: &str) -> Result<Chunk, String> {
    match text.parse::<u32>() {
        _ if text == "none" => Ok(Chunk(None)),
        Ok(seconds) if (10..=120).contains(&seconds) => Ok(Chunk(Some(seconds))),
        _ => Err("it goes from 10 to 120 seconds, or is none".to_owned()),
    }
}

fn parallelism(text: &str) -> Result<Parallelism, String> {
    match text.parse() {
        _ if text == "auto" => Ok(Parallelism::Auto),
        Ok(count) => Ok(Parallelism::Count(count)),
        _ => Err("it is a number from 1 on, or auto".to_owned()),
    }
}

fn low_disk(what: &str) -> LowDisk {
    match what {
        "fail" => LowDisk::Fail,
        _ => LowDisk::Pause,
    }
}

fn quality(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err("it must be a number, for example 18".to_owned()),
    }
}

/// Rates that are written in short, as they are.
const NTSC: [(&str, i64); 4] = [("23.976", 24), ("29.97", 30), ("47.952", 48), ("59.94", 60)];

fn rate(text: &str) -> Result<Rational, String> {
    let short = |(name, whole): &(&str, i64)| {
        text.starts_with(name)
            .then(|| Rational::new(whole * 1000, 1001))
            .filter(|exact| {
                text.parse()
                    .is_ok_and(|rate: f64| (rate - exact.to_f64()).abs() < 1e-3)
            })
    };
    let fraction = || {
        let (num, den) = text.split_once('/')?;
        Some(Rational::new(num.parse().ok()?, den.parse().ok()?))
    };
    let decimal = || {
        let (whole, parts) = text.split_once('.').unwrap_or((text, ""));
        let digits = parts.len();
        let plain = parts.bytes().all(|byte| byte.is_ascii_digit()) && digits <= 6;
        let den = plain.then(|| 10i64.pow(digits as u32))?;
        Some(Rational::new(format!("{whole}{parts}").parse().ok()?, den))
    };
    let found = NTSC
        .iter()
        .find_map(short)
        .or_else(fraction)
        .or_else(decimal);
    found
        .filter(|rate| rate.num > 0 && rate.den > 0 && rate.num <= 1_000_000_000)
        .filter(|rate| rate.den <= 1_000_000_000 && (0.001..=1000.0).contains(&rate.to_f64()))
        .ok_or_else(|| {
            "it goes from 0.001 to 1000, for example 24, 23.976 or 30000/1001".to_owned()
        })
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE, for example tune=film".to_owned()),
    }
}

fn left_out(name: &str) -> Leave {
    let named = Leave::ALL.into_iter().find(|leave| leave.name() == name);
    named.expect("the parser knows these names alone")
}

fn audio(what: &str) -> AudioChoice {
    match what {
        "aac" => AudioChoice::Aac,
        "none" => AudioChoice::None,
        _ => AudioChoice::Copy,
    }
}

/// The largest side a plan is made for.
const LONGEST_SIDE: u32 = 1 << 16;

fn size(text: &str) -> Result<(u32, u32), String> {
    let sides = text
        .split_once(['x', 'X', '×'])
        .and_then(|(width, height)| {
            Some((width.parse::<u32>().ok()?, height.parse::<u32>().ok()?))
        });
    match sides {
        Some((width, height))
            if (1..=LONGEST_SIDE).contains(&width) && (1..=LONGEST_SIDE).contains(&height) =>
        {
            Ok((width, height))
        }
        _ => Err("write it as WIDTHxHEIGHT, for example 1920x1080".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn flags_are_consistent() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn rates_are_exact() {
        let rate = |text| super::rate(text).ok().map(|rate| (rate.num, rate.den));
        for (text, exact) in [
            ("24", (24, 1)),
            ("23.976", (24000, 1001)),
            ("29.97", (30000, 1001)),
            ("59.9401", (60000, 1001)),
            ("30000/1001", (30000, 1001)),
            ("12.5", (125, 10)),
            ("1/10", (1, 10)),
        ] {
            assert_eq!(rate(text), Some(exact), "{text}");
        }
        for text in ["0", "-24", "x", "1/0", "1e3", "2000", "1.2.3", "", "."] {
            assert_eq!(rate(text), None, "{text}");
        }
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
