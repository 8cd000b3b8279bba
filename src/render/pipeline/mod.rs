//! The threads of a job: one decodes, one runs the graph, one for each output encodes and muxes. For jobs in chunks
//! another completes each segment while the next is begun, and one notes what is done. Between them are channels of a few
//! frames, so that the slowest sets the pace and memory stays flat.

mod compute;
mod decode;
mod encode;
mod failure;
mod times;

use std::path::Path;
use std::sync::Arc;
use std::thread::{Builder, Scope, ScopedJoinHandle};

use crossbeam_channel::{bounded, unbounded};

use super::chunks::{Book, Memory, Segments};
use super::error::{RenderError, Result};
use super::event::Cancel;
use super::feed::{Cut, Feed};
use super::watchdog::Watchdog;
use crate::frame::{Frame, Picture, Rational, Span};
use crate::graph::Executor;
use crate::media::{Header, OutputPlan, Packet};

use compute::{Computed, Graph, Tap};
use decode::{Decoded, decode};
use encode::Encode;
use failure::{At, Failures};

pub(super) use encode::Encoded;
pub(super) use failure::words_of;
pub use times::Times;

/// Frames that wait between two threads.
const FRAMES_AHEAD: usize = 3;
/// Pieces of finished chunks that wait to be noted.
const PIECES_AHEAD: usize = 4;

/// An output being made.
pub(super) struct Lane<'a> {
    pub plan: &'a OutputPlan,
    pub to: To<'a>,
    /// The port of the graph's plan; none where the planes bypass the graph.
    pub port: Option<usize>,
}

/// Where a lane writes to.
pub(super) enum To<'a> {
    File(&'a Path),
    /// A file for each chunk, of pictures alone.
    Segments(Segments<'a>),
}

/// Everything a run needs.
pub(super) struct Run<'a> {
    pub feed: Box<dyn Feed>,
    pub executor: Option<Box<dyn Executor>>,
    pub header: &'a Arc<Header>,
    pub lanes: Vec<Lane<'a>>,
    pub time_base: Rational,
    /// Time of the stream's start, where the file says it.
    pub start: Option<i64>,
    pub seed: u32,
    /// Whether anything depends on what is observed of the frames.
    pub observed: bool,
    pub cancel: &'a Cancel,
    /// Takes what is done, where the job goes in chunks.
    pub book: Option<&'a Book<'a>>,
    /// What the executor goes on from.
    pub memory: Memory,
    /// Whether frames that look as if a graphics processor had failed end the run.
    pub doubt: bool,
}

/// Something to be told.
pub(super) enum Note {
    /// A frame was encoded.
    Frame { lane: usize, span: Span },
    /// What a person should know.
    Warning(String),
}

pub(super) struct Outcome {
    pub decoded: Decoded,
    pub computed: Computed,
    pub encoded: Vec<Encoded>,
}

/// From the decoder to the graph: the packets before a frame, and the frame.
#[derive(Default)]
struct Batch {
    packets: Vec<Arc<Packet>>,
    frame: Option<(Option<Picture>, Span)>,
    /// What comes next has nothing to do with what came before.
    begins_scene: bool,
    /// The chunk ends here.
    cut: Option<Box<Cut>>,
    /// Nothing comes after it.
    last: bool,
}

/// From the graph to an output.
enum Item {
    Packets(Vec<Arc<Packet>>),
    Frame(Frame),
    /// The chunk of this number is over.
    Cut(usize),
    End,
}

/// Renders; `note` hears of every encoded frame, on the calling thread. All threads have ended when this returns.
pub(super) fn run(run: Run<'_>, mut note: impl FnMut(Note)) -> Result<Outcome> {
    let Run {
        feed,
        executor,
        header,
        lanes,
        time_base,
        start,
        seed,
        observed,
        cancel,
        book,
        memory,
        doubt,
    } = run;
    let places: Vec<At> = (0..2 + lanes.len()).map(|_| At::new()).collect();
    let taps = lanes
        .iter()
        .map(|lane| {
            lane.port
                .map_or(Tap::Decoder(lane.plan.video.format), Tap::Port)
        })
        .collect();
    std::thread::scope(|scope| {
        let (to_graph, from_decoder) = bounded(FRAMES_AHEAD);
        let (notes, heard) = unbounded();
        let (to_book, pieces) = bounded(PIECES_AHEAD);
        let mut to_lanes = Vec::new();
        let mut encoders = Vec::new();
        for (index, lane) in lanes.iter().enumerate() {
            let (to_lane, from_graph) = bounded(2 * FRAMES_AHEAD);
            to_lanes.push(to_lane);
            let encode = Encode {
                index,
                lane,
                header,
                cancel,
                at: &places[2 + index],
                notes: notes.clone(),
                pieces: to_book.clone(),
            };
            encoders.push(spawn(scope, "encode", move || encode.run(&from_graph))?);
        }
        drop(notes);
        let at = &places[0];
        let decoder = spawn(scope, "decode", move || decode(feed, &to_graph, cancel, at))?;
        let device = executor.as_ref().map(|executor| executor.device());
        let graph = Graph {
            doubted: device.filter(|device| doubt && device.executor == "gpu"),
            executor,
            taps,
            lanes: to_lanes,
            time_base,
            start,
            seed,
            observed,
            observer: memory.observer,
            watchdog: Watchdog::default(),
            cancel,
            at: &places[1],
            pieces: to_book,
        };
        let graph = spawn(scope, "compute", move || {
            graph.run(&from_decoder, &memory.executor)
        })?;
        let keeper = match book {
            Some(book) => Some(spawn(scope, "keep", move || book.keep(&pieces))?),
            None => None,
        };
        for heard in heard {
            note(heard);
        }
        let mut failures = Failures::default();
        let encoded: Vec<Option<Encoded>> = encoders
            .into_iter()
            .zip(&places[2..])
            .map(|(thread, at)| failures.join(thread, "encode", at, time_base))
            .collect();
        let computed = failures.join(graph, "compute", &places[1], time_base);
        let decoded = failures.join(decoder, "decode", &places[0], time_base);
        let nowhere = At::new();
        if let Some(keeper) = keeper {
            failures.join(keeper, "keep", &nowhere, time_base);
        }
        match (failures.0, decoded, computed, encoded.into_iter().collect()) {
            (None, Some(decoded), Some(computed), Some(encoded)) => Ok(Outcome {
                decoded,
                computed,
                encoded,
            }),
            (failure, ..) => Err(failure.unwrap_or(RenderError::Stopped)),
        }
    })
}

fn spawn<'scope, 'env, T: Send + 'scope>(
    scope: &'scope Scope<'scope, 'env>,
    name: &str,
    work: impl FnOnce() -> Result<T> + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, Result<T>>> {
    // What a thread logs belongs to its job.
    let job = tracing::Span::current();
    Builder::new()
        .name(name.to_owned())
        .spawn_scoped(scope, move || job.in_scope(work))
        .map_err(RenderError::NoThread)
}
