//! What is wrong with GLSL, in words.

use naga::Module;
use naga::front::glsl::ErrorKind;
use naga::valid::ValidationError;

use super::validation::in_words;
use super::{MIXED, Said, cause, quoted, said};

/// The types of WGSL in what is said of expressions, and those of GLSL. The longer names come first.
const TYPES: [(&str, &str); 15] = [
    ("mat2x2f", "mat2"),
    ("mat3x3f", "mat3"),
    ("mat4x4f", "mat4"),
    ("vec2f", "vec2"),
    ("vec3f", "vec3"),
    ("vec4f", "vec4"),
    ("vec2i", "ivec2"),
    ("vec3i", "ivec3"),
    ("vec4i", "ivec4"),
    ("vec2u", "uvec2"),
    ("vec3u", "uvec3"),
    ("vec4u", "uvec4"),
    ("f32", "float"),
    ("i32", "int"),
    ("u32", "uint"),
];

/// What is said of GLSL that cannot be read; `shown` is the text at its place, `before` that before it.
pub fn of_glsl(error: &ErrorKind, shown: &str, before: &str) -> (String, String) {
    let Said { what, advice } = match error {
        ErrorKind::EndOfFile => said("the file ends too early", "a } or ; is missing"),
        ErrorKind::InvalidToken(_, expected) => {
            let expects = |sign: &str| expected.iter().any(|known| known.to_string() == sign);
            let found = match shown {
                "" => "the end of the file".to_owned(),
                shown => format!("`{shown}`"),
            };
            let advice = if expects("Semicolon") {
                let last = before.trim_end().lines().last().unwrap_or_default().trim();
                format!("a `;` is missing before it, after `{last}`")
            } else if expects("RightParen") {
                "a `)` is missing before it".to_owned()
            } else if expects("RightBracket") {
                "a `]` is missing before it".to_owned()
            } else {
                "something is missing before it, or it is too much".to_owned()
            };
            said(format!("unexpected {found}"), advice)
        }
        ErrorKind::UnknownVariable(name) => said(
            format!("there is no `{name}`"),
            "declare it, as in float x = 1.0;, and look at how it is written",
        ),
        ErrorKind::UnknownType(name) => said(
            format!("there is no type `{name}`"),
            "the types are float, int, uint, bool, vec2 to vec4, ivec2 to ivec4, mat2 to mat4, and structs of the shader",
        ),
        ErrorKind::UnknownField(name) => said(
            format!("there is no `.{name}` here"),
            "a vector has .x .y .z .w, also called .r .g .b .a",
        ),
        ErrorKind::VariableAlreadyDeclared(name) => said(
            format!("`{name}` is declared twice"),
            "give one of them another name",
        ),
        ErrorKind::NotImplemented(what) => said(
            format!("{what}: this part of GLSL is not known"),
            "write it in another way",
        ),
        ErrorKind::PreprocessorError(error) => of_preprocessor(&format!("{error:?}")),
        ErrorKind::SemanticError(text) => of_meaning(text),
        other => said(other.to_string(), "write it in another way"),
    };
    (what, advice)
}

/// What is said of a line that begins with `#`, or of a macro; `error` is the name that the library has for it.
fn of_preprocessor(error: &str) -> Said {
    match error {
        "TooFewDefineArguments" | "TooManyDefineArguments" => said(
            "the macro is given another number of values than its #define has",
            "give it as many as stand in the brackets of its #define",
        ),
        "UnfinishedBlock" => said("an #if has no #endif", "write #endif at its end"),
        "ElifOutsideOfBlock"
        | "ElseOutsideOfBlock"
        | "EndifOutsideOfBlock"
        | "ElifAfterElse"
        | "MoreThanOneElse" => said(
            "#elif, #else or #endif stands where no #if is open",
            "look at the #if before it",
        ),
        "DefineRedefined" => said(
            "a macro is defined twice",
            "give one of them another name, or write #undef before the second",
        ),
        "UnknownDirective" => said(
            "this line with # is not known",
            "write #define, #if, #ifdef, #else or #endif, or remove it",
        ),
        "ErrorDirective" => said("#error stands here", "remove it, or the #if around it"),
        _ => said(
            "this line with #, or this macro, cannot be read",
            "write it in a simpler way",
        ),
    }
}

/// What is said of GLSL that has the right form; `text` is what the library says.
fn of_meaning(text: &str) -> Said {
    let name = text.split(['\'', '"']).nth(1).unwrap_or_default();
    if text.starts_with("Unknown function") {
        return said(
            format!("there is no function `{name}` for values of these types"),
            "look at how it is written, and how many values of which types it takes; a function of your own stands above its first use",
        );
    }
    if text.starts_with("Ambiguous best function") {
        return said(
            format!("`{name}` has several forms that these values fit"),
            "make all values of one type: write 1.0 instead of 1",
        );
    }
    if text.contains("swizzle") || text.starts_with("Can't lookup field") {
        return said(
            format!("there is no `.{name}` here"),
            "a vector has .x .y .z .w, also called .r .g .b .a",
        );
    }
    if text.contains("left hand side") || text.contains("LHS") {
        return said(
            "this cannot be assigned to",
            "assign to a variable, or to one component of it",
        );
    }
    if text.starts_with("Cannot apply op") || text.starts_with("Cannot convert") {
        return said(
            "these types do not go together",
            "both must be of one type, or one a float",
        );
    }
    let plain = !text.contains(['{', '[']);
    match (plain, quoted(text)) {
        (true, "") => said(text, "write it in another way"),
        (true, name) => said(format!("{text}: `{name}`"), "write it in another way"),
        (false, _) => said("this is no GLSL", "write it in another way"),
    }
}

/// What is said of GLSL that can be read, and is not valid.
pub fn of_glsl_validation(error: &ValidationError, module: &Module) -> (String, String) {
    let words = in_words(error, module);
    let words = words.unwrap_or_else(|| said(cause(error), "write it in another way"));
    let own = |text: &str| {
        TYPES.iter().fold(text.to_owned(), |text, (wgsl, glsl)| {
            text.replace(wgsl, glsl)
        })
    };
    let advice = match words.advice.as_str() {
        MIXED => "write float(…) around the whole number, or 1.0 instead of 1".to_owned(),
        "" => "write it in another way".to_owned(),
        advice if advice.starts_with("write -> ") => {
            "a void function returns nothing: write return; alone".to_owned()
        }
        advice => own(advice),
    };
    let what = own(&words.what).replace("fn ", "");
    (what, advice)
}
