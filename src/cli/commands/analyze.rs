//! `aquatint analyze`: what is wrong with a file, and what to do.

use std::fmt::Write as _;

use super::super::args;
use super::super::console::Console;
use super::super::problem::Problem;
use super::super::signals::Signals;
use super::measure::Out;
use crate::graph::style::Library;
use crate::measure::analyze::{Analysis, Analyze, Finding, page};
use crate::measure::page::clock;
use crate::render::request::FrameRate;

pub fn run(args: &args::Analyze, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let analyze = Analyze {
        input: args.input.clone(),
        reading: args.stream.reading(args.rate.input_fps.map(FrameRate::get)),
        fast: args.fast,
        kinds: None,
    };
    let inputs = [args.input.as_path()];
    let out = Out::of(args.output.as_deref(), &inputs, args.overwrite)?;
    let html = args.html.as_deref();
    let html = html
        .map(|path| Out::file(path, &inputs, args.overwrite))
        .transpose()?;
    let analysed = analyze.run(
        &Library::built_in(),
        &mut |event| console.event(&event),
        &signals.cancel(),
    );
    console.ended(&args.input);
    let analysis = analysed.map_err(|error| signals.problem_of(&error))?;
    for words in &analysis.warnings {
        console.warning(words);
    }
    if let Some(file) = html {
        file.all(page(&analysis))?;
    }
    let text = match args.json {
        true => serde_json::to_string(&analysis).unwrap_or_default() + "\n",
        false => words(&analysis),
    };
    out.all(&text)?;
    Ok(0)
}

/// The analysis for people.
fn words(analysis: &Analysis) -> String {
    let length = analysis
        .duration
        .map_or(String::new(), |length| format!(", {}", clock(length)));
    let parts = if analysis.sampled {
        ", in parts of the file"
    } else {
        ""
    };
    let mut out = format!(
        "{}: {}x{}{length}, frames looked at: {}{parts}\n",
        analysis.input.display(),
        analysis.width,
        analysis.height,
        analysis.frames
    );
    let (found, absent): (Vec<&Finding>, Vec<&Finding>) =
        analysis.findings.iter().partition(|finding| finding.found);
    let width = found
        .iter()
        .map(|finding| finding.kind.len())
        .max()
        .unwrap_or(0);
    // Writing to a string does not fail.
    for finding in &found {
        let places: Vec<String> = finding.at.iter().take(3).map(|time| clock(*time)).collect();
        let at = match places.as_slice() {
            [] => String::new(),
            places => format!(" At {}.", places.join(", ")),
        };
        let mends = match &finding.mends {
            Some(style) => format!(" The style {style} mends it."),
            None => String::new(),
        };
        let _ = writeln!(
            out,
            "  {:width$}  {}{at}{mends} ({:.0} % sure)",
            finding.kind,
            finding.words,
            100.0 * finding.confidence
        );
    }
    let kinds: Vec<&str> = absent.iter().map(|finding| finding.kind).collect();
    let _ = writeln!(out, "looked for, and not found: {}", kinds.join(", "));
    let advice = &analysis.recommendation;
    match &advice.command {
        Some(command) => {
            let _ = writeln!(out, "recommended: {command}");
            for reason in &advice.reasons {
                let _ = writeln!(out, "  {reason}");
            }
        }
        None => out.push_str("recommended: nothing; no style mends what was found\n"),
    }
    out
}
