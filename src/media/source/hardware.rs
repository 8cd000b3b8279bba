//! Decoding by hardware: which decoders are tried, and what is said where none is of use.

use std::path::Path;

use super::{Source, is_read_again};
use crate::media::av::{AvError, Decoder, DeviceKind, HardwareDecoding, device_reason, ffi};
use crate::media::error::{MediaError, Result};
use crate::media::header::HeaderStream;
use crate::media::reading::{Decode, Reading};

/// What `auto` tries, in this order.
const TRIED: [Decode; 2] = [Decode::Cuda, Decode::Vaapi];

/// The device of a hardware decoder.
fn device(decode: Decode) -> Option<DeviceKind> {
    match decode {
        Decode::Software | Decode::Auto => None,
        Decode::Cuda => Some(DeviceKind::Cuda),
        Decode::Vaapi => Some(DeviceKind::Vaapi),
    }
}

/// The decoder of `stream` that `reading` names.
///
/// # Errors
/// That of FFmpeg where it cannot be opened; for a hardware decoder also where its pictures could differ from those of the
/// processor.
pub(super) fn decoder(
    stream: &HeaderStream,
    reading: Reading,
) -> std::result::Result<Decoder, AvError> {
    let Some(kind) = device(reading.decode) else {
        return match reading.first_only {
            true => Decoder::open_without_threads(&stream.params, stream.time_base),
            false => Decoder::open(&stream.params, stream.time_base),
        };
    };
    #[cfg(test)]
    if let Some(pictures) = reading.pretend {
        let decoder = Decoder::open(&stream.params, stream.time_base)?;
        return Ok(decoder.pretending(pictures));
    }
    match HardwareDecoding::is_exact(stream.params.codec()) {
        true => Decoder::open_on(kind, &stream.params, stream.time_base),
        false => Err(AvError(ffi::AVERROR_DECODER_NOT_FOUND)),
    }
}

/// Why a hardware decoder cannot be used for `stream`; `said` is what FFmpeg says.
pub(super) fn reason(stream: &HeaderStream, said: String) -> String {
    match HardwareDecoding::is_exact(stream.params.codec()) {
        true => device_reason(said),
        false => format!(
            "only H.264, HEVC, VP8 and VP9 are decoded to the same pictures everywhere, not {}",
            stream.params.codec_name()
        ),
    }
}

impl Source {
    /// Opens the file by the hardware decoder that `reading` asks for; by `Auto`, by the first one that decodes its first
    /// picture, else by the processor. What comes through a pipe, and could not be read again, `Auto` leaves to the processor.
    ///
    /// # Errors
    /// As [`Self::open_at`]; `HardwareDecoder` where the one that was asked for by name is of no use.
    pub(super) fn open_by_hardware(path: &Path, reading: Reading) -> Result<Self> {
        let automatic = reading.decode == Decode::Auto;
        let tried = match automatic {
            false => vec![reading.decode],
            true if is_read_again(path) => TRIED.to_vec(),
            true => Vec::new(),
        };
        let mut refused = Vec::new();
        for decode in tried {
            match Self::open_by(path, Reading { decode, ..reading }) {
                Err(MediaError::HardwareDecoder { why, .. }) if automatic => {
                    refused.push(format!("{}: {why}", decode.name()));
                }
                opened => {
                    let mut source = opened?;
                    source.info.decoder = Some(decode.name());
                    return Ok(source);
                }
            }
        }
        let decode = Decode::Software;
        let mut source = Self::open_by(path, Reading { decode, ..reading })?;
        if refused.is_empty() {
            refused.push("what comes through a pipe cannot be read again if it fails".to_owned());
        }
        // Pictures are not worth a word.
        if !source.info.is_image && source.info.sequence.is_none() {
            source.info.no_decoder = Some(format!(
                "{} is decoded by the processor: no hardware decoder can be used ({})",
                path.display(),
                refused.join("; ")
            ));
        }
        Ok(source)
    }
}
