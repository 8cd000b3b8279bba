//! Parameters without an effect: the style is really rendered at both ends of their ranges, on the processor.

use std::sync::Arc;

use super::super::kernels::{at_ends, end_of};
use super::Finding;
use crate::frame::Picture;
use crate::graph::cpu::CpuExecutor;
use crate::graph::plan::StyleUse;
use crate::graph::style::{Library, Param, ParamKind, Rgb, Style, Value};
use crate::render::Result;
use crate::render::inspect::files_of;
use crate::render::shader::check::Severity;
use crate::render::shader::scenes::{self, SCENES};

pub const NONE: &str = "no-effect";
pub const UNTRIED: &str = "not-tried";

const ADVICE: &str = "the picture is the same at both ends of its range, with the other parameters at their defaults, their largest and their least values\n\
    look at what reads it, or remove it";

/// Frames that are rendered: one with a frame before it and one after it.
const FRAMES: usize = 3;

/// Why a style was not rendered.
enum Untried {
    NoTwin(String),
    Failed(String),
}

pub fn check(library: &Library, style: &Arc<Style>) -> Vec<Finding> {
    let (text, file) = library.manifest(&style.name).unwrap_or(("", ""));
    let tried: Vec<(&Param, [Value; 2])> = style
        .params
        .iter()
        .filter_map(|param| Some((param, ends(&param.kind)?)))
        .collect();
    // What nothing uses at all is said already.
    let used = |param: &Param| {
        !style
            .warnings
            .iter()
            .any(|said| said.starts_with(&format!("nothing uses the parameter {:?}", param.name)))
    };
    let tried: Vec<_> = tried.into_iter().filter(|(param, _)| used(param)).collect();
    // What a style makes of another size or rate depends on what the user asks for.
    let is_look = style.role.is_none() && style.inputs.len() == 1;
    if tried.is_empty() || !is_look {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (param, ends) in tried {
        match has_effect(library, style, param, &ends) {
            Ok(true) => {}
            Ok(false) => {
                let message = format!("the parameter {:?} has no effect", param.name);
                let one = Finding::new(file, Severity::Warning, NONE, message, ADVICE);
                let header = format!("[param.{}]", param.name);
                let at = text.find(&header).map(|at| at..at + header.len());
                found.push(match at {
                    Some(bytes) => one.at(text, &bytes),
                    None => one,
                });
            }
            Err(why) => {
                let (message, advice) = match why {
                    Untried::NoTwin(kernel) => (
                        format!(
                            "whether each parameter has an effect was not tried: {kernel} has no twin"
                        ),
                        "only unchanged kernels of aquatint run on the processor",
                    ),
                    Untried::Failed(why) => (
                        format!(
                            "whether each parameter has an effect was not tried: {}",
                            why.lines().next().unwrap_or_default()
                        ),
                        "",
                    ),
                };
                found.push(Finding::new(file, Severity::Note, UNTRIED, message, advice));
                break;
            }
        }
    }
    found
}

/// Two values that differ as much as they can; none for a file and a model.
fn ends(kind: &ParamKind) -> Option<[Value; 2]> {
    match kind {
        ParamKind::Color { .. } => Some([[0; 3], [255; 3]].map(|color| Value::Color(Rgb(color)))),
        _ => Some([end_of(kind, false)?, end_of(kind, true)?]),
    }
}

/// Whether any picture differs between the two values, with the others at their defaults and at their ends.
fn has_effect(
    library: &Library,
    style: &Arc<Style>,
    param: &Param,
    ends: &[Value; 2],
) -> std::result::Result<bool, Untried> {
    let others = [
        StyleUse::new(style.clone()),
        at_ends(style, true),
        at_ends(style, false),
    ];
    for other in others {
        for scene in SCENES {
            let mut frames = scenes::frames(scene);
            frames.truncate(FRAMES);
            let [least, most] = ends.each_ref().map(|value| {
                let mut look = other.clone();
                let set = look
                    .values
                    .0
                    .iter_mut()
                    .find(|(name, _)| *name == param.name);
                set.into_iter().for_each(|(_, set)| *set = value.clone());
                rendered(library, look, &frames)
            });
            let (least, most) = (least?, most?);
            let same = least.len() == most.len()
                && least.iter().zip(&most).all(|(a, b)| a.same_samples(b));
            if !same {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn rendered(
    library: &Library,
    look: StyleUse,
    frames: &[Picture],
) -> std::result::Result<Vec<Picture>, Untried> {
    let failed = |error: crate::render::RenderError| Untried::Failed(error.to_string());
    let plan = scenes::plan_of(library, look).map_err(|error| failed(error.into()))?;
    if let Some(kernel) = CpuExecutor::missing_twins(&plan).first() {
        return Err(Untried::NoTwin((*kernel).to_owned()));
    }
    if plan.nodes.iter().any(|node| node.is_external()) {
        return Err(Untried::Failed("it runs a model".to_owned()));
    }
    let read = || -> Result<Vec<Picture>> {
        let files = files_of(library, &plan)?;
        let executor = CpuExecutor::new(plan.clone(), &files)?;
        Ok(scenes::rendered(Box::new(executor), frames)?)
    };
    read().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::{NONE, UNTRIED};
    use crate::render::shader::check::tests::{coded, found};

    /// A style of the built-in blocks alone, which runs on the processor.
    fn blurred(sigma: &str) -> String {
        format!(
            "summary = 's'\n[param.radius]\ndefault = 8.0\nrange = [1.0, 40.0]\nunit = 'px'\nhelp = 'h'\n\
            [param.on]\ndefault = false\nhelp = 'h'\n\
            [[pass]]\nuse = 'common/gaussian'\nin = {{ image = 'source' }}\nset = {{ sigma = '{sigma}' }}\nwhen = 'on'\nout = 'result'\n"
        )
    }

    #[test]
    fn a_parameter_is_rendered_at_both_ends_of_its_range() {
        // It works only where the switch beside it is on.
        assert_eq!(
            coded(&found(&[("style.toml", &blurred("radius"))]), NONE),
            []
        );
        // It is used, and its value goes nowhere.
        let all = found(&[("style.toml", &blurred("2 + 0 * radius"))]);
        assert_eq!(
            coded(&all, NONE),
            [("mine/style.toml".to_owned(), Some((2, 1)))]
        );
    }

    #[test]
    fn without_a_twin_it_is_said_that_nothing_was_tried() {
        let manifest = "summary = 's'\n[param.a]\ndefault = 1.0\nrange = [0.0, 2.0]\nhelp = 'h'\n[[pass]]\nkernel = 'k'\nin = { image = 'source' }\nout = 'result'\n";
        let kernel =
            "fn pixel(at: vec2i) -> vec4f { return image_here() * (1.0 + 0.0 * params.a); }\n";
        let all = found(&[("style.toml", manifest), ("k.wgsl", kernel)]);
        assert_eq!(coded(&all, UNTRIED), [("mine/style.toml".to_owned(), None)]);
        assert!(
            all[0].message.contains("mine/k has no twin"),
            "{}",
            all[0].message
        );
    }
}
