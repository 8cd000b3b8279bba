use proptest::prelude::*;

use super::*;
use crate::graph::style::{Choice, Rgb};

fn param(kind: ParamKind) -> Param {
    Param {
        name: "p".to_owned(),
        kind,
        unit: String::new(),
        help: String::new(),
        found: None,
    }
}

fn number() -> Param {
    param(ParamKind::Number {
        default: 0.0,
        min: 0.0,
        max: 1.0,
    })
}

fn parse(param: &Param, text: &str) -> Result<Value, String> {
    param.parse("s", text).map_err(|error| error.to_string())
}

fn track(param: &Param, text: &str) -> Track {
    match parse(param, text) {
        Ok(Value::Track(track)) => *track,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_track_in_one_line() {
    let made = track(&number(), " ease, 0:0, 2.5s:0.6 ,48f:1");
    assert_eq!(made.interpolation, Interpolation::Ease);
    assert_eq!(
        made.keys,
        [
            (KeyTime::Seconds(0.0), Value::Number(0.0)),
            (KeyTime::Seconds(2.5), Value::Number(0.6)),
            (KeyTime::Frames(48), Value::Number(1.0)),
        ]
    );
    assert_eq!(made.to_string(), "ease,0s:0,2.5s:0.6,48f:1");
    assert_eq!(parse(&number(), "0.5"), Ok(Value::Number(0.5)));
    let colour = param(ParamKind::Color {
        default: Rgb([0; 3]),
    });
    let made = track(&colour, "0:#000000,1:#ff0000");
    assert_eq!(made.keys[1].1, Value::Color(Rgb([255, 0, 0])));
}

#[test]
fn choices_and_switches_hold() {
    let choices = ["auto", "hold", "a:b"].map(str::to_owned).to_vec();
    let choice = param(ParamKind::Choice {
        default: Choice::find(&choices, "auto").unwrap(),
        trial: Vec::new(),
        choices,
    });
    let made = track(&choice, "0:auto,1:hold");
    assert_eq!(made.interpolation, Interpolation::Hold);
    // Words and colons of a choice's own name are no track.
    for name in ["hold", "a:b"] {
        assert_eq!(parse(&choice, name).unwrap().to_string(), name);
    }
    let flag = param(ParamKind::Flag { default: false });
    assert_eq!(
        track(&flag, "hold,0:on,1s:off").interpolation,
        Interpolation::Hold
    );
    let error = parse(&flag, "ease,0:on,1:off").unwrap_err();
    assert!(error.contains("nothing between them"), "{error}");
}

#[test]
fn mistakes_are_taught() {
    for (text, said) in [
        (
            "0:0,0:1",
            "the key 0s is not later than the one before it, 0s",
        ),
        (
            "2s:0,1s:1",
            "the key 1s is not later than the one before it, 2s",
        ),
        (
            "48f:0,24f:1",
            "the key 24f is not later than the one before it, 48f",
        ),
        ("0:0,2s", "\"2s\" is no TIME:VALUE"),
        ("0:0,", "a key is missing"),
        ("1:30:0.5", "a time is never MM:SS, write 1:30 as 90"),
        ("-1:0", "the time \"-1\" is neither seconds nor frames"),
        ("1e3:0", "the time \"1e3\""),
        ("nan:0", "the time \"nan\""),
        ("2.5f:0", "\"2.5f\" is no whole number of frames"),
        (":1", "the time \"\""),
        (
            "0:0,1:2",
            "s.p cannot be \"2\"\n  give a number from 0 to 1",
        ),
        ("0:", "s.p cannot be \"\"\n  give a number from 0 to 1"),
        ("0:nan", "give a number from 0 to 1"),
        (
            "1:30",
            "1:30 is the value 30 at 1 s: a time of 1 min 30 s is written 90",
        ),
        ("2", "s.p cannot be \"2\"\n  give a number from 0 to 1"),
        (
            "ease",
            "s.p cannot be \"ease\"\n  give a number from 0 to 1",
        ),
        ("ease,0.5", "\"0.5\" is no TIME:VALUE"),
        ("smooth,0:0", "\"smooth\" is no TIME:VALUE"),
    ] {
        let error = parse(&number(), text).unwrap_err();
        assert!(error.contains(said), "{text}: {error}");
        assert!(error.contains("\n  "), "{text} has advice: {error}");
    }
    let path = param(ParamKind::Path {
        default: String::new(),
    });
    let error = parse(&path, "0:a.cube,2s:b.cube").unwrap_err();
    assert!(error.contains("a file cannot change over time"), "{error}");
    for file in ["a.cube", "c:x.cube", "a,b:c.cube", "@a.cube"] {
        assert!(matches!(parse(&path, file), Ok(Value::Path(_))), "{file}");
    }
}

#[test]
fn tracks_in_files() {
    let read = |json: &str| {
        Track::parse_file(&number(), "s", "curve.json", json).map_err(|error| error.to_string())
    };
    let made =
        read(r#"{"interpolation": "hold", "keys": [[0, 0.0], ["1.5s", "0.5"], ["48f", 1]]}"#);
    let line = track(&number(), "hold,0:0,1.5:0.5,48f:1");
    assert_eq!(made, Ok(line));
    for (json, said) in [
        (
            r#"{"keys": [["0s", 0.0], ["2s""#,
            "the file ends early, in line 1",
        ),
        ("", "the file ends early"),
        (r#"{"keys": []}"#, "it has no keys"),
        (r#"{"key": [[0, 0]]}"#, "unknown field `key`"),
        (
            r#"{"keys": [[0, null]]}"#,
            "the value of key 1 is neither a number nor text",
        ),
        (r#"{"keys": [[0, 0], [[], 1]]}"#, "the time of key 2"),
        (r#"{"keys": [[0, 0], [0, 1]]}"#, "the key 0s is not later"),
        (r#"{"keys": [[0, 7]]}"#, "give a number from 0 to 1"),
        (r#"{"interpolation": "smooth", "keys": [[0, 0]]}"#, "smooth"),
        ("0:0,1:1", "expected"),
    ] {
        let error = read(json).unwrap_err();
        assert!(error.contains(said), "{json}: {error}");
    }
}

#[test]
fn frames_are_counted_at_the_rate_of_the_source() {
    let film = Rational::new(24000, 1001);
    let made = track(&number(), "0:0,1s:0.5,48f:1").in_seconds("s.p", film);
    assert_eq!(made.unwrap().keys[2].0, KeyTime::Seconds(2.002));
    let crossed = track(&number(), "0:0,2s:0.6,48f:0");
    let keys = |rate| {
        let made = crossed.in_seconds("s.p", Rational::new(rate, 1)).unwrap();
        made.to_string()
    };
    assert_eq!(keys(20), "0s:0,2s:0.6,2.4s:0");
    // 48 frames are 2 s here, and less there.
    assert_eq!(keys(24), "0s:0,2s:0.6,2s:0");
    assert_eq!(keys(25), "0s:0,1.92s:0,2s:0.6");
    let none = crossed
        .in_seconds("s.p", Rational::new(0, 1))
        .unwrap_err()
        .to_string();
    assert!(
        none.contains("no frame rate") && none.contains("in seconds"),
        "{none}"
    );
}

proptest! {
    #[test]
    fn no_text_panics(text in "[0-9a-z:,.@# -]{0,24}") {
        let _ = number().parse("s", &text);
    }

    #[test]
    fn no_file_panics(text in "[0-9a-z:,.\\[\\]{}\" -]{0,40}") {
        let _ = Track::parse_file(&number(), "s", "f", &text);
    }
}
