//! What is known of one request, from its first byte to its end; ends in one access line.

use crate::{
    access::credential::Credential,
    account::{Account, Outcome},
    cache::Put,
    capture::{self, About, Capture},
    clock,
    error::ForwardError,
    recorder::{Recorder, Uid},
    route::Route,
    secret::MIN_HIDDEN,
    standings::Standings,
    tally::Tally,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use percent_encoding::percent_decode_str;
use std::{
    fmt::Write,
    net::IpAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// The header that carries a request's id.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is accepted from a caller.
const MAX_ID: usize = 200;

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The answer was passed on whole.
    Complete,
    /// The upstream or the gateway failed.
    Failed,
    /// The caller left.
    Cancelled,
}

impl End {
    fn name(self) -> &'static str {
        match self {
            End::Complete => "complete",
            End::Failed => "failed",
            End::Cancelled => "cancelled",
        }
    }
}

/// Requests under way.
#[derive(Debug, Default)]
pub(crate) struct InFlight(AtomicUsize);

impl InFlight {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Relaxed)
    }
}

/// One request and what became of it. Its `Drop` writes the access line, so that it is written exactly once.
pub(crate) struct Exchange {
    pub(crate) id: HeaderValue,
    /// Whether the caller gave the id.
    pub(crate) id_given: bool,
    /// The id as the access line shows it, where a credential stands in it.
    shown_id: Option<Box<str>>,
    /// Of the whole server, and of the caller's connection.
    in_flight: [Arc<InFlight>; 2],
    tally: Arc<Tally>,
    begun: Instant,
    /// The caller's address, that of a trusted proxy replaced.
    pub(crate) client: Option<IpAddr>,
    method: Method,
    /// Only filled when an access line will be written.
    target: Option<Box<str>>,
    route: Option<Arc<str>>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) error: Option<&'static str>,
    upstream_sent: Option<Instant>,
    upstream_ms: Option<f64>,
    /// The status of the upstream's answer.
    answered: Option<StatusCode>,
    /// The wait between two pieces of the answer, if it is paced.
    pub(crate) pace: Option<Duration>,
    /// What is left of the limits that it counts for.
    pub(crate) standings: Standings,
    /// What its log gets, if it is logged.
    pub(crate) capture: Option<Box<Capture>>,
    /// What it is charged, if anything.
    pub(crate) account: Option<Box<Account>>,
    /// What the cache gets, if the answer is one to be kept.
    pub(crate) put: Option<Box<Put>>,
    /// Whether the cache answered (`hit`, `miss`, `bypass`), if there is one.
    pub(crate) cache: Option<&'static str>,
    pub(crate) bytes_in: Arc<AtomicU64>,
    pub(crate) bytes_out: u64,
    end: End,
}

impl Exchange {
    pub(crate) fn begin<B>(
        request: &http::Request<B>,
        client: Option<IpAddr>,
        in_flight: [&Arc<InFlight>; 2],
        tally: &Arc<Tally>,
    ) -> Self {
        tally.begun();
        for count in in_flight {
            count.0.fetch_add(1, Relaxed);
        }
        let given = request.headers().get(X_REQUEST_ID).filter(|id| acceptable(id));
        let logged = tracing::enabled!(target: "aifd::access", tracing::Level::INFO);
        Exchange {
            id: given.cloned().unwrap_or_else(new_id),
            id_given: given.is_some(),
            shown_id: None,
            in_flight: in_flight.map(Arc::clone),
            tally: tally.clone(),
            begun: clock::now(),
            client,
            method: request.method().clone(),
            target: logged.then(|| masked(request.uri()).into()),
            route: None,
            status: None,
            error: None,
            upstream_sent: None,
            upstream_ms: None,
            answered: None,
            pace: None,
            standings: Standings::default(),
            capture: None,
            account: None,
            put: None,
            cache: None,
            bytes_in: Arc::default(),
            bytes_out: 0,
            end: End::Cancelled,
        }
    }

