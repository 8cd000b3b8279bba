//! Folders of an author: copies of built-in styles, and styles with mistakes.

use std::path::Path;

use crate::support::*;

/// Copies a built-in style to `to`.
fn copy_of(style: &str, to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("shaders")
        .join(style);
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// Replaces `from` by `to` in a file.
fn edit(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(file, text.replace(from, to)).unwrap();
}

/// Three frames of so many columns and rows.
fn short(size: &str) -> std::path::PathBuf {
    let source = &format!("testsrc2=size={size}:rate=25:duration=0.12");
    made(
        &format!("own_styles_{size}.mkv"),
        &["-f", "lavfi", "-i", source, "-c:v", "ffv1"],
    )
}

#[test]
fn an_edited_copy_of_a_style_never_renders_as_the_original() {
    let folder = Folder::new();
    let clip = short("96x64");
    copy_of("pencil", &folder.path("styles/mypencil"));
    let on = |style: &str, device: &str, output: &str| {
        let codec = ["--codec", "ffv1", "-y", "--style-path", "styles"];
        let command = [text(&clip), "-s", style, "--device", device, "-o", output];
        folder.run(&[&command[..], &codec].concat())
    };
    // An unchanged copy is the built-in style under another name, on the processor, too.
    on("pencil", "cpu", "original.mkv").succeeds();
    on("mypencil", "cpu", "copy.mkv").succeeds();
    let pictures = |output: &str| frames(&folder.path(output), "gray");
    assert_eq!(pictures("copy.mkv"), pictures("original.mkv"));
    // An edited one runs where its own text can run, or not at all.
    edit(
        &folder.path("styles/mypencil/dodge.wgsl"),
        "vec4f(",
        "0.5 * vec4f(",
    );
    on("mypencil", "cpu", "changed.mkv").says(
        69,
        &["mypencil/dodge", "no twin", "as long as nothing in them"],
    );
    assert!(!folder.path("changed.mkv").exists());
    if software_vulkan(&folder) {
        on("pencil", "llvmpipe", "original.mkv").succeeds();
        on("mypencil", "llvmpipe", "changed.mkv").succeeds();
        assert_ne!(pictures("changed.mkv"), pictures("original.mkv"));
        let auto = on("mypencil", "auto", "auto.mkv");
        auto.succeeds();
        assert_eq!(pictures("auto.mkv"), pictures("changed.mkv"));
    }
    // The same under the name of the built-in style.
    copy_of("pencil", &folder.path("styles/pencil"));
    edit(
        &folder.path("styles/pencil/dodge.wgsl"),
        "vec4f(",
        "0.5 * vec4f(",
    );
    on("pencil", "cpu", "changed.mkv").says(69, &["pencil/dodge", "no twin"]);
}

#[test]
fn a_renamed_copy_imports_its_own_modules() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    // Large enough that its dots are not too fine to be drawn.
    let clip = short("320x270");
    copy_of("comic", &folder.path("my-comic"));
    let mine = |output: &str| {
        let style = ["-s", "my-comic", "--style-path", "my-comic"];
        let command = [text(&clip), "--set", "my-comic.dot_size=8", "-o", output];
        let how = ["-y", "--codec", "ffv1", "--device", "llvmpipe"];
        folder
            .run(&[&command[..], &style, &how].concat())
            .succeeds();
        frames(&folder.path(output), "rgb24")
    };
    let before = mine("before.mkv");
    edit(
        &folder.path("my-comic/screen.wgsl"),
        "return ",
        "return 0.2 * ",
    );
    assert_ne!(mine("after.mkv"), before);
}

/// Writes the manifest and the kernel `k.wgsl` of a style.
fn style(folder: &Folder, name: &str, manifest: &str, kernel: &str) {
    std::fs::create_dir_all(folder.path(name)).unwrap();
    folder.write(&format!("{name}/style.toml"), manifest.as_bytes());
    folder.write(&format!("{name}/k.wgsl"), kernel.as_bytes());
}

const PLAIN: &str = "fn pixel(at: vec2i) -> vec4f { return source_here(); }";

