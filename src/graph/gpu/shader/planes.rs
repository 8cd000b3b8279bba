//! WGSL for planes of samples: reads the decoder's planes, and writes an output's planes word by word.

use std::fmt::Write;

use super::super::planes::PlaneLayout;
use super::Writer;
use crate::frame::{Component, PixelFormat};
use crate::graph::plan::{AlphaSource, Operand, Pack, ParamsOf, WORKGROUP};

/// A plane of an output: where its words lie, and which pixels they hold.
struct PlaneWords {
    plane: usize,
    /// The components in it, with their index.
    components: Vec<(usize, Component)>,
    /// Base word, words per row, bytes of samples per row, rows.
    place: [u32; 4],
    /// Bytes of a pixel.
    step: u32,
    /// Powers of two by which its grid is smaller than the picture's.
    shift: (u8, u8),
    /// The fewest pixels of it that fill whole words, and those words.
    unit: (u32, u32),
}

impl PlaneWords {
    fn new(pack: &Pack, layout: &PlaneLayout, plane: usize) -> Self {
        let format = &pack.format;
        let components = format.used().iter().copied().enumerate();
        let components: Vec<(usize, Component)> = components
            .filter(|(_, component)| usize::from(component.plane) == plane)
            .collect();
        let first = components.first();
        let step = first.map_or(4, |(_, component)| u32::from(component.step));
        let chroma = first.is_some_and(|(index, _)| format.is_chroma(*index));
        let pixels = [1, 2, 4]
            .into_iter()
            .find(|n: &u32| (n * step).is_multiple_of(4));
        let pixels = pixels.unwrap_or(4);
        Self {
            plane,
            components,
            place: layout.place(plane),
            step,
            shift: if chroma {
                (format.chroma.x, format.chroma.y)
            } else {
                (0, 0)
            },
            unit: (pixels, pixels * step / 4),
        }
    }

    /// Columns of pixels, and rows.
    fn extent(&self) -> (u32, u32) {
        let [_, _, bytes, rows] = self.place;
        (bytes / self.step, rows)
    }

    /// Whether each pixel of the one is a pixel of the other.
    fn goes_with(&self, other: &Self) -> bool {
        let shape = |words: &Self| (words.extent(), words.shift, words.unit);
        shape(self) == shape(other)
    }
}

