//! The frame of a page, and its plainest parts.

use std::fmt::Write as _;

use super::text::{escaped, split_at_number};

/// The look of all pages.
const STYLE: &str = include_str!("page.css");
/// What moves the sliders, and plays clips together. Without it a page shows the same pictures beside each other.
const SCRIPT: &str = include_str!("page.js");

/// A whole page with `body`, which needs nothing from anywhere. `kind` says what sort of page it is, in a word or two.
/// It is HTML that is well-formed XML, too.
pub(super) fn document(kind: &str, title: &str, body: &str) -> String {
    let (kind, title) = (escaped(kind), escaped(title));
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; media-src data:; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n\
         <meta name=\"generator\" content=\"aquatint {version}\"/>\n\
         <title>{title} – {kind}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<p>{kind}</p>\n<h1>{title}</h1>\n</header>\n\
         <main>\n{body}</main>\n<footer>\n<p>Made by aquatint {version}. This file is complete: it loads nothing.</p>\n</footer>\n\
         <script>\n//<![CDATA[\n{SCRIPT}//]]>\n</script>\n</body>\n</html>\n"
    )
}

/// A section under a heading; nothing where `body` is empty.
pub(super) fn section(id: &str, heading: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-heading\">\n<h2 id=\"{id}-heading\">{}</h2>\n{body}</section>\n",
        escaped(heading)
    )
}

/// Names with their values.
pub(super) fn facts(pairs: &[(String, String)]) -> String {
    if pairs.is_empty() {
        return String::new();
    }
    let mut out = String::from("<dl class=\"facts\">\n");
    for (name, value) in pairs {
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "<div><dt>{}</dt><dd>{}</dd></div>",
            escaped(name),
            escaped(value)
        );
    }
    out + "</dl>\n"
}

/// What changed, in large numbers.
pub(super) fn changes(words: &[String]) -> String {
    if words.is_empty() {
        return String::new();
    }
    let mut out = String::from("<ul class=\"changes\">\n");
    for words in words {
        let (name, value) = split_at_number(words);
        let (name, value) = match value {
            "" => ("", name),
            value => (name, value),
        };
        let _ = writeln!(
            out,
            "<li><span>{}</span> <strong>{}</strong></li>",
            escaped(name),
            escaped(value)
        );
    }
    out + "</ul>\n"
}

/// What the lines and marks of a drawing mean: whether it has such, the class of its sample, and its words.
pub(super) fn keys(keys: &[(bool, &str, &str)]) -> String {
    let mut out = String::from("<ul class=\"keys\">\n");
    for (_, class, words) in keys.iter().filter(|key| key.0) {
        let words = escaped(words);
        let _ = writeln!(out, "<li><span class=\"key {class}\"></span>{words}</li>");
    }
    out + "</ul>\n"
}

/// Sentences.
pub(super) fn list(sentences: &[String]) -> String {
    if sentences.is_empty() {
        return String::new();
    }
    let mut out = String::from("<ul>\n");
    for sentence in sentences {
        let _ = writeln!(out, "<li>{}</li>", escaped(sentence));
    }
    out + "</ul>\n"
}

/// A command line, whole and easy to select.
pub(super) fn command(line: &str) -> String {
    format!(
        "<pre class=\"command\" tabindex=\"0\"><code>{}</code></pre>\n",
        escaped(line)
    )
}
