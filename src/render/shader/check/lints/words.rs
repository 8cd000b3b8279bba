//! The words of a WGSL text, and how they belong together.

use std::ops::Range;

use crate::graph::style::tokens;

/// The words and signs of a text.
pub struct Words<'a> {
    text: &'a str,
    pub words: Vec<&'a str>,
}

impl<'a> Words<'a> {
    pub fn of(text: &'a str) -> Self {
        Self {
            text,
            words: tokens(text),
        }
    }

    /// The word at this place; empty beyond the last one.
    pub fn at(&self, index: usize) -> &'a str {
        self.words.get(index).copied().unwrap_or("")
    }

    /// The bytes of these words, from the first to the last.
    pub fn bytes(&self, words: Range<usize>) -> Range<usize> {
        let offset = |word: &str| word.as_ptr() as usize - self.text.as_ptr() as usize;
        match (
            self.words.get(words.start),
            self.words.get(words.end.saturating_sub(1)),
        ) {
            (Some(first), Some(last)) => offset(first)..offset(last) + last.len(),
            _ => 0..0,
        }
    }

    /// Whether the word at `index` and those after it are these.
    pub fn are(&self, index: usize, words: &[&str]) -> bool {
        self.words.get(index..index + words.len()) == Some(words)
    }

    /// The place of the bracket that closes the one at `open`; the end where there is none.
    pub fn close(&self, open: usize) -> usize {
        let mut depth = 0usize;
        for index in open..self.words.len() {
            match self.words[index] {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return index;
                    }
                }
                _ => {}
            }
        }
        self.words.len()
    }

    /// The places of calls of `name` in `within`: of the name.
    pub fn calls(&self, within: Range<usize>, name: &str) -> Vec<usize> {
        let called = |index: &usize| self.words[*index] == name && self.at(index + 1) == "(";
        within.filter(called).collect()
    }

    /// Whether one of `names` is called in `within`.
    pub fn has_call(&self, within: Range<usize>, names: &[&str]) -> bool {
        names
            .iter()
            .any(|name| !self.calls(within.clone(), name).is_empty())
    }

    /// The function around a word: the words from `fn` to its last brace. All words where there is none.
    pub fn function(&self, index: usize) -> Range<usize> {
        let mut begin = (0..=index.min(self.words.len().saturating_sub(1))).rev();
        let Some(begin) = begin.find(|at| self.words[*at] == "fn") else {
            return 0..self.words.len();
        };
        let open = (begin..self.words.len()).find(|at| self.words[*at] == "{");
        let end = open.map_or(self.words.len(), |open| self.close(open) + 1);
        match index < end {
            true => begin..end.min(self.words.len()),
            false => 0..self.words.len(),
        }
    }

    /// The statement around a word: the words between the nearest `;`, `{` or `}` before and after it.
    pub fn statement(&self, index: usize) -> Range<usize> {
        let ends = |at: &usize| [";", "{", "}"].contains(&self.words[*at]);
        let start = (0..index).rev().find(ends).map_or(0, |at| at + 1);
        let end = (index..self.words.len()).find(ends);
        start..end.unwrap_or(self.words.len())
    }

    /// What `let name = …;` gives a name, in the function around `index` and before it: the words of the value.
    pub fn value_of(&self, name: &str, index: usize) -> Option<Range<usize>> {
        let function = self.function(index);
        let declared = (function.start..index)
            .rev()
            .find(|at| self.words[*at] == "let" && self.at(at + 1) == name)?;
        let statement = self.statement(declared + 1);
        let equals = (statement.start..statement.end).find(|at| self.words[*at] == "=")?;
        Some(equals + 1..statement.end)
    }

    /// The number that a literal of several words begins with at `index`, and how many words it has.
    pub fn number(&self, index: usize) -> Option<(f64, usize)> {
        let whole = self.at(index);
        if !whole.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let mut text = whole.to_owned();
        let mut length = 1;
        if self.at(index + 1) == "." {
            text.push('.');
            length = 2;
            if self.at(index + 2).starts_with(|c: char| c.is_ascii_digit()) {
                text.push_str(self.at(index + 2));
                length = 3;
            }
        }
        if text.ends_with('e') && ["-", "+"].contains(&self.at(index + length)) {
            text.push_str(self.at(index + length));
            text.push_str(self.at(index + length + 1));
            length += 2;
        }
        let hexadecimal = text.strip_prefix("0x");
        let digits = text.trim_end_matches(['f', 'u', 'i', 'h']);
        let value = match hexadecimal {
            Some(digits) => {
                i64::from_str_radix(digits.trim_end_matches(['u', 'i']), 16).ok()? as f64
            }
            None => digits.parse().ok()?,
        };
        Some((value, length))
    }

    /// The arguments of the call whose `(` is at `open`.
    pub fn arguments(&self, open: usize) -> Vec<Range<usize>> {
        self.parts(open + 1..self.close(open), ",")
    }

    /// `within` cut at a sign that stands in no brackets.
    pub fn parts(&self, within: Range<usize>, sign: &str) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut depth = 0i32;
        let mut start = within.start;
        for index in within.clone() {
            match self.words[index] {
                "(" | "[" => depth += 1,
                ")" | "]" => depth -= 1,
                word if word == sign && depth == 0 => {
                    parts.push(start..index);
                    start = index + 1;
                }
                _ => {}
            }
        }
        if start < within.end {
            parts.push(start..within.end);
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_values_are_read() {
        let words =
            Words::of("fn f() { let a = 1.5e-3; let b = max(0x10u, 3u) + a; return b / 12.; }");
        let at = |word: &str| words.words.iter().position(|known| *known == word).unwrap();
        assert_eq!(words.number(at("1")), Some((1.5e-3, 5)));
        assert_eq!(words.number(at("0x10u")), Some((16.0, 1)));
        assert_eq!(words.number(at("12")), Some((12.0, 2)));
        let value = words.value_of("b", words.words.len() - 1).unwrap();
        assert_eq!(words.words[value].concat(), "max(0x10u,3u)+a");
        let open = at("max") + 1;
        assert_eq!(words.arguments(open).len(), 2);
        assert_eq!(words.value_of("c", 10), None);
    }
}
