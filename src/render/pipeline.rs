//! The threads of a job: one decodes, one runs the graph, one for each output encodes and muxes, and for jobs in chunks
//! one notes what is done. Between them are channels of a few frames, so that the slowest sets the pace and memory
//! stays flat.

use std::any::Any;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::{Builder, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use serde::Serialize;

use super::chunks::{Book, Memory, Piece, Segments};
use super::error::{RenderError, Result};
use super::event::Cancel;
use super::feed::{Cut, Fed, Feed};
use super::watchdog::{Suspicion, Watchdog};
use crate::frame::{Frame, Picture, PixelFormat, Rational, Span};
use crate::graph::scene::Observer;
use crate::graph::{Device, Executor, Submission, Timing};
use crate::media::{Counts, Damage, Header, MediaError, OutputPlan, Packet, Shape, Sink, relayout};

/// Frames that wait between two threads.
const FRAMES_AHEAD: usize = 3;
/// Packets are handed on with the frame after them, or when there are this many.
const PACKETS_TOGETHER: usize = 64;
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

/// Where the pictures of a lane come from.
#[derive(Clone, Copy)]
enum Tap {
    /// A port of the graph's plan.
    Port(usize),
    /// The decoder, in this layout.
    Decoder(PixelFormat),
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

/// When frames were shown, in a few words of memory however many they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Times {
    pub count: u64,
    pub first: Option<i64>,
    /// End of the last frame: its time and duration.
    pub last: Option<i64>,
    pub last_duration: i64,
    /// FNV-1a over all times.
    pub digest: u64,
}

impl Times {
    /// Of frames shown at `spans`.
    pub fn of<'s>(spans: impl IntoIterator<Item = &'s Span>) -> Self {
        let mut times = Self::default();
        spans.into_iter().for_each(|&span| times.push(span));
        times
    }

    fn push(&mut self, span: Span) {
        if self.count == 0 {
            self.digest = 0xcbf2_9ce4_8422_2325;
        }
        for byte in span.pts.to_le_bytes() {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.count += 1;
        self.first = self.first.or(Some(span.pts));
        self.last = Some(span.pts);
        self.last_duration = span.duration;
    }
}

/// What decoding gave.
pub(super) struct Decoded {
    pub times: Times,
    pub damage: Damage,
    pub seconds: Duration,
}

/// What the graph did.
pub(super) struct Computed {
    pub executor: Option<Box<dyn Executor>>,
    pub seconds: Duration,
    /// What was found since the last chunk's end.
    pub suspicion: Suspicion,
}

impl Computed {
    /// Time of each step.
    pub fn timings(&self) -> Vec<Timing> {
        self.executor
            .as_ref()
            .map(|executor| executor.timings())
            .unwrap_or_default()
    }
}

/// What an output got.
pub(super) struct Encoded {
    pub times: Times,
    pub counts: Counts,
    pub seconds: Duration,
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

/// The frame a thread is at, for its failures.
struct At(AtomicI64);

impl At {
    const NOWHERE: i64 = i64::MIN;

    fn new() -> Self {
        Self(AtomicI64::new(Self::NOWHERE))
    }

    fn set(&self, span: Span) {
        self.0.store(span.pts, Ordering::Relaxed);
    }

    /// Names the frame in an error that is about one.
    fn name(&self, error: RenderError, time_base: Rational) -> RenderError {
        let pts = self.0.load(Ordering::Relaxed);
        let about_a_frame = matches!(
            error,
            RenderError::Exec(_)
                | RenderError::Panicked { .. }
                | RenderError::Media(MediaError::Encode { .. })
        );
        if pts == Self::NOWHERE || !about_a_frame {
            return error;
        }
        RenderError::At {
            pts,
            seconds: time_base.seconds(pts),
            source: Box::new(error),
        }
    }
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

/// The failure that a person shall hear of: the first that is not the echo of another.
#[derive(Default)]
struct Failures(Option<RenderError>);

impl Failures {
    fn join<T>(
        &mut self,
        thread: ScopedJoinHandle<'_, Result<T>>,
        stage: &'static str,
        at: &At,
        time_base: Rational,
    ) -> Option<T> {
        let error = match thread.join() {
            Ok(Ok(value)) => return Some(value),
            Ok(Err(error)) => error,
            Err(panic) => RenderError::Panicked {
                stage,
                message: words_of(panic.as_ref()),
            },
        };
        let weight = |error: &RenderError| match error {
            RenderError::Stopped => 0,
            RenderError::Cancelled => 1,
            _ => 2,
        };
        let known = self.0.as_ref().map_or(-1, weight);
        if weight(&error) > known {
            self.0 = Some(at.name(error, time_base));
        }
        None
    }
}

pub(super) fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}

fn decode(
    mut feed: Box<dyn Feed>,
    to_graph: &Sender<Batch>,
    cancel: &Cancel,
    at: &At,
) -> Result<Decoded> {
    let stopped = |_| RenderError::Stopped;
    let mut times = Times::default();
    let mut batch = Batch::default();
    loop {
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        match feed.next()? {
            Some(Fed::Packet(packet)) => {
                batch.packets.push(Arc::new(packet));
                if batch.packets.len() < PACKETS_TOGETHER {
                    continue;
                }
            }
            Some(Fed::Frame(picture, span)) => {
                at.set(span);
                times.push(span);
                batch.frame = Some((picture, span));
            }
            Some(Fed::Break) => {
                batch.begins_scene = true;
                continue;
            }
            Some(Fed::Cut(cut)) => batch.cut = Some(cut),
            None => batch.last = true,
        }
        let last = batch.last;
        to_graph.send(std::mem::take(&mut batch)).map_err(stopped)?;
        if last {
            return Ok(Decoded {
                times,
                damage: feed.damage(),
                seconds: feed.spent(),
            });
        }
    }
}

struct Graph<'a> {
    executor: Option<Box<dyn Executor>>,
    /// The device, where what it gives is not believed.
    doubted: Option<Device>,
    /// For each lane.
    taps: Vec<Tap>,
    lanes: Vec<Sender<Item>>,
    time_base: Rational,
    start: Option<i64>,
    seed: u32,
    observed: bool,
    observer: Observer,
    watchdog: Watchdog,
    cancel: &'a Cancel,
    at: &'a At,
    pieces: Sender<Piece>,
}

impl Graph<'_> {
    fn run(mut self, from_decoder: &Receiver<Batch>, memory: &[u8]) -> Result<Computed> {
        let mut seconds = Duration::ZERO;
        if let Some(executor) = &mut self.executor
            && !memory.is_empty()
        {
            executor.restore(memory)?;
        }
        for batch in from_decoder {
            if self.cancel.requested() {
                return Err(RenderError::Cancelled);
            }
            if !batch.packets.is_empty() {
                for lane in &self.lanes {
                    send(lane, Item::Packets(batch.packets.clone()))?;
                }
            }
            if batch.begins_scene {
                self.observer.begin_scene();
            }
            if let Some((picture, span)) = batch.frame {
                self.at.set(span);
                seconds += self.frame(picture, span)?;
            }
            if let Some(cut) = batch.cut {
                seconds += self.cut(cut)?;
            }
            if batch.last {
                seconds += self.flush()?;
                for lane in &self.lanes {
                    send(lane, Item::End)?;
                }
                return Ok(Computed {
                    executor: self.executor,
                    seconds,
                    suspicion: self.watchdog.found,
                });
            }
        }
        Err(RenderError::Stopped)
    }

    /// Brings out the frames still under way.
    fn flush(&mut self) -> Result<Duration> {
        let start = Instant::now();
        let rest = match &mut self.executor {
            Some(executor) => executor.flush()?,
            None => Vec::new(),
        };
        let spent = start.elapsed();
        self.hand_on(rest)?;
        Ok(spent)
    }

    /// Ends a chunk: every frame of it comes out, and what is carried on is put down.
    fn cut(&mut self, cut: Box<Cut>) -> Result<Duration> {
        let spent = self.flush()?;
        let start = Instant::now();
        let memory = Memory {
            executor: match &mut self.executor {
                Some(executor) => executor.save()?,
                None => Vec::new(),
            },
            observer: self.observer.clone(),
        };
        let spent = spent + start.elapsed();
        for lane in &self.lanes {
            send(lane, Item::Cut(cut.chunk))?;
        }
        let piece = Piece::End {
            cut,
            memory,
            suspicion: std::mem::take(&mut self.watchdog.found),
        };
        self.pieces.send(piece).map_err(|_| RenderError::Stopped)?;
        Ok(spent)
    }

    fn frame(&mut self, picture: Option<Picture>, span: Span) -> Result<Duration> {
        for (lane, tap) in self.lanes.iter().zip(&self.taps) {
            if let (Tap::Decoder(format), Some(picture)) = (tap, &picture) {
                // Formats that differ in more than layout are refused before.
                let picture = relayout(picture, format).unwrap_or_else(|| picture.clone());
                send(lane, Item::Frame(Frame { picture, span }))?;
            }
        }
        let Some(executor) = &mut self.executor else {
            return Ok(Duration::ZERO);
        };
        let since_start = span.pts.saturating_sub(*self.start.get_or_insert(span.pts));
        let seconds = self.time_base.seconds(since_start);
        let start = Instant::now();
        let observation = picture
            .as_ref()
            .filter(|_| self.observed)
            .map(|picture| self.observer.observe(picture));
        if let Some(picture) = &picture {
            self.watchdog.source(picture, span);
        }
        let submission = Submission::new(picture, span, since_start, seconds, self.seed)
            .observed(observation.unwrap_or_default());
        let outputs = executor.submit(submission)?;
        let spent = start.elapsed();
        self.hand_on(outputs)?;
        Ok(spent)
    }

    fn hand_on(&mut self, outputs: Vec<crate::graph::Output>) -> Result<()> {
        for output in outputs {
            self.watchdog
                .output(output.port, &output.picture, output.span);
            let found = self.watchdog.found;
            if let (Some(device), true) = (&self.doubted, found.is_grave()) {
                return Err(RenderError::Suspicious {
                    device: device.name.clone(),
                    found: found.words(self.time_base),
                });
            }
            let of_port = |tap: &Tap| matches!(tap, Tap::Port(port) if *port == output.port);
            let lane = self.taps.iter().position(of_port);
            if let Some(lane) = lane {
                let frame = Frame {
                    picture: output.picture,
                    span: output.span,
                };
                send(&self.lanes[lane], Item::Frame(frame))?;
            }
        }
        Ok(())
    }
}

