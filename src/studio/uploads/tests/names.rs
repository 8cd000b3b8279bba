//! Names that come from elsewhere.

use proptest::prelude::*;

use super::super::{name, sanitised};
use super::{names, uploads};

#[test]
fn names_are_made_harmless() {
    let cases = [
        ("clip.mp4", "clip.mp4"),
        ("Größe ☃ (1).mp4", "Größe ☃ (1).mp4"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\videos\\a.mp4", "a.mp4"),
        ("../..", "upload"),
        ("a/", "upload"),
        ("", "upload"),
        ("...", "upload"),
        (".htaccess", "htaccess"),
        (". .. .a.mp4", "a.mp4"),
        ("a.mp4. . ", "a.mp4"),
        ("a\0b\n.mp4", "ab.mp4"),
        ("a<>:\"|?*b.mp4", "ab.mp4"),
        ("a\u{202e}4pm.exe", "a4pm.exe"),
        ("\u{200b}.a", "a"),
        ("NUL", "_NUL"),
        ("con.mp4", "_con.mp4"),
        ("Com1 .tar.gz", "_Com1 .tar.gz"),
        ("COM¹.mp4", "_COM¹.mp4"),
        ("console.mp4", "console.mp4"),
        ("..%2f..%2fa.mp4", "%2f..%2fa.mp4"),
    ];
    for (given, expected) in cases {
        assert_eq!(sanitised(given), expected, "{given:?}");
    }
    let long = sanitised(&format!("{}.mp4", "é".repeat(300)));
    assert_eq!(long, format!("{}.mp4", "é".repeat(98)));
    assert_eq!(sanitised(&"a".repeat(300)).len(), 200);
    let extension = sanitised(&format!("a.{}", "b".repeat(300)));
    assert_eq!(extension.len(), 200);
    let cut = sanitised(&format!("{}. . {}", "a".repeat(198), "b".repeat(100)));
    assert_eq!(cut, "a".repeat(198));
    assert_eq!(name::numbered(&long, 4_000_000_000).len(), 199);
    assert_eq!(name::numbered("a.mp4", 2), "a (2).mp4");
    assert_eq!(name::numbered("a", 3), "a (3)");
}

fn evil() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => prop::sample::select(vec![
            ".", "..", "/", "\\", " ", "a", ".mp4", "\0", "\u{202e}", "\u{feff}", "CON", "nul", "COM1", "%2f", ":", "\n", "é",
            "\u{a0}", "\u{3000}", "~", "-",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => (1..300_usize).prop_map(|count| "ü".repeat(count)),
        1 => (1..300_usize).prop_map(|count| ".".repeat(count)),
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_name_becomes_a_plain_one(name in evil(), number in any::<u32>()) {
        let plain = sanitised(&name);
        prop_assert!(!plain.is_empty() && plain.len() <= 200);
        prop_assert!(!plain.starts_with('.') && !plain.ends_with(['.', ' ']));
        prop_assert!(!plain.contains(['/', '\\', ':', '\0', '"', '*']) && !plain.chars().any(char::is_control));
        prop_assert_eq!(std::path::Path::new(&plain).file_name(), Some(plain.as_ref()));
        prop_assert_eq!(sanitised(&plain), plain.clone());
        let other = name::numbered(&plain, number);
        prop_assert!(other.len() <= 200 && !other.starts_with('.'));
        prop_assert_eq!(number > 1, other != plain);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_name_stays_in_the_folder(name in evil()) {
        let (folder, uploads) = uploads();
        for _ in 0..2 {
            let id = uploads.begin(&name, 1, 1000).unwrap();
            uploads.append(&id, 0, b"x").unwrap();
            let path = uploads.finish(&id).unwrap();
            prop_assert_eq!(path.parent(), Some(folder.path()));
            prop_assert!(path.is_file());
        }
        prop_assert_eq!(names(&folder).len(), 2);
    }
}
