//! `aquatint presets`: lists the presets, or prints one.

use std::fmt::Write;

use super::super::args::Presets;
use super::super::problem::Problem;
use super::print;
use crate::render::shader::style_presets;
use crate::render::{ABOUT_AUTO, AUTO, Preset, preset_names, preset_text};

pub fn run(args: &Presets) -> Result<u8, Problem> {
    if let Some(name) = &args.name {
        let (text, _) = preset_text(name)?;
        print(&text)?;
        return Ok(0);
    }
    let mut out = format!("{AUTO:<12} {ABOUT_AUTO}\n");
    for name in preset_names() {
        let _ = writeln!(out, "{name:<12} {}", Preset::load(name)?.description);
    }
    for (name, file) in style_presets(&args.style_path) {
        let preset = Preset::load(&file.to_string_lossy())?;
        let _ = writeln!(
            out,
            "{name:<12} {}  [{}]",
            preset.description,
            file.display()
        );
    }
    print(&out)?;
    Ok(0)
}
