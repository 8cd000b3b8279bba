//! The flags of rendering.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::{Deserialize, Serialize};

use super::super::problem::{Problem, USAGE};
use super::values::{audio, chunk, left_out, low_disk, pair, parallelism, quality, rate, weight};
use super::{ENCODING, EXAMPLES, IO, LONG, LOOK, RUN};
use crate::frame::Rational;
use crate::graph::plan::Temporal;
use crate::media::{AudioChoice, Dropped, TimeRange};
use crate::render::{LowDisk, Parallelism};

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
          value_parser = PossibleValuesParser::new(Dropped::ALL.map(Dropped::name)).map(|name| left_out(&name)))]
    pub drop: Vec<Dropped>,

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
    #[arg(long, value_name = "T", value_parser = super::super::time::time, help_heading = IO)]
    pub start: Option<Rational>,
    /// For as long; also -t
    #[arg(long, value_name = "D", value_parser = super::super::time::time, conflicts_with = "to", help_heading = IO)]
    pub duration: Option<Rational>,
    /// End there, before the frame shown at that time; also -to
    #[arg(long, value_name = "T", value_parser = super::super::time::time, help_heading = IO)]
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
