//! Decodes and re-encodes audio for containers that cannot hold the source's codec.

use super::av::{
    AudioFifo, AvError, AvFrame, CodecParams, Decoder, Encoder, OpenError, Packet, Received, ffi,
};
use super::header::HeaderStream;
use super::plan::AUDIO_BITRATE;
use crate::frame::Rational;

/// Decodes the packets of one audio stream and encodes the samples again. The output starts at the same time.
pub(crate) struct AudioTranscoder {
    decoder: Decoder,
    encoder: Encoder,
    queue: AudioFifo,
    decoded: AvFrame,
    time_base: Rational,
    /// Time of the first sample in the queue, in ticks of the encoder (samples); `None` before the first decoded frame.
    next: Option<i64>,
}

impl AudioTranscoder {
    pub fn open(
        stream: &HeaderStream,
        encoder: &str,
        global_header: bool,
    ) -> Result<Self, AvError> {
        let decoder = Decoder::open(&stream.params, stream.time_base)?;
        let channels = i64::from(decoder.channels());
        let bit_rate = AUDIO_BITRATE.max(AUDIO_BITRATE / 2 * channels);
        let encoder = Encoder::for_audio_of(&decoder, encoder, bit_rate, global_header);
        let encoder = encoder.map_err(|e| match e {
            OpenError::Refused(error) => error,
            _ => AvError(ffi::AVERROR_ENCODER_NOT_FOUND),
        })?;
        Ok(Self {
            decoder,
            queue: AudioFifo::new(&encoder)?,
            encoder,
            decoded: AvFrame::new()?,
            time_base: stream.time_base,
            next: None,
        })
    }

    pub fn params(&self) -> Result<CodecParams, AvError> {
        self.encoder.params()
    }

    pub fn time_base(&self) -> Rational {
        self.encoder.time_base()
    }

    /// Takes a packet, or `None` at the end of the stream. Returns the packets that are ready.
    pub fn push(&mut self, packet: Option<&Packet>) -> Result<Vec<Packet>, AvError> {
        let mut ready = Vec::new();
        // A damaged packet is skipped, so that the rest of the stream is kept.
        let _ = self.decoder.send(packet);
        loop {
            match self.decoder.receive(&mut self.decoded) {
                Ok(Received::One(())) => {
                    self.queue()?;
                    self.encode(false, &mut ready)?;
                }
                Ok(Received::NeedsInput | Received::End) => break,
                Err(_) if packet.is_some() => break,
                Err(_) => continue,
            }
        }
        if packet.is_none() {
            self.queue.flush(&self.encoder)?;
            self.encode(true, &mut ready)?;
            self.encoder.send(None)?;
            self.receive(&mut ready)?;
        }
        Ok(ready)
    }

    /// Puts the decoded samples into the queue. A gap in the source is filled with silence.
    fn queue(&mut self) -> Result<(), AvError> {
        let rate = self.encoder.time_base();
        if let Some(pts) = self.decoded.best_effort_pts() {
            let at = self.time_base.rescale(pts, rate);
            match self.next {
                None => self.next = Some(at),
                Some(next) => {
                    let gap = at - (next + self.queue.len());
                    // Fill gaps from 0.1 s to 1 h. A shorter gap is rounding; a longer one is a damaged time stamp.
                    if gap > rate.den / 10 && gap < rate.den * 3600 {
                        self.queue.silence(gap, &self.encoder)?;
                    }
                }
            }
        }
        self.next.get_or_insert(0);
        self.queue.push(&self.decoded, &self.encoder)
    }

    /// Encodes full frames from the queue; with `all`, also the last, shorter one.
    fn encode(&mut self, all: bool, ready: &mut Vec<Packet>) -> Result<(), AvError> {
        loop {
            let (whole, queued) = (self.encoder.audio_frame_size(), self.queue.len());
            let count = if queued >= whole {
                whole
            } else if all && queued > 0 {
                queued
            } else {
                return Ok(());
            };
            let pts = self.next.unwrap_or(0);
            let frame = self.queue.pop(count, pts, &self.encoder)?;
            self.next = Some(pts + count);
            self.encoder.send(Some(&frame))?;
            self.receive(ready)?;
        }
    }

    fn receive(&mut self, ready: &mut Vec<Packet>) -> Result<(), AvError> {
        while let Received::One(packet) = self.encoder.receive()? {
            ready.push(packet);
        }
        Ok(())
    }
}
