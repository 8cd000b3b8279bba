//! `aquatint bench`: time and memory traffic of the passes of a style.

use super::super::args;
use super::super::console::Console;
use super::super::problem::Problem;
use super::{named, print, print_json, tell_of_models};
use crate::render::bench::Bench;
use crate::render::output_styles;
use crate::render::request::wanted;

pub fn run(args: &args::Bench, console: &Console) -> Result<u8, Problem> {
    let (library, styles) = named(&args.values.style_path, &args.styles)?;
    let bench = Bench {
        styles: output_styles(&library, &styles, &args.values.set)?,
        input: args.input.clone(),
        size: args.size,
        temporal: args.temporal.mode(),
        frames: args.frames as usize,
        device: wanted(args.device.as_deref()),
    };
    let measured = bench.run(&library);
    tell_of_models(&library, console);
    let measured = measured?;
    if args.json {
        print_json(&measured)?;
    } else {
        print(&measured.to_string())?;
    }
    Ok(0)
}
