//! Divisions by what can be 0: the result is infinite or no number, and devices do different things with it.

use std::ops::Range;

use super::{Finding, Text};

pub const CODE: &str = "unguarded-division";

const ADVICE: &str = "the result is then infinite or no number, and each device does something else with it\n\
    write max(…, 0.0001) around the divisor, or add a small number to it, or choose with select";

/// Accessors that read a pixel or a word, which may be 0.
const READS: [&str; 10] = [
    "_here",
    "_at",
    "_near",
    "_mirrored",
    "_field",
    "_sample",
    "_between",
    "_value",
    "_word",
    "_trilinear",
];
/// How many names are followed to their values.
const DEEPEST: usize = 4;

/// Whether a divisor can be 0.
enum Zero {
    Never,
    /// Why.
    Maybe(String),
    Unknown,
}

pub fn check(text: &Text<'_>) -> Vec<Finding> {
    let words = &text.words;
    let mut found = Vec::new();
    for index in 0..words.words.len() {
        if words.at(index) != "/" {
            continue;
        }
        let start = index + 1 + usize::from(words.at(index + 1) == "=");
        let divisor = match start == index + 1 {
            true => start..operand(text, start),
            // All that follows divides.
            false => start..words.statement(start).end,
        };
        if is_guarded(text, index, divisor.clone()) {
            continue;
        }
        if let Zero::Maybe(why) = zero(text, divisor.clone(), 0) {
            let message = format!("this division can be by 0: {why}");
            found.push(text.warns(CODE, divisor, message, ADVICE));
        }
    }
    found
}

/// The end of the operand of `/` that begins at `start`.
fn operand(text: &Text<'_>, start: usize) -> usize {
    let words = &text.words;
    let mut at = start;
    while ["-", "!", "~", "&", "*"].contains(&words.at(at)) {
        at += 1;
    }
    at = match words.number(at) {
        Some((_, length)) => return at + length,
        None if words.at(at) == "(" => words.close(at) + 1,
        None => at + 1,
    };
    loop {
        match words.at(at) {
            "(" | "[" => at = words.close(at) + 1,
            ":" if words.at(at + 1) == ":" => at += 3,
            "." => at += 2,
            _ => return at.min(words.words.len()),
        }
    }
}

/// Whether a condition about a name in the divisor stands around it: `select` in the same statement, or an `if` before it.
fn is_guarded(text: &Text<'_>, index: usize, divisor: Range<usize>) -> bool {
    let words = &text.words;
    if words.has_call(words.statement(index), &["select"]) {
        return true;
    }
    let is_name = |word: &&str| word.starts_with(|c: char| c.is_alphabetic());
    let names: Vec<&str> = words.words[divisor]
        .iter()
        .copied()
        .filter(is_name)
        .collect();
    let function = words.function(index);
    let conditions = (function.start..index).filter(|at| words.words[*at] == "if");
    conditions.into_iter().any(|at| {
        let open = (at..index)
            .find(|at| words.words[*at] == "{")
            .unwrap_or(index);
        words.words[at..open].iter().any(|word| {
            names.contains(word) && !["params", "r", "g", "b", "x", "y", "z", "w"].contains(word)
        })
    })
}

fn zero(text: &Text<'_>, range: Range<usize>, depth: usize) -> Zero {
    let words = &text.words;
    let (mut start, mut end) = (range.start, range.end);
    while start < end && words.at(start) == "-" {
        start += 1;
    }
    while start < end && words.at(start) == "(" && words.close(start) == end - 1 {
        (start, end) = (start + 1, end - 1);
    }
    if start >= end || depth > DEEPEST {
        return Zero::Unknown;
    }
    let sum = words.parts(start..end, "+");
    if sum.len() > 1 {
        let positive = |part: &Range<usize>| {
            words
                .number(part.start)
                .is_some_and(|(value, length)| value > 0.0 && part.start + length == part.end)
        };
        return if sum.iter().any(positive) {
            Zero::Never
        } else {
            Zero::Unknown
        };
    }
    if words.parts(start..end, "-").len() > 1 || words.parts(start..end, "/").len() > 1 {
        return Zero::Unknown;
    }
    let product = words.parts(start..end, "*");
    if product.len() > 1 {
        let mut all_never = true;
        for factor in product {
            match zero(text, factor, depth) {
                Zero::Maybe(why) => return Zero::Maybe(why),
                Zero::Unknown => all_never = false,
                Zero::Never => {}
            }
        }
        return if all_never {
            Zero::Never
        } else {
            Zero::Unknown
        };
    }
    if let Some((value, length)) = words.number(start) {
        return match (start + length == end, value == 0.0) {
            (true, true) => Zero::Maybe("it is the number 0".to_owned()),
            (true, false) => Zero::Never,
            _ => Zero::Unknown,
        };
    }
    let name = words.at(start);
    if name == "params" && words.at(start + 1) == "." {
        return of_param(text, words.at(start + 2));
    }
    if words.at(start + 1) == "(" {
        return of_call(text, name, start, depth);
    }
    // A name, perhaps with a component after it.
    match words.value_of(name, start) {
        Some(value) if words.at(start + 1) != ":" => zero(text, value, depth + 1),
        _ => Zero::Unknown,
    }
}

