//! The numbers of all frames as a table with commas.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::measure::scores::FrameScores;
use crate::metrics::{Metric, Values};

/// A line for each frame, under a line with the names of the columns. An empty place is a number that could not be measured.
pub fn csv(frames: &[FrameScores]) -> String {
    let named = |of: fn(&FrameScores) -> &Values| -> BTreeSet<Metric> {
        let all = frames.iter().flat_map(|frame| of(frame).0.keys());
        all.copied().collect()
    };
    let own = named(|frame| &frame.numbers.values);
    let reference = named(|frame| &frame.numbers.reference);
    let mut out = String::from("frame,pts,time,cut,mean,min,max");
    // Writing to a string does not fail.
    for metric in &own {
        let _ = write!(out, ",{}", metric.name());
    }
    for metric in &reference {
        let _ = write!(out, ",reference_{}", metric.name());
    }
    out.push('\n');
    for frame in frames {
        let _ = write!(
            out,
            "{},{},{},{},{},{},{}",
            frame.frame,
            frame.pts,
            frame.time,
            u8::from(frame.cut),
            frame.luma.mean,
            frame.luma.min,
            frame.luma.max
        );
        let columns = [
            (&own, &frame.numbers.values),
            (&reference, &frame.numbers.reference),
        ];
        for (metrics, values) in columns {
            for metric in metrics {
                let _ = match values.get(*metric) {
                    Some(value) if value.is_infinite() => write!(out, ",inf"),
                    Some(value) => write!(out, ",{value}"),
                    None => write!(out, ","),
                };
            }
        }
        out.push('\n');
    }
    out
}
