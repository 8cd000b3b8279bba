//! What is looked at of a rendered way.

use std::path::Path;

use crate::frame::Picture;
use crate::graph::style::Library;
use crate::media::{MediaError, Source, SourceEvent};
use crate::render::request::RenderRequest;
use crate::render::{Cancel, Job, OutputLocation, RenderError, Report, Result};

/// The pictures of the video at `file` that lie at these shares of its frames, 0 to 1.
///
/// # Errors
/// `Nothing` where it has none; those of [`Source`].
pub fn at_fractions(file: &Path, places: &[f64]) -> Result<Vec<Picture>> {
    let mut source = Source::open(file)?;
    source.pictures_only();
    let mut all = Vec::new();
    loop {
        match source.next_event()? {
            Some(SourceEvent::Frame(frame, _)) => all.push(frame.picture),
            Some(SourceEvent::Packet(_)) => {}
            None => break,
        }
    }
    if all.is_empty() {
        return Err(RenderError::Nothing { path: file.into() });
    }
    let at = |place: &f64| ((all.len() - 1) as f64 * place).round() as usize;
    Ok(places.iter().map(|place| all[at(place)].clone()).collect())
}

/// The bytes of an MP4 file that browsers play, of the video at `file` whose render gave `report`: itself if it is H.264 in
/// 4:2:0 of 8 bits, else the same pictures as that.
///
/// # Errors
/// Those of rendering it again, and of reading it.
pub fn playable(file: &Path, report: &Report, cancel: &Cancel) -> Result<Vec<u8>> {
    let video = report.outputs.first().map(|output| &output.plan.video);
    let plays = video.is_some_and(|video| {
        video.codec == "h264" && video.pix_fmt.starts_with("yuv420p") && video.format.depth == 8
    });
    let read = |path: &Path| {
        std::fs::read(path).map_err(|error| {
            RenderError::from(MediaError::Read {
                path: path.into(),
                why: error.to_string(),
            })
        })
    };
    if plays && file.extension().is_some_and(|ending| ending == "mp4") {
        return read(file);
    }
    let request = RenderRequest {
        device: Some("cpu".to_owned()),
        ..RenderRequest::default()
    }
    .for_browsers(&Library::built_in())?;
    let library = request.library()?;
    let mut settings = request.settings(&library)?;
    settings.job.chunk = None;
    let to = file.with_extension("page.mp4");
    let output = OutputLocation {
        out: Some(to.clone()),
        ..OutputLocation::default()
    };
    Job::prepare(&library, &settings, file, &output)?.run(&mut |_| {}, cancel)?;
    read(&to)
}
