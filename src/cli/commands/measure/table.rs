//! The numbers of a video for people.

use std::fmt::Write as _;

use crate::measure::scores::{Compared, Summary};
use crate::metrics::{Better, Statistics};

/// What a person should know of what was measured.
pub fn remarks(summary: &Summary) -> Vec<String> {
    let mut remarks = summary.warnings.clone();
    let Some(compared) = &summary.reference else {
        return remarks;
    };
    let (own, its) = (summary.input.display(), compared.path.display());
    if summary.measured_frames < summary.frames || compared.reference_frames == summary.frames {
        return remarks;
    }
    let counts = format!(
        "{own} has {} frames, but {its} has {}",
        summary.frames, compared.reference_frames
    );
    let part =
        "if one was rendered from a part of the other, name that part with --start and --duration";
    remarks.push(match compared.in_step {
        true => format!(
            "{counts}: only the first {} were compared; {part}",
            compared.compared_frames
        ),
        false => {
            format!("{counts}: each frame was compared with the one shown at its time; {part}")
        }
    });
    remarks
}

/// The whole summary.
pub fn table(summary: &Summary) -> String {
    let mut out = format!(
        "{}: {}, {}x{}, {} bits\n",
        summary.input.display(),
        frames(summary),
        summary.width,
        summary.height,
        summary.depth,
    );
    let largest = (1u32 << summary.depth) - 1;
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "  luma   mean {:.3}, least {}, largest {}, of 0 to {largest}",
        summary.mean, summary.min, summary.max
    );
    if let Some(compared) = &summary.reference {
        let _ = writeln!(
            out,
            "against {}: {} frames compared by {}",
            compared.path.display(),
            compared.compared_frames,
            match compared.aligned_by {
                crate::measure::scores::Align::Time => "their times",
                crate::measure::scores::Align::Order => "their order",
            }
        );
    }
    let width = summary
        .metrics
        .values()
        .map(|found| found.title.chars().count());
    let width = width.max().unwrap_or(0);
    for (metric, found) in &summary.metrics {
        let own = summary.reference.as_ref();
        let before = own.and_then(|compared| compared.reference_metrics.get(metric));
        let _ = writeln!(out, "  {:width$}  {}", found.title, line(found, before));
    }
    if let Some(changes) = summary.reference.as_ref().and_then(in_words) {
        let _ = writeln!(out, "changed: {changes}");
    }
    out
}

fn frames(summary: &Summary) -> String {
    let all = match summary.frames {
        1 => "1 frame".to_owned(),
        frames => format!("{frames} frames"),
    };
    match summary.measured_frames == summary.frames {
        true => all,
        false => format!("{} of {all} measured", summary.measured_frames),
    }
}

/// One metric.
fn line(found: &Statistics, before: Option<&Statistics>) -> String {
    if found.mean.is_infinite() {
        return "infinite: no sample differs".to_owned();
    }
    let unit = match found.unit {
        "" => String::new(),
        unit => format!(" {unit}"),
    };
    let number = |value: f64| match value.abs() {
        size if size >= 100.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.3}"),
        _ => format!("{value:.5}"),
    };
    let mut line = format!("{}{unit}", number(found.mean));
    if let Some(before) = before {
        let _ = write!(line, " (the reference {})", number(before.mean));
    }
    if found.frames > 1 && found.better != Better::Neither {
        let _ = write!(line, ", 5 % of frames beyond {}", number(found.p5));
    }
    if let Some(worst) = found.worst.first().filter(|_| found.frames > 1) {
        let _ = write!(
            line,
            ", the worst frame {} at {:.2} s",
            number(worst.value),
            worst.time
        );
    }
    line
}

/// What changed against the reference.
fn in_words(compared: &Compared) -> Option<String> {
    (!compared.changes.is_empty()).then(|| compared.changes.join(", "))
}
