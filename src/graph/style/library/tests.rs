use super::*;

#[test]
fn every_built_in_folder_parses() {
    // Beside a folder of an author, because only then files are looked for that nothing reads.
    let dir = tempfile::tempdir().unwrap();
    copied("identity", &dir.path().join("mine"));
    let mut library = Library::built_in();
    library.add_path(dir.path()).unwrap();
    let folders: Vec<_> = library.folders().collect();
    assert!(folders.contains(&"pencil"), "{folders:?}");
    for folder in folders {
        let style = library
            .load(folder)
            .unwrap_or_else(|error| panic!("{folder}: {error}"));
        let nothing: [&str; 0] = [];
        assert_eq!(style.warnings, nothing, "{folder}");
        for path in style.luts.iter().filter_map(|lut| lut.own.as_deref()) {
            library
                .lut(path)
                .unwrap_or_else(|error| panic!("{folder}: {error}"));
        }
    }
}

#[test]
fn an_unknown_style_names_the_nearest() {
    let error = Library::built_in().load("pencli").unwrap_err().to_string();
    assert!(error.contains("did you mean \"pencil\"?"), "{error}");
}

#[test]
fn an_authors_folder_is_found_either_way() {
    let dir = tempfile::tempdir().unwrap();
    let style = dir.path().join("mine");
    std::fs::create_dir(&style).unwrap();
    std::fs::write(
        style.join("k.wgsl"),
        "fn pixel(at: vec2i) -> vec4f { return source_here(); }",
    )
    .unwrap();
    std::fs::write(
        style.join("style.toml"),
        "summary = 'mine'\n[[pass]]\nkernel = 'k'\nin = { source = 'source' }\nout = 'result'",
    )
    .unwrap();
    for path in [dir.path(), &style] {
        let mut library = Library::built_in();
        library.add_path(path).unwrap();
        assert_eq!(library.load("mine").unwrap().summary, "mine");
        assert!(library.style_names().contains(&"mine".to_owned()));
    }
}