#[test]
fn what_a_folder_says_to_no_effect_is_warned_of() {
    let folder = Folder::new();
    style(
        &folder,
        "mine",
        "summary = 'Mine'\n[param.unused]\ndefault = 1.0\nrange = [0.0, 2.0]\nhelp = 'h'\n[[pass]]\nkernel = 'k'\n\
         in = { source = 'source', other = 'source' }\nset = { amuont = '1' }\nout = 'result'\n",
        &format!("import super::used::one;\nimport package::comic::screen::cover;\n{PLAIN}"),
    );
    folder.write("mine/used.wgsl", b"fn one() -> f32 { return 1.0; }");
    folder.write("mine/old.wgsl", PLAIN.as_bytes());
    let said = [
        "mine/k.wgsl is given an input \"other\" that it never reads",
        "the pass of mine/k.wgsl sets \"amuont\", but the kernel does not use params.amuont",
        "nothing uses the parameter \"unused\"",
        "nothing reads mine/old.wgsl: no pass runs it, and no kernel imports it",
        "imports package::comic::screen, a module of another style; super::screen is the file in its own folder",
    ];
    for command in [&["styles", "./mine"][..], &["graph", "./mine"]] {
        let out = &folder.run(command).succeeds().stdout.clone();
        for words in said {
            assert!(out.contains(words), "{out} should contain {words}");
        }
        assert!(!out.contains("mine/used.wgsl"), "{out}");
    }
    if software_vulkan(&folder) {
        let clip = short("96x64");
        let render = [text(&clip), "-s", "./mine", "--device", "llvmpipe"];
        let ran = folder.run(&[&render[..], &["-o", "out.mkv"]].concat());
        ran.says(0, &said);
    }
}

#[test]
fn a_broken_style_is_listed_with_the_reason_and_stops_no_other() {
    let folder = Folder::new();
    let pass = "[[pass]]\nkernel = 'k'\nin = { source = 'source' }\nout = 'result'\n";
    style(
        &folder,
        "all/good",
        &format!("summary = 'Good'\n{pass}"),
        PLAIN,
    );
    style(
        &folder,
        "all/navy",
        "summary = 'Navy'\n[param.ink]\ndefault = 'navy'\nhelp = 'h'\n",
        PLAIN,
    );
    style(
        &folder,
        "all/makes",
        "summary = 'Generator'\ninputs = []\n[[pass]]\nkernel = 'none'\nout = 'result'\n",
        PLAIN,
    );
    style(
        &folder,
        "all/uses",
        "summary = 'Uses'\n[[pass]]\nuse = 'common/gausian'\nin = { image = 'source' }\nout = 'result'\n",
        PLAIN,
    );
    style(
        &folder,
        "all/latin",
        &format!("summary = 'Latin'\n{pass}"),
        PLAIN,
    );
    folder.write("all/latin/k.wgsl", b"// gr\xfcn\n");
    std::fs::create_dir(folder.path("all/bytes")).unwrap();
    folder.write("all/bytes/style.toml", b"summary = 'gr\xfcn'\n");
    style(
        &folder,
        "all/typed",
        &format!("summary = 'Typed'\n{pass}"),
        "fn pixel(at: vec2i) -> vec4f { return source_here().rgb; }",
    );
    let generator = "summary = 'Sky'\ninputs = []\n[[pass]]\nkernel = 'k'\nout = 'result'\n";
    let blue = "fn pixel(at: vec2i) -> vec4f { return vec4f(0.0, 0.0, 1.0, 1.0); }";
    style(&folder, "all/sky", generator, blue);
    let list = ["styles", "--style-path", "all"];
    let shown = folder.run(&list).succeeds().stdout.clone();
    let (sound, broken) = shown.split_once("\nThese cannot be used:\n").unwrap();
    assert!(
        sound.contains("sky          Sky (makes pictures of its own"),
        "{sound}"
    );
    assert!(
        sound.contains("good         Good") && sound.contains("pencil "),
        "{sound}"
    );
    for (name, why) in [
        ("navy", "a colour is written \"#rrggbb\""),
        ("makes", "there is no none.wgsl beside the manifest"),
        (
            "uses",
            "there is no such folder (did you mean \"common/gaussian\"?)",
        ),
        ("latin", "it is not text in UTF-8"),
        ("typed", "does not compile"),
        ("bytes", "it is not text in UTF-8"),
    ] {
        let mut lines = broken.lines().skip_while(|line| *line != name).skip(1);
        let reason: Vec<&str> = lines
            .by_ref()
            .take_while(|line| line.starts_with(' '))
            .collect();
        let reason = reason.join("\n");
        assert!(reason.contains(why), "{name}: {reason}\n{broken}");
        let listed = |line: &str| line.split_whitespace().next() == Some(name);
        assert!(!sound.lines().any(listed), "{name}: {sound}");
    }
    let json = folder.run(&[&list[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json.succeeds().stdout).unwrap();
    let of = |name: &str| {
        json.as_array()
            .unwrap()
            .iter()
            .find(|one| one["name"] == name)
    };
    assert!(
        of("navy").unwrap()["error"]
            .as_str()
            .unwrap()
            .contains("navy")
    );
    assert_eq!(of("good").unwrap()["summary"], "Good");
    folder
        .run(&["graph", "good", "--style-path", "all"])
        .succeeds();
    folder
        .run(&["graph", "navy", "--style-path", "all"])
        .says(2, &["[param.ink]", "#rrggbb"]);
}

#[test]
fn a_style_whose_passes_are_off_gives_the_source() {
    let folder = Folder::new();
    let clip = short("96x64");
    let manifest = "summary = 'Soft'\n[param.amount]\ndefault = 0.0\nrange = [0.0, 9.0]\nhelp = 'h'\n\
                    [[pass]]\nuse = 'common/gaussian'\nin = { image = 'source' }\nset = { sigma = 'amount' }\n\
                    when = 'amount > 0'\nout = 'result'\n";
    std::fs::create_dir(folder.path("soft")).unwrap();
    folder.write("soft/style.toml", manifest.as_bytes());
    let render = |more: &[&str], output: &str| {
        let command = [
            text(&clip),
            "--codec",
            "ffv1",
            "--device",
            "cpu",
            "-o",
            output,
        ];
        folder.run(&[&command[..], more].concat()).succeeds();
        frames(&folder.path(output), "yuv444p")
    };
    let source = render(&["-s", "identity"], "source.mkv");
    assert_eq!(render(&["-s", "./soft"], "off.mkv"), source);
    let on = ["-s", "./soft", "--set", "soft.amount=4"];
    assert_ne!(render(&on, "on.mkv"), source);
}

/// A .zip of the files in a folder, under `inside`.
fn zip_of(folder: &Path, inside: &str, to: &Path) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(to).unwrap());
    for name in names(folder) {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(format!("{inside}{name}"), options).unwrap();
        let bytes = std::fs::read(folder.join(name)).unwrap();
        std::io::Write::write_all(&mut zip, &bytes).unwrap();
    }
    zip.finish().unwrap();
}

