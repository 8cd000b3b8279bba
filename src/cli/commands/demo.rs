//! `aquatint demo`: a generated scene in every style.

use std::fmt::Write;

use super::super::args;
use super::super::console::Console;
use super::super::problem::Problem;
use super::super::signals::Signals;
use super::{named, print};
use crate::render::RenderError;
use crate::render::demo::Demo;
use crate::render::request::wanted;

pub fn run(args: &args::Demo, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let demo = Demo {
        folder: args.output.clone(),
        size: args.size,
        seconds: args.seconds,
        device: wanted(args.device.as_deref()),
    };
    let (library, _) = named(&args.style_path, "")?;
    let files = demo.run(
        &library,
        &mut |event| console.event(&event),
        &signals.cancel(),
    );
    let files = match (files, signals.problem()) {
        (Err(RenderError::Cancelled), Some(problem)) => return Err(problem),
        (files, _) => files?,
    };
    let mut out = String::new();
    for file in &files {
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "{}  {}: {} frames, {:.2} s, {} packets of sound: checked",
            file.path.display(),
            file.style.as_deref().unwrap_or("the scene itself"),
            file.frames,
            file.duration,
            file.sound_packets
        );
    }
    print(&out)?;
    Ok(0)
}
