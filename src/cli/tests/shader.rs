//! The way of an author: a new style from nothing, the folders that styles are kept in, and what the tools for authors say.

use serde_json::Value;

use crate::support::*;

/// Two frames.
fn two_frames() -> std::path::PathBuf {
    let source = "testsrc2=size=160x90:rate=25:duration=0.08";
    let codec = ["-pix_fmt", "yuv420p", "-c:v", "ffv1"];
    made(
        "shader_two.mkv",
        &[&["-f", "lavfi", "-i", source][..], &codec].concat(),
    )
}

#[test]
fn a_new_style_renders_at_once_and_is_listed_with_its_folder() {
    let folder = Folder::new();
    let clip = two_frames();
    for template in ["pixel", "blur", "edges", "temporal"] {
        let name = format!("my-{template}");
        let new = folder.run(&["shader", "new", &name, "--from", template]);
        let said = new.succeeds().stdout.clone();
        assert!(said.contains(&format!("-s ./{name}")), "{said}");
        // As it was said, on the processor, which has twins of these kernels.
        let own = format!("./{name}");
        let output = format!("{template}.mkv");
        let command = [text(&clip), "-s", &own, "--device", "cpu", "-o", &output];
        folder.run(&command).succeeds();
        let same = psnr(&folder.path(&output), &clip);
        assert!(same < 45.0, "{template} changed nothing: {same} dB");
        let page = std::fs::read_to_string(folder.path(&format!("{name}/README.md"))).unwrap();
        assert!(page.contains(&format!("-s ./{name}")), "{page}");
    }
    folder
        .run(&["shader", "new", "my-pixel"])
        .says(2, &["my-pixel exists already"]);
    folder
        .run(&["shader", "new", "pencil"])
        .says(2, &["built-in style"]);
    folder
        .run(&["shader", "new", "x", "--from", "pixle"])
        .says(2, &["possible values: pixel, blur"]);
    folder
        .run(&["shader", "new", "deep", "-o", "styles/of/mine"])
        .succeeds();
    assert!(folder.path("styles/of/mine/deep/golden").is_dir());
}

#[test]
fn standing_folders_of_styles_are_known_to_every_command() {
    let folder = Folder::new();
    for (name, parent) in [("one", "a"), ("two", "b"), ("two", "c")] {
        folder
            .run(&["shader", "new", name, "-o", parent])
            .succeeds();
    }
    std::fs::create_dir(folder.path("empty")).unwrap();
    let listed = |configured: &str, variable: &str, flags: &[&str]| -> Ran {
        std::fs::create_dir_all(folder.path("config/aquatint")).unwrap();
        folder.write("config/aquatint/config.toml", configured.as_bytes());
        let mut command = folder.command(&[&["styles"], flags].concat());
        command.env("AQUATINT_STYLE_PATH", variable);
        command.output().unwrap().into()
    };
    let configured = format!("style_path = [{:?}]\n", folder.path("a"));
    let all = listed(&configured, "b:empty", &[]);
    let all = &all.succeeds().stdout;
    let line = |name: &str| {
        let mut lines = all.lines().filter(|line| line.starts_with(name));
        lines.next().unwrap_or_else(|| panic!("{all}")).to_owned()
    };
    let one = folder.path("a/one");
    assert!(line("one ").ends_with(&format!("[{}]", one.display())));
    assert!(line("two ").ends_with("[b/two]"), "{}", line("two "));
    assert!(!line("pencil ").contains('['));
    // The command wins over the variable, and says so.
    let both = listed(&configured, "b", &["two", "--style-path", "c"]);
    let both = &both.succeeds().stdout;
    assert!(both.contains("from: c/two"), "{both}");
    assert!(both.contains("c/two is used, b/two is not"), "{both}");
    // Every command that knows styles.
    let clip = two_frames();
    for command in [
        &["graph", "one"][..],
        &["styles", "one", "--json"],
        &[
            "preview",
            text(&clip),
            "-s",
            "one",
            "--frame",
            "0",
            "-o",
            "look.png",
            "--device",
            "cpu",
        ],
        &["inspect", text(&clip), "-s", "one", "--device", "cpu"],
        &[
            "bench", "one", "--size", "64x36", "--frames", "1", "--device", "cpu",
        ],
        &[text(&clip), "-s", "one", "-o", "one.mkv", "--device", "cpu"],
    ] {
        folder.run(command).succeeds();
    }
    // Mistakes name the place where they are corrected.
    let path = folder.path("config/aquatint/config.toml");
    listed("style_path = ['../../gone']", "", &[]).says(
        2,
        &["gone", &format!("{} names this folder", path.display())],
    );
    listed("", "gone", &[]).says(
        2,
        &["cannot read gone", "AQUATINT_STYLE_PATH names this folder"],
    );
    listed("style_pth = []", "", &[]).says(2, &["config.toml:1:1", "did you mean \"style_path\""]);
    // A command that knows no styles is not stopped.
    folder.run(&["probe", text(&clip)]).succeeds();
}

