//! Links WGSL modules with WESL and validates them with naga. No other file uses these libraries.

use std::borrow::Cow;
use std::collections::BTreeMap;

use wesl::syntax::{ModulePath, PathOrigin};
use wesl::{CompileOptions, EscapeMangler, VirtualResolver};

/// Links `modules` (by path, such as `common/hash`) into one WGSL text, starting from the entry points of `root`.
/// Unreachable code is left out. The error is WESL's message.
pub fn link(root: &str, modules: &BTreeMap<String, String>) -> Result<String, String> {
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
    Ok(linked
        .map_err(|error| plain(&error.to_string()))?
        .to_string())
}

/// `text` without the escape sequences for terminal colours.
fn plain(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.find('m').map_or("", |end| &part[end + 1..]));
    }
    out
}

fn module_path(path: &str) -> ModulePath {
    ModulePath::new(
        PathOrigin::Absolute,
        path.split('/').map(str::to_owned).collect(),
    )
}

/// Validates `wgsl` as every WebGPU implementation does. The error shows the position.
pub fn validate(wgsl: &str) -> Result<(), String> {
    let module =
        naga::front::wgsl::parse_str(wgsl).map_err(|error| plain(&error.emit_to_string(wgsl)))?;
    let flags = naga::valid::ValidationFlags::all();
    naga::valid::Validator::new(flags, naga::valid::Capabilities::empty())
        .validate(&module)
        .map(|_| ())
        .map_err(|error| plain(&error.emit_to_string(wgsl)))
}
