//! What is larger than a device may allow, or leaves most of it idle, at the size of large videos.

use std::ops::Range;
use std::sync::Arc;

use super::super::kernels::planned;
use super::Finding;
use crate::graph::gpu::shader::{ParamsAs, generate_or_fault};
use crate::graph::plan::{Node, Operand, PlanOptions, Storage, StyleUse, Target};
use crate::graph::style::{Library, Style};
use crate::render::shader::check::Severity;

pub const LIMITS: &str = "over-limits";
pub const NARROW: &str = "narrow-workgroup";

/// The size of the video that limits are looked at for.
const LARGE: (u32, u32) = (3840, 2160);
/// What every device allows (WebGPU, "Limits"): pixels of a side, bytes of a buffer that is bound, bytes of `var<workgroup>`.
const SIDE: u32 = 8192;
const BUFFER: u64 = 128 << 20;
const WORKGROUP: u64 = 16 << 10;
/// The least invocations in a row that keep a device at work.
const COLUMNS: u32 = 8;
/// From so many rows on it is no small matter.
const ROWS: u32 = 64;

pub fn check(library: &Library, style: &Arc<Style>) -> Vec<Finding> {
    // What cannot be planned is an error, which is said.
    let Ok(plan) = planned(library, StyleUse::new(style.clone()), LARGE) else {
        return Vec::new();
    };
    let inside = format!("{}/", style.name);
    let own = plan
        .nodes
        .iter()
        .filter(|node| node.kernel.path.starts_with(&inside) && !node.is_external());
    let mut found: Vec<Finding> = own.flat_map(|node| of_node(library, style, node)).collect();
    for step in &plan.steps {
        let Target::Image { node, .. } = step.target else {
            continue;
        };
        let node = &plan.nodes[node];
        if !node.kernel.path.starts_with(&inside) || !node.kernel.source.contains("workgroup") {
            continue;
        }
        let shader = generate_or_fault(library, &plan, step, ParamsAs::Uniforms).ok();
        let bytes = shader.map_or(0, |shader| shader.workgroup_bytes());
        if bytes > WORKGROUP {
            let message = format!(
                "its workgroups share {bytes} bytes, and not every device has more than {WORKGROUP}"
            );
            found.push(in_manifest(
                library,
                style,
                node,
                "kernel",
                LIMITS,
                message,
                "make the arrays in var<workgroup> smaller",
            ));
        }
    }
    found
}

/// Advice at a word of the pass of `node`.
fn in_manifest(
    library: &Library,
    style: &Style,
    node: &Node,
    word: &str,
    code: &'static str,
    message: String,
    advice: &str,
) -> Finding {
    let (text, file) = library.manifest(&style.name).unwrap_or(("", ""));
    let stem = node.kernel.path.rsplit('/').next().unwrap_or_default();
    let found = Finding::new(file, Severity::Warning, code, message, advice);
    let place: Option<Range<usize>> = [word, stem]
        .iter()
        .find_map(|word| Style::place_in_pass_of(text, stem, word));
    match place {
        Some(bytes) => found.at(text, &bytes),
        None => found,
    }
}

