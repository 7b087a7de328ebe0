//! Credentials in a request: where callers put them, and how one takes the place of another.

use crate::{
    config::CredentialPlace,
    secret::{MIN_HIDDEN, Secret},
};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
    uri::PathAndQuery,
};
use memchr::memmem;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::{borrow::Cow, iter};

/// Headers that hold a credential alone: Anthropic's, Azure's and Gemini's.
const ALONE: [HeaderName; 3] = [
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("api-key"),
    HeaderName::from_static("x-goog-api-key"),
];

/// Gemini's parameter.
const QUERY: &str = "key";

/// What browsers, which cannot set headers on an upgrade, offer OpenAI as a subprotocol.
const SUBPROTOCOL: &str = "openai-insecure-api-key.";

/// What stays as it is in a query: RFC 3986 section 2.3.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a request holds a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// `Authorization: Bearer …` (RFC 6750 section 2.1).
    Bearer,
    /// `Authorization` without a scheme.
    BareAuthorization,
    /// A header that holds nothing else.
    Header(HeaderName),
    /// A parameter of the query.
    Query(String),
    /// An item of `Sec-WebSocket-Protocol`.
    Subprotocol,
}

/// What a request holds, and where.
pub(crate) type Credential<'r> = (Place, Cow<'r, str>);

/// Every credential of a request with its place, the one that counts first.
pub(crate) fn all<'r>(headers: &'r HeaderMap, query: Option<&'r str>) -> Vec<Credential<'r>> {
    let mut found = Vec::new();
    let texts = |name: &HeaderName| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    for value in texts(&AUTHORIZATION) {
        match bearer(value) {
            Some(token) => found.push((Place::Bearer, token.into())),
            None if !value.trim().contains(' ') && !value.trim().eq_ignore_ascii_case("bearer") => {
                found.push((Place::BareAuthorization, value.trim().into()));
            }
            // Another scheme (`Basic …`), which is the upstream's matter.
            None => {}
        }
    }
    for name in &ALONE {
        found.extend(texts(name).map(|value| (Place::Header(name.clone()), token(value).into())));
    }
    for (_, value) in parameters(query.unwrap_or_default()).filter(|(name, _)| is_named(name, QUERY)) {
        found.push((Place::Query(QUERY.to_owned()), decoded(value)));
    }
    for item in texts(&SEC_WEBSOCKET_PROTOCOL).flat_map(|value| value.split(',')) {
        found.extend(item.trim().strip_prefix(SUBPROTOCOL).map(|token| (Place::Subprotocol, token.into())));
    }
    found.retain(|(_, credential): &Credential<'_>| !credential.is_empty());
    found
}

/// The token of a bearer's authorization; the scheme's case does not matter.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once([' ', '\t'])?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The credential in a header that holds it alone, or as some callers write it there: behind a scheme all the same.
fn token(value: &str) -> &str {
    bearer(value).unwrap_or(value.trim())
}

/// Whether a parameter has this name, in whatever spelling a server may read as it.
fn is_named(parameter: &str, name: &str) -> bool {
    decoded(parameter).eq_ignore_ascii_case(name)
}

fn parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').map(|field| field.split_once('=').unwrap_or((field, "")))
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// Takes every credential out of a request that `ours` says is a forward key: none reaches an upstream.
pub(crate) fn remove(headers: &mut HeaderMap, path: &mut PathAndQuery, ours: impl Fn(&str) -> bool) {
    let holds = |value: &HeaderValue| ours(token(value.to_str().unwrap_or_default()));
    for name in [&AUTHORIZATION].into_iter().chain(&ALONE) {
        if headers.get_all(name).iter().any(holds) {
            let kept: Vec<HeaderValue> =
                headers.get_all(name).iter().filter(|value| !holds(value)).cloned().collect();
            headers.remove(name);
            for value in kept {
                headers.append(name, value);
            }
        }
    }
    let query = path.query().unwrap_or_default();
    let held = |(name, value): (&str, &str)| is_named(name, QUERY) && ours(&decoded(value));
    if parameters(query).any(held) {
        let rest: Vec<&str> =
            query.split('&').filter(|field| !held(field.split_once('=').unwrap_or((field, "")))).collect();
        set_query(path, &rest.join("&"));
    }
    rewrite_subprotocols(headers, |token| (!ours(token)).then(|| token.to_owned()));
}

/// Puts an upstream key where the upstream looks for it; without a place of its own, where the caller's was.
pub(crate) fn put(
    headers: &mut HeaderMap,
    path: &mut PathAndQuery,
    wanted: &CredentialPlace,
    was: &Place,
    key: &Secret,
) {
    match (wanted, was) {
        (CredentialPlace::Bearer, _) | (CredentialPlace::Same, Place::Bearer) => {
            insert(headers, AUTHORIZATION, &format!("Bearer {}", key.expose()));
        }
        (CredentialPlace::Same, Place::BareAuthorization) => insert(headers, AUTHORIZATION, key.expose()),
        (CredentialPlace::Header(name), _) | (CredentialPlace::Same, Place::Header(name)) => {
            insert(headers, name.clone(), key.expose());
        }
        (CredentialPlace::Query(name), _) | (CredentialPlace::Same, Place::Query(name)) => {
            let field = format!("{name}={}", utf8_percent_encode(key.expose(), UNRESERVED));
            let others = path.query().unwrap_or_default().split('&');
            let same = |other: &str| is_named(other.split('=').next().unwrap_or_default(), name);
            let others = others.filter(|other| !other.is_empty() && !same(other));
            let query = others.chain([field.as_str()]).collect::<Vec<_>>().join("&");
            set_query(path, &query);
        }
        (CredentialPlace::Same, Place::Subprotocol) => {
            let item = format!("{SUBPROTOCOL}{}", key.expose());
            let others = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|v| v.to_str().ok());
            let all = others.map(str::to_owned).chain([item]).collect::<Vec<_>>().join(", ");
            insert(headers, SEC_WEBSOCKET_PROTOCOL, &all);
        }
    }
}

