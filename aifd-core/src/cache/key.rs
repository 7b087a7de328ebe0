//! The key of a request: a hash of all that can change its answer, and of nothing else.

use super::canonical::{self, Keep};
use crate::call::multipart::each_part;
use aifd_log::Kind;
use http::{HeaderMap, HeaderName, header};
use std::fmt;

/// What a request is found by: BLAKE3 of its canonical form.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CacheKey(pub(crate) [u8; 32]);

impl CacheKey {
    /// What its variants are kept under: half of its bits, and the variant's number.
    pub(super) fn place(&self, variant: u8) -> Place {
        let mut half = [0; 16];
        half.copy_from_slice(&self.0[..16]);
        Place(u128::from_be_bytes(half) ^ u128::from(variant))
    }

    /// A key as it is shown.
    pub(crate) fn parse(hex: &str) -> Option<Self> {
        blake3::Hash::from_hex(hex).ok().map(|hash| CacheKey(*hash.as_bytes()))
    }
}

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where an answer is kept: a key is checked whole when it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place(pub(crate) u128);

/// Fields of a request that change nothing of what is answered, or only its form: of a stored answer, either form is
/// made. Those that keep the request itself somewhere (`store`) are not among them.
pub(crate) const IGNORED: [(&str, &[Kind]); 8] = [
    ("stream", FORMS),
    ("stream_options", FORMS),
    ("user", ALL),
    ("metadata", ALL),
    ("safety_identifier", ALL),
    ("prompt_cache_key", ALL),
    ("prompt_cache_retention", ALL),
    ("caching", ALL),
];

/// APIs whose answers come whole or as a stream, each made of the other.
const FORMS: &[Kind] = &[Kind::Chat, Kind::Completion, Kind::Responses, Kind::Messages];
const ALL: &[Kind] = &[];

/// Fields that tie a request to what an upstream remembers or does beside its answer.
const STATEFUL: [&str; 2] = ["conversation", "background"];

/// Headers that can change an answer.
const HEADERS: [HeaderName; 7] = [
    HeaderName::from_static("anthropic-version"),
    HeaderName::from_static("anthropic-beta"),
    HeaderName::from_static("openai-beta"),
    HeaderName::from_static("openai-organization"),
    HeaderName::from_static("openai-project"),
    header::ACCEPT_LANGUAGE,
    header::CONTENT_ENCODING,
];

/// What a request is, beside its body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// Who shares the answer.
    pub(super) scope: &'a str,
    pub(super) namespace: &'a str,
    pub(super) route: &'a str,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    /// Without credentials.
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    /// The API, on openai routes.
    pub(super) kind: Option<Kind>,
    /// Whether it is one of an openai route.
    pub(super) openai: bool,
    /// Further fields that change nothing.
    pub(super) ignore: &'a [String],
}

/// What was found in a body on the way to its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Canonical {
    /// The body in its canonical form where it is JSON; else nothing.
    pub(super) text: Vec<u8>,
    /// The field `caching`.
    pub(super) caching: Option<bool>,
    /// The field `caching` is there, whatever it says.
    pub(super) says_caching: bool,
    pub(super) stream: bool,
    pub(super) include_usage: bool,
    /// It was read: as JSON in one way, or as a form.
    pub(super) is_read: bool,
    /// It does something that an answer out of a cache would leave undone.
    pub(super) stateful: bool,
}

/// The key of a request.
pub(super) fn key(asked: &Asked<'_>, body: &[u8]) -> (CacheKey, Canonical) {
    let mut hasher = blake3::Hasher::new();
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    for text in ["aifd 1", asked.scope, asked.namespace, asked.route, asked.method, asked.path, asked.query] {
        part(text.as_bytes());
    }
    for name in &HEADERS {
        for value in asked.headers.get_all(name) {
            part(name.as_str().as_bytes());
            part(value.as_bytes());
        }
    }
    if !asked.openai {
        // The answers of others may depend on what is accepted.
        for value in asked.headers.get_all(header::ACCEPT) {
            part(b"accept");
            part(value.as_bytes());
        }
    }
    let content_type = asked.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default();
    let canonical = canonical(asked, body);
    let mut is_form = false;
    match &canonical {
        Some(canonical) => {
            part(b"json");
            part(&canonical.text);
        }
        None => {
            is_form = push_form(content_type, body, &mut part);
            if !is_form {
                part(b"bytes");
                part(content_type.as_bytes());
                part(body);
            }
        }
    }
    let canonical = canonical
        .unwrap_or_else(|| Canonical { is_read: is_form || body.is_empty(), ..Canonical::default() });
    (CacheKey(*hasher.finalize().as_bytes()), canonical)
}

fn canonical(asked: &Asked<'_>, body: &[u8]) -> Option<Canonical> {
    let mut found = Canonical::default();
    let mut text = Vec::with_capacity(body.len());
    let mut on_field = |name: &[u8], value: &[u8]| {
        if !asked.openai {
            return Keep::Yes;
        }
        match name {
            b"caching" => {
                found.says_caching = true;
                found.caching = truth(value);
            }
            b"stream" => found.stream = value == b"true",
            b"stream_options" => found.include_usage = includes_usage(value),
            _ => {}
        }
        found.stateful |= STATEFUL.iter().any(|stateful| stateful.as_bytes() == name)
            && !matches!(value, b"null" | b"false");
        if is_ignored(name, asked) { Keep::No } else { Keep::Yes }
    };
    canonical::push_object(body, &mut on_field, &mut text).ok()?;
    Some(Canonical { text, is_read: true, ..found })
}

