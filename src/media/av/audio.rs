//! Converts decoded audio to what an encoder takes, and queues it.

use std::ffi::c_int;
use std::ptr;

use super::{AvError, AvFrame, Decoder, Encoder, OpenError, check, ffi};

/// Samples of silence written in one step.
const SILENCE_BLOCK: i64 = 4096;

impl Decoder {
    /// Number of channels of the decoded audio.
    pub fn channels(&self) -> i32 {
        // SAFETY: the context is open.
        unsafe { (*self.raw()).ch_layout.nb_channels }
    }
}

impl Encoder {
    /// Opens the audio encoder `name` with the sample rate and channel layout of `decoder`, or the nearest it supports.
    pub fn for_audio_of(
        decoder: &Decoder,
        name: &str,
        bit_rate: i64,
        global_header: bool,
    ) -> Result<Self, OpenError> {
        // SAFETY: the decoder is open, and outlives the borrow of its layout.
        unsafe {
            let from = decoder.raw();
            let layout = &(*from).ch_layout;
            Self::audio(name, (*from).sample_rate, layout, bit_rate, global_header)
        }
    }

    /// Samples per frame that the encoder expects.
    pub fn audio_frame_size(&self) -> i64 {
        // SAFETY: the context is open. Zero means that any number is allowed.
        match unsafe { (*self.raw()).frame_size } {
            0 => 1024,
            size => size.into(),
        }
    }
}

/// A queue of samples in the rate, channel layout and sample format of an encoder.
pub(crate) struct AudioFifo {
    resampler: *mut ffi::SwrContext,
    fifo: *mut ffi::AVAudioFifo,
}

// SAFETY: neither part is bound to a thread, and both are owned.
unsafe impl Send for AudioFifo {}

impl AudioFifo {
    /// A queue for `encoder`. All other calls must get the same encoder.
    pub fn new(encoder: &Encoder) -> Result<Self, AvError> {
        // SAFETY: the encoder is open.
        let fifo = unsafe {
            let e = encoder.raw();
            ffi::av_audio_fifo_alloc((*e).sample_fmt, (*e).ch_layout.nb_channels, 4096)
        };
        match fifo.is_null() {
            true => Err(AvError::NO_MEMORY),
            false => Ok(Self {
                resampler: ptr::null_mut(),
                fifo,
            }),
        }
    }

    /// Number of queued samples.
    pub fn len(&self) -> i64 {
        // SAFETY: the queue is ours.
        unsafe { ffi::av_audio_fifo_size(self.fifo) }.into()
    }

    /// Appends a decoded frame. All frames must have the format of the first.
    pub fn push(&mut self, frame: &AvFrame, encoder: &Encoder) -> Result<(), AvError> {
        // SAFETY: the frame is decoded and the encoder is open; the resampler takes its formats from them once.
        unsafe {
            let (from, to) = (frame.0, encoder.raw());
            if self.resampler.is_null() {
                check(ffi::swr_alloc_set_opts2(
                    &mut self.resampler,
                    ptr::addr_of_mut!((*to).ch_layout),
                    (*to).sample_fmt,
                    (*to).sample_rate,
                    ptr::addr_of_mut!((*from).ch_layout),
                    std::mem::transmute::<c_int, ffi::AVSampleFormat>((*from).format),
                    (*from).sample_rate,
                    0,
                    ptr::null_mut(),
                ))?;
                check(ffi::swr_init(self.resampler))?;
            }
            self.convert((*from).extended_data, (*from).nb_samples, encoder)
        }
    }

    /// Appends the samples that the resampler still holds.
    pub fn flush(&mut self, encoder: &Encoder) -> Result<(), AvError> {
        // SAFETY: a null input is not read.
        unsafe { self.convert(ptr::null_mut(), 0, encoder) }
    }

    /// Appends `samples` samples of silence.
    pub fn silence(&mut self, samples: i64, encoder: &Encoder) -> Result<(), AvError> {
        let mut left = samples;
        while left > 0 {
            let count = left.min(SILENCE_BLOCK) as c_int;
            let frame = empty(encoder, count)?;
            // SAFETY: the frame has room for `count` samples.
            unsafe {
                let e = encoder.raw();
                let data = (*frame.0).extended_data;
                let channels = (*e).ch_layout.nb_channels;
                check(ffi::av_samples_set_silence(
                    data,
                    0,
                    count,
                    channels,
                    (*e).sample_fmt,
                ))?;
                check(ffi::av_audio_fifo_write(self.fifo, data.cast(), count))?;
            }
            left -= i64::from(count);
        }
        Ok(())
    }

    /// Removes the first `count` samples, which must be queued, and returns them as a frame with the time `pts`.
    pub fn pop(&mut self, count: i64, pts: i64, encoder: &Encoder) -> Result<AvFrame, AvError> {
        let count = c_int::try_from(count).map_err(|_| AvError::NO_MEMORY)?;
        let frame = empty(encoder, count)?;
        // SAFETY: the frame has room for the samples that are read.
        unsafe {
            let data = (*frame.0).extended_data;
            check(ffi::av_audio_fifo_read(self.fifo, data.cast(), count))?;
            (*frame.0).pts = pts;
        }
        Ok(frame)
    }

    /// Resamples `data` into the queue.
    ///
    /// # Safety
    /// `data` holds `count` samples of the resampler's input format.
    unsafe fn convert(
        &mut self,
        data: *mut *mut u8,
        count: c_int,
        encoder: &Encoder,
    ) -> Result<(), AvError> {
        if self.resampler.is_null() {
            return Ok(());
        }
        // SAFETY: the frame has room for as many samples as the resampler says it can give.
        unsafe {
            let room = check(ffi::swr_get_out_samples(self.resampler, count))?;
            if room == 0 {
                return Ok(());
            }
            let out = empty(encoder, room)?;
            let to = (*out.0).extended_data;
            let given = check(ffi::swr_convert(
                self.resampler,
                to,
                room,
                data.cast(),
                count,
            ))?;
            check(ffi::av_audio_fifo_write(self.fifo, to.cast(), given))?;
        }
        Ok(())
    }
}

/// An empty frame for `count` samples in the encoder's format.
fn empty(encoder: &Encoder, count: c_int) -> Result<AvFrame, AvError> {
    let frame = AvFrame::new()?;
    // SAFETY: frame and encoder are valid.
    unsafe {
        let e = encoder.raw();
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

impl Drop for AudioFifo {
    fn drop(&mut self) {
        // SAFETY: frees what we own; null is allowed.
        unsafe {
            ffi::swr_free(&mut self.resampler);
            ffi::av_audio_fifo_free(self.fifo);
        }
    }
}
