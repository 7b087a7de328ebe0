//! What a request may have of the cache, as its head says.

use super::{Cache, RouteCache};
use crate::{config::CacheMode, endpoint, error::ForwardError};
use aifd_log::Kind;
use http::{HeaderMap, HeaderName, Method, header};
use memchr::memmem;
use percent_encoding::percent_decode_str;
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
    /// It takes part whatever its body says, however that comes.
    pub(crate) takes_all: bool,
}

/// The head of a request, as the cache needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) route: usize,
    pub(crate) method: &'a Method,
    /// In its [plain](crate::plain_path::plain) form.
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
    /// It may not use all models: what it sees may be less than others do.
    pub(crate) restricted: bool,
}

impl Cache {
    /// What a request may have; `None`: nothing.
    ///
    /// # Errors
    /// A header of the cache's own says nothing that is understood; or the request is not to go upstream, and nothing of
    /// its kind is kept.
    pub(crate) fn ask(&self, head: &Head<'_>) -> Result<Option<Ask>, ForwardError> {
        let Head { method, path, headers, .. } = *head;
        let Some(at) = self.routes.get(head.route).filter(|at| at.on) else { return Ok(None) };
        let own = own_headers(headers)?;
        let control = Control::of(headers);
        let (mode, takes_all) = (self.settings.mode, self.takes_all());
        let kind = at.openai.then(|| endpoint::kind(&self.api_paths, path)).flatten();
        let fetches = matches!(*method, Method::GET | Method::POST) && !headers.contains_key(header::UPGRADE);
        // A list of models is cut down to those of a key.
        let cached =
            fetches && self.caches(at, head, kind) && !(head.restricted && path.ends_with("/models"));
        let conditional = !takes_all && CONDITIONAL.iter().any(|name| headers.contains_key(name));
        let only = mode == CacheMode::Replay || control.only;
        if !cached || conditional {
            return match (mode, control.only) {
                (CacheMode::Replay, _) => Err(ForwardError::NotRecorded(format!("{method} {path}").into())),
                (_, true) => Err(ForwardError::CacheOnly),
                _ => Ok(None),
            };
        }
        let normal = matches!(mode, CacheMode::Normal | CacheMode::Record);
        let asks = own.ttl.is_some() || own.namespace.is_some() || control.only || control.max_age.is_some();
        // Nothing lives for no time.
        let lives = own.ttl != Some(Some(Duration::ZERO));
        Ok(Some(Ask {
            route: head.route,
            openai: at.openai,
            kind,
            ttl: own.ttl.unwrap_or(at.ttl),
            namespace: own.namespace.unwrap_or_default().into(),
            read: mode == CacheMode::Replay || normal && !control.no_cache && !control.no_store,
            write: mode != CacheMode::Replay && !control.no_store && lives,
            only,
            max_age: control.max_age.filter(|_| mode != CacheMode::Replay),
            by_default: !at.openai || self.settings.default_request_caching || takes_all || asks,
            takes_all,
        }))
    }

    fn caches(&self, at: &RouteCache, head: &Head<'_>, kind: Option<Kind>) -> bool {
        let Head { method, path, .. } = *head;
        let listed = |listed: &String| listed.trim_end_matches('/').eq_ignore_ascii_case(path);
        match (self.settings.routes.is_empty(), at.openai) {
            _ if self.takes_all() => true,
            (true, true) => *method == Method::POST && (kind.is_some() || endpoint::is_pure(path)),
            (true, false) => true,
            (false, _) => self.settings.routes.iter().any(listed),
        }
    }

    /// Why a request that takes no part is not answered, if it is not to go upstream.
    pub(crate) fn only(&self, ask: &Ask) -> Option<ForwardError> {
        match (self.settings.mode, ask.only) {
            (CacheMode::Replay, _) => {
                let why = "its body is larger than is looked into, or cannot be read in one way";
                Some(ForwardError::NotRecorded(why.into()))
            }
            (_, true) => Some(ForwardError::CacheOnly),
            _ => None,
        }
    }

    /// What a request shows that the upstream may know its caller by, beside the forward key `own`: in headers and in the
    /// query.
    pub(crate) fn shown(&self, route: usize, headers: &HeaderMap, query: &str, own: Option<&str>) -> Vec<u8> {
        let named = self.routes.get(route).and_then(|at| at.credential_header.as_ref());
        let mut shown = Vec::new();
        let mut put = |name: &str, value: &[u8]| {
            if own.is_none_or(|own| memmem::find(value, own.as_bytes()).is_none()) {
                shown.extend_from_slice(name.as_bytes());
                shown.push(0);
                shown.extend_from_slice(value);
                shown.push(0);
            }
        };
        for (name, value) in headers {
            if names_caller(name.as_str()) || Some(name) == named {
                put(name.as_str(), value.as_bytes());
            }
        }
        for field in query.split('&') {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            let name = percent_decode_str(name).decode_utf8_lossy();
            if names_caller(&name.to_ascii_lowercase()) {
                put(&name, &percent_decode_str(value).collect::<Vec<u8>>());
            }
        }
        shown
    }
}

/// Whether a header or a parameter is named like one that tells who asks.
fn names_caller(name: &str) -> bool {
    const WORDS: [&str; 9] =
        ["auth", "cookie", "key", "token", "secret", "session", "credential", "jwt", "signature"];
    // Those of a single request, and of the protocol.
    const OTHERS: [&str; 4] =
        ["idempotency-key", "x-idempotency-key", "sec-websocket-key", "prompt_cache_key"];
    WORDS.iter().any(|word| name.contains(word)) && !OTHERS.contains(&name)
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
            // No time is none, and not without end.
            let ttl = match text.trim() {
                "0" => Some(Some(Duration::ZERO)),
                text => crate::config::scalar::duration_or_off(text),
            };
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
                "max-age" => control.max_age = Some(seconds(value)),
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

/// Seconds of a directive: too many are the most, and what is no number is as good as stale (RFC 9111 sections 1.2.2 and
/// 4.2.1).
pub(super) fn seconds(value: &str) -> u64 {
    let digits = value.trim().trim_matches('"');
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().unwrap_or(if is_number { u64::MAX } else { 0 })
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
