use serde::Serialize;

use crate::frame::{Retimer, Retiming, Span};
use crate::media::{FNV_EMPTY, fnv1a};

/// A summary of the times of frames. It takes the same memory for any number of frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Times {
    pub count: u64,
    pub first: Option<i64>,
    /// Time and duration of the last frame.
    pub last: Option<i64>,
    pub last_duration: i64,
    /// FNV-1a hash of all times.
    pub digest: u64,
}

impl Times {
    /// For frames shown at `spans`.
    pub fn of<'s>(spans: impl IntoIterator<Item = &'s Span>) -> Self {
        let mut times = Self::default();
        spans.into_iter().for_each(|&span| times.push(span));
        times
    }

    /// The times of what `retimings` make of frames shown at `spans`, of a stream that starts at `start`.
    pub fn retimed<'s>(
        spans: impl IntoIterator<Item = &'s Span>,
        retimings: &[Retiming],
        start: Option<i64>,
    ) -> Self {
        let mut retimer = Retimer::new(retimings, start);
        let mut times = Self::default();
        for span in spans {
            times.extend(retimer.push(*span));
        }
        times.extend(retimer.finish());
        times
    }

    pub(super) fn extend(&mut self, spans: Vec<Span>) {
        spans.into_iter().for_each(|span| self.push(span));
    }

    pub(super) fn push(&mut self, span: Span) {
        if self.count == 0 {
            self.digest = FNV_EMPTY;
        }
        self.digest = fnv1a(self.digest, &span.pts.to_le_bytes());
        self.count += 1;
        self.first = self.first.or(Some(span.pts));
        self.last = Some(span.pts);
        self.last_duration = span.duration;
    }
}