#[test]
fn a_style_carries_its_picture_as_a_folder_and_as_an_archive() {
    let folder = Folder::new();
    let clip = short("96x64");
    let paper = made(
        "own_paper.png",
        &["-f", "lavfi", "-i", "testsrc2=size=40x30", "-frames:v", "1"],
    );
    let mine = folder.path("styles/drawn");
    copy_of("pencil", &mine);
    std::fs::copy(&paper, mine.join("paper.png")).unwrap();
    std::fs::remove_file(mine.join("grain.wgsl")).unwrap();
    let manifest = mine.join("style.toml");
    edit(
        &manifest,
        "file = \"texture_path\"",
        "file = \"texture_path\"\ndefault = \"paper.png\"",
    );
    edit(
        &manifest,
        "when = \"use_texture && texture_path\"",
        "when = \"use_texture\"",
    );
    let text_of = std::fs::read_to_string(&manifest).unwrap();
    let grain = text_of.find("[[pass]]\nkernel = \"grain\"").unwrap();
    let next = grain
        + text_of[grain..]
            .find("[[pass]]\nkernel = \"texture\"")
            .unwrap();
    std::fs::write(
        &manifest,
        format!("{}{}", &text_of[..grain], &text_of[next..]),
    )
    .unwrap();
    let render = |style: &str, sets: &[&str], output: &str| {
        let command = [
            text(&clip),
            "-s",
            style,
            "--device",
            "cpu",
            "--codec",
            "ffv1",
            "-o",
            output,
        ];
        let sets: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
        folder.run(&[&command[..], &sets].concat()).succeeds();
        frames(&folder.path(output), "gray")
    };
    // The built-in style with the same paper, named by the user, is right.
    let path = format!("pencil.texture_path={}", text(&paper));
    let expected = render(
        "pencil",
        &["pencil.use_texture=true", &path],
        "expected.mkv",
    );
    assert_ne!(render("pencil", &[], "blank.mkv"), expected);
    let on = ["drawn.use_texture=true"];
    assert_eq!(render("./styles/drawn", &on, "folder.mkv"), expected);
    zip_of(&mine, "drawn/", &folder.path("handed-on.zip"));
    assert_eq!(render("handed-on.zip", &on, "archive.mkv"), expected);
    zip_of(&mine, "", &folder.path("drawn.zip"));
    assert_eq!(render("./drawn.zip", &on, "top.mkv"), expected);
    // Paths in a preset begin where the preset lies.
    std::fs::create_dir(folder.path("presets")).unwrap();
    folder.write(
        "presets/p.toml",
        b"style = '../styles/drawn'\n[set.drawn]\nuse_texture = true\n",
    );
    std::fs::copy(&paper, folder.path("presets/own.png")).unwrap();
    folder.write(
        "presets/q.toml",
        b"style = 'pencil'\n[set.pencil]\nuse_texture = true\ntexture_path = 'own.png'\n",
    );
    for preset in ["p", "q"] {
        let (file, output) = (format!("presets/{preset}.toml"), format!("{preset}.mkv"));
        let command = [
            text(&clip),
            "--preset",
            &file,
            "--device",
            "cpu",
            "--codec",
            "ffv1",
        ];
        folder
            .run(&[&command[..], &["-o", &output]].concat())
            .succeeds();
        assert_eq!(frames(&folder.path(&output), "gray"), expected, "{preset}");
    }
    // What is missing is said.
    std::fs::remove_file(mine.join("paper.png")).unwrap();
    folder.run(&["graph", "./styles/drawn"]).says(
        2,
        &["there is no picture drawn/paper.png: it must lie beside the manifest"],
    );
    folder
        .run(&["graph", "./nowhere"])
        .says(2, &["cannot read ./nowhere"]);
    folder.write("bad.zip", b"PK\x03\x04");
    folder
        .run(&["graph", "bad.zip"])
        .says(2, &["cannot read bad.zip"]);
}