/// Copies a folder of shaders/ to `to`.
fn copied(from: &str, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("shaders")
        .join(from);
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// Replaces `from` by `to` in a file.
fn edited(file: &std::path::Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(file, text.replace(from, to)).unwrap();
}

/// The kernels of a style, and the built-in kernels whose twins stand for them.
fn twins(library: &Library, style: &str) -> Vec<(String, Option<String>)> {
    let style = library.load(style).unwrap();
    let kernels = style.passes.iter().filter_map(|pass| match &pass.body {
        crate::graph::style::Body::Kernel(kernel)
        | crate::graph::style::Body::Compute { kernel, .. } => Some(kernel.clone()),
        crate::graph::style::Body::Use(_) | crate::graph::style::Body::Model { .. } => None,
    });
    kernels.map(|k| (k.path.clone(), k.twin.clone())).collect()
}

#[test]
fn a_twin_stands_for_an_unchanged_kernel_only() {
    let dir = tempfile::tempdir().unwrap();
    let with = |path: &std::path::Path| {
        let mut library = Library::built_in();
        library.add_path(path).unwrap();
        library
    };
    // A renamed copy is the same kernels, and imports its own modules.
    let comic = dir.path().join("my-comic");
    copied("comic", &comic);
    let known = |path: &str, twin: &str| (path.to_owned(), Some(twin.to_owned()));
    let unchanged = [
        known("my-comic/separate", "comic/separate"),
        known("my-comic/halftone", "comic/halftone"),
        known("my-comic/print", "comic/print"),
    ];
    let library = with(&comic);
    assert_eq!(twins(&library, "my-comic"), unchanged);
    let linked = library.linked(["my-comic/halftone"]);
    let screen = linked.keys().find(|path| path.ends_with("/screen"));
    assert_ne!(screen.unwrap(), "comic/screen");
    // Comments and line ends are no part of a kernel.
    edited(&comic.join("screen.wgsl"), "\n", "\r\n");
    edited(
        &comic.join("print.wgsl"),
        "fn pixel",
        "/* mine */\nfn  pixel",
    );
    assert_eq!(twins(&with(&comic), "my-comic"), unchanged);
    // What a kernel imports belongs to it.
    edited(&comic.join("screen.wgsl"), "return", "return 0.5 *");
    let changed = twins(&with(&comic), "my-comic");
    assert_eq!(changed[0], unchanged[0]);
    assert_eq!(changed[1].1, None);
    // So do the helpers that all share, which a folder may replace.
    let common = dir.path().join("shared/common");
    std::fs::create_dir_all(&common).unwrap();
    copied("identity", &dir.path().join("shared/identity"));
    std::fs::write(
        common.join("hash.wgsl"),
        "fn pcg3d(v: vec3u) -> vec3u { return v; }\n",
    )
    .unwrap();
    let library = with(&dir.path().join("shared"));
    assert_eq!(library.kernel("cinematic/grain").twin, None);
    // How many channels a twin writes, and which phases it computes, the manifest says.
    let pencil = dir.path().join("pencil");
    copied("pencil", &pencil);
    edited(&pencil.join("style.toml"), "channels = 1", "channels = 4");
    assert!(
        twins(&with(&pencil), "pencil")
            .iter()
            .all(|(_, twin)| twin.is_none())
    );
    let levels = dir.path().join("levels");
    copied("levels", &levels);
    let phases = twins(&with(&levels), "levels");
    assert!(phases.iter().all(|(_, twin)| twin.is_some()), "{phases:?}");
    edited(
        &levels.join("style.toml"),
        "source_height / 2",
        "source_height / 4",
    );
    let halved = twins(&with(&levels), "levels");
    assert_eq!(halved[0].1, None, "{halved:?}");
}

#[test]
fn a_folder_replaces_the_built_in_one_as_a_whole() {
    let dir = tempfile::tempdir().unwrap();
    let pencil = dir.path().join("pencil");
    copied("pencil", &pencil);
    std::fs::remove_file(pencil.join("grain.wgsl")).unwrap();
    let mut library = Library::built_in();
    library.add_path(&pencil).unwrap();
    let error = library.load("pencil").unwrap_err().to_string();
    assert!(error.contains("there is no grain.wgsl"), "{error}");
    // The styles beside it are as they were.
    assert!(library.load("comic").is_ok() && library.load("common/luma").is_ok());
}

#[test]
fn own_folders_are_those_of_an_author() {
    let dir = tempfile::tempdir().unwrap();
    copied("identity", &dir.path().join("mine"));
    copied("common/mix", &dir.path().join("mine/parts/mix"));
    let mut library = Library::built_in();
    assert_eq!(library.own_folders().count(), 0);
    library.add_path(dir.path()).unwrap();
    let own: Vec<&str> = library.own_folders().collect();
    assert_eq!(own, ["mine", "mine/parts/mix"]);
    // The files of a block inside a style are the block's.
    assert!(library.load("mine").unwrap().warnings.is_empty());
    assert!(library.check("mine/parts/mix").is_ok());
}

#[test]
fn a_style_cannot_have_the_name_of_the_engines_folders() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["io", "common", "temporal", "common/measure"] {
        let root = dir.path().join(name.replace('/', "-"));
        copied("identity", &root.join(name));
        let inside = root.join(name).join("unpack");
        copied("identity", &inside);
        let mut library = Library::built_in();
        library.add_path(&root).unwrap();
        let error = library.load(name).unwrap_err().to_string();
        let said = format!("a style cannot be called {name}, ");
        assert!(error.contains(&said), "{error}");
        // Nothing of the engine is lost or replaced, so the other styles are rendered as before.
        for folder in Library::built_in().folders() {
            library.load(folder).unwrap();
        }
        assert_eq!(library.own_folders().collect::<Vec<_>>(), [name]);
        if !name.contains('/') {
            let named = Library::built_in().add_style(&root.join(name));
            assert!(named.unwrap_err().to_string().contains(&said));
        }
    }
}

