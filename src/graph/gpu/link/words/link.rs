//! What cannot be linked.

use std::ops::Range;

use super::super::trace::{declared_names, used};
use super::super::{Fault, Modules};
use super::names::unknown_name;
use super::syntax::of_syntax;
use super::{quoted, said, suggestion};
use crate::graph::style::imports;

/// Where a module has the name, and that module: first in those of kernels, then in those they import.
pub fn place_of(modules: &Modules, name: &str) -> Option<(String, Range<usize>)> {
    let own = |path: &&String| path.starts_with("pass_");
    let ordered = modules
        .keys()
        .filter(own)
        .chain(modules.keys().filter(|path| !own(path)));
    let mut found = ordered.filter_map(|path| Some((path.clone(), used(&modules[path], name)?)));
    found.next()
}

/// That the module `of` has no `item`, with the names that it has.
fn no_such_item(modules: &Modules, of: &str, item: &str) -> Fault {
    let names = modules.get(of).map(|text| declared_names(text));
    let names = names.unwrap_or_default();
    let all = format!("it has {}", names.join(", "));
    Fault {
        what: format!(
            "the module package::{} has no {item}",
            of.replace('/', "::")
        ),
        advice: suggestion(item, names.iter().map(String::as_str), &all),
        place: None,
    }
}

/// The first import of a name that its module does not have. The linker does not look at names that are imported and not used,
/// so that only the use of the right name would be told.
pub fn missing_import(modules: &Modules) -> Option<Fault> {
    modules.iter().find_map(|(path, text)| {
        let missing = imports(text).into_iter().find(|import| {
            let module = modules.get(&import.module);
            module.is_some_and(|text| !declared_names(text).iter().any(|name| name == import.item))
        })?;
        Some(Fault {
            place: Some((path.clone(), missing.bytes)),
            ..no_such_item(modules, &missing.module, missing.item)
        })
    })
}

/// A module or a name in it that cannot be linked.
pub fn of_link(error: wesl::Error, modules: &Modules) -> Fault {
    let (error, detail) = match error {
        wesl::Error::Error(diagnostic) => (*diagnostic.error, Some(diagnostic.detail)),
        error => (error, None),
    };
    let module = detail
        .as_ref()
        .and_then(|detail| detail.module_path.as_ref());
    let module = module.map(|path| path.components.join("/"));
    let span = detail.as_ref().and_then(|detail| detail.span.as_ref());
    let place = module.zip(span.map(|span| span.range()));
    match error {
        wesl::Error::ParseError(parse) => {
            let text = place.as_ref().and_then(|(module, _)| modules.get(module));
            let (said, moved) = of_syntax(
                &parse.error,
                parse.span.range(),
                text.map_or("", String::as_str),
            );
            Fault {
                what: said.what,
                advice: said.advice,
                place: place.map(|(module, _)| (module, moved)),
            }
        }
        wesl::Error::ImportError(wesl::ImportError::MissingDecl(path, name)) => {
            let fault = no_such_item(modules, &path.components.join("/"), &name);
            Fault {
                place: place.or_else(|| place_of(modules, &name)),
                ..fault
            }
        }
        wesl::Error::ResolveError(wesl::ResolveError::ModuleNotFound(path, _))
        | wesl::Error::ImportError(wesl::ImportError::ResolveError(
            wesl::ResolveError::ModuleNotFound(path, _),
        )) => {
            let last = path.components.last().cloned().unwrap_or_default();
            let whole = path.to_string();
            let advice = match whole.starts_with("package") || whole.starts_with("super") {
                true => format!(
                    "write import {path}::NAME; at the top of the file, and look at the module's name"
                ),
                // Paths of WGSL begin at the library, or at the folder of the file.
                false => format!(
                    "write import package::{path}::NAME; for a module of the library, import super::{last}::NAME; for one beside the file"
                ),
            };
            Fault {
                what: format!("there is no module {path}, or it is not imported"),
                advice,
                place: place.or_else(|| place_of(modules, &last)),
            }
        }
        wesl::Error::ValidateError(wrong) => {
            let text = place.as_ref().and_then(|(module, _)| modules.get(module));
            // Types of functions have no place of their own.
            let name = quoted(&wrong.to_string()).to_owned();
            let said = match wrong {
                wesl::ValidateError::UndefinedSymbol(name) => unknown_name(&name, text),
                wesl::ValidateError::ParamCount(name, needed, given) => said(
                    format!("{name} takes {needed} arguments, and is given {given}"),
                    "",
                ),
                wesl::ValidateError::Duplicate(name) => {
                    let what = format!("`{name}` is declared twice");
                    said(what, "give one of them another name")
                }
                other => said(plain(&other.to_string()), ""),
            };
            Fault {
                what: said.what,
                advice: said.advice,
                place: place.or_else(|| place_of(modules, &name)),
            }
        }
        other => Fault {
            what: plain(&other.to_string()),
            advice: String::new(),
            place,
        },
    }
}

/// `text` without the escape sequences for terminal colours.
fn plain(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.find('m').map_or("", |end| &part[end + 1..]));
    }
    out
}
