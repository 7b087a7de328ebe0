//! What is left of a caller's limits, as the headers that OpenAI's clients read.

use crate::limit::Standing;
use http::{HeaderMap, HeaderName, HeaderValue, header::Entry};
use std::{fmt::Write, time::Duration};

/// What is left of the tightest limits that a request counts for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standings {
    pub(crate) requests: Option<Standing>,
    pub(crate) tokens: Option<Standing>,
}

/// `x-ratelimit-{limit,remaining,reset}-…` (OpenAI's API reference, "Rate limits in headers"), and where an
/// upstream's own of that name go.
static REQUESTS: [[HeaderName; 2]; 3] = [
    [
        HeaderName::from_static("x-ratelimit-limit-requests"),
        HeaderName::from_static("x-upstream-ratelimit-limit-requests"),
    ],
    [
        HeaderName::from_static("x-ratelimit-remaining-requests"),
        HeaderName::from_static("x-upstream-ratelimit-remaining-requests"),
    ],
    [
        HeaderName::from_static("x-ratelimit-reset-requests"),
        HeaderName::from_static("x-upstream-ratelimit-reset-requests"),
    ],
];
static TOKENS: [[HeaderName; 2]; 3] = [
    [
        HeaderName::from_static("x-ratelimit-limit-tokens"),
        HeaderName::from_static("x-upstream-ratelimit-limit-tokens"),
    ],
    [
        HeaderName::from_static("x-ratelimit-remaining-tokens"),
        HeaderName::from_static("x-upstream-ratelimit-remaining-tokens"),
    ],
    [
        HeaderName::from_static("x-ratelimit-reset-tokens"),
        HeaderName::from_static("x-upstream-ratelimit-reset-tokens"),
    ],
];

impl Standings {
    /// Puts them on an answer. They are the nearer limits: the upstream's own go on as `x-upstream-ratelimit-…`.
    pub(crate) fn stamp(&self, headers: &mut HeaderMap) {
        for (standing, names) in [(self.requests, &REQUESTS), (self.tokens, &TOKENS)] {
            let Some(standing) = standing else { continue };
            let reset = HeaderValue::from_str(&duration(standing.reset));
            let values = [standing.limit.into(), standing.remaining.into()].into_iter().chain(reset);
            for ([name, upstream], value) in names.iter().zip(values) {
                match headers.entry(name) {
                    Entry::Vacant(entry) => drop(entry.insert(value)),
                    Entry::Occupied(mut entry) => {
                        let theirs = entry.insert(value);
                        headers.insert(upstream, theirs);
                    }
                }
            }
        }
    }
}

/// As OpenAI writes times: `6m0s`, `1.5s`, `120ms`.
fn duration(time: Duration) -> String {
    let milliseconds = u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
    if milliseconds < 1_000 {
        return format!("{milliseconds}ms");
    }
    let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let mut text = String::new();
    if hours > 0 {
        let _ = write!(text, "{hours}h");
    }
    if hours > 0 || minutes > 0 {
        let _ = write!(text, "{minutes}m");
    }
    let fraction = rest % 1_000;
    let _ = write!(text, "{}", rest / 1_000);
    if fraction > 0 {
        let _ = write!(text, ".{}", format!("{fraction:03}").trim_end_matches('0'));
    }
    text + "s"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_openai_writes_them() {
        for (milliseconds, text) in [
            (0, "0ms"),
            (120, "120ms"),
            (1_000, "1s"),
            (1_500, "1.5s"),
            (59_999, "59.999s"),
            (360_000, "6m0s"),
            (3_600_000, "1h0m0s"),
            (90_061_010, "25h1m1.01s"),
        ] {
            assert_eq!(duration(Duration::from_millis(milliseconds)), text);
        }
        assert_eq!(duration(Duration::from_nanos(1)), "1ms");
    }

    #[test]
    fn an_upstreams_own_limits_stay_under_another_name() {
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-limit-requests", HeaderValue::from_static("500"));
        headers.insert("x-ratelimit-limit-tokens", HeaderValue::from_static("90000"));
        let standing = Standing { limit: 4, remaining: 3, reset: Duration::from_secs(60) };
        Standings { requests: Some(standing), tokens: None }.stamp(&mut headers);
        let mut lines: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        lines.sort();
        assert_eq!(
            lines,
            [
                "x-ratelimit-limit-requests: 4",
                "x-ratelimit-limit-tokens: 90000",
                "x-ratelimit-remaining-requests: 3",
                "x-ratelimit-reset-requests: 1m0s",
                "x-upstream-ratelimit-limit-requests: 500",
            ]
        );
    }
}
