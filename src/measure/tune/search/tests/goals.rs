//! Tests of goals.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::measure::tune::search::{Better, Goals, Metric, SearchError};

fn metrics() -> [Metric; 4] {
    [
        ("ssim", Better::More, 0.1),
        ("edges", Better::More, 0.2),
        ("flicker", Better::Less, 0.5),
        ("sharpness", Better::More, 4.0),
    ]
    .map(|(name, better, scale)| Metric {
        name: name.to_owned(),
        better,
        scale,
    })
}

fn parse(text: &str) -> Result<Goals, SearchError> {
    Goals::parse(text, &metrics())
}

fn measured(values: &[(&str, f64)]) -> BTreeMap<String, f64> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), *value))
        .collect()
}

#[test]
fn goals_are_read() {
    for (text, expected) in [
        ("ssim", "ssim"),
        (" ssim : 2 , flicker:1,", "ssim:2 flicker"),
        ("sharpness=20", "sharpness=20"),
        ("edges = -0.5 :0.25,ssim", "edges=-0.5:0.25 ssim"),
    ] {
        let goals = parse(text).unwrap();
        let shown: Vec<_> = goals.goals().iter().map(ToString::to_string).collect();
        assert_eq!(shown.join(" "), expected);
    }
}

#[test]
fn errors_teach() {
    for (text, message, advice) in [
        (
            "",
            "there is no goal",
            "the metrics are ssim, edges, flicker, sharpness",
        ),
        (
            "sim",
            "there is no metric \"sim\" (did you mean \"ssim\"?)",
            "the metrics are ssim, edges, flicker, sharpness",
        ),
        (
            "ssim,flicker,ssim:2",
            "the goal ssim is there twice",
            "leave one ssim out; a weight makes it count for more, as in ssim:2",
        ),
        (
            "ssim:0",
            "the weight of ssim, \"0\", is no number above 0 and up to 1000000",
            "a weight is written as in ssim:2",
        ),
        (
            "ssim:-1",
            "the weight of ssim, \"-1\", is no number above 0 and up to 1000000",
            "a weight is written as in ssim:2",
        ),
        (
            "ssim:1:2",
            "the weight of ssim, \"1:2\", is no number above 0 and up to 1000000",
            "a weight is written as in ssim:2",
        ),
        (
            "ssim:nan",
            "the weight of ssim, \"nan\", is no number above 0 and up to 1000000",
            "a weight is written as in ssim:2",
        ),
        (
            "edges=",
            "the target of edges, \"\", is no number",
            "a target is written as in edges=20, or edges=20:2 with a weight",
        ),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.advice(), advice);
    }
    let flat = Metric {
        name: "flat".to_owned(),
        better: Better::More,
        scale: 0.0,
    };
    assert!(matches!(
        Goals::parse("flat", &[flat]),
        Err(SearchError::Scale { .. })
    ));
}

#[test]
fn the_score_is_the_formula() {
    let goals = parse("ssim:3,flicker,sharpness=20:4").unwrap();
    let defaults = measured(&[("ssim", 0.8), ("flicker", 2.0), ("sharpness", 10.0)]);
    let trial = measured(&[("ssim", 0.85), ("flicker", 3.0), ("sharpness", 24.0)]);
    // (0.85 - 0.8) / 0.1, (2 - 3) / 0.5 and (10 - 4) / 4.
    let gains = goals.gains(&trial, &defaults);
    for (gain, expected) in gains.iter().zip([0.5, -2.0, 1.5]) {
        assert!((gain - expected).abs() < 1e-9, "{gains:?}");
    }
    let score = goals.score(&trial, &defaults);
    assert!(
        (score - (3.0 * 0.5 - 2.0 + 4.0 * 1.5) / 8.0).abs() < 1e-9,
        "{score}"
    );
    assert_eq!(goals.score(&defaults, &defaults), 0.0);
}

#[test]
fn no_gain_is_out_of_proportion() {
    let goals = parse("ssim,flicker").unwrap();
    let defaults = measured(&[("ssim", 0.0), ("flicker", 0.0)]);
    let trial = measured(&[("ssim", 1e9), ("flicker", 0.5)]);
    assert_eq!(goals.gains(&trial, &defaults), [10.0, -1.0]);
}

#[test]
fn what_was_not_measured_has_no_score() {
    let goals = parse("ssim,flicker").unwrap();
    let whole = measured(&[("ssim", 0.5), ("flicker", 1.0)]);
    let part = measured(&[("ssim", 0.5)]);
    let endless = measured(&[("ssim", 0.5), ("flicker", f64::INFINITY)]);
    for (trial, defaults) in [
        (&part, &whole),
        (&whole, &part),
        (&endless, &whole),
        (&whole, &endless),
    ] {
        assert!(goals.score(trial, defaults).is_nan());
        assert_eq!(goals.gains(trial, defaults)[0], 0.0);
    }
}

proptest! {
    #[test]
    fn no_text_is_too_much(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn no_text_of_goals_is_too_much(text in "(ssim|edges|flicker|x|[:=,. 0-9e-]){0,12}") {
        if let Err(error) = parse(&text) {
            prop_assert!(!error.advice().is_empty());
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn what_is_shown_is_read_again(ssim in 1e-6..=1e6_f64, edges in 1e-6..=1e6_f64, target in -1e9..1e9_f64) {
        let goals = parse(&format!("ssim:{ssim},edges={target}:{edges}")).unwrap();
        let shown: Vec<_> = goals.goals().iter().map(ToString::to_string).collect();
        prop_assert_eq!(parse(&shown.join(",")).unwrap(), goals);
    }

    #[test]
    fn scores_stay_in_bounds_and_ascend(values in prop::collection::vec(-1e6..1e6_f64, 6), more in 0.0..1e3_f64) {
        let goals = parse("ssim:2,flicker,sharpness=20").unwrap();
        let of = |values: &[f64]| measured(&[("ssim", values[0]), ("flicker", values[1]), ("sharpness", values[2])]);
        let (trial, defaults) = (of(&values[..3]), of(&values[3..]));
        let score = goals.score(&trial, &defaults);
        prop_assert!((-10.0..=10.0).contains(&score));
        let mut better = trial.clone();
        better.insert("ssim".to_owned(), values[0] + more);
        prop_assert!(goals.score(&better, &defaults) >= score);
        let mut worse = trial;
        worse.insert("flicker".to_owned(), values[1] + more);
        prop_assert!(goals.score(&worse, &defaults) <= score);
    }
}
