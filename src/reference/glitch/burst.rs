//! When bursts are, and which blocks they take: all of it in whole numbers, so that every device decides the same.

use crate::frame::Facts;
use crate::reference::Io;
use crate::reference::common::hash::pcg3d;

/// A burst.
pub struct Burst {
    pub number: u32,
    /// How strong it is now, 0 to 256.
    pub strength: i32,
}

/// Seconds as whole milliseconds.
pub fn milliseconds(seconds: f32) -> i32 {
    (seconds * 1000.0).round_ties_even() as i32
}

impl Burst {
    /// The burst of the frame. There is one in each `period`, somewhere in it; it rises in 80 ms and ends in its last third.
    pub fn of(io: &Io<'_>) -> Self {
        let [period, lasts] = ["period", "lasts"].map(|name| io.param(name) as i32);
        Self::at(milliseconds(io.facts.time), io.facts.seed, period, lasts)
    }

    fn at(time: i32, seed: u32, period: i32, lasts: i32) -> Self {
        let time = time.max(0);
        let number = (time / period) as u32;
        let begin = (pcg3d([number, seed, 1])[0] % (period - lasts + 1) as u32) as i32;
        let since = time % period - begin;
        let rises = since.saturating_mul(256) / 80 + 64;
        let falls = (lasts - since).saturating_mul(256) / (lasts / 3).max(1);
        let on = (0..lasts).contains(&since);
        Self {
            number,
            strength: if on {
                rises.min(falls).clamp(0, 256)
            } else {
                0
            },
        }
    }
}

/// Noise from 0 to 255 for a block: blocks that lie together mostly have it in common.
pub fn patch_noise([x, y]: [i32; 2], number: u32, facts: &Facts) -> i32 {
    let seed = facts.seed ^ (number << 8);
    let wide = pcg3d([(x / 6) as u32, (y / 3) as u32, seed])[0] >> 24;
    let own = pcg3d([x as u32, y as u32, seed.wrapping_add(1)])[0] >> 24;
    ((3 * wide + own) / 4) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bursts_begin_softly_and_have_pauses_and_another_seed_has_others() {
        let strengths = |seed| -> Vec<i32> {
            let at = |time| Burst::at(time, seed, 2000, 800).strength;
            (0..8000).step_by(40).map(at).collect()
        };
        let of_one = strengths(1);
        assert!(of_one.contains(&256) && of_one.iter().filter(|s| **s == 0).count() > 100);
        assert_eq!(of_one, strengths(1));
        assert_ne!(of_one, strengths(2));
        // A burst does not end within a frame.
        assert!(of_one.windows(2).all(|pair| pair[0] - pair[1] < 60));
        // As long as the time between two, they follow each other.
        let without_pause = |time| Burst::at(time, 1, 500, 500).strength;
        assert!((40..5000).step_by(40).all(|time| without_pause(time) > 0));
    }
}
