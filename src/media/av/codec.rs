//! Decoders and encoders.

use std::ffi::{CString, c_int};
use std::ptr;

use super::frame::range_and_location;
use super::hardware::{DeviceKind, HardwareDecoding, HardwareDevice, HardwareFrames};
use super::{
    AvError, AvFrame, CodecParams, Dict, Packet, PixFmt, av_rational, check, enum_set, ffi,
    versions,
};
use crate::frame::{Color, Rational};

/// The answer of a codec that was asked for output.
pub(crate) enum Received<T> {
    One(T),
    /// It needs more input first.
    NeedsInput,
    /// All output has been returned.
    End,
}

/// FFmpeg's preferred decoder of a codec.
pub(crate) fn find_decoder(codec: ffi::AVCodecID) -> Option<&'static ffi::AVCodec> {
    // SAFETY: codecs are static.
    unsafe { ffi::avcodec_find_decoder(codec).as_ref() }
}

/// The encoder called `name`.
pub(crate) fn find_encoder(name: &str) -> Option<&'static ffi::AVCodec> {
    let name = CString::new(name).ok()?;
    // SAFETY: codecs are static.
    unsafe { ffi::avcodec_find_encoder_by_name(name.as_ptr()).as_ref() }
}

/// The device that holds the pictures of an encoder that takes no others; `None` for encoders that take them from the memory
/// of the processor.
fn takes_uploads(encoder: &str) -> Option<DeviceKind> {
    encoder.ends_with("_vaapi").then_some(DeviceKind::Vaapi)
}

/// The pixel formats that an encoder takes, in its order of preference.
pub(crate) fn pixel_formats(encoder: &ffi::AVCodec) -> Vec<PixFmt> {
    // SAFETY: the name is static.
    if takes_uploads(&unsafe { super::text(encoder.name) }).is_some() {
        // What is copied to the device.
        return ["nv12", "p010le"]
            .iter()
            .filter_map(|name| PixFmt::by_name(name))
            .collect();
    }
    let numbers = versions::supported(encoder).pixel_formats;
    numbers.into_iter().map(PixFmt).collect()
}

pub(super) struct Context(pub *mut ffi::AVCodecContext);

impl Context {
    pub fn new(codec: &ffi::AVCodec) -> Result<Self, AvError> {
        // SAFETY: allocation only.
        let raw = unsafe { ffi::avcodec_alloc_context3(codec) };
        if raw.is_null() {
            return Err(AvError::NO_MEMORY);
        }
        Ok(Self(raw))
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: frees what we own.
        unsafe { ffi::avcodec_free_context(&mut self.0) };
    }
}

/// A decoder of video or audio.
pub(crate) struct Decoder {
    context: Context,
    /// Where a device decodes. Freed after the context, which points to it.
    hardware: Option<HardwareDecoding>,
    /// Why that device is of no use for this stream.
    fault: Option<String>,
    /// A device that a test pretends to have, and that fails after so many pictures.
    #[cfg(test)]
    pretended: Option<u32>,
}

// SAFETY: codecs are not bound to a thread.
unsafe impl Send for Decoder {}

impl Decoder {
    /// Opens the decoder of a stream whose packets have the time base `time_base`.
    pub fn open(params: &CodecParams, time_base: Rational) -> Result<Self, AvError> {
        const AS_MANY_AS_CORES: c_int = 0;
        Self::with_threads(params, time_base, AS_MANY_AS_CORES)
    }

    /// As [`Self::open`], decoding on the thread that calls: each picture comes as early as it can.
    pub fn open_without_threads(
        params: &CodecParams,
        time_base: Rational,
    ) -> Result<Self, AvError> {
        Self::with_threads(params, time_base, 1)
    }

