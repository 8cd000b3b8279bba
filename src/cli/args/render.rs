//! The flags of rendering, as a render request.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;

use super::values::{pair, value, word};
use super::{ENCODING, EXAMPLES, IO, LONG, RUN, STYLE, help, help_repeatable};
use crate::frame::Rational;
use crate::graph::plan::Temporal;
use crate::media::{AspectChanges, AudioChoice, Decode, Dropped, Reading, Rotation, TimeRange};
use crate::neural::EngineChoice;
use crate::render::request::{
    Chunk, Consistency, EncoderOptions, FrameRate, OutputSize, ParamValues, Quality, RenderRequest,
    Scale, SettingValue, TemporalMode, Time, TimeBudget, Weight, part,
};
use crate::render::{Existing, Fit, LowDisk, Parallelism, RateMode, Restore};

const NOTES: &str = "\
--crf and --encoder-preset are given to the encoder under its own names; the default is in parentheses:
  libx264, libx264rgb    crf 0 to 51 (18)        preset ultrafast … placebo (medium)
  libx265                crf 0 to 51 (20)        preset ultrafast … placebo (medium)
  h264_nvenc             cq 0 to 51 (19)         preset p1 … p7 (p5)
  hevc_nvenc             cq 0 to 51 (21)         preset p1 … p7 (p5)
  libvpx-vp9             crf 0 to 63 (24)        cpu-used -8 … 8 (3)
  libsvtav1              crf 0 to 63 (28)        preset 0 … 13 (8)
  prores_ks              none                    profile proxy … 4444xq (hq)
  ffv1, png              none                    none
--codec auto takes NVENC, VideoToolbox, QSV, AMF or VAAPI, in this order: the first one that encodes a frame of the \
output's size and format here. That is H.264 for 8 bits, HEVC for 10 bits, in .mp4, .mov and .mkv, for progressive 4:2:0 \
of even size; everything else, and every machine without such an encoder, gets libx264 or libx265, or what is usual for \
the file extension. With it, --crf is in the scale of libx264 (HEVC: libx265), and becomes:
  NVENC cq               crf + 1
  QSV global_quality     crf + 1
  AMF qp_i, qp_p         crf, crf + 3
  VAAPI qp               crf + 3
  VideoToolbox q:v       100 - 1.95 crf
--encoder-preset takes the names of libx264, and becomes that of the encoder nearest in speed. Not tested on real hardware.
For 4:4:4 and alpha, the default profile of prores_ks is 4444. Where h264_nvenc or hevc_nvenc does not work, libx264 \
or libx265 with the preset medium is used, with a warning.

The name of an image sequence is a pattern: frame_%04d.png stands for frame_0001.png and so on; with %d the numbers \
have no leading zeros. As an input, a sequence starts with the smallest number. A warning lists missing numbers; the \
frame before them is shown for longer. As an output (.png, .jpg, .exr, .pfm), frames are numbered from 1, or keep the numbers of \
the input sequence. A sequence holds no times, sound, subtitles or tags: what is dropped is listed before rendering. \
It is rendered in one piece, --chunk has no effect, and its files get their names when all are complete. -y replaces \
all files of the pattern.";

