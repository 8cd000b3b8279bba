//! A page with the numbers of a video.

use std::path::Path;

use super::{FrameScores, Scored, Summary, WorstFrames};
use crate::measure::page::{FramePair, MeasurePage, MetricSeries, embedded};
use crate::metrics::{Better, Metric, Statistics};
use crate::render::Result;

/// The page.
///
/// # Errors
/// Where a picture of it cannot be encoded.
pub fn page(scored: &Scored) -> Result<String> {
    let summary = &scored.summary;
    let changes = summary.reference.iter().flat_map(|of| &of.changes);
    let metrics = summary.metrics.iter();
    let page = MeasurePage {
        title: name(&summary.input),
        facts: facts(summary),
        words: changes.cloned().collect(),
        metrics: metrics
            .map(|(metric, found)| series(*metric, found, &scored.frames))
            .collect(),
        scenes: summary.cuts.clone(),
        worst: scored.worst.as_ref().map_or(Ok(Vec::new()), pairs)?,
        notes: summary.warnings.clone(),
    };
    Ok(page.html())
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn facts(summary: &Summary) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut add = |name: &str, value: String| facts.push((name.to_owned(), value));
    if let Some(compared) = &summary.reference {
        add("Source", name(&compared.path));
    }
    let (width, height, depth) = (summary.width, summary.height, summary.depth);
    add("Pictures", format!("{width} × {height}, {depth} bits"));
    let measured = match summary.measured_frames == summary.frames {
        true => format!("{}, all measured", summary.frames),
        false => format!("{}, {} measured", summary.frames, summary.measured_frames),
    };
    add("Frames", measured);
    if let Some(compared) = &summary.reference {
        let (frames, both) = (compared.reference_frames, compared.compared_frames);
        add(
            "Frames of source",
            format!("{frames}, {both} of them compared"),
        );
    }
    add("Scenes", (summary.cuts.len() + 1).to_string());
    facts
}

fn series(metric: Metric, found: &Statistics, frames: &[FrameScores]) -> MetricSeries {
    let about = metric.about();
    let own = frames.iter().map(|frame| frame.numbers.values.get(metric));
    let source = frames.iter();
    let source = source.map(|frame| frame.numbers.reference.get(metric));
    let source: Vec<Option<f64>> = source.collect();
    // Against a source, flicker is a difference from its own already.
    let has_source = metric != Metric::Flicker && source.iter().any(Option::is_some);
    MetricSeries {
        name: about.name.to_owned(),
        title: about.title.to_owned(),
        unit: about.unit.to_owned(),
        help: about.help.to_owned(),
        higher_is_better: match about.better {
            Better::Higher => Some(true),
            Better::Lower => Some(false),
            Better::Neither => None,
        },
        mean: found.mean,
        // It has a place in JSON; for people the mean is enough.
        harmonic_mean: None,
        p1: found.p1,
        p5: found.p5,
        min: found.min,
        max: found.max,
        times: frames.iter().map(|frame| frame.time).collect(),
        values: own.collect(),
        reference: has_source.then_some(source),
        worst: found
            .worst
            .iter()
            .map(|place| (place.time, place.value))
            .collect(),
    }
}

fn pairs(worst: &WorstFrames) -> Result<Vec<FramePair>> {
    let pairs = worst.frames.iter().map(|place| {
        Ok(FramePair {
            time: place.time,
            frame: place.frame,
            metric: worst.metric.map_or("", Metric::name).to_owned(),
            value: place.value,
            before: place.reference.as_ref().map(embedded).transpose()?,
            after: embedded(&place.picture)?,
        })
    });
    pairs.collect()
}
