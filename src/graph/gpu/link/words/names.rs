//! Names that a kernel does not know, and what is written for them here.

use super::super::trace::{declared_names, locals};
use super::{Said, said, suggestion};

/// Functions of WGSL that kernels use, to suggest one.
const BUILT_IN: [&str; 56] = [
    "abs",
    "acos",
    "all",
    "any",
    "asin",
    "atan",
    "atan2",
    "bitcast",
    "bool",
    "ceil",
    "clamp",
    "cos",
    "cross",
    "degrees",
    "distance",
    "dot",
    "exp",
    "exp2",
    "f32",
    "floor",
    "fma",
    "fract",
    "i32",
    "inverseSqrt",
    "length",
    "log",
    "log2",
    "max",
    "min",
    "mix",
    "normalize",
    "pow",
    "radians",
    "reflect",
    "round",
    "saturate",
    "select",
    "sign",
    "sin",
    "smoothstep",
    "sqrt",
    "step",
    "tan",
    "tanh",
    "trunc",
    "u32",
    "vec2f",
    "vec2i",
    "vec2u",
    "vec3f",
    "vec3i",
    "vec3u",
    "vec4f",
    "vec4i",
    "vec4u",
    "package",
];

/// Names of other shading languages: GLSL as on Shadertoy, and HLSL; and what a kernel writes for them.
const ELSEWHERE: [(&[&str], &str); 31] = [
    (
        &["iTime", "iGlobalTime", "u_time", "time"],
        "the time in seconds is package::engine::facts.time",
    ),
    (
        &["iTimeDelta"],
        "the time between frames is 1.0 / package::engine::facts.fps",
    ),
    (
        &["iFrame"],
        "the number of the frame is package::engine::facts.frame",
    ),
    (
        &["iFrameRate"],
        "frames a second are package::engine::facts.fps",
    ),
    (
        &["iResolution", "u_resolution", "resolution"],
        "the size is package::engine::extent, a vec2i: vec2f(package::engine::extent) has numbers with a point",
    ),
    (
        &["iMouse", "iDate"],
        "a render has no mouse and no date: make it a parameter, [param.NAME] in style.toml, and read params.NAME",
    ),
    (
        &["iChannel0", "iChannel1", "iChannel2", "iChannel3"],
        "a picture is an input of the pass, `in = { image = \"source\" }`, and is read by image_here(), image_at(p) or image_sample(uv)",
    ),
    (
        &["fragCoord", "gl_FragCoord"],
        "the pixel is `at`, a vec2i whose y counts downwards: its middle is vec2f(at) + 0.5",
    ),
    (
        &["fragColor", "gl_FragColor"],
        "fn pixel returns the colour: return vec4f(…);",
    ),
    (
        &["uv"],
        "the place from 0 to 1 is (vec2f(at) + 0.5) / vec2f(package::engine::extent)",
    ),
    (
        &["texture", "texture2D", "textureLod", "tex2D"],
        "an input is read by image_sample(uv) with uv from 0 to 1, or image_at(p) with p in pixels",
    ),
    (
        &["texelFetch"],
        "a pixel of an input is image_at(p), with p a vec2i",
    ),
    (&["textureSize"], "the size of an input is image_extent()"),
    (
        &["dFdx", "dFdy", "ddx", "ddy"],
        "a kernel has no derivatives: take the difference of two pixels, image_at(at + vec2i(1, 0)) - image_at(at)",
    ),
    (&["float"], "write f32"),
    (&["int"], "write i32"),
    (&["uint"], "write u32"),
    (&["float2"], "write vec2f"),
    (&["float3"], "write vec3f"),
    (&["float4"], "write vec4f"),
    (&["ivec2", "int2"], "write vec2i"),
    (&["ivec3", "int3"], "write vec3i"),
    (&["ivec4", "int4"], "write vec4i"),
    (&["uvec2", "uvec3", "uvec4"], "write vec2u, vec3u or vec4u"),
    (
        &["mat2", "mat3", "mat4"],
        "write mat2x2f, mat3x3f or mat4x4f",
    ),
    (&["inversesqrt", "rsqrt"], "write inverseSqrt"),
    (&["lerp"], "write mix"),
    (&["frac"], "write fract"),
    (&["fmod"], "write a % b"),
    (
        &["PI", "pi", "M_PI"],
        "write const PI = 3.14159265; above fn pixel",
    ),
    (
        &["random", "rand", "noise", "snoise", "hash"],
        "write import package::common::hash::pcg3d; which makes three numbers of three, the same on every device",
    ),
];

/// What is said of a name that `module` does not know.
pub fn unknown_name(name: &str, module: Option<&String>) -> Said {
    let what = format!("there is no `{name}`");
    let params = module.map(|text| members_of_params(text));
    if params.is_some_and(|params| params.iter().any(|param| param == name)) {
        return said(what, format!("a parameter is read as params.{name}"));
    }
    let other = ELSEWHERE.iter().find(|(names, _)| names.contains(&name));
    if let Some((_, here)) = other {
        return said(what, *here);
    }
    let names = module.map(|text| names_in(text, name)).unwrap_or_default();
    let known = names.iter().map(String::as_str).chain(BUILT_IN);
    said(
        what,
        suggestion(
            name,
            known,
            "declare it with let, var or fn, or import it; a parameter of the style is read as params.NAME",
        ),
    )
}

/// The names that a kernel may mean by `wrong`: those it declares, and the accessors of its inputs.
fn names_in(text: &str, wrong: &str) -> Vec<String> {
    let mut names: Vec<String> = locals(text);
    let declared = declared_names(text);
    for input in declared
        .iter()
        .filter_map(|name| name.strip_suffix("_extent"))
    {
        names.extend(
            ["_at", "_near", "_mirrored", "_sample", "_between", "_field"]
                .map(|suffix| format!("{input}{suffix}")),
        );
    }
    names.extend(declared);
    names.retain(|name| !name.contains("_texture") && name != wrong);
    names
}

/// The names of the parameters of a kernel.
pub fn members_of_params(text: &str) -> Vec<String> {
    let Some((_, rest)) = text.split_once("struct Params {\n") else {
        return Vec::new();
    };
    let fields = rest.split('}').next().unwrap_or_default().lines();
    let names = fields.filter_map(|line| line.trim().split(':').next());
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}
