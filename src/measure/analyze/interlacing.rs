//! Interlaced video and telecined film, by the sums of FFmpeg's `idet`.

use super::bytes::{details, percentile};
use super::fields::{FieldSums, Lines, field_sums};
use super::pulldown::{Cycles, Repeated, cycles};
use super::{Detector, Finding, View, Worst};
use crate::frame::CYCLE;

/// A frame speaks where its neighbours in time differ by so much more than the lines do, in codes of 255 and as a part of
/// the latter.
const MOVES: f64 = 0.06;
const MOVES_PART: f64 = 0.02;
/// A frame is combed where the sums of both orders of the fields differ by this part of the movement, and the lines of the
/// frame fit together not much better than lines of neighbours: 1 of a progressive frame, 0 of a combed one.
const ORDER: f64 = 0.35;
const FITS: f64 = 0.35;
/// Part of the moving frames that are combed, and part of all that are of film, from which on they are found.
const COMBED: f64 = 0.2;
const FILM: f64 = 0.2;

/// Finds `interlaced` (% of the moving frames that are combed) and `telecine` (% of the frames with a field of the frame
/// before; 40 of 2:3 pulldown). Telecined film is not called interlaced.
#[derive(Default)]
pub struct Interlacing {
    kept: Vec<(Lines, f64)>,
    /// Sums of each frame; none where a neighbour is missing.
    sums: Vec<(f64, Option<FieldSums>)>,
}

impl Detector for Interlacing {
    fn frame(&mut self, view: &View) {
        let now = Lines::of(view);
        if !view.follows || self.kept.last().is_some_and(|(last, _)| !last.fits(&now)) {
            self.kept.clear();
        }
        let sums = match &self.kept[..] {
            [(before, _), (middle, time)] => (*time, field_sums([before, middle, &now])),
            // The place of the first frame of a run.
            _ => (view.time, None),
        };
        self.sums.push(sums);
        if self.kept.len() == 2 {
            self.kept.remove(0);
        }
        self.kept.push((now, view.time));
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        let telecine = self.telecine();
        vec![self.interlaced(telecine.found), telecine]
    }
}

impl Interlacing {
    /// Whether the frames are combed; `telecined` if telecine explains it.
    fn interlaced(&self, telecined: bool) -> Finding {
        let (mut moving, mut top, mut bottom) = (0u32, 0u32, 0u32);
        let mut worst = Worst::default();
        for (time, sums) in &self.sums {
            let Some(order) = sums.as_ref().and_then(order) else {
                continue;
            };
            moving += 1;
            top += u32::from(order > 0.0);
            bottom += u32::from(order < 0.0);
            if order != 0.0 {
                worst.add(sums.map_or(0.0, |sums| sums.delta), *time);
            }
        }
        let share = |count: u32| f64::from(count) / f64::from(moving.max(1));
        let (combed, other) = (share(top.max(bottom)), share(top.min(bottom)));
        let sure = match moving {
            0 => 0.1,
            1..10 => 0.5,
            _ => (0.5 + (combed - COMBED).abs() / COMBED).min(0.97),
        };
        let mut finding = Finding::absent(
            "interlaced",
            "% of frames",
            sure,
            match moving {
                0 => "Nothing moves, so whether the picture is interlaced cannot be told.",
                _ => "The picture is progressive.",
            },
        );
        finding.details = details(&[
            ("combed", 100.0 * combed),
            ("moving_frames", f64::from(moving)),
        ]);
        if moving < 3 || combed < COMBED || other > combed / 2.0 {
            return finding;
        }
        if telecined {
            finding.words = "Frames are combed by telecine, not by interlaced shooting.".to_owned();
            return finding;
        }
        let order = if top > bottom { "top" } else { "bottom" };
        finding.found = true;
        finding.severity = 100.0 * combed;
        finding.at = worst.times();
        finding.words = format!(
            "The picture is interlaced, {order} field first: {:.0} % of the moving frames are combed.",
            100.0 * combed
        );
        finding
            .details
            .insert("field_order".to_owned(), order.into());
        finding
    }

