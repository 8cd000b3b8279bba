//! Loops that nothing ends, and loops over a fixed number of pixels that are not there in a smaller picture.

use std::ops::Range;

use super::{Finding, Text};

pub const ENDLESS: &str = "endless-loop";
pub const PAST: &str = "loop-past-frame";

const ENDLESS_ADVICE: &str = "a picture that it was not written for can keep it going, and drivers stop a device that works for some seconds\n\
    count its turns, and end it at a number: for (var turn = 0; turn < 64; turn++)";

/// From so many turns on a loop is one over pixels of a whole row or column.
const MANY: f64 = 64.0;
/// Accessors at a place that the kernel computes.
const READS: [&str; 4] = ["_at", "_near", "_mirrored", "_field"];

pub fn check(text: &Text<'_>) -> Vec<Finding> {
    let words = &text.words;
    let mut found = Vec::new();
    for index in 0..words.words.len() {
        let head = |end: &str| (index..words.words.len()).find(|at| words.at(*at) == end);
        match words.at(index) {
            keyword @ ("loop" | "while") => {
                let Some(open) = head("{") else { continue };
                let whole = index..words.close(open) + 1;
                if !is_counted(text, whole) {
                    let message = format!("nothing says how often this {keyword} runs at the most");
                    found.push(text.warns(ENDLESS, index..open, message, ENDLESS_ADVICE));
                }
            }
            "for" if words.at(index + 1) == "(" => {
                let close = words.close(index + 1);
                let parts = words.parts(index + 2..close, ";");
                let [start, condition, _] = &parts[..] else {
                    if parts.len() < 3 && !is_counted(text, index..words.close(close + 1) + 1) {
                        let message = "nothing says how often this for runs at the most";
                        found.push(text.warns(ENDLESS, index..close + 1, message, ENDLESS_ADVICE));
                    }
                    continue;
                };
                let body = close + 1..words.close(close + 1);
                found.extend(past_frame(text, start, condition, body));
            }
            _ => {}
        }
    }
    found
}

/// Whether something that is counted up or down is compared with something in these words: itself, or a copy of it, as
/// translated kernels have one for each use.
fn is_counted(text: &Text<'_>, whole: Range<usize>) -> bool {
    let words = &text.words;
    // The variable that `name` is a copy of: let name = variable;
    let copied = |name: &str| {
        let mut places = whole.clone();
        let found = places.find(|at| {
            words.at(*at) == "let" && words.at(at + 1) == name && words.at(at + 4) == ";"
        })?;
        Some(words.at(found + 3))
    };
    let counters = whole.clone().filter_map(|at| {
        let (sign, next) = (words.at(at), words.at(at + 1));
        let counts = matches!((sign, next), ("+", "+" | "=") | ("-", "-" | "="));
        (counts && at > whole.start).then(|| words.at(at - 1))
    });
    // counter = (copy + 1);
    let steps = whole.clone().filter_map(|at| {
        let sum = words.at(at + 1) == "=" && words.at(at + 2) == "(";
        let steps = sum && matches!(words.at(at + 4), "+" | "-") && words.number(at + 5).is_some();
        (steps && copied(words.at(at + 3)) == Some(words.at(at))).then(|| words.at(at))
    });
    let mut counters = counters.chain(steps);
    counters.any(|counter| {
        whole.clone().any(|at| {
            let compares = |at: usize| ["<", ">", "="].contains(&words.at(at));
            let compared = compares(at + 1) && words.at(at + 1) != "="
                || at > 0 && compares(at - 1) && words.at(at - 1) != "=";
            compared && (words.at(at) == counter || copied(words.at(at)) == Some(counter))
        })
    })
}

/// A loop to a large number, whose counter is a place that is read.
fn past_frame(
    text: &Text<'_>,
    start: &Range<usize>,
    condition: &Range<usize>,
    body: Range<usize>,
) -> Option<Finding> {
    let words = &text.words;
    let counter = start
        .clone()
        .find(|at| words.at(*at) == "var")
        .map(|at| words.at(at + 1))?;
    let (limit, length) = condition.clone().find_map(|at| words.number(at))?;
    let number = condition.clone().find(|at| words.number(*at).is_some())?;
    let others = condition.len() - length;
    // `x < 1920`, and nothing else in the condition.
    if limit < MANY || others > 3 || words.at(condition.start) != counter {
        return None;
    }
    let is_read = |name: &str| {
        READS
            .iter()
            .any(|suffix| name.len() > suffix.len() && name.ends_with(suffix))
    };
    let mut reads = body
        .clone()
        .filter(|at| is_read(words.at(*at)) && words.at(at + 1) == "(");
    let read = reads.find(|at| words.words[at + 1..words.close(at + 1)].contains(&counter))?;
    let asks = |within: Range<usize>| {
        words.words[within].iter().any(|word| {
            word.ends_with("_extent") || *word == "extent" || *word == "min" || *word == "clamp"
        })
    };
    if asks(body) {
        return None;
    }
    let name = words.at(read);
    let name = READS
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name);
    let message = format!("this loop runs to {limit}, also where the picture is smaller");
    let advice = format!(
        "beyond the picture {} reads the last pixel again and again\nwrite {counter} < min({limit}, {name}_extent().x), or .y",
        words.at(read)
    );
    Some(text.warns(PAST, number..number + length, message, &advice))
}

#[cfg(test)]
mod tests {
    use super::{ENDLESS, PAST};
    use crate::render::shader::check::tests::of_kernel;

    fn count(body: &str, code: &str) -> usize {
        of_kernel(
            &format!(
                "fn pixel(at: vec2i) -> vec4f {{\nvar c = image_here();\n{body}\nreturn c;\n}}\n"
            ),
            code,
        )
        .len()
    }

    #[test]
    fn loops_without_a_limit_are_found() {
        for bad in [
            "while (c.r < 0.5) { c *= 1.5; }",
            "loop { c *= 0.5; if (c.r < 0.1) { break; } }",
            "for (;;) { c *= 0.5; if (c.r < 0.1) { break; } }",
        ] {
            assert_eq!(count(bad, ENDLESS), 1, "{bad}");
        }
        for good in [
            "for (var k = 0; k < 8; k++) { c *= 0.5; }",
            "var k = 0; while (k < 8 && c.r < 0.5) { c *= 1.5; k++; }",
            "var k = 0; loop { c *= 0.5; k += 1; if (k >= 8) { break; } }",
        ] {
            assert_eq!(count(good, ENDLESS), 0, "{good}");
        }
    }

    #[test]
    fn loops_over_pixels_that_may_not_be_there_are_found() {
        assert_eq!(
            count(
                "for (var x = 0; x < 1920; x++) { c += image_at(vec2i(x, at.y)); }",
                PAST
            ),
            1
        );
        for good in [
            "for (var x = 0; x < image_extent().x; x++) { c += image_at(vec2i(x, at.y)); }",
            "for (var x = 0; x < min(1920, image_extent().x); x++) { c += image_at(vec2i(x, at.y)); }",
            "for (var x = -4; x <= 4; x++) { c += image_at(at + vec2i(x, 0)); }",
            "for (var x = 0; x < 1000; x++) { c *= 0.999; }",
        ] {
            assert_eq!(count(good, PAST), 0, "{good}");
        }
    }
}
