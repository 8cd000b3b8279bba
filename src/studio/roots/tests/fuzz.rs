//! Names that are meant to lead astray.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{EXTENSIONS, roots};

fn nasty() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        6 => prop::sample::select(vec![
            "videos", "sub", "a.mp4", "b.mp4", "secret.mp4", "uploads", "read-only", "up", "..", ".", "...", "", "..%2f",
            "%2e%2e", "%2e%2e%2fsecret.mp4", "..%5c", "%00", "\0", "..\\", "..\\secret.mp4", "\u{2024}\u{2024}", "\u{ff0e}\u{ff0e}",
            "\u{2025}", "..\u{2215}", "\u{ff0f}", "~", "$HOME", "C:", "con", "a.mp4 ", "a.mp4.", "a.mp4::$DATA", ".hidden.mp4",
            "\u{202e}", "\n", "*", "?", "file:", "\\\\?\\",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
        1 => any::<String>(),
        1 => (200..5000_usize).prop_map(|count| "a".repeat(count)),
    ];
    let joint = prop::sample::select(vec!["/", "/", "/", "/", "//", "\\", "%2f", ""]);
    prop::collection::vec((part, joint), 1..8).prop_map(|parts| {
        parts
            .into_iter()
            .map(|(part, joint)| part + joint)
            .collect::<String>()
    })
}

#[test]
fn nothing_leads_outside() {
    let (_folder, roots) = roots();
    #[cfg(unix)]
    std::os::unix::fs::symlink("..", roots.roots()[0].path.join("up")).unwrap();
    let inside: BTreeSet<PathBuf> = roots.roots().iter().map(|root| root.path.clone()).collect();
    let is_inside = |path: &Path| inside.iter().any(|root| path.starts_with(root));
    let config = ProptestConfig {
        cases: 4000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let name = prop_oneof![nasty(), nasty().prop_map(|rest| format!("videos/{rest}"))];
    runner
        .run(&name, |name| {
            for place in [roots.resolve(&name), roots.resolve_new(&name)]
                .into_iter()
                .flatten()
            {
                prop_assert!(is_inside(&place.path), "{:?}", place);
                prop_assert!(roots.name_of(&place.path).is_some());
                let parts = place.path.components();
                prop_assert!(parts.into_iter().all(|part| part.as_os_str() != ".."));
            }
            let _ = roots.list(&name, &EXTENSIONS, false, Some(&name), 5);
            Ok(())
        })
        .unwrap();
}