    fn with_threads(
        params: &CodecParams,
        time_base: Rational,
        threads: c_int,
    ) -> Result<Self, AvError> {
        let codec = find_decoder(params.codec()).ok_or(AvError(ffi::AVERROR_DECODER_NOT_FOUND))?;
        let context = Context::new(codec)?;
        // SAFETY: the context is ours and not yet open.
        unsafe {
            let c = context.0;
            check(ffi::avcodec_parameters_to_context(c, params.0))?;
            (*c).pkt_timebase = av_rational(time_base);
            (*c).thread_count = threads;
            (*c).max_pixels = super::input::MAX_PIXELS;
            check(ffi::avcodec_open2(c, codec, ptr::null_mut()))?;
        }
        Ok(Self::of(context, None))
    }

    /// Opens the decoder of a stream on a device. Its pictures are brought to the memory of the processor, in the format that
    /// [`Self::open`] would give.
    pub fn open_on(
        kind: DeviceKind,
        params: &CodecParams,
        time_base: Rational,
    ) -> Result<Self, AvError> {
        let (context, hardware) = HardwareDecoding::open(params, time_base, kind)?;
        Ok(Self::of(context, Some(hardware)))
    }

    fn of(context: Context, hardware: Option<HardwareDecoding>) -> Self {
        Self {
            context,
            hardware,
            fault: None,
            #[cfg(test)]
            pretended: None,
        }
    }

    /// As [`Self::open`], with a fault as that of a device after so many pictures.
    #[cfg(test)]
    pub fn pretending(mut self, pictures: u32) -> Self {
        self.pretended = Some(pictures);
        self
    }

    /// Why the device that decodes is of no use for this stream; `None` as long as it is, and where there is none. All that
    /// a device refuses counts, damage too: a decoder without a device conceals it in another way.
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// Notes an error where a device decodes.
    fn failed(&mut self, error: AvError) -> AvError {
        if self.hardware.is_some() {
            self.fault.get_or_insert_with(|| error.to_string());
        }
        error
    }

    /// Sends a packet, or `None` at the end of the stream.
    pub fn send(&mut self, packet: Option<&Packet>) -> Result<(), AvError> {
        // SAFETY: a null packet means the end.
        let sent = check(unsafe {
            ffi::avcodec_send_packet(self.context.0, packet.map_or(ptr::null(), |p| p.raw))
        });
        sent.map(|_| ()).map_err(|error| self.failed(error))
    }

