//! docs/blocks.md says what every building block is given, makes and costs, and shows what some of them make.

use std::path::Path;

use aquatint::color::{Coding, Color};
use aquatint::frame::{Model, PixelFormat, Rational, Subsampling};
use aquatint::graph::plan::{
    OutputRequest, PlanOptions, Source, StepStats, StyleUse, Temporal, plan, stats,
};
use aquatint::graph::style::{Library, Param, Value};

use crate::block_styles;
use crate::docs::is_up_to_date;
use crate::support::*;

/// What the page shows of a block.
struct Shown {
    block: &'static str,
    /// Parameters that are not at their defaults, as in a manifest.
    set: &'static str,
    /// What shows it, where that is no picture: WGSL that reads `image`.
    view: &'static str,
}

/// A block at its defaults that makes a picture.
const fn picture(block: &'static str) -> Shown {
    Shown {
        block,
        set: "",
        view: "image_here()",
    }
}

const PICTURES: [Shown; 7] = [
    picture("common/bilateral"),
    Shown {
        set: "{ threshold = 0.2, strength = 1 }",
        ..picture("common/bloom")
    },
    Shown {
        view: "vec4f(vec3f(image_here().r), 1.0)",
        ..picture("common/canny")
    },
    picture("common/gaussian"),
    Shown {
        view: "vec4f(vec3f(1.0 - image_here().r), 1.0)",
        ..picture("common/outline")
    },
    picture("common/place"),
    // A direction as a colour, gray where it is not clear: by twice its angle, because a line has no begin and no end.
    Shown {
        view: "vec4f(vec3f(0.5) + 0.5 * image_here().b * vec3f(image_here().r * image_here().r - image_here().g * image_here().g, 2.0 * image_here().r * image_here().g, -1.0), 1.0)",
        ..picture("common/structure")
    },
];
/// The most bytes of a picture.
const LARGEST: u64 = 15_000;
/// What costs are told of.
const SIZE: (u32, u32) = (1920, 1080);
/// The GPU that instructions are told of, as RADV calls it.
const FAMILY: &str = "navi21";

/// Before the blocks that average over time.
const OVER_TIME: &str = "\n## Over time\n\nThese are what `--temporal` puts before a pass with `temporal = true` \
    ([flicker](flicker.md)). A pass may use\nthem itself, where the user shall not choose.\n";

/// Where the picture of a block lies, from the page. One of black and white alone is small as PNG.
fn picture_of(block: &str) -> String {
    let ending = match block {
        "common/canny" => "png",
        _ => "jpg",
    };
    format!("blocks/{}.{ending}", block.rsplit('/').next().unwrap())
}

/// The blocks that styles may use: those for pictures, and those that average over time.
fn blocks_of(library: &Library) -> Vec<&str> {
    let of = |group: &'static str| {
        let folders = library.folders();
        folders.filter(move |name| name.starts_with(group))
    };
    of("common/").chain(of("temporal/")).collect()
}

/// The built-in styles with one of these files.
fn with_style(to: &Path, files: &[(&str, String)]) -> Library {
    let folder = to.join(block_styles::STYLE);
    std::fs::create_dir_all(&folder).unwrap();
    for (file, text) in files {
        std::fs::write(folder.join(file), text).unwrap();
    }
    let mut library = Library::built_in();
    library.add_path(to).unwrap();
    library
}

/// The steps of a block for a frame of 8 bits, 4:2:0; none where it makes no image.
fn steps_of(block: &str) -> Option<Vec<StepStats>> {
    let folder = tempfile::tempdir().unwrap();
    let library = with_style(folder.path(), &block_styles::files(block)?);
    let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false);
    let color = Color::default();
    let source = Source {
        width: SIZE.0,
        height: SIZE.1,
        coded: Some((format, Coding::resolve(&color, &format, SIZE.0, SIZE.1))),
        time_base: Rational::new(1, 25),
        rate: Rational::new(25, 1),
        start: 0,
        interlaced: Default::default(),
    };
    let request = OutputRequest {
        chain: vec![StyleUse::new(library.load(block_styles::STYLE).unwrap())],
        format,
        color,
        temporal: Temporal::Off,
    };
    let plan = plan(&library, &source, &[request], PlanOptions::default()).unwrap();
    let own = |step: &StepStats| step.step.starts_with(block_styles::LABEL);
    Some(stats(&plan).into_iter().filter(own).collect())
}