/// Sets a header that is never shown by `Debug`.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(mut value) = HeaderValue::from_str(value) {
        value.set_sensitive(true);
        headers.insert(name, value);
    }
}

fn set_query(path: &mut PathAndQuery, query: &str) {
    let mark = if query.is_empty() { "" } else { "?" };
    if let Ok(changed) = format!("{}{mark}{query}", path.path()).parse() {
        *path = changed;
    }
}

/// Rewrites the credentials among the subprotocols; `None` takes one out.
fn rewrite_subprotocols(headers: &mut HeaderMap, rewrite: impl Fn(&str) -> Option<String>) {
    let offered = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    let items: Vec<&str> = offered.flat_map(|value| value.split(',')).map(str::trim).collect();
    if !items.iter().any(|item| item.starts_with(SUBPROTOCOL)) {
        return;
    }
    let rewritten = items.iter().filter_map(|item| match item.strip_prefix(SUBPROTOCOL) {
        Some(token) => rewrite(token).map(|token| format!("{SUBPROTOCOL}{token}")),
        None => Some((*item).to_owned()),
    });
    let text = rewritten.collect::<Vec<_>>().join(", ");
    headers.remove(SEC_WEBSOCKET_PROTOCOL);
    if !text.is_empty() {
        insert(headers, SEC_WEBSOCKET_PROTOCOL, &text);
    }
}

/// Takes an upstream key out of an answer's headers: a redirect repeats the query that it was in.
pub(crate) fn hide(headers: &mut HeaderMap, key: &Secret) {
    let plain = key.expose().as_bytes();
    if plain.len() < MIN_HIDDEN {
        return;
    }
    let escaped: Cow<'_, str> = utf8_percent_encode(key.expose(), UNRESERVED).into();
    let escaped = Some(escaped.as_bytes()).filter(|escaped| *escaped != plain);
    for value in headers.values_mut() {
        // Most are shorter than a key.
        for form in iter::once(plain).chain(escaped) {
            if form.len() <= value.len() && memmem::find(value.as_bytes(), form).is_some() {
                *value = masked(value, form);
            }
        }
    }
}

fn masked(value: &HeaderValue, form: &[u8]) -> HeaderValue {
    let bytes = value.as_bytes();
    let (mut out, mut from) = (Vec::new(), 0);
    for at in memmem::find_iter(bytes, form) {
        out.extend_from_slice(&bytes[from..at]);
        out.extend_from_slice(b"***");
        from = at + form.len();
    }
    out.extend_from_slice(&bytes[from..]);
    HeaderValue::from_bytes(&out).unwrap_or(HeaderValue::from_static("***"))
}

