use serde_json::json;

use super::super::{Output, Preference, Rating, Ratings, RatingsError};
use super::{AT, output, place, with_outputs};

#[test]
fn what_was_written_is_there_when_the_file_is_opened_again() {
    let (_folder, path) = place();
    let whole = Output {
        input_sha256: Some("a".repeat(64)),
        recipe: Some(json!({"style": "pencil", "strength": 0.5, "passes": [1, 2]})),
        style: Some("pencil".into()),
        metrics: Some(json!({"ssimulacra2": 81.25})),
        ..output(1)
    };
    {
        let ratings = Ratings::open(&path).unwrap();
        assert_eq!(ratings.add_output(&whole).unwrap(), 1);
        assert_eq!(ratings.add_output(&output(2)).unwrap(), 2);
        assert_eq!(
            ratings
                .rate(1, 4, Some("fine line \u{1f58b}\n2nd"), "me", AT)
                .unwrap(),
            1
        );
        assert_eq!(ratings.prefer(1, 2, false, None, "me", AT).unwrap(), 1);
        assert_eq!(
            ratings.prefer(2, 1, true, Some(" "), " you ", AT).unwrap(),
            2
        );
    }
    let ratings = Ratings::open(&path).unwrap();
    let outputs = ratings.outputs().unwrap();
    assert_eq!((outputs[0].id, outputs[1].id, outputs.len()), (1, 2, 2));
    assert_eq!(
        (&outputs[0].output, &outputs[1].output),
        (&whole, &output(2))
    );
    assert_eq!(outputs[0].output.name, "film-1.mkv", "no folder is kept");
    let rated = Rating {
        id: 1,
        output: 1,
        stars: 4,
        note: Some("fine line \u{1f58b}\n2nd".into()),
        rater: "me".into(),
        at: AT,
    };
    assert_eq!(ratings.latest_ratings().unwrap(), [rated]);
    let preference = |id, winner, loser, tie, rater: &str| Preference {
        id,
        winner,
        loser,
        tie,
        note: None,
        rater: rater.into(),
        at: AT,
    };
    let expected = [
        preference(1, 1, 2, false, "me"),
        preference(2, 2, 1, true, "you"),
    ];
    assert_eq!(ratings.preferences().unwrap(), expected);
}

#[test]
fn the_last_rating_of_each_rater_counts_even_if_the_clock_was_set_back() {
    let (_folder, ratings) = with_outputs(2);
    ratings.rate(1, 2, None, "me", AT).unwrap();
    ratings.rate(1, 3, None, "you", AT).unwrap();
    ratings.rate(2, 1, None, "me", AT).unwrap();
    ratings.rate(1, 5, None, "me", AT - 60).unwrap();
    let latest = ratings.latest_ratings().unwrap();
    let seen: Vec<_> = latest
        .iter()
        .map(|one| (one.output, one.rater.as_str(), one.stars))
        .collect();
    assert_eq!(seen, [(1, "you", 3), (2, "me", 1), (1, "me", 5)]);
}

#[test]
fn an_output_that_is_added_again_is_completed_and_loses_nothing() {
    let (_folder, ratings) = with_outputs(1);
    let more = Output {
        sha256: format!("{:064X}", 1),
        name: "renamed.mkv".into(),
        style: Some("ink".into()),
        metrics: Some(json!({"a": 1})),
        added: AT + 5,
        ..output(1)
    };
    assert_eq!(ratings.add_output(&more).unwrap(), 1);
    let nothing = Output {
        metrics: Some(json!(null)),
        name: "renamed.mkv".into(),
        ..output(1)
    };
    assert_eq!(ratings.add_output(&nothing).unwrap(), 1);
    let stored = &ratings.outputs().unwrap()[0].output;
    let expected = Output {
        sha256: output(1).sha256,
        added: AT,
        ..more
    };
    assert_eq!(*stored, expected);
}

#[test]
fn what_cannot_be_kept_is_refused_with_words_and_nothing_is_written() {
    let (_folder, ratings) = with_outputs(2);
    let mut deep = json!(1);
    for _ in 0..200 {
        deep = json!([deep]);
    }
    let bad = |change: fn(&mut Output)| {
        let mut output = output(9);
        change(&mut output);
        ratings.add_output(&output).unwrap_err()
    };
    let refused = [
        ratings.rate(1, 0, None, "me", AT).unwrap_err(),
        ratings.rate(1, 6, None, "me", AT).unwrap_err(),
        ratings.rate(1, 3, None, " ", AT).unwrap_err(),
        ratings.rate(1, 3, None, "me", -1).unwrap_err(),
        ratings.prefer(1, 1, false, None, "me", AT).unwrap_err(),
        ratings
            .add_output(&Output {
                recipe: Some(deep),
                ..output(9)
            })
            .unwrap_err(),
        bad(|output| output.name = "folder/film.mkv".into()),
        bad(|output| output.name = "..".into()),
        bad(|output| output.name.clear()),
        bad(|output| output.sha256 = "g".repeat(64)),
        bad(|output| output.sha256.truncate(63)),
        bad(|output| output.input_sha256 = Some(String::new())),
        bad(|output| output.added = i64::MAX),
    ];
    for error in &refused {
        assert!(matches!(error, RatingsError::Invalid { .. }), "{error:?}");
        assert!(error.to_string().contains("ratings.sqlite"), "{error}");
        assert!(!error.advice().is_empty());
    }
    for error in [
        ratings.rate(3, 3, None, "me", AT).unwrap_err(),
        ratings.prefer(1, 3, true, None, "me", AT).unwrap_err(),
        ratings.prefer(3, 1, true, None, "me", AT).unwrap_err(),
    ] {
        assert!(matches!(error, RatingsError::UnknownOutput { id: 3, .. }));
    }
    assert_eq!(ratings.outputs().unwrap().len(), 2);
    assert_eq!(ratings.latest_ratings().unwrap(), []);
    assert_eq!(ratings.preferences().unwrap(), []);
}

#[cfg(unix)]
#[test]
fn a_new_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, _) = place();
    let path = folder.path().join("new").join("ratings.sqlite");
    let ratings = Ratings::open(&path).unwrap();
    ratings.add_output(&output(1)).unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("new")), 0o700);
    for name in ["ratings.sqlite", "ratings.sqlite-wal", "ratings.sqlite-shm"] {
        assert_eq!(mode(&path.with_file_name(name)), 0o600, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_was_deleted_while_it_was_open_takes_no_more_ratings() {
    let (_folder, ratings) = with_outputs(1);
    std::fs::remove_file(ratings.path()).unwrap();
    let error = ratings.rate(1, 3, None, "me", AT).unwrap_err();
    assert!(matches!(error, RatingsError::Moved { .. }), "{error:?}");
}

#[test]
fn every_setting_is_as_promised() {
    let (_folder, ratings) = with_outputs(0);
    let setting = |name: &str| -> String {
        ratings
            .connection
            .query_row(
                &format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"),
                [],
                |row| row.get(0),
            )
            .unwrap()
    };
    assert_eq!(setting("journal_mode"), "wal");
    assert_eq!(setting("synchronous"), "2");
    assert_eq!(setting("foreign_keys"), "1");
}
