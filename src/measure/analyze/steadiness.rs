//! Gate weave and camera shake: the whole picture moves to and fro.

use super::bytes::{details, percentile};
use super::cut_sense::CutSense;
use super::motion::{Movement, Pyramid, movement};
use super::{Detector, Finding, View, Worst};

/// Share of the blocks that have to move alike.
const AGREEING: f64 = 0.35;
/// The path is smoothed over this many seconds to each side by a parabola; what remains is shake.
const SMOOTH: f64 = 0.35;
/// Frames of a path that say something.
const PATH: usize = 16;
/// And part of all frames that have to lie in such paths.
const KNOWN: f64 = 0.3;
/// Movement to and fro from this many pixels (RMS) and this part of the width on is weave, and from the second part on it is
/// shake.
const WEAVE: f64 = 0.2;
const WEAVE_PART: f64 = 0.00025;
const SHAKE: f64 = 0.002;
/// What jumps from frame to frame is weave whatever the camera does, from this many samples of the small picture (RMS) on: that
/// of hands is at most 0.3 there, with what is measured wrongly.
const JITTER: f64 = 0.4;
/// A path that leads so many times ([`DRIFT`]) as far as what remains of it, of which this part at most jumps, is that of a
/// camera that is moved by hand, and does not weave.
const SMOOTH_HAND: f64 = 0.4;
/// Half of that is shake, too, where it goes slowly to and fro (RMS of its steps as a part of its own) and the path leads so many times
/// as far away: a camera that is held in the hand.
const SLOW: f64 = 0.9;
const DRIFT: f64 = 12.0;

/// Finds `weave` and `shake` (px RMS at full size of what a smooth path does not explain). The gate of a projector or scanner
/// displaces each frame by itself, so that weave has all frequencies; hands are slower: hardly anything of them is left by the
/// sixth difference of the path. Where that is high, it is the weave, and what else remains may be shake.
#[derive(Default)]
pub struct Steadiness {
    sense: CutSense,
    before: Option<Pyramid>,
    /// Movements of runs of frames in pixels at full size, each with the time.
    runs: Vec<Vec<(f64, Movement)>>,
    lengths: f64,
    width: usize,
    /// Pixels of a sample of the small picture.
    scale: f64,
    seen: usize,
}

impl Detector for Steadiness {
    fn frame(&mut self, view: &View) {
        self.seen += 1;
        let now = Pyramid::of(&view.small);
        let cut = self.sense.cut(view);
        let before = self.before.take();
        let before = before.filter(|before| view.follows && !cut && before.fits(&now));
        let scale = view.scale as f64;
        let found = before
            .and_then(|before| movement(&before, &now))
            .filter(|found| found.agreeing >= AGREEING)
            .map(|found| Movement {
                x: found.x * scale,
                y: found.y * scale,
                ..found
            });
        match (found, self.runs.last_mut()) {
            (Some(found), Some(run)) => run.push((view.time, found)),
            (Some(found), None) => self.runs.push(vec![(view.time, found)]),
            (None, Some(run)) if run.is_empty() => {}
            _ => self.runs.push(Vec::new()),
        }
        if self.width == 0 {
            (self.lengths, self.width) = (view.length, view.luma.width);
            self.scale = scale;
        }
        self.before = Some(now);
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        let length = if self.lengths > 0.0 {
            self.lengths
        } else {
            0.04
        };
        let reach = ((SMOOTH / length).round() as usize).clamp(6, 20);
        let (mut squares, mut steps, mut count) = (0.0, 0.0, 0usize);
        let mut jumps = Vec::new();
        let (mut worst, mut drift) = (Worst::default(), 0.0f64);
        for run in self.runs.iter().filter(|run| run.len() >= PATH) {
            let rest = rest(run, reach);
            for ((x, y), (time, _)) in rest.iter().zip(run) {
                squares += x * x + y * y;
                worst.add(x.hypot(*y), *time);
            }
            for pair in rest.windows(2) {
                steps += (pair[1].0 - pair[0].0).powi(2) + (pair[1].1 - pair[0].1).powi(2);
            }
            count += rest.len();
            drift = drift.max(extent(run));
            jumps.extend(jumps_of(run));
        }
        let rms = (squares / count.max(1) as f64).sqrt();
        let jerk = (steps / count.max(1) as f64).sqrt();
        let limit = SHAKE * self.width as f64;
        let least = WEAVE.max(WEAVE_PART * self.width as f64);
        let known = count >= PATH && count as f64 >= KNOWN * self.seen as f64;
        let sure = if !known {
            0.2
        } else {
            super::bytes::confidence(rms, least)
        };
        // The median of lengths in a plane is that of a Rayleigh distribution, whose RMS is so many times as large.
        let jitter = percentile(&mut jumps, 0.5) / std::f64::consts::LN_2.sqrt();
        let jumps = jitter >= least.max(JITTER * self.scale);
        let by_hand = drift > DRIFT * rms && jitter < SMOOTH_HAND * rms;
        // What is left without the weave.
        let swing = if jumps {
            (rms * rms - jitter * jitter).max(0.0).sqrt()
        } else {
            rms
        };
        let held = swing >= limit / 2.0 && (jumps || jerk < SLOW * rms) && drift > DRIFT * swing;
        let shakes = swing >= least && (swing >= limit || held);
        let weaves = jumps || (rms >= least && !shakes && !by_hand);
        let make = |kind, found: bool, by: f64, words: [&str; 2]| {
            let mut finding = Finding::absent(kind, "px", sure, words[0]);
            finding.details = details(&[
                ("rms", rms),
                ("jitter", jitter),
                ("step_rms", jerk),
                ("drift", drift),
                ("frames", count as f64),
            ]);
            if found {
                finding.found = true;
                finding.severity = by;
                finding.at = worst.times();
                finding.words = format!("{} by {by:.2} px (RMS).", words[1]);
            }
            finding
        };
        vec![
            make(
                "weave",
                known && weaves,
                if jumps { jitter } else { rms },
                ["The picture does not weave.", "The picture weaves"],
            ),
            make(
                "shake",
                known && shakes,
                swing,
                ["The camera does not shake.", "The camera shakes"],
            ),
        ]
    }
}

