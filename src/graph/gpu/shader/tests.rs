use super::*;
use crate::color::{Coding, Color};
use crate::frame::{Model, PixelFormat, Subsampling};
use crate::graph::plan::{
    File, ImageDesc, Node, OutputRequest, PlanOptions, Source, SourcePort, StyleUse, Temporal, plan,
};
use crate::graph::style::Values;

#[test]
fn accessors_have_the_types_that_the_page_says() {
    let library = Library::built_in();
    let format = PixelFormat::planar(Model::Rgb, Subsampling::S444, 8, false);
    // Words, a look-up table, planes, a window and an image.
    let kernels = [
        (
            "a",
            "fn pixel(at: vec2i) -> vec4f { return image_at(at) + image_near(vec2i(1)) + image_mirrored(vec2i(1)) + image_field(0, at) + image_sample(vec2f(0.5)) + image_between(vec2f(0.5)) + image_here(); }",
            Operand::Image(0),
        ),
        (
            "b",
            "fn pixel(at: vec2i) -> vec4f { return vec4f(f32(image_word(0))); }",
            Operand::Image(1),
        ),
        (
            "c",
            "fn pixel(at: vec2i) -> vec4f { return image_here(0) * f32(image_valid(0)); }",
            Operand::Window(0, Window { from: 0, to: 0 }),
        ),
        (
            "d",
            "fn pixel(at: vec2i) -> vec4f { return vec4f(image_value(0, image_extent(0))); }",
            Operand::Planes(0),
        ),
        (
            "e",
            "fn pixel(at: vec2i) -> vec4f { return vec4f(image_trilinear(vec3f(0.5)) + image_tetrahedral(vec3f(0.5)), 1.0); }",
            Operand::File(0),
        ),
        (
            "f",
            "fn pixel(at: vec2i) -> vec4f { return image_vec4(0); }",
            Operand::File(1),
        ),
    ];
    let node = |path: &str, source: &str, storage, operand: Option<Operand>| Node {
        label: path.to_owned(),
        kind: NodeKind::Pixel,
        kernel: std::sync::Arc::new(Kernel::parse(path, source)),
        params: Vec::new(),
        inputs: operand
            .into_iter()
            .map(|operand| ("image".to_owned(), operand))
            .collect(),
        image: ImageDesc::new((8, 8), storage),
        tiles: Vec::new(),
        prepare: None,
        decides: false,
        delay: 0,
        across_cuts: false,
    };
    let mut nodes = vec![
        node(
            "image",
            "fn pixel(at: vec2i) -> vec4f { return vec4f(1.0); }",
            Storage::Rgba32Float,
            None,
        ),
        Node {
            kind: NodeKind::Compute { phases: Vec::new() },
            ..node("words", "", Storage::Words, None)
        },
    ];
    nodes
        .extend(kernels.map(|(path, source, operand)| {
            node(path, source, Storage::Rgba32Float, Some(operand))
        }));
    let source = SourcePort {
        extent: (8, 8),
        format: Some(format),
    };
    let mut plan = Plan::of_nodes(vec![source], nodes, Vec::new());
    plan.files.push(File::Lut("x.cube".into()));
    plan.files.push(File::OwnTable("x.f32".into()));
    let steps = plan
        .steps
        .iter()
        .filter(|step| plan.step_label(step).len() == 1);
    let texts: Vec<String> = steps
        .map(|step| generate(&library, &plan, step).unwrap().wgsl)
        .collect();
    assert_eq!(texts.len(), 6);
    for (suffix, returns) in crate::graph::style::ACCESSORS {
        let name = format!("image{suffix}(");
        let declared = texts
            .iter()
            .flat_map(|text| text.lines())
            .filter(|line| line.contains(&name));
        let mut declared = declared.filter(|line| line.starts_with("fn ")).peekable();
        assert!(declared.peek().is_some(), "no shader declares {name}");
        assert!(
            declared.all(|line| line.contains(&format!("-> {returns} "))),
            "{name} {returns}"
        );
    }
}

/// What is said of a style `mine` with the kernel `k.wgsl`, which does not compile.
fn said_of(kernel: &str, manifest: &str) -> String {
    compiled(kernel, manifest).expect_err(kernel)
}

