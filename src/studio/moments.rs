//! Times as programs read them.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::measure::ratings::rfc3339;

/// Milliseconds since 1970 as RFC 3339 writes them, to the second.
pub fn of_millis(millis: i64) -> String {
    rfc3339(millis.div_euclid(1000))
}

/// A time of the system as RFC 3339 writes it; none before 1970.
pub fn of_system(time: SystemTime) -> Option<String> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some(rfc3339(i64::try_from(since.as_secs()).ok()?))
}