#[test]
fn a_style_whose_table_is_missing_or_broken_is_listed_as_such() {
    let folder = Folder::new();
    let manifest = "summary = 'Graded'\n[lut.look]\ndefault = 'look.cube'\n[[pass]]\nkernel = 'k'\n\
                    in = { source = 'source', look = 'look' }\nout = 'result'\n";
    let kernel =
        "fn pixel(at: vec2i) -> vec4f { return vec4f(look_trilinear(source_here().rgb), 1.0); }";
    let cube = "LUT_3D_SIZE 2\n0 0 0\n1 0 0\n0 1 0\n1 1 0\n0 0 1\n1 0 1\n0 1 1\n1 1 1\n";
    for name in ["sound", "gone", "broken"] {
        style(&folder, &format!("all/{name}"), manifest, kernel);
        folder.write(&format!("all/{name}/look.cube"), cube.as_bytes());
    }
    let list = ["styles", "--style-path", "all"];
    let shown = folder.run(&list).succeeds().stdout.clone();
    assert!(!shown.contains("cannot be used"), "{shown}");
    std::fs::remove_file(folder.path("all/gone/look.cube")).unwrap();
    folder.write("all/broken/look.cube", b"LUT_3D_SIZE 2\n0 0 0\n");
    let shown = folder.run(&list).succeeds().stdout.clone();
    let (sound, unusable) = shown.split_once("\nThese cannot be used:\n").unwrap();
    assert!(sound.contains("sound        Graded"), "{sound}");
    assert!(
        !sound.contains("gone ") && !sound.contains("broken "),
        "{sound}"
    );
    for words in [
        "there is no look-up table gone/look.cube: it must lie beside the manifest",
        "all/broken/look.cube is not a usable look-up table",
    ] {
        assert!(unusable.contains(words), "{unusable}");
    }
    folder
        .run(&["graph", "gone", "--style-path", "all"])
        .says(2, &["there is no look-up table gone/look.cube"]);
}

