//! The table of settings: their keys, help and values. Help of the command line, errors and documentation use it.

use std::path::PathBuf;

use super::super::parallel::Parallelism;
use super::super::settings::{Existing, LowDisk, RateMode, Restore};
use super::super::sizing::Fit;
use super::budget::TimeBudget;
use super::plain::text_of;
use super::values::{Chunk, Consistency, Quality, SettingValue, TemporalMode, Weight, names};
use super::{FrameRate, OutputSize, RenderRequest, Scale, Time};
use crate::media::{AspectChanges, AudioChoice, Decode, Dropped, Rotation};
use crate::neural::EngineChoice;

/// A setting: a field of [`RenderRequest`].
pub struct Key {
    /// Its name in requests and presets. Its flag is the same with dashes, unless the command line says otherwise.
    pub name: &'static str,
    help: &'static str,
    accepts: fn() -> String,
    /// Whether a preset can set it: it belongs to a kind of render, not to one render.
    pub in_preset: bool,
}

impl Key {
    /// What it does, for people.
    pub fn help(&self) -> String {
        self.help.replace("{accepts}", &self.accepts())
    }

    /// What can be given, in words.
    pub fn accepts(&self) -> String {
        (self.accepts)()
    }

    /// The value that is used when none is given, as it is written; none where it depends on the input and the output.
    pub fn default(&self) -> Option<String> {
        let defaults = serde_json::to_value(RenderRequest::defaults()).ok()?;
        text_of(defaults.get(self.name)?)
    }
}

/// The setting called `name`.
pub fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// All settings.
pub fn keys() -> &'static [Key] {
    KEYS
}

const fn shared(name: &'static str, help: &'static str, accepts: fn() -> String) -> Key {
    Key {
        name,
        help,
        accepts,
        in_preset: true,
    }
}

const fn own(name: &'static str, help: &'static str, accepts: fn() -> String) -> Key {
    Key {
        name,
        help,
        accepts,
        in_preset: false,
    }
}

