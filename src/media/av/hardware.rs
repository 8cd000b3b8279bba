//! Pictures in the memory of a device: hardware decoders make them, and some hardware encoders take nothing else.

use std::ffi::{c_int, c_void};
use std::ptr;

use super::codec::{Context, find_decoder};
use super::{AvError, AvFrame, CodecParams, PixFmt, av_rational, check, enum_set, ffi};
use crate::frame::Rational;

/// A kind of device that FFmpeg can open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeviceKind {
    Cuda,
    Vaapi,
    /// Tests copy pictures to software Vulkan and back.
    #[cfg(test)]
    Vulkan,
}

impl DeviceKind {
    /// FFmpeg's name of the device, which is that of its pixel format, too.
    fn name(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::Vaapi => "vaapi",
            #[cfg(test)]
            Self::Vulkan => "vulkan",
        }
    }

    fn raw(self) -> ffi::AVHWDeviceType {
        match self {
            Self::Cuda => ffi::AVHWDeviceType::AV_HWDEVICE_TYPE_CUDA,
            Self::Vaapi => ffi::AVHWDeviceType::AV_HWDEVICE_TYPE_VAAPI,
            #[cfg(test)]
            Self::Vulkan => ffi::AVHWDeviceType::AV_HWDEVICE_TYPE_VULKAN,
        }
    }

    /// The pixel format of pictures that lie in its memory.
    fn pix_fmt(self) -> Result<PixFmt, AvError> {
        PixFmt::by_name(self.name()).ok_or(NOT_THERE)
    }
}

const NOT_THERE: AvError = AvError(ffi::AVERROR(libc::ENOSYS));
const INVALID: AvError = AvError(ffi::AVERROR(libc::EINVAL));

/// Why a device is of no use, in words; `said` is what FFmpeg says. Of a missing device it says no more than that.
pub(crate) fn device_reason(said: String) -> String {
    match said == AvError(ffi::AVERROR_EXTERNAL).to_string() {
        true => "there is no such device, or no driver for it".to_owned(),
        false => said,
    }
}

/// An owned reference to a buffer of FFmpeg.
struct Reference(*mut ffi::AVBufferRef);

// SAFETY: the count of references is atomic; devices and pools of frames are not bound to a thread.
unsafe impl Send for Reference {}

impl Reference {
    /// Another reference, for FFmpeg to free.
    fn share(&self) -> Result<*mut ffi::AVBufferRef, AvError> {
        // SAFETY: the reference is valid.
        let shared = unsafe { ffi::av_buffer_ref(self.0) };
        match shared.is_null() {
            true => Err(AvError::NO_MEMORY),
            false => Ok(shared),
        }
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        // SAFETY: frees what we own; null is allowed.
        unsafe { ffi::av_buffer_unref(&mut self.0) };
    }
}

/// An open device.
pub(crate) struct HardwareDevice {
    reference: Reference,
    kind: DeviceKind,
}

impl HardwareDevice {
    /// Opens the first device of this kind.
    pub fn open(kind: DeviceKind) -> Result<Self, AvError> {
        let mut reference = Reference(ptr::null_mut());
        // SAFETY: the device is written to our own pointer; no name and no options are given.
        check(unsafe {
            ffi::av_hwdevice_ctx_create(
                &mut reference.0,
                kind.raw(),
                ptr::null(),
                ptr::null_mut(),
                0,
            )
        })?;
        Ok(Self { reference, kind })
    }
}

/// A pool of pictures in the memory of a device.
pub(crate) struct HardwareFrames(Reference);

