//! Where in a manifest a mistake is, found by what its message names: the section, the key and the word in quotes.

use std::ops::Range;

use super::{RawManifest, Style};
use crate::graph::style::{StyleError, position};

/// A line of a manifest: its bytes, without white space around it.
struct Line<'a> {
    start: usize,
    text: &'a str,
}

impl Line<'_> {
    fn bytes(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    fn is_header(&self) -> bool {
        self.text.starts_with('[')
    }

    /// The key that it sets.
    fn key(&self) -> Option<&str> {
        let (key, _) = self.text.split_once('=')?;
        let key = key.trim();
        (!self.is_header() && !key.is_empty() && !key.starts_with('#')).then_some(key)
    }
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let mut found = Vec::new();
    for whole in text.split_inclusive('\n') {
        let trimmed = whole.trim_start();
        found.push(Line {
            start: start + whole.len() - trimmed.len(),
            text: trimmed.trim_end(),
        });
        start += whole.len();
    }
    found
}

/// Whether `text` has `word` as a whole word.
fn has_word(text: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(inside) && !text[at + word.len()..].starts_with(inside)
    })
}

/// The words that a message quotes, and the stems of the kernels that it names.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    let quoted = message.split('"').skip(1).step_by(2);
    let quoted = quoted.filter(|word| !word.is_empty());
    quoted.chain(
        message
            .split(' ')
            .filter_map(|word| word.strip_suffix(".wgsl")),
    )
}

impl Style {
    /// The bytes of the manifest `text` that `error`, one of its errors, is about: the word, the line of the key, or the header of
    /// the section. None where it is about the whole file, or about another file.
    pub fn place_of(text: &str, error: &StyleError) -> Option<Range<usize>> {
        let lines = lines(text);
        match error {
            StyleError::Pass { pass, message, .. } => {
                let passes = lines.iter().enumerate();
                let mut passes = passes.filter(|(_, line)| line.text.starts_with("[[pass]]"));
                let (header, _) = passes.nth(pass.checked_sub(1)?)?;
                Some(within(text, &lines, header, message))
            }
            StyleError::Manifest { message, .. } => {
                if let Err(error) = toml::from_str::<RawManifest>(text)
                    && error.to_string() == *message
                {
                    return error.span().map(|span| trimmed(text, span));
                }
                Self::place_named(text, message)
                    .or_else(|| in_use_of(text, message))
                    .or_else(|| expression(text, message))
            }
            _ => None,
        }
    }

    /// The bytes of the manifest `text` that are named at the beginning of `message`, `[SECTION.NAME]` or `[let] NAME`, or whose
    /// key begins it, `KEY = …`.
    pub fn place_named(text: &str, message: &str) -> Option<Range<usize>> {
        let lines = lines(text);
        if let Some(key) = message.strip_prefix("[let] ") {
            let key = key.split(':').next().unwrap_or_default();
            let line = lines.iter().find(|line| line.key() == Some(key))?;
            return Some(line.bytes());
        }
        if message.starts_with('[') {
            let close = if message.starts_with("[[") { "]]" } else { "]" };
            let name = &message[..message.find(close)? + close.len()];
            let header = lines.iter().position(|line| line.text.starts_with(name));
            return header.map(|header| within(text, &lines, header, &message[name.len()..]));
        }
        // A key at the top, such as requires.
        let (key, _) = message.split_once(" = ")?;
        let mut top = lines.iter().take_while(|line| !line.is_header());
        top.find(|line| line.key() == Some(key)).map(Line::bytes)
    }
}

impl Style {
    /// The bytes of the word `name` in the pass of the manifest `text` that runs the kernel `stem`, or the folder of this name.
    pub fn place_in_pass_of(text: &str, stem: &str, name: &str) -> Option<Range<usize>> {
        let lines = lines(text);
        let headers = lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.is_header());
        let headers: Vec<usize> = headers.map(|(at, _)| at).chain([lines.len()]).collect();
        headers.windows(2).find_map(|pair| {
            let section = &lines[pair[0]..pair[1]];
            let runs = |line: &Line<'_>| {
                let kernel = matches!(line.key(), Some("kernel" | "compute" | "use"));
                kernel && line.text.split(['"', '\'']).nth(1) == Some(stem)
            };
            section.iter().find(|line| runs(line))?;
            section.iter().find_map(|line| {
                let inside = |c: char| c.is_alphanumeric() || c == '_';
                let mut found = line.text.match_indices(name).filter(|(at, _)| {
                    !line.text[..*at].ends_with(inside)
                        && !line.text[at + name.len()..].starts_with(inside)
                });
                let (at, _) = found.next()?;
                Some(line.start + at..line.start + at + name.len())
            })
        })
    }
}

/// The bytes of the word that `message`, `FOLDER has no … "NAME"`, quotes, in the pass that uses the folder.
fn in_use_of(text: &str, message: &str) -> Option<Range<usize>> {
    let (folder, rest) = message.split_once(" has no ")?;
    let name = quoted(rest).next()?;
    Style::place_in_pass_of(text, folder, name)
}

/// The bytes of the expression that `message` quotes first, or of the name in it that the message quotes next.
fn expression(text: &str, message: &str) -> Option<Range<usize>> {
    let mut quoted = message.split('"').skip(1).step_by(2);
    let whole = quoted.next().filter(|whole| !whole.is_empty())?;
    let written = [format!("\"{whole}\""), format!("'{whole}'")];
    let at = written
        .iter()
        .find_map(|written| text.find(written.as_str()))?
        + 1;
    let name = quoted.next().filter(|name| !name.is_empty());
    let part = name.and_then(|name| Some((whole.find(name)?, name.len())));
    let (start, length) = part.unwrap_or((0, whole.len()));
    Some(at + start..at + start + length)
}

