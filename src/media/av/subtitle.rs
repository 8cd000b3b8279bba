//! Converts text subtitles from one codec to another.

use std::ffi::{CString, c_int};
use std::ptr;

use super::codec::Context;
use super::{AvError, CodecParams, Decoder, Packet, check, ffi};
use crate::frame::Rational;

/// Bytes of one subtitle at most.
const MAX_BYTES: usize = 1 << 16;

/// Decodes text subtitles and encodes the same text.
pub(crate) struct SubtitleTranscoder {
    decoder: Decoder,
    encoder: Context,
}

// SAFETY: codecs are not bound to a thread.
unsafe impl Send for SubtitleTranscoder {}

impl SubtitleTranscoder {
    /// For the packets of one stream, with the encoder called `encoder`.
    pub fn open(params: &CodecParams, time_base: Rational, encoder: &str) -> Result<Self, AvError> {
        let decoder = Decoder::open(params, time_base)?;
        let name = CString::new(encoder).map_err(|_| AvError(ffi::AVERROR_ENCODER_NOT_FOUND))?;
        // SAFETY: codecs are static; the encoder's context is ours and not yet open; the copy of the header ends with a
        // zero and is freed by FFmpeg together with the context.
        unsafe {
            let codec = ffi::avcodec_find_encoder_by_name(name.as_ptr()).as_ref();
            let codec = codec.ok_or(AvError(ffi::AVERROR_ENCODER_NOT_FOUND))?;
            let context = Context::new(codec)?;
            let (from, to) = (decoder.raw(), context.0);
            (*to).time_base = ffi::AVRational { num: 1, den: 1000 };
            let size = usize::try_from((*from).subtitle_header_size).unwrap_or(0);
            if size > 0 && !(*from).subtitle_header.is_null() {
                let copy = ffi::av_mallocz(size + 1).cast::<u8>();
                if copy.is_null() {
                    return Err(AvError::NO_MEMORY);
                }
                ptr::copy_nonoverlapping((*from).subtitle_header, copy, size);
                (*to).subtitle_header = copy;
                (*to).subtitle_header_size = (*from).subtitle_header_size;
            }
            check(ffi::avcodec_open2(to, codec, ptr::null_mut()))?;
            Ok(Self {
                decoder,
                encoder: context,
            })
        }
    }

    /// The codec parameters for a muxer.
    pub fn params(&self) -> Result<CodecParams, AvError> {
        let params = CodecParams::new()?;
        // SAFETY: both are valid.
        check(unsafe { ffi::avcodec_parameters_from_context(params.0, self.encoder.0) })?;
        Ok(params)
    }

    /// The same text at the same time, encoded; `None` for an empty subtitle.
    pub fn push(&mut self, packet: &Packet) -> Result<Option<Packet>, AvError> {
        let mut text = vec![0; MAX_BYTES];
        // SAFETY: an all-zero subtitle is valid; its decoded contents are freed; the buffer is as large as the encoder
        // is told.
        let size = unsafe {
            let mut subtitle: ffi::AVSubtitle = std::mem::zeroed();
            let mut got: c_int = 0;
            let share = packet.share()?;
            check(ffi::avcodec_decode_subtitle2(
                self.decoder.raw(),
                &mut subtitle,
                &mut got,
                share.raw,
            ))?;
            if got == 0 {
                return Ok(None);
            }
            let milliseconds = Rational::new(1, 1000);
            let shown = packet.time_base.rescale(packet.duration(), milliseconds);
            subtitle.start_display_time = 0;
            subtitle.end_display_time = u32::try_from(shown).unwrap_or(0);
            let size = ffi::avcodec_encode_subtitle(
                self.encoder.0,
                text.as_mut_ptr(),
                MAX_BYTES as c_int,
                &subtitle,
            );
            ffi::avsubtitle_free(&mut subtitle);
            check(size)?
        };
        text.truncate(usize::try_from(size).unwrap_or(0));
        if text.is_empty() {
            return Ok(None);
        }
        let mut coded = Packet::holding(&text, packet.time_base)?;
        let at = packet.pts().or(packet.dts()).unwrap_or(0);
        coded.show(at, at.saturating_add(packet.duration()));
        Ok(Some(coded))
    }
}