impl HardwareFrames {
    /// Of `width` × `height`; `format` is how they look in the memory of the processor.
    pub fn new(
        device: &HardwareDevice,
        format: PixFmt,
        (width, height): (u32, u32),
    ) -> Result<Self, AvError> {
        // SAFETY: the device is valid; a pool is filled in before it is started.
        unsafe {
            let frames = Reference(ffi::av_hwframe_ctx_alloc(device.reference.0));
            if frames.0.is_null() {
                return Err(AvError::NO_MEMORY);
            }
            let context = (*frames.0).data.cast::<ffi::AVHWFramesContext>();
            enum_set!((*context).format, device.kind.pix_fmt()?.0);
            enum_set!((*context).sw_format, format.0);
            (*context).width = c_int::try_from(width).map_err(|_| INVALID)?;
            (*context).height = c_int::try_from(height).map_err(|_| INVALID)?;
            (*context).initial_pool_size = POOL;
            check(ffi::av_hwframe_ctx_init(frames.0))?;
            Ok(Self(frames))
        }
    }

    /// Has an encoder that is not yet open take pictures of this pool.
    pub fn feed(&self, device: &HardwareDevice, encoder: &Context) -> Result<(), AvError> {
        // SAFETY: the context is not yet open, and frees the reference.
        unsafe {
            enum_set!((*encoder.0).pix_fmt, device.kind.pix_fmt()?.0);
            (*encoder.0).hw_frames_ctx = self.0.share()?;
        }
        Ok(())
    }

    /// A copy of `frame` in the memory of the device, with its properties.
    pub fn upload(&self, frame: &AvFrame) -> Result<AvFrame, AvError> {
        let uploaded = AvFrame::new()?;
        // SAFETY: both frames and the pool are valid.
        unsafe {
            check(ffi::av_hwframe_get_buffer(self.0.0, uploaded.0, 0))?;
            check(ffi::av_hwframe_transfer_data(uploaded.0, frame.0, 0))?;
            check(ffi::av_frame_copy_props(uploaded.0, frame.0))?;
        }
        Ok(uploaded)
    }
}

/// Pictures in a pool for an encoder, which keeps some of them.
const POOL: c_int = 20;

/// A copy of a device's picture in the memory of the processor, with its properties.
fn download(frame: &AvFrame) -> Result<AvFrame, AvError> {
    let downloaded = AvFrame::new()?;
    // SAFETY: both are valid; the empty one gets buffers of the device's own format.
    unsafe {
        check(ffi::av_hwframe_transfer_data(downloaded.0, frame.0, 0))?;
        check(ffi::av_frame_copy_props(downloaded.0, frame.0))?;
        // Rows and columns that the stream cuts at the left and at the top are still there.
        if (*frame.0).crop_left != 0 || (*frame.0).crop_top != 0 {
            return Err(INVALID);
        }
        (*downloaded.0).width = (*frame.0).width;
        (*downloaded.0).height = (*frame.0).height;
    }
    Ok(downloaded)
}

/// How the two chroma planes of a picture lie in one plane, and how far its samples are shifted up.
struct Semiplanar {
    bytes: usize,
    shift: u32,
}

/// How pictures in `device` become those in `software`, without loss; `None` where that is not known.
fn semiplanar(device: &str, software: &str) -> Option<Semiplanar> {
    Some(match (device, software) {
        ("nv12", "yuv420p" | "yuvj420p") => Semiplanar { bytes: 1, shift: 0 },
        ("p010le" | "p016le", "yuv420p10le") => Semiplanar { bytes: 2, shift: 6 },
        ("p012le" | "p016le", "yuv420p12le") => Semiplanar { bytes: 2, shift: 4 },
        _ => return None,
    })
}

