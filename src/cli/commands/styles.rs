//! `aquatint styles`: lists the styles, or the parameters of one style or building block.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::json;

use super::super::args::Styles;
use super::super::problem::Problem;
use super::{named, print, print_json};
use crate::graph::style::{self, Library, NO_STYLE, Param, Style};
use crate::render::{
    ABOUT_NO_STYLE, OutputStyle, broken_styles, is_block, output_styles, params_of, style_facts,
};

pub fn run(args: &Styles) -> Result<u8, Problem> {
    let asked = args.name.as_deref().unwrap_or_default();
    let (library, name) = named(&args.style_path, asked)?;
    match (args.name.is_some(), args.json) {
        (true, false) => print(&one(&library, &*load(&library, &name)?))?,
        (true, true) => print_json(&style_facts(&library, &*load(&library, &name)?))?,
        (false, json) => {
            let broken = broken_styles(&library);
            let is_sound = |name: &&str| broken.iter().all(|(other, _)| other != *name);
            let names = library.style_names();
            let names = names
                .iter()
                .map(String::as_str)
                .chain(own_generators(&library));
            let styles = names.filter(is_sound).map(|name| library.load(name));
            let styles = styles.collect::<Result<Vec<_>, _>>()?;
            if json {
                let styles = styles.iter().map(|style| style_facts(&library, style));
                let broken = broken
                    .iter()
                    .map(|(name, error)| json!({"name": name, "error": error}));
                print_json(&styles.chain(broken).collect::<Vec<_>>())?;
            } else {
                print(&list(&library, &styles, &broken))?;
            }
        }
    }
    Ok(0)
}

/// Where a style of the user's own comes from; none for a built-in one.
fn origin(library: &Library, style: &Style) -> Option<String> {
    let folder = library.folder_of(&style.name)?;
    let folder = folder.display();
    Some(match Library::is_built_in(&style.name) {
        true => format!("{folder}, in place of the built-in one"),
        false => folder.to_string(),
    })
}

/// A line for each style, and what is wrong with those that are broken.
fn list(library: &Library, styles: &[Arc<Style>], broken: &[(String, String)]) -> String {
    let mut out = String::new();
    for style in styles {
        let note = match style.generates() {
            true => " (makes pictures of its own: it cannot be applied to a video)",
            false => "",
        };
        let from = origin(library, style).map_or(String::new(), |from| format!("  [{from}]"));
        let _ = writeln!(out, "{:<12} {}{note}{from}", style.name, style.summary);
    }
    let _ = writeln!(out, "{NO_STYLE:<12} {ABOUT_NO_STYLE}");
    if !broken.is_empty() {
        out.push_str("\nThese cannot be used:\n");
    }
    for (name, error) in broken {
        let why = error.trim_end().replace('\n', "\n  ");
        let _ = writeln!(out, "{name}\n  {why}");
    }
    out
}

/// The author's folders that make pictures without an input.
fn own_generators(library: &Library) -> impl Iterator<Item = &str> {
    let top = library.own_folders().filter(|name| !name.contains('/'));
    top.filter(|name| library.load(name).is_ok_and(|style| style.generates()))
}

/// A style that can be rendered, or a building block.
fn load(library: &Library, name: &str) -> Result<Arc<Style>, Problem> {
    if name.contains('/') && library.folders().any(|folder| folder == name) {
        return Ok(library.load(name)?);
    }
    // So that a mistake gives the same error as in a render.
    match output_styles(library, name, &[])?.pop() {
        Some(OutputStyle::Chain(mut chain)) if chain.len() == 1 => Ok(chain.remove(0).style),
        _ => Ok(library.load(name)?),
    }
}

/// A default as it is written.
fn default_of(param: &Param) -> String {
    match param.default() {
        style::Value::Path(path) if path.as_os_str().is_empty() => "none".to_owned(),
        style::Value::Color(color) => color.to_string(),
        style::Value::Choice(choice) => choice.name,
        value => serde_json::to_string(&value).unwrap_or_default(),
    }
}

fn one(library: &Library, style: &Style) -> String {
    let mut out = format!("{}: {}\n", style.name, style.summary);
    let least = style.requires.iter();
    let least = least.map(|least| ("needs", format!("aquatint {least} or later")));
    let said = [("author", &style.author), ("licence", &style.licence)];
    let said = said.into_iter().filter(|(_, value)| !value.is_empty());
    let mends = (!style.mends.is_empty()).then(|| ("mends", style.mends.join(", ")));
    let said = said.map(|(key, value)| (key, value.clone()));
    let said = said.chain(least).chain(mends);
    let from = origin(library, style).map(|from| ("from", from));
    for (key, value) in said.chain(from) {
        let _ = writeln!(out, "{key}: {value}");
    }
    out.push('\n');
    let params = params_of(style);
    if is_block(style) {
        let _ = writeln!(out, "{}\n", use_of(style));
    }
    for param in &params {
        let name = match is_block(style) {
            true => format!("{}: {}", param.name, default_of(param)),
            false => format!("--set {}.{}={}", style.name, param.name, default_of(param)),
        };
        let _ = writeln!(out, "  {name}\n      {} ({})", param.help, param.accepts());
    }
    if params.iter().any(|param| param.unit == "px") {
        out.push_str(match is_block(style) {
            // A pass gives pixels of its own picture: those of the user are scaled already.
            true => "\npx are pixels of the picture.\n",
            false => {
                "\npx are pixels at 1080 lines; the values scale with the height of the frame.\n"
            }
        });
    }
    for warning in &style.warnings {
        let _ = writeln!(out, "\nwarning: {warning}");
    }
    out
}

/// How a manifest uses a building block: its inputs.
fn use_of(style: &Style) -> String {
    let inputs = style.inputs.iter();
    let inputs: Vec<String> = inputs.map(|input| format!("{input} = \"…\"")).collect();
    let inputs = match inputs.is_empty() {
        true => String::new(),
        false => format!("  in = {{ {} }}\n", inputs.join(", ")),
    };
    format!(
        "  [[pass]]\n  use = \"{}\"\n{inputs}  out = \"…\"",
        style.name
    )
}