    /// Receives the next decoded frame into `frame`.
    pub fn receive(&mut self, frame: &mut AvFrame) -> Result<Received<()>, AvError> {
        let received = match &mut self.hardware {
            Some(hardware) => hardware.receive(&self.context, frame),
            // SAFETY: both are valid.
            None => check(unsafe { ffi::avcodec_receive_frame(self.context.0, frame.0) })
                .map(|_| Ok(())),
        };
        #[cfg(test)]
        if let (Some(left), Ok(_)) = (&mut self.pretended, &received) {
            let Some(fewer) = left.checked_sub(1) else {
                self.fault = Some("as the test wants it".to_owned());
                return Err(AvError(ffi::AVERROR_EXTERNAL));
            };
            *left = fewer;
        }
        match received {
            Ok(Ok(())) => Ok(Received::One(())),
            Ok(Err(why)) => {
                self.fault.get_or_insert(why);
                Err(AvError(ffi::AVERROR_EXTERNAL))
            }
            Err(AvError::AGAIN) => Ok(Received::NeedsInput),
            Err(AvError::EOF) => Ok(Received::End),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Drops all buffered input, as needed after a seek.
    pub fn flush(&mut self) {
        // SAFETY: the context is open.
        unsafe { ffi::avcodec_flush_buffers(self.context.0) };
    }

    pub fn raw(&self) -> *mut ffi::AVCodecContext {
        self.context.0
    }
}

/// The settings of a video encoder.
pub(crate) struct VideoSetup<'a> {
    pub encoder: &'a str,
    pub width: u32,
    pub height: u32,
    pub format: PixFmt,
    pub color: Color,
    pub time_base: Rational,
    pub frame_rate: Rational,
    pub sample_aspect: Rational,
    pub options: &'a [(String, String)],
    pub global_header: bool,
    /// Codec tag in the container, such as `hvc1`; zero lets FFmpeg choose.
    pub tag: u32,
}

/// Why an encoder could not be opened.
pub(crate) enum OpenError {
    Missing,
    Refused(AvError),
    /// Options that the encoder does not know.
    UnknownOptions(Vec<String>),
}

impl From<AvError> for OpenError {
    fn from(error: AvError) -> Self {
        Self::Refused(error)
    }
}

/// An encoder of video or audio.
pub(crate) struct Encoder {
    context: Context,
    /// Where its pictures must lie in the memory of a device.
    uploads: Option<HardwareFrames>,
    /// Drain the encoder before freeing it: SVT-AV1 hangs otherwise.
    must_drain: bool,
    fed: bool,
    drained: bool,
}

// SAFETY: codecs are not bound to a thread.
unsafe impl Send for Encoder {}

impl Encoder {
    /// Opens a video encoder.
    pub fn video(setup: &VideoSetup) -> Result<Self, OpenError> {
        let codec = find_encoder(setup.encoder).ok_or(OpenError::Missing)?;
        let context = Context::new(codec)?;
        let size = |n: u32| c_int::try_from(n).map_err(|_| AvError::NO_MEMORY);
        let (range, location) = range_and_location(&setup.color);
        // SAFETY: the context is ours and not yet open.
        unsafe {
            let c = context.0;
            (*c).width = size(setup.width)?;
            (*c).height = size(setup.height)?;
            enum_set!((*c).pix_fmt, setup.format.0);
            enum_set!((*c).colorspace, c_int::from(setup.color.matrix));
            enum_set!((*c).color_primaries, c_int::from(setup.color.primaries));
            enum_set!((*c).color_trc, c_int::from(setup.color.transfer));
            enum_set!((*c).color_range, range);
            enum_set!((*c).chroma_sample_location, location);
            (*c).time_base = av_rational(setup.time_base);
            (*c).framerate = av_rational(setup.frame_rate);
            (*c).sample_aspect_ratio = av_rational(setup.sample_aspect);
            (*c).thread_count = 0;
            (*c).codec_tag = setup.tag;
            if setup.global_header {
                (*c).flags |= ffi::AV_CODEC_FLAG_GLOBAL_HEADER as c_int;
            }
        }
        let uploads = match takes_uploads(setup.encoder) {
            Some(kind) => {
                let device = HardwareDevice::open(kind)?;
                let size = (setup.width, setup.height);
                let frames = HardwareFrames::new(&device, setup.format, size)?;
                frames.feed(&device, &context)?;
                Some(frames)
            }
            None => None,
        };
        let needed = versions::option_for_size(setup.encoder, setup.width, setup.height);
        // What the user asks for comes last, and counts.
        let asked = setup.options.iter().map(|(key, value)| (&**key, &**value));
        let mut encoder = Self::finish_open(codec, context, needed.into_iter().chain(asked))?;
        encoder.uploads = uploads;
        Ok(encoder)
    }

    /// Opens an audio encoder for `rate` Hz (or the nearest it supports) and `layout`, at `bit_rate` bits per second.
    pub fn audio(
        encoder: &str,
        rate: c_int,
        layout: &ffi::AVChannelLayout,
        bit_rate: i64,
        global_header: bool,
    ) -> Result<Self, OpenError> {
        let codec = find_encoder(encoder).ok_or(OpenError::Missing)?;
        let context = Context::new(codec)?;
        let supported = versions::supported(codec);
        let format = supported.sample_formats.first().ok_or(OpenError::Missing)?;
        let distance = |offered: &c_int| (*offered - rate).abs();
        let nearest = supported.sample_rates.into_iter().min_by_key(distance);
        let chosen = nearest.unwrap_or(rate);
        // SAFETY: the context is ours and not yet open.
        unsafe {
            let c = context.0;
            (*c).sample_rate = chosen;
            enum_set!((*c).sample_fmt, *format);
            check(ffi::av_channel_layout_copy(
                ptr::addr_of_mut!((*c).ch_layout),
                layout,
            ))?;
            if (*c).ch_layout.order == ffi::AVChannelOrder::AV_CHANNEL_ORDER_UNSPEC {
                let count = (*c).ch_layout.nb_channels;
                ffi::av_channel_layout_default(ptr::addr_of_mut!((*c).ch_layout), count);
            }
            (*c).bit_rate = bit_rate;
            (*c).time_base = ffi::AVRational {
                num: 1,
                den: chosen,
            };
            if global_header {
                (*c).flags |= ffi::AV_CODEC_FLAG_GLOBAL_HEADER as c_int;
            }
        }
        Self::finish_open(codec, context, std::iter::empty())
    }

