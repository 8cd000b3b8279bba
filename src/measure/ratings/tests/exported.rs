use std::io;

use serde_json::{Value, json};

use super::super::{Output, RatingsError};
use super::{AT, output, with_outputs};

#[test]
fn an_export_is_json_lines_with_the_outputs_in_them() {
    let (_folder, ratings) = with_outputs(2);
    let whole = Output {
        input_sha256: Some("b".repeat(64)),
        recipe: Some(json!({"strength": 0.5})),
        style: Some("pencil".into()),
        metrics: Some(json!({"ssimulacra2": 81.25})),
        ..output(1)
    };
    ratings.add_output(&whole).unwrap();
    ratings.rate(1, 2, None, "me", AT).unwrap();
    ratings
        .rate(1, 4, Some("two\nlines \"quoted\""), "me", AT)
        .unwrap();
    ratings.prefer(2, 1, false, None, "me", AT).unwrap();
    ratings
        .prefer(1, 2, true, Some("both"), "you", AT + 1)
        .unwrap();
    let mut text = Vec::new();
    ratings.export(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.ends_with('\n'));
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let first = json!({
        "sha256": output(1).sha256, "name": "film-1.mkv", "style": "pencil", "input_sha256": "b".repeat(64),
        "recipe": {"strength": 0.5}, "metrics": {"ssimulacra2": 81.25},
    });
    let second = json!({
        "sha256": output(2).sha256, "name": "film-2.mkv", "style": null, "input_sha256": null,
        "recipe": null, "metrics": null,
    });
    let expected = [
        json!({
            "kind": "rating", "stars": 4, "note": "two\nlines \"quoted\"", "rater": "me",
            "at": "2026-11-27T21:30:00Z", "output": first,
        }),
        json!({
            "kind": "preference", "tie": false, "winner": second, "loser": first, "note": null, "rater": "me",
            "at": "2026-11-27T21:30:00Z",
        }),
        json!({
            "kind": "preference", "tie": true, "winner": first, "loser": second, "note": "both", "rater": "you",
            "at": "2026-11-27T21:30:01Z",
        }),
    ];
    assert_eq!(lines, expected);
    assert!(text.starts_with("{\"kind\":\"rating\",\"stars\":4,"));
}

#[test]
fn a_file_without_ratings_exports_nothing() {
    let (_folder, ratings) = with_outputs(1);
    let mut text = Vec::new();
    ratings.export(&mut text).unwrap();
    assert!(text.is_empty());
}

/// A disk without space.
struct Full;

impl io::Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_export_that_fails_says_so() {
    let (_folder, ratings) = with_outputs(1);
    ratings.rate(1, 3, None, "me", AT).unwrap();
    let error = ratings.export(&mut Full).unwrap_err();
    assert!(matches!(error, RatingsError::Export { .. }));
    assert!(error.to_string().contains("ratings.sqlite"), "{error}");
    ratings.rate(1, 3, None, "me", AT).unwrap();
}
