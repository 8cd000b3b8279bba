//! For each building block a style that uses it alone, to plan it, to render it, and to count what it costs.

/// The name of the style.
pub const STYLE: &str = "block";
/// What the labels of the block's own steps begin with.
pub const LABEL: &str = "block/result";

/// What a block is given.
struct Setup {
    /// Its inputs, as in a manifest.
    inputs: &'static str,
    /// Its parameters, as in a manifest.
    set: &'static str,
    /// Histories and passes that make its inputs.
    before: &'static str,
}

const HALF: &str = "[[pass]]\nkernel = 'half'\nin = { image = 'source' }\n\
    size = ['source_width / 2', 'source_height / 2']\nout = 'small'\n\
    [[pass]]\nkernel = 'tint'\nin = { image = 'small' }\nout = 'changed'\n";
const TINT: &str = "[[pass]]\nkernel = 'tint'\nin = { image = 'source' }\nout = 'changed'\n";
const LUMA: &str = "[[pass]]\nuse = 'common/luma'\nin = { image = 'source' }\nout = 'luma'\n";
const PLANES: &str = "[[pass]]\nuse = 'common/planes/luma'\nin = { image = 'source' }\nout = 'luma'\n\
    [[pass]]\nuse = 'common/planes/chroma'\nin = { image = 'source' }\nout = 'chroma'\n";
const LUMA_BEFORE: &str = "[history.last]\nof = 'luma'\n\
    [[pass]]\nuse = 'common/luma'\nin = { image = 'source' }\nout = 'luma'\n";

/// None for what makes numbers.
fn setup(block: &str) -> Option<Setup> {
    let given = |inputs, before| Setup {
        inputs,
        set: "",
        before,
    };
    Some(match block {
        numbers if numbers.starts_with("common/measure/") => return None,
        "common/guided" => given(
            "{ image = 'source', small = 'small', changed = 'changed' }",
            HALF,
        ),
        "common/mix" => Setup {
            set: "{ amount = 0.5 }",
            ..given("{ from = 'source', to = 'changed' }", TINT)
        },
        "common/with_alpha" => given("{ colour = 'source', transparency = 'changed' }", TINT),
        "common/chroma" | "common/clarity" | "common/deblur" | "common/detail"
        | "common/deringing" | "common/double" | "common/lines" | "common/outline"
        | "common/sharpen" | "common/smooth" | "common/square" => given("{ luma = 'luma' }", LUMA),
        "common/deblur/step" => given("{ estimate = 'luma', observed = 'luma' }", LUMA),
        "common/planes/rgb" => given("{ luma = 'luma', chroma = 'chroma' }", PLANES),
        "common/with_luma" => given("{ image = 'source', luma = 'luma' }", LUMA),
        "common/motion" | "common/motion/one_way" => {
            given("{ image = 'luma', other = 'last' }", LUMA_BEFORE)
        }
        "common/place" => Setup {
            set: "{ width = 'source_width', height = 'source_height', x = 'round(source_width / 8)', y = 'round(source_height / 8)' }",
            ..given("{ image = 'source' }", "")
        },
        "common/perceptual" | "common/resample" => Setup {
            set: "{ width = 'round(source_width / 2)', height = 'round(source_height / 2)' }",
            ..given("{ image = 'source' }", "")
        },
        "temporal/adaptive" => given(
            "{ image = 'source', motion = 'motion' }",
            "[[pass]]\nuse = 'temporal/motion'\nin = { image = 'source' }\nout = 'motion'\n",
        ),
        "temporal/flow" => given(
            "{ image = 'source', vectors = 'vectors' }",
            "[[pass]]\nuse = 'temporal/vectors'\nin = { image = 'source' }\nout = 'vectors'\n",
        ),
        _ => given("{ image = 'source' }", ""),
    })
}

/// The files of a style whose result is that of `block` with its parameters at their defaults; where they have none that shows
/// anything, at some that do. None for a block that makes no image.
pub fn files(block: &str) -> Option<[(&'static str, String); 3]> {
    let Setup {
        inputs,
        set,
        before,
    } = setup(block)?;
    let set = match set {
        "" => String::new(),
        set => format!("set = {set}\n"),
    };
    let manifest = format!(
        "summary = 'A block'\n{before}[[pass]]\nuse = '{block}'\nin = {inputs}\n{set}out = 'result'\n"
    );
    let half = "fn pixel(at: vec2i) -> vec4f {\n    let p = 2 * at;\n    return 0.25 * (image_at(p) + image_at(p + vec2i(1, 0)) + image_at(p + vec2i(0, 1)) + image_at(p + vec2i(1, 1)));\n}\n";
    let tint = "fn pixel(at: vec2i) -> vec4f {\n    return image_here() * vec4f(1.0, 0.5, 0.25, 1.0);\n}\n";
    Some([
        ("style.toml", manifest),
        ("half.wgsl", half.to_owned()),
        ("tint.wgsl", tint.to_owned()),
    ])
}