fn send(lane: &Sender<Item>, item: Item) -> Result<()> {
    lane.send(item).map_err(|_| RenderError::Stopped)
}

struct Encode<'a> {
    index: usize,
    lane: &'a Lane<'a>,
    header: &'a Arc<Header>,
    cancel: &'a Cancel,
    at: &'a At,
    notes: Sender<Note>,
    pieces: Sender<Piece>,
}

/// The file that a lane is at.
#[derive(Default)]
struct Open {
    sink: Option<Sink>,
    shape: Option<Shape>,
    spans: Vec<Span>,
}

impl Encode<'_> {
    fn run(self, from_graph: &Receiver<Item>) -> Result<Encoded> {
        let mut open = Open::default();
        let mut chunk = match &self.lane.to {
            To::Segments(segments) => segments.first,
            To::File(_) => 0,
        };
        // Packets that come before the first picture, which the header needs.
        let mut waiting: Vec<Arc<Packet>> = Vec::new();
        let mut times = Times::default();
        let mut counts = Counts::default();
        let mut seconds = Duration::ZERO;
        for item in from_graph {
            if self.cancel.requested() {
                return Err(RenderError::Cancelled);
            }
            let start = Instant::now();
            match item {
                Item::Packets(packets) => match &mut open.sink {
                    None => waiting.extend(packets),
                    Some(sink) => pass_on(sink, &packets)?,
                },
                Item::Frame(frame) => {
                    self.at.set(frame.span);
                    let sink = match &mut open.sink {
                        Some(sink) => sink,
                        None => {
                            let first = self.begin(chunk, &frame.picture)?;
                            open.shape = Some(Shape {
                                width: frame.picture.width,
                                height: frame.picture.height,
                                color: frame.picture.color,
                            });
                            let opened = open.sink.insert(first);
                            pass_on(opened, &std::mem::take(&mut waiting))?;
                            opened
                        }
                    };
                    sink.frame(&frame)?;
                    times.push(frame.span);
                    if let To::Segments(_) = self.lane.to {
                        open.spans.push(frame.span);
                    }
                    // The listener may have gone; that is no reason to stop.
                    let _ = self.notes.send(Note::Frame {
                        lane: self.index,
                        span: frame.span,
                    });
                }
                Item::Cut(ended) => {
                    let Open { sink, shape, spans } = std::mem::take(&mut open);
                    if let Some(sink) = sink {
                        sink.finish()?;
                    }
                    if let To::Segments(segments) = &self.lane.to {
                        segments.done(&self.pieces, ended, spans, shape)?;
                    }
                    chunk = ended + 1;
                }
                Item::End => {
                    match (open.sink, &self.lane.to) {
                        (Some(sink), _) => counts = sink.finish()?,
                        (None, To::Segments(_)) => {}
                        (None, To::File(_)) => {
                            return Err(RenderError::Nothing {
                                path: self.lane.plan.path.clone(),
                            });
                        }
                    }
                    return Ok(Encoded {
                        times,
                        counts,
                        seconds: seconds + start.elapsed(),
                    });
                }
            }
            seconds += start.elapsed();
        }
        Err(RenderError::Stopped)
    }

    fn begin(&self, chunk: usize, first: &Picture) -> Result<Sink> {
        let mut say = |words| {
            let _ = self.notes.send(Note::Warning(words));
        };
        let path = match &self.lane.to {
            To::File(path) => path.to_path_buf(),
            To::Segments(segments) => segments.begin(chunk, self.cancel, &mut say)?,
        };
        Ok(Sink::create(&path, self.lane.plan, self.header, first)?)
    }
}

fn pass_on(sink: &mut Sink, packets: &[Arc<Packet>]) -> Result<()> {
    for packet in packets {
        sink.packet(packet)?;
    }
    Ok(())
}
