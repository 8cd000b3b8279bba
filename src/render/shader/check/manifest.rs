//! What is wrong with a manifest, and what it says to no effect, as findings.

use std::ops::Range;

use super::{Finding, Severity};
use crate::graph::style::{Library, Place, Style, StyleError};

/// An error of the folder `name`.
pub fn of_error(library: &Library, name: &str, error: &StyleError) -> Finding {
    let (text, file) = library.manifest(name).unwrap_or(("", name));
    let error_at = |file: &str, code, message: &str| {
        let (what, advice) = message.split_once("\n  ").unwrap_or((message, ""));
        Finding::new(file, Severity::Error, code, what.trim(), advice.trim())
    };
    match error {
        StyleError::Manifest { message, .. } | StyleError::Pass { message, .. } => {
            // What the reader of TOML says has the line in it, which is shown anyway.
            let last = message.trim().lines().last().unwrap_or_default();
            let message = match message.starts_with("TOML parse error")
                || message.contains(": TOML parse error")
            {
                true => last,
                false => message,
            };
            let found = error_at(file, "manifest", message);
            match Style::place_of(text, error) {
                Some(bytes) => found.at(text, &bytes),
                None => found,
            }
        }
        StyleError::Kernel {
            kernel,
            place,
            message,
        } => {
            // The line below the first is shown anyway.
            let what = message.lines().next().unwrap_or_default();
            let found = error_at(kernel, "unknown-name", what);
            let own = library.kernels_of(name).into_iter();
            let mut own = own.filter(|path| library.origin(path) == Some(kernel));
            match (own.next().and_then(|path| library.text(path)), place) {
                (Some(text), Some(place)) => found.at(text, &bytes_of(text, place)),
                _ => found,
            }
        }
        other => error_at(file, "manifest", &other.to_string()),
    }
}

/// The bytes of a place.
pub fn bytes_of(text: &str, place: &Place) -> Range<usize> {
    let before = text.split_inclusive('\n').take(place.line - 1);
    let start: usize = before.map(str::len).sum();
    let after = |count: usize, from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.char_indices()
            .nth(count)
            .map_or(text.len(), |(at, _)| from + at)
    };
    let first = after(place.column - 1, start);
    first..after(place.length, first)
}

/// What the folder of `style` says or holds to no effect.
pub fn warnings(library: &Library, style: &Style) -> Vec<Finding> {
    let Some((text, file)) = library.manifest(&style.name) else {
        return Vec::new();
    };
    style
        .warnings
        .iter()
        .map(|warning| of_warning(library, text, file, warning))
        .collect()
}

/// The kinds of warnings, by words of them, and what is done about them.
pub const KINDS: [(&str, &str, &str); 7] = [
    (
        "nothing uses the parameter",
        "unused-parameter",
        "use it in an expression, or read params.NAME in a kernel, or remove it",
    ),
    (
        "is given an input",
        "unread-input",
        "remove it from `in`, or read it in the kernel; a pass that is given less is made of fewer images",
    ),
    (
        " sets ",
        "unused-value",
        "remove it from `set`, or read it in the kernel as params.NAME",
    ),
    (
        ".wgsl: no pass runs it",
        "unused-file",
        "remove the file, or name it in a pass",
    ),
    (
        "nothing reads",
        "unread-image",
        "let a pass read it, or remove what makes it",
    ),
    (
        " imports package::",
        "foreign-import",
        "a copy of a style keeps the imports of the original: change them to super::",
    ),
    (
        "two folders have this name",
        "same-name",
        "rename one of them",
    ),
];

fn of_warning(library: &Library, text: &str, file: &str, warning: &str) -> Finding {
    let kind = KINDS.iter().find(|(words, ..)| warning.contains(words));
    let (code, advice) = kind.map_or(("manifest", ""), |(_, code, advice)| (*code, *advice));
    let found = |file: &str| Finding::new(file, Severity::Warning, code, warning, advice);
    let kernel = warning.split(' ').find_map(|word| {
        word.split(".wgsl")
            .next()
            .filter(|stem| word.contains(".wgsl") && stem.contains('/'))
    });
    if let ("unused-file" | "foreign-import", Some(path)) = (code, kernel) {
        return found(library.origin(path).unwrap_or(file));
    }
    let name = warning.split('"').nth(1).unwrap_or_default();
    let place = match code {
        "unused-parameter" => {
            let header = format!("[param.{name}]");
            let at = text.find(&header).map(|at| at..at + header.len());
            at.or_else(|| Style::place_named(text, &format!("{header}:")))
        }
        "unread-image" => ["out = ", "[image.", "[lut.", "[history."]
            .iter()
            .flat_map(|before| ["\"", "'", ""].map(|quote| format!("{before}{quote}{name}")))
            .find_map(|words| text.find(&words).map(|at| at..at + words.len())),
        _ => kernel.and_then(|path| {
            let stem = path.rsplit('/').next()?;
            Style::place_in_pass_of(text, stem, name)
        }),
    };
    match place {
        Some(bytes) => found(file).at(text, &bytes),
        None => found(file),
    }
}

/// The look-up tables beside the manifest that cannot be read.
pub fn files(library: &Library, style: &Style) -> Vec<Finding> {
    let (text, file) = library.manifest(&style.name).unwrap_or(("", ""));
    let tables = style
        .luts
        .iter()
        .filter_map(|lut| Some((&lut.name, lut.own.as_deref()?)));
    // A Hald CLUT is a picture, which is read when it is rendered with.
    let tables = tables.filter(|(_, table)| !table.ends_with(".png"));
    let wrong = tables.filter_map(|(name, table)| {
        let error = library.lut(table).err()?.to_string();
        let (what, advice) = error.split_once('\n').unwrap_or((&error, ""));
        let found = Finding::new(file, Severity::Error, "file", what, advice.trim());
        Some(
            match Style::place_named(text, &format!("[lut.{name}]: default")) {
                Some(bytes) => found.at(text, &bytes),
                None => found,
            },
        )
    });
    wrong.collect()
}