/// How far each frame lies from where the three before and after it lead to, in pixels: the sixth difference of the path, so
/// that places without any order, of deviation 1, have the deviation 1.
fn jumps_of(run: &[(f64, Movement)]) -> Vec<f64> {
    const BINOMIAL: [f64; 7] = [1.0, -6.0, 15.0, -20.0, 15.0, -6.0, 1.0];
    let norm = BINOMIAL.iter().map(|k| k * k).sum::<f64>().sqrt();
    let along = |part: &[(f64, f64)], of: fn(&(f64, f64)) -> f64| {
        let terms = BINOMIAL.iter().zip(part).map(|(k, place)| k * of(place));
        terms.sum::<f64>() / norm
    };
    path(run)
        .windows(BINOMIAL.len())
        .map(|part| along(part, |p| p.0).hypot(along(part, |p| p.1)))
        .collect()
}

/// Where the picture was at each frame, in pixels from where it was before the first.
fn path(run: &[(f64, Movement)]) -> Vec<(f64, f64)> {
    let mut place = (0.0, 0.0);
    let places = run.iter().map(|(_, moved)| {
        place = (place.0 + moved.x, place.1 + moved.y);
        place
    });
    places.collect()
}

/// How far the path of the movements leads, in pixels.
fn extent(run: &[(f64, Movement)]) -> f64 {
    let [x, y] = [|m: &Movement| m.x, |m: &Movement| m.y].map(|of| {
        let (mut place, mut least, mut largest) = (0.0f64, 0.0f64, 0.0f64);
        for (_, moved) in run {
            place += of(moved);
            (least, largest) = (least.min(place), largest.max(place));
        }
        largest - least
    });
    x.hypot(y)
}

/// What is left of the path of the movements without its smooth part: a parabola fitted around each point (Savitzky and Golay,
/// 1964), shifted inwards at the ends.
fn rest(run: &[(f64, Movement)], reach: usize) -> Vec<(f64, f64)> {
    let path = path(run);
    let wide = (2 * reach + 1).min(path.len());
    let points = 0..path.len();
    points
        .map(|at| {
            let begin = at.saturating_sub(wide / 2).min(path.len() - wide);
            let part = &path[begin..begin + wide];
            let t = (at - begin) as f64;
            let [x, y] =
                [|p: &(f64, f64)| p.0, |p: &(f64, f64)| p.1].map(|of| parabola(part, of, t));
            (path[at].0 - x, path[at].1 - y)
        })
        .collect()
}

