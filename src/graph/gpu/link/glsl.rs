//! GLSL as WGSL.

use std::ops::Range;

use naga::back::wgsl;
use naga::compact::{KeepUnused, compact};
use naga::front::glsl::{Frontend, Options};
use naga::valid::{ModuleInfo, ValidationFlags, Validator};
use naga::{Module, ShaderStage, Span};

use super::words::{of_glsl, of_glsl_validation};

/// Why GLSL is not translated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlslFault {
    pub what: String,
    /// What to write instead.
    pub advice: String,
    /// The bytes of the source; none where it is in no place of it.
    pub bytes: Option<Range<usize>>,
}

/// The WGSL of the functions of `source`, GLSL 4.50, that its `main` in `after` reaches, and of `main` itself; of globals and
/// types likewise. `before` stands above the source. There is no entry point in it.
///
/// # Errors
/// What the library cannot read, or WGSL does not have.
pub fn wgsl_of_glsl(before: &str, source: &str, after: &str) -> Result<String, GlslFault> {
    let whole = format!("{before}{source}{after}");
    let place = |span: Span| {
        let bytes = span.to_range()?;
        let start = bytes.start.checked_sub(before.len())?;
        let end = bytes.end.checked_sub(before.len())?;
        source.get(start..end).map(|_| start..end)
    };
    let parsed = Frontend::default().parse(&Options::from(ShaderStage::Compute), &whole);
    let mut module = parsed.map_err(|errors| {
        let first = errors.errors.into_iter().next();
        let ((what, advice), bytes) = match first {
            Some(error) => {
                let bytes = place(error.meta);
                let part = |part: Option<&str>| part.unwrap_or_default().to_owned();
                let shown = bytes.clone().map(|bytes| part(source.get(bytes)));
                let before = bytes.clone().map(|bytes| part(source.get(..bytes.start)));
                let (shown, before) = (shown.unwrap_or_default(), before.unwrap_or_default());
                (of_glsl(&error.kind, &shown, &before), bytes)
            }
            None => (
                (
                    "it cannot be read".to_owned(),
                    "write it in another way".to_owned(),
                ),
                None,
            ),
        };
        GlslFault {
            what,
            advice,
            bytes,
        }
    })?;
    // What is left out must be valid, too.
    validated(&module, place)?;
    compact(&mut module, KeepUnused::No);
    // What calls `main` with the inputs and outputs of a stage: there are none here.
    module.entry_points.clear();
    let info = validated(&module, place)?;
    let written = wgsl::write_string(&module, &info, wgsl::WriterFlags::empty());
    written.map_err(|error| GlslFault {
        what: error.to_string(),
        advice: "write it in another way".to_owned(),
        bytes: None,
    })
}

fn validated(
    module: &Module,
    place: impl Fn(Span) -> Option<Range<usize>>,
) -> Result<ModuleInfo, GlslFault> {
    let mut validator = Validator::new(ValidationFlags::all(), super::CAPABILITIES);
    validator.validate(module).map_err(|error| {
        let places = error.spans().filter_map(|(span, _)| place(*span));
        // The smallest part is what is meant; the largest is the whole function.
        let bytes = places.min_by_key(ExactSizeIterator::len);
        let (what, advice) = of_glsl_validation(error.as_inner(), module);
        GlslFault {
            what,
            advice,
            bytes,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::wgsl_of_glsl;

    const BEFORE: &str = "#version 450\nlayout(local_size_x = 1) in;\n";
    const AFTER: &str = "\nvoid main() { float x = used(1.0); }\n";

    #[test]
    fn what_main_reaches_is_written_without_an_entry_point() {
        let source =
            "float used(float x) { return 2.0 * x; }\nfloat unused(float x) { return x; }\n";
        let text = wgsl_of_glsl(BEFORE, source, AFTER).unwrap();
        assert!(text.contains("fn used("), "{text}");
        assert!(text.contains("fn main("), "{text}");
        for left in ["unused", "@compute"] {
            assert!(!text.contains(left), "{text}");
        }
    }

    #[test]
    fn a_fault_has_its_place_in_the_source() {
        let source = "float used(float x) {\n    return twice(x);\n}\n";
        let fault = wgsl_of_glsl(BEFORE, source, AFTER).unwrap_err();
        let at = source.find("twice").unwrap();
        assert_eq!(fault.bytes.map(|bytes| bytes.start), Some(at));
        assert!(fault.what.contains("twice"), "{}", fault.what);
        // What is wrong below it has none.
        let fault = wgsl_of_glsl(BEFORE, "", AFTER).unwrap_err();
        assert_eq!(fault.bytes, None);
    }
}