    /// The message was refused before it was parsed: what it asked for is not known.
    pub(crate) fn forget_target(&mut self) {
        self.method = Method::from_bytes(b"-").unwrap_or_default();
        self.target = self.target.take().map(|_| "-".into());
    }

    /// The request is for this route.
    pub(crate) fn routed(&mut self, route: &Route) {
        self.route = Some(route.name.clone());
        self.tally.routed(route.index);
    }

    /// The upstream is asked (again).
    pub(crate) fn asked(&mut self) {
        self.upstream_sent = Some(clock::now());
    }

    /// The time since the upstream was asked.
    pub(crate) fn since_asked(&self) -> Duration {
        self.upstream_sent.map_or(Duration::ZERO, |sent| clock::now().duration_since(sent))
    }

    /// The upstream has begun to answer.
    pub(crate) fn answered(&mut self, status: StatusCode) {
        self.status = Some(status);
        self.answered = Some(status);
        self.upstream_ms = self.upstream_sent.map(milliseconds_since);
    }

    /// The gateway answers with an error.
    pub(crate) fn refuse(&mut self, error: &ForwardError) {
        self.error = Some(error.code());
        self.end = End::Failed;
        self.tally.refused(error.code());
    }

    /// The exchange ended so; without it, the caller left.
    pub(crate) fn end(&mut self, end: End) {
        self.end = end;
    }