fn of_call(text: &Text<'_>, name: &str, at: usize, depth: usize) -> Zero {
    let words = &text.words;
    let arguments = words.arguments(at + 1);
    let never =
        |argument: &Range<usize>| matches!(zero(text, argument.clone(), depth), Zero::Never);
    match name {
        "max" if arguments.iter().any(never) => Zero::Never,
        "clamp" if arguments.get(1).is_some_and(never) => Zero::Never,
        "exp" | "exp2" | "cosh" => Zero::Never,
        "length" | "distance" => Zero::Maybe(format!("a {name} is 0 where nothing lies between")),
        "f32" | "i32" | "u32" | "vec2f" | "vec3f" | "vec4f" | "abs" | "sqrt"
            if arguments.len() == 1 =>
        {
            zero(text, arguments[0].clone(), depth)
        }
        _ if READS
            .iter()
            .any(|suffix| name.len() > suffix.len() && name.ends_with(suffix)) =>
        {
            Zero::Maybe(format!("{name}() can give 0, as black does"))
        }
        _ => Zero::Unknown,
    }
}

/// A parameter, by its range. What the pass sets is not looked into.
fn of_param(text: &Text<'_>, name: &str) -> Zero {
    let set = |pass: &crate::graph::style::Pass| pass.set.iter().any(|(known, _)| known == name);
    if text.passes.iter().any(|(pass, _)| set(pass)) {
        return Zero::Unknown;
    }
    let param = text.style.params.iter().find(|param| param.name == name);
    match param.and_then(|param| param.range()) {
        Some((min, max)) if min > 0.0 || max < 0.0 => Zero::Never,
        Some((min, max)) => Zero::Maybe(format!("params.{name} may be {min} to {max}")),
        None => Zero::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::CODE;
    use crate::render::shader::check::tests::{coded, found, of_kernel};

    fn places(body: &str) -> Vec<Option<(usize, usize)>> {
        let kernel = format!("fn pixel(at: vec2i) -> vec4f {{\n{body}\n}}\n");
        of_kernel(&kernel, CODE)
            .into_iter()
            .map(|(_, place)| place)
            .collect()
    }

    #[test]
    fn divisors_that_can_be_0_are_found_and_guarded_ones_are_not() {
        for bad in [
            "return vec4f(1.0) / image_here().r;",
            "let c = image_here(); let d = c.g; return vec4f(1.0) / d;",
            "let p = vec2f(at); return vec4f((p / length(p)).x);",
            "var c = image_here(); c /= image_at(at + vec2i(1, 0)); return c;",
        ] {
            assert_eq!(places(bad).len(), 1, "{bad}");
        }
        assert_eq!(
            places("    return image_here() / (2.0 * image_at(at + vec2i(0, 1)).r);"),
            [Some((2, 27))]
        );
        for good in [
            "return image_here() / 3.0;",
            "return image_here() / max(image_here().r, 0.001);",
            "return image_here() / (image_here().r + 0.001);",
            "return image_here() / f32(image_extent().x);",
            "let c = image_here(); if (c.r <= 0.0) { return c; } return vec4f(1.0) / c.r;",
            "let c = image_here().r; return vec4f(select(0.0, 1.0 / c, c > 0.0));",
            "let d = max(image_here().r, 0.001); return vec4f(1.0) / d;",
            "// a / image_here().r\nreturn image_here();",
        ] {
            assert_eq!(places(good), [], "{good}");
        }
    }

    #[test]
    fn the_range_of_a_parameter_says_whether_it_can_be_0() {
        let of_range = |range: &str| {
            let manifest = format!(
                "summary = 's'\n[param.a]\ndefault = 1.0\nrange = {range}\nhelp = 'h'\n[[pass]]\nkernel = 'k'\nin = {{ image = 'source' }}\nout = 'result'\n"
            );
            let kernel = "fn pixel(at: vec2i) -> vec4f { return image_here() / params.a; }\n";
            coded(
                &found(&[("style.toml", &manifest), ("k.wgsl", kernel)]),
                CODE,
            )
            .len()
        };
        assert_eq!(of_range("[0.0, 2.0]"), 1);
        assert_eq!(of_range("[0.5, 2.0]"), 0);
    }
}
