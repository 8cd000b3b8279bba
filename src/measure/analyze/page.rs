//! A page with what was found.

use std::fmt::Write as _;

use super::{Analysis, Finding};
use crate::measure::page::{clock, document, escaped, facts, list, section};

/// Size of the drawing of times, in units of its own: its width, and the height of a line.
const WIDTH: f64 = 960.0;
const LINE: f64 = 24.0;
/// Room for the names.
const LEFT: f64 = 170.0;

/// The page.
pub fn page(analysis: &Analysis) -> String {
    let mut body = facts(&of_file(analysis));
    let advice = &analysis.recommendation;
    if let Some(command) = &advice.command {
        let reasons = list("", &advice.reasons);
        let command = format!("<p><code>{}</code></p>\n{reasons}", escaped(command));
        body += &section("recommended", "Recommended", &command);
    }
    let (found, absent): (Vec<&Finding>, Vec<&Finding>) =
        analysis.findings.iter().partition(|finding| finding.found);
    body += &section("found", "Found", &findings(&found));
    if let Some(duration) = analysis.duration {
        let drawing = times(&found, duration);
        if !drawing.is_empty() {
            body += &section("times", "Where", &drawing);
        }
    }
    let names = absent
        .iter()
        .map(|finding| format!("{}: {}", named(finding.kind), finding.words));
    body += &section(
        "absent",
        "Looked for, and not found",
        &list("soft", &names.collect::<Vec<_>>()),
    );
    if !analysis.warnings.is_empty() {
        body += &section("warnings", "Warnings", &list("", &analysis.warnings));
    }
    let name = analysis.input.file_name().unwrap_or_default();
    document(&format!("{}: analysed", name.to_string_lossy()), &body)
}

fn of_file(analysis: &Analysis) -> Vec<(String, String)> {
    let looked = match analysis.sampled {
        true => format!(
            "{}, in parts that lie evenly over the file",
            analysis.frames
        ),
        false => analysis.frames.to_string(),
    };
    let mut pairs = vec![
        (
            "Pictures".to_owned(),
            format!("{} x {}", analysis.width, analysis.height),
        ),
        ("Frames looked at".to_owned(), looked),
    ];
    if let Some(duration) = analysis.duration {
        pairs.push(("Length".to_owned(), clock(duration)));
    }
    pairs.push((
        "Analysed by".to_owned(),
        format!("aquatint {}", env!("CARGO_PKG_VERSION")),
    ));
    pairs
}

/// A kind as words.
fn named(kind: &str) -> String {
    kind.replace('_', " ")
}

/// Kinds that say what a file is, and are no defects.
const FACTS: [&str; 4] = ["content", "scenes", "hdr", "no_sound"];

/// The style that mends a finding, in words.
fn mender(finding: &Finding) -> &str {
    match &finding.mends {
        Some(style) => style,
        None if FACTS.contains(&finding.kind) => "",
        None => "no style yet",
    }
}

fn findings(found: &[&Finding]) -> String {
    let mut out = String::from(
        "<div class=\"wide\"><table>\n<caption>What was found, the surest first</caption>\n<thead><tr><th scope=\"col\">kind</th><th scope=\"col\">severity</th><th scope=\"col\">sure</th><th scope=\"col\" class=\"words-head\">what</th><th scope=\"col\">worst at</th><th scope=\"col\">mended by</th></tr></thead>\n<tbody>\n",
    );
    for finding in found {
        let places: Vec<String> = finding.at.iter().map(|time| clock(*time)).collect();
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{:.2} {}</td><td>{:.0} %</td><td class=\"words-cell\">{}</td><td class=\"places\">{}</td><td>{}</td></tr>",
            escaped(&named(finding.kind)),
            finding.severity,
            escaped(finding.unit),
            100.0 * finding.confidence,
            escaped(&finding.words),
            escaped(&places.join(", ")),
            escaped(mender(finding))
        );
    }
    out + "</tbody>\n</table></div>\n"
}

/// The worst times of what was found, over the length of the file.
fn times(found: &[&Finding], duration: f64) -> String {
    let placed: Vec<&&Finding> = found
        .iter()
        .filter(|finding| !finding.at.is_empty())
        .collect();
    if placed.is_empty() || duration <= 0.0 {
        return String::new();
    }
    let height = LINE * (placed.len() + 1) as f64;
    let mut out = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Times of what was found\" xmlns=\"http://www.w3.org/2000/svg\">\n<title>Times of what was found</title>\n"
    );
    let x = |time: f64| LEFT + (WIDTH - LEFT - 12.0) * (time / duration).clamp(0.0, 1.0);
    for (line, finding) in placed.iter().enumerate() {
        let y = LINE * (line as f64 + 0.5);
        let _ = writeln!(
            out,
            "<text x=\"0\" y=\"{:.1}\">{}</text><line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>",
            y + 4.0,
            escaped(&named(finding.kind)),
            WIDTH - 12.0
        );
        for time in &finding.at {
            let _ = writeln!(
                out,
                "<circle class=\"worst\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"4\"><title>{}</title></circle>",
                x(*time),
                clock(*time)
            );
        }
    }
    for (part, anchor) in [(0.0, "start"), (0.5, "middle"), (1.0, "end")] {
        let time = part * duration;
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            x(time),
            height - 8.0,
            clock(time)
        );
    }
    out + "</svg>\n"
}
