//! Packets of encoded data.

use super::{AvError, ffi, timestamp};
use crate::frame::Rational;

/// A reference-counted packet of one stream.
pub struct Packet {
    pub(crate) raw: *mut ffi::AVPacket,
    /// Time base of the packet's times, in seconds per tick.
    pub time_base: Rational,
}

// SAFETY: a packet owns a reference-counted buffer that is not bound to a thread.
unsafe impl Send for Packet {}
unsafe impl Sync for Packet {}

impl Packet {
    pub(crate) fn new(time_base: Rational) -> Result<Self, AvError> {
        // SAFETY: allocation only.
        let raw = unsafe { ffi::av_packet_alloc() };
        if raw.is_null() {
            return Err(AvError::NO_MEMORY);
        }
        Ok(Self { raw, time_base })
    }

    /// A new packet with a copy of these bytes.
    pub(crate) fn holding(bytes: &[u8], time_base: Rational) -> Result<Self, AvError> {
        let packet = Self::new(time_base)?;
        let size = i32::try_from(bytes.len()).map_err(|_| AvError::NO_MEMORY)?;
        // SAFETY: the packet is ours and has room for the bytes after allocation.
        unsafe {
            super::check(ffi::av_new_packet(packet.raw, size))?;
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), (*packet.raw).data, bytes.len());
            (*packet.raw).flags |= ffi::AV_PKT_FLAG_KEY;
        }
        Ok(packet)
    }

    /// A packet with these bytes, and all else as this one.
    pub(crate) fn with_bytes(&self, bytes: &[u8]) -> Result<Self, AvError> {
        let packet = Self::holding(bytes, self.time_base)?;
        // SAFETY: both are valid packets; the properties are all but the data.
        unsafe {
            super::check(ffi::av_packet_copy_props(packet.raw, self.raw))?;
        }
        Ok(packet)
    }

    pub(crate) fn set_stream(&mut self, stream: usize) {
        // SAFETY: the packet is ours.
        unsafe { (*self.raw).stream_index = i32::try_from(stream).unwrap_or(i32::MAX) };
    }

    /// A second packet with the same data, without copying.
    pub(crate) fn share(&self) -> Result<Self, AvError> {
        let copy = Self::new(self.time_base)?;
        // SAFETY: both are valid packets.
        super::check(unsafe { ffi::av_packet_ref(copy.raw, self.raw) })?;
        Ok(copy)
    }

    /// Index of the stream in its file.
    pub fn stream(&self) -> usize {
        // SAFETY: the packet is ours.
        usize::try_from(unsafe { (*self.raw).stream_index }).unwrap_or(0)
    }

    /// Presentation time in ticks of [`Self::time_base`]; `None` if the file has none.
    pub fn pts(&self) -> Option<i64> {
        // SAFETY: as above.
        timestamp(unsafe { (*self.raw).pts })
    }

    /// Decoding time in ticks; `None` if the file has none.
    pub fn dts(&self) -> Option<i64> {
        // SAFETY: as above.
        timestamp(unsafe { (*self.raw).dts })
    }

    /// Duration in ticks; 0 if the file has none.
    pub fn duration(&self) -> i64 {
        // SAFETY: as above.
        unsafe { (*self.raw).duration }
    }

    /// The encoded bytes.
    pub fn data(&self) -> &[u8] {
        // SAFETY: data is valid for size bytes while the packet lives.
        unsafe {
            let (data, size) = ((*self.raw).data, (*self.raw).size);
            match usize::try_from(size) {
                Ok(size) if !data.is_null() => std::slice::from_raw_parts(data, size),
                _ => &[],
            }
        }
    }

    pub(crate) fn flags(&self) -> i32 {
        // SAFETY: as above.
        unsafe { (*self.raw).flags }
    }

    /// Sets presentation time and duration: shown from `start` to `end`, in its own ticks.
    pub(crate) fn show(&mut self, start: i64, end: i64) {
        self.set_times(
            start,
            start,
            end.saturating_sub(start).max(0),
            self.time_base,
        );
    }

    /// Sets all times, in ticks of `time_base`.
    pub(crate) fn set_times(&mut self, pts: i64, dts: i64, duration: i64, time_base: Rational) {
        // SAFETY: as above.
        unsafe {
            (*self.raw).pts = pts;
            (*self.raw).dts = dts;
            (*self.raw).duration = duration;
        }
        self.time_base = time_base;
    }

    /// Moves its times by so many ticks.
    pub(crate) fn shift(&mut self, by: i64) {
        let moved = |ticks: Option<i64>| {
            ticks.map_or(ffi::AV_NOPTS_VALUE, |ticks| ticks.saturating_add(by))
        };
        let (pts, dts) = (moved(self.pts()), moved(self.dts()));
        self.set_times(pts, dts, self.duration(), self.time_base);
    }

    pub(crate) fn set_duration(&mut self, duration: i64) {
        // SAFETY: as above.
        unsafe { (*self.raw).duration = duration };
    }
}

impl Drop for Packet {
    fn drop(&mut self) {
        // SAFETY: frees what we own.
        unsafe { ffi::av_packet_free(&mut self.raw) };
    }
}