    /// Whether fields are repeated as 2:3 pulldown does: in each five frames one top and one bottom field.
    fn telecine(&self) -> Finding {
        let gammas = self.sums.iter().filter_map(|(_, sums)| *sums);
        let mut least: Vec<f64> = gammas.map(|s| s.gamma[0].min(s.gamma[1])).collect();
        // What noise and compression change in a field that is repeated.
        let floor = percentile(&mut least, 0.05);
        let frames = self.frames();
        let shown: Vec<Repeated> = frames
            .iter()
            .map(|(_, sums)| {
                sums.filter(|sums| moves(sums, floor))
                    .map(|sums| repeated(&sums))
            })
            .collect();
        let moving = shown.iter().flatten().count();
        let (top_first, parts) = cycles(&shown);
        let of_film: usize = parts.iter().map(|part| part.to - part.from).sum();
        let share = of_film as f64 / frames.len().max(1) as f64;
        let sure = if moving < 10 { 0.3 } else { 0.9 };
        let mut finding = Finding::absent(
            "telecine",
            "% of frames",
            sure,
            "No fields are repeated as telecine does.",
        );
        finding.details = details(&[("of_film", 100.0 * share)]);
        if share >= FILM {
            finding.found = true;
            // Two in five of its frames repeat a field.
            finding.severity = 40.0 * share;
            finding.words = match of_film == frames.len() {
                true => "The picture is telecined film (2:3 pulldown), all of it.".to_owned(),
                false => format!(
                    "The picture is telecined film (2:3 pulldown): {of_film} of {} frames, in {}.",
                    frames.len(),
                    match parts.len() {
                        1 => "one part".to_owned(),
                        parts => format!("{parts} parts"),
                    }
                ),
            };
            finding.details.insert("pattern".to_owned(), "2:3".into());
            cadence(top_first, &parts, &frames, &mut finding);
        }
        finding
    }

    /// All frames in their order, by time; what they show of their fields is known of those between two others.
    fn frames(&self) -> Vec<(f64, Option<FieldSums>)> {
        // The first frame of a run has its place twice, and the newest has none yet.
        let mut frames: Vec<(f64, Option<FieldSums>)> = Vec::with_capacity(self.sums.len() + 1);
        let newest = self.kept.last().map(|(_, time)| (*time, None));
        for (time, sums) in self.sums.iter().copied().chain(newest) {
            match frames.last_mut().filter(|(last, _)| *last == time) {
                Some((_, known)) => *known = known.or(sums),
                None => frames.push((time, sums)),
            }
        }
        frames
    }
}

/// Adds which frames of the file are which of a cycle, as the style `inverse_telecine` takes it, the order of fields, and the rate.
fn cadence(
    top_first: bool,
    parts: &[Cycles],
    frames: &[(f64, Option<FieldSums>)],
    finding: &mut Finding,
) {
    let order = if top_first { "top" } else { "bottom" };
    let times: Vec<f64> = frames.iter().map(|(time, _)| *time).collect();
    let details = &mut finding.details;
    details.insert("field_order".to_owned(), order.into());
    details.insert("cadence".to_owned(), track(parts, &times).into());
    // Over all parts, as times may be rounded.
    let spans = parts.iter().map(|part| {
        (
            times[part.to - 1] - times[part.from],
            part.to - 1 - part.from,
        )
    });
    let (seconds, steps) = spans.fold((0.0, 0), |(a, b), (c, d)| (a + c, b + d));
    if seconds > 0.0 {
        details.insert("fps".to_owned(), (steps as f64 / seconds).into());
    }
}

/// Whether enough moves in a frame to tell whether a field is repeated. `floor` is the change of fields that are.
fn moves(sums: &FieldSums, floor: f64) -> bool {
    sums.gamma[0].max(sums.gamma[1]) - floor > 0.15
}

/// The names of the frames of a cycle, by the frames of film that their fields are of.
const NAMES: [&str; CYCLE] = ["AA", "BB", "BC", "CD", "DD"];

/// Cycles as the text of a track; `times` are those of all frames, in seconds.
fn track(parts: &[Cycles], times: &[f64]) -> String {
    let mut keys = Vec::new();
    let mut end = 0;
    let whole = |from: usize, to: usize, keys: &mut Vec<String>| {
        if from < to {
            keys.push(format!("{}s:whole", times[from]));
        }
    };
    for part in parts {
        whole(end, part.from, &mut keys);
        keys.push(format!("{}s:{}", times[part.from], NAMES[part.first]));
        end = part.to;
    }
    whole(end, times.len(), &mut keys);
    keys.join(",")
}

