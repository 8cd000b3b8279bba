//! WGSL for planes of samples: reads the decoder's planes, and writes an output's planes word by word.

use std::fmt::Write;

use super::{Binding, Writer};
use crate::frame::PixelFormat;
use crate::graph::plan::{AlphaSource, Operand, Pack, ParamsOf, WORKGROUP};

impl Writer<'_> {
    /// A step that writes the planes of an output: one entry point for each plane, one invocation for each word.
    pub(super) fn pack_entries(&mut self, port: usize) -> (String, Vec<String>) {
        let pack = self.plan.pack(port);
        let layout = self.bind(Binding::OutputLayout);
        let facts = self.facts_statements(None);
        let fused = facts + &self.fused_statements();
        let mut module = pack.kernel.source.clone();
        module.push('\n');
        self.params(ParamsOf::Port(port), &mut module);
        self.accessors(None, "image", Operand::Image(pack.image), &mut module);
        self.modules.insert("pack".to_owned(), module);
        // Base word, words per row, bytes of samples per row, rows; then the picture's size.
        let mut text = format!(
            "struct OutputLayout {{\n    planes: array<vec4u, 4>,\n    size: vec4u,\n}}\n\
             @group(1) @binding({layout}) var<uniform> output_layout: OutputLayout;\n\
             @group(2) @binding(0) var<storage, read_write> words: array<u32>;\n"
        );
        for component in 0..pack.format.component_count() {
            self.encode_function(pack, component, &fused, &mut text);
        }
        let mut entries = Vec::new();
        for plane in 0..pack.format.plane_count() {
            entries.push(format!("plane_{plane}"));
            plane_entry(pack, plane, &mut text);
        }
        (text, entries)
    }

    /// `encode_N(at)`: the sample of component N, shifted to its place in its word.
    fn encode_function(&mut self, pack: &Pack, component: usize, fused: &str, text: &mut String) {
        let format = &pack.format;
        let is_alpha = component == format.colour_count();
        let max = format!("{:.1}", format.one());
        let (image, code) = if is_alpha {
            match (pack.alpha, &self.plan.source().format) {
                (AlphaSource::Source, Some(source)) if source.alpha => {
                    let value = format!("package::planes::value({}, at)", source.colour_count());
                    let same = source.depth == format.depth;
                    let scaled = format!("{value} * {max} / {:.1}", source.one());
                    (false, if same { value } else { scaled })
                }
                (AlphaSource::Image, _) => (true, format!("package::pack::image_here().a * {max}")),
                _ => (false, max.clone()),
            }
        } else {
            (
                pack.reads_image(component),
                format!("package::pack::code({component}, at)"),
            )
        };
        let facts = self.facts_statements(None);
        let fused = if image { fused } else { &facts };
        let noise = if pack.dither && !is_alpha {
            format!(
                " + package::common::hash::triangular(at, {component}u, package::engine::facts.noise)"
            )
        } else {
            String::new()
        };
        let shift = format.components[component].shift;
        let whole = match format.is_float() {
            true => format!("bitcast<u32>({code})"),
            false => format!("u32(clamp({code}{noise} + 0.5, 0.0, {max} + 0.5)) << {shift}u"),
        };
        let _ = write!(
            text,
            "fn encode_{component}(at: vec2i) -> u32 {{\n    \
                 package::engine::here = at;\n    \
                 package::engine::extent = vec2i(output_layout.size.xy);\n{fused}    \
                 return {whole};\n}}\n"
        );
    }
}

/// The entry point that writes plane `plane`.
fn plane_entry(pack: &Pack, plane: usize, text: &mut String) {
    let format = &pack.format;
    let bytes = format.sample_bytes();
    let in_plane = |c: &&(usize, crate::frame::Component)| usize::from(c.1.plane) == plane;
    let components: Vec<(usize, crate::frame::Component)> =
        format.used().iter().copied().enumerate().collect();
    let step = components
        .iter()
        .find(in_plane)
        .map_or(bytes, |c| usize::from(c.1.step));
    let per_pixel = step / bytes;
    let per_word = 4 / bytes;
    let (x, y) = WORKGROUP;
    let _ = write!(
        text,
        "@compute @workgroup_size({x}, {y}) fn plane_{plane}(@builtin(global_invocation_id) id: vec3u) {{\n    \
             let place = output_layout.planes[{plane}];\n    \
             if (id.x >= place.y || id.y >= place.w) {{\n        return;\n    }}\n    \
             var word = 0u;\n    \
             for (var k = 0u; k < {per_word}u; k++) {{\n        \
                 let sample = id.x * {per_word}u + k;\n        \
                 if (sample * {bytes}u >= place.z) {{\n            break;\n        }}\n        \
                 let at = vec2i(i32(sample / {per_pixel}u), i32(id.y));\n        \
                 var value = 0u;\n        \
                 switch (sample % {per_pixel}u) {{\n"
    );
    for (component, at) in components.iter().filter(in_plane) {
        let position = usize::from(at.offset) / bytes;
        let _ = writeln!(
            text,
            "            case {position}u: {{ value = encode_{component}(at); }}"
        );
    }
    let bits = 8 * bytes;
    let _ = write!(
        text,
        "            default: {{}}\n        }}\n        word |= value << ({bits}u * k);\n    }}\n    \
             words[place.x + id.y * place.y + id.x] = word;\n}}\n"
    );
}

/// `value(component, p)` and `extent(component)` of the decoder's planes.
pub(super) fn planes_module(format: &PixelFormat) -> String {
    // For each component: base word, words per row, columns, rows.
    let mut text = String::from(
        "struct PlanesLayout {\n    components: array<vec4u, 4>,\n}\n\
         @group(0) @binding(1) var<uniform> planes_layout: PlanesLayout;\n\
         @group(0) @binding(2) var<storage, read> words: array<u32>;\n\
         fn extent(component: i32) -> vec2i {\n    return vec2i(planes_layout.components[component].zw);\n}\n\
         fn value(component: i32, p: vec2i) -> f32 {\n    \
             let place = planes_layout.components[component];\n    \
             let at = vec2u(clamp(p, vec2i(0), vec2i(place.zw) - vec2i(1)));\n    \
             let row = place.x + at.y * place.y;\n    \
             switch (component) {\n",
    );
    for (index, component) in format.used().iter().enumerate() {
        let (step, offset, shift) = (component.step, component.offset, component.shift);
        if format.is_float() {
            // What is no number becomes 0, and infinity the largest half float. The bits tell: arithmetic may assume that
            // neither exists.
            let _ = write!(
                text,
                "        case {index}: {{\n            \
                     let word = words[row + (at.x * {step}u + {offset}u) / 4u];\n            \
                     if ((word & 0x7f800000u) != 0x7f800000u) {{\n                return bitcast<f32>(word);\n            }}\n            \
                     if ((word & 0x7fffffu) != 0u) {{\n                return 0.0;\n            }}\n            \
                     return select(65504.0, -65504.0, (word >> 31u) == 1u);\n        }}\n"
            );
            continue;
        }
        let mask = if format.depth > 8 { 0xffff } else { 0xff };
        let _ = write!(
            text,
            "        case {index}: {{\n            \
                 let byte = at.x * {step}u + {offset}u;\n            \
                 let word = words[row + byte / 4u] >> (8u * (byte % 4u));\n            \
                 return f32((word & {mask}u) >> {shift}u);\n        }}\n"
        );
    }
    text.push_str("        default: {\n            return 0.0;\n        }\n    }\n}\n");
    text
}
