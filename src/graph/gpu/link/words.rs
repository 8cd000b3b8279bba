//! What is wrong with a kernel, in words, and what to write instead.

use std::error::Error;
use std::ops::Range;

use naga::front::Typifier;
use naga::front::wgsl::ParseError;
use naga::proc::ResolveContext;
use naga::valid::{CallError, EntryPointError, ExpressionError, FunctionError, ValidationError};
use naga::{Handle, Module, ScalarKind, TypeInner, VectorSize, WithSpan};
use wgsl_parse::error::ErrorKind;

use super::trace::{declared_names, locals, traced, used};
use super::{Fault, Linked, Modules};
use crate::frame::Facts;
use crate::nearest::nearest;

/// A flag where true or false is needed.
const FLAG: &str = "flags are whole numbers, 0 or 1: compare it, as in facts.cut != 0u";
/// A whole number among numbers with a point.
const MIXED: &str = "WGSL does not convert a whole number by itself: write f32(…) around it, vec2f(…) around a vec2i";
/// Both signs of logic: WGSL has no order of them.
const LOGIC: &str = "WGSL needs brackets around one of them: (a && b) || c";
/// Functions of WGSL that kernels use, to suggest one.
const BUILT_IN: [&str; 56] = [
    "abs",
    "acos",
    "all",
    "any",
    "asin",
    "atan",
    "atan2",
    "bitcast",
    "bool",
    "ceil",
    "clamp",
    "cos",
    "cross",
    "degrees",
    "distance",
    "dot",
    "exp",
    "exp2",
    "f32",
    "floor",
    "fma",
    "fract",
    "i32",
    "inverseSqrt",
    "length",
    "log",
    "log2",
    "max",
    "min",
    "mix",
    "normalize",
    "pow",
    "radians",
    "reflect",
    "round",
    "saturate",
    "select",
    "sign",
    "sin",
    "smoothstep",
    "sqrt",
    "step",
    "tan",
    "tanh",
    "trunc",
    "u32",
    "vec2f",
    "vec2i",
    "vec2u",
    "vec3f",
    "vec3i",
    "vec3u",
    "vec4f",
    "vec4i",
    "vec4u",
    "package",
];

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

