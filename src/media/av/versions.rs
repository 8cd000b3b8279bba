//! What FFmpeg's versions from 5.1 to 9.0 spell differently. All else is the same in each of them, and no other file
//! asks for a version while it is compiled.

use std::ffi::c_int;
use std::ptr;

use super::{AvError, SideData, ffi};

/// The duration of a frame, in ticks of its time base; 0 if unknown.
///
/// # Safety
/// Here and below, the pointers are valid.
pub(super) unsafe fn duration(frame: *const ffi::AVFrame) -> i64 {
    #[cfg(ffmpeg_6_1)]
    let ticks = unsafe { (*frame).duration };
    #[cfg(not(ffmpeg_6_1))]
    let ticks = unsafe { (*frame).pkt_duration };
    ticks.max(0)
}

pub(super) unsafe fn set_duration(frame: *mut ffi::AVFrame, ticks: i64) {
    #[cfg(ffmpeg_6_1)]
    unsafe {
        (*frame).duration = ticks;
    }
    #[cfg(not(ffmpeg_6_1))]
    unsafe {
        (*frame).pkt_duration = ticks;
    }
}

/// Whether a frame is a key frame.
pub(super) unsafe fn is_key(frame: *const ffi::AVFrame) -> bool {
    #[cfg(ffmpeg_6_1)]
    unsafe {
        (*frame).flags & ffi::AV_FRAME_FLAG_KEY != 0
    }
    #[cfg(not(ffmpeg_6_1))]
    unsafe {
        (*frame).key_frame != 0
    }
}

/// Whether the top field of a frame comes first; `None` if it is not interlaced.
pub(super) unsafe fn top_field_first(frame: *const ffi::AVFrame) -> Option<bool> {
    #[cfg(ffmpeg_6_1)]
    unsafe {
        let has = |flag: c_int| (*frame).flags & flag != 0;
        has(ffi::AV_FRAME_FLAG_INTERLACED).then(|| has(ffi::AV_FRAME_FLAG_TOP_FIELD_FIRST))
    }
    #[cfg(not(ffmpeg_6_1))]
    unsafe {
        ((*frame).interlaced_frame != 0).then(|| (*frame).top_field_first != 0)
    }
}

/// Sets whether a frame is interlaced, and then whether its top field comes first.
pub(super) unsafe fn set_fields(frame: *mut ffi::AVFrame, top_first: Option<bool>) {
    #[cfg(ffmpeg_6_1)]
    unsafe {
        let both = ffi::AV_FRAME_FLAG_INTERLACED | ffi::AV_FRAME_FLAG_TOP_FIELD_FIRST;
        (*frame).flags &= !both;
        (*frame).flags |= match top_first {
            None => 0,
            Some(false) => ffi::AV_FRAME_FLAG_INTERLACED,
            Some(true) => both,
        };
    }
    #[cfg(not(ffmpeg_6_1))]
    unsafe {
        (*frame).interlaced_frame = c_int::from(top_first.is_some());
        (*frame).top_field_first = c_int::from(top_first == Some(true));
    }
}

/// All side data of a stream.
pub(super) unsafe fn side_data(stream: *const ffi::AVStream) -> Vec<SideData> {
    #[cfg(ffmpeg_6_1)]
    let (list, count) = unsafe {
        let params = (*stream).codecpar;
        ((*params).coded_side_data, (*params).nb_coded_side_data)
    };
    #[cfg(not(ffmpeg_6_1))]
    let (list, count) = unsafe { ((*stream).side_data, (*stream).nb_side_data) };
    (0..usize::try_from(count).unwrap_or(0))
        .map(|index| unsafe {
            let entry = &*list.add(index);
            let data = std::slice::from_raw_parts(entry.data, entry.size as _);
            (entry.type_, data.to_vec())
        })
        .collect()
}