/// `frame`, which came from a device, in the format `software` that the decoder itself would give. Every sample keeps its
/// value.
fn as_software(frame: AvFrame, software: PixFmt) -> Result<AvFrame, AvError> {
    if frame.format() == software {
        return Ok(frame);
    }
    let form = semiplanar(&frame.format().name(), &software.name()).ok_or(INVALID)?;
    let (width, height) = (frame.width(), frame.height());
    let mut planar = AvFrame::picture(software, width, height)?;
    // SAFETY: both are valid.
    check(unsafe { ffi::av_frame_copy_props(planar.0, frame.0) })?;
    let columns = width as usize;
    let halves = columns.div_ceil(2);
    let Semiplanar { bytes, shift } = form;
    let put = |to: &mut [u8], from: &[u8], every: usize, first: usize| {
        let samples = from.chunks_exact(bytes).skip(first).step_by(every);
        for (to, sample) in to.chunks_exact_mut(bytes).zip(samples) {
            match *sample {
                [low, high] => {
                    let value = u16::from_le_bytes([low, high]) >> shift;
                    to.copy_from_slice(&value.to_le_bytes());
                }
                _ => to.copy_from_slice(sample),
            }
        }
    };
    for y in 0..height as usize {
        // SAFETY: both frames have these rows, of so many bytes, and the planar one is new.
        unsafe {
            let from = frame.row(0, y, columns * bytes);
            put(planar.row_mut(0, y, columns * bytes), from, 1, 0);
        }
    }
    for y in 0..height.div_ceil(2) as usize {
        // SAFETY: as above; the second plane of the device's picture has both chroma samples side by side.
        unsafe {
            let from = frame.row(1, y, 2 * halves * bytes);
            put(planar.row_mut(1, y, halves * bytes), from, 2, 0);
            put(planar.row_mut(2, y, halves * bytes), from, 2, 1);
        }
    }
    Ok(planar)
}

/// What a decoder is to choose, and what it would choose without the device. FFmpeg has a pointer to it.
struct Formats {
    hardware: c_int,
    software: c_int,
}

/// Chooses the device's pixel format where the decoder offers it; else, where the device cannot decode these pictures, the
/// decoder's own.
unsafe extern "C" fn choose(
    context: *mut ffi::AVCodecContext,
    offered: *const ffi::AVPixelFormat,
) -> ffi::AVPixelFormat {
    // SAFETY: `opaque` is that of `HardwareDecoding::attach`; the list ends with -1 and is read as numbers. Its last entry is
    // the format of the decoder itself.
    unsafe {
        let formats = (*context).opaque.cast::<Formats>();
        let list = offered.cast::<c_int>();
        let mut chosen = None;
        let mut at = 0;
        while *list.add(at) != -1 {
            if *list.add(at) == (*formats).hardware {
                chosen = Some(at);
            }
            (*formats).software = *list.add(at);
            at += 1;
        }
        match chosen.or(at.checked_sub(1)) {
            Some(at) => *offered.add(at),
            None => ffi::AVPixelFormat::AV_PIX_FMT_NONE,
        }
    }
}

/// Codecs whose standards say the value of every sample, so that all decoders give the same.
const EXACT: [ffi::AVCodecID; 4] = [
    ffi::AVCodecID::AV_CODEC_ID_H264,
    ffi::AVCodecID::AV_CODEC_ID_HEVC,
    ffi::AVCodecID::AV_CODEC_ID_VP8,
    ffi::AVCodecID::AV_CODEC_ID_VP9,
];

/// What a decoder that runs on a device has besides its context.
pub(crate) struct HardwareDecoding {
    _device: HardwareDevice,
    formats: Box<Formats>,
    /// The picture in the memory of the device.
    on_device: AvFrame,
}

// SAFETY: nothing in it is bound to a thread.
unsafe impl Send for HardwareDecoding {}

impl HardwareDecoding {
    /// Whether all decoders of this codec give the same samples.
    pub fn is_exact(codec: ffi::AVCodecID) -> bool {
        EXACT.contains(&codec)
    }

