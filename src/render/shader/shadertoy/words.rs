//! The names in a GLSL text.

use std::ops::Range;

/// A name in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    pub text: &'a str,
    pub bytes: Range<usize>,
    /// Whether a macro of this name is defined here.
    pub defined: bool,
}

/// The names of `source`, keywords too, without those in comments.
pub fn words(source: &str) -> Vec<Word<'_>> {
    let mut found: Vec<Word<'_>> = Vec::new();
    let mut at = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        let until = |end: Option<usize>| end.unwrap_or(rest.len());
        if rest.starts_with("//") {
            at += until(rest.find('\n'));
        } else if rest.starts_with("/*") {
            at += until(rest.find("*/").map(|end| end + 2));
        } else {
            let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let length = until(rest.find(|c| !inside(c)));
            if length == 0 {
                at += rest.chars().next().map_or(1, char::len_utf8);
                continue;
            }
            let text = &rest[..length];
            // A number, with its letters, is none.
            if !text.starts_with(|first: char| first.is_ascii_digit()) {
                let defined = found.last().is_some_and(|last| last.text == "define");
                let bytes = at..at + length;
                found.push(Word {
                    text,
                    bytes,
                    defined,
                });
            }
            at += length;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn names_are_found_outside_of_comments() {
        let text = "#define T(p) p.xy // iDate\n/* iDate\n*/ vec2 a = 1e4*T(b_2); // ü\nµ end";
        let found: Vec<&str> = words(text).iter().map(|word| word.text).collect();
        assert_eq!(
            found,
            [
                "define", "T", "p", "p", "xy", "vec2", "a", "T", "b_2", "end"
            ]
        );
        let defined = words(text).into_iter().filter(|word| word.defined);
        let defined: Vec<&str> = defined.map(|word| &text[word.bytes]).collect();
        assert_eq!(defined, ["T"]);
        assert_eq!(words("/* open"), []);
        assert_eq!(words("/"), []);
    }
}
