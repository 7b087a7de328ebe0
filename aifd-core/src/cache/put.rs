//! Takes an answer for the cache as it passes.

use super::{
    Ask, Cache, CacheKey, ask,
    entry::{Meta, Parts},
    key::{self, Asked, Canonical},
    now,
};
use crate::{
    clock,
    config::{CacheMode, CacheScope},
};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Headers of an answer that are kept and served with it.
const KEPT: [HeaderName; 7] = [
    header::CONTENT_TYPE,
    header::CONTENT_DISPOSITION,
    header::CONTENT_LANGUAGE,
    header::LAST_MODIFIED,
    HeaderName::from_static("openai-model"),
    HeaderName::from_static("openai-version"),
    HeaderName::from_static("openai-organization"),
];

/// Refusals that say the same until the request changes.
const NEGATIVE: [u16; 7] = [400, 404, 405, 410, 413, 415, 422];

/// Pieces of a recorded stream whose times are kept at most.
const MAX_TIMED: usize = 100_000;

/// What a request is known by, beside what its head asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    pub(crate) method: &'a http::Method,
    /// As it was asked for.
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) level: u64,
    /// What the caller showed, if it goes to the upstream.
    pub(crate) account: Option<&'a str>,
    /// The id of its forward key, or what it showed.
    pub(crate) key: &'a str,
    pub(crate) model: Option<&'a str>,
}

/// A request that takes part.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(super) cache: Arc<Cache>,
    pub(super) ask: Ask,
    pub(super) key: CacheKey,
    pub(super) canonical: Canonical,
    meta: Meta,
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

impl Ticket {
    /// What a request has of the cache, now that its body is there.
    pub(crate) fn new(cache: &Arc<Cache>, ask: Ask, known: &Known<'_>, body: &[u8]) -> Self {
        let route = &cache.routes[ask.route];
        let scope = scope(cache.settings.scope, known);
        let query = known.query.map(without_credentials).unwrap_or_default();
        let asked = Asked {
            scope: &scope,
            namespace: &ask.namespace,
            route: &route.name,
            method: known.method.as_str(),
            path: known.path,
            query: &query,
            headers: known.headers,
            kind: ask.kind,
            openai: ask.openai,
            ignore: &cache.settings.ignore,
        };
        let (key, canonical) = key::key(&asked, body);
        let path = if query.is_empty() { known.path.to_owned() } else { format!("{}?{query}", known.path) };
        let meta = Meta {
            route: route.name.clone().into(),
            method: known.method.as_str().to_owned(),
            path,
            kind: ask.kind,
            model: known.model.map(str::to_owned),
            ..Meta::default()
        };
        Ticket { cache: cache.clone(), ask, key, canonical, meta }
    }

    pub(super) fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Whether it uses the cache at all: as its body says, and else as its head or the configuration does.
    pub(crate) fn takes_part(&self) -> bool {
        let wanted = match self.canonical.caching {
            Some(caching) if self.ask.openai => caching,
            _ => self.ask.by_default,
        };
        wanted && !self.canonical.stateful
    }

    /// The field `caching` is the gateway's own, and stands in the body.
    pub(crate) fn says_caching(&self) -> bool {
        self.ask.openai && self.canonical.says_caching
    }

    pub(crate) fn reads(&self) -> bool {
        self.ask.read
    }

    /// Whether it is not to go upstream.
    pub(crate) fn only(&self) -> bool {
        self.ask.only
    }

    /// Whether the answers of its API are streams that may tell their usage, and it did not ask for that itself.
    pub(crate) fn lacks_usage(&self) -> bool {
        self.ask.write && self.canonical.stream && !self.canonical.include_usage
    }

    pub(crate) fn misses(&self) {
        let model = self.meta.model.as_deref().unwrap_or_default();
        self.cache.counts.lock().missed(&self.meta.route, model);
    }