#[test]
fn a_style_ships_presets_and_says_who_made_it() {
    let folder = Folder::new();
    let clip = two_frames();
    folder
        .run(&["shader", "new", "glow", "--from", "blur"])
        .succeeds();
    let manifest = folder.path("glow/style.toml");
    let text_of = std::fs::read_to_string(&manifest).unwrap();
    let text_of = text_of.replace("author = \"\"", "author = \"Ada\"");
    let text_of = text_of.replace("licence = \"\"", "licence = \"MIT\"");
    std::fs::write(&manifest, &text_of).unwrap();
    std::fs::create_dir(folder.path("glow/presets")).unwrap();
    folder.write(
        "glow/presets/dream.toml",
        b"description = 'Very soft'\nstyle = 'glow'\n[set.glow]\nradius = 80\nsoftness = 1\n",
    );
    let presets = folder.run(&["presets", "--style-path", "."]);
    assert!(
        presets.succeeds().stdout.contains("glow/dream   Very soft"),
        "{}",
        presets.stdout
    );
    let printed = folder.run(&["presets", "glow/dream", "--style-path", "glow"]);
    assert!(printed.succeeds().stdout.contains("radius = 80"));
    let render = |output: &str, more: &[&str]| {
        let command = [
            text(&clip),
            "--style-path",
            ".",
            "--device",
            "cpu",
            "-o",
            output,
        ];
        folder.run(&[&command[..], more].concat()).succeeds();
        frames(&folder.path(output), "rgb24")
    };
    let values = [
        "-s",
        "glow",
        "--set",
        "glow.radius=80",
        "--set",
        "glow.softness=1",
    ];
    assert_eq!(
        render("preset.mkv", &["--preset", "glow/dream"]),
        render("set.mkv", &values)
    );
    folder
        .run(&[text(&clip), "--style-path", ".", "--preset", "glow/drem"])
        .says(2, &["there is no preset \"glow/drem\""]);
    let shown = folder.run(&["styles", "./glow"]);
    for words in [
        "author: Ada",
        "licence: MIT",
        "needs: aquatint 0",
        "from: ./glow",
    ] {
        assert!(shown.succeeds().stdout.contains(words), "{}", shown.stdout);
    }
    let json = folder.run(&["styles", "./glow", "--json"]);
    let json: Value = serde_json::from_str(&json.succeeds().stdout).unwrap();
    assert_eq!(
        (&json["author"], &json["licence"]),
        (&"Ada".into(), &"MIT".into())
    );
    // A style for a later version is refused with that reason, whatever else it says.
    let later = text_of.replace("requires = \"", "hologram = true\nrequires = \"98");
    std::fs::write(&manifest, later).unwrap();
    folder
        .run(&["graph", "./glow"])
        .says(2, &["needs aquatint 98", "install a newer aquatint"]);
}

