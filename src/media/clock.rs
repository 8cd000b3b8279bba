//! Times of frames as an encoder gets them.

use crate::frame::{Rational, Span};

/// Brings times of frames from one unit into another, where they increase: what a coarse unit would let fall together
/// is moved on by a tick. The same frames always get the same times.
pub(crate) struct Clock {
    from: Rational,
    to: Rational,
    last: Option<i64>,
    /// Times that were moved.
    pub moved: u64,
}

impl Clock {
    pub fn new(from: Rational, to: Rational) -> Self {
        Self {
            from,
            to,
            last: None,
            moved: 0,
        }
    }

    /// Time and length of the next frame, in ticks of the new unit; the length may be zero or less where none is known.
    pub fn frame(&mut self, span: Span) -> Span {
        let mut pts = self.from.rescale(span.pts, self.to);
        if let Some(last) = self.last.filter(|&last| pts <= last) {
            pts = last + 1;
            self.moved += 1;
        }
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
        let mut clock = Clock::new(Rational::new(1, 1000), Rational::new(1, 25));
        let span = |pts, duration| Span { pts, duration };
        assert_eq!(clock.frame(span(0, 40)), span(0, 1));
        assert_eq!(clock.frame(span(10, 30)), span(1, 0));
        assert_eq!(clock.frame(span(80, 0)), span(2, 0));
        assert_eq!(clock.moved, 1);
    }
}
