use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::super::chunks::{Memory, Piece};
use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::super::feed::Cut;
use super::super::watchdog::{Suspicion, Watchdog};
use super::failure::At;
use super::{Batch, Item};
use crate::frame::{Frame, Picture, PixelFormat, Rational, Span};
use crate::graph::scene::Observer;
use crate::graph::{Device, Executor, Submission, Timing};
use crate::media::relayout;

/// Where the pictures of a lane come from.
#[derive(Clone, Copy)]
pub(super) enum Tap {
    /// A port of the graph's plan.
    Port(usize),
    /// The decoder, in this layout.
    Decoder(PixelFormat),
}

/// What the graph did.
pub(in super::super) struct Computed {
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

pub(super) struct Graph<'a> {
    pub executor: Option<Box<dyn Executor>>,
    /// The device, where what it gives is not believed.
    pub doubted: Option<Device>,
    /// For each lane.
    pub taps: Vec<Tap>,
    pub lanes: Vec<Sender<Item>>,
    pub time_base: Rational,
    pub start: Option<i64>,
    pub seed: u32,
    pub observed: bool,
    pub observer: Observer,
    pub watchdog: Watchdog,
    pub cancel: &'a Cancel,
    pub at: &'a At,
    pub pieces: Sender<Piece>,
}

impl Graph<'_> {
    pub(super) fn run(mut self, from_decoder: &Receiver<Batch>, memory: &[u8]) -> Result<Computed> {
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
        // Nothing goes on after the last frame.
        let memory = if cut.next.is_none() {
            Memory::default()
        } else {
            Memory {
                executor: match &mut self.executor {
                    Some(executor) => executor.save()?,
                    None => Vec::new(),
                },
                observer: self.observer.clone(),
            }
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
