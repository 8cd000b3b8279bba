//! The part of a source that is rendered: a range of time in all its streams.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::frame::Rational;

/// The range a user asks for, in seconds from the start of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeRange {
    pub start: Rational,
    /// End, exclusive; `None` is the end of the file.
    pub end: Option<Rational>,
}

/// Players show times rounded to milliseconds, so half a millisecond of error is accepted.
const TOLERANCE: Rational = Rational::new(1, 2000);

impl TimeRange {
    /// The range in ticks of `unit`. `offset` is the time of the file's start on its own clock, in seconds. A frame
    /// belongs to the range if its time, rounded to milliseconds, is not before the start and is before the end.
    pub fn ticks(&self, unit: Rational, offset: f64) -> Range<i64> {
        let nano = Rational::new(1, 1_000_000_000);
        let offset = (offset * 1e9).round() as i64;
        let tick = |at: Rational| {
            let tolerance = TOLERANCE.rescale(1, nano);
            let at = at.rescale(1, nano).saturating_add(offset) - tolerance;
            let tick = nano.rescale(at, unit);
            // Round up to the first tick that is not before the time.
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
    /// The source time that becomes zero in the output, in the same ticks; `None` if times are not shifted.
    pub origin: Option<i64>,
    /// Time base of these times, in seconds per tick.
    pub time_base: Rational,
}

impl Part {
    /// Converts a source time to the output's time; both in ticks of `unit`.
    pub(crate) fn output_ticks(&self, ticks: i64, unit: Rational) -> i64 {
        match self.origin {
            Some(origin) => ticks.saturating_sub(self.time_base.rescale(origin, unit)),
            None => ticks,
        }
    }

    /// Clips a source time span to the part and converts it to the output's time, in ticks of `unit`; `None` if it lies
    /// outside.
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
