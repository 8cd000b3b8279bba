//! Writes a style of a shader of Shadertoy: GLSL with one `mainImage`, which may read the picture as iChannel0.

mod kernel;
mod words;

use std::path::{Path, PathBuf};

use super::super::error::{RenderError, Result};
use super::check::{Severity, check};
use super::new::{NewStyle, VERSION, check_name, page_of, write_style};
use crate::graph::style::{Library, Place, excerpt};
use kernel::kernel_of;

/// The files beside the manifest: the shader as it was, and the kernel.
const ORIGINAL: &str = "shadertoy.glsl";
const KERNEL: &str = "shadertoy.wgsl";

const MANIFEST: &str = r#"# Made of shadertoy.glsl by `aquatint shader new --from-shadertoy`.
summary = "SUMMARY"
author = ""
# The author of the shader must say it. What is on Shadertoy without another word is CC BY-NC-SA 3.0: not for sale, and what is
# made of it is under the same licence.
licence = ""
requires = "VERSION"
DITHER
[[pass]]
kernel = "shadertoy"
in = { image = "source" }    # the picture is iChannel0
out = "result"
"#;

/// Writes the folder `name` of a new style, made of the shader in `file`, into the folder `parent`.
///
/// # Errors
/// `Usage` for a name that no style can have, where the folder exists, and for a shader that cannot be read or be a style, with
/// its line and column; `CannotCreate` where the folder cannot be written.
pub fn shadertoy_style(name: &str, file: &Path, parent: &Path) -> Result<NewStyle> {
    check_name(name)?;
    let source = std::fs::read_to_string(file).map_err(|error| {
        RenderError::usage(
            format!("cannot read {}: {error}", file.display()),
            "name a text file with the GLSL of a shader",
        )
    })?;
    let shown = file.file_name().unwrap_or_default().to_string_lossy();
    let made = kernel_of(&source, ORIGINAL).map_err(|refused| {
        let mut advice = refused.advice;
        let what = match &refused.bytes {
            Some(bytes) => {
                let Place { line, column, .. } = Place::of(&source, bytes);
                advice = format!("{}\n{advice}", excerpt(&source, bytes));
                format!("{}:{line}:{column}: {}", file.display(), refused.what)
            }
            None => format!("{}: {}", file.display(), refused.what),
        };
        RenderError::usage(what, advice)
    })?;
    let dither = match made.reads_picture {
        true => "",
        false => "# What it draws may have gradients.\ndither = true\n",
    };
    let summary = format!("{shown} of Shadertoy").replace(['"', '\\'], "");
    let manifest = MANIFEST
        .replace("SUMMARY", &summary)
        .replace("VERSION", VERSION)
        .replace("DITHER", dither);
    let texts = [
        (ORIGINAL, source),
        (KERNEL, made.wgsl),
        ("style.toml", manifest),
    ];
    let texts = texts.map(|(file, text)| (PathBuf::from(file), text));
    let made = write_style(
        name,
        parent,
        texts.into_iter().chain(page_of(name, &summary)),
    )?;
    if let Some(fault) = fault_in(&made)? {
        // It was not there before.
        let _ = std::fs::remove_dir_all(&made.folder);
        return Err(RenderError::usage(
            format!(
                "{}: what was translated of it is no kernel: {fault}",
                file.display()
            ),
            "write the shader in another way",
        ));
    }
    Ok(made)
}

/// The first error in the folder of a style.
fn fault_in(made: &NewStyle) -> Result<Option<String>> {
    let mut library = Library::built_in();
    library.add_path(&made.folder)?;
    let names: Vec<String> = library.own_folders().map(str::to_owned).collect();
    let checked = check(&library, names.iter().map(String::as_str));
    let mut errors = checked.findings.iter();
    let error = errors.find(|one| one.severity == Severity::Error);
    Ok(error.map(ToString::to_string))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLES: [(&str, &str); 3] = [
        ("plasma", include_str!("samples/plasma.glsl")),
        ("ripple", include_str!("samples/ripple.glsl")),
        ("shapes", include_str!("samples/shapes.glsl")),
    ];
    const REFUSED: &str = include_str!("samples/feedback.glsl");

    #[test]
    fn shaders_become_styles_that_are_sound() {
        let folder = tempfile::tempdir().unwrap();
        for (name, source) in SAMPLES {
            let file = folder.path().join(format!("{name}.glsl"));
            std::fs::write(&file, source).unwrap();
            let made = shadertoy_style(name, &file, folder.path()).unwrap();
            let files: Vec<String> = made
                .files
                .iter()
                .map(|file| file.display().to_string())
                .collect();
            assert_eq!(files, ["README.md", ORIGINAL, KERNEL, "style.toml"]);
            let mut library = Library::built_in();
            library.add_path(&made.folder).unwrap();
            let style = library.load(name).unwrap();
            assert_eq!(style.warnings, [""; 0], "{name}");
            assert_eq!(style.summary, format!("{name}.glsl of Shadertoy"));
            assert_eq!(style.dither, name != "ripple");
            let checked = check(&library, [name]);
            // No advice either, but that no kernel of an author's has a twin.
            for severity in [Severity::Error, Severity::Warning] {
                assert_eq!(checked.count(severity), 0, "{:?}", checked.findings);
            }
        }
    }

    #[test]
    fn a_shader_that_cannot_be_a_style_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("feedback.glsl");
        std::fs::write(&file, REFUSED).unwrap();
        let refused = shadertoy_style("feedback", &file, folder.path()).unwrap_err();
        let said = refused.to_string();
        assert!(said.contains("feedback.glsl:5:27: iChannel1: "), "{said}");
        assert!(
            refused.advice().contains("texture(iChannel1, uv)"),
            "{said}"
        );
        assert!(!folder.path().join("feedback").exists());
        let none = shadertoy_style("x", &folder.path().join("none"), folder.path()).unwrap_err();
        assert!(none.to_string().contains("cannot read"), "{none}");
    }
}
