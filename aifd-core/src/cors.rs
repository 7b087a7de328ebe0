//! Cross-origin resource sharing: preflights are answered here, other answers are marked (Fetch Standard, section 3.2).

use crate::config::{Cors, Origins};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
        ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CONTENT_TYPE, ORIGIN, VARY,
    },
};

/// The origin of a request that asks across origins, if it is allowed.
#[derive(Clone, Debug)]
pub(crate) struct AllowedOrigin {
    origin: HeaderValue,
    credentials: bool,
}

/// The allowed origin of a request; `None` for one that does not ask across origins, or may not.
pub(crate) fn allowed(cors: &Cors, headers: &HeaderMap) -> Option<AllowedOrigin> {
    let origin = headers.get(ORIGIN)?;
    let listed = match &cors.allow_origins {
        Origins::Any => true,
        Origins::List(list) => list.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()),
    };
    listed.then(|| AllowedOrigin { origin: origin.clone(), credentials: cors.allow_credentials })
}

/// Whether a browser asks beforehand what it may send.
pub(crate) fn is_preflight<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(ORIGIN)
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight: what was asked for is allowed, if the origin is.
pub(crate) fn preflight(cors: &Cors, asked: &HeaderMap) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from_static(b"OK"));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    let Some(allowed) = allowed(cors, asked) else {
        headers.insert(VARY, HeaderValue::from_static("Origin"));
        *answer.body_mut() = Bytes::from_static(b"Disallowed CORS origin");
        *answer.status_mut() = http::StatusCode::BAD_REQUEST;
        return answer;
    };
    for (asked_as, answered_as) in [
        (ACCESS_CONTROL_REQUEST_METHOD, ACCESS_CONTROL_ALLOW_METHODS),
        (ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_ALLOW_HEADERS),
    ] {
        if let Some(value) = asked.get(asked_as) {
            headers.insert(answered_as, value.clone());
        }
    }
    headers.insert(ACCESS_CONTROL_MAX_AGE, cors.max_age.as_secs().into());
    allow(headers, &allowed);
    answer
}

/// Marks an answer as readable by the page that asked; the gateway's word replaces the upstream's.
pub(crate) fn mark(headers: &mut HeaderMap, allowed: &AllowedOrigin) {
    allow(headers, allowed);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
    headers.append(VARY, HeaderValue::from_static("Origin"));
}

fn allow(headers: &mut HeaderMap, allowed: &AllowedOrigin) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed.origin.clone());
    if allowed.credentials {
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    } else {
        headers.remove(ACCESS_CONTROL_ALLOW_CREDENTIALS);
    }
}
