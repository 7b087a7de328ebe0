//! Makes an answer of what is kept, in the form that was asked for.

use super::{Ticket, Timed, entry::Stored, form, nearest, now};
use crate::{error::ForwardError, sse::filter::UsageFilter, tasks};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use std::sync::Arc;

const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
const X_CACHE: HeaderName = HeaderName::from_static("x-cache");

/// An answer out of the cache.
pub(crate) struct Served {
    pub(crate) answer: Response<Bytes>,
    /// The times in which its pieces shall leave.
    pub(crate) timed: Option<Timed>,
    /// Tokens that it costs where hits are counted: prompt and answer.
    pub(crate) charged: bool,
}

/// What becomes of a request that did not find its answer here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forwarded {
    /// Nothing was there.
    Miss { stored: bool },
    /// It asked for a fresh answer.
    Request { stored: bool },
    /// It takes no part.
    Bypass,
}

impl Forwarded {
    /// The same of an answer that is kept, or not.
    pub(crate) fn stored(self, stored: bool) -> Self {
        match self {
            Forwarded::Miss { .. } => Forwarded::Miss { stored },
            Forwarded::Request { .. } => Forwarded::Request { stored },
            Forwarded::Bypass => Forwarded::Bypass,
        }
    }

    /// Says so in an answer (RFC 9211).
    pub(crate) fn mark(self, headers: &mut HeaderMap) {
        let (status, word) = match self {
            Forwarded::Miss { stored: true } => ("aifd; fwd=miss; stored", "MISS"),
            Forwarded::Miss { stored: false } => ("aifd; fwd=miss", "MISS"),
            Forwarded::Request { stored: true } => ("aifd; fwd=request; stored", "MISS"),
            Forwarded::Request { stored: false } => ("aifd; fwd=request", "MISS"),
            Forwarded::Bypass => ("aifd; fwd=bypass", "BYPASS"),
        };
        headers.append(CACHE_STATUS, HeaderValue::from_static(status));
        headers.insert(X_CACHE, HeaderValue::from_static(word));
    }
}

impl Ticket {
    /// The answer, if there is one that may be served.
    ///
    /// # Errors
    /// There is none, and the request is not to go upstream.
    pub(crate) async fn serve(&self) -> Result<Option<Served>, ForwardError> {
        if self.reads()
            && let Some(found) = self.cache.find(self.key, self.ask.max_age).await
            && let Some(served) = self.served(&found)
        {
            self.cache.counts.lock().hit(&found);
            self.cache.memory.count_again(self.key.place(found.variant), &found);
            return Ok(Some(served));
        }
        self.misses();
        match self.only() {
            true => Err(self.refusal().await),
            false => Ok(None),
        }
    }

    async fn refusal(&self) -> ForwardError {
        if self.cache.settings.mode != crate::config::CacheMode::Replay {
            return ForwardError::CacheOnly;
        }
        let (cache, meta, asked) = (self.cache.clone(), self.meta().clone(), self.canonical.text.clone());
        let told = tasks::blocking(move || nearest::told(&cache, &meta, &asked)).await;
        ForwardError::NotRecorded(told.unwrap_or_default().into())
    }

    fn served(&self, found: &Arc<Stored>) -> Option<Served> {
        let is_stream = found.meta.is_stream();
        let api = found.meta.api().filter(|_| found.meta.status == 200);
        let wants_stream = if api.is_some() { self.canonical.stream } else { is_stream };
        let (body, content_type) = match (api, is_stream, wants_stream) {
            (Some(_), true, true) if !self.canonical.include_usage => (found.without_usage(), None),
            (_, true, true) | (_, false, false) => (found.body.clone(), None),
            (Some(api), true, false) => {
                (found.other(|| form::whole(api, &found.body))?, Some("application/json"))
            }
            (Some(api), false, true) => {
                let usage = self.canonical.include_usage;
                let made = found.other(|| form::stream(api, &found.body, true))?;
                let made = if usage { made } else { filtered(&made) };
                (made, Some("text/event-stream; charset=utf-8"))
            }
            (None, ..) => return None,
        };
        let mut answer = Response::new(body);
        *answer.status_mut() = StatusCode::from_u16(found.meta.status).ok()?;
        let headers = answer.headers_mut();
        for (name, value) in &found.meta.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
                headers.append(name, value);
            }
        }
        if let Some(content_type) = content_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        mark_hit(found, headers);
        let settings = &self.cache.settings;
        let same = wants_stream && content_type.is_none();
        let timed =
            (settings.real_timing && same).then(|| Timed::new(answer.body(), &found.meta.timing)).flatten();
        Some(Served { answer, timed, charged: settings.count_tokens })
    }
}

fn mark_hit(found: &Stored, headers: &mut HeaderMap) {
    let now = now();
    let status = match found.expires_at {
        0 => HeaderValue::from_static("aifd; hit"),
        at => HeaderValue::try_from(format!("aifd; hit; ttl={}", at.saturating_sub(now) / 1000))
            .unwrap_or(HeaderValue::from_static("aifd; hit")),
    };
    headers.append(CACHE_STATUS, status);
    headers.insert(X_CACHE, HeaderValue::from_static("HIT"));
    headers.insert(header::AGE, (now.saturating_sub(found.stored_at) / 1000).into());
}

/// A stream without the usage that was not asked for.
pub(super) fn filtered(stream: &Bytes) -> Bytes {
    let mut filter = UsageFilter::default();
    let first = filter.push(stream.clone()).unwrap_or_default();
    match filter.finish() {
        None => first,
        Some(rest) => {
            let mut all = BytesMut::from(&first[..]);
            all.extend_from_slice(&rest);
            all.freeze()
        }
    }
}