    fn finish_open<'o>(
        codec: &ffi::AVCodec,
        context: Context,
        options: impl Iterator<Item = (&'o str, &'o str)>,
    ) -> Result<Self, OpenError> {
        let mut options = Dict::from_pairs(options);
        // SAFETY: the codec's name is static; the context is ours.
        let name = unsafe {
            check(ffi::avcodec_open2(context.0, codec, &mut options.0))?;
            super::text(codec.name)
        };
        let encoder = Self {
            context,
            uploads: None,
            must_drain: name == "libsvtav1",
            fed: false,
            drained: false,
        };
        let unknown: Vec<String> = options.pairs().into_iter().map(|(key, _)| key).collect();
        if unknown.is_empty() {
            Ok(encoder)
        } else {
            Err(OpenError::UnknownOptions(unknown))
        }
    }

    /// Sends a frame, or `None` at the end.
    pub fn send(&mut self, frame: Option<&AvFrame>) -> Result<(), AvError> {
        let uploaded = match (&self.uploads, frame) {
            (Some(uploads), Some(frame)) => Some(uploads.upload(frame)?),
            _ => None,
        };
        let frame = uploaded.as_ref().or(frame);
        // SAFETY: a null frame means the end.
        check(unsafe {
            ffi::avcodec_send_frame(self.context.0, frame.map_or(ptr::null(), |f| f.0))
        })?;
        self.fed |= frame.is_some();
        Ok(())
    }

    /// Receives the next packet. Its times are in the encoder's time base.
    pub fn receive(&mut self) -> Result<Received<Packet>, AvError> {
        let packet = Packet::new(self.time_base())?;
        // SAFETY: both are valid.
        match check(unsafe { ffi::avcodec_receive_packet(self.context.0, packet.raw) }) {
            Ok(_) => Ok(Received::One(packet)),
            Err(AvError::AGAIN) => Ok(Received::NeedsInput),
            Err(AvError::EOF) => {
                self.drained = true;
                Ok(Received::End)
            }
            Err(error) => Err(error),
        }
    }

    pub fn time_base(&self) -> Rational {
        // SAFETY: the context is open.
        super::rational(unsafe { (*self.context.0).time_base })
    }

    /// The codec parameters for a muxer.
    pub fn params(&self) -> Result<CodecParams, AvError> {
        let params = CodecParams::new()?;
        // SAFETY: both are valid.
        check(unsafe { ffi::avcodec_parameters_from_context(params.0, self.context.0) })?;
        Ok(params)
    }

    pub fn raw(&self) -> *mut ffi::AVCodecContext {
        self.context.0
    }

    fn drain(&mut self) -> Result<(), AvError> {
        if !self.fed {
            // SAFETY: the context is open.
            let (format, width, height) = unsafe {
                let c = self.context.0;
                (
                    PixFmt(super::enum_get!((*c).pix_fmt)),
                    (*c).width.unsigned_abs(),
                    (*c).height.unsigned_abs(),
                )
            };
            let frame = AvFrame::picture(format, width, height)?;
            // SAFETY: the frame is ours.
            unsafe { (*frame.0).pts = 0 };
            self.send(Some(&frame))?;
        }
        // Sending the end a second time is harmless.
        let _ = self.send(None);
        while let Received::One(_) | Received::NeedsInput = self.receive()? {}
        Ok(())
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        if self.must_drain && !self.drained {
            // A failure here has no consequence.
            let _ = self.drain();
        }
    }
}