impl Writer<'_> {
    /// The step that writes the planes of an output, all in one dispatch: its entry point, and its columns and rows. An
    /// invocation writes the words of one block of pixels, whole words of each plane, so that what lies together in the
    /// image is read at the same time.
    pub(super) fn pack_entry(&mut self, port: usize) -> (String, (u32, u32)) {
        let pack = self.plan.pack(port);
        let facts = self.facts_statements(None);
        let fused = facts + &self.fused_statements();
        let mut module = pack.kernel.source.clone();
        module.push('\n');
        self.params(ParamsOf::Port(port), &mut module);
        self.accessors(None, "image", Operand::Image(pack.image), &mut module);
        self.modules.insert("pack".to_owned(), module);
        let layout = PlaneLayout::new(&pack.format, pack.extent);
        let mut groups: Vec<Vec<PlaneWords>> = Vec::new();
        for plane in 0..pack.format.plane_count() {
            let words = PlaneWords::new(pack, &layout, plane);
            match groups.iter_mut().find(|group| group[0].goes_with(&words)) {
                Some(group) => group.push(words),
                None => groups.push(vec![words]),
            }
        }
        let mut text =
            String::from("@group(2) @binding(0) var<storage, read_write> words: array<u32>;\n");
        // A block, in pixels of the picture.
        let planes = || groups.iter().map(|group| &group[0]);
        let width = planes().map(|words| words.unit.0 << words.shift.0).max();
        let height = planes().map(|words| 1 << words.shift.1).max();
        let (width, height) = (width.unwrap_or(1), height.unwrap_or(1u32));
        let mut calls = String::new();
        for (index, group) in groups.iter().enumerate() {
            self.group_functions(pack, index, group, &fused, &mut text);
            let words = &group[0];
            let across = width / (words.unit.0 << words.shift.0);
            let down = height >> words.shift.1;
            for j in 0..down {
                for i in 0..across {
                    let _ = writeln!(
                        calls,
                        "    write_{index}(id.x * {across}u + {i}u, id.y * {down}u + {j}u);"
                    );
                }
            }
        }
        let (x, y) = WORKGROUP;
        let _ = write!(
            text,
            "@compute @workgroup_size({x}, {y}) fn main(@builtin(global_invocation_id) in_part: vec3u) {{\n    \
                 let id = in_part + package::engine::part.xyz;\n{calls}}}\n"
        );
        let (columns, rows) = pack.extent;
        (text, (columns.div_ceil(width), rows.div_ceil(height)))
    }

    /// `encode_N(at)`: the samples at a pixel of the planes of group N, each shifted to its place in its word; and
    /// `write_N(x, y)`: writes their words of unit `x` of row `y`.
    fn group_functions(
        &mut self,
        pack: &Pack,
        index: usize,
        group: &[PlaneWords],
        fused: &str,
        text: &mut String,
    ) {
        let components: Vec<usize> = group
            .iter()
            .flat_map(|words| words.components.iter().map(|(component, _)| *component))
            .collect();
        let reads_image = components
            .iter()
            .any(|component| self.sample_reads_image(pack, *component));
        let facts = self.facts_statements(None);
        let before = if reads_image { fused } else { &facts };
        let (width, height) = pack.extent;
        let _ = write!(
            text,
            "fn encode_{index}(at: vec2i) -> vec4u {{\n    \
                 package::engine::here = at;\n    \
                 package::engine::extent = vec2i({width}, {height});\n{before}"
        );
        if self.codes_chroma_together(pack) && components.iter().any(|c| pack.format.is_chroma(*c))
        {
            text.push_str("    let chroma = package::pack::chroma(at);\n");
        }
        text.push_str("    return vec4u(");
        for place in 0..4 {
            let separator = if place == 0 { "" } else { ", " };
            let sample = components.get(place);
            let sample = sample.map_or("0u".to_owned(), |c| self.sample(pack, *c));
            let _ = write!(text, "{separator}{sample}");
        }
        text.push_str(");\n}\n");
        let (pixels, count) = group[0].unit;
        let ((columns, rows), step) = (group[0].extent(), group[0].step);
        let units = columns.div_ceil(pixels);
        let _ = write!(
            text,
            "fn write_{index}(x: u32, y: u32) {{\n    \
                 if (x >= {units}u || y >= {rows}u) {{\n        return;\n    }}\n"
        );
        for words in group {
            let plane = words.plane;
            let _ = match count {
                1 => writeln!(text, "    var word_{plane} = 0u;"),
                _ => writeln!(text, "    var word_{plane} = array<u32, {count}>();"),
            };
        }
        let _ = write!(
            text,
            "    for (var k = 0u; k < {pixels}u; k++) {{\n        \
                 let at = vec2i(i32(x * {pixels}u + k), i32(y));\n        \
                 if (at.x >= {columns}) {{\n            break;\n        }}\n        \
                 let samples = encode_{index}(at);\n"
        );
        let mut place = 0;
        for words in group {
            let plane = words.plane;
            for (_, component) in &words.components {
                let byte = format!("(k * {step}u + {}u)", component.offset);
                let word = match count {
                    1 => format!("word_{plane}"),
                    _ => format!("word_{plane}[{byte} / 4u]"),
                };
                let _ = writeln!(
                    text,
                    "        {word} |= samples[{place}] << (8u * ({byte} % 4u));"
                );
                place += 1;
            }
        }
        text.push_str("    }\n");
        for words in group {
            let (plane, [base, stride, ..]) = (words.plane, words.place);
            for word in 0..count {
                let value = match count {
                    1 => format!("word_{plane}"),
                    _ => format!("word_{plane}[{word}]"),
                };
                let at = format!("{base}u + y * {stride}u + x * {count}u + {word}u");
                // The last unit of a row may be a part of one.
                let _ = match count {
                    1 => writeln!(text, "    words[{at}] = {value};"),
                    _ => writeln!(
                        text,
                        "    if (x * {count}u + {word}u < {stride}u) {{\n        words[{at}] = {value};\n    }}"
                    ),
                };
            }
        }
        text.push_str("}\n");
    }

    /// Whether the kernel gives both chroma samples of a pixel together, by a function `chroma`.
    fn codes_chroma_together(&self, pack: &Pack) -> bool {
        pack.kernel.functions.contains("chroma")
    }

    fn sample_reads_image(&self, pack: &Pack, component: usize) -> bool {
        if component == pack.format.colour_count() {
            return pack.alpha == AlphaSource::Image;
        }
        pack.reads_image(component)
    }

    /// The sample of a component at pixel `at`, shifted to its place in its word.
    fn sample(&self, pack: &Pack, component: usize) -> String {
        let format = &pack.format;
        let is_alpha = component == format.colour_count();
        let max = format!("{:.1}", format.one());
        let code = if is_alpha {
            match (pack.alpha, &self.plan.source().format) {
                (AlphaSource::Source, Some(source)) if source.alpha => {
                    let value = format!("package::planes::value({}, at)", source.colour_count());
                    let same = source.depth == format.depth;
                    let scaled = format!("{value} * {max} / {:.1}", source.one());
                    if same { value } else { scaled }
                }
                (AlphaSource::Image, _) => format!("package::pack::image_here().a * {max}"),
                _ => max.clone(),
            }
        } else if format.is_chroma(component) && self.codes_chroma_together(pack) {
            format!("chroma[{}]", component - 1)
        } else {
            format!("package::pack::code({component}, at)")
        };
        let noise = if pack.dither && !is_alpha {
            format!(
                " + package::common::hash::triangular(at, {component}u, package::engine::facts.noise)"
            )
        } else {
            String::new()
        };
        let shift = format.components[component].shift;
        match format.is_float() {
            true => format!("bitcast<u32>({code})"),
            false => format!("u32(clamp({code}{noise} + 0.5, 0.0, {max} + 0.5)) << {shift}u"),
        }
    }
}