/// The version of Mesa in the newest table of the kernel tests, and the instructions of each style and block in it, for a pixel of
/// the picture.
fn instructions() -> (String, Vec<(String, f64)>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernels-tests/expected");
    let names = names(&folder).into_iter();
    let versions = names.filter_map(|name| {
        let rest = name.strip_prefix("shader_stats_mesa_")?;
        Some(rest.strip_suffix(".txt")?.to_owned())
    });
    let mesa = versions.max().unwrap();
    let table = std::fs::read_to_string(folder.join(format!("shader_stats_mesa_{mesa}.txt")));
    let table = table.unwrap();
    let part = table.split("\n\n").find(|part| part.starts_with(FAMILY));
    let sums = part.unwrap().lines().filter_map(|line| {
        let (name, rest) = line.split_once(" all dispatches ")?;
        let sum = rest.split_whitespace().next()?.parse().ok()?;
        Some((name.trim().to_owned(), sum))
    });
    (mesa, sums.collect())
}

/// What a block costs, in words; nothing where it makes no image.
fn costs(block: &str, instructions: &[(String, f64)]) -> String {
    let Some(steps) = steps_of(block) else {
        return String::new();
    };
    if steps.is_empty() {
        return "\nCosts: it runs within the pass that reads it.\n".to_owned();
    }
    let sum = |of: fn(&StepStats) -> usize| steps.iter().map(of).sum::<usize>();
    let (read, written) = (sum(|step| step.read), sum(|step| step.written));
    let dispatches = match sum(|step| step.dispatches) {
        1 => "1 dispatch".to_owned(),
        dispatches => format!("{dispatches} dispatches"),
    };
    let known = instructions.iter().find(|(name, _)| name == block);
    let (_, count) = known.unwrap_or_else(|| panic!("no instructions of {block}"));
    format!(
        "\nCosts: {dispatches}, reads {:.1} MB, writes {:.1} MB; {count:.0} instructions a pixel.\n",
        read as f64 / 1e6,
        written as f64 / 1e6
    )
}

/// A parameter's default, as a manifest has it.
fn default_of(param: &Param) -> String {
    match param.default() {
        Value::Number(value) => format!("`{value}`"),
        Value::Integer(value) => format!("`{value}`"),
        Value::Flag(value) => format!("`{value}`"),
        Value::Choice(choice) => format!("`{}`", choice.name),
        Value::Color(color) => format!("`{color}`"),
        Value::Path(_) | Value::Track(_) => "none".to_owned(),
        Value::Model(name) => format!("`{name}`"),
    }
}

/// The functions of a WGSL file: what stands before each of them, and its first line.
fn functions(source: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut comment: Vec<&str> = Vec::new();
    for line in source.lines() {
        if let Some(words) = line.strip_prefix("// ") {
            comment.push(words);
        } else {
            if let Some(signature) = line.strip_prefix("fn ") {
                let signature = signature.trim_end_matches(" {");
                found.push((comment.join(" "), signature.to_owned()));
            }
            comment.clear();
        }
    }
    found
}

