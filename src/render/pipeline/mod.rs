//! The threads of a job: one decodes, one measures the source's frames, one runs the graph, one hands out what it makes,
//! and one for each output encodes and muxes. They are connected by channels of a few frames, so the slowest thread sets
//! the speed and memory use does not grow.

mod compute;
mod decode;
mod encode;
mod failure;
mod hand_out;
mod observe;
mod relief;
mod stream;
mod times;

use std::ops::Range;
use std::thread::{Builder, Scope, ScopedJoinHandle};

use crossbeam_channel::{bounded, unbounded};

use super::error::{RenderError, Result};
use super::event::Cancel;
use super::newest::Newest;
use super::style_measures::Tallies;
use super::watchdog::WatchedSession;
use crate::frame::{PixelFormat, Rational, Retimer, Retiming, Span};
use crate::graph::Session;
use crate::hardware::WatchedGpu;

use compute::{Compute, Computed, LaneInput};
use decode::{Decoded, decode};
use encode::Encode;
use failure::{CurrentFrame, Failures};
use hand_out::{HandOut, HandedOut};
use observe::Observe;
use relief::Relief;

pub(super) use compute::{ComputedChunk, OnChunkEnd};
pub(super) use encode::Encoded;
pub use failure::panic_message;
pub(super) use stream::{BoundaryFrame, ChunkEnd, FrameSink, FrameSource, StreamItem};
pub use times::Times;

/// Capacity of a channel between two threads, in frames.
const FRAMES_AHEAD: usize = 3;

/// One output.
pub(super) struct OutputLane<'a> {
    pub sink: Box<dyn FrameSink + 'a>,
    /// The port of the graph's plan; `None` if the decoder's planes bypass the graph.
    pub port: Option<usize>,
    /// The pixel format of its pictures.
    pub format: PixelFormat,
    /// How the times of its frames follow from the source's; none where they are the same.
    pub retimings: Vec<Retiming>,
}

/// Everything that a run needs.
pub(super) struct Run<'a> {
    pub source: Box<dyn FrameSource>,
    /// The session that runs the graph, if there is one.
    pub session: Option<WatchedSession>,
    pub lanes: Vec<OutputLane<'a>>,
    /// Time base of the source's frames.
    pub time_base: Rational,
    /// Time of the source's start; `None` is that of its first frame.
    pub start: Option<i64>,
    pub cancel: &'a Cancel,
    /// Called at the end of each chunk.
    pub on_chunk_end: OnChunkEnd<'a>,
    /// Times of the frames that are put out, in ticks of the source.
    pub wanted: Range<i64>,
    /// The card that runs the graph, where it is watched.
    pub gpu: Option<WatchedGpu>,
    /// Where the newest picture of the first output is left.
    pub newest: Option<Newest>,
}

/// A message for the listener.
pub(super) enum Note {
    /// A frame was encoded.
    Frame { lane: usize, span: Span },
    /// A warning for the user.
    Warning(String),
}

pub(super) struct Outcome {
    pub decoded: Decoded,
    pub computed: Computed,
    pub handed_out: HandedOut,
    pub encoded: Vec<Encoded>,
}