#[test]
fn a_style_is_checked_without_a_graphics_card() {
    let folder = Folder::new();
    for (name, template) in [
        ("pixel", "pixel"),
        ("soft", "blur"),
        ("lines", "edges"),
        ("four", "palette"),
        ("trail", "temporal"),
    ] {
        folder
            .run(&["shader", "new", name, "--from", template, "-o", "all"])
            .succeeds();
    }
    let clean = folder.run(&["shader", "check", "all", "--deny", "warnings"]);
    let said = clean.succeeds().stdout.clone();
    assert!(
        said.ends_with("four, lines, pixel, soft, trail: 0 errors, 0 warnings\n"),
        "{said}"
    );
    let kernel = folder.path("all/pixel/tone.wgsl");
    let text_of = std::fs::read_to_string(&kernel).unwrap();
    let advised = text_of.replace("return vec4f(c.rgb +", "return vec4f(c.rgb / c.r +");
    std::fs::write(&kernel, &advised).unwrap();
    let warned = folder.run(&["shader", "check", "all/pixel"]);
    let said = warned.succeeds().stdout.clone();
    let line = 1 + advised[..advised.find("/ c.r").unwrap()]
        .matches('\n')
        .count();
    assert!(
        said.contains(&format!(
            "all/pixel/tone.wgsl:{line}:26: warning: this division can be by 0"
        )),
        "{said}"
    );
    assert_eq!(
        folder
            .run(&["shader", "check", "all/pixel", "--deny", "warnings"])
            .code,
        Some(65)
    );
    // An error, as an editor gets it.
    std::fs::write(
        &kernel,
        text_of.replace("params.contrast", "params.contrats"),
    )
    .unwrap();
    let mut command = folder.command(&["shader", "check", "--json"]);
    let ran: Ran = command
        .current_dir(folder.path("all/pixel"))
        .output()
        .unwrap()
        .into();
    assert_eq!(ran.code, Some(65), "{}", ran.stderr);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    let of_kernel = json.as_array().unwrap().iter();
    let mut of_kernel = of_kernel.filter(|one| {
        one["uri"]
            .as_str()
            .unwrap()
            .ends_with("/all/pixel/tone.wgsl")
    });
    let found = &of_kernel.next().unwrap()["diagnostics"];
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{json}");
    assert_eq!(
        (&found[0]["severity"], &found[0]["source"]),
        (&1.into(), &"aquatint".into())
    );
    assert_eq!(found[0]["range"]["start"]["character"], 25);
    assert!(
        found[0]["message"]
            .as_str()
            .unwrap()
            .contains("did you mean \"contrast\"")
    );
    folder
        .run(&["shader", "check", "nowhere"])
        .says(2, &["cannot read nowhere"]);
}

#[test]
fn stats_and_shaders_of_a_style_are_printed() {
    let folder = Folder::new();
    folder
        .run(&["shader", "new", "lines", "--from", "edges"])
        .succeeds();
    let stats = folder.run(&["shader", "stats", "./lines", "--size", "640x360"]);
    let said = stats.succeeds().stdout.clone();
    // Each stored image has its reason.
    for words in [
        "./lines, 640x360: ",
        "lines/soft/result",
        "within it: ",
        "stored: output 0 makes several planes of it",
        "reads it around its own pixel, as ",
    ] {
        assert!(said.contains(words), "no {words:?} in {said}");
    }
    let several = folder.run(&["shader", "stats", "pencil"]);
    let several = &several.succeeds().stdout;
    assert!(several.contains("stored: 2 passes read it: "), "{several}");
    let json = folder.run(&["shader", "stats", "identity", "--json"]);
    let json: Value = serde_json::from_str(&json.succeeds().stdout).unwrap();
    let steps = json["steps"].as_array().unwrap();
    let dispatches: u64 = steps
        .iter()
        .map(|step| step["dispatches"].as_u64().unwrap())
        .sum();
    assert_eq!(json["dispatches"], dispatches);
    let read: u64 = steps
        .iter()
        .map(|step| step["read"].as_u64().unwrap())
        .sum();
    assert_eq!(json["read"], read);
    let dumped = folder.run(&["shader", "dump", "./lines", "--pass", "lines/result"]);
    let text_of = dumped.succeeds().stdout.clone();
    assert!(text_of.contains("// ./lines/ink.wgsl:"), "{text_of}");
    folder
        .run(&["shader", "dump", "./lines", "--pass", "lines/resul"])
        .says(2, &["there is no pass", "did you mean \"lines/result\""]);
    folder
        .run(&["shader", "dump", "./lines", "--as", "spv"])
        .says(2, &["name a file for it with -o"]);
    let spirv = ["--pass", "lines/result", "--as", "spv", "-o", "lines.spv"];
    folder
        .run(&[&["shader", "dump", "./lines"][..], &spirv].concat())
        .succeeds();
    let bytes = std::fs::read(folder.path("lines.spv")).unwrap();
    assert_eq!(bytes[..4], 0x0723_0203_u32.to_ne_bytes());
    for (language, words) in [
        ("msl", "[[thread_position_in_grid]]"),
        ("hlsl", "SV_DispatchThreadID"),
    ] {
        let dumped = folder.run(&["shader", "dump", "./lines", "--as", language]);
        let said = &dumped.succeeds().stdout;
        assert!(said.contains(words), "{said}");
        assert!(said.contains("// output 0: "), "{said}");
    }
}

