//! Compares frame times: equal apart from one shift of all streams and the rounding to ticks.

use super::file_scan::FileScan;
use super::{Verdict, Verification};

/// By how many seconds the output is later than the source: the mean over all frames, or where the numbers of frames
/// differ, that of the first ones.
pub(super) fn shift(before: &FileScan, after: &FileScan) -> f64 {
    let count = match before.frames.len() == after.frames.len() {
        true => before.frames.len(),
        false => 1,
    };
    let pairs = before.frames.iter().zip(&after.frames).take(count);
    let seconds =
        pairs.map(|(a, b)| after.time_base.seconds(b.pts) - before.time_base.seconds(a.pts));
    seconds.sum::<f64>() / count.max(1) as f64
}

pub(super) fn compare(to: &mut Verification, before: &FileScan, after: &FileScan) {
    let (given, found) = (before.frames.len(), after.frames.len());
    let (rate, made) = (per_second(before), per_second(after));
    match (rate, made) {
        (Some(rate), Some(made)) if given != found && (made / rate - 1.0).abs() > 0.01 => {
            let why = format!(
                "{made:.3} frames a second, not {rate:.3}: if that was asked for, give --fps as it was given to render"
            );
            let (given, found) = (given.to_string(), found.to_string());
            to.add("frames", given, found, Verdict::Differs, &why);
        }
        _ => to.equal("frames", given, found),
    }
    let damaged = |scan: &FileScan| match scan.damage.any() {
        false => "none".to_owned(),
        true => scan.damage.words().join("; "),
    };
    let verdict = match after.damage.any() {
        true => Verdict::Differs,
        false if before.damage.any() => Verdict::Allowed,
        false => Verdict::Same,
    };
    to.add("damage", damaged(before), damaged(after), verdict, "");
    if before.info.is_image || after.info.is_image {
        return;
    }
    if after.info.sequence.is_some() && before.info.sequence.is_none() {
        let words = |scan: &FileScan| format!("{} frames", scan.frames.len());
        let why = "an image sequence stores no times";
        to.add(
            "frame times",
            words(before),
            words(after),
            Verdict::Allowed,
            why,
        );
        return;
    }
    let shift = shift(before, after);
    let (tick_in, tick_out) = (before.time_base.to_f64(), after.time_base.to_f64());
    // Each time base rounds by up to half a tick, and the shift is rounded too.
    let tolerance = tick_in.max(tick_out) + 1e-6;
    let worst = before
        .frames
        .iter()
        .zip(&after.frames)
        .map(|(a, b)| {
            let off = after.time_base.seconds(b.pts) - before.time_base.seconds(a.pts);
            (off - shift).abs()
        })
        .fold(0.0, f64::max);
    let span = |scan: &FileScan| match (scan.frames.first(), scan.frames.last()) {
        (Some(first), Some(last)) => format!(
            "{:.4} to {:.4} s",
            scan.time_base.seconds(first.pts),
            scan.time_base.seconds(last.pts)
        ),
        _ => "none".to_owned(),
    };
    let verdict = match worst {
        worst if worst > tolerance => Verdict::Differs,
        _ if shift.abs() > tolerance => Verdict::Allowed,
        _ => Verdict::Same,
    };
    let why = format!(
        "shifted by {:+.3} ms; the rest differs by at most {:.3} ms; a tick is {:.3} ms",
        shift * 1e3,
        worst * 1e3,
        tick_out * 1e3
    );
    to.add("frame times", span(before), span(after), verdict, &why);
    lengths(to, before, after, tolerance);
}

/// Frames per second on average; `None` for less than two frames.
fn per_second(scan: &FileScan) -> Option<f64> {
    let (first, last) = (scan.frames.first()?, scan.frames.last()?);
    let length = scan.time_base.seconds(last.pts - first.pts);
    (length > 0.0).then(|| (scan.frames.len() - 1) as f64 / length)
}

/// Compares the duration of the last frame. (The others last until the next frame.)
fn lengths(to: &mut Verification, before: &FileScan, after: &FileScan, tolerance: f64) {
    let last = |scan: &FileScan| {
        let last = scan.frames.last().map_or(0, |frame| frame.duration);
        (last > 0).then(|| scan.time_base.seconds(last))
    };
    let words = |length: Option<f64>| length.map_or("unknown".to_owned(), |s| format!("{s:.4} s"));
    let (a, b) = (last(before), last(after));
    let container = after.info.container.as_str();
    let late = after
        .frames
        .first()
        .map_or(0.0, |frame| after.time_base.seconds(frame.pts));
    let (verdict, why) = match (a, b) {
        (Some(a), Some(b)) if (a - b).abs() <= 2.0 * tolerance => (Verdict::Same, ""),
        (Some(a), Some(b)) if container.contains("mov") && (a - b - late).abs() < 0.002 => (
            Verdict::Allowed,
            "FFmpeg shortens the last frame by the late start of the video",
        ),
        (Some(_), Some(_)) if container.contains("matroska") => (
            Verdict::Allowed,
            "the container does not store it; the value is estimated",
        ),
        (Some(_), Some(_)) => (Verdict::Differs, ""),
        _ => (Verdict::Allowed, ""),
    };
    to.add("last frame's length", words(a), words(b), verdict, why);
}
