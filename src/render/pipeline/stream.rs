//! The items that all stages of the pipeline exchange, and the traits of its two ends.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::error::Result;
use super::super::hex::hex;
use crate::frame::{Frame, Picture, Span};
use crate::media::{Attached, Counts, Damage, Packet};

/// An item of the stream. Sources and stages pass items on in order.
#[derive(Clone)]
pub enum StreamItem {
    /// A frame to render; the picture is `None` if the graph generates it.
    Frame(Option<Picture>, Span),
    /// The next frame begins a scene, so histories are emptied.
    SceneBreak,
    /// Data that goes with the picture at this time, in ticks of the source. It comes before the frame.
    Attached(i64, Arc<Attached>),
    /// A packet of another stream.
    Packet(Arc<Packet>),
    /// A chunk ends here.
    ChunkEnd(Arc<ChunkEnd>),
    /// The stream ends here.
    End,
}

/// The end of a chunk and the results of decoding it.
#[derive(Clone)]
pub struct ChunkEnd {
    pub chunk: usize,
    /// Times of its frames.
    pub decoded: Vec<Span>,
    /// Damage found in it.
    pub damage: Damage,
    /// Whether decoding began at this chunk or shortly before it, not at the start of the file.
    pub entered: bool,
    /// The first decoded frame at or after its start; `None` if this chunk is the first of the file.
    pub begins: Option<BoundaryFrame>,
    /// The first frame after the chunk; `None` at the end of the stream.
    pub next: Option<BoundaryFrame>,
}

/// The first frame of a chunk, as seen by the chunk before it. Decoding that starts at the chunk must give the same
/// frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundaryFrame {
    pub pts: i64,
    /// SHA-256 of the samples of its picture.
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

/// A source of frames and packets: a file, a part of a file, or a generator.
pub trait FrameSource: Send {
    /// Returns the next item. It is not called again after `End`.
    fn next(&mut self) -> Result<StreamItem>;

    /// Damage found so far.
    fn damage(&self) -> Damage {
        Damage::default()
    }

    /// Time spent decoding.
    fn spent(&self) -> Duration;
}

/// The destination of an output's frames: a file, or one segment for each chunk. It runs on its own thread.
pub trait FrameSink: Send {
    /// A packet of another stream.
    fn packet(&mut self, packet: &Arc<Packet>) -> Result<()>;

    /// The data of the picture at `pts`, in ticks of the source. It comes before all frames that are made of the picture.
    /// `say` is called with warnings for the user.
    fn attached(
        &mut self,
        pts: i64,
        attached: &Arc<Attached>,
        say: &mut dyn FnMut(String),
    ) -> Result<()>;

    /// The next frame of the output. `say` is called with warnings for the user.
    fn frame(&mut self, frame: Frame, say: &mut dyn FnMut(String)) -> Result<()>;

    /// All frames of `chunk` have been passed. The source's next picture has the time `next`; `None` at the end.
    /// `say` is called with warnings for the user.
    fn chunk_end(
        &mut self,
        chunk: usize,
        next: Option<i64>,
        say: &mut dyn FnMut(String),
    ) -> Result<()>;

    /// The end of the stream: completes the file. `say` is called with warnings for the user.
    fn end(self: Box<Self>, say: &mut dyn FnMut(String)) -> Result<Counts>;
}
