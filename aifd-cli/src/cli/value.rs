//! Values of flags, from text.

use crate::moment;
use aifd_core::{
    clock,
    config::{self, Level},
};
use aifd_log::select::Bound;
use chrono::{DateTime, Local, NaiveDate, TimeDelta, Utc};

/// A whole number.
pub(super) fn level(text: &str) -> Result<Level, String> {
    text.parse().map(Level).map_err(|_| "a level is a whole number".to_owned())
}

/// `k=v`; the value may be empty and may hold `=`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

/// A time to come.
pub(super) fn expiry(text: &str) -> Result<DateTime<Utc>, String> {
    moment::expiry(text, clock::utc()).map_err(|fault| fault.to_string())
}

/// How long: `24h`.
pub(super) fn span(text: &str) -> Result<TimeDelta, String> {
    moment::span(text).map_err(|fault| fault.to_string())
}

/// A day, or how long ago.
pub(super) fn day(text: &str) -> Result<NaiveDate, String> {
    moment::day(text, clock::utc()).map_err(|fault| fault.to_string())
}

/// The first moment that is meant: a time of the log, or how long ago.
pub(super) fn since(text: &str) -> Result<Bound, String> {
    ago(text).map_or_else(|| Bound::first(text).map_err(|fault| fault.to_string()), Ok)
}

/// The last moment that is meant.
pub(super) fn until(text: &str) -> Result<Bound, String> {
    ago(text).map_or_else(|| Bound::last(text).map_err(|fault| fault.to_string()), Ok)
}

/// Times of a log are those of the clock on the wall.
fn ago(text: &str) -> Option<Bound> {
    let span = moment::span(text).ok()?;
    Some(Bound::at((clock::utc() - span).with_timezone(&Local).naive_local()))
}

/// Bytes: `500MB`.
pub(super) fn size(text: &str) -> Result<u64, String> {
    config::size(text).filter(|size| *size > 0).ok_or_else(|| "expected a size such as 500MB".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_split_at_its_first_sign() {
        let cases = [("a=b", Some(("a", "b"))), ("a=", Some(("a", ""))), (" a = b=c ", Some(("a", "b=c")))];
        for (text, expected) in cases.into_iter().chain([("=b", None), ("a", None), ("", None)]) {
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(pair(text).ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_level_is_a_whole_number() {
        assert_eq!(level("7"), Ok(Level(7)));
        for text in ["-1", "1.5", "", "x", "4294967296"] {
            assert!(level(text).is_err(), "{text:?}");
        }
    }
}