/// Render inputs.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES, after_help = NOTES, override_usage = "aquatint [render] INPUT… [-s STYLE] [-o OUTPUT] [FLAGS]")]
pub struct Render {
    /// Videos, pictures, image sequences (frame_%04d.png), or folders of videos and pictures; - is standard input
    #[arg(value_name = "INPUT", required_unless_present_any = ["also", "list"], help_heading = IO)]
    pub inputs: Vec<PathBuf>,
    /// One more input; repeatable
    #[arg(short = 'i', long = "in", value_name = "INPUT", id = "also", help_heading = IO)]
    pub also: Vec<PathBuf>,
    /// A file with one input per line
    #[arg(long, value_name = "FILE", help_heading = IO)]
    pub list: Vec<PathBuf>,
    /// Search subfolders, too. Where -o names a folder, outputs go into the same subfolders there
    #[arg(long, help_heading = IO)]
    pub recursive: bool,
    /// The output: a file, an image sequence (out_%05d.png), or a folder for several outputs. Without it, outputs are beside
    /// the input, named STEM.STYLE.EXT
    #[arg(short, long, visible_alias = "out", value_name = "OUT", help_heading = IO)]
    pub output: Option<PathBuf>,
    /// Replace outputs that exist, once the new ones are complete
    #[arg(short = 'y', long, help_heading = IO)]
    pub overwrite: bool,
    /// Skip outputs that exist, and render the others
    #[arg(short = 'n', long = "skip-existing", conflicts_with = "overwrite", help_heading = IO)]
    pub skip: bool,
    #[arg(long, value_name = "FILE", help_heading = IO, help = help("report"))]
    pub report: Option<PathBuf>,
    #[command(flatten)]
    pub stream: StreamArgs,
    #[arg(long, value_name = "WHAT", value_parser = word::<Decode>(), help_heading = IO, help = help("decode"))]
    pub decode: Option<Decode>,
    #[command(flatten)]
    pub rate: RateArgs,
    #[arg(long, value_name = "N", help_heading = IO, help = help("frame"))]
    pub frame: Option<u64>,
    #[command(flatten)]
    pub part: Part,

    #[arg(short = 's', long = "style", visible_alias = "styles", value_name = "LIST", help_heading = STYLE, help = help("style"))]
    pub styles: Vec<String>,
    #[command(flatten)]
    pub values: Values,
    #[arg(long, value_name = "FILE", help_heading = STYLE, help = help("lut"))]
    pub lut: Option<PathBuf>,
    #[arg(long, value_name = "NAME|FILE", help_heading = STYLE, help = help("preset"))]
    pub preset: Option<String>,
    #[arg(long, value_name = "N", help_heading = STYLE, help = help("seed"))]
    pub seed: Option<u32>,
    #[command(flatten)]
    pub size: SizeArgs,
    #[arg(long, help_heading = STYLE, help = help("interlaced_anyway"))]
    pub interlaced_anyway: bool,
    /// The field of interlaced pictures that is shown first, for the style deinterlace, whatever the tags say: --set
    /// deinterlace.field_order
    #[arg(long, value_name = "ORDER", value_parser = ["auto", "top", "bottom"], help_heading = STYLE)]
    pub field_order: Option<String>,
    #[command(flatten)]
    pub temporal: TemporalArgs,
    #[arg(long, value_name = "N", value_parser = value::<Consistency>, help_heading = STYLE, help = help("consistency"))]
    pub consistency: Option<Consistency>,

