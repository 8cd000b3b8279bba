//! Shows a place in a text: its line and column, and the line itself.

use std::ops::Range;

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// In characters; what it marks may go on in further lines.
    pub length: usize,
}

impl Place {
    /// Of these bytes of `source`.
    pub fn of(source: &str, bytes: &Range<usize>) -> Self {
        let (line, column) = position(source, bytes.start);
        let marked = source.get(bytes.clone()).unwrap_or_default();
        Self {
            line,
            column,
            length: marked.chars().count(),
        }
    }
}

/// Line and column of a byte of `source`, both from 1; columns are characters.
pub fn position(source: &str, at: usize) -> (usize, usize) {
    let before = source.get(..at).unwrap_or(source);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (line, before[start..].chars().count() + 1)
}

/// The line of `source` where `bytes` begin, with its number, and a line below it that marks them.
pub fn excerpt(source: &str, bytes: &Range<usize>) -> String {
    let (line, column) = position(source, bytes.start);
    let text = source.lines().nth(line - 1).unwrap_or_default();
    let marked = source.get(bytes.clone()).unwrap_or_default();
    let length = marked.lines().next().unwrap_or_default().chars().count();
    let number = line.to_string();
    let blank = " ".repeat(number.len());
    // Tabs stay tabs, so that the marks stand below what they mark.
    let before = text.chars().take(column - 1);
    let before: String = before.map(|c| if c == '\t' { c } else { ' ' }).collect();
    let marks = "^".repeat(length.max(1));
    format!("  {number} | {text}\n  {blank} | {before}{marks}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_with_its_line() {
        let text = "one\n\tzwölf drei\nfour";
        let at = text.find("drei").unwrap();
        assert_eq!(position(text, at), (2, 8));
        assert_eq!(
            excerpt(text, &(at..at + 4)),
            "  2 | \tzwölf drei\n    | \t      ^^^^"
        );
        // Of several lines the first; at the end of the text one mark.
        assert!(excerpt(text, &(0..text.len())).ends_with("| ^^^"));
        assert_eq!(excerpt("x", &(1..1)), "  1 | x\n    |  ^");
        assert_eq!(position("", 7), (1, 1));
    }
}
