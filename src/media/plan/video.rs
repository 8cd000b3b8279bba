//! How the rendered pictures are encoded: the part of a plan that an encoder is opened with.

use serde::Serialize;

use crate::frame::{Color, PixelFormat, Rational};
use crate::media::info::FieldOrder;

/// How the rendered pictures are encoded.
#[derive(Clone, Debug, Serialize)]
pub struct VideoPlan {
    /// FFmpeg's name of the encoder, `libx264`.
    pub encoder: String,
    /// FFmpeg's name of its codec, `h264`.
    pub codec: String,
    /// FFmpeg's name of the pixel format the encoder gets.
    pub pix_fmt: String,
    /// The format of the pictures to hand to the sink. (Big-endian encoder formats are swapped there.)
    pub format: PixelFormat,
    /// The colour of the pictures to hand to the sink.
    pub color: Color,
    /// Options for the encoder, complete.
    pub options: Vec<(String, String)>,
    /// Seconds per tick of the encoder's times.
    pub time_base: Rational,
    /// Frames per second, for the encoder's rate control alone; times are the source's.
    pub frame_rate: Rational,
    /// Width of a sample over its height; 0/1 where the source does not say.
    pub sample_aspect: Rational,
    /// How the fields of the pictures lie in time, as the output says it.
    pub field_order: FieldOrder,
    /// Whether the container keeps the codec's headers apart.
    #[serde(skip)]
    pub(crate) global_header: bool,
}
