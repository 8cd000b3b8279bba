use serde::Serialize;

use crate::frame::Span;
use crate::media::{FNV_EMPTY, fnv1a};

/// When frames were shown, in a few words of memory however many they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Times {
    pub count: u64,
    pub first: Option<i64>,
    /// End of the last frame: its time and duration.
    pub last: Option<i64>,
    pub last_duration: i64,
    /// FNV-1a over all times.
    pub digest: u64,
}

impl Times {
    /// Of frames shown at `spans`.
    pub fn of<'s>(spans: impl IntoIterator<Item = &'s Span>) -> Self {
        let mut times = Self::default();
        spans.into_iter().for_each(|&span| times.push(span));
        times
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