/// The value at `t` of the parabola that fits the values of `part` at 0, 1, 2 and so on best.
fn parabola(part: &[(f64, f64)], of: fn(&(f64, f64)) -> f64, t: f64) -> f64 {
    let centre = (part.len() - 1) as f64 / 2.0;
    let count = part.len() as f64;
    let (mut s2, mut s4, mut v0, mut v1, mut v2) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (index, point) in part.iter().enumerate() {
        let (u, value) = (index as f64 - centre, of(point));
        s2 += u * u;
        s4 += u.powi(4);
        v0 += value;
        v1 += value * u;
        v2 += value * u * u;
    }
    let determinant = count * s4 - s2 * s2;
    if determinant <= 0.0 {
        return v0 / count;
    }
    let square = (count * v2 - s2 * v0) / determinant;
    let constant = (v0 - square * s2) / count;
    let u = t - centre;
    constant + v1 / s2.max(1e-9) * u + square * u * u
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, normal, view};
    use super::*;

    /// 40 frames of a smooth texture seen from `place(frame)`.
    fn run(place: impl Fn(f64) -> (f64, f64)) -> Vec<Finding> {
        let mut detector = Box::new(Steadiness::default());
        let waves: Vec<[f64; 3]> = (0..12)
            .map(|n| {
                let of = |k: usize| f64::from(hash(n * 3 + k)) / 65536.0;
                [of(0) * 0.9 - 0.45, of(1) * 0.9 - 0.45, of(2) * 6.0]
            })
            .collect();
        for number in 0..40u64 {
            let (dx, dy) = place(number as f64);
            detector.frame(&view(number, 200, 120, |x, y| {
                let wave = |[a, b, c]: &[f64; 3]| {
                    10.0 * (a * (x as f64 - dx) + b * (y as f64 - dy) + c).sin()
                };
                [128.0 + waves.iter().map(wave).sum::<f64>(), 128.0, 128.0]
            }));
        }
        detector.findings()
    }

    #[test]
    fn jitter_is_weave_and_large_swings_are_shake() {
        let weave = run(|n| (0.2 * normal(n as usize), 0.25 * normal(n as usize + 90)));
        assert!(weave[0].found && !weave[1].found, "{weave:?}");
        assert!((0.24..0.36).contains(&weave[0].severity), "{weave:?}");
        let shake = run(|n| (4.0 * (n * 0.9).sin(), 3.0 * (n * 1.1).cos()));
        assert!(!shake[0].found && shake[1].found, "{shake:?}");
        assert!((2.5..4.5).contains(&shake[1].severity), "{shake:?}");
    }

    #[test]
    fn weave_is_told_from_a_hand_also_where_both_are() {
        let hand = |n: f64| {
            (
                5.0 * (n * 0.3).sin() + 2.0 * n,
                4.0 * (n * 0.37).cos() + 0.8 * n,
            )
        };
        let gate = |n: f64, by: f64| (by * normal(n as usize), by * normal(n as usize + 90));
        let alone = run(hand);
        assert!(!alone[0].found && alone[1].found, "{alone:?}");
        let both = run(|n| {
            let (place, jump) = (hand(n), gate(n, 0.6));
            (place.0 + jump.0, place.1 + jump.1)
        });
        assert!(both[0].found && both[1].found, "{both:?}");
        // 0.6 px each way.
        assert!((0.6..1.1).contains(&both[0].severity), "{both:?}");
        // As strong as shake, but each frame by itself.
        let strong = run(|n| gate(n, 0.7));
        assert!(strong[0].found && !strong[1].found, "{strong:?}");
    }

    #[test]
    fn a_pan_by_hand_does_not_weave() {
        let found = run(|n| (1.5 * n + 0.35 * (n * 0.6).sin(), 0.3 * (n * 0.5).cos()));
        assert!(!found[0].found, "{found:?}");
    }

    #[test]
    fn tripods_and_pans_are_steady() {
        for speed in [0.0, 0.7, 3.0] {
            let found = run(|n| (speed * n, 0.02 * speed * n * n / 4.0));
            assert!(found.iter().all(|finding| !finding.found), "{found:?}");
        }
    }
}
