//! A finished output, compared with what went into it.

use std::path::Path;

use super::super::error::{RenderError, Result};
use super::super::pipeline::{Encoded, Times};
use super::super::report::{Fidelity, FileReport, RecipeReport};
use super::Output;
use crate::frame::Rational;
use crate::media::{SourceInfo, inspect_output, read_recipe, verify_tags};

/// Looks at a finished output again, which still lies at `file`. Its frames must have the `expected` times.
pub(in super::super) fn check(
    input: &SourceInfo,
    output: Output,
    file: &Path,
    (decoded, expected): (&Times, &Times),
    encoded: &Encoded,
    time_base: Rational,
) -> Result<FileReport> {
    let path = output.plan.path.clone();
    let unfaithful = |why: String| RenderError::Unfaithful {
        path: path.clone(),
        why,
    };
    // Both read the file, one all packets and one the first picture; together they take half the time.
    let (written, verification) = std::thread::scope(|scope| {
        // The log of a job has what is said within its span.
        let job = tracing::Span::current();
        let plan = &output.plan;
        let described = scope.spawn(move || job.in_scope(|| verify_tags(input, plan, file)));
        let written = inspect_output(file, output.plan.rendered_if_asked(input));
        let described = described.join();
        (
            written,
            described.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        )
    });
    let not_again = |error| unfaithful(format!("it cannot be read again ({error})"));
    let written = written.map_err(not_again)?;
    let frames = encoded.times.count;
    if written.frames < frames {
        return Err(unfaithful(format!(
            "it holds {} frames of {frames}",
            written.frames
        )));
    }
    if written.unreadable > 0 {
        return Err(unfaithful(format!(
            "{} places of it cannot be read",
            written.unreadable
        )));
    }
    let duration_in = match (decoded.first, decoded.last) {
        (Some(first), Some(last)) if decoded.last_duration > 0 => {
            Some(time_base.seconds(last.saturating_add(decoded.last_duration) - first))
        }
        _ => None,
    };
    // A frame whose length the container does not keep, or a tick of it.
    let usual = duration_in.map_or(0.0, |seconds| seconds / decoded.count as f64);
    let made = output.plan.frame_shape().time_base;
    let frame = time_base
        .seconds(decoded.last_duration)
        .max(made.seconds(expected.last_duration))
        .max(usual)
        .max(0.02);
    let duration_equal = output.plan.is_pictures()
        // Some containers keep no times to measure by.
        || written.duration <= 0.0
        || duration_in.is_none_or(|expected| (expected - written.duration).abs() <= 1.5 * frame);
    let verification = verification.map_err(not_again)?;
    Ok(FileReport {
        look: output.look.name(),
        recipe: output.recipe.map(|recipe| RecipeReport {
            in_file: read_recipe(file).is_ok_and(|found| found == output.plan.recipe),
            recipe,
        }),
        fidelity: Fidelity {
            decoded: *decoded,
            expected: *expected,
            encoded: encoded.times,
            frames_equal: expected.count == frames && written.frames == frames,
            times_equal: expected == &encoded.times,
            duration_in,
            duration_out: written.duration,
            duration_equal,
            checks: verification.checks,
        },
        consistency: output.consistency,
        found_first: output.found_first,
        measures: Vec::new(),
        metrics: None,
        verified: None,
        retimings: output.retimings,
        path,
        counts: encoded.counts,
        plan: output.plan,
        written,
    })
}