#[test]
fn the_page_of_building_blocks_is_true() {
    let library = Library::built_in();
    let mut page = String::from(
        "# Building blocks\n\nWhat the passes of a style may use, besides kernels of their own ([writing a style](writing-a-style.md)).\n\
         `aquatint styles common/gaussian` prints one of them. The test suite writes this page from the manifests and kernels:\n\
         `UPDATE_DOCS=1 cargo test --test cli blocks`.\n\n\
         A pass names the folder, its inputs and its parameters, and gets an image:\n\n\
         ```toml\n[[pass]]\nuse = \"common/gaussian\"\nin = { image = \"source\" }\nset = { sigma = \"4 * width / 1920\" }\nout = \"soft\"\n```\n\n\
         All inputs are required. A parameter that is not set has its default. `px` are pixels of the picture here: a parameter of the\n\
         style in `px` is scaled to it already.\n\n",
    );
    let blocks = blocks_of(&library);
    assert!(blocks.len() > 12, "{blocks:?}");
    let (mesa, instructions) = instructions();
    page.push_str(&format!(
        "Costs are those of a frame of {}x{} with the parameters at their defaults (`common/place` moves the picture,\n\
         `common/resample` halves it): dispatches and bytes as `aquatint shader stats` counts them, the inputs' own cost left out. A\n\
         block that ends in a kernel may run within the pass that reads it, and then costs less. Instructions are of RDNA 2 as Mesa\n\
         {mesa} compiles for it, for each pixel of the frame; both sides of every branch count. Pictures show what a block makes of\n\
         this scene, in so small a size:\n\n\
         ![the scene](blocks/scene.jpg)\n",
        SIZE.0, SIZE.1
    ));
    for name in blocks {
        if name == "temporal/adaptive" {
            page.push_str(OVER_TIME);
        }
        let block = library.load(name).unwrap();
        let inputs: Vec<String> = block
            .inputs
            .iter()
            .map(|input| format!("`{input}`"))
            .collect();
        let inputs = match inputs.len() {
            0 => "none".to_owned(),
            _ => inputs.join(", "),
        };
        page.push_str(&format!(
            "\n## {name}\n\n{}.\n\nInputs: {inputs}\n{}",
            block.summary,
            costs(name, &instructions)
        ));
        if let Some(shown) = PICTURES.iter().find(|shown| shown.block == name) {
            let set = match shown.set {
                "" => String::new(),
                set => format!(" with `set = {set}`"),
            };
            page.push_str(&format!("\n![{name}]({}){set}\n", picture_of(name)));
        }
        if !block.params.is_empty() {
            page.push_str("\n| parameter | default | values | |\n|---|---|---|---|\n");
        }
        for param in &block.params {
            page.push_str(&format!(
                "| `{}` | {} | {} | {} |\n",
                param.name,
                default_of(param),
                param.accepts(),
                param.help
            ));
        }
    }
    page.push_str(
        "\n## Functions\n\nKernels import these, one (`import package::common::hash::pcg3d;`) or several\n\
         (`import package::common::border::{reflect, wrap};`).\n\n| module | function | |\n|---|---|---|\n",
    );
    let is_module = |path: &&str| path.starts_with("common/") && path.matches('/').count() == 1;
    for path in library.kernels().filter(is_module) {
        let module = path.replace('/', "::");
        for (words, signature) in functions(library.source(path).unwrap()) {
            assert!(!words.is_empty(), "{path}.wgsl: say what {signature} does");
            page.push_str(&format!("| `{module}` | `{signature}` | {words} |\n"));
        }
    }
    is_up_to_date("docs/blocks.md", &page);
}

/// Each picture of the page is what the block makes of the scene. `UPDATE_DOCS=1` makes them anew.
#[test]
fn the_pictures_of_building_blocks_are_true() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let keeps = std::env::var_os("UPDATE_DOCS").is_some();
    let scene = docs.join("blocks/scene.jpg");
    let kept_as = |from: &Path, filter: &str, to: &Path| {
        let quality = match to.extension().is_some_and(|ending| ending == "png") {
            true => ["-pix_fmt", "monob", "-q:v", "8"],
            false => ["-pix_fmt", "yuvj420p", "-q:v", "8"],
        };
        let files = ["-v", "error", "-y", "-i", text(from), "-vf", filter];
        tool("ffmpeg", &[&files[..], &quality, &[text(to)]].concat());
    };
    if keeps {
        std::fs::create_dir_all(docs.join("blocks")).unwrap();
        let large = docs.join("tutorial/scene.jpg");
        kept_as(&large, "scale=320:180:flags=area", &scene);
    }
    for Shown { block, set, view } in PICTURES {
        let mut files = block_styles::files(block).unwrap().to_vec();
        let set = match set {
            "" => String::new(),
            set => format!("set = {set}\n"),
        };
        let manifest = files[0]
            .1
            .replace("out = 'result'\n", &format!("{set}out = 'made'\n"));
        let pass =
            "[[pass]]\nkernel = 'view'\nin = { image = 'made' }\nchannels = 4\nout = 'result'\n";
        files[0].1 = format!("{manifest}{pass}");
        let kernel = format!("fn pixel(at: vec2i) -> vec4f {{\n    return {view};\n}}\n");
        files.push(("view.wgsl", kernel));
        with_style(&folder.path(""), &files);
        let made = folder.path("made.png");
        let preview = [
            "preview",
            text(&scene),
            "--frame",
            "0",
            "-s",
            "./block",
            "-o",
            text(&made),
        ];
        let how = ["--device", "llvmpipe", "--overwrite"];
        folder.run(&[&preview[..], &how].concat()).succeeds();
        let kept = docs.join(picture_of(block));
        let now = folder.path(kept.file_name().unwrap().to_str().unwrap());
        kept_as(&made, "null", &now);
        if keeps {
            std::fs::copy(&now, &kept).unwrap();
        }
        let size = std::fs::metadata(&kept).unwrap().len();
        assert!(size < LARGEST, "{}: {size} bytes", kept.display());
        let apart = psnr(&now, &kept);
        assert!(apart > 30.0, "{block} makes another picture: {apart:.1} dB");
        assert!(psnr(&now, &scene) < 40.0, "{block} shows nothing");
    }
}
