//! Moves borders of chunks to scene cuts nearby. Nothing is carried across a cut, so what follows it can be rendered without
//! what comes before it.

use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::super::file_source::FileSource;
use super::super::job::Job;
use super::super::pipeline::{FrameSource, StreamItem};
use crate::frame::Rational;
use crate::graph::scene::Observer;
use crate::media::Source;

/// A cut is nearby within so many seconds.
const NEAR: u32 = 3;
/// Frames that the observer sees before the first one in which it may find a cut.
const WARMUP: i64 = Observer::WARMUP as i64;

/// Looks for a scene cut near each of `cuts`, in the frames of the input of `job`, and moves the border there. Gives for each
/// whether one was found. Only the frames near the borders are decoded.
///
/// # Errors
/// Those of reading the input; `Cancelled`.
pub(super) fn move_to_scenes(cuts: &mut [i64], job: &Job, cancel: &Cancel) -> Result<Vec<bool>> {
    let info = &job.input.info;
    let unit = info.video().time_base;
    let near = Rational::new(1, 1).rescale(NEAR.into(), unit).max(1);
    let rate = info.pictures().frame_rate;
    let warm = match rate.num > 0 {
        true => Rational::new(rate.den, rate.num).rescale(WARMUP, unit),
        false => near,
    };
    let mut found = Vec::with_capacity(cuts.len());
    for cut in cuts {
        let scene = nearest_scene(*cut, (near, warm), job, cancel)?;
        found.push(scene.is_some());
        *cut = scene.unwrap_or(*cut);
    }
    Ok(found)
}

/// The time nearest to `border`, at most `near` ticks away, at which a scene begins. Measuring begins `warm` ticks earlier.
fn nearest_scene(
    border: i64,
    (near, warm): (i64, i64),
    job: &Job,
    cancel: &Cancel,
) -> Result<Option<i64>> {
    let info = &job.input.info;
    let (from, to) = (border.saturating_sub(near), border.saturating_add(near));
    let mut source = Source::open_at(&info.path, info.reading)?;
    source.pictures_only();
    let all = info.part.as_ref().map(|part| part.range.clone());
    let all = all.unwrap_or(i64::MIN..i64::MAX);
    let begin = from.saturating_sub(warm).max(all.start);
    source.range(begin..to.saturating_add(1).min(all.end))?;
    let mut source = FileSource::new(source, false);
    let mut observer = Observer::default();
    let mut nearest: Option<i64> = None;
    loop {
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        match source.next()? {
            StreamItem::Frame(Some(picture), span) => {
                let observed = observer.observe(&picture);
                let nearer = |other: i64| border.abs_diff(span.pts) < border.abs_diff(other);
                if observed.cut && span.pts >= from && nearest.is_none_or(nearer) {
                    nearest = Some(span.pts);
                }
            }
            StreamItem::SceneBreak => observer.begin_scene(),
            StreamItem::End => return Ok(nearest),
            _ => {}
        }
    }
}