/// Loads and compiles a style `mine` with the kernel `k.wgsl`; what is said where that cannot be done.
fn compiled(kernel: &str, manifest: &str) -> Result<(), String> {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("mine");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("style.toml"), manifest).unwrap();
    std::fs::write(folder.join("k.wgsl"), kernel).unwrap();
    let counted = "fn pixel(at: vec2i) -> vec4f { return image_here() * f32(n_word(0)); }";
    std::fs::write(folder.join("counted.wgsl"), counted).unwrap();
    let helper = "// Doubles.\nfn twice(x: f32) -> f32 { return x * 2u; }\n";
    std::fs::write(folder.join("helper.wgsl"), helper).unwrap();
    let mut library = Library::built_in();
    library.add_path(dir.path()).unwrap();
    let style = match library.load("mine") {
        Ok(style) => style,
        Err(error) => {
            let folder = folder.display().to_string();
            return Err(error.to_string().replace(&folder, "mine"));
        }
    };
    let values = Values::defaults(&style.params);
    let format = PixelFormat::planar(Model::Rgb, Subsampling::S444, 8, false);
    let coding = Coding::resolve(&Color::default(), &format, 8, 8);
    let source = Source {
        width: 8,
        height: 8,
        coded: Some((format, coding)),
        time_base: crate::frame::Rational::new(1, 25),
        rate: crate::frame::Rational::new(25, 1),
        start: 0,
        interlaced: Default::default(),
    };
    let chain = vec![StyleUse {
        style,
        values,
        strength: 1.0,
        target: None,
        rate: None,
    }];
    let request = OutputRequest {
        chain,
        format,
        color: Color::default(),
        temporal: Temporal::Off,
    };
    let plan = plan(&library, &source, &[request], PlanOptions::default()).unwrap();
    let mut errors = plan
        .steps
        .iter()
        .filter_map(|step| generate(&library, &plan, step).err());
    let folder = folder.display().to_string();
    match errors.next() {
        Some(error) => Err(error.to_string().replace(&folder, "mine")),
        None => Ok(()),
    }
}

const ONE_PASS: &str = "summary = 's'\n[param.gain]\ndefault = 1.0\nrange = [0.0, 2.0]\nhelp = 'h'\n\
    [[pass]]\nkernel = 'k'\nin = { image = 'source' }\nout = 'result'";

/// A kernel with this body of fn pixel, from its second line on.
fn body(text: &str) -> String {
    format!("fn pixel(at: vec2i) -> vec4f {{\n{text}\n}}\n")
}