    /// Takes what the caller showed out of the line, should it stand in its target or its id too.
    pub(crate) fn hide(&mut self, credentials: &[Credential<'_>]) {
        let Some(target) = &mut self.target else { return };
        for (_, credential) in credentials.iter().filter(|(_, credential)| credential.len() >= MIN_HIDDEN) {
            if let Some(hidden) = without(target, credential) {
                *target = hidden;
            }
            if self.id_given {
                let id = self.shown_id.as_deref().or_else(|| self.id.to_str().ok()).unwrap_or_default();
                self.shown_id = without(id, credential).or(self.shown_id.take());
            }
        }
    }

    /// From here on it is logged.
    pub(crate) fn log(&mut self, recorder: &Arc<Recorder>, about: About) {
        self.capture = Some(Box::new(Capture::begin(recorder, about, self.begun)));
    }

    /// What joins the lines of its log: its id's digits, if it was given here; a caller's id may come twice.
    pub(crate) fn uid(&self) -> Uid {
        let own = self.id.as_bytes().strip_prefix(ID_PREFIX).filter(|_| !self.id_given);
        Uid(own.and_then(|digits| digits.try_into().ok()).unwrap_or_else(new_digits))
    }

    /// The id, if the caller gave it.
    pub(crate) fn given_id(&self) -> Option<&str> {
        self.id.to_str().ok().filter(|_| self.id_given)
    }

    /// The upstream's answer begins.
    pub(crate) fn answer_begins(&mut self, headers: &HeaderMap) {
        if let Some(account) = &mut self.account {
            account.answers(headers);
        }
        if let Some(capture) = &mut self.capture {
            capture.answers(headers);
        }
    }

    /// A piece of the upstream's answer comes.
    pub(crate) fn answer_comes(&mut self, data: &Bytes) {
        if let Some(put) = &mut self.put {
            put.push(data);
            if put.ends_with(data) {
                self.answer_ends();
            }
        }
        if let Some(account) = &mut self.account {
            account.passes(data);
        }
        if let Some(capture) = &mut self.capture {
            capture.passes(data);
        }
    }

    /// All of the upstream's answer has come, if it ends well.
    pub(crate) fn answer_ends(&mut self) {
        if let Some(put) = self.put.take() {
            put.finish();
        }
    }

    /// The answer came out of the cache. It costs its tokens if `charged` says so.
    pub(crate) fn served(&mut self, headers: &HeaderMap, body: &Bytes, charged: bool) {
        self.cache = Some("hit");
        if let Some(account) = self.account.as_mut().filter(|_| charged) {
            account.answers(headers);
            account.passes(body);
        }
        if let Some(capture) = &mut self.capture {
            capture.answers(headers);
            capture.passes(body);
        }
    }

    /// Tells the upstream the id.
    pub(crate) fn stamp_request(&self, headers: &mut HeaderMap) {
        headers.insert(X_REQUEST_ID, self.id.clone());
    }

    /// Puts the id on an answer, and what is left of the limits. An id of the upstream stays, unless the caller gave one: then the caller's is
    /// echoed and the upstream's goes to `x-upstream-request-id`.
    pub(crate) fn stamp(&self, headers: &mut HeaderMap) {
        self.standings.stamp(headers);
        const UPSTREAM: HeaderName = HeaderName::from_static("x-upstream-request-id");
        match headers.entry(X_REQUEST_ID) {
            http::header::Entry::Vacant(entry) => {
                entry.insert(self.id.clone());
            }
            http::header::Entry::Occupied(mut entry) if self.id_given && *entry.get() != self.id => {
                let theirs = entry.insert(self.id.clone());
                headers.insert(UPSTREAM, theirs);
            }
            http::header::Entry::Occupied(_) => {}
        }
    }

    fn write_line(&self) {
        let Some(target) = &self.target else { return };
        let (path, query) =
            target.split_once('?').map_or((&**target, None), |(path, query)| (path, Some(query)));
        tracing::info!(
            target: "aifd::access",
            id = self.shown_id.as_deref().or_else(|| self.id.to_str().ok()).unwrap_or_default(),
            client = self.client.map(tracing::field::display),
            route = self.route.as_deref(),
            method = self.method.as_str(),
            path,
            query,
            status = self.status.map(|status| status.as_u16()),
            upstream_ms = self.upstream_ms,
            total_ms = milliseconds_since(self.begun),
            bytes_in = self.bytes_in.load(Relaxed),
            bytes_out = self.bytes_out,
            end = self.end.name(),
            cache = self.cache,
            error = self.error,
            "request"
        );
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        for count in &self.in_flight {
            count.0.fetch_sub(1, Relaxed);
        }
        if std::thread::panicking() {
            self.refuse(&ForwardError::Internal);
        }
        match self.end {
            End::Complete => self.answer_ends(),
            _ => drop(self.put.take().map(|put| put.give_up())),
        }
        if let Some(mut account) = self.account.take() {
            let asked = self.upstream_sent.is_some();
            account.close(Outcome { end: self.end, asked, answered: self.answered });
        }
        if let Some(capture) = self.capture.take() {
            capture.close(capture::Closing {
                end: self.end,
                status: self.status,
                fault: self.error,
                cache: self.cache,
            });
        }
        self.tally.ended(self.end, self.status);
        self.write_line();
    }
}

/// A text without a credential, if that stands in it, as it is or with percent escapes.
fn without(text: &str, credential: &str) -> Option<Box<str>> {
    let cut = text.contains(credential).then(|| text.replace(credential, "***"));
    let plain = percent_decode_str(cut.as_deref().unwrap_or(text)).decode_utf8_lossy();
    match plain.contains(credential) {
        // As it was written, line ends and quotes would be its own.
        true => Some(plain.replace(credential, "***").escape_debug().to_string().into()),
        false => cut.map(Into::into),
    }
}

fn milliseconds_since(start: Instant) -> f64 {
    let micros = clock::now().duration_since(start).as_micros();
    micros as f64 / 1000.0
}

fn acceptable(id: &HeaderValue) -> bool {
    !id.is_empty() && id.len() <= MAX_ID && id.as_bytes().iter().all(u8::is_ascii_graphic)
}

const ID_PREFIX: &[u8] = b"req_";

/// `req_` and 32 hex digits.
fn new_id() -> HeaderValue {
    let mut id = [0; 36];
    id[..4].copy_from_slice(ID_PREFIX);
    id[4..].copy_from_slice(&new_digits());
    HeaderValue::from_bytes(&id).unwrap_or_else(|_| HeaderValue::from_static("req_0"))
}

/// 32 hex digits: a counter, scrambled so that neighbours differ from their first digits on, and what this process drew
/// at its start.
fn new_digits() -> [u8; 32] {
    static START: OnceLock<(u64, u64)> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let (start, key) = *START.get_or_init(|| {
        let word = || getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id()));
        (word(), word())
    });
    let count = COUNT.fetch_add(1, Relaxed);
    let mut digits = [0; 32];
    for (half, word) in [scramble(key.wrapping_add(count)), start].into_iter().enumerate() {
        for digit in 0..16 {
            digits[half * 16 + digit] = b"0123456789abcdef"[(word >> (60 - 4 * digit)) as usize & 15];
        }
    }
    digits
}