impl StyleError {
    /// The same, with line and column after the file where it is about a place in the manifest `text`.
    pub(in crate::graph::style) fn placed_in(self, text: &str) -> Self {
        let Some(bytes) = Style::place_of(text, &self) else {
            return self;
        };
        let (line, column) = position(text, bytes.start);
        let at = |manifest: String| format!("{manifest}:{line}:{column}");
        match self {
            Self::Manifest { manifest, message } => Self::Manifest {
                manifest: at(manifest),
                message,
            },
            Self::Pass {
                manifest,
                pass,
                message,
            } => Self::Pass {
                manifest: at(manifest),
                pass,
                message,
            },
            other => other,
        }
    }
}

/// A span that ends before the line does.
fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let part = text.get(span.clone()).unwrap_or_default();
    let line = part.lines().next().unwrap_or_default();
    span.start..span.start + line.trim_end().len()
}

/// The part of the section below the line `header` that `message` is about.
fn within(text: &str, lines: &[Line<'_>], header: usize, message: &str) -> Range<usize> {
    let rest = &lines[header + 1..];
    let length = rest.iter().position(Line::is_header).unwrap_or(rest.len());
    let section = &rest[..length];
    if let (Some(first), Some(last)) = (section.first(), section.last()) {
        let start = first.start;
        let part = &text[start..last.bytes().end];
        for word in quoted(message) {
            let written = [format!("\"{word}\""), format!("'{word}'")];
            let found = written
                .iter()
                .find_map(|written| part.find(written.as_str()));
            if let Some(at) = found {
                return start + at + 1..start + at + 1 + word.len();
            }
        }
    }
    let named = |line: &&Line<'_>| line.key().is_some_and(|key| has_word(message, key));
    section.iter().find(named).unwrap_or(&lines[header]).bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::style::Kernel;

    /// Line and column of the errors of a manifest, and the text there.
    fn places(text: &str) -> Vec<(usize, usize, &str)> {
        let kernel = |stem: &str| match stem {
            "k" => Ok(Kernel::parse(
                "mine/k",
                "fn pixel(at: vec2i) -> vec4f { return image_here(); }",
            )),
            _ => Err(format!(
                "there is no {stem}.wgsl beside the manifest of mine"
            )),
        };
        let (_, errors) = Style::parse_all("mine", "mine/style.toml", text, kernel);
        let place = |error: &StyleError| {
            let bytes = Style::place_of(text, error).unwrap_or_else(|| panic!("{error}"));
            let (line, column) = position(text, bytes.start);
            (line, column, &text[bytes])
        };
        errors.iter().map(place).collect()
    }

    #[test]
    fn errors_of_expressions_and_of_loading_have_their_places() {
        let text = "summary = 's'\n[let]\na = \"2 * sigam\"\n";
        let message = "\"2 * sigam\" uses \"sigam\", which is neither".to_owned();
        let manifest = "mine (as mine)".to_owned();
        let error = StyleError::Manifest { manifest, message };
        let bytes = Style::place_of(text, &error).unwrap();
        assert_eq!(
            (position(text, bytes.start), &text[bytes]),
            ((3, 10), "sigam")
        );
        let wrong = "summary = 's'\n[let]\nmin = '1'\n";
        let error = Style::parse("mine", "mine/style.toml", wrong, |_| Err(String::new()));
        let said = error.unwrap_err().placed_in(wrong).to_string();
        assert!(
            said.starts_with("mine/style.toml:3:1: [let] min: "),
            "{said}"
        );
    }

    #[test]
    fn errors_of_a_manifest_have_their_places() {
        let pass = "[[pass]]\nkernel = 'k'\nin = { image = 'source' }\nout = 'result'\n";
        for (text, expected) in [
            ("summary = ", vec![(1, 11, "")]),
            (
                &format!("summary = 'x'\n  sumary = 'x'\n{pass}")[..],
                vec![(2, 3, "sumary")],
            ),
            (
                &format!("summary = 'x'\nrequires = '99.1'\n{pass}")[..],
                vec![(2, 1, "requires = '99.1'")],
            ),
            // Several at once, each at its line.
            (
                &format!(
                    "summary = 'x'\n[param.a]\ndefault = 2.0\nrange = [0.0, 1.0]\nhelp = 'h'\n[param.b]\ndefault = 'navy'\nhelp = 'h'\n[let]\nmin = '1'\n{pass}"
                )[..],
                vec![
                    (3, 1, "default = 2.0"),
                    (7, 12, "navy"),
                    (10, 1, "min = '1'"),
                ],
            ),
            (
                &format!("summary = 'x'\n{}", pass.replace("[[pass]]", "[pass]"))[..],
                vec![(2, 1, "[pass]")],
            ),
            (
                &format!("summary = 'x'\n{pass}[[param.a]]\ndefault = 1.0\n")[..],
                vec![(6, 1, "[[param.a]]")],
            ),
            // The second pass, the word in quotes.
            (
                &format!(
                    "summary = 'x'\n{pass}[[pass]]\nkernel = \"k\"\nin = {{ image = \"sorce\" }}\nout = \"b\"\n"
                )[..],
                vec![(8, 17, "sorce")],
            ),
            (
                "summary = 'x'\n[[pass]]\nkernel = 'gone'\nout = 'result'\n",
                vec![(3, 11, "gone")],
            ),
            (
                &format!("summary = 'x'\n{pass}[history.h]\nof = 'nothing'\n")[..],
                vec![(7, 7, "nothing")],
            ),
        ] {
            assert_eq!(places(text), expected, "{text}");
        }
    }
}