#[test]
fn mistakes_in_a_kernel_are_said_in_words_with_their_place() {
    let floats = "write f32(…) around it";
    for (kernel, place, words) in [
        // The five commonest.
        (body("    let c = image_here();"), "1:1", "end it with return, as in return vec4f(…)"),
        (body("    if (at.x > 3) { return image_here(); }"), "1:1", "if a return stands in an if, one must follow it"),
        (body("    return image_here().rgb;"), "2:12", "fn pixel returns vec4f, and this is vec3f"),
        (body("    return image_here().rgb;"), "2:12", "write vec4f(…, 1.0): the colour, and its alpha"),
        (body("    let c = image_here();\n    return c.r;"), "3:12", "write vec4f(vec3f(…), 1.0)"),
        (body("    // a comment\n    let k = at.x * 0.5;\n    return image_here() * k;"), "3:13", floats),
        (body("    let k = f32(at.x)   * at.y;\n    return image_here() * k;"), "2:13", "f32 and i32 do not go together"),
        (body("    return image_here() * vec2f(at).x * at.y;"), "2:12", "vec4f and i32 do not go together"),
        (body("    return image_here() * package::engine::facts.noise;"), "2:12", floats),
        (body("    let t: f32 = package::engine::facts.seed;\n    return image_here() * t;"), "2:9", "`t` is declared as f32, and its value is u32"),
        (body("    if (package::engine::facts.cut) { return vec4f(1.0); }\n    return image_here();"), "2:9", "compare it, as in facts.cut != 0u"),
        (body("    let s = select(0.0, 1.0, package::engine::facts.cut);\n    return image_here() * s;"), "2:13", "the condition of select is u32"),
        (body("    let c = image_here()\n    return c;"), "2:24", "a `;` is missing after this"),
        (body("    return image_sampel(vec2f(0.5)) + image_here();"), "2:12", "did you mean image_sample?"),
        (body("    let colour = image_here();\n    return color;"), "3:12", "did you mean colour?"),
        (body("    return smothstep(0.0, 1.0, image_here());"), "2:12", "did you mean smoothstep?"),
        // Others.
        (body("    let c = image_here();\n    c.r = 1.0;\n    return c;"), "3:5", "declare it by var c = …;"),
        (body("    return image_at(vec2f(at));"), "2:21", "argument 1 of image_at is vec2f, and must be vec2i"),
        (body("    let p = vec2f(at) + 0.5;\n    return image_here() + image_at(p);"), "3:27", "argument 1 of image_at is vec2f, and must be vec2i"),
        (body("    let c = image_here().rgb;\n    let d = c * 2.0;\n    return d;"), "4:12", "fn pixel returns vec4f, and this is vec3f"),
        (body("    return vec4f(image_here().rgb);"), "2:18", "a vec3f does not make a vec4f"),
        (body("    return mix(image_here(), vec4f(0.0), vec3f(0.5));"), "2:12", "argument 3 of mix is vec3f"),
        (body("    return image_here() + vec3f(1.0);"), "2:12", "both need as many components"),
        (body("    return image_here().rgq;"), "2:25", "a vector has .x .y .z .w"),
        (body("    return image_here() * sin(at.x);"), "2:27", "argument 1 of sin is i32"),
        (body("    float x = 1.0;\n    return image_here();"), "2:5", "a variable is declared by let x: f32 = …;"),
        (body("    return image_here() * (at.x > 1 ? 1.0 : 0.0);"), "2:37", "write select(if_false, if_true, condition)"),
        (body("    let on = at.x > 1 && at.y > 1 || at.x > 9;\n    return image_here() * f32(on);"), "2:35", "(a && b) || c"),
        (body("    var s = 0.0;\n    for (var i = 0; i < 3; i++) { s += i; }\n    return image_here() * s;"), "3:35", "this is i32, and f32 is needed"),
        (body("    return image_here();\n}"), "4:1", "one } too many"),
        ("fn pixel(at: vec2i) -> vec3f {\n    return image_here().rgb;\n}".to_owned(), "1:1", "write fn pixel(at: vec2i) -> vec4f"),
        ("fn pixel(at: vec2f) -> vec4f {\n    return image_here();\n}".to_owned(), "1:1", "write fn pixel(at: vec2i) -> vec4f"),
        ("\n@fragment fn pixel(at: vec2i) -> vec4f {\n    return image_here();\n}".to_owned(), "2:1", "leave it out: the engine writes the entry point"),
        ("fn pixel(at: vec2i) -> vec4 {\n    return image_here();\n}".to_owned(), "1:24", "write vec4f for floats"),
        ("fn half(x: f32) -> f32 { return x / 2.0; }\nfn pixel(at: vec2i) -> vec4f {\n    return image_here() * half(1.0, 2.0);\n}".to_owned(), "3:27", "half takes 1 argument, and is given 2"),
        ("import package::common::hsh::pcg3d;\nfn pixel(at: vec2i) -> vec4f {\n    return image_here() * f32(pcg3d(vec3u(1u)).x);\n}".to_owned(), "1:25", "did you mean package::common::hash?"),
        ("import package::common::hash::pcg4d;\nfn pixel(at: vec2i) -> vec4f {\n    return image_here() * f32(pcg4d(vec3u(1u)).x);\n}".to_owned(), "1:31", "did you mean pcg3d?"),
        (body("    return image_here() * f32(package::engine::scle);"), "2:48", "the module package::engine has no scle"),
        (body("    return image_here() * package::common::nope::x;"), "2:44", "there is no module package::common::nope"),
        (
            "fn pixel(at: vec2i) -> vec5f {\n    return image_here();\n}".to_owned(),
            "1:24",
            "there is no `vec5f`",
        ),
        (
            "fn pixel(at: vec2i) -> vec4f {\n    if (at.x > 3) {\n    return image_here();\n}\n".to_owned(),
            "4:1",
            "the file ends too early",
        ),
        (
            body("    let f = package::engine::facts;\n    return image_here() * f.tme;"),
            "3:29",
            "did you mean time?",
        ),
        (body("    let k = 1u << 2u | 3u;\n    return image_here() * f32(k);"), "2:22", "(a << b) | c"),
        // As other languages have it.
        (body("    let d = dpdx(image_here().r);\n    return vec4f(d);"), "2:13", "`dpdx` is for fragment shaders"),
        (body("    if (at.x > 3) return image_here();\n    return vec4f(1.0);"), "2:19", "WGSL needs braces here"),
        (body("    if at.x > 3 { return image_here(); } else return vec4f(1.0);"), "2:47", "WGSL needs braces here"),
        (body("    var s = 0.0;\n    for (var i = 0; i < 3; i++) s += 1.0;\n    return vec4f(s);"), "3:33", "WGSL needs braces here"),
        (body("    vec3 c = image_here().rgb;\n    return vec4f(c, 1.0);"), "2:5", "let c: vec3f = …;"),
        ("float half(float x) { return x / 2.0; }\nfn pixel(at: vec2i) -> vec4f { return image_here(); }".to_owned(), "1:1", "a function is written fn half(x: f32) -> f32"),
        ("#define HALF 0.5\nfn pixel(at: vec2i) -> vec4f { return image_here() * HALF; }".to_owned(), "1:1", "write const NAME = …;"),
        (body("    return image_here() * mod(1.5, 1.0);"), "2:27", "write a % b"),
        (body("    return image_here() * iTime;"), "2:27", "the time in seconds is package::engine::facts.time"),
        (body("    let time = 1.0;\n    return image_here() * iTime * time;"), "3:27", "the time in seconds is package::engine::facts.time"),
        (body("    return image_here() * fragCoord.x;"), "2:27", "its middle is vec2f(at) + 0.5"),
        (body("    return texture(iChannel0, vec2f(0.5));"), "2:12", "image_sample(uv)"),
        (body("    return image_here() * float(at.x);"), "2:27", "write f32"),
        (body("    return image_here() * gain;"), "2:27", "a parameter of the style is read as params.NAME"),
        (body("    return image_here() * params.gain + gain;"), "2:41", "a parameter is read as params.gain"),
        (body("    let ink = vec3f(0.1);\n    return image_here() * inks.r;"), "3:27", "did you mean ink?"),
        (body("    let tint = vec3f(0.1);\n    return image_here() * inks.r;"), "3:27", "declare it with let, var or fn"),
        // A wrong import is told where it stands, however the name is used.
        ("import package::common::hash::pcg3;\nfn pixel(at: vec2i) -> vec4f {\n    return image_here() * f32(pcg3d(vec3u(1u)).x);\n}".to_owned(), "1:31", "did you mean pcg3d?"),
        ("import package::common::hash::{pcg3d, pcg4d as four};\nfn pixel(at: vec2i) -> vec4f {\n    return image_here() * f32(four(vec3u(1u)).x);\n}".to_owned(), "1:39", "the module package::common::hash has no pcg4d"),
        ("import package::common::hash;\nfn pixel(at: vec2i) -> vec4f {\n    return image_here() * f32(hash::pcg3d(vec3u(1u)).x);\n}".to_owned(), "1:17", "an import names what is in a module"),
        ("import package::common::oklab::lightness;\nfn pixel(at: vec2i) -> vec4f {\n    return image_here() * lightness(1.0);\n}".to_owned(), "1:25", "the modules of package::common: "),
        // Said by the manifest's check, before anything is compiled.
        (body("    return image_here() * params.gian;"), "2:27", "did you mean \"gain\"?"),
        (body("    return imgae_here() + image_here();"), "2:12", "reads an input \"imgae\" that its pass does not give (did you mean \"image\"?)"),
        (body("    return image_here() * package::engine::facts.tme;"), "2:44", "did you mean \"time\"?"),
        // No words for it: what naga says, at its place.
        (body("    break;\n    return image_here();"), "2:5", "this is not valid: The `break` is used outside of a `loop` or `switch` context"),
    ] {
        let said = said_of(&kernel, ONE_PASS);
        let at = format!("mine/k.wgsl:{place}: ");
        assert!(said.contains(&at) && said.contains(words), "{kernel}{said}\nshould be at {at} and contain {words}");
        let (line, _) = place.split_once(':').unwrap();
        let text = kernel.lines().nth(line.parse::<usize>().unwrap() - 1).unwrap();
        assert!(said.contains(&format!("  {line} | {text}\n")), "{said} shows its line");
        for internal in ["ir::", "Expression", "Handle", "package_", "wgsl:0", "AbstractFloat", "Some("] {
            assert!(!said.contains(internal), "{said} is not in the author's words");
        }
    }
}

