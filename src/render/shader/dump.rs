//! The shaders that a style becomes, with the files and lines that they come from.

use std::fmt::Write;

use super::super::error::{RenderError, Result};
use crate::graph::ExecError;
use crate::graph::gpu::shader::{Shader, generate, generate_lines};
use crate::graph::plan::{NodeId, Plan, Step, Target};
use crate::graph::style::Library;

/// The steps of `plan` that have a shader: all, or the one that makes the image of the pass called `pass`, or that this pass runs
/// within.
///
/// # Errors
/// `Style` where there is no such pass, `Usage` where code outside the graph makes it.
fn steps<'a>(plan: &'a Plan, pass: Option<&str>) -> Result<Vec<&'a Step>> {
    let node = pass.map(|pass| plan.pass_called(pass)).transpose()?;
    let makes = |step: &Step, node: NodeId| {
        let target = matches!(step.target, Target::Image { node: made, .. } if made == node);
        target || step.fused.contains(&node)
    };
    let is_shader = |step: &Step| match step.target {
        Target::Image { node, .. } => !plan.nodes[node].is_external(),
        Target::Output(_) => true,
    };
    let wanted = plan.steps.iter();
    let wanted = wanted.filter(|step| node.is_none_or(|node| makes(step, node)));
    let found: Vec<&Step> = wanted.filter(|step| is_shader(step)).collect();
    match (found.is_empty(), pass) {
        (true, Some(pass)) => Err(RenderError::usage(
            format!("the pass {pass} has no shader: a model makes its image"),
            "name another one",
        )),
        _ => Ok(found),
    }
}

/// The shaders in WGSL. After each line that was written for a line of a file, a comment names that line.
///
/// # Errors
/// As for the steps, and `Exec` for a shader that does not compile.
pub fn dump_wgsl(library: &Library, plan: &Plan, pass: Option<&str>) -> Result<String> {
    let mut out = String::new();
    for step in steps(plan, pass)? {
        let label = plan.step_label(step);
        let lines = generate_lines(library, plan, step);
        let lines = lines.map_err(|fault| {
            RenderError::from(ExecError::Shader {
                step: label.clone(),
                message: fault.to_string(),
            })
        })?;
        out.push_str(&header(plan, step));
        for line in lines {
            // Writing to a string does not fail.
            let _ = match line.origin {
                Some((file, number)) => writeln!(out, "{} // {file}:{number}", line.text),
                None => writeln!(out, "{}", line.text),
            };
        }
        out.push('\n');
    }
    Ok(out)
}

/// The line before a shader: its step, and its kernels.
fn header(plan: &Plan, step: &Step) -> String {
    let kernels = plan.step_kernels(step);
    let kernels: Vec<&str> = kernels.map(|kernel| kernel.path.as_str()).collect();
    format!("// {}: {}\n", plan.step_label(step), kernels.join(", "))
}

/// The shaders in the Metal Shading Language 2.4, as drivers of Metal get them.
///
/// # Errors
/// As [`dump_wgsl`].
pub fn dump_msl(library: &Library, plan: &Plan, pass: Option<&str>) -> Result<String> {
    dump_as(library, plan, pass, Shader::msl)
}

/// The shaders in HLSL of shader model 6.0, as compilers for Direct3D 12 get them.
///
/// # Errors
/// As [`dump_wgsl`].
pub fn dump_hlsl(library: &Library, plan: &Plan, pass: Option<&str>) -> Result<String> {
    dump_as(library, plan, pass, Shader::hlsl)
}

fn dump_as(
    library: &Library,
    plan: &Plan,
    pass: Option<&str>,
    written: impl Fn(&Shader) -> std::result::Result<String, String>,
) -> Result<String> {
    let texts = steps(plan, pass)?.into_iter().map(|step| {
        let shader = generate(library, plan, step)?;
        let text = written(&shader).map_err(|message| {
            RenderError::from(ExecError::Shader {
                step: shader.label.clone(),
                message,
            })
        })?;
        Ok(format!("{}{}\n\n", header(plan, step), text.trim_end()))
    });
    texts.collect()
}

/// The shader of one step as SPIR-V, in the bytes of this machine.
///
/// # Errors
/// As [`dump_wgsl`]; `Usage` where there are several steps, and none is named.
pub fn dump_spirv(library: &Library, plan: &Plan, pass: Option<&str>) -> Result<Vec<u8>> {
    let steps = steps(plan, pass)?;
    let [step] = steps[..] else {
        let names: Vec<String> = steps.iter().map(|step| plan.step_label(step)).collect();
        return Err(RenderError::usage(
            "a file of SPIR-V has one shader, and this style has several",
            format!("name one with --pass: {}", names.join(", ")),
        ));
    };
    let shader = generate(library, plan, step)?;
    let words = shader.spirv().map_err(|why| {
        RenderError::from(ExecError::Shader {
            step: shader.label.clone(),
            message: why,
        })
    })?;
    Ok(words.iter().flat_map(|word| word.to_ne_bytes()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::plan::StyleUse;
    use crate::render::shader::{new_style, scenes};

    #[test]
    fn lines_of_a_shader_name_the_lines_of_files() {
        let folder = tempfile::tempdir().unwrap();
        let made = new_style("mine", "palette", folder.path()).unwrap();
        let mut library = Library::built_in();
        library.add_path(folder.path()).unwrap();
        let plan = scenes::plan_of(&library, StyleUse::new(library.load("mine").unwrap())).unwrap();
        let text = dump_wgsl(&library, &plan, Some("mine/result")).unwrap();
        let file = made.folder.join("nearest.wgsl");
        let kernel = std::fs::read_to_string(&file).unwrap();
        let mut seen = 0;
        for line in text.lines() {
            let Some((shader, number)) = line.split_once(&format!(" // {}:", file.display()))
            else {
                continue;
            };
            let own = kernel
                .lines()
                .nth(number.parse::<usize>().unwrap() - 1)
                .unwrap();
            // The linker writes it in another way; the first word is the same.
            let first = |text: &str| {
                let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
                words
                    .into_iter()
                    .find(|word| !word.is_empty())
                    .unwrap_or_default()
                    .to_owned()
            };
            if !["", "var", "let", "fn"].contains(&first(shader).as_str()) {
                assert_eq!(first(shader), first(own), "{line}");
            }
            seen += 1;
        }
        assert!(seen >= 15, "{text}");
        // What the engine writes has no mark.
        let entry = text.lines().find(|line| line.contains("@compute"));
        let entry = entry.unwrap_or_else(|| panic!("{text}"));
        assert!(!entry.contains(".wgsl:"), "{entry}");
        // SPIR-V begins with its magic number.
        let binary = dump_spirv(&library, &plan, Some("mine/result")).unwrap();
        assert_eq!(binary[..4], 0x0723_0203_u32.to_ne_bytes());
        let pencil = StyleUse::new(library.load("pencil").unwrap());
        let pencil = scenes::plan_of(&library, pencil).unwrap();
        let several = dump_spirv(&library, &pencil, None).unwrap_err();
        assert!(several.advice().contains("--pass"), "{several}");
        // Text comes for all steps, one after the other.
        for (dumped, begin) in [
            (dump_msl(&library, &pencil, None), "#include <metal_stdlib>"),
            (dump_hlsl(&library, &pencil, None), "[numthreads("),
        ] {
            let text = dumped.unwrap();
            let steps = pencil.steps.len();
            assert!(text.matches(begin).count() >= steps, "{text}");
            for step in &pencil.steps {
                assert!(text.contains(&header(&pencil, step)), "{text}");
            }
        }
    }
}
