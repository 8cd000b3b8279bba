//! A picture before and after a model, side by side: what `aquatint models check` shows.

use std::path::Path;

use super::with_models;
use crate::color::Color;
use crate::frame::{Model as ColorModel, Picture, PixelFormat, Rational, Span, Subsampling};
use crate::graph::cpu::CpuExecutor;
use crate::graph::plan::{self, OutputRequest, PlanOptions, Source, StyleUse, Temporal};
use crate::graph::style::{Library, Values};
use crate::graph::{Output, Session};
use crate::media;
use crate::neural::{EngineChoice, Model, OutputKind, Range};
use crate::render::error::{RenderError, Result};
use crate::render::files;

/// The style that generates the scene, its size in pixels, and the frame that is shown.
const SCENE: &str = "demo";
const SIZE: (u32, u32) = (640, 360);
const FRAME: i64 = 40;
const RATE: Rational = Rational::new(25, 1);
/// Columns between the two pictures.
const GAP: usize = 8;

/// `picture`, or the demo's scene where there is none, on the left, and on the right what `model` makes of it on the
/// processor: 8-bit RGB. `range` is used in place of what its contract says. Where the model enlarges, the pixels on the left are repeated as often. `None` for a model that
/// makes no picture.
///
/// # Errors
/// `Media` for a file that is no picture; those of planning and running the model.
pub fn before_and_after(
    model: &Model,
    choice: EngineChoice,
    range: Option<Range>,
    picture: Option<&Path>,
) -> Result<Option<Picture>> {
    let mut outputs = model.contract.outputs.iter();
    if !outputs.any(|output| matches!(output.kind, OutputKind::Picture(_))) {
        return Ok(None);
    }
    let library = with_models(Library::built_in(), choice);
    let picture = picture.map(media::read_image).transpose()?;
    let (source, before) = match &picture {
        Some(picture) => (Source::of(picture), "identity"),
        None => (
            Source {
                width: SIZE.0,
                height: SIZE.1,
                coded: None,
                time_base: Rational::new(1, 25),
                rate: RATE,
                start: 0,
                interlaced: Default::default(),
            },
            SCENE,
        ),
    };
    let before = StyleUse::new(library.load(before)?);
    let style = library.load("neural")?;
    let mut values = Values::defaults(&style.params);
    let mut set = |param: &str, text: &str| values.set("neural", &style.params, param, text);
    match model.file() {
        Some(file) => set("model_path", &file.to_string_lossy())?,
        None => set("look", &model.name)?,
    }
    set("mode", "whole")?;
    if let Some(range) = range {
        set("range", range.word())?;
    }
    let after = StyleUse {
        values,
        ..StyleUse::new(style)
    };
    let request = |chain| OutputRequest {
        chain,
        format: PixelFormat::planar(ColorModel::Rgb, Subsampling::S444, 8, false),
        color: Color::default(),
        temporal: Temporal::Off,
    };
    let requests = [request(vec![before.clone()]), request(vec![before, after])];
    let plan = plan::plan(&library, &source, &requests, PlanOptions::default())?;
    let read = |file| files::read(&library, &plan, file);
    let files = plan.files.iter().map(read).collect::<Result<Vec<_>>>()?;
    let executor = CpuExecutor::new(plan, &files)?;
    let mut session = Session::new(Box::new(executor), Some(0), 0);
    let span = Span {
        pts: FRAME,
        duration: 1,
    };
    let mut made = session.push(picture, span)?;
    made.extend(session.finish()?);
    made.sort_by_key(|output| output.port);
    let mut pictures = made.into_iter().filter_map(Output::picture);
    match (pictures.next(), pictures.next()) {
        (Some(before), Some(after)) => Ok(Some(side_by_side(&before, &after))),
        _ => Err(RenderError::Nothing {
            path: model.path().to_owned(),
        }),
    }
}

/// Two pictures of 8-bit components in one; the first is enlarged by repeated pixels to the height of the second.
fn side_by_side(before: &Picture, after: &Picture) -> Picture {
    let times = (after.height / before.height).max(1) as usize;
    let mut bytes = Vec::new();
    for plane in 0..after.format.plane_count() {
        for y in 0..after.height as usize {
            let left = before.row(plane, (y / times).min(before.height as usize - 1));
            bytes.extend(
                left.iter()
                    .flat_map(|value| std::iter::repeat_n(*value, times)),
            );
            bytes.extend([u8::MAX; GAP]);
            bytes.extend_from_slice(after.row(plane, y));
        }
    }
    let width = before.width as usize * times + GAP + after.width as usize;
    Picture::from_rows(
        width as u32,
        after.height,
        after.format,
        after.color,
        &bytes,
    )
}
