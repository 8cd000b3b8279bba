//! The flags of `aquatint shader`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use super::render::{TemporalArgs, Values};
use super::values::size;
use super::{help, help_repeatable};
use crate::render::shader::TEMPLATES;

/// Begin, check and test a style of your own.
#[derive(Debug, Args)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    before_help = "Examples:\n  aquatint shader new glow --from blur\n  aquatint clip.mp4 -s ./glow",
    after_help = "docs/writing-a-style.md teaches how a style is written."
)]
pub struct Shader {
    #[command(subcommand)]
    pub action: ShaderAction,
}

#[derive(Debug, Subcommand)]
pub enum ShaderAction {
    /// Write the folder of a new style, which renders at once
    New(ShaderNew),
    /// Check a style without a graphics card: mistakes at their lines, and advice
    Check(ShaderCheck),
    /// Print what each step of a style reads and writes, and why its images are stored
    Stats(ShaderStats),
    /// Print the shaders that a style becomes, with the files and lines that they come from
    Dump(ShaderDump),
    /// Write a web page that runs a style in a browser
    Export(ShaderExport),
    /// Compare a style with pictures that were kept of it
    Test(ShaderTest),
}

impl ShaderAction {
    /// The folders of styles that it is given.
    pub fn style_path(&mut self) -> Option<&mut Vec<PathBuf>> {
        match self {
            Self::New(_) => None,
            Self::Check(args) => Some(&mut args.style_path),
            Self::Stats(args) => Some(&mut args.plan.values.style_path),
            Self::Dump(args) => Some(&mut args.plan.values.style_path),
            Self::Export(args) => Some(&mut args.values.style_path),
            Self::Test(args) => Some(&mut args.style_path),
        }
    }
}

/// Write the folder of a new style, which renders at once.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint shader new glow\n  aquatint shader new glow --from edges -o my-styles\n  aquatint shader new plasma --from-shadertoy plasma.glsl",
    after_help = templates()
)]
pub struct ShaderNew {
    /// The name of the style, and of its folder: letters, digits, - and _
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What it begins with
    #[arg(long, value_name = "TEMPLATE", default_value = "pixel", value_parser = PossibleValuesParser::new(TEMPLATES.map(|(name, _)| name)))]
    pub from: String,
    /// A text file with a shader of Shadertoy, which becomes the style: GLSL with one mainImage
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub from_shadertoy: Option<PathBuf>,
    /// The folder that it is written into. Without it, the current one
    #[arg(short, long, visible_alias = "out", value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// Check a style without a graphics card.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint shader check glow\n  aquatint shader check --json --deny warnings\n  aquatint shader check glow --against glow-before\n  aquatint shader check my-pencil --against pencil",
    after_help = CHECKS
)]
pub struct ShaderCheck {
    /// The folder or .zip of a style, or a folder of several. Without it, the current folder
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Print JSON, as language servers publish diagnostics: a list of uri and diagnostics
    #[arg(long)]
    pub json: bool,
    /// What is as bad as an error
    #[arg(long, value_name = "WHAT", value_parser = ["warnings"])]
    pub deny: Option<String>,
    /// Compare with this style in place of the check: the folder of another one, or of another version, or the name of a
    /// built-in style; DIR may be one, too
    #[arg(long, value_name = "DIR", conflicts_with_all = ["json", "deny"])]
    pub against: Option<PathBuf>,
    /// With --against: the device that renders both styles. Without it, the processor where both have all twins, else a
    /// graphics adapter
    #[arg(long, value_name = "DEVICE", requires = "against")]
    pub device: Option<String>,
    #[arg(long, value_name = "DIR", help = help_repeatable("style_path"))]
    pub style_path: Vec<PathBuf>,
}

/// A style, and the video that it is planned for.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// A style, the folder of one, or a chain such as a+b
    #[arg(value_name = "STYLE")]
    pub style: String,
    /// Size of the frames
    #[arg(long, value_name = "WxH", default_value = "1920x1080", value_parser = size)]
    pub size: (u32, u32),
    #[command(flatten)]
    pub values: Values,
}