#[test]
fn a_style_is_compared_with_pictures_that_were_kept() {
    let folder = Folder::new();
    folder
        .run(&["shader", "new", "soft", "--from", "blur"])
        .succeeds();
    let test = |more: &[&str]| {
        folder.run(&[&["shader", "test", "soft", "--device", "cpu"][..], more].concat())
    };
    let none = test(&[]);
    assert_eq!(none.code, Some(66), "{}", none.stderr);
    assert!(
        none.stdout
            .contains("gradient.png: missing: --bless writes it"),
        "{}",
        none.stdout
    );
    test(&["--bless"]).succeeds();
    assert_eq!(
        names(&folder.path("soft/golden")),
        ["gradient.png", "shapes.png", "texture.png"]
    );
    let same = test(&["--tolerance", "0"]);
    assert_eq!(
        same.succeeds().stdout.matches(": the same\n").count(),
        3,
        "{}",
        same.stdout
    );
    // Another default: all three are told, and shown.
    let manifest = folder.path("soft/style.toml");
    let text_of = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(
        &manifest,
        text_of.replace("default = 16.0", "default = 60.0"),
    )
    .unwrap();
    let differs = test(&[]);
    assert_eq!(differs.code, Some(1), "{}", differs.stderr);
    assert!(
        differs.stdout.contains("shapes.png: differs: ")
            && differs.stdout.contains("soft/golden/report/shapes.*.png"),
        "{}",
        differs.stdout
    );
    let report = folder.path("soft/golden/report");
    let pictures = names(&report);
    assert!(
        pictures.contains(&"shapes.got.png".to_owned()),
        "{pictures:?}"
    );
    let golden = folder.path("soft/golden/shapes.png");
    assert_eq!(
        frames(&report.join("shapes.expected.png"), "rgb24"),
        frames(&golden, "rgb24")
    );
    assert!(psnr(&report.join("shapes.got.png"), &golden) < 40.0);
    assert_eq!(test(&["--report", "elsewhere"]).code, Some(1));
    assert!(folder.path("elsewhere/shapes.difference.png").is_file());
    // As it was: the pictures of the failure are gone.
    std::fs::write(&manifest, text_of).unwrap();
    test(&[]).succeeds();
    assert!(!report.exists());
    folder
        .run(&["shader", "test", "pencil"])
        .says(2, &["cannot read pencil"]);
}

#[test]
fn two_versions_of_a_style_are_compared() {
    let folder = Folder::new();
    for parent in ["old", "new"] {
        folder
            .run(&["shader", "new", "lines", "--from", "edges", "-o", parent])
            .succeeds();
    }
    let against = |a: &str, b: &str| folder.run(&["shader", "check", a, "--against", b]);
    let same = against("old/lines", "new/lines");
    let said = &same.succeeds().stdout;
    assert_eq!(said.matches(": the same\n").count(), 3, "{said}");
    assert!(
        said.contains("old/lines and new/lines, on the processor"),
        "{said}"
    );
    let manifest = folder.path("new/lines/style.toml");
    let text_of = std::fs::read_to_string(&manifest).unwrap();
    let other = text_of.replacen("default = ", "default = 0.5 # ", 1);
    std::fs::write(&manifest, other).unwrap();
    let differs = against("old/lines", "new/lines");
    assert_eq!(differs.code, Some(1), "{}", differs.stderr);
    for words in [
        "PSNR",
        "% of the samples",
        "another text: style.toml",
        "a frame of 1920x1080:",
    ] {
        assert!(
            differs.stdout.contains(words),
            "{words}: {}",
            differs.stdout
        );
    }
    let built_in = against("old/lines", "pencil");
    assert_eq!(built_in.code, Some(1), "{}", built_in.stderr);
    assert!(
        built_in.stdout.contains("only in pencil: "),
        "{}",
        built_in.stdout
    );
    against("old/lines", "nowhere").says(2, &["cannot read nowhere"]);
    // A kernel without a twin runs on an adapter, and that is said; on the processor alone it cannot.
    let kernel = folder.path("new/lines/ink.wgsl");
    let text_of = std::fs::read_to_string(&kernel).unwrap();
    std::fs::write(&kernel, text_of.replacen("return ", "return 0.5 * ", 1)).unwrap();
    let on = [
        "shader",
        "check",
        "new/lines",
        "--against",
        "old/lines",
        "--device",
        "cpu",
    ];
    folder.run(&on).says(69, &["lines/ink", "no twin"]);
    if software_vulkan(&folder) {
        let changed = against("new/lines", "old/lines");
        assert_eq!(changed.code, Some(1), "{}", changed.stderr);
        assert!(changed.stdout.contains("ink.wgsl"), "{}", changed.stdout);
        assert!(changed.stdout.contains("llvmpipe"), "{}", changed.stdout);
    }
}

