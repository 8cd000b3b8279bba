//! Owners of FFmpeg's objects. Only here are they allocated and freed. Methods are safe unless marked otherwise.

mod audio;
mod codec;
mod dict;
mod frame;
mod hardware;
mod input;
mod memory;
mod mono;
mod muxer;
mod packet;
mod params;
pub(crate) mod pipe;
mod pixfmt;
mod scale;
mod subtitle;
mod versions;

pub(crate) use audio::AudioFifo;
pub(crate) use codec::{
    Decoder, Encoder, OpenError, Received, VideoSetup, find_decoder, find_encoder, pixel_formats,
};
pub(crate) use dict::{Dict, pairs};
pub(crate) use frame::{AvFrame, DecodedPlanes, color};
pub(crate) use hardware::{DeviceKind, HardwareDecoding, device_reason};
pub use input::read_single_files_only;
pub(crate) use input::{Input, ReadError};
pub use memory::ZeroedMemory;
pub(crate) use mono::MonoDecoder;
pub(crate) use muxer::{Chapter, ContainerFormat, Muxer, NewStream};
pub use packet::Packet;
pub(crate) use params::{CodecParams, SideData, carried_side_data, extradata, side_data};
pub(crate) use pixfmt::{PixFmt, full_range_twin};
pub(crate) use scale::{Fitting, Scaler};
pub(crate) use subtitle::SubtitleTranscoder;

pub(crate) use ffmpeg_sys_next as ffi;

use std::ffi::{CStr, c_char, c_int};

use crate::frame::Rational;

/// Reads a C enum as a number: FFmpeg may use values that these bindings do not know.
macro_rules! enum_get {
    ($place:expr) => {
        std::ptr::addr_of!($place).cast::<std::ffi::c_int>().read()
    };
}
/// Writes a number into a C enum.
macro_rules! enum_set {
    ($place:expr, $value:expr) => {
        std::ptr::addr_of_mut!($place)
            .cast::<std::ffi::c_int>()
            .write($value)
    };
}
pub(crate) use {enum_get, enum_set};

/// A negative return code of FFmpeg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AvError(pub c_int);

impl AvError {
    pub const EOF: Self = Self(ffi::AVERROR_EOF);
    pub const AGAIN: Self = Self(ffi::AVERROR(libc::EAGAIN));
    pub const NO_MEMORY: Self = Self(ffi::AVERROR(libc::ENOMEM));

    /// Whether the system caused the error: a full or failing disk, a missing folder.
    pub fn is_io(self) -> bool {
        [
            libc::EIO,
            libc::ENOSPC,
            libc::EDQUOT,
            libc::EPIPE,
            libc::EFBIG,
            libc::EROFS,
            libc::EBADF,
            libc::ENOENT,
            libc::EACCES,
        ]
        .iter()
        .any(|&e| self.0 == ffi::AVERROR(e))
    }
}

impl std::fmt::Display for AvError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut buffer = [0 as c_char; 128];
        // SAFETY: the length of the buffer is passed, and FFmpeg ends the text with a zero.
        let text = unsafe {
            ffi::av_strerror(self.0, buffer.as_mut_ptr(), buffer.len());
            CStr::from_ptr(buffer.as_ptr())
        };
        f.write_str(&text.to_string_lossy())
    }
}

/// Turns a negative return code into an error.
pub(crate) fn check(code: c_int) -> std::result::Result<c_int, AvError> {
    if code < 0 {
        Err(AvError(code))
    } else {
        Ok(code)
    }
}

pub(crate) fn rational(r: ffi::AVRational) -> Rational {
    if r.den < 0 {
        Rational::new(-i64::from(r.num), -i64::from(r.den))
    } else {
        Rational::new(r.num.into(), r.den.into())
    }
}

/// As FFmpeg's type. Values beyond 31 bits become `0/1`, "unknown".
pub(crate) fn av_rational(r: Rational) -> ffi::AVRational {
    match (i32::try_from(r.num), i32::try_from(r.den)) {
        (Ok(num), Ok(den)) => ffi::AVRational { num, den },
        _ => ffi::AVRational { num: 0, den: 1 },
    }
}

/// A time stamp; `None` for FFmpeg's "no value".
pub(crate) fn timestamp(value: i64) -> Option<i64> {
    (value != ffi::AV_NOPTS_VALUE).then_some(value)
}

/// The text of a C string; empty for null.
///
/// # Safety
/// `text` is null or a C string that lives as long as the call.
pub(crate) unsafe fn text(text: *const c_char) -> String {
    if text.is_null() {
        String::new()
    } else {
        unsafe { CStr::from_ptr(text) }
            .to_string_lossy()
            .into_owned()
    }
}