    /// What the upstream is not to see, and what is asked of it: an answer that can be served to all.
    pub(crate) fn prepare(headers: &mut HeaderMap, takes_part: bool) {
        ask::take_out(headers);
        if takes_part {
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
    }

    /// An answer begins: takes it, if it is one to be kept.
    pub(crate) fn admit(self, status: StatusCode, headers: &HeaderMap, size: Option<u64>) -> Option<Put> {
        let settings = &self.cache.settings;
        let too_large = size.is_some_and(|size| size > settings.max_entry as u64);
        if !self.ask.write || too_large || !self.may_keep(headers) {
            return None;
        }
        let ttl = match status.as_u16() {
            200 => self.ask.ttl,
            // What has no body, or a part of one, is not the answer to this request for others.
            201..300 => return None,
            refused if NEGATIVE.contains(&refused) => Some(settings.negative_ttl?),
            _ => return None,
        };
        let text = |name: &HeaderName| {
            Some((name.as_str().to_owned(), headers.get(name)?.to_str().ok()?.to_owned()))
        };
        let meta = Meta {
            status: status.as_u16(),
            headers: KEPT.iter().filter_map(text).collect(),
            ..self.meta.clone()
        };
        let timed = settings.mode == CacheMode::Record && meta.is_stream();
        Some(Put {
            max: settings.max_entry,
            ttl,
            meta,
            timed: timed.then(|| (clock::now(), Vec::new())),
            pieces: Pieces::None,
            ticket: self,
        })
    }

    fn may_keep(&self, headers: &HeaderMap) -> bool {
        let says = |name: HeaderName, words: &[&str]| {
            let values = headers.get_all(name);
            values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(
                |item| {
                    let name = item.split('=').next().unwrap_or_default().trim();
                    words.iter().any(|word| name.eq_ignore_ascii_case(word))
                },
            )
        };
        let encoded = headers
            .get_all(header::CONTENT_ENCODING)
            .iter()
            .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
        // Other servers know what may be kept; those of models say `no-cache` of every stream.
        let others = !self.ask.openai
            && (says(header::CACHE_CONTROL, &["no-store", "private", "no-cache"])
                || says(header::VARY, &["*"])
                || headers.contains_key(header::SET_COOKIE));
        !encoded && !others
    }
}

/// Who shares an answer, in one text that no other scope has.
fn scope(scope: CacheScope, known: &Known<'_>) -> String {
    let hidden = |text: &str| blake3::hash(text.as_bytes()).to_hex();
    match scope {
        CacheScope::Global => "all".to_owned(),
        CacheScope::Key => format!("key {}", hidden(known.key)),
        CacheScope::Level => match known.account {
            Some(account) => format!("account {}", hidden(account)),
            None => format!("level {}", known.level),
        },
    }
}

/// A query without the parameters that hold credentials.
fn without_credentials(query: &str) -> String {
    let kept = query.split('&').filter(|field| {
        let name = field.split('=').next().unwrap_or_default();
        !percent_encoding::percent_decode_str(name).decode_utf8_lossy().eq_ignore_ascii_case("key")
    });
    kept.collect::<Vec<_>>().join("&")
}

/// An answer on its way into the cache.
#[derive(Debug)]
pub(crate) struct Put {
    ticket: Ticket,
    meta: Meta,
    ttl: Option<Duration>,
    max: usize,
    /// When the piece before came, and the times between those before.
    timed: Option<(Instant, Vec<(u32, u32)>)>,
    pieces: Pieces,
}

#[derive(Debug)]
enum Pieces {
    None,
    One(Bytes),
    More(BytesMut),
    /// It is larger than an entry may be.
    TooLarge,
}

impl Put {
    /// A piece of it passes, as the upstream sent it.
    pub(crate) fn push(&mut self, piece: &Bytes) {
        let length = match &self.pieces {
            Pieces::None => 0,
            Pieces::One(first) => first.len(),
            Pieces::More(all) => all.len(),
            Pieces::TooLarge => return,
        };
        if length + piece.len() > self.max {
            self.pieces = Pieces::TooLarge;
            return;
        }
        self.pieces = match std::mem::replace(&mut self.pieces, Pieces::TooLarge) {
            Pieces::None => Pieces::One(piece.clone()),
            Pieces::One(first) => {
                let mut all = BytesMut::with_capacity((length + piece.len()).max(8 * 1024));
                all.extend_from_slice(&first);
                all.extend_from_slice(piece);
                Pieces::More(all)
            }
            Pieces::More(mut all) => {
                all.extend_from_slice(piece);
                Pieces::More(all)
            }
            Pieces::TooLarge => return,
        };
        if let Some((last, times)) = self.timed.as_mut().filter(|(_, times)| times.len() < MAX_TIMED) {
            let now = clock::now();
            let since = u32::try_from(now.duration_since(*last).as_micros()).unwrap_or(u32::MAX);
            times.push((since, u32::try_from(piece.len()).unwrap_or(u32::MAX)));
            *last = now;
        }
    }

    /// All of it has passed.
    pub(crate) fn finish(self) {
        let body = match self.pieces {
            Pieces::None => Bytes::new(),
            // A slice would keep all that was read with it.
            Pieces::One(piece) => Bytes::copy_from_slice(&piece),
            Pieces::More(all) => all.freeze(),
            Pieces::TooLarge => return,
        };
        let stored_at = now();
        let ttl = self.ttl.map(|ttl| u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX));
        let timing = self.timed.map(|(_, times)| times).unwrap_or_default();
        let Ticket { cache, key, canonical, .. } = self.ticket;
        cache.keep(Parts {
            key,
            variant: 0,
            stored_at,
            expires_at: ttl.map_or(0, |ttl| stored_at.saturating_add(ttl)),
            meta: Meta { timing, ..self.meta },
            request: canonical.text.into(),
            body,
        });
    }
}
