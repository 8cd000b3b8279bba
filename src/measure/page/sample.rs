//! Data for the tests of pages.

use super::*;

/// A name that is markup in several ways.
pub(super) const HOSTILE: &str = "</script><img src=x onerror='alert(1)'>\" & ]]> \u{0}\u{1b}.mp4";

/// A picture: 1 x 1, PNG.
pub(super) fn dot() -> Embedded {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[128]).unwrap();
    writer.finish().unwrap();
    Embedded::new("image/png", bytes)
}

fn pair(name: &str) -> (String, String) {
    (name.to_owned(), HOSTILE.to_owned())
}

/// A page that has everything, with `text` wherever text can be.
pub(super) fn measured(text: &str) -> MeasurePage {
    let times: Vec<f64> = (0..500).map(|n| f64::from(n) / 25.0).collect();
    let values: Vec<Option<f64>> = (0..500u32)
        .map(|n| (n % 100 != 7).then(|| 0.9 + f64::from(n * 37 % 11) / 200.0))
        .collect();
    MeasurePage {
        title: text.to_owned(),
        facts: vec![pair(text)],
        words: vec![text.to_owned(), format!("{text} −65 %")],
        metrics: vec![
            MetricSeries {
                name: text.to_owned(),
                title: text.to_owned(),
                unit: text.to_owned(),
                help: text.to_owned(),
                higher_is_better: Some(true),
                mean: 0.91,
                harmonic_mean: Some(0.905),
                p1: 0.9,
                p5: 0.905,
                min: 0.9,
                max: 0.95,
                times: times.clone(),
                values: values.clone(),
                reference: Some(values.clone()),
                worst: vec![(4.0, 0.9), (1.0, 0.91)],
            },
            MetricSeries {
                title: "of nothing".to_owned(),
                mean: f64::INFINITY,
                p1: f64::NAN,
                ..MetricSeries::default()
            },
        ],
        scenes: vec![0.0, 5.0, 99.0, f64::NAN],
        worst: vec![
            FramePair {
                time: 4.0,
                frame: 100,
                metric: text.to_owned(),
                value: 0.9,
                before: Some(dot()),
                after: dot(),
            },
            FramePair {
                time: 4.0,
                frame: 100,
                metric: "another".to_owned(),
                value: f64::INFINITY,
                before: None,
                after: Embedded::new(text, vec![1, 2, 3]),
            },
        ],
        notes: vec![text.to_owned()],
    }
}

/// As [`measured`].
pub(super) fn analysed(text: &str) -> AnalysisPage {
    let finding = AnalysisFinding {
        kind: text.to_owned(),
        title: text.to_owned(),
        found: true,
        weight: 0.5,
        severity: 3.0,
        unit: text.to_owned(),
        confidence: 0.9,
        words: text.to_owned(),
        at: vec![1.0, 30.0, f64::NAN, 1e9],
        area: Some([0, 140, 1920, 800]),
        mends: Some(text.to_owned()),
    };
    let everywhere = AnalysisFinding {
        title: String::new(),
        at: Vec::new(),
        severity: f64::NAN,
        ..finding.clone()
    };
    let absent = AnalysisFinding {
        found: false,
        ..finding.clone()
    };
    AnalysisPage {
        title: text.to_owned(),
        facts: vec![pair(text)],
        recommendation: Advice {
            command: Some(text.to_owned()),
            reasons: vec![text.to_owned()],
        },
        findings: vec![absent, finding, everywhere],
        duration: Some(60.0),
        notes: vec![text.to_owned()],
        scenes: vec![12.0],
        thumbnails: vec![(0.0, dot()), (30.0, dot())],
    }
}

/// As [`measured`].
pub(super) fn compared(text: &str) -> ComparePage {
    let column = |label: String, clip: Option<Embedded>| Column {
        label,
        command: text.to_owned(),
        numbers: vec![pair(text)],
        image: dot(),
        clip,
    };
    ComparePage {
        title: text.to_owned(),
        facts: vec![pair(text)],
        columns: vec![
            column(text.to_owned(), Some(Embedded::new("video/mp4", vec![0]))),
            column(format!("other {text}"), None),
        ],
        reference: Some(dot()),
    }
}
