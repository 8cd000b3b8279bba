//! The fourth frame of a scene in a style: a scene begins, goes on, and histories hold what they hold.

use super::super::device::Choice;
use super::super::error::{RenderError, Result};
use super::super::inspect::files_of;
use super::scenes::{self, Scene};
use crate::frame::Picture;
use crate::graph::plan::Plan;
use crate::graph::style::{Library, Style};

/// That the scenes can be rendered in `style`.
///
/// # Errors
/// `Usage` for a style that takes no picture, or several.
pub fn takes_a_picture(style: &Style) -> Result<()> {
    if style.inputs.len() == 1 {
        return Ok(());
    }
    Err(RenderError::usage(
        format!(
            "the style {} takes no picture, so the scenes cannot be rendered in it",
            style.name
        ),
        "name another style",
    ))
}

/// The last frame of `scene` in `plan`, a plan for the scenes, on the device `choice`.
///
/// # Errors
/// Those of reading the plan's files and of rendering; `Usage` where no picture comes out.
pub fn fourth_frame(
    library: &Library,
    plan: Plan,
    scene: Scene,
    choice: &Choice,
) -> Result<Picture> {
    let files = files_of(library, &plan)?;
    let executor = choice.executor(library, plan, &files)?;
    let mut pictures = scenes::rendered(executor, &scenes::frames(scene))?;
    pictures.pop().ok_or_else(|| {
        RenderError::usage(
            format!("no picture of the scene {} comes out of the style", scene.0),
            "a style whose result is words can be measured, not rendered",
        )
    })
}
