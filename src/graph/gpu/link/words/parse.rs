//! What naga cannot read as WGSL.

use std::ops::Range;

use naga::front::wgsl::ParseError;

use super::super::trace::traced;
use super::super::{Fault, Linked, Modules};
use super::names::{members_of_params, unknown_name};
use super::{MIXED, conversion, fault, quoted, said, short, suggestion};
use crate::frame::Facts;

/// What naga cannot read as WGSL.
pub fn of_parse(error: &ParseError, linked: &Linked, modules: &Modules) -> Fault {
    let labels = error
        .labels()
        .filter_map(|(span, text)| Some((span.to_range()?, text)));
    let labels: Vec<(Range<usize>, &str)> = labels.collect();
    let ranges: Vec<Range<usize>> = labels.iter().map(|(range, _)| range.clone()).collect();
    let place = ranges
        .first()
        .and_then(|range| traced(linked, modules, range));
    let message = error.message();
    let name = quoted(message);
    let types = |text: &str| {
        let parts = text.split('`').skip(1).step_by(2);
        parts.map(short).collect::<Vec<String>>()
    };
    let said = if message.starts_with("no definition in scope") {
        let module = place.as_ref().and_then(|(module, _)| modules.get(module));
        unknown_name(name, module)
    } else if message.starts_with("failed to convert expression to a concrete type") {
        said("a whole number and a number with a point meet here", MIXED)
    } else if message.starts_with("automatic conversions cannot convert") {
        match types(message).as_slice() {
            [given, needed] => said(
                format!("this is {given}, and {needed} is needed"),
                conversion(given, needed),
            ),
            _ => said(short(message), MIXED),
        }
    } else if message.starts_with("the type of") {
        match types(message).as_slice() {
            [name, needed, given] => said(
                format!("`{name}` is declared as {needed}, and its value is {given}"),
                format!("{}, or leave the type out", conversion(given, needed)),
            ),
            _ => said(short(message), ""),
        }
    } else if message.contains("passed as argument #") {
        let number = message
            .split('#')
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        let number = number.unwrap_or_default();
        let has_type = |text: &&str| text.contains("argument #") && text.contains("type");
        let given = labels
            .iter()
            .map(|(_, text)| *text)
            .find(has_type)
            .unwrap_or_default();
        let given = given.rsplit("type").next().unwrap_or_default();
        let given = short(given.trim().trim_matches('`'));
        let allowed = error
            .notes()
            .filter_map(|note| note.strip_prefix("allowed type: "));
        let mut allowed: Vec<String> = allowed.map(short).collect();
        allowed.retain(|known| {
            !known.contains("f16") && !known.contains("f64") && !known.contains("number")
        });
        allowed.dedup();
        let whole = given == "i32"
            || given == "u32"
            || given.starts_with("vec") && given.ends_with(['i', 'u']);
        let advice = if whole && allowed.iter().any(|known| known.contains('f')) {
            MIXED.to_owned()
        } else {
            match allowed.as_slice() {
                [] => String::new(),
                [one] => format!("it must be {one}: write {one}(…) around it"),
                many => format!("it must be one of {}", many.join(", ")),
            }
        };
        said(
            format!("argument {number} of {} is {given}", quoted(message)),
            advice,
        )
    } else if message.starts_with("invalid left-hand side") {
        let constant = error
            .notes()
            .find_map(|note| note.contains("with `var`").then(|| quoted(note)));
        match constant {
            Some(name) => said(
                format!("`{name}` is declared with let, and so it cannot change"),
                format!("declare it by var {name} = …;"),
            ),
            None => said(
                "this cannot be assigned to",
                "assign to a variable, or to one component of it",
            ),
        }
    } else if message.starts_with("cannot cast") {
        let words: Vec<String> = message
            .split(" a ")
            .skip(1)
            .map(|part| short(part.trim_end_matches(" to")))
            .collect();
        match words.as_slice() {
            [given, needed] => said(
                format!("a {given} does not make a {needed}"),
                conversion(given, needed),
            ),
            _ => said(short(message), ""),
        }
    } else if message.starts_with("invalid field accessor") {
        let params = modules.values().flat_map(|text| members_of_params(text));
        let facts = Facts::TABLE.iter().map(|fact| fact.name.to_owned());
        let known: Vec<String> = facts.chain(params).collect();
        said(
            format!("there is no `.{name}` here"),
            suggestion(
                name,
                known.iter().map(String::as_str),
                "a vector has .x .y .z .w, also called .r .g .b .a",
            ),
        )
    } else if message.contains("needs a template argument") {
        said(
            format!("`{name}` needs the type of its components"),
            format!("write {name}f for floats, {name}i or {name}u for whole numbers"),
        )
    } else if message.starts_with("redefinition of") {
        said(
            format!("`{name}` is declared twice"),
            "give one of them another name",
        )
    } else {
        said(
            short(message),
            error.notes().map(short).collect::<Vec<_>>().join("; "),
        )
    };
    // A redefinition is shown where it is, not where the first one is.
    let ranges = match message.starts_with("redefinition of") {
        true => ranges
            .into_iter()
            .max_by_key(|range| range.start)
            .into_iter()
            .collect(),
        false => ranges,
    };
    fault(said, ranges, linked, modules)
}
