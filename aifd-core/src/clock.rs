//! The one door to time.

use std::time::Instant;

/// The monotonic clock.
#[allow(clippy::disallowed_methods, reason = "this is the door")]
pub fn now() -> Instant {
    Instant::now()
}

/// The time of day.
#[allow(clippy::disallowed_methods, reason = "this is the door")]
pub fn utc() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}