/// `did you mean "NAME"?`, or `else_`.
fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, else_: &str) -> String {
    match nearest(name, known) {
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
            let of = path.components.join("/");
            let names = modules
                .get(&of)
                .map(|text| declared_names(text))
                .unwrap_or_default();
            let all = format!("it has {}", names.join(", "));
            Fault {
                what: format!("the module {path} has no {name}"),
                advice: suggestion(&name, names.iter().map(String::as_str), &all),
                place: place.or_else(|| place_of(modules, &name)),
            }
        }
        wesl::Error::ResolveError(wesl::ResolveError::ModuleNotFound(path, _))
        | wesl::Error::ImportError(wesl::ImportError::ResolveError(
            wesl::ResolveError::ModuleNotFound(path, _),
        )) => {
            let last = path.components.last().cloned().unwrap_or_default();
            Fault {
                what: format!("there is no module {path}, or it is not imported"),
                advice: format!(
                    "write import {path}::NAME; at the top of the file, and look at the module's name"
                ),
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
fn of_syntax(error: &ErrorKind, bytes: Range<usize>, text: &str) -> (Said, Range<usize>) {
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
            (said(what, "give it another name"), clamped(bytes))
        }
        other => (said(other.to_string(), ""), clamped(bytes)),
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

/// What is said of a name that `module` does not know.
fn unknown_name(name: &str, module: Option<&String>) -> Said {
    let names = module.map(|text| names_in(text, name)).unwrap_or_default();
    let similar = |known: &&str| strsim::normalized_damerau_levenshtein(name, known) > 0.7;
    let built_in = BUILT_IN.into_iter().filter(similar);
    let known = names.iter().map(String::as_str).chain(built_in);
    said(
        format!("there is no `{name}`"),
        suggestion(name, known, "declare it with let, var or fn, or import it"),
    )
}

/// The names that a kernel may mean by `wrong`: those it declares, and the accessors of its inputs.
fn names_in(text: &str, wrong: &str) -> Vec<String> {
    let mut names: Vec<String> = locals(text);
    let declared = declared_names(text);
    for input in declared
        .iter()
        .filter_map(|name| name.strip_suffix("_extent"))
    {
        names.extend(
            ["_at", "_near", "_mirrored", "_sample", "_between", "_field"]
                .map(|suffix| format!("{input}{suffix}")),
        );
    }
    names.extend(declared);
    names.retain(|name| !name.contains("_texture") && name != wrong);
    names
}

/// The names of the parameters of a kernel.
fn members_of_params(text: &str) -> Vec<String> {
    let Some((_, rest)) = text.split_once("struct Params {\n") else {
        return Vec::new();
    };
    let fields = rest.split('}').next().unwrap_or_default().lines();
    let names = fields.filter_map(|line| line.trim().split(':').next());
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The short name of a type.
fn type_name(inner: &TypeInner) -> String {
    let scalar = |kind: ScalarKind| match kind {
        ScalarKind::Sint => "i32",
        ScalarKind::Uint => "u32",
        ScalarKind::Float | ScalarKind::AbstractFloat => "f32",
        ScalarKind::AbstractInt => "i32",
        ScalarKind::Bool => "bool",
    };
    match inner {
        TypeInner::Scalar(of) => scalar(of.kind).to_owned(),
        TypeInner::Vector { size, scalar: of } => {
            let size = match size {
                VectorSize::Bi => 2,
                VectorSize::Tri => 3,
                VectorSize::Quad => 4,
            };
            match of.kind {
                ScalarKind::Bool => format!("vec{size}<bool>"),
                kind => format!("vec{size}{}", &scalar(kind)[..1]),
            }
        }
        TypeInner::Matrix { columns, rows, .. } => {
            format!("mat{}x{}f", *columns as u8, *rows as u8)
        }
        TypeInner::Struct { .. } => "a struct".to_owned(),
        TypeInner::Array { .. } => "an array".to_owned(),
        TypeInner::Image { .. } => "a texture".to_owned(),
        _ => "another type".to_owned(),
    }
}

/// A function that is wrong, and the types of its expressions.
struct Within<'a> {
    module: &'a Module,
    function: &'a naga::Function,
    name: String,
}

impl Within<'_> {
    fn type_of(&self, expression: Handle<naga::Expression>) -> String {
        let Self {
            module, function, ..
        } = self;
        let context =
            ResolveContext::with_locals(module, &function.local_variables, &function.arguments);
        let mut types = Typifier::new();
        match types.grow(expression, &function.expressions, &context) {
            Ok(()) => match types.get(expression, &module.types) {
                // What a variable holds.
                TypeInner::Pointer { base, .. } => type_name(&module.types[*base].inner),
                TypeInner::ValuePointer {
                    size: None, scalar, ..
                } => type_name(&TypeInner::Scalar(*scalar)),
                inner => type_name(inner),
            },
            Err(_) => "another type".to_owned(),
        }
    }

    fn type_called(&self, handle: Handle<naga::Type>) -> String {
        type_name(&self.module.types[handle].inner)
    }

    fn say(&self, error: &FunctionError) -> Option<Said> {
        let name = &self.name;
        Some(match error {
            FunctionError::InvalidReturnType {
                expression: None,
                expected_ty: Some(needed),
            } => {
                let needed = self.type_called(*needed);
                said(
                    format!("fn {name} does not return a {needed} at its end"),
                    format!(
                        "end it with return, as in return {needed}(…); if a return stands in an if, one must follow it"
                    ),
                )
            }
            FunctionError::InvalidReturnType {
                expression: Some(given),
                expected_ty: Some(needed),
            } => {
                let (given, needed) = (self.type_of(*given), self.type_called(*needed));
                said(
                    format!("fn {name} returns {needed}, and this is {given}"),
                    conversion(&given, &needed),
                )
            }
            FunctionError::InvalidReturnType {
                expression: Some(given),
                expected_ty: None,
            } => {
                let given = self.type_of(*given);
                said(
                    format!("fn {name} declares no type that it returns, and this is {given}"),
                    format!("write -> {given} after its parameters"),
                )
            }
            FunctionError::InvalidIfType(given) => {
                let given = self.type_of(*given);
                said(
                    format!("the condition is {given}, and must be true or false"),
                    conversion(&given, "bool"),
                )
            }
            FunctionError::InvalidCall { function, error } => {
                let called = self.module.functions[*function]
                    .name
                    .clone()
                    .unwrap_or_default();
                match error {
                    CallError::ArgumentType {
                        index,
                        required,
                        seen_expression,
                    } => {
                        let (given, needed) =
                            (self.type_of(*seen_expression), self.type_called(*required));
                        said(
                            format!(
                                "argument {} of {called} is {given}, and must be {needed}",
                                index + 1
                            ),
                            conversion(&given, &needed),
                        )
                    }
                    CallError::ArgumentCount { required, seen } => {
                        let count = |count: usize| {
                            format!("{count} argument{}", if count == 1 { "" } else { "s" })
                        };
                        said(
                            format!("{called} takes {}, and is given {seen}", count(*required)),
                            "",
                        )
                    }
                    _ => return None,
                }
            }
            FunctionError::InvalidStoreTypes { pointer, value } => {
                let (needed, given) = (self.type_of(*pointer), self.type_of(*value));
                said(
                    format!("this is {given}, and is stored in a variable of {needed}"),
                    conversion(&given, &needed),
                )
            }
            FunctionError::Expression { source, .. } => return self.say_expression(source),
            _ => return None,
        })
    }

    fn say_expression(&self, error: &ExpressionError) -> Option<Said> {
        Some(match error {
            ExpressionError::InvalidBinaryOperandTypes {
                lhs_type, rhs_type, ..
            } => {
                let (left, right) = (type_name(lhs_type), type_name(rhs_type));
                let float =
                    |name: &str| name == "f32" || name.starts_with("vec") && name.ends_with('f');
                let advice = if left == "bool" || right == "bool" {
                    "true and false are compared, not counted: write select(0.0, 1.0, condition)"
                } else if float(&left) != float(&right) {
                    MIXED
                } else if float(&left)
                    || left.ends_with('i') == right.ends_with('i')
                        && left.starts_with("vec")
                        && right.starts_with("vec")
                {
                    "both need as many components: .rgb of a vec4f is a vec3f, vec4f(…, 1.0) makes a vec4f of a vec3f"
                } else {
                    "i32 and u32 do not mix: write u32(…) or i32(…) around one of them"
                };
                said(format!("{left} and {right} do not go together"), advice)
            }
            ExpressionError::SelectConditionNotABool { actual } => {
                let given = type_name(actual);
                said(
                    format!("the condition of select is {given}, and must be true or false"),
                    conversion(&given, "bool"),
                )
            }
            ExpressionError::InvalidUnaryOperandType(_, operand) => {
                let given = self.type_of(*operand);
                let advice = if given == "u32" { FLAG } else { "" };
                said(format!("this operator cannot work with {given}"), advice)
            }
            other if other.to_string().starts_with("Abstract types") => {
                said("a whole number and a number with a point meet here", MIXED)
            }
            _ => return None,
        })
    }
}

/// The last cause of an error, without the numbers and structures of the library.
fn cause(error: &dyn Error) -> String {
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

/// The part of the text that an error calls `label`.
fn range_called(error: &WithSpan<ValidationError>, label: &str) -> Option<Range<usize>> {
    let mut spans = error.spans();
    let (span, _) = spans.find(|(_, known)| known == label)?;
    span.to_range()
}

/// Where `function` returns a value that was given a name before: the library knows only where the value was made.
fn returned(
    function: &naga::Function,
    value: Handle<naga::Expression>,
    ranges: &[Range<usize>],
    linked: &Linked,
) -> Option<Range<usize>> {
    let name = match &function.expressions[value] {
        naga::Expression::FunctionArgument(index) => {
            function.arguments[*index as usize].name.as_ref()?
        }
        _ => function.named_expressions.get(&value)?,
    };
    let whole = ranges.last()?;
    let text = linked.wgsl.get(whole.clone())?;
    let words = format!("return {name};");
    let at = whole.start + text.find(&words)? + "return ".len();
    Some(at..at + name.len())
}

/// What WGSL forbids in a text that can be read.
pub fn of_validation(
    error: &WithSpan<ValidationError>,
    module: &Module,
    linked: &Linked,
    modules: &Modules,
) -> Fault {
    let mut ranges: Vec<Range<usize>> = error
        .spans()
        .filter_map(|(span, _)| span.to_range())
        .collect();
    // The smallest part is what is meant; the largest is the whole function.
    ranges.sort_by_key(ExactSizeIterator::len);
    if let Some(call) = range_called(error, "invalid function call") {
        // A value that was given a name before: the call is wrong, not where the value was made.
        ranges.retain(|range| range.start >= call.start && range.end <= call.end);
        ranges.push(call);
    }
    let within = |function, name: &str| Within {
        module,
        function,
        name: name.to_owned(),
    };
    let words = match error.as_inner() {
        ValidationError::Function {
            handle,
            name,
            source,
        } => {
            if matches!(
                source,
                FunctionError::InvalidReturnType {
                    expression: None,
                    ..
                }
            ) {
                // The whole function: its first line.
                let header = |range: &mut Range<usize>| {
                    let body = linked
                        .wgsl
                        .get(range.clone())
                        .and_then(|text| text.find('{'));
                    range.end = body.map_or(range.end, |at| range.start + at);
                };
                ranges.iter_mut().for_each(header);
            }
            if let FunctionError::InvalidReturnType {
                expression: Some(value),
                ..
            } = source
                && let Some(at) = returned(&module.functions[*handle], *value, &ranges, linked)
            {
                ranges = vec![at];
            }
            within(&module.functions[*handle], name).say(source)
        }
        ValidationError::EntryPoint {
            name,
            source: EntryPointError::Function(source),
            ..
        } => {
            let entry = module.entry_points.iter().find(|entry| entry.name == *name);
            entry.and_then(|entry| within(&entry.function, name).say(source))
        }
        _ => None,
    };
    let words = words.unwrap_or_else(|| said(short(&cause(error)), ""));
    fault(words, ranges, linked, modules)
}
