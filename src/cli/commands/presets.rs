//! `aquatint presets`: lists the presets, or prints one.

use std::fmt::Write;

use super::super::args::Presets;
use super::super::problem::Problem;
use super::print;
use crate::render::{Preset, preset_names, preset_text};

pub fn run(args: &Presets) -> Result<u8, Problem> {
    if let Some(name) = &args.name {
        let (text, _) = preset_text(name)?;
        print(&text)?;
        return Ok(0);
    }
    let mut out = String::new();
    for name in preset_names() {
        let _ = writeln!(out, "{name:<12} {}", Preset::load(name)?.description);
    }
    print(&out)?;
    Ok(0)
}
