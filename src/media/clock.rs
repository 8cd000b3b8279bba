//! The clock of a file: finds where its time stamps jump, and closes the holes if that is asked for.
//!
//! Recordings that were joined, or that a receiver lost for a while, have times that jump ahead, or back. A jump is seen
//! in the packets: of sound and pictures alike, the next one begins long after all before it have ended, or long before
//! the one before it in its own stream.

use serde::{Deserialize, Serialize};

/// Seconds with neither sound nor pictures that count as a hole.
const HOLE: f64 = 10.0;
/// Seconds after which the clock of a transport stream begins again: 33 bits at 90 kHz.
const WRAP: f64 = 95_443.717_688_9;
/// Seconds that a stream must step back to count as a jump; damage gives smaller steps.
const BACK: f64 = 1.0;

/// A place where the clock of a file jumps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hole {
    /// End of what is before it, in seconds on the file's clock.
    pub from: f64,
    /// Start of what follows. Earlier than `from` where the clock steps back.
    pub to: f64,
}

impl Hole {
    /// Whether both are the same place. Readers that skip streams find the ends of a hole a little elsewhere.
    pub fn is(&self, other: &Self) -> bool {
        (self.from - other.from).abs() < 1.0 && (self.to - other.to).abs() < 1.0
    }

    /// The hole as text; `closed` says whether it is closed.
    pub fn words(&self, closed: bool) -> String {
        let Self { from, to } = self;
        let what = if to > from {
            let back = match to - WRAP {
                back if back > 0.0 && back < *from => format!(
                    " (or its clock, which wraps after 26.5 hours, steps back to {back:.0} s)"
                ),
                _ => String::new(),
            };
            format!(
                "the clock of the file jumps from {from:.0} s to {to:.0} s{back}: there is neither picture nor sound for {}",
                length(to - from)
            )
        } else {
            format!(
                "the clock of the file steps back by {}, from {from:.0} s to {to:.0} s",
                length(from - to)
            )
        };
        match closed {
            true => format!("{what}; the gap is closed, as asked"),
            false if to > from => {
                format!("{what}; the output has the same hole; --close-gaps closes it")
            }
            false => format!(
                "{what}; times after it are estimated, and sound may be lost there; --close-gaps joins both parts"
            ),
        }
    }
}

/// A length of time as people say it.
fn length(seconds: f64) -> String {
    match seconds {
        s if s >= 7200.0 => format!("{:.1} hours", s / 3600.0),
        s if s >= 120.0 => format!("{:.1} minutes", s / 60.0),
        s => format!("{s:.0} seconds"),
    }
}

/// The time of a packet, in seconds on the file's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    pub stream: usize,
    /// When it is decoded; in most streams these times never decrease.
    pub decoded: f64,
    /// When it is shown.
    pub start: f64,
    /// When what it shows ends.
    pub end: f64,
}

/// Follows the times of a file's packets, in file order.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// Time of the last packet of each stream; `None` before its first one since the last jump.
    last: Vec<Option<f64>>,
    /// Whether a stream had packets at all.
    seen: Vec<bool>,
    /// End of everything so far, since the last step back.
    end: Option<f64>,
    /// The end of everything before the last step back: packets of other streams from before it may still follow.
    before: Option<f64>,
    /// The holes found so far.
    pub holes: Vec<Hole>,
    /// Whether a stream of sound or pictures is skipped: it may fill what looks like a hole, so jumps ahead are not reported.
    pub partial: bool,
}

impl Clock {
    /// Forgets all times: reading goes on elsewhere.
    pub fn restart(&mut self) {
        *self = Self {
            partial: self.partial,
            ..Self::default()
        };
    }

    /// Whether each stream that had packets is none of those that still `wait` for one.
    pub fn is_filled_by(&self, wait: &[usize]) -> bool {
        let known = self.seen.iter().enumerate().filter(|(_, seen)| **seen);
        known.into_iter().all(|(stream, _)| !wait.contains(&stream))
    }