fn of_node(library: &Library, style: &Style, node: &Node) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |word, code, message, advice| {
        found.push(in_manifest(
            library, style, node, word, code, message, advice,
        ))
    };
    let (width, height) = LARGE;
    let (columns, rows) = node.image.extent;
    if node.image.storage == Storage::Words {
        let bytes = 4 * u64::from(columns);
        if bytes > BUFFER {
            let message = format!(
                "for {width}x{height} this makes {columns} words, {bytes} bytes, and not every device can bind more than {BUFFER}"
            );
            say(
                "words",
                LIMITS,
                message,
                "keep fewer words, such as one for several pixels",
            );
        }
    } else if columns > SIDE || rows > SIDE {
        let message = format!(
            "for {width}x{height} this makes an image of {columns}x{rows}, and not every device has images with more than {SIDE} pixels a side"
        );
        say("size", LIMITS, message, "make the image smaller");
    }
    let textures = node.inputs.iter().map(|(_, operand)| match operand {
        Operand::Window(_, window) => window.offsets().count(),
        Operand::Planes(_) => 0,
        _ => 1,
    });
    let (textures, most) = (textures.sum::<usize>(), PlanOptions::default().max_textures);
    if textures > most {
        let message = format!(
            "this pass reads {textures} images, and not every device can bind more than {most}"
        );
        say("in", LIMITS, message, "read fewer, or do it in two passes");
    }
    for phase in node.phases() {
        let (columns, rows) = phase.over;
        match phase.group {
            Some(group) if group < COLUMNS && columns > group => {
                let message = format!(
                    "the phase {} runs in workgroups of {group}: devices work on 32 or 64 invocations at once, and most are idle",
                    phase.run
                );
                say(
                    "group",
                    NARROW,
                    message,
                    "let group be 64 or more, or leave it out where nothing is shared",
                );
            }
            None if columns < COLUMNS && rows >= ROWS => {
                let message = format!(
                    "the phase {} runs over {columns} columns and {rows} rows: a workgroup has 16 columns, and most of them are idle",
                    phase.run
                );
                say(
                    "over",
                    NARROW,
                    message,
                    "let the columns be the longer side: over = [rows, columns], or [rows * columns, 1]",
                );
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{LIMITS, NARROW};
    use crate::render::shader::check::Severity;
    use crate::render::shader::check::tests::{coded, found};

    const USE: &str =
        "[[pass]]\nkernel = 'k'\nin = { image = 'source', sums = 'sums' }\nout = 'result'\n";
    const K: &str = "fn pixel(at: vec2i) -> vec4f { return image_here() * f32(sums_word(0)); }\n";

    /// The advice of this kind for a compute pass.
    fn of_compute(keys: &str, kernel: &str, code: &str) -> Vec<Option<(usize, usize)>> {
        let manifest = format!(
            "summary = 's'\n[[pass]]\ncompute = 'c'\nin = {{ image = 'source' }}\n{keys}\nout = 'sums'\n{USE}"
        );
        let all = found(&[("style.toml", &manifest), ("k.wgsl", K), ("c.wgsl", kernel)]);
        let errors: Vec<String> = all
            .iter()
            .filter(|one| one.severity == Severity::Error)
            .map(ToString::to_string)
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        coded(&all, code)
            .into_iter()
            .map(|(_, place)| place)
            .collect()
    }

    const SUM: &str = "fn sum(at: vec2i) { words_add(0, u32(255.0 * image_at(at).r)); }\n";

    #[test]
    fn narrow_workgroups_are_found() {
        for (phases, expected) in [
            (
                "phases = [{ run = 'sum', over = [1, 'source_height'] }]",
                Some((6, 26)),
            ),
            (
                "phases = [{ run = 'sum', over = ['source_height', 1] }]",
                None,
            ),
            (
                "phases = [{ run = 'sum', over = ['source_width', 'source_height'] }]",
                None,
            ),
            (
                "phases = [{ run = 'sum', over = [4096, 1], group = 4 }]",
                Some((6, 44)),
            ),
            (
                "phases = [{ run = 'sum', over = [4096, 1], group = 64 }]",
                None,
            ),
        ] {
            let places = of_compute(&format!("words = 1\n{phases}"), SUM, NARROW);
            assert_eq!(
                places,
                expected.map(Some).into_iter().collect::<Vec<_>>(),
                "{phases}"
            );
        }
    }

    #[test]
    fn what_not_every_device_allows_is_found() {
        let phase = "phases = [{ run = 'sum', over = [256, 1] }]";
        let words = |words: &str| of_compute(&format!("words = '{words}'\n{phase}"), SUM, LIMITS);
        assert_eq!(words("8 * width * height"), [Some((5, 1))]);
        assert_eq!(words("width * height"), []);
        let shared = |count: usize| {
            let kernel = format!(
                "var<workgroup> kept: array<u32, {count}>;\nfn sum(at: vec2i) {{ kept[at.x & 63] = 1u; workgroupBarrier(); words_add(0, kept[0]); }}\n"
            );
            of_compute(
                "words = 1\nphases = [{ run = 'sum', over = [256, 1], group = 64 }]",
                &kernel,
                LIMITS,
            )
        };
        assert_eq!(shared(8192), [Some((3, 12))]);
        assert_eq!(shared(64), []);
        let size = |times: u32| {
            let manifest = format!(
                "summary = 's'\n[[pass]]\nkernel = 'k'\nin = {{ image = 'source' }}\nsize = ['{times} * source_width', 'source_height']\nout = 'wide'\n\
                [[pass]]\nkernel = 'l'\nin = {{ image = 'source', wide = 'wide' }}\nout = 'result'\n"
            );
            let k = "fn pixel(at: vec2i) -> vec4f { return image_at(at / 2); }\n";
            let l = "fn pixel(at: vec2i) -> vec4f { return image_here() * wide_at(2 * at); }\n";
            coded(
                &found(&[("style.toml", &manifest), ("k.wgsl", k), ("l.wgsl", l)]),
                LIMITS,
            )
        };
        assert_eq!(size(3), [("mine/style.toml".to_owned(), Some((5, 1)))]);
        assert_eq!(size(2), []);
    }
}
