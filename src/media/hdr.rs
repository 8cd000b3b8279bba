//! HDR metadata: the mastering display and the content light level.

use serde::Serialize;

use super::av::{AvFrame, SideData, ffi};
use ffi::{AVFrameSideDataType as OfFrame, AVPacketSideDataType as OfStream};

/// Mastering display colour volume (SMPTE ST 2086).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MasteringDisplay {
    /// CIE 1931 x and y of red, green, blue and white.
    pub primaries: Option<[[f64; 2]; 4]>,
    /// Minimum and maximum luminance, in cd/m².
    pub luminance: Option<[f64; 2]>,
}

/// Content light level (CTA-861.3), in cd/m².
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ContentLight {
    /// Maximum of all pixels (MaxCLL).
    pub max_cll: u32,
    /// Maximum of the frame averages (MaxFALL).
    pub max_fall: u32,
}

/// HDR metadata of a stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Hdr {
    pub mastering_display: Option<MasteringDisplay>,
    pub content_light: Option<ContentLight>,
    /// The stream has Dolby Vision metadata. It describes the source's pictures and is not kept.
    pub dolby_vision: bool,
    /// The stream has HDR10+ metadata (SMPTE ST 2094-40). Not kept, for the same reason.
    pub hdr10_plus: bool,
}

/// `AVMasteringDisplayMetadata` of libavutil, which the Rust bindings lack.
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
    /// Reads the side data of a stream.
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

    /// Whether there is static metadata, which is copied unchanged.
    pub fn is_static(&self) -> bool {
        self.mastering_display.is_some() || self.content_light.is_some()
    }

    /// The option that makes `encoder` write this metadata into its stream; `None` if the encoder does so by itself.
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
        // SAFETY: there are enough bytes, and all bit patterns are valid for these integers.
        let raw = unsafe { bytes.as_ptr().cast::<RawMastering>().read_unaligned() };
        let number = |r: ffi::AVRational| f64::from(r.num) / f64::from(r.den.max(1));
        let [red, green, blue] = raw.primaries;
        let xy = |pair: [ffi::AVRational; 2]| pair.map(number);
        Some(Self {
            primaries: (raw.has_primaries != 0).then(|| [red, green, blue, raw.white].map(xy)),
            luminance: (raw.has_luminance != 0).then(|| [number(raw.min), number(raw.max)]),
        })
    }

    /// The text that x264 and x265 expect: units of 0.00002 (x, y) and 0.0001 cd/m² (Rec. ITU-T H.265, D.3.28).
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

/// Adds metadata that only the frame has to the side data of its stream. Returns the complete metadata.
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
        // A P3 display of 1000 cd/m²: the usual example of the encoders' manuals.
        assert_eq!(
            display.text().unwrap(),
            "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
        );
    }
}
