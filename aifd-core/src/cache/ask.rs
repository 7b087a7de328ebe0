//! What a request may have of the cache, as its head says.

use super::Cache;
use crate::{config::CacheMode, endpoint, error::ForwardError};
use aifd_log::Kind;
use http::{HeaderMap, HeaderName, Method, header};
use std::time::Duration;

pub(crate) const TTL: HeaderName = HeaderName::from_static("x-aifd-cache-ttl");
pub(crate) const NAMESPACE: HeaderName = HeaderName::from_static("x-aifd-cache-namespace");

/// Bytes of a namespace at most.
const MAX_NAMESPACE: usize = 128;

/// Headers with which an answer depends on more than the request.
const CONDITIONAL: [HeaderName; 6] = [
    header::RANGE,
    header::IF_RANGE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_UNMODIFIED_SINCE,
];

/// What a request may have of the cache.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(super) route: usize,
    pub(super) openai: bool,
    pub(super) kind: Option<Kind>,
    /// How long its answer may be served; `None`: without end.
    pub(super) ttl: Option<Duration>,
    pub(super) namespace: Box<str>,
    pub(super) read: bool,
    pub(super) write: bool,
    /// It is not to go upstream.
    pub(super) only: bool,
    /// Seconds that an answer may be old.
    pub(super) max_age: Option<u64>,
    /// Whether it uses the cache where its body does not say.
    pub(super) by_default: bool,
}

impl Cache {
    /// What a request may have; `None`: nothing. `path` is in its [plain](crate::plain_path::plain) form.
    ///
    /// # Errors
    /// A header of the cache's own says nothing that is understood.
    pub(crate) fn ask(
        &self,
        route: usize,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<Option<Ask>, ForwardError> {
        let Some(at) = self.routes.get(route).filter(|at| at.on) else { return Ok(None) };
        let kind = at.openai.then(|| endpoint::kind(&self.api_paths, path)).flatten();
        let listed =
            self.settings.routes.iter().any(|listed| listed.trim_end_matches('/').eq_ignore_ascii_case(path));
        let cached = match (self.settings.routes.is_empty(), at.openai) {
            (true, true) => *method == Method::POST && (kind.is_some() || endpoint::is_pure(path)),
            (true, false) => matches!(*method, Method::GET | Method::POST),
            (false, _) => listed && matches!(*method, Method::GET | Method::POST),
        };
        if !cached || CONDITIONAL.iter().any(|name| headers.contains_key(name)) {
            return Ok(None);
        }
        let own = own_headers(headers)?;
        let control = Control::of(headers);
        let mode = self.settings.mode;
        let normal = matches!(mode, CacheMode::Normal | CacheMode::Record);
        let asks = own.ttl.is_some() || own.namespace.is_some() || control.only || control.max_age.is_some();
        Ok(Some(Ask {
            route,
            openai: at.openai,
            kind,
            ttl: own.ttl.unwrap_or(at.ttl),
            namespace: own.namespace.unwrap_or_default().into(),
            read: mode == CacheMode::Replay || normal && !control.no_cache && !control.no_store,
            write: mode != CacheMode::Replay && !control.no_store,
            only: mode == CacheMode::Replay || control.only,
            max_age: control.max_age.filter(|_| mode != CacheMode::Replay),
            by_default: !at.openai || self.settings.default_request_caching || self.takes_all() || asks,
        }))
    }
}

/// The headers of the cache's own.
struct Own<'a> {
    ttl: Option<Option<Duration>>,
    namespace: Option<&'a str>,
}

fn own_headers(headers: &HeaderMap) -> Result<Own<'_>, ForwardError> {
    let ttl = match headers.get(&TTL) {
        None => None,
        Some(value) => {
            let text = value.to_str().unwrap_or_default();
            let ttl = crate::config::scalar::duration_or_off(text);
            let expected = "a time like 60, 10m or 1h, or off";
            Some(ttl.ok_or(ForwardError::CacheHeader { name: TTL, expected })?)
        }
    };
    let namespace = match headers.get(&NAMESPACE) {
        None => None,
        Some(value) => {
            let text = value.to_str().ok().filter(|text| text.len() <= MAX_NAMESPACE);
            let expected = "a text of at most 128 visible characters";
            Some(text.ok_or(ForwardError::CacheHeader { name: NAMESPACE, expected })?)
        }
    };
    Ok(Own { ttl, namespace })
}

/// `cache-control` of a request (RFC 9111 section 5.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Control {
    no_cache: bool,
    no_store: bool,
    only: bool,
    max_age: Option<u64>,
}

impl Control {
    fn of(headers: &HeaderMap) -> Self {
        let mut control = Control::default();
        let values = headers.get_all(header::CACHE_CONTROL);
        for item in values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')) {
            let (name, value) = item.split_once('=').unwrap_or((item, ""));
            match &*name.trim().to_ascii_lowercase() {
                "no-cache" => control.no_cache = true,
                "no-store" => control.no_store = true,
                "only-if-cached" => control.only = true,
                // What is no number of seconds is as good as stale (RFC 9111 section 4.2.1).
                "max-age" => control.max_age = Some(value.trim().trim_matches('"').parse().unwrap_or(0)),
                _ => {}
            }
        }
        let pragma = headers
            .get(header::PRAGMA)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"no-cache"));
        // Nothing is that fresh but what comes now.
        control.no_cache |= control.max_age == Some(0);
        control.no_cache |= pragma && !headers.contains_key(header::CACHE_CONTROL);
        control
    }
}

/// Takes the cache's own headers out of a request.
pub(super) fn take_out(headers: &mut HeaderMap) {
    headers.remove(&TTL);
    headers.remove(&NAMESPACE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cache_control_asks_for_is_understood() {
        for (value, control) in [
            ("no-cache", Control { no_cache: true, ..Control::default() }),
            ("max-age=0", Control { no_cache: true, max_age: Some(0), ..Control::default() }),
            ("No-Store, max-age=\"7\"", Control { no_store: true, max_age: Some(7), ..Control::default() }),
            (
                "only-if-cached,max-age=x",
                Control { only: true, no_cache: true, max_age: Some(0), ..Control::default() },
            ),
            ("private, max-stale=5", Control::default()),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CACHE_CONTROL, value.parse().unwrap());
            headers.insert(header::PRAGMA, "no-cache".parse().unwrap());
            assert_eq!(Control::of(&headers), control, "{value}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::PRAGMA, "no-cache".parse().unwrap());
        assert!(Control::of(&headers).no_cache);
    }
}
