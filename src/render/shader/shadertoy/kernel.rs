//! The kernel that a shader of Shadertoy becomes.

use std::fmt::Write;

use super::words::{Word, words};
use crate::graph::gpu::shader::{GlslFault, wgsl_of_glsl};

/// What Shadertoy gives a shader: the name, its declaration in GLSL, and the WGSL that sets it.
const GIVEN: [(&str, &str, &str); 8] = [
    (
        "iResolution",
        "vec3 iResolution;",
        "iResolution = vec3f(vec2f(size), 1.0);",
    ),
    (
        "iTime",
        "float iTime;",
        "iTime = package::engine::facts.time;",
    ),
    (
        "iTimeDelta",
        "float iTimeDelta;",
        "iTimeDelta = select(0.0, 1.0 / max(package::engine::facts.fps, 0.001), package::engine::facts.fps > 0.0);",
    ),
    (
        "iFrame",
        "int iFrame;",
        "iFrame = i32(package::engine::facts.frame);",
    ),
    (
        "iFrameRate",
        "float iFrameRate;",
        "iFrameRate = package::engine::facts.fps;",
    ),
    // There is no mouse in a render.
    ("iMouse", "vec4 iMouse;", "iMouse = vec4f(0.0);"),
    (
        "iChannelTime",
        "float iChannelTime[4];",
        "iChannelTime[0] = package::engine::facts.time;",
    ),
    (
        "iChannelResolution",
        "vec3 iChannelResolution[4];",
        "iChannelResolution[0] = vec3f(vec2f(image_extent()), 1.0);",
    ),
];

/// Above the source: a channel is a number, and what reads it calls one of three functions. Their bodies are written in WGSL.
const BEFORE: &str = "#version 450
layout(local_size_x = 1) in;
#define iChannel0 0
vec4 aquatint_sample(vec2 uv) { return vec4(uv, 0.0, 1.0); }
vec4 aquatint_fetch(ivec2 p) { return vec4(vec2(p), 0.0, 1.0); }
ivec2 aquatint_size() { return ivec2(1); }
vec4 aquatint_texture(int channel, vec2 uv) { return aquatint_sample(uv); }
vec4 aquatint_texture(int channel, vec2 uv, float bias) { return aquatint_sample(uv); }
vec4 aquatint_texture_lod(int channel, vec2 uv, float lod) { return aquatint_sample(uv); }
vec4 aquatint_texture_grad(int channel, vec2 uv, vec2 x, vec2 y) { return aquatint_sample(uv); }
vec4 aquatint_texel_fetch(int channel, ivec2 p, int lod) { return aquatint_fetch(p); }
ivec2 aquatint_texture_size(int channel, int lod) { return aquatint_size(); }
#define texture aquatint_texture
#define texture2D aquatint_texture
#define textureLod aquatint_texture_lod
#define textureGrad aquatint_texture_grad
#define texelFetch aquatint_texel_fetch
#define textureSize aquatint_texture_size
";

/// Below the source: what reaches all that is needed.
const AFTER: &str = "
void main() { vec4 color; mainImage(color, vec2(0.0)); }
";

/// The three functions in WGSL. In Shadertoy, rows count upwards.
const CHANNEL: [(&str, &str); 3] = [
    (
        "aquatint_sample",
        "fn aquatint_sample(uv: vec2f) -> vec4f {\n    return image_sample(vec2f(uv.x, 1.0 - uv.y));\n}\n",
    ),
    (
        "aquatint_fetch",
        "fn aquatint_fetch(p: vec2i) -> vec4f {\n    return image_at(vec2i(p.x, image_extent().y - 1 - p.y));\n}\n",
    ),
    (
        "aquatint_size",
        "fn aquatint_size() -> vec2i {\n    return image_extent();\n}\n",
    ),
];

/// Names that the engine writes or calls in a kernel, beside accessors of the input `image`.
const TAKEN: [&str; 6] = ["pixel", "code", "chroma", "stored", "params", "Params"];
const INPUT: &str = "image_";