#[test]
fn mistakes_in_phases_and_in_windows_have_their_place_too() {
    let compute = "summary = 's'\n[[pass]]\ncompute = 'k'\nin = { image = 'source' }\nwords = 4\n\
        phases = [{ run = 'count', over = [2, 2] }]\nout = 'n'\n[[pass]]\nkernel = 'counted'\n\
        in = { image = 'source', n = 'n' }\nout = 'result'";
    for (count, place, words) in [
        (
            "fn count(at: vec2f) {\n    words_add(0, u32(image_at(vec2i(at)).r));\n}",
            "1:1",
            "write fn count(at: vec2i)",
        ),
        (
            "fn count(at: vec2i) {\n    words_add(0, 1);\n    words_add(0, image_at(at).r);\n}",
            "3:18",
            "argument 2 of words_add is f32, and must be u32",
        ),
    ] {
        let said = said_of(count, compute);
        assert!(
            said.contains(&format!("k.wgsl:{place}: ")) && said.contains(words),
            "{said}"
        );
    }
    // A module of the author's own that the kernel imports.
    let import = "import package::mine::helper::twice;\n";
    let kernel = format!("{import}{}", body("    return image_here() * twice(0.5);"));
    let said = said_of(&kernel, ONE_PASS);
    assert!(
        said.contains("mine/helper.wgsl:2:34: f32 and u32 do not go together"),
        "{said}"
    );
    assert!(
        said.contains("  2 | fn twice(x: f32) -> f32 { return x * 2u; }\n"),
        "{said}"
    );
    let window = ONE_PASS.replace("'source' }", "'source[-1..+1]' }");
    let said = said_of(
        &body("    return image_at(-1, at)\n        + image_here(0.0);"),
        &window,
    );
    assert!(
        said.contains("mine/k.wgsl:3:22: this is a number with a point, and i32 is needed"),
        "{said}"
    );
}