    #[arg(long, value_name = "NAME", help_heading = ENCODING, help = help("codec"))]
    pub codec: Option<String>,
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value::<Quality>, conflicts_with = "bitrate",
          help_heading = ENCODING, help = help("crf"))]
    pub crf: Option<Quality>,
    #[arg(long, value_name = "B", help_heading = ENCODING, help = help("bitrate"))]
    pub bitrate: Option<String>,
    #[arg(long, value_name = "P", help_heading = ENCODING, help = help("encoder_preset"))]
    pub encoder_preset: Option<String>,
    #[arg(long, value_name = "FORMAT", help_heading = ENCODING, help = help("pix_fmt"))]
    pub pix_fmt: Option<String>,
    #[arg(long = "encoder-opt", value_name = "KEY=VALUE", value_parser = pair, help_heading = ENCODING, help = help_repeatable("encoder_opts"))]
    pub encoder_opts: Vec<String>,
    #[arg(long, value_name = "WHAT", value_parser = word::<AudioChoice>(), help_heading = ENCODING, help = help("audio"))]
    pub audio: Option<AudioChoice>,
    #[arg(long, value_name = "WHAT", value_parser = word::<Rotation>(), help_heading = ENCODING, help = help("rotation"))]
    pub rotation: Option<Rotation>,
    #[arg(long, value_name = "WHAT", value_delimiter = ',', hide_possible_values = true, value_parser = word::<Dropped>(),
          help_heading = ENCODING, help = help_repeatable("drop"))]
    pub drop: Vec<Dropped>,

    #[arg(long, value_name = "DEVICE", help_heading = RUN, help = help("device"))]
    pub device: Option<String>,
    #[arg(long, value_name = "ENGINE", value_parser = value::<EngineChoice>, help_heading = RUN, help = help("engine"))]
    pub engine: Option<EngineChoice>,
    #[arg(long, help_heading = RUN, help = help("gpu_share"))]
    pub gpu_share: bool,
    #[arg(long, value_name = "N", value_parser = value::<Parallelism>, help_heading = RUN, help = jobs_help())]
    pub jobs: Option<Parallelism>,
    /// Print what would be done, and do nothing
    #[arg(long, help_heading = RUN)]
    pub dry_run: bool,
    #[arg(long, help_heading = RUN, help = help("strict"))]
    pub strict: bool,
    #[arg(long, help_heading = RUN, help = help("verify"))]
    pub verify: bool,
    #[arg(long, value_name = "MODE", value_parser = word::<Restore>(), help_heading = STYLE, help = help("restore"))]
    pub restore: Option<Restore>,
    #[arg(long, value_name = "TIME", value_parser = value::<TimeBudget>, help_heading = RUN, help = help("time_budget"))]
    pub time_budget: Option<TimeBudget>,
    #[arg(long, value_name = "LIST", help_heading = RUN, help = help("auto_without"))]
    pub auto_without: Option<String>,
    /// Do not write into the outputs what made them (styles, values, seed, version, hash of the source)
    #[arg(long, help_heading = IO)]
    pub no_recipe: bool,
    #[arg(long, value_name = "N", help_heading = RUN, help = help("check_executors"))]
    pub check_executors: Option<NonZeroU32>,
    #[arg(long, value_name = "LIST", help_heading = RUN, num_args = 0..=1, require_equals = true, default_missing_value = "usual", help = help("metrics"))]
    pub metrics: Option<String>,
    #[arg(long, value_name = "N", help_heading = RUN, requires = "metrics", help = help("metrics_every"))]
    pub metrics_every: Option<NonZeroU32>,

    #[command(flatten)]
    pub long: Long,
}

impl Render {
    /// Values of parameters that the flags set.
    fn sets(&self) -> Vec<String> {
        let order = self.field_order.iter();
        let order = order.map(|order| format!("deinterlace.field_order={order}"));
        self.values.set.iter().cloned().chain(order).collect()
    }

