//! The flags of `aquatint shader`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use super::help_repeatable;
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
}

impl ShaderAction {
    /// The folders of styles that it is given.
    pub fn style_path(&mut self) -> Option<&mut Vec<PathBuf>> {
        match self {
            Self::New(_) => None,
            Self::Check(args) => Some(&mut args.style_path),
        }
    }
}

/// Write the folder of a new style, which renders at once.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint shader new glow\n  aquatint shader new glow --from edges -o my-styles",
    after_help = templates()
)]
pub struct ShaderNew {
    /// The name of the style, and of its folder: letters, digits, - and _
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What it begins with
    #[arg(long, value_name = "TEMPLATE", default_value = "pixel", value_parser = PossibleValuesParser::new(TEMPLATES.map(|(name, _)| name)))]
    pub from: String,
    /// The folder that it is written into. Without it, the current one
    #[arg(short, long, visible_alias = "out", value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// Check a style without a graphics card.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint shader check glow\n  aquatint shader check --json --deny warnings",
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

Exit code 65: there is an error, or with --deny warnings any advice.";

/// The templates, a line each.
fn templates() -> String {
    let lines = TEMPLATES.map(|(name, what)| format!("  {name:<9} {what}\n"));
    format!("Templates:\n{}", lines.concat())
}
