//! Converts the times of frames to the encoder's time base.

use crate::frame::{Rational, Span};

/// Rescales frame times from one time base to another and keeps them strictly increasing: frames that fall on the same
/// tick of a coarse time base are moved to the next free tick. The same input always gives the same output.
pub(crate) struct TimestampRescaler {
    from: Rational,
    to: Rational,
    last: Option<i64>,
    /// Rounding error of the first time, in nanoseconds.
    first_off: Option<i64>,
    /// Number of frames moved by more than one tick of the input time base, apart from the shift that all frames share.
    pub moved: u64,
}

impl TimestampRescaler {
    pub fn new(from: Rational, to: Rational) -> Self {
        Self {
            from,
            to,
            last: None,
            first_off: None,
            moved: 0,
        }
    }

    /// Time and duration of the next frame in ticks of the output time base. The duration is zero or less if it is
    /// unknown.
    pub fn frame(&mut self, span: Span) -> Span {
        let mut pts = self.from.rescale(span.pts, self.to);
        if let Some(last) = self.last.filter(|&last| pts <= last) {
            pts = last + 1;
        }
        let nano = |unit: Rational, ticks| unit.rescale(ticks, Rational::new(1, 1_000_000_000));
        let off = nano(self.to, pts) - nano(self.from, span.pts);
        let first = *self.first_off.get_or_insert(off);
        self.moved += u64::from((off - first).abs() > nano(self.from, 1).max(1));
        self.last = Some(pts);
        let end = span.pts.saturating_add(span.duration);
        let duration = if span.duration > 0 {
            self.from.rescale(end, self.to) - pts
        } else {
            0
        };
        Span { pts, duration }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_increase_in_a_coarse_unit() {
        let mut rescaler = TimestampRescaler::new(Rational::new(1, 1000), Rational::new(1, 25));
        let span = |pts, duration| Span { pts, duration };
        assert_eq!(rescaler.frame(span(0, 40)), span(0, 1));
        assert_eq!(rescaler.frame(span(10, 30)), span(1, 0));
        assert_eq!(rescaler.frame(span(80, 0)), span(2, 0));
        assert_eq!(rescaler.moved, 1);
        // Rounding within the input time base does not count as moved.
        let mut rescaler = TimestampRescaler::new(Rational::new(1, 1000), Rational::new(1, 30));
        for (at, tick) in [(7, 0), (40, 1), (74, 2), (107, 3), (150, 5)] {
            assert_eq!(rescaler.frame(span(at, 0)).pts, tick);
        }
        assert_eq!(rescaler.moved, 1);
    }
}