    /// Opens the decoder of a stream on a device of this kind.
    pub(super) fn open(
        params: &CodecParams,
        time_base: Rational,
        kind: DeviceKind,
    ) -> Result<(Context, Self), AvError> {
        let codec = find_decoder(params.codec()).ok_or(AvError(ffi::AVERROR_DECODER_NOT_FOUND))?;
        if !decodes_on(codec, kind) {
            return Err(NOT_THERE);
        }
        let device = HardwareDevice::open(kind)?;
        let mut formats = Box::new(Formats {
            hardware: kind.pix_fmt()?.0,
            software: -1,
        });
        let context = Context::new(codec)?;
        // SAFETY: the context is ours and not yet open; the formats live as long as it does.
        unsafe {
            let c = context.0;
            check(ffi::avcodec_parameters_to_context(c, params.0))?;
            (*c).pkt_timebase = av_rational(time_base);
            // The device decodes; threads would only keep more pictures in its memory.
            (*c).thread_count = 1;
            (*c).max_pixels = super::input::MAX_PIXELS;
            (*c).opaque = ptr::from_mut(&mut *formats).cast::<c_void>();
            (*c).get_format = Some(choose);
            (*c).hw_device_ctx = device.reference.share()?;
            check(ffi::avcodec_open2(c, codec, ptr::null_mut()))?;
        }
        let hardware = Self {
            _device: device,
            formats,
            on_device: AvFrame::new()?,
        };
        Ok((context, hardware))
    }

    /// Receives the next picture of `context` into `frame`, in the memory of the processor and in the decoder's own format.
    /// The inner error says why the device is of no use for this stream.
    pub(super) fn receive(
        &mut self,
        context: &Context,
        frame: &mut AvFrame,
    ) -> Result<Result<(), String>, AvError> {
        // SAFETY: both are valid.
        check(unsafe { ffi::avcodec_receive_frame(context.0, self.on_device.0) })?;
        if self.on_device.format().0 != self.formats.hardware {
            return Ok(Err("it does not decode pictures of this kind".to_owned()));
        }
        if self.on_device.is_damaged() {
            return Ok(Err("a picture is damaged".to_owned()));
        }
        let software = PixFmt(self.formats.software);
        let brought = download(&self.on_device).and_then(|frame| as_software(frame, software));
        Ok(match brought {
            Ok(brought) => {
                *frame = brought;
                Ok(())
            }
            Err(error) => Err(format!(
                "its pictures cannot be brought to {}: {error}",
                software.name()
            )),
        })
    }
}

