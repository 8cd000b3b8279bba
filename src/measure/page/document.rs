//! The frame of a page, and its parts.

use std::fmt::Write as _;

/// The look of all pages.
const STYLE: &str = include_str!("page.css");
/// What moves the sliders between two pictures. A page without it shows them beside each other.
const SCRIPT: &str = include_str!("page.js");

/// `text` as it stands in a page.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML has no other control characters.
            letter if letter.is_control() && !matches!(letter, '\n' | '\t') => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

/// A whole page with `body`. It needs nothing from anywhere.
pub fn document(title: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"generator\" content=\"aquatint {}\"/>\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n<script>\n//<![CDATA[\n{SCRIPT}//]]>\n</script>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// A section under a heading.
pub fn section(id: &str, heading: &str, body: &str) -> String {
    format!(
        "<section id=\"{id}\">\n<h2>{}</h2>\n{body}</section>\n",
        escaped(heading)
    )
}

/// Names with their values.
pub fn facts(pairs: &[(String, String)]) -> String {
    let mut out = String::from("<dl class=\"facts\">\n");
    for (name, value) in pairs {
        // Writing to a string does not fail.
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(value));
    }
    out + "</dl>\n"
}

/// A list of sentences.
pub fn list(class: &str, items: &[String]) -> String {
    let mut out = format!("<ul class=\"{class}\">\n");
    for item in items {
        let _ = writeln!(out, "<li>{}</li>", escaped(item));
    }
    out + "</ul>\n"
}

/// A table: the heads of its columns, and its rows. The first column names the row.
pub fn table(caption: &str, heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = format!(
        "<div class=\"wide\"><table>\n<caption>{}</caption>\n<thead><tr>",
        escaped(caption)
    );
    for head in heads {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(head));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for (column, cell) in row.iter().enumerate() {
            let cell = escaped(cell);
            let _ = match column {
                0 => write!(out, "<th scope=\"row\">{cell}</th>"),
                _ => write!(out, "<td>{cell}</td>"),
            };
        }
        out.push_str("</tr>\n");
    }
    out + "</tbody>\n</table></div>\n"
}

/// Two pictures with a slider between them; `before` and `after` are their addresses.
pub fn swipe((before, before_name): (&str, &str), (after, after_name): (&str, &str)) -> String {
    let (before_name, after_name) = (escaped(before_name), escaped(after_name));
    format!(
        "<div class=\"swipe\">\n\
         <figure><img src=\"{before}\" alt=\"{before_name}\"/><figcaption>{before_name}</figcaption></figure>\n\
         <figure class=\"after\"><img src=\"{after}\" alt=\"{after_name}\"/><figcaption>{after_name}</figcaption></figure>\n\
         <label hidden=\"hidden\"><span>{before_name} | {after_name}</span><input type=\"range\" min=\"0\" max=\"100\" value=\"50\"/></label>\n</div>\n"
    )
}

/// One picture.
pub fn picture(address: &str, name: &str) -> String {
    let name = escaped(name);
    format!(
        "<figure><img src=\"{address}\" alt=\"{name}\"/><figcaption>{name}</figcaption></figure>\n"
    )
}

/// `seconds` as `m:ss.t` or `h:mm:ss`.
pub fn clock(seconds: f64) -> String {
    let tenths = (seconds.max(0.0) * 10.0).round() as u64;
    let (whole, tenth) = (tenths / 10, tenths % 10);
    match whole / 3600 {
        0 => format!("{}:{:02}.{tenth}", whole / 60, whole % 60),
        hours => format!("{hours}:{:02}:{:02}", whole / 60 % 60, whole % 60),
    }
}
