//! Muxing into a file.

use std::ffi::{CString, c_int};
use std::path::Path;
use std::ptr;

use super::{
    AvError, CodecParams, Dict, Packet, SideData, av_rational, check, ffi, rational, text, versions,
};
use crate::frame::Rational;

/// A container format that FFmpeg can write.
#[derive(Clone, Copy)]
pub(crate) struct ContainerFormat(&'static ffi::AVOutputFormat);

impl ContainerFormat {
    pub fn by_name(name: &str) -> Option<Self> {
        let name = CString::new(name).ok()?;
        // SAFETY: formats are static.
        unsafe { ffi::av_guess_format(name.as_ptr(), ptr::null(), ptr::null()).as_ref() }.map(Self)
    }

    /// Whether it can hold a codec. If FFmpeg does not know, the answer is yes.
    pub fn holds(self, codec: ffi::AVCodecID) -> bool {
        // SAFETY: the format is static. FFmpeg's answer "as a cover picture only" (`APIC`) counts as no.
        let answer =
            unsafe { ffi::avformat_query_codec(self.0, codec, ffi::FF_COMPLIANCE_NORMAL as c_int) };
        answer == 1 || answer < 0
    }

    /// Whether it stores the rotation of a video stream.
    pub fn stores_rotation(self) -> bool {
        // SAFETY: the name is static.
        versions::stores_rotation(&unsafe { text(self.0.name) })
    }

    pub fn wants_global_header(self) -> bool {
        self.0.flags & ffi::AVFMT_GLOBALHEADER != 0
    }
}

/// The description of a stream to add.
pub(crate) struct NewStream<'a> {
    pub params: &'a CodecParams,
    pub time_base: Rational,
    pub frame_rate: Rational,
    pub sample_aspect: Rational,
    pub disposition: c_int,
    pub metadata: &'a [(String, String)],
    pub side_data: &'a [SideData],
    /// Codec tag in the container, such as `hvc1`; zero lets FFmpeg choose.
    pub tag: u32,
}

/// A chapter: id, time base, start, end, tags. Start and end are in ticks.
pub(crate) type Chapter = (i64, Rational, i64, i64, Vec<(String, String)>);

/// A file being muxed.
pub(crate) struct Muxer {
    context: *mut ffi::AVFormatContext,
}

// SAFETY: muxers are not bound to a thread.
unsafe impl Send for Muxer {}

impl Muxer {
    /// Creates the file.
    pub fn create(path: &Path, muxer: ContainerFormat) -> Result<Self, AvError> {
        let url = url(path).ok_or(AvError(ffi::AVERROR(libc::EINVAL)))?;
        let mut output = Self {
            context: ptr::null_mut(),
        };
        // SAFETY: FFmpeg allocates into the context, which `drop` frees.
        unsafe {
            check(ffi::avformat_alloc_output_context2(
                &mut output.context,
                muxer.0,
                ptr::null(),
                url.as_ptr(),
            ))?;
            check(ffi::avio_open2(
                ptr::addr_of_mut!((*output.context).pb),
                url.as_ptr(),
                ffi::AVIO_FLAG_WRITE,
                ptr::null(),
                ptr::null_mut(),
            ))?;
        }
        Ok(output)
    }

    /// Adds a stream and returns its index.
    pub fn add(&mut self, new: &NewStream) -> Result<usize, AvError> {
        // SAFETY: the context is ours, its header not yet written.
        unsafe {
            let stream = ffi::avformat_new_stream(self.context, ptr::null());
            if stream.is_null() {
                return Err(AvError::NO_MEMORY);
            }
            check(ffi::avcodec_parameters_copy(
                (*stream).codecpar,
                new.params.0,
            ))?;
            (*(*stream).codecpar).codec_tag = new.tag;
            (*stream).time_base = av_rational(new.time_base);
            (*stream).avg_frame_rate = av_rational(new.frame_rate);
            (*stream).sample_aspect_ratio = av_rational(new.sample_aspect);
            (*stream).disposition = new.disposition;
            (*stream).metadata =
                Dict::from_pairs(new.metadata.iter().map(|(k, v)| (k, v))).into_raw();
            for data in new.side_data {
                versions::add_side_data(stream, data)?;
            }
            Ok((*stream).index as usize)
        }
    }

    pub fn set_metadata(&mut self, pairs: &[(String, String)]) {
        // SAFETY: the context is ours; its old list is freed.
        unsafe {
            ffi::av_dict_free(ptr::addr_of_mut!((*self.context).metadata));
            (*self.context).metadata =
                Dict::from_pairs(pairs.iter().map(|(k, v)| (k, v))).into_raw();
        }
    }

