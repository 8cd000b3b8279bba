//! What expressions in manifests may know of the source.

use std::collections::BTreeMap;

use crate::color::{Coding, Siting, Transfer};
use crate::frame::{Model, PixelFormat};

/// The pictures a plan is made for.
#[derive(Clone, Debug)]
pub struct Source {
    pub width: u32,
    pub height: u32,
    /// Absent when pictures are generated.
    pub coded: Option<(PixelFormat, Coding)>,
}

impl Source {
    /// The facts by name: `width`, `height`, `source_yuv`, `source_kr`, …
    pub fn names(&self) -> BTreeMap<String, f64> {
        let mut names = BTreeMap::new();
        let mut put = |name: &str, value: f64| {
            names.insert(name.to_owned(), value);
        };
        put("width", f64::from(self.width));
        put("height", f64::from(self.height));
        // As shaders/common/transfer.wgsl knows them.
        let transfer = self
            .coded
            .as_ref()
            .map_or(Transfer::Power(2.4), |(_, coding)| coding.transfer);
        put(
            "source_transfer",
            match transfer {
                Transfer::Power(_) => 0.0,
                Transfer::Pq => 1.0,
                Transfer::Hlg => 2.0,
            },
        );
        put("source_gamma", f64::from(transfer.gamma()));
        if let Some((format, coding)) = &self.coded {
            let truth = |condition: bool| f64::from(u8::from(condition));
            put("source_gray", truth(format.model == Model::Gray));
            put("source_yuv", truth(format.model == Model::Yuv));
            put("source_rgb", truth(format.model == Model::Rgb));
            put("source_kr", f64::from(coding.kr));
            put("source_kb", f64::from(coding.kb));
            put("source_luma_offset", f64::from(coding.luma.offset));
            put("source_luma_scale", f64::from(coding.luma.scale));
            put("source_chroma_offset", f64::from(coding.chroma.offset));
            put("source_chroma_scale", f64::from(coding.chroma.scale));
            let step = |log2: u8| if log2 == 1 { 0.5 } else { 1.0 };
            put("source_step_x", step(format.chroma.x));
            put("source_step_y", step(format.chroma.y));
            put(
                "source_siting_x",
                siting_offset(coding.siting_x, format.chroma.x),
            );
            put(
                "source_siting_y",
                siting_offset(coding.siting_y, format.chroma.y),
            );
            put(
                "source_alpha_component",
                if format.alpha {
                    format.colour_count() as f64
                } else {
                    0.0
                },
            );
            put("source_alpha_scale", 1.0 / f64::from(format.max_value()));
        } else {
            put("source_kr", 0.299);
            put("source_kb", 0.114);
        }
        names
    }
}

/// Luma position of the first chroma sample.
fn siting_offset(siting: Siting, log2: u8) -> f64 {
    match siting {
        _ if log2 == 0 => 0.0,
        Siting::First => 0.0,
        Siting::Center => 0.5,
        Siting::Second => 1.0,
    }
}

/// Number that `io/pack/taps.wgsl` knows a siting by; 0 where the axis is not subsampled.
pub(super) fn siting_code(siting: Siting, log2: u8) -> f32 {
    match siting {
        _ if log2 == 0 => 0.0,
        Siting::First => 1.0,
        Siting::Center => 2.0,
        Siting::Second => 3.0,
    }
}