/// The luma of all frames, 8 bits a sample.
pub fn luma(path: &std::path::Path) -> Vec<u8> {
    let output = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i", text(path), "-vf", "extractplanes=y"])
        .args(["-f", "rawvideo", "-pix_fmt", "gray", "-"])
        .output()
        .unwrap();
    assert!(output.status.success());
    output.stdout
}

#[test]
fn a_shader_of_shadertoy_becomes_a_style_with_its_rows_upwards() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    let clip = two_frames();
    let rendered = |name: &str, body: &str| {
        let file = format!("{name}.glsl");
        let text_of =
            format!("void mainImage(out vec4 fragColor, in vec2 fragCoord) {{ {body} }}\n");
        folder.write(&file, text_of.as_bytes());
        folder
            .run(&["shader", "new", name, "--from-shadertoy", &file])
            .succeeds();
        let (style, output) = (format!("./{name}"), format!("{name}.mkv"));
        let codec = ["--codec", "ffv1", "--device", "llvmpipe"];
        folder
            .run(&[&[text(&clip), "-s", &style, "-o", &output][..], &codec].concat())
            .succeeds();
        luma(&folder.path(&output))
    };
    let source = luma(&clip);
    let same = rendered(
        "same",
        "fragColor = texture(iChannel0, fragCoord / iResolution.xy);",
    );
    let apart = |a: &[u8], b: &[u8]| {
        let apart = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b));
        apart.max().unwrap_or_default()
    };
    assert_eq!(same.len(), source.len());
    assert!(apart(&same, &source) <= 1, "{}", apart(&same, &source));
    let fetched = rendered(
        "fetched",
        "fragColor = texelFetch(iChannel0, ivec2(fragCoord), 0);",
    );
    assert!(
        apart(&fetched, &source) <= 1,
        "{}",
        apart(&fetched, &source)
    );
    // What is drawn by itself: light at the top, where y is large, and in the second frame alone on the left.
    let drawn = rendered(
        "drawn",
        "vec2 uv = fragCoord / iResolution.xy; fragColor = vec4(vec3(uv.x < 0.5 && iFrame == 1 ? 1.0 : uv.y), 1.0);",
    );
    let (first, second) = drawn.split_at(160 * 90);
    assert!(
        first[80] > 225 && first[89 * 160 + 80] < 30,
        "{} {}",
        first[80],
        first[89 * 160 + 80]
    );
    assert!(second[89 * 160 + 40] > 225 && second[89 * 160 + 120] < 30);
    folder.write(
        "bad.glsl",
        b"void mainImage(out vec4 c, in vec2 p)\n{\n    c = iDate;\n}\n",
    );
    folder
        .run(&["shader", "new", "bad", "--from-shadertoy", "bad.glsl"])
        .says(2, &["bad.glsl:3:9: iDate: ", "take iTime"]);
    assert!(!folder.path("bad").exists());
}

#[test]
fn a_style_becomes_a_page() {
    let folder = Folder::new();
    folder
        .run(&["shader", "new", "mine", "--from", "palette"])
        .succeeds();
    let export = |style: &str, more: &[&str]| {
        let fixed = ["shader", "export", style, "-o", "page", "--size", "192x108"];
        folder.run(&[&fixed[..], more].concat())
    };
    let made = export("./mine", &[]);
    made.succeeds();
    assert!(made.stdout.contains("page/index.html"), "{}", made.stdout);
    for file in [
        "index.html",
        "page.css",
        "page.js",
        "runtime.js",
        "style.js",
    ] {
        assert!(folder.path(&format!("page/{file}")).is_file(), "{file}");
    }
    export("./mine", &[]).says(2, &["already exists", "index.html"]);
    export("./mine", &["-y"]).succeeds();
    // A value that shapes the plan, and a chain.
    let set = ["-y", "--set", "pencil.use_texture=true"];
    export("pencil+mosaic", &set).succeeds();
    let script = std::fs::read_to_string(folder.path("page/style.js")).unwrap();
    assert!(script.contains("\"pencil.blur_sigma\"") && script.contains("\"mosaic.tile\""));
    export("neural", &["-y"]).says(2, &["runs a model", "without one"]);
    export("levels", &["-y"]).says(2, &["measures all frames", "--set levels."]);
    export("pencl", &["-y"]).says(2, &["pencil"]);
}
