//! `levels`: the darkest and the brightest tone of each scene, from a histogram of each of its frames.

use serde_json::Value;

use super::{FrameMeasures, Reduce, Reduced, ReducedTrack};
use crate::graph::style::Interpolation;

/// One pixel in so many may be darker than the darkest tone, and one brighter than the brightest: specks and lamps do not
/// count.
const OUTLIERS: u64 = 200;

/// Counts the tones of a scene, frame by frame.
#[derive(Debug, Default)]
pub(super) struct Levels {
    /// Pixels of the scene by their tone, all its frames together.
    tones: Vec<u64>,
    /// When the scene began.
    begin: Option<f64>,
    black: Vec<(f64, f64)>,
    white: Vec<(f64, f64)>,
}

impl Levels {
    fn end_scene(&mut self) {
        let tones = std::mem::take(&mut self.tones);
        if let Some(begin) = self.begin.take() {
            let (black, white) = ends(&tones);
            self.black.push((begin, black));
            self.white.push((begin, white));
        }
    }
}

impl Reduce for Levels {
    fn frame(&mut self, frame: &FrameMeasures<'_>) {
        if frame.cut {
            self.end_scene();
        }
        self.begin.get_or_insert(frame.seconds);
        let histogram = frame.measures.first().map_or(&[][..], Vec::as_slice);
        self.tones.resize(histogram.len().max(self.tones.len()), 0);
        for (tone, pixels) in self.tones.iter_mut().zip(histogram) {
            *tone += u64::from(*pixels);
        }
    }

    fn finish(mut self: Box<Self>) -> Reduced {
        self.end_scene();
        let track = |param, keys| ReducedTrack {
            param,
            // No step inside a scene.
            interpolation: Interpolation::Hold,
            keys,
        };
        Reduced {
            tracks: vec![track("black", self.black), track("white", self.white)],
            report: Value::Null,
        }
    }
}

/// The darkest and the brightest tone of a histogram, 0 to 1, without the outliers. Those of an empty one are 0 and 1.
fn ends(tones: &[u64]) -> (f64, f64) {
    let all: u64 = tones.iter().sum();
    if all == 0 {
        return (0.0, 1.0);
    }
    let few = all / OUTLIERS;
    let within = |sum: &mut u64, pixels: &u64| {
        *sum += pixels;
        Some(*sum > few)
    };
    let top = (tones.len() - 1).max(1) as f64;
    let dark = tones.iter().scan(0, within).position(|inside| inside);
    let bright = tones.iter().rev().scan(0, within).position(|inside| inside);
    let black = dark.unwrap_or(0) as f64 / top;
    let white = (tones.len() - 1 - bright.unwrap_or(0)) as f64 / top;
    (black, white)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reduced(frames: &[(f64, bool, Vec<u32>)]) -> Vec<ReducedTrack> {
        let mut levels = Box::new(Levels::default());
        for (seconds, cut, histogram) in frames {
            levels.frame(&FrameMeasures {
                seconds: *seconds,
                cut: *cut,
                measures: std::slice::from_ref(histogram),
                alone: None,
            });
        }
        levels.finish().tracks
    }

    /// So many pixels of each of these tones.
    fn tones(counts: &[(usize, u32)]) -> Vec<u32> {
        let mut histogram = vec![0; 256];
        for (tone, pixels) in counts {
            histogram[*tone] += pixels;
        }
        histogram
    }

    #[test]
    fn each_scene_has_its_own_ends() {
        let dark = tones(&[(0, 1), (20, 500), (100, 500), (255, 2)]);
        let mut darker = dark.clone();
        darker[10] = 300;
        let bright = tones(&[(51, 100), (204, 100)]);
        let tracks = reduced(&[
            (0.0, false, dark),
            (0.04, false, darker),
            (0.08, true, bright.clone()),
            (0.12, false, bright),
        ]);
        assert_eq!(tracks[0].param, "black");
        assert_eq!(tracks[0].keys, [(0.0, 10.0 / 255.0), (0.08, 0.2)]);
        assert_eq!(tracks[1].keys, [(0.0, 100.0 / 255.0), (0.08, 0.8)]);
        assert!(
            tracks
                .iter()
                .all(|track| track.interpolation == Interpolation::Hold)
        );
    }

    #[test]
    fn one_tone_and_no_frames() {
        let flat = reduced(&[(0.0, false, tones(&[(128, 7)]))]);
        assert_eq!(flat[0].keys[0].1, flat[1].keys[0].1);
        assert!(reduced(&[]).iter().all(|track| track.keys.is_empty()));
        let nothing = reduced(&[(0.0, false, vec![0; 256])]);
        assert_eq!((nothing[0].keys[0].1, nothing[1].keys[0].1), (0.0, 1.0));
    }

    proptest! {
        #[test]
        fn black_is_below_white_and_frames_may_come_in_any_order(
            frames in prop::collection::vec(prop::collection::vec(0u32..1000, 256), 1..4),
        ) {
            let in_order = |frames: &[Vec<u32>]| {
                let frames: Vec<_> = frames.iter().enumerate().map(|(index, frame)| (index as f64, false, frame.clone())).collect();
                reduced(&frames)
            };
            let tracks = in_order(&frames);
            let (black, white) = (tracks[0].keys[0].1, tracks[1].keys[0].1);
            prop_assert!(0.0 <= black && black <= white && white <= 1.0);
            let mut back = frames.clone();
            back.reverse();
            prop_assert_eq!(in_order(&back), tracks);
        }
    }
}
