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
        crate::graph::style::Body::Use(_) => None,
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
