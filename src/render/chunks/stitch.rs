//! The end of a job in chunks: segments are joined into outputs, which are checked and renamed.

use std::fs::File;
use std::time::Duration;

use super::super::committed_outputs;
use super::super::error::{RenderError, Result};
use super::super::event::{Cancel, Event};
use super::super::job::{JobReporter, Output};
use super::super::naming::folder_of;
use super::super::pending_output::PendingOutput;
use super::super::pipeline::{Encoded, Times};
use super::super::settings::Settings;
use super::super::whole_outputs::{CheckedOutputs, WholeOutput};
use super::disk::wait_for;
use super::job_dir::JobDir;
use super::record::{Record, Segment};
use crate::frame::Span;
use crate::media::{Counts, Header, MediaError, Stitcher};

/// The data needed besides the records.
pub(super) struct Work<'a> {
    pub dir: &'a JobDir,
    pub header: &'a std::sync::Arc<Header>,
    pub input: &'a File,
    pub settings: &'a Settings,
    /// The time from which frames at the output's rate count, where that is not the stream's start.
    pub origin: Option<i64>,
    pub cancel: &'a Cancel,
}

/// Joins every output and renames it into place. `unchanged` checks that the input has not changed.
pub(super) fn stitch(
    work: &Work<'_>,
    outputs: Vec<Output>,
    records: &[&Record],
    unchanged: impl FnOnce() -> Result<()>,
    reporter: &mut JobReporter<'_>,
) -> Result<Times> {
    let spans = || records.iter().flat_map(|record| &record.decoded);
    let decoded = Times::of(spans());
    let mut made = Vec::new();
    for (lane, output) in outputs.iter().enumerate() {
        made.push(one(work, lane, output, records, reporter)?);
    }
    unchanged()?;
    if work.cancel.requested() {
        return Err(RenderError::Cancelled);
    }
    let mut checked = CheckedOutputs::default();
    for (output, (made, encoded)) in outputs.into_iter().zip(made) {
        let start = work.origin.or(reporter.report.input.video().start);
        let expected = Times::retimed(spans(), &output.retimings, start);
        let check = reporter.check(output, made.path(), &decoded, &expected, &encoded);
        checked.add(made, check);
    }
    let text = committed_outputs::describe(&checked.named());
    let path = work.dir.path().join(committed_outputs::NAME);
    let text = text.map_err(|error| MediaError::write(&path, error))?;
    work.dir.write(committed_outputs::NAME, &text)?;
    checked.commit(work.settings.existing)?;
    Ok(decoded)
}

/// Joins one output, unless it is in place already.
fn one(
    work: &Work<'_>,
    lane: usize,
    output: &Output,
    records: &[&Record],
    reporter: &mut JobReporter<'_>,
) -> Result<(WholeOutput, Encoded)> {
    let path = &output.plan.path;
    let segments: Vec<(usize, &Segment)> = records
        .iter()
        .filter_map(|record| Some((record.chunk, record.segments.get(lane)?)))
        .filter(|(_, segment)| segment.file.is_some())
        .collect();
    let spans = segments.iter().flat_map(|(_, segment)| &segment.spans);
    let times = Times::of(spans.clone());
    let encoded = |counts| Encoded {
        times,
        counts,
        seconds: Duration::ZERO,
    };
    if committed_outputs::is_ours(work.dir.path(), path) {
        let counts = Counts {
            frames: times.count,
            video_packets: times.count,
            ..Counts::default()
        };
        return Ok((WholeOutput::InPlace(path.clone()), encoded(counts)));
    }
    let shape = segments.iter().find_map(|(_, segment)| segment.shape);
    let Some(shape) = shape else {
        return Err(RenderError::Nothing { path: path.clone() });
    };
    let bytes = segments
        .iter()
        .filter_map(|(_, segment)| segment.file.as_ref());
    let bytes: u64 = bytes.map(|file| file.bytes).sum();
    let mut say = |words| reporter.say(words);
    wait_for(
        folder_of(path),
        bytes,
        work.settings.job.low_disk,
        work.cancel,
        &mut say,
    )?;
    let partial = PendingOutput::create(path)?;
    let again = |error| MediaError::Read {
        path: path.clone(),
        why: format!("the source cannot be read a second time: {error}"),
    };
    let input = work.input.try_clone().map_err(again)?;
    let reorder = segments.iter().map(|(_, segment)| segment.reorder).max();
    let mut stitcher = Stitcher::create(
        partial.temporary(),
        &output.plan,
        work.header,
        input,
        shape,
        reorder.unwrap_or(0),
    )?;
    let chunks = segments.len();
    for (done, (chunk, segment)) in segments.into_iter().enumerate() {
        reporter.tell(Event::Stitch {
            done,
            chunks,
            output: path.clone(),
            input: reporter.report.input.path.clone(),
        });
        if work.cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        let spans: &[Span] = &segment.spans;
        stitcher.segment(&work.dir.segment(chunk, lane), spans)?;
    }
    let counts = stitcher.finish()?;
    Ok((WholeOutput::Pending(partial), encoded(counts)))
}
