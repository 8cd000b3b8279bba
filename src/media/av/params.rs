//! Codec parameters and side data of a stream.

use std::ptr;

use super::{AvError, av_rational, check, ffi, versions};
use crate::frame::Rational;

/// Owned codec parameters.
pub(crate) struct CodecParams(pub *mut ffi::AVCodecParameters);

// SAFETY: plain memory; shared references only read.
unsafe impl Send for CodecParams {}
unsafe impl Sync for CodecParams {}

impl CodecParams {
    pub fn new() -> Result<Self, AvError> {
        // SAFETY: allocation only.
        let raw = unsafe { ffi::avcodec_parameters_alloc() };
        if raw.is_null() {
            return Err(AvError::NO_MEMORY);
        }
        Ok(Self(raw))
    }

    /// Parameters of an attachment with the content `data`.
    pub fn attachment(codec: ffi::AVCodecID, data: &[u8]) -> Result<Self, AvError> {
        let params = Self::new()?;
        let size = i32::try_from(data.len()).map_err(|_| AvError::NO_MEMORY)?;
        let padding = ffi::AV_INPUT_BUFFER_PADDING_SIZE as usize;
        // SAFETY: the parameters are ours; FFmpeg frees the copied bytes with them.
        unsafe {
            let copy = ffi::av_mallocz(data.len() + padding).cast::<u8>();
            if copy.is_null() {
                return Err(AvError::NO_MEMORY);
            }
            ptr::copy_nonoverlapping(data.as_ptr(), copy, data.len());
            (*params.0).codec_type = ffi::AVMediaType::AVMEDIA_TYPE_ATTACHMENT;
            (*params.0).codec_id = codec;
            (*params.0).extradata = copy;
            (*params.0).extradata_size = size;
        }
        Ok(params)
    }

    /// A copy of the parameters `source`.
    ///
    /// # Safety
    /// `source` is valid.
    pub unsafe fn copied(source: *const ffi::AVCodecParameters) -> Result<Self, AvError> {
        let copy = Self::new()?;
        check(unsafe { ffi::avcodec_parameters_copy(copy.0, source) })?;
        Ok(copy)
    }

    /// The same, with a decoding delay of at least `frames` frames.
    pub fn with_delay(self, frames: usize) -> Self {
        // SAFETY: the parameters are ours.
        unsafe {
            let delay = ptr::addr_of_mut!((*self.0).video_delay);
            *delay = (*delay).max(i32::try_from(frames).unwrap_or(i32::MAX));
        }
        self
    }

    /// The decoding delay: how many frames packets are decoded before they are shown.
    pub fn delay(&self) -> usize {
        // SAFETY: the parameters are ours.
        usize::try_from(unsafe { (*self.0).video_delay }).unwrap_or(0)
    }

    /// Sets the sample aspect ratio and the field order.
    pub fn describe(&self, sample_aspect: Rational, fields: ffi::AVFieldOrder) {
        // SAFETY: the parameters are ours.
        unsafe {
            (*self.0).sample_aspect_ratio = av_rational(sample_aspect);
            (*self.0).field_order = fields;
        }
    }

    /// Seconds of Opus pre-skip that the muxer of `container` writes into the header without moving the packets by as
    /// much (libavformat before 60 does so). `None` if there is nothing to correct.
    pub fn missing_delay(&self, container: &str) -> Option<Rational> {
        // SAFETY: the parameters are ours; the function only returns a number.
        let (padding, major) =
            unsafe { ((*self.0).initial_padding, ffi::avformat_version() >> 16) };
        let opus = self.codec() == ffi::AVCodecID::AV_CODEC_ID_OPUS;
        let kept = ["matroska", "webm"].contains(&container);
        (opus && kept && padding > 0 && major < 60).then(|| Rational::new(padding.into(), 48_000))
    }

    /// The codec tag; zero if the encoder sets none.
    pub fn tag(&self) -> u32 {
        // SAFETY: the parameters are ours.
        unsafe { (*self.0).codec_tag }
    }

    /// The codec's headers (extradata).
    pub fn extradata(&self) -> Vec<u8> {
        // SAFETY: the parameters are ours.
        unsafe { extradata(self.0) }
    }

    pub fn codec(&self) -> ffi::AVCodecID {
        // SAFETY: here and below, the parameters are ours; demuxers write only values of the enum.
        unsafe { (*self.0).codec_id }
    }

    /// FFmpeg's name of the codec, `h264`.
    pub fn codec_name(&self) -> String {
        // SAFETY: the name is static.
        unsafe { super::text(ffi::avcodec_get_name(self.codec())) }
    }

    /// Sample rate in Hz and number of channels.
    pub fn audio(&self) -> (u32, u32) {
        // SAFETY: as above.
        let (rate, channels) = unsafe { ((*self.0).sample_rate, (*self.0).ch_layout.nb_channels) };
        (
            u32::try_from(rate).unwrap_or(0),
            u32::try_from(channels).unwrap_or(0),
        )
    }

    /// The channel layout as text: `stereo`.
    pub fn channel_layout(&self) -> String {
        let mut buffer = [0 as std::ffi::c_char; 128];
        // SAFETY: FFmpeg writes at most the length of the buffer and ends the text with a zero.
        unsafe {
            let layout = ptr::addr_of!((*self.0).ch_layout);
            if ffi::av_channel_layout_describe(layout, buffer.as_mut_ptr(), buffer.len()) < 0 {
                return String::new();
            }
            super::text(buffer.as_ptr())
        }
    }
}

impl Drop for CodecParams {
    fn drop(&mut self) {
        // SAFETY: frees what we own.
        unsafe { ffi::avcodec_parameters_free(&mut self.0) };
    }
}

/// The codec's headers (extradata) in codec parameters.
///
/// # Safety
/// `params` is valid.
pub(crate) unsafe fn extradata(params: *const ffi::AVCodecParameters) -> Vec<u8> {
    unsafe {
        let (data, size) = ((*params).extradata, (*params).extradata_size);
        match usize::try_from(size) {
            Ok(size) if !data.is_null() => std::slice::from_raw_parts(data, size).to_vec(),
            _ => Vec::new(),
        }
    }
}

/// Side data of a stream: its type (`AVPacketSideDataType`) and its bytes.
pub(crate) type SideData = (ffi::AVPacketSideDataType, Vec<u8>);

/// The types that describe the pictures themselves and stay true after re-encoding.
const CARRIED: [ffi::AVPacketSideDataType; 6] = [
    ffi::AVPacketSideDataType::AV_PKT_DATA_DISPLAYMATRIX,
    ffi::AVPacketSideDataType::AV_PKT_DATA_STEREO3D,
    ffi::AVPacketSideDataType::AV_PKT_DATA_SPHERICAL,
    ffi::AVPacketSideDataType::AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
    ffi::AVPacketSideDataType::AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
    ffi::AVPacketSideDataType::AV_PKT_DATA_ICC_PROFILE,
];

/// The side data of a stream that stays true after re-encoding.
///
/// # Safety
/// `stream` is valid.
pub(crate) unsafe fn carried_side_data(stream: *const ffi::AVStream) -> Vec<SideData> {
    let all = unsafe { side_data(stream) };
    let of_kind = |kind| all.iter().find(|(other, _)| *other == kind).cloned();
    CARRIED.into_iter().filter_map(of_kind).collect()
}

/// All side data of a stream.
///
/// # Safety
/// `stream` is valid.
pub(crate) unsafe fn side_data(stream: *const ffi::AVStream) -> Vec<SideData> {
    unsafe { versions::side_data(stream) }
}
