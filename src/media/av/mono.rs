//! Decodes audio to one channel, for comparison.

use std::ffi::c_int;
use std::ptr;

use super::{AvError, AvFrame, CodecParams, Decoder, Packet, Received, check, ffi};
use crate::frame::Rational;

/// Decodes audio, mixes it to one channel and resamples it.
pub(crate) struct MonoDecoder {
    decoder: Decoder,
    resampler: *mut ffi::SwrContext,
    frame: AvFrame,
    time_base: Rational,
    rate: u32,
}

// SAFETY: no part is bound to a thread, and all are owned.
unsafe impl Send for MonoDecoder {}

impl MonoDecoder {
    /// For the packets of one stream; the result has `rate` samples per second.
    pub fn open(params: &CodecParams, time_base: Rational, rate: u32) -> Result<Self, AvError> {
        Ok(Self {
            decoder: Decoder::open(params, time_base)?,
            resampler: ptr::null_mut(),
            frame: AvFrame::new()?,
            time_base,
            rate,
        })
    }

    /// Takes a packet, or `None` at the end. `sink` gets the samples and the time of the first of them, in seconds.
    pub fn push(&mut self, packet: Option<&Packet>, mut sink: impl FnMut(f64, &[f32])) {
        // Damaged audio leaves a gap.
        let _ = self.decoder.send(packet);
        while let Ok(Received::One(())) = self.decoder.receive(&mut self.frame) {
            let at = self.frame.best_effort_pts().unwrap_or(0);
            if let Ok((early, samples)) = self.resampled() {
                sink(self.time_base.seconds(at) - early, &samples);
            }
        }
    }

    /// The resampled audio, and by how many seconds it begins before the decoded frame (samples the resampler still
    /// held).
    fn resampled(&mut self) -> Result<(f64, Vec<f32>), AvError> {
        let frame = self.frame.0;
        // SAFETY: the frame is decoded; the resampler takes its formats from it once; the buffer is as large as the
        // resampler asks.
        unsafe {
            if self.resampler.is_null() {
                let mut mono: ffi::AVChannelLayout = std::mem::zeroed();
                ffi::av_channel_layout_default(&mut mono, 1);
                check(ffi::swr_alloc_set_opts2(
                    &mut self.resampler,
                    &mut mono,
                    ffi::AVSampleFormat::AV_SAMPLE_FMT_FLT,
                    self.rate as c_int,
                    ptr::addr_of_mut!((*frame).ch_layout),
                    std::mem::transmute::<c_int, ffi::AVSampleFormat>((*frame).format),
                    (*frame).sample_rate,
                    0,
                    ptr::null_mut(),
                ))?;
                check(ffi::swr_init(self.resampler))?;
            }
            let held = ffi::swr_get_delay(self.resampler, 1_000_000) as f64 / 1e6;
            let room = check(ffi::swr_get_out_samples(
                self.resampler,
                (*frame).nb_samples,
            ))?;
            let mut samples = vec![0f32; usize::try_from(room).unwrap_or(0)];
            let mut to = samples.as_mut_ptr().cast::<u8>();
            let given = check(ffi::swr_convert(
                self.resampler,
                &mut to,
                room,
                (*frame).extended_data.cast(),
                (*frame).nb_samples,
            ))?;
            samples.truncate(usize::try_from(given).unwrap_or(0));
            Ok((held, samples))
        }
    }
}

impl Drop for MonoDecoder {
    fn drop(&mut self) {
        // SAFETY: frees what we own; null is allowed.
        unsafe { ffi::swr_free(&mut self.resampler) };
    }
}
