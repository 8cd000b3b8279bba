//! Sound encoded anew, for containers that cannot hold it as it is.

use std::ffi::c_int;
use std::ptr;

use super::av::{
    AvError, AvFrame, CodecParams, Decoder, Encoder, OpenError, Packet, Received, check, ffi,
};
use super::header::HeaderStream;
use super::plan::AUDIO_BITRATE;
use crate::frame::Rational;

/// Decodes the packets of a stream and encodes them anew, from the same start.
pub(crate) struct Recoder {
    decoder: Decoder,
    encoder: Encoder,
    resampler: *mut ffi::SwrContext,
    fifo: *mut ffi::AVAudioFifo,
    decoded: AvFrame,
    time_base: Rational,
    /// Time of the first sample in the queue, in samples; `None` before the first sound.
    next: Option<i64>,
}

// SAFETY: none of the parts has thread affinity, and all are owned.
unsafe impl Send for Recoder {}

impl Recoder {
    pub fn open(
        stream: &HeaderStream,
        encoder: &str,
        global_header: bool,
    ) -> Result<Self, AvError> {
        let decoder = Decoder::open(&stream.params, stream.time_base)?;
        // SAFETY: the decoder is open.
        let encoder = unsafe {
            let layout = &(*decoder.raw()).ch_layout;
            let bit_rate = AUDIO_BITRATE.max(AUDIO_BITRATE / 2 * i64::from(layout.nb_channels));
            Encoder::audio(
                encoder,
                (*decoder.raw()).sample_rate,
                layout,
                bit_rate,
                global_header,
            )
        };
        let encoder = encoder.map_err(|e| match e {
            OpenError::Refused(error) => error,
            _ => AvError(ffi::AVERROR_ENCODER_NOT_FOUND),
        })?;
        // SAFETY: the encoder is open.
        let fifo = unsafe {
            let e = encoder.raw();
            ffi::av_audio_fifo_alloc((*e).sample_fmt, (*e).ch_layout.nb_channels, 4096)
        };
        if fifo.is_null() {
            return Err(AvError::NO_MEMORY);
        }
        Ok(Self {
            decoder,
            encoder,
            resampler: ptr::null_mut(),
            fifo,
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

    /// Takes a packet, or the end; gives the packets that are ready.
    pub fn push(&mut self, packet: Option<&Packet>) -> Result<Vec<Packet>, AvError> {
        let mut ready = Vec::new();
        // A damaged packet is silence, not the end of the film.
        let _ = self.decoder.send(packet);
        loop {
            match self.decoder.receive(&mut self.decoded) {
                Ok(Received::One(())) => {
                    self.queue()?;
                    self.encode(false, &mut ready)?;
                }
                Ok(Received::Hungry | Received::End) => break,
                Err(_) if packet.is_some() => break,
                Err(_) => continue,
            }
        }
        if packet.is_none() {
            self.convert(ptr::null_mut(), 0)?;
            self.encode(true, &mut ready)?;
            self.encoder.send(None)?;
            self.receive(&mut ready)?;
        }
        Ok(ready)
    }

    /// Converts the decoded samples into the queue, after silence where the source has a gap.
    fn queue(&mut self) -> Result<(), AvError> {
        let frame = self.decoded.0;
        // SAFETY: frame, decoder and encoder are valid; the resampler takes its formats from them once.
        unsafe {
            if self.resampler.is_null() {
                let e = self.encoder.raw();
                check(ffi::swr_alloc_set_opts2(
                    &mut self.resampler,
                    ptr::addr_of_mut!((*e).ch_layout),
                    (*e).sample_fmt,
                    (*e).sample_rate,
                    ptr::addr_of_mut!((*frame).ch_layout),
                    std::mem::transmute::<c_int, ffi::AVSampleFormat>((*frame).format),
                    (*frame).sample_rate,
                    0,
                    ptr::null_mut(),
                ))?;
                check(ffi::swr_init(self.resampler))?;
            }
            let rate = self.encoder.time_base();
            if let Some(pts) = self.decoded.best_effort_pts() {
                let at = self.time_base.rescale(pts, rate);
                match self.next {
                    None => self.next = Some(at),
                    Some(next) => {
                        let queued = i64::from(ffi::av_audio_fifo_size(self.fifo));
                        let gap = at - (next + queued);
                        // A tenth of a second to an hour: less is rounding, more is damage.
                        if gap > rate.den / 10 && gap < rate.den * 3600 {
                            self.silence(gap)?;
                        }
                    }
                }
            }
            self.next.get_or_insert(0);
            self.convert((*frame).extended_data, (*frame).nb_samples)
        }
    }

    fn silence(&mut self, samples: i64) -> Result<(), AvError> {
        let mut left = samples;
        while left > 0 {
            let count = left.min(4096) as c_int;
            let frame = self.samples(count)?;
            // SAFETY: the frame has room for `count` samples.
            unsafe {
                let e = self.encoder.raw();
                check(ffi::av_samples_set_silence(
                    (*frame.0).extended_data,
                    0,
                    count,
                    (*e).ch_layout.nb_channels,
                    (*e).sample_fmt,
                ))?;
                check(ffi::av_audio_fifo_write(
                    self.fifo,
                    (*frame.0).extended_data.cast(),
                    count,
                ))?;
            }
            left -= i64::from(count);
        }
        Ok(())
    }

    /// Resamples into the queue; without input, what the resampler still holds.
    fn convert(&mut self, data: *mut *mut u8, count: c_int) -> Result<(), AvError> {
        if self.resampler.is_null() {
            return Ok(());
        }
        // SAFETY: the frame has room for as many samples as the resampler says it can give.
        unsafe {
            let room = check(ffi::swr_get_out_samples(self.resampler, count))?;
            if room == 0 {
                return Ok(());
            }
            let out = self.samples(room)?;
            let given = check(ffi::swr_convert(
                self.resampler,
                (*out.0).extended_data,
                room,
                data.cast(),
                count,
            ))?;
            check(ffi::av_audio_fifo_write(
                self.fifo,
                (*out.0).extended_data.cast(),
                given,
            ))?;
        }
        Ok(())
    }

    /// Encodes whole frames out of the queue, and at the end the rest.
    fn encode(&mut self, all: bool, ready: &mut Vec<Packet>) -> Result<(), AvError> {
        loop {
            // SAFETY: queue and encoder are valid; the frame has room for the samples that are read.
            unsafe {
                let whole = match (*self.encoder.raw()).frame_size {
                    0 => 1024,
                    n => n,
                };
                let queued = ffi::av_audio_fifo_size(self.fifo);
                let count = if queued >= whole {
                    whole
                } else if all && queued > 0 {
                    queued
                } else {
                    return Ok(());
                };
                let frame = self.samples(count)?;
                check(ffi::av_audio_fifo_read(
                    self.fifo,
                    (*frame.0).extended_data.cast(),
                    count,
                ))?;
                let pts = self.next.unwrap_or(0);
                (*frame.0).pts = pts;
                self.next = Some(pts + i64::from(count));
                self.encoder.send(Some(&frame))?;
            }
            self.receive(ready)?;
        }
    }

    fn receive(&mut self, ready: &mut Vec<Packet>) -> Result<(), AvError> {
        while let Received::One(packet) = self.encoder.receive()? {
            ready.push(packet);
        }
        Ok(())
    }

    /// An empty frame for `count` samples as the encoder wants them.
    fn samples(&self, count: c_int) -> Result<AvFrame, AvError> {
        let frame = AvFrame::new()?;
        // SAFETY: frame and encoder are valid.
        unsafe {
            let e = self.encoder.raw();
            (*frame.0).format = (*e).sample_fmt as c_int;
            (*frame.0).nb_samples = count;
            (*frame.0).sample_rate = (*e).sample_rate;
            check(ffi::av_channel_layout_copy(
                ptr::addr_of_mut!((*frame.0).ch_layout),
                ptr::addr_of!((*e).ch_layout),
            ))?;
            check(ffi::av_frame_get_buffer(frame.0, 0))?;
        }
        Ok(frame)
    }
}

impl Drop for Recoder {
    fn drop(&mut self) {
        // SAFETY: frees what we own; null is allowed.
        unsafe {
            ffi::swr_free(&mut self.resampler);
            ffi::av_audio_fifo_free(self.fifo);
        }
    }
}
