//! A page with the numbers of a video.

use super::{Compared, Scored, Summary, WorstFrames};
use crate::measure::page::{
    Plot, Point, clock, data_address, document, escaped, facts, list, number, picture, section,
    swipe, table,
};
use crate::metrics::{Better, Metric, Values};
use crate::render::Result;

/// The page.
///
/// # Errors
/// Where a picture of it cannot be encoded.
pub fn page(scored: &Scored) -> Result<String> {
    let summary = &scored.summary;
    let mut body = facts(&of_files(summary));
    if let Some(changed) = summary
        .reference
        .as_ref()
        .filter(|compared| !compared.changes.is_empty())
    {
        body += &section("changed", "What changed", &list("words", &changed.changes));
    }
    body += &section("numbers", "Numbers", &numbers(summary));
    body += &section("time", "Over time", &plots(scored));
    if let Some(worst) = scored
        .worst
        .as_ref()
        .filter(|worst| !worst.frames.is_empty())
    {
        body += &section("worst", "The worst frames", &worst_frames(worst, summary)?);
    }
    if !summary.warnings.is_empty() {
        body += &section("warnings", "Warnings", &list("", &summary.warnings));
    }
    let name = summary.input.file_name().unwrap_or_default();
    Ok(document(
        &format!("{}: measured", name.to_string_lossy()),
        &body,
    ))
}

fn of_files(summary: &Summary) -> Vec<(String, String)> {
    let name = |path: &std::path::Path| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let mut pairs = vec![
        ("Output".to_owned(), name(&summary.input)),
        (
            "Pictures".to_owned(),
            format!(
                "{} x {}, {} bits",
                summary.width, summary.height, summary.depth
            ),
        ),
        (
            "Frames".to_owned(),
            format!(
                "{}, {} of them measured",
                summary.frames, summary.measured_frames
            ),
        ),
        ("Scenes".to_owned(), (summary.cuts.len() + 1).to_string()),
    ];
    if let Some(compared) = &summary.reference {
        let Compared {
            path,
            reference_frames,
            compared_frames,
            ..
        } = compared;
        let words = format!(
            "{}, {reference_frames} frames, {compared_frames} compared",
            name(path)
        );
        pairs.insert(1, ("Reference".to_owned(), words));
    }
    pairs.push((
        "Measured by".to_owned(),
        format!("aquatint {}", env!("CARGO_PKG_VERSION")),
    ));
    pairs
}

fn numbers(summary: &Summary) -> String {
    let reference = summary.reference.as_ref();
    let rows: Vec<Vec<String>> = summary
        .metrics
        .iter()
        .map(|(metric, found)| {
            let range = found.mean.abs().max(1e-6);
            let shown = |value: f64| match value.is_finite() {
                true => number(value, range),
                false => "infinite".to_owned(),
            };
            let name = match found.unit {
                "" => found.title.to_owned(),
                unit => format!("{} ({unit})", found.title),
            };
            let before = reference.and_then(|reference| reference.reference_metrics.get(metric));
            let better = match found.better {
                Better::Higher => "higher",
                Better::Lower => "lower",
                Better::Neither => "",
            };
            vec![
                name,
                shown(found.mean),
                before.map_or(String::new(), |before| shown(before.mean)),
                shown(found.p5),
                shown(found.p1),
                shown(found.min),
                shown(found.max),
                better.to_owned(),
            ]
        })
        .collect();
    let heads = [
        "",
        "mean",
        "reference's own",
        "5 % worse than",
        "1 % worse than",
        "least",
        "largest",
        "better is",
    ];
    table("Over all frames that were measured", &heads, &rows)
}

fn plots(scored: &Scored) -> String {
    let summary = &scored.summary;
    let time = |frame: Option<&super::FrameScores>| frame.map_or(0.0, |frame| frame.time);
    let (begin, end) = (time(scored.frames.first()), time(scored.frames.last()));
    let mut out = String::new();
    for (metric, found) in &summary.metrics {
        let points = |of: fn(&super::FrameScores) -> &Values| -> Vec<Point> {
            let values = scored.frames.iter().filter_map(|frame| {
                let value = of(frame).get(*metric)?;
                Some((frame.time, value))
            });
            values.collect()
        };
        let worst: Vec<Point> = found
            .worst
            .iter()
            .map(|place| (place.time, place.value))
            .collect();
        // Against a reference, flicker is a difference from its own already.
        let other = match metric {
            Metric::Flicker => Vec::new(),
            _ => points(|frame| &frame.numbers.reference),
        };
        let plot = Plot {
            title: found.title,
            range: (begin, end),
            own: &points(|frame| &frame.numbers.values),
            other: &other,
            scenes: &summary.cuts,
            worst: &worst,
        };
        let drawing = plot.svg();
        if drawing.is_empty() {
            continue;
        }
        let unit = match found.unit {
            "" => String::new(),
            unit => format!(", {unit}"),
        };
        let gray = if other.is_empty() {
            ""
        } else {
            " The gray line is the reference."
        };
        let help = escaped(metric.about().help);
        out += &format!(
            "<h3>{}{unit}</h3>\n<p class=\"soft\">{help}.{gray}</p>\n{drawing}",
            found.title
        );
    }
    out
}

fn worst_frames(worst: &WorstFrames, summary: &Summary) -> Result<String> {
    let title = worst
        .metric
        .map_or("", |metric: Metric| metric.about().title);
    let mut out = format!("<p class=\"soft\">By {title}, half a second apart at least.</p>\n");
    for place in &worst.frames {
        let value = number(place.value, place.value.abs());
        out += &format!(
            "<h3>Frame {}, at {}: {title} {value}</h3>\n",
            place.frame,
            clock(place.time)
        );
        let own = data_address(&place.picture)?;
        out += &match (&place.reference, &summary.reference) {
            (Some(reference), Some(_)) => {
                let other = data_address(reference)?;
                swipe((&other, "reference"), (&own, "output"))
            }
            _ => picture(&own, "output"),
        };
    }
    Ok(out)
}
