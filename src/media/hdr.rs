//! Metadata of high dynamic range: what the pictures were mastered on, and how bright they get.

use serde::Serialize;

use super::av::{AvFrame, SideData, ffi};
use ffi::{AVFrameSideDataType as OfFrame, AVPacketSideDataType as OfStream};

/// The display that the pictures were mastered on (SMPTE ST 2086).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MasteringDisplay {
    /// CIE 1931 x and y of red, green, blue and white.
    pub primaries: Option<[[f64; 2]; 4]>,
    /// Least and greatest luminance, in cd/m².
    pub luminance: Option<[f64; 2]>,
}

/// How bright the pictures get (CTA-861.3), in cd/m².
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ContentLight {
    /// Of the brightest pixel.
    pub max_cll: u32,
    /// Of the brightest picture on average.
    pub max_fall: u32,
}

/// What a stream says of its dynamic range.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Hdr {
    pub mastering_display: Option<MasteringDisplay>,
    pub content_light: Option<ContentLight>,
    /// Dolby Vision metadata, which belongs to the pictures as they were.
    pub dolby_vision: bool,
    /// HDR10+ metadata (SMPTE ST 2094-40), likewise.
    pub hdr10_plus: bool,
}

/// `AVMasteringDisplayMetadata` of libavutil, which the bindings leave out.
#[repr(C)]
#[derive(Clone, Copy)]
struct RawMastering {
    primaries: [[ffi::AVRational; 2]; 3],
    white: [ffi::AVRational; 2],
    min: ffi::AVRational,
    max: ffi::AVRational,
    has_primaries: i32,
    has_luminance: i32,
}

impl Hdr {
    /// From the side data of a stream.
    pub(crate) fn of(side_data: &[SideData]) -> Self {
        let find = |kind| side_data.iter().find(|(k, _)| *k == kind);
        let mastering = find(OfStream::AV_PKT_DATA_MASTERING_DISPLAY_METADATA);
        let light = find(OfStream::AV_PKT_DATA_CONTENT_LIGHT_LEVEL);
        Self {
            mastering_display: mastering.and_then(|(_, bytes)| MasteringDisplay::read(bytes)),
            content_light: light.and_then(|(_, bytes)| ContentLight::read(bytes)),
            dolby_vision: find(OfStream::AV_PKT_DATA_DOVI_CONF).is_some(),
            hdr10_plus: false,
        }
    }

    /// Whether there is metadata that goes over as it is.
    pub fn is_static(&self) -> bool {
        self.mastering_display.is_some() || self.content_light.is_some()
    }

    /// The option that has an encoder write it into its stream, where it does not by itself.
    pub(crate) fn encoder_option(&self, encoder: &str) -> Option<(&'static str, String)> {
        let (key, display, light) = match encoder {
            "libx264" => ("x264-params", "mastering-display", "cll"),
            "libx265" => ("x265-params", "master-display", "max-cll"),
            _ => return None,
        };
        let mut parts = Vec::new();
        if let Some(text) = self.mastering_display.and_then(|display| display.text()) {
            parts.push(format!("{display}={text}"));
        }
        if let Some(ContentLight { max_cll, max_fall }) = self.content_light {
            parts.push(format!("{light}={max_cll},{max_fall}"));
        }
        (!parts.is_empty()).then(|| (key, parts.join(":")))
    }
}

impl MasteringDisplay {
    fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() < size_of::<RawMastering>() {
            return None;
        }
        // SAFETY: there are enough bytes, and any bytes are a valid value of these integers.
        let raw = unsafe { bytes.as_ptr().cast::<RawMastering>().read_unaligned() };
        let number = |r: ffi::AVRational| f64::from(r.num) / f64::from(r.den.max(1));
        let [red, green, blue] = raw.primaries;
        let xy = |pair: [ffi::AVRational; 2]| pair.map(number);
        Some(Self {
            primaries: (raw.has_primaries != 0).then(|| [red, green, blue, raw.white].map(xy)),
            luminance: (raw.has_luminance != 0).then(|| [number(raw.min), number(raw.max)]),
        })
    }

    /// As x264 and x265 write it: units of 0.00002 and of 0.0001 cd/m² (Rec. ITU-T H.265, D.3.28).
    fn text(self) -> Option<String> {
        let ([red, green, blue, white], [min, max]) = (self.primaries?, self.luminance?);
        let xy = |[x, y]: [f64; 2]| format!("({:.0},{:.0})", x * 50_000.0, y * 50_000.0);
        Some(format!(
            "G{}B{}R{}WP{}L({:.0},{:.0})",
            xy(green),
            xy(blue),
            xy(red),
            xy(white),
            max * 10_000.0,
            min * 10_000.0
        ))
    }
}

impl ContentLight {
    fn read(bytes: &[u8]) -> Option<Self> {
        let word = |at: usize| {
            let bytes: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
            Some(u32::from_ne_bytes(bytes))
        };
        Some(Self {
            max_cll: word(0)?,
            max_fall: word(4)?,
        })
    }
}

/// Adds what only the frame says to the side data of its stream, and gives the whole.
pub(crate) fn complete(side_data: &mut Vec<SideData>, frame: &AvFrame) -> Hdr {
    let pairs = [
        (
            OfFrame::AV_FRAME_DATA_MASTERING_DISPLAY_METADATA,
            OfStream::AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
        ),
        (
            OfFrame::AV_FRAME_DATA_CONTENT_LIGHT_LEVEL,
            OfStream::AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
        ),
    ];
    for (of_frame, of_stream) in pairs {
        let known = side_data.iter().any(|(kind, _)| *kind == of_stream);
        if let (false, Some(data)) = (known, frame.side_data(of_frame)) {
            side_data.push((of_stream, data));
        }
    }
    let has = |kind| frame.side_data(kind).is_some();
    Hdr {
        dolby_vision: has(OfFrame::AV_FRAME_DATA_DOVI_METADATA)
            || has(OfFrame::AV_FRAME_DATA_DOVI_RPU_BUFFER),
        hdr10_plus: has(OfFrame::AV_FRAME_DATA_DYNAMIC_HDR_PLUS),
        ..Hdr::of(side_data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mastering_display_is_written_in_its_units() {
        let display = MasteringDisplay {
            primaries: Some([[0.68, 0.32], [0.265, 0.69], [0.15, 0.06], [0.3127, 0.329]]),
            luminance: Some([0.005, 1000.0]),
        };
        // The P3 display of 1000 cd/m² that everybody's examples have.
        assert_eq!(
            display.text().unwrap(),
            "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
        );
    }
}