/// Renders. `note` is called on the calling thread for each encoded frame. All threads have ended when this returns.
pub(super) fn run(run: Run<'_>, mut note: impl FnMut(Note)) -> Result<Outcome> {
    let Run {
        source,
        session,
        lanes,
        time_base,
        start,
        cancel,
        on_chunk_end,
        wanted,
        gpu,
        newest,
    } = run;
    let unit_of = |lane: &OutputLane<'_>| lane.retimings.last().map_or(time_base, |last| last.to);
    let units: Vec<Rational> = lanes.iter().map(unit_of).collect();
    let retimer = |lane: &OutputLane<'_>| Retimer::new(&lane.retimings, start);
    let retimers = lanes.iter().map(retimer).collect();
    // Where each thread is.
    let [decoding, observing, computing, handing_out] = [(); 4].map(|()| CurrentFrame::new());
    let encoding: Vec<CurrentFrame> = lanes.iter().map(|_| CurrentFrame::new()).collect();
    std::thread::scope(|scope| {
        let observe = Observe::new(session.as_ref(), cancel, &observing);
        // As many frames are held in all, whether there is a thread in between or not: it holds one, and one follows it.
        let ahead = match &observe {
            Some(_) => FRAMES_AHEAD - 2,
            None => FRAMES_AHEAD,
        };
        let (to_graph, mut from_decoder) = bounded(ahead);
        let (notes, received) = unbounded();
        let mut to_lanes = Vec::new();
        let mut encoders = Vec::new();
        for (index, lane) in lanes.into_iter().enumerate() {
            let (to_lane, from_graph) = bounded(2 * FRAMES_AHEAD);
            let input = lane
                .port
                .map_or(LaneInput::Decoder(lane.format), LaneInput::Port);
            to_lanes.push((input, to_lane));
            let encode = Encode {
                lane: index,
                cancel,
                at: &encoding[index],
                notes: notes.clone(),
            };
            let sink = lane.sink;
            encoders.push(spawn(scope, "encode", move || {
                encode.run(sink, &from_graph)
            })?);
        }
        let (at, put_out) = (&decoding, wanted.clone());
        let decoder = spawn(scope, "decode", move || {
            decode(source, &to_graph, cancel, at, &put_out, retimers)
        })?;
        let observer = observe.map(|observe| {
            let (observed, to_compute) = bounded(1);
            let frames = std::mem::replace(&mut from_decoder, to_compute);
            spawn(scope, "observe", move || observe.run(&frames, &observed))
        });
        let observer = observer.transpose()?;
        let (session, watch, meter) = match session {
            Some(watched) => (Some(watched.session), Some(watched.watch), watched.meter),
            None => (None, None, None),
        };
        let on_gpu = |session: &&Session| session.device().executor == "gpu";
        let strain = session
            .as_ref()
            .filter(on_gpu)
            .and(gpu)
            .map(|gpu| Relief::new(gpu, cancel, notes.clone()));
        drop(notes);
        let (handed, from_graph) = bounded(1);
        let bypassed = to_lanes
            .iter()
            .any(|(input, _)| matches!(input, LaneInput::Decoder(_)));
        let compute = Compute::new(
            session,
            (handed, bypassed, meter.is_some()),
            cancel,
            &computing,
            wanted,
            strain,
        );
        let hand_out = HandOut {
            watch,
            meter,
            lanes: to_lanes,
            on_chunk_end,
            at: &handing_out,
            measured: Tallies::default(),
            newest,
        };
        let graph = spawn(scope, "compute", move || compute.run(&from_decoder))?;
        let handing = spawn(scope, "hand out", move || hand_out.run(&from_graph))?;
        for received in received {
            note(received);
        }
        let mut failures = Failures::default();
        let encoded: Vec<Option<Encoded>> = encoders
            .into_iter()
            .zip(encoding.iter().zip(&units))
            .map(|(thread, (at, unit))| failures.join(thread, "encode", at, *unit))
            .collect();
        let handed_out = failures.join(handing, "hand out", &handing_out, time_base);
        let computed = failures.join(graph, "compute", &computing, time_base);
        if let Some(observer) = observer {
            failures.join(observer, "observe", &observing, time_base);
        }
        let decoded = failures.join(decoder, "decode", &decoding, time_base);
        let encoded = encoded.into_iter().collect();
        match (failures.0, decoded, computed, handed_out, encoded) {
            (None, Some(decoded), Some(computed), Some(handed_out), Some(encoded)) => Ok(Outcome {
                decoded,
                computed,
                handed_out,
                encoded,
            }),
            (failure, ..) => Err(failure.unwrap_or(RenderError::Stopped)),
        }
    })
}

/// Starts a thread whose log lines are attributed to the caller's job.
pub(super) fn spawn<'scope, 'env, T: Send + 'scope>(
    scope: &'scope Scope<'scope, 'env>,
    name: &str,
    work: impl FnOnce() -> Result<T> + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, Result<T>>> {
    let job = tracing::Span::current();
    Builder::new()
        .name(name.to_owned())
        .spawn_scoped(scope, move || job.in_scope(work))
        .map_err(RenderError::NoThread)
}
