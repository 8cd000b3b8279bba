//! What the numbers of all frames come to.

use std::collections::BTreeMap;

use super::{Metric, Series, Statistics, Values};

/// Changes below this share of the reference's value are not told.
const LEAST_CHANGE: f64 = 0.005;

/// Changes of more than this share of it are told by both values.
const TIMES: f64 = 10.0;

/// The statistics of each metric that was measured, of frames by number, time in seconds, and values.
pub fn statistics<'a>(
    frames: impl Iterator<Item = (u64, f64, &'a Values)>,
) -> BTreeMap<Metric, Statistics> {
    let mut series: BTreeMap<Metric, Series> = BTreeMap::new();
    for (frame, time, values) in frames {
        for (metric, value) in &values.0 {
            let series = series.entry(*metric).or_insert_with(|| Series {
                metric: *metric,
                frames: Vec::new(),
            });
            series.frames.push((frame, time, *value));
        }
    }
    let statistics = series.into_values().filter_map(|series| {
        let statistics = series.statistics()?;
        Some((series.metric, statistics))
    });
    statistics.collect()
}

/// How the numbers of a video differ from its reference's own, in words: `noise −65 %`.
pub fn changes(
    own: &BTreeMap<Metric, Statistics>,
    reference: &BTreeMap<Metric, Statistics>,
) -> Vec<String> {
    let changes = reference.iter().filter_map(|(metric, before)| {
        let now = own.get(metric)?.mean;
        // Against a reference it is a difference already.
        if *metric == Metric::Flicker {
            return None;
        }
        let title = before.title.to_lowercase();
        if before.mean.abs() < 1e-9 {
            return (now.abs() > 1e-9).then(|| format!("{title} from 0 to {now:.4}"));
        }
        let change = now / before.mean - 1.0;
        if change.abs() >= TIMES {
            let (was, is) = (before.mean, now);
            return Some(format!("{title} from {was:.2e} to {is:.2e}"));
        }
        let sign = if change < 0.0 { '−' } else { '+' };
        (change.abs() >= LEAST_CHANGE)
            .then(|| format!("{title} {sign}{:.0} %", 100.0 * change.abs()))
    });
    changes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_in_words() {
        let of = |noise: f64, sharpness: f64| {
            let values = [
                (Metric::Noise, Some(noise)),
                (Metric::Sharpness, Some(sharpness)),
            ];
            let values = Values(values.into());
            statistics([(0, 0.0, &values)].into_iter())
        };
        assert_eq!(changes(&of(0.01, 4.0), &of(0.02, 4.001)), ["noise −50 %"]);
        assert_eq!(
            changes(&of(0.01, 6.0), &of(0.0, 4.0)),
            ["sharpness +50 %", "noise from 0 to 0.0100"]
        );
        assert_eq!(
            changes(&of(0.002, 4.0), &of(0.00001, 4.0)),
            ["noise from 1.00e-5 to 2.00e-3"]
        );
    }
}
