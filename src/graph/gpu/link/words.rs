//! What is wrong with a kernel, in words, and what to write instead.

mod glsl;
mod link;
mod names;
mod parse;
mod syntax;
mod validation;

use std::error::Error;
use std::ops::Range;

use super::trace::traced;
use super::{Fault, Linked, Modules};
use crate::nearest::close;

pub use glsl::{of_glsl, of_glsl_validation};
pub use link::{missing_import, of_link, place_of};
pub use parse::of_parse;
pub use syntax::of_syntax_error;
pub use validation::of_validation;

/// A flag where true or false is needed.
const FLAG: &str = "flags are whole numbers, 0 or 1: compare it, as in facts.cut != 0u";
/// A whole number among numbers with a point.
const MIXED: &str = "WGSL does not convert a whole number by itself: write f32(…) around it, vec2f(…) around a vec2i";

/// What is wrong, and what to write instead.
struct Said {
    what: String,
    advice: String,
}

fn said(what: impl Into<String>, advice: impl Into<String>) -> Said {
    Said {
        what: what.into(),
        advice: advice.into(),
    }
}

/// `did you mean NAME?` where one of `known` is close to `name`, or `else_`.
fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, else_: &str) -> String {
    match close(name, known) {
        Some(near) => format!("did you mean {near}?"),
        None => else_.to_owned(),
    }
}

/// The text between the first two backticks.
fn quoted(text: &str) -> &str {
    text.split('`').nth(1).unwrap_or_default()
}

/// Types by their short names: `vec4<f32>` is `vec4f`; and numbers that have no type yet.
fn short(text: &str) -> String {
    let mut out = text.to_owned();
    for size in 2..=4 {
        for (of, ending) in [("f32", "f"), ("i32", "i"), ("u32", "u")] {
            out = out.replace(&format!("vec{size}<{of}>"), &format!("vec{size}{ending}"));
        }
        out = out.replace(
            &format!("vec{size}<{{AbstractFloat}}>"),
            &format!("vec{size}f"),
        );
        out = out.replace(
            &format!("vec{size}<{{AbstractInt}}>"),
            &format!("vec{size}i"),
        );
    }
    out.replace("{AbstractFloat}", "a number with a point")
        .replace("{AbstractInt}", "a whole number")
}

/// What makes `needed` of `given`.
fn conversion(given: &str, needed: &str) -> String {
    let whole = |name: &str| {
        name.ends_with(['i', 'u']) && name.starts_with("vec") || ["i32", "u32"].contains(&name)
    };
    let size = |name: &str| match name.strip_prefix("vec") {
        Some(rest) => rest.chars().next().and_then(|digit| digit.to_digit(10)),
        None => Some(1),
    };
    match (given, needed) {
        ("u32", "bool") => FLAG.to_owned(),
        ("vec3f", "vec4f") => "write vec4f(…, 1.0): the colour, and its alpha".to_owned(),
        ("f32", "vec4f") => "write vec4f(vec3f(…), 1.0): a gray, and its alpha".to_owned(),
        ("vec4f", "vec3f") => "write .rgb after it".to_owned(),
        ("vec4f" | "vec3f", "f32") => "write .r after it, or another of its components".to_owned(),
        _ if size(given) == size(needed) && (whole(given) || whole(needed)) => {
            format!("write {needed}(…) around it")
        }
        _ => format!("make it a {needed}"),
    }
}

/// The fault at the first of `ranges` that comes from a module.
fn fault(said: Said, ranges: Vec<Range<usize>>, linked: &Linked, modules: &Modules) -> Fault {
    let mut places = ranges
        .iter()
        .filter_map(|range| traced(linked, modules, range));
    Fault {
        what: linked.unmangled(&said.what),
        advice: linked.unmangled(&said.advice),
        place: places.next(),
    }
}

/// The last cause of an error, without the numbers and structures of the library.
pub(super) fn cause(error: &dyn Error) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    let text = last.to_string();
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before.trim_end());
        rest = after.split_once(']').map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    if out.contains('{') {
        "the types do not fit here".to_owned()
    } else {
        format!("this is not valid: {out}")
    }
}
