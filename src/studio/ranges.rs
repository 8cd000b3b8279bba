//! Which part of a file a request asks for: the arithmetic of RFC 9110, section 14, without any I/O.

#[cfg(test)]
mod tests;

use std::time::{SystemTime, UNIX_EPOCH};

/// The most bytes that a range without an end is answered with: 2 MiB. A browser that plays a video asks on.
pub const OPEN_ENDED_BYTES: u64 = 2 * 1024 * 1024;

/// What to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All of it (200): no range was asked for, or one that is to be ignored.
    Whole,
    /// A part (206).
    Part {
        /// The first byte, from 0.
        start: u64,
        /// The last byte: `start` or more, and less than the length.
        end_inclusive: u64,
    },
    /// Nothing, because the range begins after the end (416).
    Unsatisfiable,
}

impl Answer {
    /// How many bytes of a file of `len` bytes that is.
    pub fn bytes(self, len: u64) -> u64 {
        match self {
            Self::Whole => len,
            Self::Part {
                start,
                end_inclusive,
            } => end_inclusive - start + 1,
            Self::Unsatisfiable => 0,
        }
    }

    /// The value of `Content-Range` for a file of `len` bytes; the whole file has none.
    pub fn content_range(self, len: u64) -> Option<String> {
        match self {
            Self::Whole => None,
            Self::Part {
                start,
                end_inclusive,
            } => Some(format!("bytes {start}-{end_inclusive}/{len}")),
            Self::Unsatisfiable => Some(format!("bytes */{len}")),
        }
    }
}

/// The answer to a GET request for a file of `len` bytes with this `etag`, by its headers `Range` and `If-Range`.
///
/// A single range of bytes is answered as such, one without an end with at most [`OPEN_ENDED_BYTES`]. Several ranges,
/// other units and what is malformed are ignored, as the standard allows or asks for; and so is any range after an
/// `If-Range` that is not this `etag`. A date in `If-Range` never is.
pub fn range(header: Option<&str>, if_range: Option<&str>, etag: &str, len: u64) -> Answer {
    let Some(asked) = header.and_then(single) else {
        return Answer::Whole;
    };
    // A weak tag does not promise the same bytes.
    let is_same = |tag: &str| tag.trim() == etag && tag.trim().starts_with('"');
    if if_range.is_some_and(|tag| !is_same(tag)) {
        return Answer::Whole;
    }
    let (start, end_inclusive) = match asked {
        Asked::Part(start, _) | Asked::From(start) if start >= len => {
            return Answer::Unsatisfiable;
        }
        Asked::Last(0) => return Answer::Unsatisfiable,
        // No part of it can be named.
        Asked::Last(_) if len == 0 => return Answer::Whole,
        Asked::Part(start, end) => (start, end.min(len - 1)),
        Asked::From(start) => (
            start,
            start.saturating_add(OPEN_ENDED_BYTES - 1).min(len - 1),
        ),
        Asked::Last(count) => (len.saturating_sub(count), len - 1),
    };
    Answer::Part {
        start,
        end_inclusive,
    }
}

/// The `ETag` of a file of `len` bytes that was changed at `modified`: a strong one, since who writes into a file
/// changes one of both.
pub fn etag(len: u64, modified: SystemTime) -> String {
    match modified.duration_since(UNIX_EPOCH) {
        Ok(since) => format!("\"{len:x}-{:x}\"", since.as_nanos()),
        Err(before) => format!("\"{len:x}-b{:x}\"", before.duration().as_nanos()),
    }
}

/// One range, as it was asked for.
#[derive(Clone, Copy)]
enum Asked {
    /// From the first number to the second, which is not smaller.
    Part(u64, u64),
    From(u64),
    /// So many at the end.
    Last(u64),
}

/// The one range in the header, unless it has several or is malformed.
fn single(header: &str) -> Option<Asked> {
    let (unit, set) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let blanks = [' ', '\t'];
    // A list may have empty elements.
    let mut parts = set
        .split(',')
        .map(|part| part.trim_matches(blanks))
        .filter(|part| !part.is_empty());
    let (part, more) = (parts.next()?, parts.next());
    if more.is_some() {
        return None;
    }
    let (first, last) = part.split_once('-')?;
    match (first, last) {
        ("", count) => Some(Asked::Last(number(count)?)),
        (first, "") => Some(Asked::From(number(first)?)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Asked::Part(first, last))
        }
    }
}

/// A number of digits alone; one that is too large is the largest.
fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}