/// Print what each step of a style reads and writes.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint shader stats glow\n  aquatint shader stats ./glow --size 3840x2160 --json",
    after_help = "The bytes are the most that a step moves for a frame, if caches keep what is read several times. A pass runs within another one where that reads it at its own pixel alone, by NAME_here(); else its image is stored, and the reason is printed. `aquatint bench` measures the time."
)]
pub struct ShaderStats {
    #[command(flatten)]
    pub plan: PlanArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Print the shaders that a style becomes.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint shader dump ./glow\n  aquatint shader dump ./glow --as hlsl -o glow.hlsl\n  aquatint shader dump ./glow --pass glow/result --as spv -o glow.spv",
    after_help = "WGSL comes with a comment after each line that was written for a line of a file: the file and the number of the line. What has none is written by the engine: accessors, parameters, entry points. Parameters are in uniform buffers here; in a render they are constants of the shader.\n\nMSL is the Metal Shading Language 2.4, and HLSL is for shader model 6.0: as they are written for Metal and Direct3D 12, with checks of bounds. Bindings are numbered from 0, each kind by itself, in the order of groups and bindings of the WGSL."
)]
pub struct ShaderDump {
    #[command(flatten)]
    pub plan: PlanArgs,
    /// Only the step that makes this pass, or that it runs within: its name, or the last parts of it
    #[arg(long, value_name = "NAME")]
    pub pass: Option<String>,
    /// The language: wgsl, msl as for Metal, hlsl as for Direct3D 12, or spv, which is SPIR-V as a driver of Vulkan gets it
    #[arg(long = "as", value_name = "LANGUAGE", default_value = "wgsl", value_parser = ["wgsl", "msl", "hlsl", "spv"])]
    pub language: String,
    /// Write to this file, not to stdout
    #[arg(short, long, visible_alias = "out", value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Write a web page that runs a style in a browser.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint shader export comic -o comic-page\n  aquatint shader export ./glow -o page --size 1920x1080 --set glow.amount=0.8",
    after_help = "The page needs no server and no network: open index.html in a browser with WebGPU. The style runs on the graphics card of whoever looks at it: on pictures, on videos, and on a camera. It is made for pictures of a few sizes, and takes the one whose shape is nearest.\n\nEach parameter that can change without another plan has a control; what shapes the plan keeps its value. Styles with a model, with a first pass, or with another frame rate cannot be exported."
)]
pub struct ShaderExport {
    /// A style, the folder of one, or a chain such as a+b
    #[arg(value_name = "STYLE")]
    pub style: String,
    /// The folder of the page
    #[arg(short, long, visible_alias = "out", value_name = "DIR")]
    pub output: PathBuf,
    /// Size of the pictures; can be repeated. Without it: 1280x720, 720x1280 and 960x960
    #[arg(long, value_name = "WxH", value_parser = size)]
    pub size: Vec<(u32, u32)>,
    /// Replace a page that exists
    #[arg(short = 'y', long)]
    pub overwrite: bool,
    #[command(flatten)]
    pub temporal: TemporalArgs,
    #[command(flatten)]
    pub values: Values,
}

/// Compare a style with pictures that were kept of it.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint shader test glow --bless\n  aquatint shader test glow",
    after_help = "Three small generated scenes are rendered, the same on every machine: all colours, flat areas with edges, and fine grain. The fourth frame of each is compared with golden/SCENE.png in the style's folder. Graphics cards and the processor differ by a code or two, so small differences are allowed. Where there are larger ones, what was expected, what came, and the difference, eight times as strong, are written to the report folder.\n\nExit code 1: a picture differs. 66: a picture is missing."
)]
pub struct ShaderTest {
    /// The folder of a style, or a folder of several. Without it, the current folder
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Keep the pictures as they are now: they are written to golden/
    #[arg(long)]
    pub bless: bool,
    /// Codes of 8 bits that a sample may differ by; one sample of a thousand may differ more
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8))]
    pub tolerance: u8,
    /// Where pictures that differ are written. Without it, golden/report in the style's folder
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    #[arg(long, value_name = "DEVICE", help = help("device"))]
    pub device: Option<String>,
    #[arg(long, value_name = "DIR", help = help_repeatable("style_path"))]
    pub style_path: Vec<PathBuf>,
}

const CHECKS: &str = "\
All mistakes are told that can be told at once, each as FILE:LINE:COLUMN. What is advice has its name in brackets:
  unused-parameter, unused-value, unread-input, unread-image, unused-file: what is there to no effect
  no-effect           a parameter at both ends of its range gives the same picture; rendered on the processor,
                      where all kernels have twins
  sine-noise          noise from fract(sin(…)), which each device computes differently
  unguarded-division  a division by what can be 0
  endless-loop        a loop that nothing ends; loop-past-frame: one over more pixels than a small picture has
  breaks-fusion       NAME_at(at) in place of NAME_here(), so that the image before is stored
  border-mismatch     an image that goes on in two ways beyond its border; tile-too-small: a read beyond its tile
  narrow-workgroup    workgroups that leave most of a device idle
  over-limits         more than every device allows, for a video of 3840x2160

With --against, three small generated scenes, those of `shader test`, are rendered in both styles at the defaults of their
parameters. Of the fourth frame of each, it is told whether it is the same, or the largest difference in codes of 8 bits, the
PSNR, and the share of samples that differ. Then which files have another text, comments aside, and what a frame of 1920x1080
costs in both, as `shader stats` counts it.

Exit code 65: there is an error, or with --deny warnings any advice. 1: with --against, a picture differs.";

const SHADERTOY: &str = "\
A shader of Shadertoy is translated to WGSL; a part of GLSL is known. iResolution, iTime, iTimeDelta, iFrame,
iFrameRate, iChannelTime[0] and iChannelResolution[0] are those of the video; iMouse is 0. iChannel0 is the picture, read by
texture(), textureLod(), textureGrad(), texelFetch() and textureSize(); beyond its border its last pixels go on. Other channels,
buffers, sound, cubemaps, iDate and derivatives are refused, each with its line. Mind the licence: what is on Shadertoy without
another word is CC BY-NC-SA 3.0.";

/// The templates, a line each.
fn templates() -> String {
    let lines = TEMPLATES.map(|(name, what)| format!("  {name:<9} {what}\n"));
    format!("Templates:\n{}\n{SHADERTOY}", lines.concat())
}
