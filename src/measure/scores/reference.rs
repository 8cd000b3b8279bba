//! The frames of a reference, found by their times.

use serde::Serialize;

use crate::frame::Frame;
use crate::render::Result;

use super::frames::Frames;

/// The next frame is taken where it is nearer by more than this, in seconds: of two frames as near as each other the earlier
/// one is shown.
const NEARER: f64 = 1e-4;

/// How the frames of a video and its reference belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Align {
    /// By the times at which they are shown, from the first of each.
    #[default]
    Time,
    /// By their order, from the first of each.
    Order,
}

/// The frames of a reference.
pub struct Reference {
    pub frames: Frames,
    align: Align,
    current: Option<Frame>,
    next: Option<Frame>,
    /// Time of the first frame.
    origin: i64,
    /// Whether every frame so far was given once.
    pub in_step: bool,
    /// Whether the current frame was given already.
    used: bool,
}

impl Reference {
    /// Begins with the first frame.
    ///
    /// # Errors
    /// `Nothing` where there is none; those of reading.
    pub fn new(mut frames: Frames, align: Align) -> Result<Self> {
        let current = frames.first()?;
        let next = frames.next()?;
        Ok(Self {
            origin: current.span.pts,
            frames,
            align,
            current: Some(current),
            next,
            in_step: true,
            used: false,
        })
    }

    /// The first frame, before others are asked for.
    pub fn first(&self) -> Option<&Frame> {
        self.current.as_ref()
    }

    /// The frame for the next frame of the video, which is shown `time` seconds after its first; `None` after the last.
    ///
    /// # Errors
    /// Those of reading.
    pub fn at(&mut self, time: f64) -> Result<Option<&Frame>> {
        match self.align {
            Align::Order if self.used => self.step()?,
            Align::Order => {}
            Align::Time => {
                while let (Some(current), Some(next)) = (&self.current, &self.next) {
                    let from = |frame: &Frame| (self.since_first(frame.span.pts) - time).abs();
                    if from(next) + NEARER >= from(current) {
                        break;
                    }
                    self.step()?;
                }
                // The last frame is over when its length is.
                if let (Some(current), None) = (&self.current, &self.next) {
                    let begin = self.since_first(current.span.pts);
                    let end = self.since_first(current.span.pts + current.span.duration);
                    // Files may leave its length out: it is shown for a moment then.
                    if time + NEARER > end.max(begin + 2.0 * NEARER) {
                        self.step()?;
                    }
                }
            }
        }
        self.in_step &= !self.used || self.current.is_none();
        self.used = true;
        Ok(self.current.as_ref())
    }

    /// How frames are found.
    pub fn align(&self) -> Align {
        self.align
    }

    /// Reads the rest, so that its frames are counted and its damage is known.
    ///
    /// # Errors
    /// Those of reading.
    pub fn finish(&mut self) -> Result<()> {
        (self.current, self.next) = (None, None);
        while self.frames.next()?.is_some() {}
        Ok(())
    }

    fn since_first(&self, pts: i64) -> f64 {
        self.frames.seconds(pts) - self.frames.seconds(self.origin)
    }

    fn step(&mut self) -> Result<()> {
        self.in_step &= self.used;
        self.current = self.next.take();
        self.used = false;
        if self.current.is_some() {
            self.next = self.frames.next()?;
        }
        Ok(())
    }
}