/// What a style has not, and what to do.
const UNSUPPORTED: [(&[&str], &str, &str); 9] = [
    (
        &["iChannel1", "iChannel2", "iChannel3"],
        "a style reads one picture, iChannel0",
        "read iChannel0, or write the style by hand: passes and pictures of its own take the place of buffers and textures",
    ),
    (
        &["iDate"],
        "a render does not know the date: it would differ from day to day",
        "take iTime, or a number of your own",
    ),
    (
        &["iSampleRate", "mainSound"],
        "a style makes no sound",
        "remove what makes the sound",
    ),
    (
        &["mainCubemap", "samplerCube", "textureCube"],
        "there are no cubemaps",
        "compute the colour of a direction in the shader",
    ),
    (
        &["sampler2D", "sampler3D"],
        "a channel cannot be handed to a function",
        "read iChannel0 in the function itself",
    ),
    (
        &["dFdx", "dFdy", "fwidth"],
        "a compute pass has no derivatives between pixels",
        "take the difference of two calls, or a width in pixels: 1.0 / iResolution.y",
    ),
    (
        &[
            "textureProj",
            "textureOffset",
            "textureProjLod",
            "textureLodOffset",
            "texelFetchOffset",
        ],
        "this way to read a channel is not known",
        "write it with texture(iChannel0, uv) or texelFetch(iChannel0, p, 0)",
    ),
    (
        &["discard"],
        "every pixel of the picture is made",
        "write the colour to fragColor, and return",
    ),
    (
        &["uniform", "attribute", "varying"],
        "only what Shadertoy gives a shader is given",
        "write the value as a const",
    ),
];

/// A kernel made of a shader.
#[derive(Debug)]
pub struct Imported {
    pub wgsl: String,
    /// Whether it reads the picture.
    pub reads_picture: bool,
}

/// A fault in the shader, and what to do.
#[derive(Debug)]
pub struct Refused {
    pub what: String,
    pub advice: String,
    /// In the source.
    pub bytes: Option<std::ops::Range<usize>>,
}

/// The kernel of `source`, a shader of Shadertoy. `original` is the name of its file.
///
/// # Errors
/// What a style has not, and what naga cannot read or write.
pub fn kernel_of(source: &str, original: &str) -> Result<Imported, Refused> {
    let names = words(source);
    supported(&names)?;
    let has = |name: &str| names.iter().any(|word| word.text == name);
    let given: Vec<_> = GIVEN.iter().filter(|(name, ..)| has(name)).collect();
    let mut before = BEFORE.to_owned();
    for (_, declaration, _) in &given {
        before.push_str(declaration);
        before.push('\n');
    }
    before.push_str(&renamed(&names));
    let text = wgsl_of_glsl(&before, source, AFTER).map_err(
        |GlslFault {
             what,
             advice,
             bytes,
         }| {
            Refused {
                what: format!("it cannot be translated: {what}"),
                advice,
                bytes,
            }
        },
    )?;
    let mut functions = without(&text, "main");
    let mut reads_picture = false;
    for (name, body) in CHANNEL {
        let rest = without(&functions, name);
        if rest.len() < functions.len() {
            reads_picture = true;
            functions = rest + "\n" + body;
        }
    }
    let set: String = given
        .iter()
        .filter(|(name, ..)| functions.contains(&format!("var<private> {name}:")))
        .fold(String::new(), |mut text, (_, _, set)| {
            // Writing to a string does not fail.
            let _ = writeln!(text, "    {set}");
            text
        });
    let wgsl = format!(
        "// mainImage of {original}, whose rows count upwards. What stands below `pixel` was translated from that file.\n\
         fn pixel(at: vec2i) -> vec4f {{\n    \
             let size = package::engine::extent;\n\
         {set}    \
             var color = vec4f(0.0, 0.0, 0.0, 1.0);\n    \
             mainImage(&color, vec2f(vec2i(at.x, size.y - 1 - at.y)) + 0.5);\n    \
             return vec4f(color.rgb, image_here().a);\n}}\n\n{}\n",
        functions.trim()
    );
    Ok(Imported {
        wgsl,
        reads_picture,
    })
}

