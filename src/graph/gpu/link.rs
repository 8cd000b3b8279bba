//! Links WGSL modules with WESL and validates them with naga. No other file but those of this folder uses these libraries.

mod glsl;
mod languages;
mod trace;
mod words;

pub use glsl::{GlslFault, wgsl_of_glsl};
pub use languages::{hlsl, msl, spirv};
pub use trace::origins_of_lines;
pub use words::{missing_import, place_of};

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use wesl::syntax::{ModulePath, PathOrigin};
use wesl::{BasicSourceMap, CompileOptions, EscapeMangler, SourceMap, VirtualResolver};

/// Modules by path, such as `common/hash`.
pub type Modules = BTreeMap<String, String>;

/// A mistake in a module, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What is wrong.
    pub what: String,
    /// What to write instead; empty where nobody can say it.
    pub advice: String,
    /// The module, and the bytes of its text; `None` where it is in no module.
    pub place: Option<(String, Range<usize>)>,
}

/// One WGSL text made of modules.
pub struct Linked {
    pub wgsl: String,
    names: BasicSourceMap,
}

impl Linked {
    /// The module and the name of what is declared as `name` in the text.
    fn origin(&self, name: &str) -> Option<(String, &str)> {
        let (path, item) = self.names.get_decl(name)?;
        Some((path.components.join("/"), item))
    }

    /// `text` with the names that the modules' authors gave.
    fn unmangled(&self, text: &str) -> String {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let mut out = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = match word(first) {
                true => rest.find(|c| !word(c)).unwrap_or(rest.len()),
                false => first.len_utf8(),
            };
            let (name, after) = rest.split_at(length);
            out.push_str(self.names.get_decl(name).map_or(name, |(_, item)| item));
            rest = after;
        }
        out
    }
}

/// Links `modules` into one WGSL text, starting from the entry points of `root`. Unreachable code is left out.
pub fn link(root: &str, modules: &Modules) -> Result<Linked, Fault> {
    let mut resolver = VirtualResolver::new();
    for (path, source) in modules {
        resolver.add_module(module_path(path), Cow::Borrowed(source));
    }
    let options = CompileOptions {
        imports: true,
        strip: true,
        lazy: true,
        ..CompileOptions::default()
    };
    let linked = wesl::compile_sourcemap(&module_path(root), &resolver, &EscapeMangler, &options);
    let linked = linked.map_err(|error| words::of_link(error, modules))?;
    Ok(Linked {
        wgsl: linked.to_string(),
        names: linked.sourcemap.unwrap_or_default(),
    })
}

fn module_path(path: &str) -> ModulePath {
    ModulePath::new(
        PathOrigin::Absolute,
        path.split('/').map(str::to_owned).collect(),
    )
}

/// What shaders may use beyond what naga takes of itself; all of it is in every implementation of WebGPU.
pub const CAPABILITIES: naga::valid::Capabilities =
    naga::valid::Capabilities::SHADER_FLOAT16_IN_FLOAT32;

/// Validates `linked`, which was made of `modules`, as every WebGPU implementation does.
pub fn validate(linked: &Linked, modules: &Modules) -> Result<(), Fault> {
    let wgsl = &linked.wgsl;
    let parsed = naga::front::wgsl::parse_str(wgsl);
    let module = parsed.map_err(|error| words::of_parse(&error, linked, modules))?;
    let flags = naga::valid::ValidationFlags::all();
    naga::valid::Validator::new(flags, CAPABILITIES)
        .validate(&module)
        .map(|_| ())
        .map_err(|error| words::of_validation(&error, &module, linked, modules))
}

/// The bytes of all `var<workgroup>` in a valid text.
pub fn workgroup_bytes(wgsl: &str) -> u64 {
    let Ok(module) = naga::front::wgsl::parse_str(wgsl) else {
        return 0;
    };
    let shared = module.global_variables.iter();
    let shared = shared.filter(|(_, variable)| variable.space == naga::AddressSpace::WorkGroup);
    let bytes = shared.map(|(_, variable)| {
        let kind = &module.types[variable.ty].inner;
        u64::from(kind.size(module.to_ctx()))
    });
    bytes.sum()
}

/// What is wrong with the grammar of a kernel by itself, without what the engine writes below it.
pub fn check_syntax(module: &str, source: &str) -> Option<Fault> {
    let parsed = source.parse::<wesl::syntax::TranslationUnit>();
    parsed
        .err()
        .map(|error| words::of_syntax_error(&error, module, source))
}

/// That `function` of `module` takes a position and returns `returns`; the fault where it does not. For errors in the text
/// that calls it.
pub fn check_signature(
    modules: &Modules,
    module: &str,
    function: &str,
    returns: Option<&str>,
) -> Option<Fault> {
    let (bytes, words) = trace::signature(modules.get(module)?, function)?;
    if words.first() == Some(&"@") {
        return Some(Fault {
            what: format!("fn {function} has an attribute"),
            advice: "leave it out: the engine writes the entry point that calls it".to_owned(),
            place: Some((module.to_owned(), bytes)),
        });
    }
    let open = words.iter().position(|word| *word == ":")?;
    let types = words[open + 1..].concat().replace(",)", ")");
    let types = types.replace("<i32>", "i").replace("<f32>", "f");
    let (arrow, needed) = match returns {
        Some(returns) => (format!("->{returns}"), format!(" -> {returns}")),
        None => Default::default(),
    };
    (types != format!("vec2i){arrow}")).then(|| Fault {
        what: format!("fn {function} has other types than the engine calls it with"),
        advice: format!("write fn {function}(at: vec2i){needed}"),
        place: Some((module.to_owned(), bytes)),
    })
}
