//! A part of a file: from one time to another, in all of its streams.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::frame::Rational;

/// What a person asks for, in seconds from the start of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeRange {
    pub start: Rational,
    /// Where it ends, exclusive; none is the end of the file.
    pub end: Option<Rational>,
}

/// Times that people read off a player are rounded to thousandths of a second: half of one is forgiven.
const FORGIVEN: Rational = Rational::new(1, 2000);

impl TimeRange {
    /// The range in ticks of `unit`, in a file whose clock shows `offset` seconds at its start: the frames whose times,
    /// rounded to milliseconds, are not before the start, and before the end.
    pub fn ticks(&self, unit: Rational, offset: f64) -> Range<i64> {
        let nano = Rational::new(1, 1_000_000_000);
        let offset = (offset * 1e9).round() as i64;
        let tick = |at: Rational| {
            let forgiven = FORGIVEN.rescale(1, nano);
            let at = at.rescale(1, nano).saturating_add(offset) - forgiven;
            let tick = nano.rescale(at, unit);
            // The first tick that is not before.
            tick + i64::from(unit.rescale(tick, nano) < at)
        };
        let start = match self.start.num {
            0 => i64::MIN,
            _ => tick(self.start),
        };
        start..self.end.map_or(i64::MAX, tick)
    }
}

/// The part of a source that is rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Times of its pictures, half open, in ticks of the video stream.
    pub range: Range<i64>,
    /// The time, in the same ticks, that is zero in the output; none where the times stay as they are.
    pub origin: Option<i64>,
    /// Unit of these times, in seconds per tick.
    pub time_base: Rational,
}

impl Part {
    /// A time of the source in ticks of `unit`, as it is in the output.
    pub(crate) fn output_ticks(&self, ticks: i64, unit: Rational) -> i64 {
        match self.origin {
            Some(origin) => ticks.saturating_sub(self.time_base.rescale(origin, unit)),
            None => ticks,
        }
    }

    /// A span of the source in ticks of `unit`, cut to the part and as it is in the output; `None` outside.
    pub(crate) fn clip(&self, start: i64, end: i64, unit: Rational) -> Option<(i64, i64)> {
        let limit = |ticks| match ticks {
            i64::MIN | i64::MAX => ticks,
            ticks => self.time_base.rescale(ticks, unit),
        };
        let (from, to) = (
            start.max(limit(self.range.start)),
            end.min(limit(self.range.end)),
        );
        (from < to || start == end && from == to)
            .then(|| (self.output_ticks(from, unit), self.output_ticks(to, unit)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_met_to_half_a_millisecond() {
        let unit = Rational::new(1001, 30000);
        let seconds = |milliseconds| Rational::new(milliseconds, 1000);
        let ticks = |start, end| {
            let range = TimeRange {
                start: seconds(start),
                end: Some(seconds(end)),
            };
            range.ticks(unit, 0.0)
        };
        // Frame 10 is shown at 0.333667 s, frame 20 at 0.667333 s.
        assert_eq!(ticks(334, 667), 10..20);
        assert_eq!(ticks(333, 668), 10..21);
        assert_eq!(ticks(335, 668), 11..21);
        assert_eq!(ticks(0, 1), i64::MIN..1);
        let millis = TimeRange {
            start: seconds(5),
            end: None,
        };
        assert_eq!(millis.ticks(Rational::new(1, 1000), 1.0), 1005..i64::MAX);
    }
}