/// Adds side data to a stream whose header is not yet written. Replaces data of the same type.
pub(super) unsafe fn add_side_data(
    stream: *mut ffi::AVStream,
    (kind, data): &SideData,
) -> Result<(), AvError> {
    #[cfg(ffmpeg_6_1)]
    let bytes = unsafe {
        let params = (*stream).codecpar;
        let entry = ffi::av_packet_side_data_new(
            ptr::addr_of_mut!((*params).coded_side_data),
            ptr::addr_of_mut!((*params).nb_coded_side_data),
            *kind,
            data.len() as _,
            0,
        );
        entry.as_ref().map_or(ptr::null_mut(), |entry| entry.data)
    };
    #[cfg(not(ffmpeg_6_1))]
    let bytes = unsafe { ffi::av_stream_new_side_data(stream, *kind, data.len() as _) };
    if bytes.is_null() {
        return Err(AvError::NO_MEMORY);
    }
    unsafe { ptr::copy_nonoverlapping(data.as_ptr(), bytes, data.len()) };
    Ok(())
}

/// What an encoder can take; an empty list if it does not say.
pub(super) struct Supported {
    /// Numbers of `AVPixelFormat`, in the encoder's order of preference.
    pub pixel_formats: Vec<c_int>,
    /// Numbers of `AVSampleFormat`.
    pub sample_formats: Vec<c_int>,
    /// Hz.
    pub sample_rates: Vec<c_int>,
}

/// What `encoder` can take.
pub(super) fn supported(encoder: &ffi::AVCodec) -> Supported {
    // The lists are read as numbers: FFmpeg may use values that the bindings do not know.
    #[cfg(ffmpeg_7_1)]
    let list = |what| {
        let (mut at, mut count) = (ptr::null(), 0);
        // SAFETY: FFmpeg returns a static list with its length, or null.
        let code = unsafe {
            ffi::avcodec_get_supported_config(ptr::null(), encoder, what, 0, &mut at, &mut count)
        };
        match super::check(code) {
            Ok(_) if !at.is_null() => unsafe {
                let count = usize::try_from(count).unwrap_or(0);
                std::slice::from_raw_parts(at.cast::<c_int>(), count).to_vec()
            },
            _ => Vec::new(),
        }
    };
    #[cfg(ffmpeg_7_1)]
    return {
        use ffi::AVCodecConfig as Config;
        Supported {
            pixel_formats: list(Config::AV_CODEC_CONFIG_PIX_FORMAT),
            sample_formats: list(Config::AV_CODEC_CONFIG_SAMPLE_FORMAT),
            sample_rates: list(Config::AV_CODEC_CONFIG_SAMPLE_RATE),
        }
    };
    #[cfg(not(ffmpeg_7_1))]
    return {
        // SAFETY: the lists are static, and end with `end`.
        let list = |mut at: *const c_int, end: c_int| unsafe {
            let mut values = Vec::new();
            while !at.is_null() && *at != end {
                values.push(*at);
                at = at.add(1);
            }
            values
        };
        Supported {
            pixel_formats: list(encoder.pix_fmts.cast(), -1),
            sample_formats: list(encoder.sample_fmts.cast(), -1),
            sample_rates: list(encoder.supported_samplerates, 0),
        }
    };
}

/// The option that `encoder` needs for pictures of this size. FFV1 of FFmpeg 9.0 finds no number of slices itself where a
/// side has less than 4 pixels.
pub(super) fn option_for_size(encoder: &str, width: u32, height: u32) -> Option<(&str, &str)> {
    // SAFETY: the function only returns a number: the version of the library that is loaded.
    let fails = unsafe { ffi::avcodec_version() } >> 16 >= 63;
    (fails && encoder == "ffv1" && width.min(height) < 4).then_some(("slices", "1"))
}

/// Whether the muxer `container` stores the rotation of a video stream. Matroska and WebM do from FFmpeg 6.1 on.
pub(super) fn stores_rotation(container: &str) -> bool {
    const FFMPEG_6_1: u32 = 60 << 16 | 16 << 8;
    match container {
        "mp4" | "mov" => true,
        // SAFETY: the function only returns a number: the version of the library that is loaded.
        "matroska" | "webm" => unsafe { ffi::avformat_version() >= FFMPEG_6_1 },
        _ => false,
    }
}
