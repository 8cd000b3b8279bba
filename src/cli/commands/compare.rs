//! `aquatint compare`: the same seconds in several ways.

use std::fmt::Write as _;
use std::path::Path;

use super::super::args;
use super::super::console::Console;
use super::super::problem::{Problem, USAGE};
use super::super::signals::Signals;
use super::measure::Out;
use super::{print, print_json};
use crate::measure::compare::{Compare, Compared, Way, contact_sheet, mean, page};
use crate::media::bytes_in_words;
use crate::metrics::Metrics;
use crate::render::request::{ParamValues, RenderRequest};

pub fn run(args: &args::Compare, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let compare = Compare {
        input: args.input.clone(),
        start: args.start,
        duration: args.duration,
        ways: ways(args),
        metrics: args.metrics.clone().unwrap_or_else(Metrics::usual),
        keeps_clips: true,
    };
    let beside = |ending: &str| {
        let stem = args.input.file_stem().unwrap_or_default().to_string_lossy();
        args.input
            .with_file_name(format!("{}.compare.{ending}", stem.replace('%', "")))
    };
    let sheet_path = args.sheet.clone().unwrap_or_else(|| beside("png"));
    let html_path = args.html.clone().unwrap_or_else(|| beside("html"));
    let png = |path: &Path| {
        path.extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("png"))
    };
    if !png(&sheet_path) {
        return Err(Problem::new(
            USAGE,
            format!(
                "the contact sheet is a PNG file, which {} is not named like",
                sheet_path.display()
            ),
            "name a .png file with --sheet",
        ));
    }
    let inputs = [args.input.as_path()];
    let sheet = Out::file(&sheet_path, &inputs, args.overwrite)?;
    let html = Out::file(&html_path, &inputs, args.overwrite)?;
    let (mut begun, all) = (0, compare.ways.len());
    let mut tell = |way: &Way| {
        begun += 1;
        console.remark(&format!("rendering {} ({begun} of {all})", way.label));
    };
    let compared = compare.run(&mut tell, &signals.cancel());
    let compared = compared.map_err(|error| signals.problem_of(&error))?;
    for way in &compared.ways {
        for words in &way.warnings {
            console.warning(&format!("{}: {words}", way.label));
        }
    }
    sheet.all(contact_sheet(&compared)?)?;
    html.all(page(&compared)?)?;
    match args.json {
        true => print_json(&compared)?,
        false => print(&table(&compared, &sheet_path, &html_path))?,
    }
    Ok(0)
}

/// Every combination of the presets, styles and values that are named.
fn ways(args: &args::Compare) -> Vec<Way> {
    let base = RenderRequest {
        codec: args.codec.clone(),
        crf: args.crf,
        scale: args.size.scale,
        size: args.size.size,
        fit: args.size.fit,
        square_pixels: args.size.square_pixels.then_some(true),
        ..args.look.request()
    };
    let presets: Vec<Option<&String>> = match args.presets.is_empty() {
        true => vec![base.preset.as_ref()],
        false => args.presets.iter().map(Some).collect(),
    };
    let styles: Vec<Option<&str>> = match &base.style {
        Some(list) => list.split(',').map(|style| Some(style.trim())).collect(),
        None => vec![None],
    };
    let own = args.look.values.set.clone();
    let mut values = vec![own];
    let others = args
        .vs
        .iter()
        .map(|list| list.split_whitespace().map(str::to_owned).collect());
    values.extend(others);
    let mut ways = Vec::new();
    for preset in &presets {
        for style in &styles {
            for set in &values {
                let mut parts = Vec::new();
                if presets.len() > 1 {
                    parts.extend(preset.map(|preset| short(preset)));
                }
                if styles.len() > 1 {
                    parts.extend(style.map(str::to_owned));
                }
                if values.len() > 1 {
                    parts.push(match set.is_empty() {
                        true => "as it is".to_owned(),
                        false => set.join(" "),
                    });
                }
                ways.push(Way {
                    label: parts.join(", "),
                    request: RenderRequest {
                        preset: preset.cloned(),
                        style: style.map(str::to_owned),
                        set: ParamValues::of(set),
                        ..base.clone()
                    },
                });
            }
        }
    }
    ways
}

/// A preset's name, or that of its file.
fn short(preset: &str) -> String {
    let stem = Path::new(preset).file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// A row for each number, a column for each way.
fn table(compared: &Compared, sheet: &Path, html: &Path) -> String {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |name: String, column: usize, value: String| {
        let known = rows.iter().position(|row| row.0 == name);
        let row = known.unwrap_or_else(|| {
            rows.push((name, vec!["-".to_owned(); compared.ways.len()]));
            rows.len() - 1
        });
        rows[row].1[column] = value;
    };
    for (column, way) in compared.ways.iter().enumerate() {
        add(String::new(), column, way.label.clone());
        add(
            "frames a second".to_owned(),
            column,
            format!("{:.1}", way.frames_per_second),
        );
        add("size".to_owned(), column, bytes_in_words(way.bytes));
        for (title, value) in way
            .metrics
            .iter()
            .flat_map(|metrics| metrics.metrics.values().map(mean))
        {
            add(title.to_lowercase(), column, value);
        }
    }
    let width = |column: usize| {
        rows.iter()
            .map(|row| row.1[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let first = rows
        .iter()
        .map(|row| row.0.chars().count())
        .max()
        .unwrap_or(0);
    let widths: Vec<usize> = (0..compared.ways.len()).map(width).collect();
    let mut out = String::new();
    for (name, values) in &rows {
        // Writing to a string does not fail.
        let _ = write!(out, "{name:first$}");
        for (value, width) in values.iter().zip(&widths) {
            let _ = write!(out, "  {value:>width$}");
        }
        out.push('\n');
    }
    out.push_str("metrics are of the pictures before they are encoded, against the source\n");
    for way in &compared.ways {
        let _ = writeln!(out, "{}: {}", way.label, way.command);
    }
    let _ = writeln!(
        out,
        "pictures: {}\npage:     {}",
        sheet.display(),
        html.display()
    );
    out
}