/// That there is nothing among `names` that a style has not.
fn supported(names: &[Word<'_>]) -> Result<(), Refused> {
    for word in names {
        let found = UNSUPPORTED
            .iter()
            .find(|(unsupported, ..)| unsupported.contains(&word.text));
        if let Some((_, what, advice)) = found {
            return Err(Refused {
                what: format!("{}: {what}", word.text),
                advice: (*advice).to_owned(),
                bytes: Some(word.bytes.clone()),
            });
        }
    }
    if names.iter().any(|word| word.text == "mainImage") {
        return Ok(());
    }
    Err(Refused {
        what: "there is no mainImage".to_owned(),
        advice: "a shader of Shadertoy has void mainImage(out vec4 fragColor, in vec2 fragCoord)"
            .to_owned(),
        bytes: None,
    })
}

/// Macros that give the shader's own names another ending, where a kernel has them already.
fn renamed(names: &[Word<'_>]) -> String {
    let clashes = |word: &&Word<'_>| TAKEN.contains(&word.text) || word.text.starts_with(INPUT);
    let defined = |name: &str| names.iter().any(|word| word.defined && word.text == name);
    let found = names.iter().filter(clashes).map(|word| word.text);
    let mut found: Vec<&str> = found.filter(|name| !defined(name)).collect();
    found.sort_unstable();
    found.dedup();
    let lines = found
        .iter()
        .map(|name| format!("#define {name} own_{name}\n"));
    lines.collect()
}

/// `text`, WGSL as naga writes it, without the function `name`.
fn without(text: &str, name: &str) -> String {
    let begin = format!("fn {name}(");
    let Some(start) = text
        .match_indices(&begin)
        .map(|(at, _)| at)
        .find(|at| *at == 0 || text[..*at].ends_with('\n'))
    else {
        return text.to_owned();
    };
    // A function ends with a brace of its own line.
    let end = text[start..]
        .find("\n}\n")
        .map_or(text.len(), |end| start + end + 3);
    format!("{}{}", text[..start].trim_end_matches('\n'), {
        let rest = text[end..].trim_start_matches('\n');
        match (start == 0, rest.is_empty()) {
            (true, _) => rest.to_owned(),
            (false, true) => "\n".to_owned(),
            (false, false) => format!("\n\n{rest}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_taken_out() {
        let text = "fn main() {\n    if true {\n    }\n}\n\nfn main_of() {\n    return;\n}\n\nfn last() {\n}\n";
        let rest = without(text, "main");
        assert_eq!(rest, "fn main_of() {\n    return;\n}\n\nfn last() {\n}\n");
        assert_eq!(without(&rest, "last"), "fn main_of() {\n    return;\n}\n");
        assert_eq!(without(&rest, "none"), rest);
    }

    #[test]
    fn only_what_is_named_is_given() {
        let source = "void mainImage(out vec4 c, in vec2 p) { float image_here = 1.0; c = vec4(p / iResolution.xy, image_here, 1.0); }";
        let made = kernel_of(source, "x.glsl").unwrap();
        assert!(made.wgsl.contains("iResolution = vec3f("), "{}", made.wgsl);
        for absent in ["iTime", "iMouse", "aquatint_", "var image_here", "fn main("] {
            assert!(!made.wgsl.contains(absent), "{absent}: {}", made.wgsl);
        }
        assert!(!made.reads_picture);
        let reads = source.replace("vec4(p", "texture(iChannel0, p) + vec4(p");
        let made = kernel_of(&reads, "x.glsl").unwrap();
        assert!(made.wgsl.contains("return image_sample("), "{}", made.wgsl);
        assert!(!made.wgsl.contains("aquatint_fetch"), "{}", made.wgsl);
        assert!(made.reads_picture);
    }

    #[test]
    fn what_a_style_has_not_is_refused_at_its_place() {
        let of = |body: &str| format!("void mainImage(out vec4 c, in vec2 p) {{\n{body}\n}}");
        for (source, words, at) in [
            (
                of("c = texture(iChannel1, p);"),
                "iChannel1: a style reads one picture",
                "iChannel1",
            ),
            (of("c = iDate;"), "the date", "iDate"),
            (of("c = vec4(fwidth(p.x));"), "no derivatives", "fwidth"),
            (of("if (p.x < 1.0) discard;"), "every pixel", "discard"),
            (
                of("c = vec4(wobble(p), 1.0);"),
                "it cannot be translated",
                "wobble",
            ),
            (of("c = vec4(1.0)"), "unexpected `}`", "}"),
            (of("flaot x = 1.0;"), "there is no `flaot`", "flaot"),
            (
                of("c = vec4(1.0) + vec3(p, 1.0);"),
                "vec4 and vec3 do not go together",
                "vec4(1.0) +",
            ),
            (of("return 1.0;"), "declares no type that it returns", "1.0"),
            (of("vec3 q = vec2(1.0);"), "`q` is declared as vec3", ""),
            (of("c.q = sin(1.0, 2.0);"), "there is no", ""),
            (
                of("#define A(x) x\nc = vec4(A(1.0, 2.0));"),
                "the macro is given another number",
                "",
            ),
        ] {
            let refused = kernel_of(&source, "x.glsl").unwrap_err();
            assert!(refused.what.contains(words), "{}", refused.what);
            assert!(!refused.advice.is_empty());
            for internal in [
                "Scalar",
                "Expression",
                "Identifier(",
                "Some(",
                "vec3f",
                "[9]",
            ] {
                let said = format!("{} {}", refused.what, refused.advice);
                assert!(
                    !said.contains(internal),
                    "{said} is not in the author's words"
                );
            }
            let bytes = refused.bytes.unwrap();
            assert!(source[bytes.clone()].starts_with(at), "{words}: {bytes:?}");
        }
        let none = kernel_of("void main() {}", "x.glsl").unwrap_err();
        assert!(none.what.contains("no mainImage") && none.bytes.is_none());
    }
}