    /// What the flags ask for; flags that were not given ask for nothing.
    pub fn request(&self) -> RenderRequest {
        let list = |list: &[String]| (!list.is_empty()).then(|| list.join(","));
        RenderRequest {
            preset: self.preset.clone(),
            style: list(&self.styles),
            set: ParamValues::of(&self.sets()),
            lut: self.lut.clone(),
            style_path: some(&self.values.style_path),
            seed: self.seed,
            scale: self.size.scale,
            size: self.size.size,
            fit: self.size.fit,
            square_pixels: self.size.square_pixels.then_some(true),
            interlaced_anyway: self.interlaced_anyway.then_some(true),
            temporal: self.temporal.temporal,
            temporal_alpha: self.temporal.temporal_alpha,
            device: self.device.clone(),
            codec: self.codec.clone(),
            crf: self.crf,
            bitrate: self.bitrate.clone(),
            encoder_preset: self.encoder_preset.clone(),
            pix_fmt: self.pix_fmt.clone(),
            encoder_opts: EncoderOptions::of(&self.encoder_opts),
            audio: self.audio,
            rotation: self.rotation,
            drop: some(&self.drop),
            frame: self.frame,
            start: self.part.start,
            duration: self.part.duration,
            to: self.part.to,
            video: self.stream.film.video,
            close_gaps: self.stream.close_gaps.then_some(true),
            aspect_changes: self.stream.aspect_changes,
            decode: self.decode,
            engine: self.engine,
            input_fps: self.rate.input_fps,
            fps: self.rate.fps,
            fps_mode: self.rate.fps_mode,
            existing: match (self.overwrite, self.skip) {
                (true, _) => Some(Existing::Replace),
                (_, true) => Some(Existing::Skip),
                _ => None,
            },
            strict: self.strict.then_some(true),
            report: self.report.clone(),
            chunk: self.long.chunk,
            resume: self.long.no_resume.then_some(false),
            work_dir: self.long.work_dir.clone(),
            on_low_disk: self.long.on_low_disk,
            workers: self.long.workers,
            keep_chunks: self.long.keep_chunks.then_some(true),
            verify: self.verify.then_some(true),
            check_executors: self.check_executors,
            metrics: self.metrics.clone(),
            metrics_every: self.metrics_every,
            gpu_share: self.gpu_share.then_some(true),
            consistency: self.consistency,
            recipe: self.no_recipe.then_some(false),
            restore: self.restore,
            time_budget: self.time_budget,
            auto_without: self.auto_without.clone(),
        }
    }
}

fn jobs_help() -> String {
    format!(
        "Inputs rendered at the same time on the CPU: {} (chosen by CPU cores and memory). A GPU renders one at a time \
         [default: {}]",
        Parallelism::accepts(),
        Parallelism::default()
    )
}

/// A list of flags that were given; none where none was.
pub(super) fn some<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    (!list.is_empty()).then(|| list.to_vec())
}

/// Flags for long renders.
#[derive(Clone, Debug, Args)]
pub struct Long {
    #[arg(long, value_name = "SECONDS", value_parser = value::<Chunk>, help_heading = LONG, help = help("chunk"))]
    pub chunk: Option<Chunk>,
    /// Start from the beginning, and discard what an earlier run has done
    #[arg(long, help_heading = LONG)]
    pub no_resume: bool,
    #[arg(long, value_name = "DIR", help_heading = LONG, help = help("work_dir"))]
    pub work_dir: Option<PathBuf>,
    #[arg(long, value_name = "WHAT", value_parser = word::<LowDisk>(), help_heading = LONG, help = help("on_low_disk"))]
    pub on_low_disk: Option<LowDisk>,
    #[arg(long, value_name = "N", value_parser = value::<Parallelism>, help_heading = LONG, help = help("workers"))]
    pub workers: Option<Parallelism>,
    #[arg(long, help_heading = LONG, help = help("keep_chunks"))]
    pub keep_chunks: bool,
}

/// Which of several video streams is the film.
#[derive(Clone, Debug, Args)]
pub struct VideoArg {
    #[arg(long, value_name = "N", help_heading = IO, help = help("video"))]
    pub video: Option<u32>,
}

impl VideoArg {
    /// How the input is read, with the rate `fps` if it is an image sequence.
    pub fn reading(&self, fps: Option<Rational>) -> Reading {
        Reading {
            rate: fps,
            video: self.video.map(|index| index as usize),
            ..Reading::default()
        }
    }
}

/// Which pictures of the input, and on which clock.
#[derive(Clone, Debug, Args)]
pub struct StreamArgs {
    #[command(flatten)]
    pub film: VideoArg,
    #[arg(long, help_heading = IO, help = help("close_gaps"))]
    pub close_gaps: bool,
    #[arg(long, value_name = "WHAT", value_parser = word::<AspectChanges>(), help_heading = IO, help = help("aspect_changes"))]
    pub aspect_changes: Option<AspectChanges>,
}

