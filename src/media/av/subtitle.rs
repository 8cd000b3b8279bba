//! Subtitles from one form of text into another.

use std::ffi::{CString, c_int};
use std::ptr;

use super::codec::Context;
use super::{AvError, CodecParams, Decoder, Packet, check, ffi};
use crate::frame::Rational;

/// Bytes of one subtitle at most.
const LONGEST: usize = 1 << 16;

/// Decodes subtitles and encodes the same words anew.
pub(crate) struct SubtitleTranscoder {
    decoder: Decoder,
    encoder: Context,
}

// SAFETY: codecs have no thread affinity.
unsafe impl Send for SubtitleTranscoder {}

impl SubtitleTranscoder {
    /// For packets of a stream, into the form of the encoder of that name.
    pub fn open(params: &CodecParams, time_base: Rational, encoder: &str) -> Result<Self, AvError> {
        let decoder = Decoder::open(params, time_base)?;
        let name = CString::new(encoder).map_err(|_| AvError(ffi::AVERROR_ENCODER_NOT_FOUND))?;
        // SAFETY: codecs are static; the encoder's context is ours and not yet open; FFmpeg frees the copy of the
        // header, which ends in a zero, with it.
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

    /// What a muxer must know.
    pub fn params(&self) -> Result<CodecParams, AvError> {
        let params = CodecParams::new()?;
        // SAFETY: both are valid.
        check(unsafe { ffi::avcodec_parameters_from_context(params.0, self.encoder.0) })?;
        Ok(params)
    }

    /// The packet with the same words and times in the new form; `None` where it says nothing.
    pub fn push(&mut self, packet: &Packet) -> Result<Option<Packet>, AvError> {
        let mut text = vec![0; LONGEST];
        // SAFETY: an empty subtitle is all zero; what decoding puts into it is freed; the text has room for what the
        // encoder is told.
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
                LONGEST as c_int,
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
