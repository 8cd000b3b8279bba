//! The stage that hands out what the graph has made: it checks outputs against their source, counts what was measured,
//! and passes frames, packets and ends of chunks to the lanes of the outputs.

use crossbeam_channel::{Receiver, Sender};

use super::super::error::{RenderError, Result};
use super::super::newest::Newest;
use super::super::output_meter::{FrameNumbers, OutputMeter};
use super::super::style_measures::Tallies;
use super::super::watchdog::{OutputAnomalies, OutputWatch, Thumbnail};
use super::StreamItem;
use super::compute::{ComputedChunk, LaneInput, OnChunkEnd};
use super::failure::CurrentFrame;
use crate::frame::{Picture, Span};
use crate::graph::Output;
use crate::media::relayout;

/// What the graph's thread hands over, in order.
pub(super) enum Handed {
    /// A frame of the source, before all outputs that are made of it.
    Source {
        /// For the check of the outputs.
        thumbnail: Option<Thumbnail>,
        /// For the metrics of the outputs.
        measured: Option<Picture>,
        span: Span,
    },
    /// A picture of the decoder that is put out, for the lanes that bypass the graph.
    Decoded(Picture, Span),
    /// An output of the graph.
    Output {
        output: Output,
        /// Whether it is put out; else later frames only depend on it.
        wanted: bool,
    },
    /// Items for these lanes.
    Items(Lanes, Vec<StreamItem>),
    /// All outputs of a chunk have been handed over.
    Chunk(Box<ComputedChunk>),
}

/// Some of the lanes.
#[derive(Clone, Copy)]
pub(super) enum Lanes {
    All,
    OfDecoder,
    OfGraph,
}

/// The result of this stage.
pub struct HandedOut {
    /// Anomalies found in the outputs since the end of the last chunk.
    pub anomalies: OutputAnomalies,
    /// What was measured of the frames since the end of the last chunk.
    pub measured: Tallies,
    /// Numbers of the outputs since then.
    pub numbers: FrameNumbers,
}

pub(super) struct HandOut<'a> {
    pub watch: Option<OutputWatch>,
    pub meter: Option<OutputMeter>,
    pub lanes: Vec<(LaneInput, Sender<Vec<StreamItem>>)>,
    pub on_chunk_end: OnChunkEnd<'a>,
    /// The frame that is looked at.
    pub at: &'a CurrentFrame,
    /// What was measured of the frames of the current chunk.
    pub measured: Tallies,
    /// Where the newest picture of the first output is left.
    pub newest: Option<Newest>,
}

impl HandOut<'_> {
    pub fn run(mut self, from_graph: &Receiver<Handed>) -> Result<HandedOut> {
        for handed in from_graph {
            match handed {
                Handed::Source {
                    thumbnail,
                    measured,
                    span,
                } => {
                    self.at.set(span);
                    if let (Some(watch), Some(thumbnail)) = (&mut self.watch, thumbnail) {
                        watch.source(thumbnail, span);
                    }
                    if let (Some(meter), Some(picture)) = (&mut self.meter, measured) {
                        meter.source(picture, span);
                    }
                }
                Handed::Decoded(picture, span) => {
                    self.at.set(span);
                    self.decoded(&picture, span)?;
                }
                Handed::Output { output, wanted } => self.output(output, wanted)?,
                Handed::Items(which, items) => {
                    let last = matches!(items.last(), Some(StreamItem::End));
                    self.items(which, &items)?;
                    if last {
                        return Ok(HandedOut {
                            anomalies: self.take_anomalies(),
                            numbers: self.take_numbers(),
                            measured: self.measured,
                        });
                    }
                }
                Handed::Chunk(mut chunk) => {
                    let end = StreamItem::ChunkEnd(chunk.end.clone());
                    self.items(Lanes::OfGraph, &[end])?;
                    chunk.anomalies = self.take_anomalies();
                    chunk.measured = std::mem::take(&mut self.measured);
                    chunk.numbers = self.take_numbers();
                    (self.on_chunk_end)(*chunk)?;
                }
            }
        }
        Err(RenderError::Stopped)
    }

    fn take_anomalies(&mut self) -> OutputAnomalies {
        let watch = self.watch.as_mut();
        watch.map(OutputWatch::take_anomalies).unwrap_or_default()
    }

    fn take_numbers(&mut self) -> FrameNumbers {
        let meter = self.meter.as_mut();
        meter.map(OutputMeter::take).unwrap_or_default()
    }

    fn decoded(&self, picture: &Picture, span: Span) -> Result<()> {
        for (index, (input, lane)) in self.lanes.iter().enumerate() {
            if let LaneInput::Decoder(format) = input {
                if let (0, Some(newest)) = (index, &self.newest) {
                    newest.offer(picture);
                }
                // Pictures that would need more than a change of layout are refused before the render starts.
                let picture = relayout(picture, format).unwrap_or_else(|| picture.clone());
                send(lane, vec![StreamItem::Frame(Some(picture), span)])?;
            }
        }
        Ok(())
    }

    fn output(&mut self, output: Output, wanted: bool) -> Result<()> {
        if let Some(watch) = &mut self.watch {
            watch.output(&output)?;
        }
        if !wanted {
            return Ok(());
        }
        self.measured.add(&output);
        let of_port = |(input, _): &&(LaneInput, _)| matches!(input, LaneInput::Port(port) if *port == output.port);
        if let Some(index) = self.lanes.iter().position(|lane| of_port(&lane)) {
            let (span, port) = (output.span, output.port);
            let picture = output.picture();
            if let (0, Some(newest), Some(picture)) = (index, &self.newest, &picture) {
                newest.offer(picture);
            }
            let (_, lane) = &self.lanes[index];
            send(lane, vec![StreamItem::Frame(picture.clone(), span)])?;
            // The encoder works meanwhile.
            if let (Some(meter), Some(picture)) = (&mut self.meter, &picture) {
                meter.output(port, picture, span);
            }
        }
        Ok(())
    }

    fn items(&self, which: Lanes, items: &[StreamItem]) -> Result<()> {
        for (input, lane) in &self.lanes {
            let of_decoder = matches!(input, LaneInput::Decoder(_));
            if match which {
                Lanes::All => true,
                Lanes::OfDecoder => of_decoder,
                Lanes::OfGraph => !of_decoder,
            } {
                send(lane, items.to_vec())?;
            }
        }
        Ok(())
    }
}

fn send(lane: &Sender<Vec<StreamItem>>, items: Vec<StreamItem>) -> Result<()> {
    lane.send(items).map_err(|_| RenderError::Stopped)
}
