//! What does not follow the grammar of WGSL.

use std::ops::Range;

use wgsl_parse::error::ErrorKind;

use super::super::Fault;
use super::{Said, said};

/// Both signs of logic: WGSL has no order of them.
const LOGIC: &str = "WGSL needs brackets around one of them: (a && b) || c";
/// Types of GLSL and HLSL, which stand before a name there, and those of WGSL.
const TYPES: [(&str, &str); 26] = [
    ("bool", "bool"),
    ("f32", "f32"),
    ("float", "f32"),
    ("float2", "vec2f"),
    ("float3", "vec3f"),
    ("float4", "vec4f"),
    ("i32", "i32"),
    ("int", "i32"),
    ("ivec2", "vec2i"),
    ("ivec3", "vec3i"),
    ("ivec4", "vec4i"),
    ("mat2", "mat2x2f"),
    ("mat3", "mat3x3f"),
    ("mat4", "mat4x4f"),
    ("u32", "u32"),
    ("uint", "u32"),
    ("uvec2", "vec2u"),
    ("uvec3", "vec3u"),
    ("uvec4", "vec4u"),
    ("vec2", "vec2f"),
    ("vec2f", "vec2f"),
    ("vec3", "vec3f"),
    ("vec3f", "vec3f"),
    ("vec4", "vec4f"),
    ("vec4f", "vec4f"),
    ("void", ""),
];

/// Whether `c` stands in a name.
fn in_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The word that `text` ends in; empty where it ends in a sign.
fn last_word(text: &str) -> &str {
    let start = text
        .char_indices()
        .rev()
        .take_while(|(_, c)| in_name(*c))
        .last();
    start.map_or("", |(at, _)| &text[at..])
}

/// Whether `before` ends in the head of an `if`, `for` or `while`, or in `else`, so that a block must follow.
fn misses_braces(before: &str) -> bool {
    if last_word(before) == "else" {
        return true;
    }
    let is_head = |word: &str| ["if", "for", "while"].contains(&word);
    // A condition in brackets, and what stands before them.
    if before.ends_with(')') {
        let mut depth = 0;
        for (at, c) in before.char_indices().rev() {
            match c {
                ')' => depth += 1,
                '(' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return is_head(last_word(before[..at].trim_end()));
            }
        }
    }
    // A condition without them: from the beginning of the statement.
    let start = before.rfind([';', '{', '}']).map_or(0, |at| at + 1);
    let statement = before[start..].trim_start();
    let first: String = statement.chars().take_while(|c| in_name(*c)).collect();
    is_head(&first) && statement.len() > first.len()
}

/// What is written as other languages have it at `shown`, which stands at `bytes` after `before`; `outside` of all functions.
fn of_other_languages(
    text: &str,
    before: &str,
    shown: &str,
    bytes: &Range<usize>,
    outside: bool,
) -> Option<(Said, Range<usize>)> {
    let line = before.rsplit('\n').next().unwrap_or_default();
    if line.trim_start().starts_with('#') || shown.starts_with('#') {
        let start = before.len() - line.trim_start().len();
        let at = match shown.starts_with('#') {
            true => bytes.clone(),
            false => start..bytes.end.min(text.len()),
        };
        let said = said(
            "WGSL has no lines that begin with #",
            "write const NAME = …; for a number, fn NAME(…) for a macro, import package::FOLDER::FILE::NAME; for an include",
        );
        return Some((said, at));
    }
    let statement = before.rsplit(';').next().unwrap_or_default().trim_start();
    if outside && statement.starts_with("import") || statement.starts_with("import ") {
        let said = said(
            format!("unexpected `{shown}` in an import"),
            "write import package::FOLDER::FILE::NAME; or, for a file beside it, import super::FILE::NAME;",
        );
        return Some((said, bytes.start.min(text.len())..bytes.end.min(text.len())));
    }
    let name = |text: &str| !text.is_empty() && !text.starts_with(|c: char| c.is_ascii_digit());
    // TYPE NAME: the type was taken for a name, or a declaration was expected.
    let (of, called, start) = match TYPES.iter().any(|(known, _)| *known == shown) {
        true => {
            let rest = text.get(bytes.end..).unwrap_or_default().trim_start();
            let called: String = rest.chars().take_while(|c| in_name(*c)).collect();
            (shown, called, bytes.start)
        }
        false => {
            let of = last_word(before);
            (of, shown.to_owned(), before.len() - of.len())
        }
    };
    let (_, here) = TYPES.iter().find(|(known, _)| *known == of)?;
    if !name(&called) || !called.chars().all(in_name) {
        return None;
    }
    let after = text.get(start..).unwrap_or_default();
    let after = after
        .split_once(called.as_str())
        .map_or("", |(_, rest)| rest);
    let at = start..(start + of.len()).min(text.len());
    let what = format!("WGSL does not begin with the type `{of}` here");
    let advice = match (after.trim_start().starts_with('('), outside, *here) {
        (true, true, "") => format!("a function is written fn {called}(x: f32)"),
        (true, true, here) => format!("a function is written fn {called}(x: f32) -> {here}"),
        (_, _, "") => return None,
        (_, true, here) => format!("a constant is written const {called}: {here} = …;"),
        (_, false, here) => format!(
            "a variable is declared by let {called}: {here} = …; (a constant) or var {called}: {here} = …;"
        ),
    };
    Some((said(what, advice), at))
}

