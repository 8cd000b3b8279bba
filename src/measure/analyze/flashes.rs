//! Flashes that may trigger photosensitive seizures.

use std::collections::VecDeque;

use super::change::block_means;
use super::{Detector, Finding, View, Worst};

/// A change counts from this part of the largest luminance on, where the darker one is below the second (WCAG 2.2, "general
/// flash"; ITU-R BT.1702-3 has 20 cd/m² of 200, below 160).
const CHANGE: f32 = 0.1;
const DARKER: f32 = 0.8;
/// Part of the picture that changes within so many seconds.
const AREA: f64 = 0.25;
const TOGETHER: f64 = 0.1;
/// Part of that area that may change the other way meanwhile.
const OPPOSITE: f64 = 0.4;
/// More than so many flashes within a second are a defect; a flash is two opposite changes.
const MOST: u32 = 3;

/// Finds `flashes` (the most within one second): opposing changes of relative luminance of 10 % and more over a quarter of
/// the picture, more than three pairs a second.
#[derive(Default)]
pub struct Flashes {
    blocks: Vec<Block>,
    /// Time and shares of the picture that became brighter and darker, of the last frames.
    recent: VecDeque<(f64, [f64; 2])>,
    /// Times of the last changes of the picture, and whether the last one was to the brighter.
    changes: VecDeque<f64>,
    brighter: Option<bool>,
    most: u32,
    worst: Worst,
}

/// The luminance of a block since its last change: least and largest, and the direction of that change.
#[derive(Clone, Copy)]
struct Block {
    least: f32,
    largest: f32,
    brighter: Option<bool>,
}

impl Detector for Flashes {
    fn frame(&mut self, view: &View) {
        let (means, _) = block_means(&view.small);
        let values = means.iter().map(|code| luminance(*code, view.limited));
        if !view.follows || self.blocks.len() != means.len() {
            let new = values.map(|value| Block {
                least: value,
                largest: value,
                brighter: None,
            });
            self.blocks = new.collect();
            self.recent.clear();
            self.changes.clear();
            self.brighter = None;
            return;
        }
        let mut counts = [0u32; 2];
        for (block, value) in self.blocks.iter_mut().zip(values) {
            if let Some(brighter) = block.next(value) {
                counts[usize::from(!brighter)] += 1;
            }
        }
        let shares = counts.map(|count| f64::from(count) / means.len() as f64);
        self.recent.push_back((view.time, shares));
        while self
            .recent
            .front()
            .is_some_and(|(time, _)| *time < view.time - TOGETHER)
        {
            self.recent.pop_front();
        }
        for (index, brighter) in [true, false].into_iter().enumerate() {
            let [area, other] = [index, 1 - index].map(|index| {
                self.recent
                    .iter()
                    .map(|(_, shares)| shares[index])
                    .sum::<f64>()
            });
            // Where as much becomes darker as brighter, the picture moves.
            if area < AREA || other > OPPOSITE * area || self.brighter == Some(brighter) {
                continue;
            }
            self.brighter = Some(brighter);
            self.recent.clear();
            self.changes.push_back(view.time);
            while self
                .changes
                .front()
                .is_some_and(|time| *time <= view.time - 1.0)
            {
                self.changes.pop_front();
            }
            let flashes = (self.changes.len() as u32).div_ceil(2);
            self.most = self.most.max(flashes);
            if flashes > MOST {
                self.worst.add(f64::from(flashes), view.time);
            }
        }
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        let mut finding = Finding::absent(
            "flashes",
            "flashes a second",
            0.9,
            "There are not more than three flashes in any second.",
        );
        finding
            .details
            .insert("most_in_a_second".to_owned(), self.most.into());
        if self.most > MOST {
            finding.found = true;
            finding.severity = f64::from(self.most);
            finding.at = self.worst.times();
            finding.words = format!(
                "A quarter of the picture or more flashes {} times within a second, which may trigger seizures.",
                self.most
            );
        }
        vec![finding]
    }
}

impl Block {
    /// Takes the next luminance. Whether it became brighter or darker by enough, against the last change.
    fn next(&mut self, value: f32) -> Option<bool> {
        self.least = self.least.min(value);
        self.largest = self.largest.max(value);
        let up = value - self.least >= CHANGE && self.least < DARKER;
        let down = self.largest - value >= CHANGE && value < DARKER;
        let brighter = match (up, down) {
            // Where both are true, the newer change is against the last direction.
            (true, true) => self.brighter != Some(true),
            (true, false) => true,
            (false, true) => false,
            (false, false) => return None,
        };
        let is_new = self.brighter != Some(brighter);
        (self.least, self.largest) = (value, value);
        self.brighter = Some(brighter);
        is_new.then_some(brighter)
    }
}

/// Relative luminance, 0 to 1, of a luma code of 8 bits, by a display of gamma 2.2.
fn luminance(code: f32, limited: bool) -> f32 {
    let value = if limited {
        (code - 16.0) / 219.0
    } else {
        code / 255.0
    };
    value.clamp(0.0, 1.0).powf(2.2)
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::view;
    use super::*;

    /// Two seconds of 25 frames: the columns left of `right` are `bright` for `on` of each `period` frames.
    fn run(period: usize, on: usize, bright: f64, right: usize) -> Finding {
        let mut flashes = Box::new(Flashes::default());
        for number in 0..50u64 {
            let lit = (number as usize + 1) % period < on;
            flashes.frame(&view(number, 160, 96, |x, _| {
                [if lit && x < right { bright } else { 60.0 }, 128.0, 128.0]
            }));
        }
        flashes.findings().remove(0)
    }

    #[test]
    fn more_than_three_a_second_are_found() {
        let found = run(5, 2, 200.0, 160);
        assert!(
            found.found && (found.severity - 5.0).abs() < 1.1,
            "{found:?}"
        );
        assert!(run(6, 3, 200.0, 64).found);
    }

    #[test]
    fn slow_small_and_weak_flashes_are_not() {
        assert!(!run(9, 2, 200.0, 160).found);
        assert!(!run(5, 2, 200.0, 32).found);
        assert!(!run(5, 2, 85.0, 160).found);
    }
}