    /// Adds chapters.
    pub fn set_chapters(&mut self, chapters: &[Chapter]) -> Result<(), AvError> {
        // SAFETY: list, chapters and their metadata are allocated by FFmpeg's allocator, because the context frees
        // them.
        unsafe {
            let size = size_of::<*mut ffi::AVChapter>();
            let list = ffi::av_calloc(chapters.len().max(1), size).cast::<*mut ffi::AVChapter>();
            if list.is_null() {
                return Err(AvError::NO_MEMORY);
            }
            (*self.context).chapters = list;
            for (index, (id, time_base, start, end, metadata)) in chapters.iter().enumerate() {
                let chapter = ffi::av_mallocz(size_of::<ffi::AVChapter>()).cast::<ffi::AVChapter>();
                if chapter.is_null() {
                    return Err(AvError::NO_MEMORY);
                }
                (*chapter).id = *id;
                (*chapter).time_base = av_rational(*time_base);
                (*chapter).start = *start;
                (*chapter).end = *end;
                (*chapter).metadata =
                    Dict::from_pairs(metadata.iter().map(|(k, v)| (k, v))).into_raw();
                *list.add(index) = chapter;
                (*self.context).nb_chapters += 1;
            }
        }
        Ok(())
    }

    /// Writes the header.
    pub fn start(&mut self, options: &[(&str, String)]) -> Result<(), AvError> {
        let mut options = Dict::from_pairs(options.iter().map(|(key, value)| (key, value)));
        // SAFETY: the context is ours, its streams are set up.
        check(unsafe { ffi::avformat_write_header(self.context, &mut options.0) })?;
        Ok(())
    }

    /// Whether the container holds sound and pictures without times of their own, from its beginning on: AVI. FFmpeg's muxer
    /// fills later gaps with empty packets, but not one before the first packet.
    pub fn begins_at_zero(&self) -> bool {
        // SAFETY: the context has a format, whose name is static.
        unsafe { text((*(*self.context).oformat).name) == "avi" }
    }

    /// Whether `stream` is sound or pictures.
    pub fn is_audio_or_video(&self, stream: usize) -> bool {
        // SAFETY: `stream` is an index returned by `add`.
        let kind = unsafe { (*(**(*self.context).streams.add(stream)).codecpar).codec_type };
        [
            ffi::AVMediaType::AVMEDIA_TYPE_AUDIO,
            ffi::AVMediaType::AVMEDIA_TYPE_VIDEO,
        ]
        .contains(&kind)
    }

    /// The time base that the muxer chose for a stream. Valid after [`Self::start`].
    pub fn time_base(&self, stream: usize) -> Rational {
        // SAFETY: `stream` is an index returned by `add`.
        rational(unsafe { (**(*self.context).streams.add(stream)).time_base })
    }

    /// Writes a packet. Its times are rescaled to the muxer's time base.
    pub fn write(&mut self, packet: &mut Packet, stream: usize) -> Result<(), AvError> {
        let to = av_rational(self.time_base(stream));
        // SAFETY: the packet is ours; FFmpeg takes its references and leaves it empty.
        unsafe {
            ffi::av_packet_rescale_ts(packet.raw, av_rational(packet.time_base), to);
            (*packet.raw).stream_index = stream as c_int;
            (*packet.raw).pos = -1;
            check(ffi::av_interleaved_write_frame(self.context, packet.raw))?;
            self.io_error()
        }
    }

    /// Writes buffered packets and the trailer, and closes the file.
    pub fn finish(mut self) -> Result<(), AvError> {
        // SAFETY: the header is written; closing sets the pointer to null, so `drop` does not close it again.
        unsafe {
            check(ffi::av_write_trailer(self.context))?;
            ffi::avio_flush((*self.context).pb);
            self.io_error()?;
            check(ffi::avio_closep(ptr::addr_of_mut!((*self.context).pb)))?;
        }
        Ok(())
    }

    fn io_error(&mut self) -> Result<(), AvError> {
        // SAFETY: the file is open.
        check(unsafe { (*(*self.context).pb).error })?;
        Ok(())
    }
}

impl Drop for Muxer {
    fn drop(&mut self) {
        // SAFETY: frees what we own. Without a trailer, the muxer's private data are freed with the context.
        unsafe {
            if !self.context.is_null() {
                ffi::avio_closep(ptr::addr_of_mut!((*self.context).pb));
                ffi::avformat_free_context(self.context);
            }
        }
    }
}

/// The prefix `file:` keeps a name such as `a:b.mkv` from being read as a protocol.
#[cfg(unix)]
fn url(path: &Path) -> Option<CString> {
    use std::os::unix::ffi::OsStrExt;
    CString::new([b"file:", path.as_os_str().as_bytes()].concat()).ok()
}

#[cfg(not(unix))]
fn url(path: &Path) -> Option<CString> {
    CString::new(format!("file:{}", path.to_str()?)).ok()
}
