//! One mistake or one piece of advice, with its place in a file of the author.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use serde_json::{Value, json};

use crate::graph::style::{excerpt, position};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The style cannot be used.
    Error,
    /// It can be used, and is most likely not what its author wants.
    Warning,
    /// Something that could not be checked.
    Note,
}

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    /// The number that the Language Server Protocol has for it.
    fn number(self) -> u8 {
        match self {
            Self::Error => 1,
            Self::Warning => 2,
            Self::Note => 3,
        }
    }
}

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Spot {
    /// Line and column of its first character, from 1; columns are characters.
    line: usize,
    column: usize,
    excerpt: String,
    /// Lines and characters as editors count them: from 0, in units of UTF-16.
    start: (usize, usize),
    end: (usize, usize),
}

/// A mistake or a piece of advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, as a path from the current folder or a whole one.
    pub file: String,
    pub severity: Severity,
    /// Its kind: `compile`, `manifest`, or the name of a lint.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// Why, and how it is mended; may be empty.
    pub advice: String,
    spot: Option<Spot>,
}

/// Line and character of a byte as editors count them.
fn editor_position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (line, before[start..].encode_utf16().count())
}

impl Finding {
    /// Of a whole file.
    pub fn new(
        file: &str,
        severity: Severity,
        code: &'static str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            file: file.to_owned(),
            severity,
            code,
            message: message.into(),
            advice: advice.into(),
            spot: None,
        }
    }

    /// The same, at these bytes of the text of its file.
    pub fn at(mut self, text: &str, bytes: &Range<usize>) -> Self {
        let (line, column) = position(text, bytes.start);
        self.spot = Some(Spot {
            line,
            column,
            excerpt: excerpt(text, bytes),
            start: editor_position(text, bytes.start),
            end: editor_position(text, bytes.end),
        });
        self
    }

    /// Line and column, from 1; columns are characters. None of a whole file.
    pub fn place(&self) -> Option<(usize, usize)> {
        self.spot.as_ref().map(|spot| (spot.line, spot.column))
    }

    /// As the Language Server Protocol has it.
    fn diagnostic(&self) -> Value {
        let position =
            |(line, character): (usize, usize)| json!({"line": line, "character": character});
        let (start, end) = self
            .spot
            .as_ref()
            .map_or(((0, 0), (0, 0)), |spot| (spot.start, spot.end));
        let message = match self.advice.is_empty() {
            true => self.message.clone(),
            false => format!("{}\n{}", self.message, self.advice),
        };
        json!({
            "range": {"start": position(start), "end": position(end)},
            "severity": self.severity.number(),
            "code": self.code,
            "source": "aquatint",
            "message": message,
        })
    }
}

/// As people read it: file, line and column, what is wrong, the line, and how it is mended.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some((line, column)) = self.place() {
            write!(f, ":{line}:{column}")?;
        }
        let (word, code) = (self.severity.word(), self.code);
        write!(f, ": {word}: {} [{code}]", self.message)?;
        if let Some(spot) = &self.spot {
            write!(f, "\n{}", spot.excerpt)?;
        }
        for line in self.advice.lines() {
            write!(f, "\n  {line}")?;
        }
        Ok(())
    }
}

/// The findings by file, in the form that language servers publish: a list of `uri` and `diagnostics`. Each of `files` is in it,
/// also without findings, so that an editor forgets what it showed before.
pub fn as_diagnostics<'a>(
    findings: &'a [Finding],
    files: impl IntoIterator<Item = &'a str>,
) -> Value {
    let mut order: Vec<&str> = Vec::new();
    for file in files
        .into_iter()
        .chain(findings.iter().map(|one| one.file.as_str()))
    {
        if !order.contains(&file) {
            order.push(file);
        }
    }
    let of_file = |file: &&str| {
        let here = findings.iter().filter(|one| one.file == *file);
        let here: Vec<Value> = here.map(Finding::diagnostic).collect();
        json!({"uri": uri(file), "diagnostics": here})
    };
    Value::Array(order.iter().map(of_file).collect())
}

/// The `file:` address of a path (RFC 8089).
fn uri(file: &str) -> String {
    let whole = std::path::absolute(Path::new(file));
    let path = whole.map_or_else(
        |_| file.to_owned(),
        |path| path.to_string_lossy().into_owned(),
    );
    let path = path.replace('\\', "/");
    let mut out = String::from(if path.starts_with('/') {
        "file://"
    } else {
        "file:///"
    });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' | b':' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_get_lines_from_0_and_characters_of_utf_16() {
        let text = "one\n  𝄞ü x\n";
        let at = text.find('x').unwrap();
        let found = Finding::new("/a b/k.wgsl", Severity::Warning, "code", "m", "a")
            .at(text, &(at..at + 1));
        assert_eq!(found.place(), Some((2, 6)));
        let all = as_diagnostics(std::slice::from_ref(&found), ["/c.wgsl"]);
        let expected = json!([
            {"uri": "file:///c.wgsl", "diagnostics": []},
            {"uri": "file:///a%20b/k.wgsl", "diagnostics": [{
                "range": {"start": {"line": 1, "character": 6}, "end": {"line": 1, "character": 7}},
                "severity": 2, "code": "code", "source": "aquatint", "message": "m\na",
            }]},
        ]);
        assert_eq!(all, expected);
        let said = found.to_string();
        assert!(
            said.starts_with("/a b/k.wgsl:2:6: warning: m [code]\n  2 |"),
            "{said}"
        );
        assert!(said.ends_with("\n  a"), "{said}");
    }
}