/// The finalizer of SplitMix64: a bijection, so ids do not repeat.
fn scramble(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// The path and the query, the values of parameters that are named like credentials replaced.
pub(crate) fn masked(uri: &http::Uri) -> String {
    let mut out = uri.path().to_owned();
    for (at, field) in uri.query().into_iter().flat_map(|query| query.split('&')).enumerate() {
        out.push(if at == 0 { '?' } else { '&' });
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        let hidden = [(name, field.len() > name.len()), (name, names_more(name)), (value, names_more(value))];
        if hidden.into_iter().any(|(text, named)| named && names_credential(text)) {
            let shown = if names_more(name) { "***" } else { name };
            let _ = write!(out, "{shown}=***");
        } else {
            out.push_str(field);
        }
    }
    out
}

/// Whether a text holds a further `name=value`, in whatever spelling.
fn names_more(text: &str) -> bool {
    percent_decode_str(text).decode_utf8_lossy().contains('=')
}

fn names_credential(name: &str) -> bool {
    const WORDS: [&str; 11] =
        ["key", "token", "secret", "pass", "pwd", "auth", "sig", "credential", "jwt", "bearer", "session"];
    let decoded = percent_decode_str(name).decode_utf8_lossy().to_ascii_lowercase();
    WORDS.iter().any(|word| decoded.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_named_like_credentials_are_masked() {
        for (uri, shown) in [
            ("/v1/x?a=1&key=AIza&b=", "/v1/x?a=1&key=***&b="),
            ("/x?API_KEY=1&%6bey=2&access_token=3", "/x?API_KEY=***&%6bey=***&access_token=***"),
            ("/x", "/x"),
            ("/x?key", "/x?key"),
            ("/x?a=b;key=SECRET&pwd=1", "/x?a=***&pwd=***"),
            ("/x?key%3DSECRET", "/x?***=***"),
            ("/x?a=b%3Dc&m=1", "/x?a=b%3Dc&m=1"),
        ] {
            assert_eq!(masked(&uri.parse().unwrap()), shown);
        }
    }

    #[test]
    fn credentials_are_cut_out_however_they_are_escaped() {
        for (text, shown) in [
            ("/x/fk-secret1?a=fk-secret1", Some("/x/***?a=***")),
            ("fk-secret1", Some("***")),
            ("a-fk%2dsecret1\n", Some("a-***\\n")),
            ("fk-secret1:fk%2Dsecret1", Some("***:***")),
            ("fk-secret", None),
        ] {
            assert_eq!(without(text, "fk-secret1").as_deref(), shown, "{text:?}");
        }
    }

    #[test]
    fn ids_differ() {
        let ids: std::collections::HashSet<_> = (0..10_000).map(|_| new_id()).collect();
        assert_eq!(ids.len(), 10_000);
        // People name an exchange by its first digits.
        let short: std::collections::HashSet<_> = ids.iter().map(|id| id.as_bytes()[..12].to_vec()).collect();
        assert!(short.len() > 9_990, "{}", short.len());
        assert!(ids.iter().all(acceptable));
    }
}
