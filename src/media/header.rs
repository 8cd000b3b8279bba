//! Data that an output copies from its source, apart from pictures and packets.

use super::av::{
    AvError, Chapter, CodecParams, Input, Packet, SideData, carried_side_data, ffi, pairs, rational,
};
use super::info::{StreamKind, kind};
use crate::frame::Rational;

/// Data that an output copies from its source: codec parameters, tags, chapters, side data, cover pictures. Made by
/// [`Source::header`](super::Source::header) and shared with the sinks of a job, which may run on other threads.
pub struct Header {
    pub(crate) video: usize,
    pub(crate) streams: Vec<HeaderStream>,
    pub(crate) chapters: Vec<Chapter>,
    pub(crate) metadata: Vec<(String, String)>,
    /// ICC profile of the first picture.
    pub(crate) icc: Option<Vec<u8>>,
    /// EXIF orientation of a still picture, 1 to 8.
    pub(crate) orientation: Option<u16>,
    /// Whether the times of its packets are moved so that no hole is left in them.
    pub(crate) close_gaps: bool,
}

pub(crate) struct HeaderStream {
    pub kind: StreamKind,
    pub params: CodecParams,
    pub time_base: Rational,
    pub frame_rate: Rational,
    pub sample_aspect: Rational,
    pub disposition: i32,
    pub metadata: Vec<(String, String)>,
    pub side_data: Vec<SideData>,
    /// The picture of a cover stream; `None` for other kinds.
    pub cover: Option<Packet>,
}

impl Header {
    pub(crate) fn read(input: &Input, video: usize) -> Result<Self, AvError> {
        // SAFETY: the input is open, so its streams, chapters and lists are valid.
        unsafe {
            Ok(Self {
                video,
                streams: input
                    .streams()
                    .iter()
                    .map(|&s| stream(s))
                    .collect::<Result<_, _>>()?,
                chapters: input
                    .chapters()
                    .iter()
                    .map(|&c| {
                        let time_base = rational((*c).time_base);
                        (
                            (*c).id,
                            time_base,
                            (*c).start,
                            (*c).end,
                            pairs((*c).metadata),
                        )
                    })
                    .collect(),
                metadata: pairs((*input.context).metadata),
                icc: None,
                orientation: None,
                close_gaps: false,
            })
        }
    }
}

unsafe fn stream(s: *mut ffi::AVStream) -> Result<HeaderStream, AvError> {
    // SAFETY: the caller's stream is valid.
    unsafe {
        let time_base = rational((*s).time_base);
        let kind = kind(s);
        let cover = match kind {
            StreamKind::Cover if !(*s).attached_pic.data.is_null() => {
                let packet = Packet::new(time_base)?;
                super::av::check(ffi::av_packet_ref(
                    packet.raw,
                    std::ptr::addr_of!((*s).attached_pic),
                ))?;
                Some(packet)
            }
            _ => None,
        };
        Ok(HeaderStream {
            kind,
            params: CodecParams::copied((*s).codecpar)?,
            time_base,
            frame_rate: rational((*s).avg_frame_rate),
            sample_aspect: rational((*s).sample_aspect_ratio),
            disposition: (*s).disposition,
            metadata: pairs((*s).metadata),
            side_data: carried_side_data(s),
            cover,
        })
    }
}
