//! Takes an answer for the cache as it passes.

use super::{
    Ask, Cache, CacheKey, ask,
    entry::{Meta, Parts},
    form,
    key::{self, Asked, Canonical},
    now,
};
use crate::{
    clock,
    config::{CacheMode, CacheScope},
};
use aifd_log::Kind;
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

/// Headers of one transfer alone.
const PASSING: [HeaderName; 18] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::CONTENT_LENGTH,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::SET_COOKIE,
    header::DATE,
    header::AGE,
    header::VIA,
    header::ALT_SVC,
    header::RETRY_AFTER,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("cache-status"),
    HeaderName::from_static("x-request-id"),
];

/// Refusals that say the same until the request changes.
pub(super) const NEGATIVE: [u16; 7] = [400, 404, 405, 410, 413, 415, 422];

/// Bytes at the end of a piece in which the end of a stream is looked for: a whole answer may stand in its last event.
const TAIL: usize = 64 << 10;

/// Pieces of a recorded stream whose times are kept at most.
const MAX_TIMED: usize = 100_000;

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    /// The level of its forward key; `None`: it has none.
    pub(crate) level: Option<u64>,
    /// The id of its forward key.
    pub(crate) key: Option<String>,
    /// All that it shows the upstream beside that.
    pub(crate) shown: Vec<u8>,
}

/// How the end of an answer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// It has so many bytes.
    Sized(u64),
    /// By the framing of the protocol.
    Told,
    /// By the end of the connection, which may come too early.
    ByClosing,
}

/// What a request is known by, beside what its head asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    pub(crate) method: &'a http::Method,
    /// As it was asked for.
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) owner: &'a Owner,
    /// The forward key, as it was shown.
    pub(crate) own: Option<&'a str>,
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
        // What was recorded with a key is replayed without one.
        let scope = if ask.takes_all { CacheScope::Global } else { cache.settings.scope };
        let scope = scope_of(scope, known.owner);
        let query = known.query.map(|query| without_own(query, known.own)).unwrap_or_default();
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
        // As it is shown and kept, no credential stands in it.
        let path = path.parse().map_or(path, |uri| crate::exchange::masked(&uri));
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
        if self.ask.takes_all {
            return true;
        }
        let wanted = match self.canonical.caching {
            Some(caching) if self.ask.openai => caching,
            _ => self.ask.by_default,
        };
        // Of a body that can be read in two ways, neither its form nor its word is known.
        wanted && !self.canonical.stateful && (!self.ask.openai || self.canonical.is_read)
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
    pub(crate) fn admit(self, status: StatusCode, headers: &HeaderMap, framing: Framing) -> Option<Put> {
        let settings = &self.cache.settings;
        let kept = match framing {
            Framing::Sized(size) => size <= settings.max_entry as u64,
            Framing::Told => true,
            // Only what says itself that it is complete.
            Framing::ByClosing => matches!(
                self.ask.kind,
                Some(Kind::Chat | Kind::Completion | Kind::Responses | Kind::Messages)
            ),
        };
        if !self.ask.write || !kept || !self.may_keep(headers) {
            return None;
        }
        let fresh = if self.ask.openai || self.ask.takes_all { None } else { freshness(headers) };
        if fresh == Some(Duration::ZERO) {
            return None;
        }
        let ttl = match status.as_u16() {
            200 => match (self.ask.ttl, fresh) {
                (Some(ttl), Some(fresh)) => Some(ttl.min(fresh)),
                (ttl, fresh) => ttl.or(fresh),
            },
            // What has no body, or a part of one, is not the answer to this request for others.
            201..300 => return None,
            refused if NEGATIVE.contains(&refused) => Some(settings.negative_ttl?),
            _ => return None,
        };
        let meta = Meta {
            status: status.as_u16(),
            headers: kept_headers(headers, self.ask.openai),
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
        let words = |name: HeaderName| {
            let values = headers.get_all(name).iter();
            let texts: Vec<String> =
                values.map(|value| String::from_utf8_lossy(value.as_bytes()).to_lowercase()).collect();
            texts.join(",")
        };
        let says = |name: HeaderName, allowed: &dyn Fn(&str) -> bool| {
            words(name)
                .split(',')
                .map(|item| item.split('=').next().unwrap_or_default().trim().to_owned())
                .all(|item| item.is_empty() || allowed(&item))
        };
        let plain = says(header::CONTENT_ENCODING, &|coding| coding == "identity");
        // Other servers know what may be kept; those of models say `no-cache` of every stream.
        let shared = self.ask.openai
            || self.ask.takes_all
            || says(header::CACHE_CONTROL, &|word| !["no-store", "private", "no-cache"].contains(&word))
                && says(header::VARY, &|name| VARIES.contains(&name))
                && !headers.contains_key(header::SET_COOKIE);
        plain && shared
    }
}

