//! Chooses where chunks begin: at about regular intervals, at a nearby key frame if there is one, because decoding can
//! start there.

use crate::frame::Rational;
use crate::media::Index;

/// A key frame is nearby within this share of a chunk. A remainder shorter than this share is added to the chunk before
/// it.
const NEAR: i64 = 4;
/// More chunks than this mean that the file states a wrong length.
const MOST: i64 = 100_000;

/// The times at which one chunk ends and the next begins, strictly increasing, in ticks of `unit`, for chunks of about
/// `seconds`. Each is the time of a packet.
pub(super) fn boundaries(index: &Index, unit: Rational, seconds: u32) -> Vec<i64> {
    let (Some(first), Some(last)) = (index.packets.first(), index.packets.last()) else {
        return Vec::new();
    };
    let length = ticks(unit, seconds);
    let near = length / NEAR;
    let end = last.pts.saturating_add(index.last_duration.max(0));
    let mut cuts: Vec<i64> = Vec::new();
    loop {
        let begin = cuts.last().copied().unwrap_or(first.pts);
        let target = begin.saturating_add(length);
        if end.saturating_sub(target) < near.max(1) {
            return cuts;
        }
        let from = index.packets.partition_point(|packet| {
            packet.pts < target.saturating_sub(near) || packet.pts <= begin
        });
        let key = index.packets[from..]
            .iter()
            .take_while(|packet| packet.pts <= target.saturating_add(near))
            .filter(|packet| packet.key)
            .min_by_key(|packet| packet.pts.abs_diff(target));
        let next = key.or_else(|| {
            let at = index.packets.partition_point(|packet| packet.pts < target);
            index.packets.get(at)
        });
        match next {
            Some(packet) => cuts.push(packet.pts),
            None => return cuts,
        }
    }
}

/// As [`boundaries`], for a file whose packets have no times: uses only its length in seconds.
pub(super) fn boundaries_by_length(
    start: i64,
    duration: f64,
    unit: Rational,
    seconds: u32,
) -> Vec<i64> {
    let length = ticks(unit, seconds);
    let end = Rational::new(1, 1_000_000).rescale((duration * 1e6) as i64, unit);
    let count = ((end - length / NEAR).max(0) / length).min(MOST);
    (1..=count)
        .map(|chunk| start.saturating_add(chunk * length))
        .collect()
}

fn ticks(unit: Rational, seconds: u32) -> i64 {
    Rational::new(1, 1).rescale(seconds.into(), unit).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Indexed;
    use proptest::prelude::*;

    fn index(packets: Vec<(i64, bool)>, last_duration: i64) -> Index {
        let packets = packets.into_iter().map(|(pts, key)| Indexed { pts, key });
        Index {
            packets: packets.collect(),
            last_duration,
            ..Index::default()
        }
    }

    const MS: Rational = Rational { num: 1, den: 1000 };

    #[test]
    fn chunks_begin_at_key_frames_that_are_near() {
        // 25 frames a second for 65 s, a key frame every 4 s.
        let frames = (0..65 * 25).map(|frame| (frame * 40, frame % 100 == 0));
        let frames = index(frames.collect(), 40);
        assert_eq!(
            boundaries(&frames, MS, 10),
            [8000, 16000, 24000, 32000, 40000, 48000, 56000]
        );
        // Only one key frame: the chunks are cut at regular intervals.
        let frames = (0..65 * 25).map(|frame| (frame * 40, frame == 0));
        let frames = index(frames.collect(), 40);
        assert_eq!(boundaries(&frames, MS, 30), [30_000]);
        assert_eq!(boundaries(&frames, MS, 120), [0i64; 0]);
        // A gap of one hour without packets.
        let gap = index(
            vec![
                (0, true),
                (40, false),
                (3_600_000, true),
                (3_630_000, false),
            ],
            40,
        );
        assert_eq!(boundaries(&gap, MS, 20), [3_600_000, 3_630_000]);
        assert!(boundaries(&Index::default(), MS, 10).is_empty());
    }

    #[test]
    fn without_times_the_length_decides() {
        assert_eq!(boundaries_by_length(0, 65.0, MS, 30), [30_000]);
        assert_eq!(boundaries_by_length(7, 70.0, MS, 30), [30_007, 60_007]);
        assert!(boundaries_by_length(0, 37.0, MS, 30).is_empty());
        assert_eq!(boundaries_by_length(0, 1e300, MS, 10).len(), 100_000);
    }

    proptest! {
        #[test]
        fn every_frame_is_in_one_chunk_of_a_sensible_length(
            steps in prop::collection::vec((1i64..3000, any::<bool>()), 1..400),
            start in -100_000i64..100_000,
            seconds in 10u32..=120,
        ) {
            let mut at = start;
            let packets: Vec<(i64, bool)> = steps.iter().map(|&(step, key)| { at += step; (at, key) }).collect();
            let (first, last) = (packets[0].0, at);
            let index = index(packets, 40);
            let cuts = super::boundaries(&index, MS, seconds);
            let length = i64::from(seconds) * 1000;
            let mut before = first;
            for &cut in &cuts {
                prop_assert!(cut > before && cut <= last);
                prop_assert!(index.packets.iter().any(|packet| packet.pts == cut));
                // A packet lasts up to 3 s here.
                prop_assert!(cut - before >= length - length / 4 && cut - before <= length + length / 4 + 3000);
                before = cut;
            }
            prop_assert!(last + 40 - before < length + length / 4 + 1);
        }
    }
}
