//! What WGSL forbids in a text that can be read.

use std::ops::Range;

use naga::front::Typifier;
use naga::proc::ResolveContext;
use naga::valid::{
    CallError, EntryPointError, ExpressionError, FunctionError, LocalVariableError, ValidationError,
};
use naga::{Handle, Module, ScalarKind, TypeInner, VectorSize, WithSpan};

use super::super::{Fault, Linked, Modules};
use super::{FLAG, MIXED, Said, cause, conversion, fault, said, short};
use crate::graph::style::tokens;

/// What a fragment shader may do and a compute shader may not, and what a kernel does instead.
const OF_FRAGMENTS: [(&[&str], &str); 3] = [
    (
        &[
            "dpdx",
            "dpdy",
            "fwidth",
            "dpdxCoarse",
            "dpdyCoarse",
            "fwidthCoarse",
            "dpdxFine",
            "dpdyFine",
            "fwidthFine",
        ],
        "take the difference of two pixels of an input: image_at(at + vec2i(1, 0)) - image_at(at)",
    ),
    (
        &["discard"],
        "every pixel of the picture is made: return its colour",
    ),
    (
        &["textureSample", "textureSampleBias"],
        "read an input by image_at(p) or image_sample(uv)",
    ),
];

/// The first word of the linked text that only fragment shaders may use, and what is said of it.
fn of_fragments(linked: &Linked) -> Option<(Said, Range<usize>)> {
    let text = &linked.wgsl;
    tokens(text).into_iter().find_map(|word| {
        let mut known = OF_FRAGMENTS.iter();
        let (_, advice) = known.find(|(words, _)| words.contains(&word))?;
        let at = word.as_ptr() as usize - text.as_ptr() as usize;
        let what = format!("`{word}` is for fragment shaders, and a kernel is a compute shader");
        Some((said(what, *advice), at..at + word.len()))
    })
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
            FunctionError::LocalVariable {
                handle,
                name: variable,
                source: LocalVariableError::InitializerType,
            } => {
                let local = &self.function.local_variables[*handle];
                let needed = self.type_called(local.ty);
                let given = local.init.map(|init| self.type_of(init));
                said(
                    format!(
                        "`{variable}` is declared as {needed}, and its value is {}",
                        given.as_deref().unwrap_or("of another type")
                    ),
                    given.map_or_else(String::new, |given| conversion(&given, &needed)),
                )
            }
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

/// What is said of an error in a function or an entry point of `module`; none where there are no words for it.
pub fn in_words(error: &ValidationError, module: &Module) -> Option<Said> {
    let within = |function, name: &str| Within {
        module,
        function,
        name: name.to_owned(),
    };
    match error {
        ValidationError::Function {
            handle,
            name,
            source,
        } => within(&module.functions[*handle], name).say(source),
        ValidationError::EntryPoint {
            name,
            source: EntryPointError::Function(source),
            ..
        } => {
            let entry = module.entry_points.iter().find(|entry| entry.name == *name);
            within(&entry?.function, name).say(source)
        }
        _ => None,
    }
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
    match error.as_inner() {
        ValidationError::Function { handle, source, .. } => {
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
        }
        ValidationError::EntryPoint {
            source: EntryPointError::ForbiddenStageOperations,
            ..
        } => {
            if let Some((said, at)) = of_fragments(linked) {
                return fault(said, vec![at], linked, modules);
            }
        }
        _ => {}
    }
    let words = in_words(error.as_inner(), module);
    let words = words.unwrap_or_else(|| said(short(&cause(error)), ""));
    fault(words, ranges, linked, modules)
}
