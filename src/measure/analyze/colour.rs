//! Colour: a cast over the whole picture, and pictures without colour.

use super::bytes::{Bytes, confidence, details, percentile};
use super::{Detector, Finding, View, Worst};

/// One frame of so many is looked at, at so many places each way.
const EVERY: u64 = 10;
const PLACES: (usize, usize) = (160, 90);
/// A cast from this on is a defect, in codes of 255 from neutral.
const CAST: f64 = 5.0;
/// Pixels nearer to neutral than this, in codes, are neutral; a picture with so many of them has no cast.
const NEUTRAL: f64 = 3.5;
const MOST_NEUTRAL: f64 = 0.08;
/// Chroma within this many codes of neutral may be gray under a cast; fewer than this part of such pixels tell nothing.
const NEAR: f64 = 45.0;
const FEWEST_NEAR: f64 = 0.15;
/// Chroma that differs by so many codes across the direction of the cast is of several hues.
const HUES: f64 = 14.0;
/// Names of the directions of a cast, by eighths of a turn from Cb to Cr.
const NAMES: [&str; 8] = [
    "blue", "magenta", "red", "orange", "yellow", "green", "teal", "cyan",
];

/// Finds `colour_cast` (codes of 255 by which chroma is away from neutral in dark, middle and bright tones alike; gray
/// world, Buchsbaum 1980, for each third of the tones, and the white patch) and `monochrome` (percent of frames without colour; the picture may be
/// tinted).
#[derive(Default)]
pub struct Colour {
    frames: u64,
    seen: u64,
    without: u64,
    casts: Vec<[f64; 2]>,
    worst: Worst,
}

impl Detector for Colour {
    fn frame(&mut self, view: &View) {
        self.seen += 1;
        if self.seen % EVERY != 1 {
            return;
        }
        self.frames += 1;
        let Some([cb, cr]) = Bytes::chroma(view) else {
            self.without += 1;
            return;
        };
        let luma = Bytes::luma(view);
        let mut places = samples(&luma, &cb, &cr);
        if is_monochrome(&places) {
            self.without += 1;
            return;
        }
        // Ends of the range have lost their colour.
        places.retain(|[luma, ..]| (32.0..225.0).contains(luma));
        if let Some(cast) = cast(&mut places) {
            self.casts.push(cast);
            self.worst.add(cast[0].hypot(cast[1]), view.time);
        }
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        let axis = |n: usize| {
            percentile(
                &mut self.casts.iter().map(|cast| cast[n]).collect::<Vec<_>>(),
                0.5,
            )
        };
        let (cb, cr) = (axis(0), axis(1));
        let size = cb.hypot(cr);
        let sure = if self.casts.is_empty() {
            0.3
        } else {
            confidence(size, CAST).min(0.8)
        };
        let mut cast = Finding::absent(
            "colour_cast",
            "codes of 255",
            sure,
            "There is no colour cast.",
        );
        cast.details = details(&[("cb", cb), ("cr", cr)]);
        if size >= CAST {
            let turn = (cr.atan2(cb) / std::f64::consts::TAU * 8.0)
                .round()
                .rem_euclid(8.0);
            let name = NAMES[turn as usize % 8];
            cast.found = true;
            cast.severity = size;
            cast.at = self.worst.times();
            cast.words =
                format!("All tones have a {name} cast, {size:.0} codes of 255 away from neutral.");
            cast.details.insert("direction".to_owned(), name.into());
        }
        let share = 100.0 * self.without as f64 / self.frames.max(1) as f64;
        let mut monochrome =
            Finding::absent("monochrome", "% of frames", 0.9, "The picture has colours.");
        if share >= 90.0 {
            monochrome.found = true;
            monochrome.severity = share;
            monochrome.words = "The picture has no colours.".to_owned();
        }
        vec![cast, monochrome]
    }
}