impl StreamArgs {
    /// How the input is read, with the rate `fps` if it is an image sequence.
    pub fn reading(&self, fps: Option<Rational>) -> Reading {
        Reading {
            close_gaps: self.close_gaps,
            aspects: self.aspect_changes.unwrap_or_default(),
            ..self.film.reading(fps)
        }
    }
}

/// The frame rate of an image sequence that is only read.
#[derive(Clone, Debug, Args)]
pub struct InputRate {
    #[arg(long, visible_alias = "fps", value_name = "RATE", value_parser = value::<FrameRate>, help_heading = IO, help = help("input_fps"))]
    pub input_fps: Option<FrameRate>,
}

/// The frame rates of input and output.
#[derive(Clone, Debug, Args)]
pub struct RateArgs {
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = value::<FrameRate>, help_heading = IO, help = help("input_fps"))]
    pub input_fps: Option<FrameRate>,
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = value::<FrameRate>, help_heading = STYLE, help = help("fps"))]
    pub fps: Option<FrameRate>,
    #[arg(long, value_name = "MODE", value_parser = word::<RateMode>(), help_heading = STYLE, help = help("fps_mode"))]
    pub fps_mode: Option<RateMode>,
}

/// Which part of the input. Times count from its start; the first frame is the one at that time, or the next one.
#[derive(Clone, Debug, Args)]
pub struct Part {
    #[arg(long, value_name = "T", value_parser = value::<Time>, help_heading = IO, help = help("start"))]
    pub start: Option<Time>,
    #[arg(long, value_name = "D", value_parser = value::<Time>, conflicts_with = "to", help_heading = IO, help = help("duration"))]
    pub duration: Option<Time>,
    #[arg(long, value_name = "T", value_parser = value::<Time>, help_heading = IO, help = help("to"))]
    pub to: Option<Time>,
}

impl Part {
    /// The part that the flags name; `None` is everything.
    ///
    /// # Errors
    /// `Usage` where the part is empty.
    pub fn range(&self) -> crate::render::Result<Option<TimeRange>> {
        part(self.start, self.duration, self.to)
    }
}

/// Values of parameters, and further styles.
#[derive(Clone, Debug, Args)]
pub struct Values {
    #[arg(long, value_name = "STYLE.PARAM=VALUE", help_heading = STYLE, help = help_repeatable("set"))]
    pub set: Vec<String>,
    #[arg(long, value_name = "DIR", help_heading = STYLE, help = help_repeatable("style_path"))]
    pub style_path: Vec<PathBuf>,
}

/// The size of the output.
#[derive(Clone, Debug, Args)]
pub struct SizeArgs {
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value::<Scale>, conflicts_with = "size", help_heading = STYLE, help = help("scale"))]
    pub scale: Option<Scale>,
    #[arg(long, value_name = "WxH", allow_hyphen_values = true, value_parser = value::<OutputSize>, help_heading = STYLE, help = help("size"))]
    pub size: Option<OutputSize>,
    #[arg(long, value_name = "HOW", value_parser = word::<Fit>(), help_heading = STYLE, help = help("fit"))]
    pub fit: Option<Fit>,
    #[arg(long, help_heading = STYLE, help = help("square_pixels"))]
    pub square_pixels: bool,
}

/// How styles are averaged over time.
#[derive(Clone, Debug, Args)]
pub struct TemporalArgs {
    #[arg(long, value_name = "MODE", value_parser = word::<TemporalMode>(), help_heading = STYLE, help = help("temporal"))]
    pub temporal: Option<TemporalMode>,
    #[arg(long, value_name = "WEIGHT", value_parser = value::<Weight>, help_heading = STYLE, help = help("temporal_alpha"))]
    pub temporal_alpha: Option<Weight>,
}

impl TemporalArgs {
    /// The mode that the flags name, or the default.
    pub fn mode(&self) -> Temporal {
        let mode = self.temporal.unwrap_or_default();
        mode.with(self.temporal_alpha.unwrap_or_default())
    }
}
