//! Cuts and soft transitions.

use serde_json::json;

use super::cut_sense::{CutSense, difference};
use super::gradual::{Gradual, Soft};
use super::{Detector, Finding, MOST_PLACES, View};
use crate::metrics::Plane;

/// What is over after so many frames was a flash or a damaged frame, not a cut.
const FLASH: usize = 3;
/// The frame after a flash differs from that before it by at most this part of what the flash does.
const ALIKE: f64 = 0.5;

/// Frames beside a dissolve in which there is no other, and beside the empty frames of a fade.
const APART: usize = 24;
const FADE: usize = 40;

/// Finds `scenes` (how many there are): `cut`, `dissolve` and `fade` with their times.
#[derive(Default)]
pub struct Scenes {
    sense: CutSense,
    gradual: Gradual,
    before: Option<Plane>,
    /// A cut that is not yet certain.
    pending: Option<Pending>,
    /// Number of the next frame in this run.
    number: usize,
    /// Frame and time of cuts and soft transitions in this run.
    cuts: Vec<(usize, f64)>,
    soft: Vec<Soft>,
    /// Transitions of the runs before: seconds and name.
    all: Vec<(f64, &'static str)>,
    seen: bool,
}

/// A cut before frame `frame`: how much it changes, and the frame before it.
struct Pending {
    frame: usize,
    time: f64,
    difference: f64,
    before: Plane,
}

impl Detector for Scenes {
    fn frame(&mut self, view: &View) {
        let same =
            |before: &Plane| (before.width, before.height) == (view.small.width, view.small.height);
        if !view.follows || !self.before.as_ref().is_some_and(same) {
            self.close();
        }
        self.seen = true;
        let mut cut = self.sense.cut(view);
        if let Some(pending) = self.pending.take() {
            let back = difference(&pending.before, &view.small) < ALIKE * pending.difference;
            if back {
                cut = false;
            } else if cut || self.number - pending.frame >= FLASH {
                self.accept(pending.frame, pending.time);
            } else {
                self.pending = Some(pending);
            }
        }
        if let Some(before) = self.before.take().filter(|_| cut) {
            self.pending = Some(Pending {
                frame: self.number,
                time: view.time,
                difference: self.sense.difference(),
                before,
            });
        }
        self.soft.extend(self.gradual.next(&view.small, view.time));
        self.before = Some(view.small.clone());
        self.number += 1;
    }

    fn findings(mut self: Box<Self>) -> Vec<Finding> {
        self.close();
        let scenes = self.all.len() + usize::from(self.seen);
        let mut finding = Finding::absent("scenes", "scenes", 0.9, "There is a single scene.");
        finding.severity = scenes as f64;
        if scenes > 1 {
            let count = |name| self.all.iter().filter(|(_, other)| *other == name).count();
            finding.found = true;
            finding.words = format!(
                "Scenes: {scenes}. Cuts: {}, dissolves: {}, fades: {}.",
                count("cut"),
                count("dissolve"),
                count("fade")
            );
            let times = self.all.iter().map(|(time, _)| *time);
            finding.at = times.take(MOST_PLACES).collect();
        }
        let listed = self.all.iter().map(|(time, transition)| {
            json!({"time": (time * 1000.0).round() / 1000.0, "transition": transition})
        });
        finding
            .details
            .insert("transitions".to_owned(), listed.collect());
        vec![finding]
    }
}

impl Scenes {
    fn accept(&mut self, frame: usize, time: f64) {
        self.cuts.push((frame, time));
        self.gradual.cut(frame);
    }

    /// Ends a run of frames without gaps.
    fn close(&mut self) {
        if let Some(pending) = self.pending.take() {
            self.accept(pending.frame, pending.time);
        }
        self.soft.extend(self.gradual.end());
        let soft = std::mem::take(&mut self.soft);
        let near = |soft: &Soft, frame: usize| frame.abs_diff(soft.frame) <= soft.reach;
        let cuts = self.cuts.drain(..).collect::<Vec<_>>();
        // A picture that fades out and comes back at once is one transition; a dissolve has no cut in it, and there are no
        // two dissolves at once.
        let counts = |one: &Soft| {
            let cut = || cuts.iter().any(|(frame, _)| near(one, *frame));
            let better = || {
                soft.iter().any(|other| {
                    let apart = one.frame.abs_diff(other.frame);
                    let room = if other.fade { FADE } else { APART };
                    apart <= other.reach + room && other.quality > one.quality
                })
            };
            one.fade || !cut() && !better()
        };
        let kept: Vec<Soft> = soft.iter().filter(|one| counts(one)).copied().collect();
        let fades = || kept.iter().filter(|soft| soft.fade);
        let alone = cuts
            .iter()
            .filter(|(frame, _)| !fades().any(|fade| near(fade, *frame)));
        let mut found: Vec<(f64, &str)> = alone.map(|(_, time)| (*time, "cut")).collect();
        found.extend(
            kept.iter()
                .map(|soft| (soft.time, if soft.fade { "fade" } else { "dissolve" })),
        );
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.all.extend(found);
        self.gradual = Gradual::default();
        self.number = 0;
        self.before = None;
    }
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, view};
    use super::*;

    /// Frames that mix the scenes `scene(frame)`: a list of scene and weight.
    fn run(frames: u64, scene: impl Fn(usize) -> Vec<(usize, f64)>) -> Vec<(f64, String)> {
        let mut scenes = Box::new(Scenes::default());
        for number in 0..frames {
            let n = number as usize;
            scenes.frame(&view(number, 160, 96, |x, y| {
                let code = |scene: usize| {
                    f64::from(hash(scene * 7919 + (x + n / 8) / 16 + y / 16 * 64) % 200)
                };
                let mixed: f64 = scene(n).iter().map(|(s, w)| w * code(*s)).sum();
                [16.0 + mixed, 128.0, 128.0]
            }));
        }
        let finding = scenes.findings().remove(0);
        let listed = finding.details["transitions"].as_array().unwrap().clone();
        assert_eq!(finding.severity as usize, listed.len() + 1);
        let text = |v: &serde_json::Value| v["transition"].as_str().unwrap().to_owned();
        let all = listed
            .iter()
            .map(|v| (v["time"].as_f64().unwrap(), text(v)));
        all.collect()
    }

    #[test]
    fn cuts_have_the_time_of_the_new_scene() {
        let found = run(40, |n| vec![(n / 15, 1.0)]);
        assert_eq!(found, [(0.6, "cut".to_owned()), (1.2, "cut".to_owned())]);
    }

    #[test]
    fn flashes_and_bad_frames_are_no_cuts() {
        assert_eq!(run(40, |n| vec![(usize::from(n == 20), 1.0)]), []);
        let white = |n: usize| vec![(0, 1.0), (1, if (20..22).contains(&n) { 3.0 } else { 0.0 })];
        assert_eq!(run(40, white), []);
    }

    #[test]
    fn dissolves_are_found_in_their_middle() {
        let found = run(80, |n| {
            let weight = ((n as f64 - 30.0) / 20.0).clamp(0.0, 1.0);
            vec![(0, 1.0 - weight), (1, weight)]
        });
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].1, "dissolve");
        assert!((found[0].0 - 1.6).abs() < 0.2, "{found:?}");
    }

    #[test]
    fn fades_through_black_are_one_transition() {
        let found = run(80, |n| {
            let weight = (n as f64 - 40.0) / 12.0;
            vec![(usize::from(n >= 40), weight.abs().min(1.0))]
        });
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].1, "fade");
    }
}
