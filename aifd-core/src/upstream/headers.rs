//! What changes in the headers on their way: what concerns one connection alone is taken out (RFC 9110 section 7.6.1).

use http::{
    HeaderMap, HeaderName, HeaderValue, Version,
    header::{
        CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE,
    },
};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const HTTP2_SETTINGS: HeaderName = HeaderName::from_static("http2-settings");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What the upstream is told of the caller's side.
#[derive(Clone, Debug)]
pub(crate) struct Forwarded {
    /// The caller's address; a Unix socket has none.
    pub(crate) peer: Option<HeaderValue>,
    /// `http` or `https`.
    pub(crate) proto: HeaderValue,
}

/// Makes a caller's headers those of the request to the upstream, whose `Host` is `upstream`.
pub(crate) fn prepare_request(
    headers: &mut HeaderMap,
    forwarded: &Forwarded,
    authority: Option<HeaderValue>,
    version: Version,
    upstream: HeaderValue,
) {
    let trailers = headers.get_all(TE).iter().any(|te| lists(te, "trailers"));
    strip_hop_by_hop(headers);
    for name in [EXPECT, PROXY_AUTHORIZATION, HTTP2_SETTINGS] {
        headers.remove(name);
    }
    if trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    let host = headers.insert(HOST, upstream);
    if let Some(host) = authority.or(host) {
        headers.insert(X_FORWARDED_HOST, host);
    } else {
        headers.remove(X_FORWARDED_HOST);
    }
    if let Some(peer) = &forwarded.peer {
        append_peer(headers, peer);
    }
    headers.insert(X_FORWARDED_PROTO, forwarded.proto.clone());
    if version == Version::HTTP_2 {
        join_cookies(headers);
    }
}

/// Makes an upstream's headers those of the answer to the caller.
pub(crate) fn prepare_answer(headers: &mut HeaderMap) {
    if headers.contains_key(TRANSFER_ENCODING) {
        // It was overridden, and must not frame the answer again (RFC 9112 section 6.3).
        headers.remove(CONTENT_LENGTH);
    }
    strip_hop_by_hop(headers);
}

/// Removes the headers of one connection, and those that `Connection` names.
fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().filter(|name| may_be_named(name)) {
        headers.remove(name);
    }
    for name in [CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TE, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
}

/// A `Connection` option may not take out what frames or identifies the message.
fn may_be_named(name: &HeaderName) -> bool {
    !matches!(*name, HOST | CONTENT_LENGTH | http::header::CONTENT_TYPE)
}

fn append_peer(headers: &mut HeaderMap, peer: &HeaderValue) {
    let mut chain = Vec::new();
    for earlier in headers.get_all(X_FORWARDED_FOR) {
        chain.extend_from_slice(earlier.as_bytes());
        chain.extend_from_slice(b", ");
    }
    let value = if chain.is_empty() {
        peer.clone()
    } else {
        chain.extend_from_slice(peer.as_bytes());
        HeaderValue::from_bytes(&chain).unwrap_or_else(|_| peer.clone())
    };
    headers.insert(X_FORWARDED_FOR, value);
}

/// HTTP/2 may split `Cookie`; before it goes to HTTP/1 it is joined (RFC 9113 section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    if headers.get_all(COOKIE).iter().nth(1).is_none() {
        return;
    }
    let crumbs: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if let Ok(joined) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..])) {
        headers.insert(COOKIE, joined);
    }
}

/// Whether a comma separated header value lists a word, parameters aside.
pub(crate) fn lists(value: &HeaderValue, word: &str) -> bool {
    let name = |item: &str| item.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(word);
    value.to_str().is_ok_and(|value| value.split(',').any(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap()))
            .collect()
    }

    fn text(headers: &HeaderMap) -> Vec<String> {
        let mut lines: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        lines.sort();
        lines
    }

    #[test]
    fn what_concerns_one_connection_is_taken_out_and_the_rest_passes() {
        let mut headers = map(&[
            ("host", "gateway"),
            ("connection", "close, X-Drop"),
            ("connection", "content-length"),
            ("x-drop", "1"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "close"),
            ("te", "gzip;q=0.5, Trailers"),
            ("upgrade", "h2c"),
            ("http2-settings", "AA"),
            ("expect", "100-continue"),
            ("content-length", "3"),
            ("openai-beta", "assistants=v2"),
            ("cookie", "a=1"),
            ("cookie", "b=2"),
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-proto", "gopher"),
            ("authorization", "Bearer x"),
        ]);
        let forwarded = Forwarded {
            peer: Some(HeaderValue::from_static("127.0.0.1")),
            proto: HeaderValue::from_static("http"),
        };
        prepare_request(
            &mut headers,
            &forwarded,
            None,
            Version::HTTP_2,
            HeaderValue::from_static("upstream"),
        );
        assert_eq!(
            text(&headers),
            [
                "authorization: Bearer x",
                "content-length: 3",
                "cookie: a=1; b=2",
                "host: upstream",
                "openai-beta: assistants=v2",
                "te: trailers",
                "x-forwarded-for: 203.0.113.9, 127.0.0.1",
                "x-forwarded-host: gateway",
                "x-forwarded-proto: http",
            ]
        );
    }

    #[test]
    fn every_upstream_header_of_the_message_itself_stays() {
        let mut headers = map(&[
            ("set-cookie", "a"),
            ("set-cookie", "b"),
            ("transfer-encoding", "chunked"),
            ("trailer", "x"),
            ("connection", "x-hop"),
            ("x-hop", "1"),
        ]);
        prepare_answer(&mut headers);
        assert_eq!(text(&headers), ["set-cookie: a", "set-cookie: b", "trailer: x"]);
    }
}
