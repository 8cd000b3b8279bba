//! Names of WGSL modules: the path of a file in the library as a path of WGSL, and imports relative to a file's folder.

use super::kernel::tokens;

/// The path `package::FOLDER::FILE` of the file at `path` (`comic/screen`), without its `package::`. What cannot stand in
/// a name of WGSL is spelled out, so that a folder may be called `my-comic`.
pub(super) fn module_name(path: &str) -> String {
    let parts: Vec<String> = path.split('/').map(identifier).collect();
    parts.join("::")
}

/// `part` as a name of WGSL: itself, where it is one.
pub(super) fn identifier(part: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if part.chars().all(plain) && !part.starts_with(|first: char| first.is_ascii_digit()) {
        return part.to_owned();
    }
    let mut name = String::from("folder_");
    for c in part.chars() {
        match plain(c) {
            true => name.push(c),
            false => name.push_str(&format!("_{:x}_", u32::from(c))),
        }
    }
    name
}

/// `source`, the text of the file at `path` in the library, with its relative paths made absolute: `super::` is the
/// folder that the file lies in, `super::super::` the folder around that.
pub(super) fn absolute(path: &str, source: &str) -> String {
    if !source.contains("super") {
        return source.to_owned();
    }
    let folders: Vec<&str> = path.split('/').collect();
    let tokens = tokens(source);
    let mut out = String::with_capacity(source.len());
    let mut copied = 0;
    let mut index = 0;
    while index < tokens.len() {
        let start = index;
        while tokens[index..].starts_with(&["super", ":", ":"]) {
            index += 3;
        }
        let up = (index - start) / 3;
        // What leads out of the library is left as it is, and refused when it is linked.
        if (1..=folders.len()).contains(&up) {
            let from = offset(source, tokens[start]);
            let last = tokens[index - 1];
            let folder = folders[..folders.len() - up].join("/");
            out.push_str(&source[copied..from]);
            out.push_str("package::");
            if !folder.is_empty() {
                out.push_str(&module_name(&folder));
                out.push_str("::");
            }
            copied = offset(source, last) + last.len();
        }
        index = index.max(start + 1);
    }
    out.push_str(&source[copied..]);
    out
}

/// Where `token`, a part of `source`, begins in it.
fn offset(source: &str, token: &str) -> usize {
    token.as_ptr() as usize - source.as_ptr() as usize
}

/// `source` without its comments, and with one space wherever there is white space: two texts that differ in nothing else
/// are the same program.
pub(super) fn program(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut end = 0;
    for token in tokens(source) {
        let start = offset(source, token);
        if start > end {
            out.push(' ');
        }
        out.push_str(token);
        end = start + token.len();
    }
    out.trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_begin_at_the_folder_of_the_file() {
        for (path, text, expected) in [
            (
                "comic/halftone",
                "import super::screen::cover;",
                "import package::comic::screen::cover;",
            ),
            (
                "mine/a/k",
                "import super::super::b::{f, g}; // super::x\nfn h() { super::c::d(); }",
                "import package::mine::b::{f, g}; // super::x\nfn h() { package::mine::a::c::d(); }",
            ),
            (
                "mine/k",
                "import super::super::common::hash::pcg3d;",
                "import package::common::hash::pcg3d;",
            ),
            (
                "my-comic/k",
                "import super::screen::cover;",
                "import package::folder_my_2d_comic::screen::cover;",
            ),
            ("k", "import super::a::b;", "import package::a::b;"),
            (
                "k",
                "import super::super::a::b;",
                "import super::super::a::b;",
            ),
            ("mine/k", "let superb = 1; // ü", "let superb = 1; // ü"),
        ] {
            assert_eq!(absolute(path, text), expected, "{path}");
        }
        assert_eq!(module_name("comic/screen"), "comic::screen");
        assert_eq!(module_name("8mm/k"), "folder_8mm::k");
    }

    #[test]
    fn comments_and_line_ends_are_no_part_of_a_program() {
        let text = "// one\nfn f() {\n    return 1.0;\n}\n";
        let other = "fn f() {\r\n/* two */ return  1.0; }";
        assert_eq!(program(text), program(other));
        assert_ne!(program("a - -b"), program("a --b"));
        // A carriage return alone ends a line, too: what follows is compiled.
        assert_ne!(program("// x\ra = 1;\n"), program("// x\ra = 2;\n"));
        assert_ne!(program("1.0"), program("1. 0"));
    }
}
