//! The one vocabulary of the pipeline, from the source of frames to the sinks of the outputs.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::error::Result;
use super::super::hex::hex;
use crate::frame::{Frame, Picture, Span};
use crate::media::{Counts, Damage, Packet};

/// What a source gives and what the stages hand on, in order.
#[derive(Clone)]
pub enum StreamItem {
    /// A frame to render; without a picture where the graph generates it.
    Frame(Option<Picture>, Span),
    /// The next frame begins a scene: histories begin anew.
    SceneBreak,
    /// A packet of another stream.
    Packet(Arc<Packet>),
    /// A chunk ends here.
    ChunkEnd(Arc<ChunkEnd>),
    /// The stream ends here.
    End,
}

/// The end of a chunk, and what decoding it gave.
#[derive(Clone)]
pub struct ChunkEnd {
    pub chunk: usize,
    /// When each of its frames is shown.
    pub decoded: Vec<Span>,
    /// Damage met in it.
    pub damage: Damage,
    /// Decoding began at this chunk or at one shortly before, not at the file's start.
    pub entered: bool,
    /// The first frame met, in it or after it; `None` in the first chunk of all.
    pub begins: Option<BoundaryFrame>,
    /// The frame after it; `None` where the stream ends.
    pub next: Option<BoundaryFrame>,
}

/// The first frame of a chunk, as seen from the chunk before: whoever begins decoding there must meet the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundaryFrame {
    pub pts: i64,
    /// SHA-256 over the samples of its picture.
    pub sha256: String,
}

impl BoundaryFrame {
    pub fn of(picture: &Picture, span: Span) -> Self {
        let mut digest = Sha256::new();
        for plane in 0..picture.format.plane_count() {
            let extent = picture
                .format
                .plane_extent(plane, picture.width, picture.height);
            for row in 0..extent.rows {
                digest.update(picture.row(plane, row));
            }
        }
        Self {
            pts: span.pts,
            sha256: hex(&digest.finalize()),
        }
    }
}

/// Where frames and packets come from: a file, a part of one, a generator.
pub trait FrameSource: Send {
    /// The next item. After `End` it is not asked again.
    fn next(&mut self) -> Result<StreamItem>;

    /// Damage met so far.
    fn damage(&self) -> Damage {
        Damage::default()
    }

    /// Time spent decoding.
    fn spent(&self) -> Duration;
}

/// Where the frames of an output go: a file, a segment for each chunk. It runs on a thread of its own.
pub trait FrameSink: Send {
    /// A packet of another stream.
    fn packet(&mut self, packet: &Arc<Packet>) -> Result<()>;

    /// The next frame of the output. `say` takes what a person should know.
    fn frame(&mut self, frame: Frame, say: &mut dyn FnMut(String)) -> Result<()>;

    /// All frames of `chunk` have come.
    fn chunk_end(&mut self, chunk: usize) -> Result<()>;

    /// The stream is over: completes what is written.
    fn end(self: Box<Self>) -> Result<Counts>;
}
