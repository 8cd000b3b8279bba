//! Single frames of the scene, in any order.

use std::path::PathBuf;

use super::super::device::Choice;
use super::super::error::{RenderError, Result};
use super::super::inspect::files_of;
use super::super::settings::Settings;
use super::{SCENE, described};
use crate::frame::{Picture, Rational, Span};
use crate::graph::plan::{OutputRequest, PlanOptions, Source, StyleUse, Temporal, plan};
use crate::graph::style::Library;
use crate::graph::{Output, Session};
use crate::media::Generated;

/// Width and height of the frames, in pixels.
const SIZE: (u32, u32) = (1280, 720);
/// Length of the scene, in seconds.
const SECONDS: u32 = 8;

/// Renders frames of the scene when they are asked for.
pub struct SceneFrames {
    session: Session,
    what: Generated,
}

/// The scene, rendered on the device of `settings`.
///
/// # Errors
/// Those of planning and of the device.
pub fn scene_frames(settings: &Settings) -> Result<SceneFrames> {
    let library = Library::built_in();
    let what = described(SIZE, SECONDS);
    let source = Source {
        width: what.width,
        height: what.height,
        coded: None,
        time_base: Rational::new(what.frame_rate.den, what.frame_rate.num),
        rate: what.frame_rate,
        start: 0,
        interlaced: Default::default(),
    };
    let request = OutputRequest {
        chain: vec![StyleUse::new(library.load(SCENE)?)],
        format: what.format,
        color: what.color,
        temporal: Temporal::Off,
    };
    let plan = plan(&library, &source, &[request], PlanOptions::default())?;
    let (choice, _) = Choice::of(&settings.device, &plan, &settings.job.gpus)?;
    let files = files_of(&library, &plan)?;
    let executor = choice.executor(&library, plan, &files)?;
    Ok(SceneFrames {
        session: Session::new(executor, Some(0), 0),
        what,
    })
}

impl SceneFrames {
    /// What the scene is.
    pub fn what(&self) -> &Generated {
        &self.what
    }

    /// The frame that is shown at `span`, in ticks of a frame.
    ///
    /// # Errors
    /// Those of the device.
    pub fn render(&mut self, span: Span) -> Result<Picture> {
        self.session.restart(Some(0))?;
        let mut outputs = self.session.push(None, span)?;
        outputs.extend(self.session.finish()?);
        let picture = outputs.into_iter().find_map(Output::picture);
        picture.ok_or_else(|| RenderError::Nothing {
            path: PathBuf::from("the generated scene"),
        })
    }
}