    /// Takes the time of the next packet of sound or pictures; the jump before it, if there is one.
    pub fn jump(&mut self, at: At) -> Option<Hole> {
        if self.last.len() <= at.stream {
            self.last.resize(at.stream + 1, None);
            self.seen.resize(at.stream + 1, false);
        }
        self.seen[at.stream] = true;
        let end = *self.end.get_or_insert(at.end);
        let late = |before: f64| (at.decoded - before).abs() < HOLE && at.decoded - end > HOLE;
        if self.before.is_some_and(late) {
            return None;
        }
        let own = self.last[at.stream].replace(at.decoded);
        let hole = Hole {
            from: end,
            to: at.start.min(at.decoded),
        };
        let ahead = !self.partial && own.is_some() && hole.to - end > HOLE;
        let back = own.is_some_and(|own| own - at.decoded > BACK);
        if back {
            self.last.fill(None);
            self.last[at.stream] = Some(at.decoded);
            self.end = Some(at.end);
            self.before = Some(end);
        } else {
            self.end = Some(end.max(at.end));
        }
        if !ahead && !back {
            return None;
        }
        self.holes.push(hole);
        Some(hole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(stream: usize, start: f64) -> At {
        At {
            stream,
            decoded: start,
            start,
            end: start + 0.04,
        }
    }

    #[test]
    fn a_jump_is_one_hole_however_many_streams_make_it() {
        let mut clock = Clock::default();
        for step in 0..50 {
            for stream in 0..2 {
                assert_eq!(clock.jump(at(stream, f64::from(step) * 0.04)), None);
            }
        }
        let hole = clock.jump(at(0, 10_000.0)).unwrap();
        assert!(
            (hole.from - 2.0).abs() < 0.01 && hole.to == 10_000.0,
            "{hole:?}"
        );
        assert!(
            hole.words(false).contains("from 2 s to 10000 s"),
            "{}",
            hole.words(false)
        );
        assert!(
            hole.words(false).contains("2.8 hours"),
            "{}",
            hole.words(false)
        );
        assert_eq!(clock.jump(at(1, 10_000.0)), None);
        assert_eq!(clock.jump(at(0, 10_000.04)), None);
        // Back: the other stream steps back, too, after a packet of before.
        let back = clock.jump(at(0, 50.0)).unwrap();
        assert!(back.to < back.from && back.words(true).contains("steps back by 2.8 hours"));
        assert_eq!(clock.jump(at(1, 10_000.04)), None);
        assert_eq!(clock.jump(at(1, 50.0)), None);
        assert_eq!(clock.jump(at(0, 50.04)), None);
    }

    #[test]
    fn a_stream_that_is_skipped_may_fill_what_looks_like_a_hole() {
        let mut clock = Clock {
            partial: true,
            ..Clock::default()
        };
        assert_eq!(clock.jump(at(0, 0.0)), None);
        assert_eq!(clock.jump(at(0, 60.0)), None);
        clock.restart();
        assert_eq!(clock.jump(at(0, 100.0)), None);
        assert_eq!(clock.jump(at(0, 160.0)), None);
        // Nothing fills a step back.
        assert!(clock.jump(at(0, 100.0)).is_some());
    }

    #[test]
    fn sound_fills_what_pictures_leave_and_programmes_have_clocks_of_their_own() {
        let mut clock = Clock::default();
        // A picture that stands for a minute, under sound.
        assert_eq!(clock.jump(at(0, 0.0)), None);
        for step in 0..60 {
            assert_eq!(clock.jump(at(1, f64::from(step))), None);
        }
        assert_eq!(clock.jump(at(0, 60.0)), None);
        // Another programme of a transport stream, hours ahead.
        for step in 61..80 {
            assert_eq!(clock.jump(at(2, 9000.0 + f64::from(step))), None);
            assert_eq!(clock.jump(at(0, f64::from(step))), None);
        }
    }
}
