//! `aquatint styles`: lists the styles, or the parameters of one.

use std::fmt::Write;

use serde_json::{Value, json};

use super::super::args::Styles;
use super::super::problem::Problem;
use super::{library, print, print_json};
use crate::graph::style::{Library, Param, Style, strength};
use crate::render::{OutputStyle, output_styles};

pub fn run(args: &Styles) -> Result<u8, Problem> {
    let library = library(&args.style_path)?;
    match (&args.name, args.json) {
        (Some(name), false) => print(&one(&*load(&library, name)?))?,
        (Some(name), true) => print_json(&as_json(&*load(&library, name)?))?,
        (None, json) => {
            let styles = library
                .style_names()
                .iter()
                .map(|name| library.load(name))
                .collect::<Result<Vec<_>, _>>()?;
            if json {
                print_json(
                    &styles
                        .iter()
                        .map(|style| as_json(style))
                        .collect::<Vec<_>>(),
                )?;
            } else {
                let mut out = String::new();
                for style in &styles {
                    let _ = writeln!(out, "{:<12} {}", style.name, style.summary);
                }
                let _ = writeln!(
                    out,
                    "{:<12} Decoded frames go to the encoder unchanged; they bypass the graph",
                    "none"
                );
                print(&out)?;
            }
        }
    }
    Ok(0)
}

/// A style that can be rendered.
fn load(library: &Library, name: &str) -> Result<std::sync::Arc<Style>, Problem> {
    // So that a mistake gives the same error as in a render.
    match output_styles(library, name, &[])?.pop() {
        Some(OutputStyle::Chain(mut chain)) if chain.len() == 1 => Ok(chain.remove(0).style),
        _ => Ok(library.load(name)?),
    }
}

/// The parameters of a style, and the one that every style has.
fn params(style: &Style) -> Vec<Param> {
    style.params.iter().cloned().chain([strength()]).collect()
}

fn as_json(style: &Style) -> Value {
    json!({"name": style.name, "summary": style.summary, "params": params(style)})
}

fn one(style: &Style) -> String {
    let mut out = format!("{}: {}\n\n", style.name, style.summary);
    let params = params(style);
    for param in &params {
        let default = match param.default() {
            crate::graph::style::Value::Path(path) if path.as_os_str().is_empty() => {
                "none".to_owned()
            }
            crate::graph::style::Value::Color(color) => color.to_string(),
            crate::graph::style::Value::Choice(choice) => choice.name,
            value => serde_json::to_string(&value).unwrap_or_default(),
        };
        let _ = writeln!(
            out,
            "  --set {}.{}={default}\n      {} ({})",
            style.name,
            param.name,
            param.help,
            param.accepts()
        );
    }
    if params.iter().any(|param| param.unit == "px") {
        out.push_str(
            "\npx are pixels at 1080 lines; the values scale with the height of the frame.\n",
        );
    }
    out
}