/// `value(component, p)` and `extent(component)` of the decoder's planes.
pub(super) fn planes_module(format: &PixelFormat, picture: (u32, u32)) -> String {
    let layout = PlaneLayout::new(format, picture);
    let mut text = String::from(
        "@group(0) @binding(2) var<storage, read> words: array<u32>;\n\
         fn extent(component: i32) -> vec2i {\n    switch (component) {\n",
    );
    for index in 0..format.component_count() {
        let [_, _, columns, rows] = layout.of_component(index);
        let _ = writeln!(
            text,
            "        case {index}: {{ return vec2i({columns}, {rows}); }}"
        );
    }
    text.push_str(
        "        default: { return vec2i(0); }\n    }\n}\n\
         fn value(component: i32, p: vec2i) -> f32 {\n    switch (component) {\n",
    );
    for (index, component) in format.used().iter().enumerate() {
        let (step, offset, shift) = (component.step, component.offset, component.shift);
        let [base, stride, columns, rows] = layout.of_component(index);
        let (right, bottom) = (columns.saturating_sub(1), rows.saturating_sub(1));
        let _ = write!(
            text,
            "        case {index}: {{\n            \
                 let at = vec2u(clamp(p, vec2i(0), vec2i({right}, {bottom})));\n            \
                 let row = {base}u + at.y * {stride}u;\n"
        );
        if format.is_float() {
            // What is no number becomes 0, and infinity the largest half float. The bits tell: arithmetic may assume that
            // neither exists.
            let _ = write!(
                text,
                "            \
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
            "            \
                 let byte = at.x * {step}u + {offset}u;\n            \
                 let word = words[row + byte / 4u] >> (8u * (byte % 4u));\n            \
                 return f32((word & {mask}u) >> {shift}u);\n        }}\n"
        );
    }
    text.push_str("        default: {\n            return 0.0;\n        }\n    }\n}\n");
    text
}