fn is_ignored(name: &[u8], asked: &Asked<'_>) -> bool {
    let by_table = IGNORED.iter().any(|(ignored, kinds)| {
        ignored.as_bytes() == name
            && (kinds.is_empty() || asked.kind.is_some_and(|kind| kinds.contains(&kind)))
    });
    by_table || asked.ignore.iter().any(|ignored| ignored.as_bytes() == name)
}

/// A truth as callers write it.
fn truth(value: &[u8]) -> Option<bool> {
    match value {
        b"true" | b"1" | b"\"true\"" => Some(true),
        b"false" | b"0" | b"\"false\"" => Some(false),
        _ => None,
    }
}

fn includes_usage(options: &[u8]) -> bool {
    let mut includes = false;
    let mut note = |name: std::borrow::Cow<'_, str>, value: &[u8]| {
        includes |= name == "include_usage" && value == b"true";
    };
    // What cannot be read asks for nothing.
    let read = aifd_log::literal::fields(options, aifd_log::literal::Dialect::Json, &mut note);
    read.is_ok() && includes
}

/// The parts of a form without its boundary, in the order in which they came; `false` if it is none.
fn push_form(content_type: &str, body: &[u8], part: &mut impl FnMut(&[u8])) -> bool {
    let mut parts: Vec<[&[u8]; 4]> = Vec::new();
    let read = each_part(content_type, body, &mut |_, head, value| {
        parts.push([
            head.name.unwrap_or_default().as_bytes(),
            head.filename.unwrap_or_default().as_bytes(),
            head.content_type.unwrap_or_default().as_bytes(),
            value,
        ]);
        Ok(())
    });
    if read.is_err() {
        return false;
    }
    part(b"form");
    parts.iter().flatten().for_each(|bytes| part(bytes));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &HeaderMap, kind: Option<Kind>) -> Asked<'_> {
        let (scope, namespace, route, method) = ("0", "", "/", "POST");
        let (path, query, ignore) = ("/v1/chat/completions", "", &[]);
        Asked { scope, namespace, route, method, path, query, headers, kind, openai: true, ignore }
    }

    #[test]
    fn a_key_changes_with_what_can_change_the_answer() {
        let headers = HeaderMap::new();
        let chat = |body: &str| key(&asked(&headers, Some(Kind::Chat)), body.as_bytes()).0;
        let plain = chat(r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0.5}"#);
        for same in [
            r#"{"temperature":0.50,"messages":[{"content":"hi","role":"user"}],"model":"m"}"#,
            r#"{"model":"m","messages":[{"role":"user","content":"h\u0069"}],"temperature":5e-1,"stream":true,"user":"x"}"#,
            r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0.5,"caching":true,"metadata":{"a":"b"},"stream_options":{"include_usage":true}}"#,
        ] {
            assert_eq!(chat(same), plain, "{same}");
        }
        for other in [
            r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0.6}"#,
            r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#,
            r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0.5,"top_p":1}"#,
            r#"{"model":"m","messages":[{"role":"user","content":"hi "}],"temperature":0.5}"#,
            r#"{"model":"m","messages":[{"role":"user","content":"hi","user":"x"}],"temperature":0.5}"#,
            r#"{"model":"m","model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0.5}"#,
        ] {
            assert_ne!(chat(other), plain, "{other}");
        }
    }

    #[test]
    fn a_stream_is_ignored_only_where_either_form_can_be_made() {
        let headers = HeaderMap::new();
        for (kind, same) in [(Some(Kind::Chat), true), (Some(Kind::Embedding), false), (None, false)] {
            let key = |body: &str| key(&asked(&headers, kind), body.as_bytes()).0;
            assert_eq!(key(r#"{"stream":true}"#) == key("{}"), same, "{kind:?}");
        }
    }

    #[test]
    fn a_form_is_its_parts() {
        let form = |boundary: &str, value: &str| {
            let mut headers = HeaderMap::new();
            let content_type = format!("multipart/form-data; boundary={boundary}");
            headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
            let body = format!(
                "--{boundary}\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\n{value}\r\n--{boundary}--\r\n"
            );
            key(&asked(&headers, Some(Kind::Whisper)), body.as_bytes()).0
        };
        assert_eq!(form("abc", "whisper-1"), form("xyz123", "whisper-1"));
        assert_ne!(form("abc", "whisper-1"), form("abc", "whisper-2"));
    }

    #[test]
    fn what_a_body_asks_of_the_cache_is_found() {
        let headers = HeaderMap::new();
        let found = |body: &str| key(&asked(&headers, Some(Kind::Chat)), body.as_bytes()).1;
        let all = found(
            r#"{"caching":true,"stream":true,"stream_options":{"include_usage":true},"background":true}"#,
        );
        assert_eq!(
            (all.caching, all.stream, all.include_usage, all.stateful),
            (Some(true), true, true, true)
        );
        let odd =
            Canonical { text: b"{}".to_vec(), says_caching: true, is_read: true, ..Canonical::default() };
        assert_eq!(found(r#"{"caching":"no"}"#), odd);
        assert_eq!(found("not json"), Canonical::default());
    }
}
