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
