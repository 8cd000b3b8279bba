//! How long a render will take, and how large its output will be, measured on a short part of the input.

use std::path::Path;

use serde::Serialize;

use super::auto::without_choices;
use crate::media::probe_at;
use crate::render::request::{RenderRequest, SettingValue, Time};
use crate::render::{Cancel, Excerpt, RenderError, Result, temporary_folder};

/// Seconds of the input that are rendered.
const MEASURED: &str = "0.5";
/// Where in the input they lie: beginnings are often black.
const PLACE: f64 = 1.0 / 3.0;

/// What a render is expected to need.
#[derive(Clone, Debug, Serialize)]
pub struct Estimate {
    /// Frames of one output; none where the length is not known.
    pub frames: Option<u64>,
    /// Seconds of rendering, for all outputs.
    pub seconds: Option<f64>,
    /// Bytes of all outputs.
    pub bytes: Option<u64>,
    /// Frames rendered and encoded a second.
    pub fps: f64,
    /// What it was taken from, in words.
    pub how: String,
}

/// Renders a short part of `input` by `request`, once for each output, to see how long all of it takes. `ending` is that of the
/// outputs, without a dot.
///
/// # Errors
/// Those of the request and of rendering.
pub fn estimate(
    input: &Path,
    request: &RenderRequest,
    ending: &str,
    cancel: &Cancel,
) -> Result<Estimate> {
    let request = RenderRequest {
        existing: None,
        report: None,
        ..without_choices(request)
    };
    let library = request.library()?;
    let settings = request.settings(&library)?;
    let info = probe_at(input, settings.of_input_reading(input))?;
    let frames = request.frames(&info);
    let start = info.duration.filter(|_| !info.is_image).unwrap_or(0.0) * PLACE;
    let start = Time::parse(&format!("{start:.3}")).unwrap_or_default();
    let length = Time::parse(MEASURED).unwrap_or_default();
    let excerpt = Excerpt::decode(input, &settings, start, length, cancel)?;
    let folder = temporary_folder()?;
    let (mut seconds, mut bytes) = (0.0, 0);
    let outputs = settings.styles.clone();
    for (index, style) in outputs.iter().enumerate() {
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        let mut alone = settings.clone();
        alone.styles = vec![style.clone()];
        let output = folder.path().join(format!("{index}.{ending}"));
        let report = excerpt.render(&library, &alone, &output, &mut |_| {}, cancel)?;
        seconds += (report.seconds.total - report.seconds.compile).max(1e-3);
        bytes += std::fs::metadata(&output).map_or(0, |facts| facts.len());
    }
    let measured = excerpt.frames().max(1) as f64;
    let fps = measured / seconds;
    let share = frames.map(|frames| frames as f64 / measured);
    Ok(Estimate {
        frames,
        seconds: share.map(|share| share * seconds),
        bytes: share.map(|share| (share * bytes as f64) as u64),
        fps,
        how: format!("{} frames were rendered to measure it", excerpt.frames()),
    })
}