/// Order of the fields of a combed frame: above 0 if the top field was first, below 0 if the bottom field was, 0 of a
/// progressive frame. None where too little moves.
fn order(sums: &FieldSums) -> Option<f64> {
    let [a, b] = sums.alpha;
    let movement = a.max(b) - a.min(b).min(sums.delta);
    if movement < MOVES.max(MOVES_PART * sums.delta) {
        return None;
    }
    let order = (a - b) / movement;
    let fits = (a.min(b) - sums.delta) / movement;
    Some(if order.abs() > ORDER && fits < FITS {
        order
    } else {
        0.0
    })
}

/// How much more the bottom field of a frame differs from that of the frame before than the top field does, -1 to 1.
fn repeated(
    FieldSums {
        gamma: [bottom, top],
        ..
    }: &FieldSums,
) -> f64 {
    (bottom - top) / bottom.max(*top).max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, view};
    use super::*;

    /// Frames whose lines show the times `time(frame, line parity)`. A texture moves to the left by two pixels in one time.
    fn run(frames: u64, detail: usize, time: impl Fn(u64, usize) -> usize) -> Vec<Finding> {
        let mut detector = Box::new(Interlacing::default());
        for number in 0..frames {
            detector.frame(&view(number, 96, 64, |x, y| {
                let at = (x + 2 * time(number, y % 2)) / 4;
                [
                    f64::from(40 + hash(at + y / detail * 512) % 150),
                    128.0,
                    128.0,
                ]
            }));
        }
        detector.findings()
    }

    #[test]
    fn both_orders_of_fields_are_found() {
        for (first, order) in [(0, "top"), (1, "bottom")] {
            let found = run(12, 4, |n, parity| 2 * n as usize + (parity ^ first));
            assert!(found[0].found && !found[1].found, "{found:?}");
            assert_eq!(found[0].details["field_order"], order);
            assert!(found[0].words.contains(order) && found[0].severity > 90.0);
        }
    }

    #[test]
    fn progressive_frames_are_not_combed_even_with_fine_lines() {
        for detail in [1, 2, 5] {
            let found = run(12, detail, |n, _| n as usize);
            assert!(found.iter().all(|finding| !finding.found), "{found:?}");
            // Lines of noise hide how much moves.
            assert!(detail == 1 || found[0].confidence > 0.9);
        }
    }

    #[test]
    fn nothing_that_moves_says_nothing() {
        let found = run(12, 1, |_, _| 0);
        assert!(!found[0].found && found[0].confidence < 0.2);
    }

    #[test]
    fn pulldown_is_telecine_and_not_interlaced() {
        let tops = [0, 1, 1, 2, 3];
        let bottoms = [0, 1, 2, 3, 3];
        let found = run(30, 4, |n, parity| {
            let film = if parity == 0 { tops } else { bottoms };
            4 * (n as usize / 5) + film[n as usize % 5]
        });
        assert!(!found[0].found && found[1].found, "{found:?}");
        assert!((found[1].severity - 40.0).abs() < 3.0);
        assert_eq!(found[1].details["cadence"], "0s:AA");
        assert_eq!(found[1].details["field_order"], "top");
    }

    #[test]
    fn film_between_video_is_found_by_its_times() {
        let (tops, bottoms) = ([0, 1, 1, 2, 3], [0, 1, 2, 3, 3]);
        let found = run(90, 4, |n, parity| {
            let at = n as usize;
            match (30..60).contains(&at) {
                true => at,
                false => 4 * (at / 5) + [bottoms, tops][parity][at % 5],
            }
        });
        let cadence = found[1].details["cadence"].as_str().unwrap();
        let keys: Vec<(f64, &str)> = cadence
            .split(',')
            .map(|key| {
                let (time, name) = key.split_once("s:").unwrap();
                (time.parse().unwrap(), name)
            })
            .collect();
        assert_eq!(keys.len(), 3, "{cadence}");
        assert_eq!(
            keys.iter().map(|key| key.1).collect::<Vec<_>>()[..2],
            ["AA", "whole"]
        );
        assert_eq!(found[1].details["field_order"], "bottom");
    }
}