#[test]
fn a_word_that_is_left_out_anywhere_is_found_near_its_place() {
    let kernel = "// Größe und Licht.\nimport package::common::hash::pcg3d;\n\nfn lift(x: vec3f) -> vec3f {\n    \
        return x * params.gain + vec3f(0.5); // um die Hälfte\n}\n\nfn pixel(at: vec2i) -> vec4f {\n    \
        let c = image_here();\n    var sum = vec3f(0.0);\n    for (var i = 0; i < 3; i++) {\n        \
        sum += lift(c.rgb) * f32(i);\n    }\n    if (pcg3d(vec3u(vec2u(at), 1u)).x > 9u) {\n        \
        return c;\n    }\n    return vec4f(sum, c.a);\n}\n";
    assert_eq!(compiled(kernel, ONE_PASS), Ok(()));
    let words = crate::graph::style::tokens(kernel);
    let (mut wrong, mut placed) = (0, 0);
    for word in words {
        let at = word.as_ptr() as usize - kernel.as_ptr() as usize;
        let text = format!("{} {}", &kernel[..at], &kernel[at + word.len()..]);
        let Err(said) = compiled(&text, ONE_PASS) else {
            continue;
        };
        wrong += 1;
        // Some have no place: an input that is not read any more.
        if let Some((_, rest)) = said.split_once("mine/k.wgsl:") {
            let line: usize = rest.split(':').next().unwrap().parse().unwrap();
            assert!((1..=text.lines().count()).contains(&line), "{text}{said}");
            placed += 1;
        }
        for internal in ["ir::", "Handle", "package_", "AbstractFloat", "Some("] {
            assert!(!said.contains(internal), "{text}{said}");
        }
    }
    assert!(
        wrong > 100 && placed * 20 > wrong * 19,
        "{placed} of {wrong} have a place"
    );
}