/// Whether FFmpeg can run `codec` on devices of this kind.
fn decodes_on(codec: &ffi::AVCodec, kind: DeviceKind) -> bool {
    let method = ffi::AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX as c_int;
    // SAFETY: the entries are static; null ends them.
    (0..)
        .map_while(|index| unsafe { ffi::avcodec_get_hw_config(codec, index).as_ref() })
        .any(|config| config.device_type == kind.raw() && config.methods & method != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture with another value in every sample, as far as its depth goes.
    fn picture(format: &str, shift: u32, (width, height): (usize, usize)) -> AvFrame {
        let format = PixFmt::by_name(format).unwrap();
        let mut frame = AvFrame::picture(format, width as u32, height as u32).unwrap();
        let bytes = if shift > 0 { 2 } else { 1 };
        let chroma = (1, height.div_ceil(2), width.next_multiple_of(2));
        for (plane, rows, samples) in [(0, height, width), chroma] {
            for y in 0..rows {
                // SAFETY: the frame has these rows.
                let row = unsafe { frame.row_mut(plane, y, samples * bytes) };
                for (x, sample) in row.chunks_exact_mut(bytes).enumerate() {
                    let value = ((plane * 977 + y * 131 + x * 7) as u16) << shift;
                    sample.copy_from_slice(&value.to_le_bytes()[..bytes]);
                }
            }
        }
        // SAFETY: the frame is ours.
        unsafe { (*frame.0).pts = 42 };
        frame
    }

    fn samples(frame: &AvFrame, plane: usize, rows: usize, bytes: usize) -> Vec<u8> {
        // SAFETY: the callers know the frame's planes.
        let row = |y| unsafe { frame.row(plane, y, bytes) }.to_vec();
        (0..rows).flat_map(row).collect()
    }

    /// FFmpeg's own conversion, as raw video.
    fn converted(frame: &AvFrame, from: &str, to: &str, bytes: usize) -> Vec<u8> {
        use std::io::Write;
        let mut child = std::process::Command::new("ffmpeg")
            .args([
                "-v", "error", "-f", "rawvideo", "-s", "65x33", "-pix_fmt", from,
            ])
            .args(["-i", "-", "-f", "rawvideo", "-pix_fmt", to, "-"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut raw = samples(frame, 0, 33, 65 * bytes);
        raw.extend(samples(frame, 1, 17, 66 * bytes));
        child.stdin.take().unwrap().write_all(&raw).unwrap();
        child.wait_with_output().unwrap().stdout
    }

    #[test]
    fn pictures_of_devices_become_those_of_the_decoder_exactly() {
        for (device, software, shift) in [
            ("nv12", "yuv420p", 0),
            ("p010le", "yuv420p10le", 6),
            ("p016le", "yuv420p12le", 4),
        ] {
            let bytes = if shift > 0 { 2 } else { 1 };
            let frame = picture(device, shift, (65, 33));
            let expected = match device {
                // FFmpeg would round 16 bits to 12, and these have no more than 12.
                "p016le" => None,
                _ => Some(converted(&frame, device, software, bytes)),
            };
            let planar = as_software(frame, PixFmt::by_name(software).unwrap()).unwrap();
            assert_eq!(planar.format().name(), software);
            // SAFETY: the frame is ours.
            assert_eq!(unsafe { (*planar.0).pts }, 42, "its properties are kept");
            let mut got = samples(&planar, 0, 33, 65 * bytes);
            got.extend(samples(&planar, 1, 17, 33 * bytes));
            got.extend(samples(&planar, 2, 17, 33 * bytes));
            if let Some(expected) = expected {
                assert_eq!(got, expected, "{device}");
            } else {
                let of = |x: usize| u16::from_le_bytes([got[2 * x], got[2 * x + 1]]);
                assert_eq!((of(0), of(1), of(66)), (0, 7, 138));
            }
        }
        let odd = as_software(
            picture("nv12", 0, (65, 33)),
            PixFmt::by_name("yuv422p").unwrap(),
        );
        assert!(odd.is_err(), "what is not known to be exact is refused");
    }

    #[test]
    fn pictures_go_to_a_device_and_come_back_as_they_were() {
        let device = match HardwareDevice::open(DeviceKind::Vulkan) {
            Ok(device) => device,
            Err(_) => {
                let why = "FFmpeg opens no Vulkan device";
                return crate::skip::skip(why, "install mesa-vulkan-drivers");
            }
        };
        let nv12 = PixFmt::by_name("nv12").unwrap();
        // FFmpeg 7.1 loses the last column of chroma of odd widths on its Vulkan devices, which are in this test alone.
        let size = (66, 34);
        let frames = HardwareFrames::new(&device, nv12, size).unwrap();
        let frame = picture("nv12", 0, (66, 34));
        let uploaded = frames.upload(&frame).unwrap();
        assert_eq!(uploaded.format(), DeviceKind::Vulkan.pix_fmt().unwrap());
        let mut back = download(&uploaded).unwrap();
        assert_eq!((back.width(), back.height()), size);
        assert_eq!(back.format(), nv12);
        for (plane, rows, bytes) in [(0, 34, 66), (1, 17, 66)] {
            assert_eq!(
                samples(&back, plane, rows, bytes),
                samples(&frame, plane, rows, bytes)
            );
        }
        // SAFETY: the frames are ours.
        assert_eq!(unsafe { (*back.0).pts }, 42);
        back = uploaded;
        unsafe { (*back.0).crop_top = 1 };
        assert!(
            download(&back).is_err(),
            "what is cut at the top is not left in"
        );
    }
}