#[test]
fn the_page_for_authors_has_every_name_that_no_style_can_have() {
    let page = include_str!("../../../../docs/writing-a-style.md");
    let sentence = page.split("A style cannot be called").nth(1).unwrap();
    let sentence = sentence.split(", nor").next().unwrap();
    let folders = BUILT_IN.dirs().map(|dir| dir.path().to_str().unwrap());
    let names = folders.filter(|name| refused_name(name).is_some());
    let names: BTreeSet<&str> = names.chain([NO_STYLE]).collect();
    let written: BTreeSet<&str> = sentence.split('`').skip(1).step_by(2).collect();
    assert_eq!(written, names);
}

#[test]
fn a_style_cannot_have_a_name_that_a_list_would_cut() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["glow+grain", "glow,2"] {
        let folder = dir.path().join(name);
        copied("identity", &folder);
        let error = Library::built_in().add_style(&folder).unwrap_err();
        let said = format!("a style cannot be called {name}, because");
        assert!(error.to_string().contains(&said), "{error}");
        let mut library = Library::built_in();
        library.add_path(&folder).unwrap();
        assert!(library.check(name).is_err());
        assert!(!library.style_names().contains(&name.to_owned()));
    }
}

#[test]
fn a_missing_table_is_an_error_of_its_style() {
    let dir = tempfile::tempdir().unwrap();
    let mine = dir.path().join("mine");
    copied("cinematic", &mine);
    let load = || {
        let mut library = Library::built_in();
        library.add_path(&mine).unwrap();
        library.load("mine")
    };
    assert_eq!(
        load().unwrap().luts[0].own.as_deref(),
        Some("mine/look.cube")
    );
    std::fs::remove_file(mine.join("look.cube")).unwrap();
    let error = load().unwrap_err().to_string();
    let said = "there is no look-up table mine/look.cube: it must lie beside the manifest";
    assert!(error.contains(said), "{error}");
}

#[test]
fn a_folder_and_its_archive_are_read_alike() {
    let dir = tempfile::tempdir().unwrap();
    let mine = dir.path().join("mine");
    copied("identity", &mine);
    let files = [
        ("a/b/c/d/deepest.wgsl", true),
        ("a/b/c/d/e/deeper.wgsl", false),
        (".hidden.wgsl", false),
        (".git/k.wgsl", false),
        ("a/._k.wgsl", false),
        ("__MACOSX/k.wgsl", false),
    ];
    for (name, _) in files {
        let file = mine.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "const X = 1;\n").unwrap();
    }
    let archive = dir.path().join("mine.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&archive).unwrap());
    let own = std::fs::read_dir(&mine).unwrap();
    let own = own.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let own: Vec<String> = own.filter(|name| mine.join(name).is_file()).collect();
    let names = own.iter().map(String::as_str);
    let names = names.chain(files.map(|(name, _)| name));
    for name in names.collect::<BTreeSet<_>>() {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(name, options).unwrap();
        let bytes = std::fs::read(mine.join(name)).unwrap();
        std::io::Write::write_all(&mut zip, &bytes).unwrap();
    }
    zip.finish().unwrap();
    for path in [&mine, &archive] {
        let mut library = Library::built_in();
        assert_eq!(library.add_style(path).unwrap(), "mine");
        library.load("mine").unwrap();
        for (name, read) in files {
            let known = library.files.contains_key(&format!("mine/{name}"));
            assert_eq!(known, read, "{name} of {}", path.display());
        }
    }
}

#[test]
fn of_two_styles_with_one_name_it_is_said_which_is_used() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    copied("identity", &at("one/mine"));
    copied("identity", &at("two/mine"));
    let warnings = |paths: &[&str]| {
        let mut library = Library::built_in();
        for path in paths {
            library.add_path(&at(path)).unwrap();
        }
        library.load("mine").unwrap().warnings.clone()
    };
    let (one, two) = (at("one/mine"), at("two/mine"));
    let said = |used: &std::path::Path, not: &std::path::Path| {
        let (used, not) = (used.display(), not.display());
        [format!(
            "two folders have this name: {used} is used, {not} is not; rename one of them"
        )]
    };
    assert_eq!(warnings(&["one", "two"]), said(&two, &one));
    assert_eq!(warnings(&["two", "one/mine"]), said(&one, &two));
    // One folder that is given twice, by whatever path, is one style.
    let nothing: [String; 0] = [];
    assert_eq!(warnings(&["one", "one/mine", "two/../one"]), nothing);
}
