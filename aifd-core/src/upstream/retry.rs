//! When a request is sent again, and after which wait; pure.

use crate::config::RetryConfig;
use http::{HeaderMap, Method, StatusCode, header};
use std::time::Duration;

/// How an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No connection was made: nothing was sent.
    Connect,
    /// A connection was closed before anything was sent on it.
    Unsent,
    /// A connection that had served before was closed or reset at once, and nothing was heard; or the upstream says
    /// that it did not begin.
    ResetReused,
    /// A connection was closed or reset instead of an answer, and the upstream may have begun.
    ResetFresh,
}

/// Counts the attempts of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempts<'a> {
    config: &'a RetryConfig,
    repeated: u32,
    reset_forgiven: bool,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(config: &'a RetryConfig) -> Self {
        Attempts { config, repeated: 0, reset_forgiven: false }
    }

    /// The wait before the request is sent again; `None`: it is not.
    pub(crate) fn after(&mut self, failure: Failure, method: &Method) -> Option<Duration> {
        match failure {
            Failure::Connect => self.next_delay(),
            // The connection had died while idle: another one is tried at once, and costs no attempt.
            Failure::Unsent => Some(Duration::ZERO),
            // Idle connections die under a request in a way that cannot be told from a crash: forgiven once.
            Failure::ResetReused if !self.reset_forgiven => {
                self.reset_forgiven = true;
                Some(Duration::ZERO)
            }
            Failure::ResetReused | Failure::ResetFresh if method.is_idempotent() => self.next_delay(),
            Failure::ResetReused | Failure::ResetFresh => None,
        }
    }

    /// The wait before a request is sent again that was answered so; `None`: the answer is passed on.
    pub(crate) fn after_status(
        &mut self,
        status: StatusCode,
        headers: &HeaderMap,
        now: impl FnOnce() -> chrono::DateTime<chrono::Utc>,
    ) -> Option<Duration> {
        if !self.config.on_status.contains(&status) || self.repeated >= self.config.attempts {
            return None;
        }
        match retry_after(headers, now()) {
            Some(asked) if asked > self.config.max_delay => None,
            Some(asked) => self.next_delay().map(|delay| delay.max(asked)),
            None => self.next_delay(),
        }
    }

    fn next_delay(&mut self) -> Option<Duration> {
        if self.repeated >= self.config.attempts {
            return None;
        }
        let doubled = 2_u32.saturating_pow(self.repeated);
        self.repeated += 1;
        Some(self.config.base_delay.saturating_mul(doubled).min(self.config.max_delay))
    }
}

/// `Retry-After` in seconds or as a date (RFC 9110 section 10.2.3), `retry-after-ms` first where given.
fn retry_after(headers: &HeaderMap, now: chrono::DateTime<chrono::Utc>) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(milliseconds) = text("retry-after-ms").and_then(|text| text.parse().ok()) {
        return Some(Duration::from_millis(milliseconds));
    }
    let value = text(header::RETRY_AFTER.as_str())?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = chrono::DateTime::parse_from_rfc2822(value).ok()?;
    Some((date.to_utc() - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> RetryConfig {
        RetryConfig {
            attempts: 3,
            base_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(10),
            on_status: vec![StatusCode::TOO_MANY_REQUESTS],
        }
    }

    fn milliseconds(delays: impl Iterator<Item = Option<Duration>>) -> Vec<Option<u128>> {
        delays.map(|delay| delay.map(|delay| delay.as_millis())).collect()
    }

    #[test]
    fn failed_connects_are_repeated_three_times_with_doubling_waits() {
        let config = config();
        let mut attempts = Attempts::new(&config);
        let delays = milliseconds((0..4).map(|_| attempts.after(Failure::Connect, &Method::POST)));
        assert_eq!(delays, [Some(200), Some(400), Some(800), None]);
    }

    #[test]
    fn a_reset_is_forgiven_once_and_only_on_a_reused_connection() {
        let config = config();
        for (method, failures, expected) in [
            (Method::POST, [Failure::ResetReused, Failure::ResetReused], [Some(0), None]),
            (Method::POST, [Failure::ResetReused, Failure::ResetFresh], [Some(0), None]),
            (Method::POST, [Failure::ResetFresh, Failure::ResetFresh], [None, None]),
            (Method::GET, [Failure::ResetFresh, Failure::ResetFresh], [Some(200), Some(400)]),
        ] {
            let mut attempts = Attempts::new(&config);
            let delays = milliseconds(failures.into_iter().map(|failure| attempts.after(failure, &method)));
            assert_eq!(delays, expected, "{method} {failures:?}");
        }
    }

    #[test]
    fn retry_after_is_honoured_and_capped() {
        let config = config();
        let now = chrono::DateTime::from_timestamp(784_111_777, 0).unwrap();
        for (name, value, expected) in [
            ("retry-after", "3", Some(3000)),
            ("retry-after", "11", None),
            ("retry-after-ms", "350", Some(350)),
            ("retry-after", "Sun, 06 Nov 1994 08:49:39 GMT", Some(2000)),
            ("retry-after", "Sun, 06 Nov 1994 08:49:00 GMT", Some(200)),
            ("retry-after", "soon", Some(200)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(http::HeaderName::from_static(name), value.parse().unwrap());
            let delay = Attempts::new(&config).after_status(StatusCode::TOO_MANY_REQUESTS, &headers, || now);
            assert_eq!(delay.map(|delay| delay.as_millis()), expected, "{name}: {value}");
        }
        let other = Attempts::new(&config).after_status(StatusCode::BAD_GATEWAY, &HeaderMap::new(), || now);
        assert_eq!(other, None);
    }
}