const KEYS: &[Key] = &[
    own(
        "preset",
        "A preset by name (`aquatint presets` lists them), or a preset file. Other settings win over its values. auto: chosen by what          `aquatint analyze` finds in the input, and by the machine; what was chosen is said",
        String::accepts,
    ),
    shared(
        "style",
        "\"pencil\"; \"pencil,identity\": two outputs from one decode; \"a+b\": one style after the other; \"none\": \
         frames bypass the graph; \"identity\": frames go through the whole graph, unchanged; \"./my-glow\", \"my-glow.zip\": \
         a style of your own, by its folder or a .zip of it. If only a size is given, it \
         is \"resize\"; if only a frame rate, \"rate\"",
        String::accepts,
    ),
    shared(
        "set",
        "Value of a style's parameter. Every style has `strength`, 0 to 1. TIME:VALUE,TIME:VALUE in place of a value is a \
         track, which the parameter follows: 0:0,2s:0.6,72f:0. Times are seconds (2, 2.5s) or frames (48f) from the \
         source's first frame. Before it, `hold,` holds each value to the next key, and `ease,` moves softly. @FILE.json \
         reads a track from a file. Paths in a preset begin in its folder",
        || "tables of values: [set.STYLE], then PARAM = VALUE".to_owned(),
    ),
    own(
        "lut",
        "Look-up table for the style cinematic (.cube, .3dl, .spi1d, .spi3d, .csp, .clf, or a Hald CLUT as .png): short for --set cinematic.lut_path=FILE",
        PathBuf::accepts,
    ),
    own(
        "style_path",
        "Folder with your own styles, or a .zip of it",
        || "a list of paths".to_owned(),
    ),
    shared("seed", "Seed for noise and grain", u32::accepts),
    shared(
        "scale",
        "Columns and rows of the output to one of the source: 2 doubles both. Where the output's chroma has half the \
         resolution (4:2:0), they are rounded to even numbers. The last style of a chain that changes the size (resize, upscale) \
         does it; to a chain without one, resize is added",
        Scale::accepts,
    ),
    shared(
        "size",
        "Width and height of the output in pixels, in place of --scale: 1280x720, or 1280x-2 and -2x720, where the other \
         side keeps the shape, rounded to an even number",
        OutputSize::accepts,
    ),
    shared(
        "fit",
        "How pictures of another shape fit into --size WxH. inside: as large as fits, and one side may be shorter than \
         asked (for 4:2:0 rounded to an even number). pad: the same, with black bars. crop: it is filled, and what sticks \
         out is cut. stretch: exactly that size, and the sample aspect ratio changes, so that players show the same \
         shape. Without it, inside",
        Fit::accepts,
    ),
    shared(
        "square_pixels",
        "Make pixels square, so that players need not stretch the picture: the side that is shown longer than it has pixels is enlarged, \
         before --scale or --size. Without it, pixels keep their shape",
        bool::accepts,
    ),
    own(
        "interlaced_anyway",
        "Change the size or the frame rate of interlaced pictures as if they were progressive, which mixes their fields. Without it, that is \
         refused",
        bool::accepts,
    ),
    shared(
        "temporal",
        "Reduce flicker by averaging frames over time, in styles that ask for it. adaptive leaves moving parts out of \
         the average, flow averages them along their motion, ema averages every pixel with itself",
        TemporalMode::accepts,
    ),
    shared(
        "temporal_alpha",
        "Weight of the new frame in that average, {accepts}. A smaller weight gives less flicker",
        Weight::accepts,
    ),
    shared(
        "device",
        "auto (a real GPU, else the CPU), cpu, gpu, or an adapter by its number, its place on the PCI bus (0000:41:00.0), its \
         UUID or a part of its name",
        String::accepts,
    ),
    shared(
        "codec",
        "Encoder or codec: libx264, libx265, libvpx-vp9, ffv1, prores, …; auto: a hardware encoder where one works, else what is \
         usual (see the notes). Without it, the output's file extension decides",
        String::accepts,
    ),
    shared(
        "crf",
        "Constant quality in the encoder's own scale; lower is better",
        Quality::accepts,
    ),
    shared(
        "bitrate",
        "Bits per second of the video: 8M, 2500k",
        String::accepts,
    ),
    shared(
        "encoder_preset",
        "The encoder's own name for its speed: slow, p7, 8",
        String::accepts,
    ),
    shared(
        "pix_fmt",
        "Pixel format by its FFmpeg name: yuv420p, yuv444p10le. Without it, the source's, if the encoder has it",
        String::accepts,
    ),
    shared(
        "encoder_opts",
        "Option for the encoder, by its FFmpeg name",
        || "a table of options: [encoder_opts], then KEY = VALUE".to_owned(),
    ),
    shared(
        "audio",
        "What to do with sound: copy it (as AAC where the container cannot hold it), encode it as AAC, or leave it out",
        AudioChoice::accepts,
    ),
    shared(
        "rotation",
        "What to do with the rotation that the input asks players for: keep it, or apply it: turn the pictures themselves. \
         Where the output's container cannot hold it, the pictures are turned",
        Rotation::accepts,
    ),
    shared(
        "drop",
        "Leave these out: {accepts}. \"videos\" are those other than the rendered one",
        || names::<Dropped>().join(", "),
    ),
    own(
        "frame",
        "Render only the frame with this number into a picture that -o names (.png, .jpg); the first frame has the number \
         0. It is as in the whole render: the frames of its scene before it are rendered, too",
        || "a whole number, 0 or more".to_owned(),
    ),
    own(
        "start",
        "Start at this time: seconds, MM:SS or HH:MM:SS.mmm; also -ss. With a picture as -o, only the frame at this time is \
         rendered, or the next one",
        Time::accepts,
    ),
    own(
        "duration",
        "Render this length of time; also -t",
        Time::accepts,
    ),
    own(
        "to",
        "Stop before the frame at this time; also -to",
        Time::accepts,
    ),
    own(
        "video",
        "Index of the video stream to render, as `aquatint probe` and all messages number streams (FFmpeg's 0:N, not v:N). \
         Without it, the film is chosen and named: the default stream, then the one with the largest pictures; never a cover, \
         a thumbnail, or a few pictures beside a film",
        u32::accepts,
    ),
    shared(
        "close_gaps",
        "Where the clock of the input jumps (recordings that were joined, a receiver that lost its signal), move what \
         follows so that it begins where the part before ends, sound in step. The input is then read from its beginning, also \
         for a part of it and to continue a render",
        bool::accepts,
    ),
    shared(
        "aspect_changes",
        "What to do with pictures whose sample aspect ratio is not that of the first (a broadcast that changes from 4:3 to \
         16:9): keep them as they are, since an output has one ratio for all, so players show them in another shape; or fit \
         them into the shape of the first, with black bars",
        AspectChanges::accepts,
    ),
    shared(
        "decode",
        "What decodes the input: software (the processor), cuda (the decoder of an NVIDIA card), vaapi (that of an AMD or Intel \
         card under Linux), or auto: cuda or vaapi where it gives the same pictures as software (H.264, HEVC, VP8, VP9 in \
         4:2:0), else software, with a warning. Where a hardware decoder of auto fails later, software takes over. \
         Tested on one card of NVIDIA; not with vaapi",
        Decode::accepts,
    ),
    shared(
        "engine",
        "What runs neural models: tensorrt, cuda, coreml, directml, openvino, rocm (ONNX Runtime on a graphics card), ort-cpu (ONNX \
         Runtime on the processor), or rten (inside aquatint). auto: the first of these that works; where one fails later, \
         the next takes over, with a warning. `aquatint doctor` says what is there",
        EngineChoice::accepts,
    ),
    own(
        "input_fps",
        "Frame rate of an input that is an image sequence, in frames per second: 24, 23.976, 30000/1001. Without it, that of \
         --fps, or 25",
        FrameRate::accepts,
    ),
    shared(
        "fps",
        "Frame rate of the output, in frames per second: 50, 24000/1001. Frames are repeated, or left out, at exact times, \
         after all styles (unless one with that purpose is named); sound stays as it is. An image sequence is read at this rate, unless --input-fps gives it another",
        FrameRate::accepts,
    ),
    shared(
        "fps_mode",
        "What --fps shows between two frames of the input: hold the earlier one, or blend both by time",
        || names::<RateMode>().join(", "),
    ),
    own(
        "existing",
        "What to do about outputs that exist: refuse the render, replace them when the new ones are complete, or skip them",
        Existing::accepts,
    ),
    shared(
        "strict",
        "Treat damage in the input as an error",
        bool::accepts,
    ),
    own(
        "report",
        "Write a report of the render to this file, as JSON",
        PathBuf::accepts,
    ),
    shared(
        "chunk",
        "Length of a chunk: {accepts} to render in one piece. A longer input is rendered chunk by chunk. After a stop, the \
         same command continues after the last finished chunk. If the process is killed more than once per chunk, no \
         progress is made: choose shorter chunks",
        Chunk::accepts,
    ),
    own(
        "resume",
        "Continue what an earlier run of the same render has done",
        bool::accepts,
    ),
    own(
        "work_dir",
        "Folder for finished chunks while the render runs. Without it, a hidden folder beside the output",
        PathBuf::accepts,
    ),
    shared(
        "on_low_disk",
        "When there is no room for the next chunk: wait for room, or stop (finished chunks are kept)",
        LowDisk::accepts,
    ),
    shared(
        "workers",
        "Chunks rendered at the same time, each with its own decoder and encoders: {accepts} (chosen by CPU cores and \
         memory). Only on the CPU, and only where no frame depends on earlier ones (--temporal off). The result is the \
         same for any number",
        Parallelism::accepts,
    ),
    own(
        "keep_chunks",
        "Keep the folder of finished chunks when the output is complete",
        bool::accepts,
    ),
    own(
        "verify",
        "Compare each output with its source when it is complete, as `aquatint verify` does. The output stays; exit code 1: \
         there is a difference that was not asked for",
        bool::accepts,
    ),
    own(
        "metrics",
        "Measure the outputs before they are encoded, and compare them with the source: {accepts}. `aquatint measure --help` lists \
         them. The numbers are told at the end, and are in the report (--report)",
        || "names of metrics with commas between them, usual or all".to_owned(),
    ),
    own(
        "metrics_every",
        "Measure every Nth frame only, which takes less time; flicker and warped_error need them all, and are then left out",
        || "a number of frames, 1 or more".to_owned(),
    ),
    own(
        "gpu_share",
        "Render beside other processes that use the same GPU, instead of waiting until they are done",
        bool::accepts,
    ),
    shared(
        "recipe",
        "Write into each output what made it (styles, values, seed, version, hash of the source, no paths), where its container has          a place for it: `aquatint reproduce` makes it again",
        bool::accepts,
    ),
    shared(
        "consistency",
        "Take back what the styles drift by themselves over a film: colour, brightness and grain. A first pass renders all frames, and some          of them alone, to compare. {accepts}: 1 holds the film to 0.1 % of white, 0.5 to 2.5 %; 0 does nothing. The report has the drift over time          and a score",
        Consistency::accepts,
    ),
    own(
        "restore",
        "auto: `aquatint analyze` looks through the input first, and the styles that mend what it surely finds come before the style \
         that you name. Without a style, they are all that is done. Nothing is applied that it does not find; what was chosen is said, \
         with its reason",
        Restore::accepts,
    ),
    own(
        "time_budget",
        "The time that the render may take: {accepts}. The speed of the first seconds decides what fits into it: the effort of enlarging          (with --preset auto) and the preset of the encoder, unless you name one. What was chosen is said",
        TimeBudget::accepts,
    ),
    own(
        "auto_without",
        "What --preset auto, --restore auto and --time-budget do not choose, with commas between: mend, or a style that mends; upscale; encoder",
        String::accepts,
    ),
    own(
        "check_executors",
        "Before rendering, render the first N frames both on the CPU and on a GPU, and compare. Exit code 1, and no output: \
         more than 1 % of the samples differ by more than 1 code value (2 from 10 bits on), or they make a picture of less than 50 dB, \
         or 40 where passes of the style decide. Without a GPU, software Vulkan is used",
        || "a number of frames, 1 or more".to_owned(),
    ),
];
