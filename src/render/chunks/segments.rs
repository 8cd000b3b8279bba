//! Where an output of a job in chunks goes: a segment for each chunk.

use std::path::PathBuf;

use crossbeam_channel::Sender;

use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::disk::Gate;
use super::folder::JobFolder;
use super::keeper::Piece;
use crate::frame::Span;
use crate::media::Shape;

/// The segments of one output.
#[derive(Clone)]
pub(in super::super) struct Segments<'a> {
    pub folder: &'a JobFolder,
    pub lane: usize,
    /// The chunk that comes first.
    pub first: usize,
    pub gate: &'a Gate,
}

impl Segments<'_> {
    /// Where the segment of `chunk` is written, once there is room for it.
    pub fn begin(
        &self,
        chunk: usize,
        cancel: &Cancel,
        say: &mut dyn FnMut(String),
    ) -> Result<PathBuf> {
        self.gate.wait(cancel, say)?;
        Ok(self.folder.segment(chunk, self.lane))
    }

    /// Hands on a segment that is complete and on the disk; without a shape, there were no frames.
    pub fn done(
        &self,
        keeper: &Sender<Piece>,
        chunk: usize,
        spans: Vec<Span>,
        shape: Option<Shape>,
    ) -> Result<()> {
        let piece = Piece::Segment {
            chunk,
            lane: self.lane,
            spans,
            shape,
        };
        keeper.send(piece).map_err(|_| RenderError::Stopped)
    }
}
