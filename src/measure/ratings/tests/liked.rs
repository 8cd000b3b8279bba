use super::super::{MIN_SAMPLES, NothingLearnt, ScoreModel};

/// Features of 12 outputs in units of very different size, and the stars of each.
const SAMPLES: [([f64; 3], f64); 12] = [
    ([0.12, 3.1, 250.0], 2.0),
    ([0.55, 2.2, 310.0], 3.0),
    ([0.91, 4.8, 120.0], 5.0),
    ([0.33, 1.9, 480.0], 2.0),
    ([0.78, 3.7, 90.0], 4.0),
    ([0.05, 4.1, 400.0], 1.0),
    ([0.64, 2.9, 205.0], 4.0),
    ([0.47, 3.3, 330.0], 3.0),
    ([0.86, 1.4, 150.0], 4.0),
    ([0.21, 2.5, 275.0], 2.0),
    ([0.72, 4.4, 365.0], 4.0),
    ([0.39, 1.1, 60.0], 3.0),
];

/// Stars that have nothing to do with the features.
const NOISE: [f64; 12] = [3.0, 1.0, 2.0, 5.0, 4.0, 2.0, 1.0, 5.0, 2.0, 4.0, 3.0, 3.0];

fn samples() -> Vec<(Vec<f64>, f64)> {
    SAMPLES
        .iter()
        .map(|(features, stars)| (features.to_vec(), *stars))
        .collect()
}

fn noise() -> Vec<(Vec<f64>, f64)> {
    let features = samples().into_iter().map(|(features, _)| features);
    features.zip(NOISE).collect()
}

fn assert_close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() < 1e-10,
        "{found} is not {expected}"
    );
}

/// The numbers are of numpy 2.4.6, by `numpy.linalg.solve` with the constant as a column that is not penalised, and
/// with every fit without one or two samples made in full.
#[test]
fn the_fit_is_the_one_of_numpy() {
    let liking = ScoreModel::fit(&samples()).unwrap();
    assert_eq!(liking.lambda(), 0.03);
    let weights = [0.912327782733569, 0.123339464353331, -0.223698818475984];
    for (found, expected) in liking.weights().iter().zip(weights) {
        assert_close(*found, expected);
    }
    assert_close(liking.predict(&[0.5, 3.0, 200.0]), 3.174694266017703);
    assert_close(liking.trust().r2, 0.900093183229029);
    assert_eq!(liking.trust().samples, 12);
    assert_eq!(liking.trust().warning(), None);
}

#[test]
fn a_model_that_has_learnt_nothing_says_so() {
    let liking = ScoreModel::fit(&noise()).unwrap();
    assert_eq!(liking.lambda(), 10.0);
    assert_close(liking.predict(&[0.5, 3.0, 200.0]), 2.903527424405737);
    assert_close(liking.trust().r2, -0.101823962766998);
    let warning = liking.trust().warning().unwrap();
    assert!(warning.contains("nothing was learnt from 12"), "{warning}");
}

#[test]
fn too_few_or_useless_samples_are_refused_with_a_reason() {
    let few = ScoreModel::fit(&samples()[..MIN_SAMPLES - 1]).unwrap_err();
    assert_eq!(few, NothingLearnt::TooFew { samples: 7 });
    assert_eq!(
        few.to_string(),
        "nothing is learnt from 7 ratings; rate 1 more"
    );
    assert!(ScoreModel::fit(&samples()[..MIN_SAMPLES]).is_ok());
    let mut same = samples();
    same.iter_mut().for_each(|(_, score)| *score = 3.0);
    assert_eq!(ScoreModel::fit(&same), Err(NothingLearnt::SameScores));
    let mut uneven = samples();
    uneven[4].0.pop();
    let expected = NothingLearnt::Uneven {
        sample: 4,
        found: 2,
        expected: 3,
    };
    assert_eq!(ScoreModel::fit(&uneven), Err(expected));
    for value in [f64::NAN, f64::INFINITY, 1e200] {
        let mut wrong = samples();
        wrong[3].0[1] = value;
        assert_eq!(ScoreModel::fit(&wrong), Err(NothingLearnt::NotFinite));
        let mut wrong = samples();
        wrong[3].1 = value;
        assert_eq!(ScoreModel::fit(&wrong), Err(NothingLearnt::NotFinite));
    }
}

#[test]
fn units_and_order_do_not_matter_and_constant_features_are_ignored() {
    let plain = ScoreModel::fit(&samples()).unwrap();
    let mut other = samples();
    other.reverse();
    for (features, _) in &mut other {
        features[0] = 1e6 * features[0] - 40.0;
        features.push(0.1);
    }
    let liking = ScoreModel::fit(&other).unwrap();
    let expected = plain.predict(&[0.5, 3.0, 200.0]);
    let found = liking.predict(&[1e6 * 0.5 - 40.0, 3.0, 200.0, 77.0]);
    assert!((found - expected).abs() < 1e-9);
    assert!((liking.trust().r2 - plain.trust().r2).abs() < 1e-9);
    assert_eq!(liking.weights()[3], 0.0);
}

#[test]
fn more_features_than_samples_and_none_at_all_can_be_fitted() {
    let wide: Vec<_> = samples()
        .into_iter()
        .enumerate()
        .map(|(n, (mut features, stars))| {
            features.extend((0..30).map(|k| ((n * 31 + k * 17) as f64).sin()));
            (features, stars)
        })
        .collect();
    let liking = ScoreModel::fit(&wide).unwrap();
    assert!(liking.trust().r2.is_finite());
    let bare: Vec<_> = samples().into_iter().map(|(_, s)| (vec![], s)).collect();
    let liking = ScoreModel::fit(&bare).unwrap();
    assert_close(liking.predict(&[]), 37.0 / 12.0);
    assert!(liking.trust().warning().is_some());
}

#[test]
fn features_that_do_not_fit_give_no_number() {
    let liking = ScoreModel::fit(&samples()).unwrap();
    assert!(liking.predict(&[1.0]).is_nan());
    assert!(liking.predict(&[1.0, f64::NAN, 1.0]).is_nan());
}