/// What an answer may vary by: headers that are part of the key, or tell who asks.
const VARIES: [&str; 6] =
    ["accept", "accept-encoding", "accept-language", "content-type", "authorization", "cookie"];

/// How long an answer is fresh by its own word (RFC 9111 section 4.2.1); `None`: it does not say.
fn freshness(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut ages = [None, None];
    for item in values.flat_map(|value| value.split(',')) {
        let (name, value) = item.split_once('=').unwrap_or((item, ""));
        let place = match &*name.trim().to_ascii_lowercase() {
            "s-maxage" => 0,
            "max-age" => 1,
            _ => continue,
        };
        ages[place] = Some(Duration::from_secs(ask::seconds(value)));
    }
    let expires = || {
        let at = headers.get(header::EXPIRES)?.to_str().ok();
        // What is no date is over (RFC 9111 section 5.3).
        let at = at.and_then(|at| chrono::DateTime::parse_from_rfc2822(at).ok());
        Some(at.map_or(Duration::ZERO, |at| (at.to_utc() - clock::utc()).to_std().unwrap_or_default()))
    };
    ages[0].or(ages[1]).or_else(expires)
}

/// Headers that are kept: of a server of models a few, of another one all that are not of this one transfer.
fn kept_headers(headers: &HeaderMap, openai: bool) -> Vec<(String, String)> {
    let is_kept = |name: &HeaderName| match openai {
        true => KEPT.contains(name),
        false => !PASSING.contains(name) && !name.as_str().starts_with("x-ratelimit-"),
    };
    let kept = headers.iter().filter(|(name, _)| is_kept(name));
    kept.filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect()
}

/// What was exported, without headers that would say something of another transfer.
pub(super) fn importable(meta: Meta) -> Meta {
    let is_kept = |name: &str| name.parse::<HeaderName>().is_ok_and(|name| !PASSING.contains(&name));
    Meta { headers: meta.headers.into_iter().filter(|(name, _)| is_kept(name)).collect(), ..meta }
}

/// Who shares an answer, in one text that no other scope has.
fn scope_of(scope: CacheScope, owner: &Owner) -> String {
    let shown = match owner.shown.is_empty() {
        true => String::new(),
        false => blake3::hash(&owner.shown).to_hex().to_string(),
    };
    match (scope, owner.level) {
        (CacheScope::Global, _) => "all".to_owned(),
        (_, None) => format!("account {shown}"),
        (CacheScope::Key, _) => format!("key {} {shown}", owner.key.as_deref().unwrap_or_default()),
        (CacheScope::Level, Some(level)) => format!("level {level} {shown}"),
    }
}

/// A query without the forward key.
fn without_own(query: &str, own: Option<&str>) -> String {
    let Some(own) = own else { return query.to_owned() };
    let kept = query.split('&').filter(|field| {
        let value = field.split_once('=').map_or("", |(_, value)| value);
        percent_encoding::percent_decode_str(value).decode_utf8_lossy() != own
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
    /// Whether a piece is the last of a stream that says so: who reads one may leave then, and not wait for the end of
    /// its transfer.
    pub(crate) fn ends_with(&self, piece: &[u8]) -> bool {
        if !self.meta.is_stream() {
            return false;
        }
        let last = &piece[piece.len().saturating_sub(TAIL)..];
        let piece = last.trim_ascii_end();
        let blank = last.ends_with(b"\n\n") || last.ends_with(b"\r\n\r\n") || last.ends_with(b"\r\r");
        let ended = match self.meta.kind {
            Some(Kind::Chat | Kind::Completion) => piece.ends_with(b"[DONE]"),
            Some(Kind::Messages) => memchr::memmem::find(piece, b"message_stop").is_some(),
            Some(Kind::Responses) => memchr::memmem::rfind(piece, b"event: response.").is_some_and(|at| {
                ["completed", "incomplete"].iter().any(|end| piece[at + 16..].starts_with(end.as_bytes()))
            }),
            _ => false,
        };
        blank && ended
    }

    /// Nobody waits for the rest: what came is kept if it says itself that it is complete.
    pub(crate) fn give_up(self) {
        let two_forms = self.meta.api().is_some() && self.meta.is_stream();
        let body = match &self.pieces {
            Pieces::One(piece) => &piece[..],
            Pieces::More(all) => all,
            Pieces::None | Pieces::TooLarge => return,
        };
        let complete = two_forms
            && matches!(
                form::completeness(self.meta.api(), self.meta.content_type(), body),
                form::Complete::Yes(_)
            );
        if complete {
            self.finish();
        }
    }

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
