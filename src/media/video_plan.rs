//! The plan of the rendered video stream, from which the encoder is opened.

use serde::Serialize;

use crate::frame::{Color, FieldOrder, PixelFormat, Rational};
use crate::media::info::SourceInfo;

/// What the rendered frames are before they are encoded. The graph decides it; without a graph it is the source's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FrameShape {
    /// Pixels.
    pub width: u32,
    pub height: u32,
    /// Seconds per tick of the times of frames.
    pub time_base: Rational,
    /// Frames per second; 0/1 if the source does not say.
    pub frame_rate: Rational,
    /// Width of a sample divided by its height; 0/1 if the source does not say.
    pub sample_aspect: Rational,
    pub field_order: FieldOrder,
    /// Whether styles made whole pictures of the source's fields.
    #[serde(skip)]
    pub whole: bool,
}

impl SourceInfo {
    /// What its frames are.
    pub fn frame_shape(&self) -> FrameShape {
        let pictures = self.pictures();
        FrameShape {
            width: pictures.width,
            height: pictures.height,
            time_base: self.video().time_base,
            frame_rate: pictures.frame_rate,
            sample_aspect: pictures.sample_aspect,
            field_order: pictures.field_order,
            whole: false,
        }
    }
}

/// How the rendered pictures are encoded.
#[derive(Clone, Debug, Serialize)]
pub struct VideoPlan {
    /// FFmpeg's name of the encoder: `libx264`.
    pub encoder: String,
    /// FFmpeg's name of the codec: `h264`.
    pub codec: String,
    /// FFmpeg's name of the encoder's pixel format.
    pub pix_fmt: String,
    /// The format of the pictures passed to the sink. (If the encoder's is big-endian, the sink swaps the bytes.)
    pub format: PixelFormat,
    /// The colour of the pictures passed to the sink.
    pub color: Color,
    /// All options of the encoder.
    pub options: Vec<(String, String)>,
    /// Time base of the encoder, in seconds per tick.
    pub time_base: Rational,
    /// Frames per second. Used only for rate control; frame times are the source's.
    pub frame_rate: Rational,
    /// What the frames passed to the sink are.
    pub frames: FrameShape,
    /// The field order written to the output.
    pub field_order: FieldOrder,
    /// Whether the container stores the codec's headers separately from the packets.
    #[serde(skip)]
    pub(crate) global_header: bool,
}

impl VideoPlan {
    /// Has the encoder give the same bytes whatever the processor and the number of its cores: with so many threads, and
    /// without what depends on the processor's instructions or names them. What was asked for of these stays.
    pub fn pin(&mut self, threads: usize) {
        if !self.options.iter().any(|(key, _)| key == "threads") {
            self.options.push(("threads".into(), threads.to_string()));
        }
        let (params, key, value) = match self.encoder.as_str() {
            "libx264" | "libx264rgb" => ("x264-params", "cpu-independent", "1"),
            "libx265" => ("x265-params", "info", "0"),
            _ => return,
        };
        let Some((_, given)) = self.options.iter_mut().find(|(name, _)| name == params) else {
            self.options.push((params.into(), format!("{key}={value}")));
            return;
        };
        let is_set = |param: &str| param.split('=').next() == Some(key);
        if !given.split(':').any(is_set) {
            *given = format!("{given}:{key}={value}");
        }
    }
}