/// An upstream's choice of subprotocol that would show its key to the caller is taken back.
pub(crate) fn hide_subprotocol(headers: &mut HeaderMap) {
    rewrite_subprotocols(headers, |_| None);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        headers
    }

    fn lines(headers: &HeaderMap) -> Vec<String> {
        let mut lines: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        lines.sort();
        lines
    }

    #[test]
    fn credentials_are_found_in_every_place_and_the_first_counts() {
        for (pairs, query, found) in [
            (&[("authorization", "Bearer fk-1")][..], None, "fk-1"),
            (&[("authorization", "bearer  fk-1 ")], None, "fk-1"),
            (&[("authorization", "fk-1")], None, "fk-1"),
            (&[("authorization", "Bearer\tfk-1")], None, "fk-1"),
            (&[("x-api-key", "Bearer fk-1")], None, "fk-1"),
            (&[], Some("%6bey=fk-1&KEY=fk-2"), "fk-1 fk-2"),
            (&[("authorization", "Basic Zms6MQ==")], None, ""),
            (&[("authorization", "Bearer ")], None, ""),
            (&[("authorization", "Bearer")], None, ""),
            (&[("x-api-key", "fk-1"), ("authorization", "Bearer sk-2")], None, "sk-2 fk-1"),
            (&[("api-key", "a"), ("x-goog-api-key", "b"), ("x-api-key", "c")], Some("key=d"), "c a b d"),
            (&[], Some("x=1&key=fk%2D1&keys=2&key="), "fk-1"),
            (&[("sec-websocket-protocol", "realtime, openai-insecure-api-key.fk-1")], None, "fk-1"),
        ] {
            let headers = map(pairs);
            let credentials = all(&headers, query);
            let text: Vec<&str> = credentials.iter().map(|(_, credential)| &**credential).collect();
            assert_eq!(text.join(" "), found, "{pairs:?} {query:?}");
        }
    }

    #[test]
    fn a_forward_key_leaves_every_place_and_the_upstream_key_goes_where_it_is_looked_for() {
        let key = Secret::new("sk-1/+");
        for (pairs, path, wanted, sent, target) in [
            (
                &[("authorization", "Bearer fk-1"), ("x-api-key", "fk-1")][..],
                "/v1/x?a=1",
                CredentialPlace::Same,
                &["authorization: Bearer sk-1/+"][..],
                "/v1/x?a=1",
            ),
            (&[("x-api-key", "fk-1")], "/v1/x", CredentialPlace::Same, &["x-api-key: sk-1/+"], "/v1/x"),
            (
                &[("authorization", "Bearer fk-1")],
                "/v1/x",
                CredentialPlace::Header(HeaderName::from_static("api-key")),
                &["api-key: sk-1/+"],
                "/v1/x",
            ),
            (&[], "/g?key=fk-1&alt=sse", CredentialPlace::Same, &[], "/g?alt=sse&key=sk-1%2F%2B"),
            (
                &[("x-api-key", "Bearer fk-1")],
                "/g?K%65y=fk-1&%6bey=fk%2d1&a",
                CredentialPlace::Bearer,
                &["authorization: Bearer sk-1/+"],
                "/g?a",
            ),
            (&[], "/g?key=fk-1", CredentialPlace::Bearer, &["authorization: Bearer sk-1/+"], "/g"),
            (
                &[("authorization", "Bearer fk-1")],
                "/g?token=other",
                CredentialPlace::Query("token".into()),
                &[],
                "/g?token=sk-1%2F%2B",
            ),
            (
                &[("authorization", "Bearer sk-own"), ("x-api-key", "fk-1")],
                "/v1/x",
                CredentialPlace::Same,
                &["authorization: Bearer sk-own", "x-api-key: sk-1/+"],
                "/v1/x",
            ),
            (
                &[(
                    "sec-websocket-protocol",
                    "realtime, openai-insecure-api-key.fk-1, openai-beta.realtime-v1",
                )],
                "/v1/realtime",
                CredentialPlace::Same,
                &[
                    "sec-websocket-protocol: realtime, openai-beta.realtime-v1, openai-insecure-api-key.sk-1/+",
                ],
                "/v1/realtime",
            ),
        ] {
            let mut headers = map(pairs);
            let mut path: PathAndQuery = path.parse().unwrap();
            let ours = |credential: &str| credential == "fk-1";
            let query = path.query().map(str::to_owned);
            let was = all(&headers, query.as_deref()).into_iter().find(|(_, credential)| ours(credential));
            let was = was.unwrap().0;
            remove(&mut headers, &mut path, ours);
            put(&mut headers, &mut path, &wanted, &was, &key);
            assert_eq!(lines(&headers), sent, "{pairs:?}");
            assert_eq!(path, target);
            assert!(!format!("{headers:?}").contains("sk-1"), "{headers:?}");
        }
    }

    #[test]
    fn an_upstream_key_in_an_answers_headers_is_masked() {
        let key = Secret::new("sk-secret/1");
        let mut headers = map(&[
            ("location", "http://up/x?key=sk-secret%2F1&b=sk-secret/1"),
            ("link", "</x?key=sk-secret%2F2>"),
        ]);
        hide(&mut headers, &key);
        assert_eq!(lines(&headers), ["link: </x?key=sk-secret%2F2>", "location: http://up/x?key=***&b=***"]);
    }

    #[test]
    fn an_upstreams_subprotocol_does_not_show_its_key() {
        let mut headers = map(&[("sec-websocket-protocol", "openai-insecure-api-key.sk-1")]);
        hide_subprotocol(&mut headers);
        assert_eq!(lines(&headers), [""; 0]);
    }
}
