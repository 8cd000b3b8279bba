//! Packs a result image into the planes of an output.

use std::sync::Arc;

use super::super::facts::siting_code;
use super::super::{AlphaSource, NodeId, OutputRequest, Pack, Storage};
use super::Expander;
use crate::color::Coding;
use crate::frame::Model;

impl Expander<'_> {
    pub(super) fn pack(&self, output: &OutputRequest, image: NodeId, alpha: AlphaSource) -> Pack {
        let (format, extent) = (output.format, self.nodes[image].image.extent);
        let coding = Coding::resolve(&output.color, &format, extent.0, extent.1);
        let gray = self.nodes[image].image.storage == Storage::R32Float;
        let subsampled = format.model == Model::Yuv && (format.chroma.x, format.chroma.y) != (0, 0);
        let stem = match (gray, subsampled) {
            (true, _) => "gray",
            (false, true) => "subsampled",
            (false, false) => "direct",
        };
        let path = format!("io/pack/{stem}");
        let kernel = self.library.kernel(&path);
        let value = |name: &str| match name {
            "model" if format.is_float() && format.model == Model::Gray => 3.0,
            "model" => [0.0, 1.0, 2.0][format.model as usize],
            "kr" => coding.kr,
            "kb" => coding.kb,
            "luma_offset" => coding.luma.offset,
            "luma_gain" => 1.0 / coding.luma.scale,
            "chroma_offset" => coding.chroma.offset,
            "chroma_gain" => 1.0 / coding.chroma.scale,
            "siting_x" => siting_code(coding.siting_x, format.chroma.x),
            _ => siting_code(coding.siting_y, format.chroma.y),
        };
        let params = kernel
            .params
            .iter()
            .map(|name| (name.clone(), value(name)))
            .collect();
        let shallower = self
            .source
            .coded
            .as_ref()
            .is_some_and(|(source, _)| format.depth < source.depth);
        let gradients = format.depth == 8
            && output
                .chain
                .iter()
                .any(|part| part.style.dither && part.strength > 0.0);
        Pack {
            kernel: Arc::new(kernel),
            params,
            image,
            gray,
            format,
            color: output.color,
            extent,
            alpha,
            dither: (shallower || gradients) && !format.is_float(),
        }
    }
}