#[test]
fn a_path_that_a_list_of_styles_cuts_is_refused_in_words() {
    let folder = Folder::new();
    for name in ["glow+grain", "glow,2", "my+styles/soft"] {
        copy_of("identity", &folder.path(name));
    }
    zip_of(&folder.path("glow+grain"), "", &folder.path("a+b.zip"));
    for (list, path) in [
        ("./glow+grain", "./glow+grain"),
        ("pencil, ./glow+grain", "./glow+grain"),
        ("./glow,2+pencil", "./glow,2"),
        ("a+b.zip", "a+b.zip"),
    ] {
        let said = format!("{path} cannot be named in a list of styles: it would be cut at , or +");
        folder.run(&["graph", list]).says(2, &[&said, "rename it"]);
    }
    folder.run(&["graph", "my+styles/soft"]).says(
        2,
        &[
            "my+styles/soft cannot be named",
            "give --style-path my+styles/soft",
        ],
    );
    folder
        .run(&["graph", "soft", "--style-path", "my+styles/soft"])
        .succeeds();
    // Without such a folder, each part is what it was.
    folder
        .run(&["graph", "./nowhere+pencil"])
        .says(2, &["cannot read ./nowhere"]);
}

#[test]
fn of_two_folders_with_one_style_it_is_said_which_is_used() {
    let folder = Folder::new();
    for name in ["one/mine", "two/mine"] {
        copy_of("identity", &folder.path(name));
    }
    let both = ["--style-path", "one", "--style-path", "two"];
    let words = "mine: two folders have this name: two/mine is used, one/mine is not";
    let clip = short("96x64");
    let command = [
        text(&clip),
        "-s",
        "mine",
        "--device",
        "cpu",
        "-o",
        "out.mkv",
    ];
    let ran = folder.run(&[&command[..], &both].concat());
    assert!(ran.succeeds().stderr.contains(words), "{}", ran.stderr);
    let ran = folder.run(&["graph", "mine", "--style-path", "one"]);
    assert!(
        !ran.succeeds().stdout.contains("two folders"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_building_block_is_printed_with_its_inputs() {
    let folder = Folder::new();
    let block = folder
        .run(&["styles", "common/mix"])
        .succeeds()
        .stdout
        .clone();
    for words in [
        "use = \"common/mix\"",
        "in = { from = \"…\", to = \"…\" }",
        "  amount: ",
    ] {
        assert!(block.contains(words), "{block} should contain {words}");
    }
    assert!(!block.contains("strength"), "{block}");
    let json = folder.run(&["styles", "common/mix", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.succeeds().stdout).unwrap();
    assert_eq!(json["inputs"], serde_json::json!(["from", "to"]));
    folder
        .run(&["styles", "common/nope"])
        .says(2, &["common/nope"]);
}

#[test]
fn folders_may_have_names_that_are_no_words() {
    let folder = Folder::new();
    let manifest = "summary = 'Soft'\n[param.amount]\ndefault = 0.0\nrange = [0.0, 9.0]\nhelp = 'h'\n\
                    [[pass]]\nuse = 'common/gaussian'\nin = { image = 'source' }\nset = { sigma = 'amount' }\nout = 'result'\n";
    for name in ["v1.0", "8 mm", "grün", "none"] {
        std::fs::create_dir(folder.path(name)).unwrap();
        folder.write(&format!("{name}/style.toml"), manifest.as_bytes());
    }
    for name in ["v1.0", "8 mm", "grün"] {
        let set = format!("{name}.amount=2.5");
        let graph = folder.run(&["graph", &format!("./{name}"), "--set", &set]);
        let passes = &graph.succeeds().stdout;
        assert!(passes.contains("deviation=2.5"), "{name}: {passes}");
    }
    // A preset's values for it are kept, too.
    folder.write("p.toml", b"style = './v1.0'\n[set.'v1.0']\namount = 2.5\n");
    let clip = short("96x64");
    let dry = [
        text(&clip),
        "--preset",
        "p.toml",
        "--dry-run",
        "-o",
        "out.mkv",
    ];
    let planned = folder.run(&dry).succeeds().stdout.clone();
    assert!(planned.contains("deviation=2.5"), "{planned}");
    // This name means something else.
    folder
        .run(&["graph", "./none"])
        .says(2, &["a style cannot be called none"]);
    // For a render, a folder that is here is not a name, and the error says how it is named. Commands for authors take it.
    std::fs::rename(folder.path("v1.0"), folder.path("mine")).unwrap();
    folder.run(&["graph", "mine"]).succeeds();
    folder.run(&["preview", text(&clip), "-s", "mine"]).says(
        2,
        &["there is no style \"mine\"", "by its folder, as ./mine"],
    );
}