/// Luma, and Cb and Cr away from neutral, at some places.
fn samples(luma: &Bytes, cb: &Bytes, cr: &Bytes) -> Vec<[f64; 3]> {
    let (across, down) = (cb.width.min(PLACES.0), cb.height.min(PLACES.1));
    let mut places = Vec::with_capacity(across * down);
    for row in 0..down {
        let y = row * cb.height / down;
        for column in 0..across {
            let x = column * cb.width / across;
            let code = luma.row(y * luma.height / cb.height)[x * luma.width / cb.width];
            let away = |plane: &Bytes| f64::from(plane.row(y)[x]) - 128.0;
            places.push([f64::from(code), away(cb), away(cr)]);
        }
    }
    places
}

/// Whether chroma is the same nearly everywhere.
fn is_monochrome(places: &[[f64; 3]]) -> bool {
    [1, 2].iter().all(|axis| {
        let mut codes: Vec<f64> = places.iter().map(|place| place[*axis]).collect();
        percentile(&mut codes, 0.995) - percentile(&mut codes, 0.005) <= 5.0
    })
}

/// Cb and Cr of what dark, middle and bright tones have in common, or none where too few tones are to be seen.
fn cast(places: &mut [[f64; 3]]) -> Option<[f64; 2]> {
    const FEWEST: usize = 300;
    if places.len() < FEWEST {
        return None;
    }
    let neutral = places
        .iter()
        .filter(|place| place[1].hypot(place[2]) < NEUTRAL)
        .count();
    if neutral as f64 > MOST_NEUTRAL * places.len() as f64 {
        return Some([0.0; 2]);
    }
    let near = places
        .iter()
        .filter(|place| place[1].hypot(place[2]) < NEAR)
        .count();
    if (near as f64) < FEWEST_NEAR * places.len() as f64 {
        return None;
    }
    places.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let (third, bright) = (places.len() / 3, places.len() * 24 / 25);
    let parts = [
        (0, third),
        (third, 2 * third),
        (2 * third, places.len()),
        (bright, places.len()),
    ];
    let means = parts.map(|(from, to)| {
        let part = &places[from..to];
        let axis = |axis: usize| {
            percentile(
                &mut part.iter().map(|place| place[axis]).collect::<Vec<_>>(),
                0.5,
            )
        };
        [axis(1), axis(2)]
    });
    let sum = means
        .iter()
        .fold([0.0; 2], |sum, mean| [sum[0] + mean[0], sum[1] + mean[1]]);
    let length = sum[0].hypot(sum[1]).max(1e-9);
    let direction = [sum[0] / length, sum[1] / length];
    let least = means
        .iter()
        .map(|mean| mean[0] * direction[0] + mean[1] * direction[1])
        .fold(f64::MAX, f64::min);
    // One material, as wood or earth, has one hue: its colour is no cast.
    let turned = places
        .iter()
        .map(|place| place[1] * direction[1] - place[2] * direction[0]);
    let mut turned: Vec<f64> = turned.collect();
    let across = percentile(&mut turned, 0.9) - percentile(&mut turned, 0.1);
    if across < HUES {
        return None;
    }
    let least = least.max(0.0);
    Some([direction[0] * least, direction[1] * least])
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, view};
    use super::*;

    fn run(cb: f64, cr: f64, colours: f64) -> Vec<Finding> {
        let mut colour = Box::new(Colour::default());
        colour.frame(&view(0, 200, 100, |x, y| {
            let patch = x / 5 + y / 5 * 64;
            let vivid = |n: usize| (f64::from(hash(patch + n)) / 65536.0 - 0.5) * colours;
            [
                40.0 + f64::from(hash(patch) % 180),
                128.0 + cb + vivid(7000),
                128.0 + cr + vivid(9000),
            ]
        }));
        colour.findings()
    }

    #[test]
    fn what_all_tones_share_is_a_cast() {
        let found = run(-15.0, 14.0, 40.0);
        assert!(found[0].found && !found[1].found);
        assert_eq!(found[0].details["direction"], "orange");
        assert!((14.0..26.0).contains(&found[0].severity));
        assert!(!run(0.0, 0.0, 60.0)[0].found);
    }

    #[test]
    fn tinted_pictures_have_no_colours() {
        assert!(run(0.0, 0.0, 0.0)[1].found);
        assert!(run(-10.0, 8.0, 0.0)[1].found);
    }
}
