//! Colour: a cast over the whole picture, and pictures without colour.

use super::bytes::{Bytes, confidence, details, percentile};
use super::cast::{Chroma, Estimates, common, estimates};
use super::{Detector, Finding, View, Worst};

/// One frame of so many is looked at, at so many places each way.
const EVERY: u64 = 10;
const PLACES: (usize, usize) = (160, 90);
/// A cast from this on is a defect, in codes of 255 from neutral.
const CAST: f64 = 5.0;
/// Part of the frames looked at that have to say something about casts, or about what is added to black.
const TELLING: f64 = 0.2;
/// Names of the directions of a cast, by eighths of a turn from Cb to Cr.
const NAMES: [&str; 8] = [
    "blue", "magenta", "red", "orange", "yellow", "green", "teal", "cyan",
];

/// Finds `colour_cast` (codes of 255 by which chroma is away from neutral: of a coloured light, at middle luma, the least that
/// several estimates of the light agree on; of what is added to all tones, the least of what black, white and grays show) and
/// `monochrome` (percent of frames without colour; the picture may be tinted). Estimates are medians over the file, so that
/// the colours of one scene count as much as it is long; scenes of one hue say nothing.
#[derive(Default)]
pub struct Colour {
    frames: u64,
    seen: u64,
    without: u64,
    casts: Vec<Estimates>,
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
        let places = samples(&luma, &cb, &cr);
        if is_monochrome(&places) {
            self.without += 1;
            return;
        }
        if let Some(found) = estimates(view, [&luma, &cb, &cr]) {
            self.worst.add(common(&found.light).1, view.time);
            self.casts.push(found);
        }
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        let telling = |count: usize| count as f64 >= TELLING * (self.frames - self.without) as f64;
        let lights: Vec<_> = self.casts.iter().map(|each| each.light).collect();
        let added: Vec<_> = self.casts.iter().filter_map(|each| each.added).collect();
        let light = (!lights.is_empty() && telling(lights.len()))
            .then(|| common(&medians(&lights)))
            .filter(|(_, size)| *size > 0.0);
        let black = (!added.is_empty() && telling(added.len()))
            .then(|| common(&medians(&added)))
            .filter(|(_, size)| *size > 0.0);
        let larger = match (light, black) {
            (Some(light), Some(black)) if black.1 > light.1 => Some(black),
            (light, black) => light.or(black),
        };
        let ([cb, cr], size) = larger.map_or(([0.0; 2], 0.0), |(direction, size)| {
            (direction.map(|v| v * size), size)
        });
        let sure = if lights.is_empty() {
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
            let article = if name == "orange" { "an" } else { "a" };
            cast.words = format!(
                "All tones have {article} {name} cast, {size:.0} codes of 255 away from neutral."
            );
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

/// The median over all frames of each estimate. There is one frame at least.
fn medians<const N: usize>(frames: &[[Chroma; N]]) -> [Chroma; N] {
    std::array::from_fn(|which| {
        [0, 1].map(|axis| {
            let mut values: Vec<f64> = frames.iter().map(|each| each[which][axis]).collect();
            percentile(&mut values, 0.5)
        })
    })
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

    /// Patches of `hues` around a wheel, from black to white, in light of these red, green and blue gains.
    fn lit(gains: [f64; 3], hue: impl Fn(usize) -> [f64; 3]) -> Finding {
        let mut colour = Box::new(Colour::default());
        colour.frame(&view(0, 320, 160, |x, y| {
            let patch = x / 8 + y / 8 * 64;
            let level = 5.0 + f64::from(hash(patch) % 200);
            let surface = hue(patch);
            let [red, green, blue] = [0, 1, 2].map(|n| (level * surface[n] * gains[n]).min(255.0));
            let luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
            let difference = |of: f64, scale: f64| 128.0 + (of - luma) / scale * 224.0 / 255.0;
            [
                16.0 + luma * 219.0 / 255.0,
                difference(blue, 1.8556),
                difference(red, 1.5748),
            ]
        }));
        colour.findings().remove(0)
    }

    /// Every third surface is gray, and the others have all hues.
    fn of_all_hues(patch: usize) -> [f64; 3] {
        [1, 2, 3].map(|n| match hash(patch + 5000) % 3 {
            0 => 0.9,
            _ => 0.5 + f64::from(hash(patch + 10_000 * n)) / 131_072.0,
        })
    }

    #[test]
    fn coloured_light_is_a_cast() {
        assert!(!lit([1.0; 3], of_all_hues).found);
        for (gains, name) in [
            ([1.12, 1.0, 0.88], "orange"),
            ([0.88, 1.0, 1.12], "cyan"),
            ([0.94, 1.1, 0.94], "green"),
        ] {
            let found = lit(gains, of_all_hues);
            assert!(found.found, "{name} {found:?}");
            assert_eq!(found.details["direction"], name);
            assert!((5.0..14.0).contains(&found.severity), "{found:?}");
        }
    }

    #[test]
    fn a_scene_of_one_material_has_no_cast() {
        // Wood, with things that are nearly gray: the edges are theirs.
        let wood = |patch: usize| match hash(patch + 5000) % 5 {
            0 => [1.15, 1.05, 0.93],
            _ => [0.6, 0.33, 0.13],
        };
        let found = lit([1.0; 3], wood);
        assert!(!found.found, "{found:?}");
    }

    #[test]
    fn tinted_pictures_have_no_colours() {
        assert!(run(0.0, 0.0, 0.0)[1].found);
        assert!(run(-10.0, 8.0, 0.0)[1].found);
    }
}
