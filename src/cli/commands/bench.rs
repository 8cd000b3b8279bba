//! `aquatint bench`: time and memory traffic of the passes of a style.

use std::fmt::Write;

use super::super::args;
use super::super::problem::Problem;
use super::{named, print, print_json};
use crate::render::bench::{Bench, Measured};
use crate::render::output_styles;
use crate::render::request::wanted;

pub fn run(args: &args::Bench) -> Result<u8, Problem> {
    let (library, styles) = named(&args.values.style_path, &args.styles)?;
    let bench = Bench {
        styles: output_styles(&library, &styles, &args.values.set)?,
        input: args.input.clone(),
        size: args.size,
        temporal: args.temporal.mode(),
        frames: args.frames as usize,
        device: wanted(args.device.as_deref()),
    };
    let measured = bench.run(&library)?;
    if args.json {
        print_json(&measured)?;
    } else {
        print(&text(&measured))?;
    }
    Ok(0)
}

fn text(measured: &Measured) -> String {
    let megabytes = |bytes: usize| bytes as f64 / 1e6;
    let mut out = format!(
        "{}, {}x{} {}, {} ({}), median of {} frames\n\n       ms   MB read  MB written  pass\n",
        measured.styles.join(","),
        measured.width,
        measured.height,
        measured.pixel_format,
        measured.device.name,
        measured.device.executor,
        measured.frames
    );
    for step in &measured.steps {
        let time = step
            .milliseconds
            .map_or("-".to_owned(), |time| format!("{time:.3}"));
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "{time:>9} {:>9.1} {:>11.1}  {}  [{}]",
            megabytes(step.read),
            megabytes(step.written),
            step.label,
            step.kernels.join(" + ")
        );
    }
    let _ = writeln!(
        out,
        "{:>9.3} {:>9.1} {:>11.1}  a frame: {:.1} frames/s, {:.2} GB/s",
        measured.milliseconds,
        megabytes(measured.read),
        megabytes(measured.written),
        measured.frames_per_second,
        megabytes(measured.read + measured.written) / measured.milliseconds
    );
    out
}