/// What does not follow the grammar in `module`.
pub fn of_syntax_error(error: &wgsl_parse::Error, module: &str, source: &str) -> Fault {
    let (said, bytes) = of_syntax(&error.error, error.span.range(), source);
    Fault {
        what: said.what,
        advice: said.advice,
        place: Some((module.to_owned(), bytes)),
    }
}

/// What does not follow the grammar, at `bytes` of `text`; and where to show it.
pub fn of_syntax(error: &ErrorKind, bytes: Range<usize>, text: &str) -> (Said, Range<usize>) {
    let clamped = |bytes: Range<usize>| bytes.start.min(text.len())..bytes.end.min(text.len());
    let before = text.get(..bytes.start).unwrap_or(text).trim_end();
    let shown = text.get(bytes.clone()).unwrap_or_default();
    match error {
        ErrorKind::UnexpectedToken { expected, .. } => {
            let expects = |sign: &str| expected.iter().any(|known| known == &format!("\"{sign}\""));
            let same_line = !text
                .get(before.len()..bytes.start)
                .unwrap_or_default()
                .contains('\n');
            let last = before.chars().last().map_or(0, char::len_utf8);
            if before.ends_with('?') {
                let at = before.len() - last..before.len();
                return (
                    said(
                        "WGSL has no `? :`",
                        "write select(if_false, if_true, condition)",
                    ),
                    at,
                );
            }
            if expects(";") && !same_line && !expects("fn") {
                let at = before.len() - last..before.len();
                return (
                    said("a `;` is missing after this", "end the statement with `;`"),
                    at,
                );
            }
            if let Some(found) = of_other_languages(text, before, shown, &bytes, expects("fn")) {
                return found;
            }
            if expects("{") && misses_braces(before) {
                return (
                    said(
                        "WGSL needs braces here, also around one statement",
                        "write { before it and } after its `;`",
                    ),
                    clamped(bytes),
                );
            }
            let word = shown.starts_with(|c: char| c.is_alphabetic() || c == '_');
            if word && expects("=") && expects("(") {
                let advice = format!(
                    "a variable is declared by let {shown} = …; (a constant) or var {shown} = …;"
                );
                return (
                    said(format!("unexpected `{shown}`"), advice),
                    clamped(bytes),
                );
            }
            if ["&&", "||"].contains(&shown) {
                let said = said("`&&` and `||` stand together", LOGIC);
                return (said, clamped(bytes));
            }
            if ["&", "|", "^", "<<", ">>"].contains(&shown) {
                let what = format!("`{shown}` stands beside another operator");
                let advice = "WGSL needs brackets around one of them: (a << b) | c";
                return (said(what, advice), clamped(bytes));
            }
            let braces = shown == "}" && expects("fn");
            let advice = if braces {
                "there is one } too many before it or here"
            } else {
                ""
            };
            (
                said(format!("unexpected `{shown}`"), advice),
                clamped(bytes),
            )
        }
        ErrorKind::UnexpectedEof { .. } => {
            let last = before.chars().last().map_or(0, char::len_utf8);
            let at = before.len() - last..before.len();
            (said("the file ends too early", "a } or ; is missing"), at)
        }
        ErrorKind::ReservedWord(word) => {
            let what = format!("`{word}` is a reserved word of WGSL");
            let advice = match word.as_str() {
                "mod" => "write a % b; GLSL's mod(a, b) is a - b * floor(a / b)",
                "uniform" => {
                    "make it a parameter, [param.NAME] in style.toml, and read params.NAME"
                }
                _ => "give it another name",
            };
            (said(what, advice), clamped(bytes))
        }
        other => (said(other.to_string(), ""), clamped(bytes)),
    }
}
