//! The one place that turns what went wrong into a status, a code and a body.

mod words;

use crate::{
    config::Level,
    key::Masked,
    limit::{Crowded, Exceeded},
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::json;
use std::{net::IpAddr, sync::Arc, time::Duration};
use words::{Address, Again, Place, Seconds, Tokens, Whole};

/// OpenAI's finer form of `retry-after`, in milliseconds.
const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");

/// What OpenAI's clients go by, whatever the status.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// When to try again where too many requests are under way, which nobody can know.
const CROWDED_RETRY: Duration = Duration::from_secs(1);

/// Why a request was not answered by its upstream. The prefix of its code tells whose fault it is.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum ForwardError {
    /// No route has a prefix of the path.
    #[error("no route matches this path; the routes are: {routes}")]
    RouteUnknown {
        /// All prefixes, comma separated.
        routes: Arc<str>,
    },
    /// `cache-control: only-if-cached` (RFC 9111 section 5.2.1.7).
    #[error("the answer is not in the cache, and the request asks for nothing else (only-if-cached)")]
    CacheOnly,
    /// `cache.mode: replay`.
    #[error("this request was not recorded, and cache.mode is replay: {0}")]
    NotRecorded(Arc<str>),
    /// A header of the cache's own that is not understood.
    #[error("the header {name} is not understood; it takes {expected}")]
    CacheHeader {
        /// Its name.
        name: HeaderName,
        /// What it takes.
        expected: &'static str,
    },
    /// The path could lead an upstream out of the route's base path.
    #[error("the path holds a dot segment (`.` or `..`, plain or encoded); send the path that it stands for")]
    PathInvalid,
    /// The request breaks the rules of HTTP.
    #[error("malformed request: {0}")]
    Malformed(Malformed),
    /// The request head is larger than allowed.
    #[error("the request head is larger than {limit} bytes or has more than {lines} lines")]
    HeadTooLarge {
        /// Bytes allowed.
        limit: usize,
        /// Lines allowed.
        lines: usize,
    },
    /// The request head began, and did not end in time.
    #[error("the request head did not arrive in time")]
    HeadTimeout,
    /// Nothing of the request body came for too long.
    #[error("nothing of the request body came for {} (body_timeout)", Seconds(.after))]
    BodyTimeout {
        /// The bound.
        after: Duration,
    },
    /// The request body is larger than allowed.
    #[error("the request body is larger than {limit} bytes (max_body_size)")]
    BodyTooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// The request body ended early or is badly framed.
    #[error("the request body ended early or is badly framed")]
    BodyBroken,
    /// The upstream could not be reached.
    #[error("cannot connect to {upstream}: {why}")]
    Connect {
        /// Host and port.
        upstream: Arc<str>,
        /// What the system said.
        why: ConnectFailure,
    },
    /// Connecting took longer than `timeout`.
    #[error("connecting to {upstream} took longer than {} (timeout)", Seconds(.after))]
    ConnectTimeout {
        /// Host and port.
        upstream: Arc<str>,
        /// The bound.
        after: Duration,
    },
    /// No head of an answer within `first_byte_timeout`.
    #[error("{upstream} did not begin to answer within {} (first_byte_timeout)", Seconds(.after))]
    FirstByteTimeout {
        /// Host and port.
        upstream: Arc<str>,
        /// The bound.
        after: Duration,
    },
    /// The upstream closed or reset the connection before it answered.
    #[error("{upstream} closed the connection before it answered")]
    Reset {
        /// Host and port.
        upstream: Arc<str>,
    },
    /// The upstream's answer is no HTTP.
    #[error("{upstream} sent an answer that is no valid HTTP")]
    AnswerInvalid {
        /// Host and port.
        upstream: Arc<str>,
    },
    /// No credential where a forward key is required.
    #[error("no key was given; send a forward key as `Authorization: Bearer …` or `x-api-key`")]
    KeyMissing,
    /// A credential that is no forward key, where one is required.
    #[error("the key is not known here; ask the gateway's administrator for a forward key")]
    KeyUnknown,
    /// The forward key was switched off.
    #[error("the key {key} is disabled")]
    KeyDisabled {
        /// The key, masked.
        key: Masked,
    },
    /// The forward key's time is over.
    #[error("the key {key} has expired")]
    KeyExpired {
        /// The key, masked.
        key: Masked,
    },
    /// The caller's address may not call.
    #[error("the address {} may not use this gateway", Address(.client))]
    IpForbidden {
        /// The address; a Unix socket has none.
        client: Option<IpAddr>,
    },
    /// The forward key is not for this route.
    #[error("this key may not use the route {route}; it may use: {allowed}")]
    RouteForbidden {
        /// The route's prefix.
        route: Box<str>,
        /// What it may use.
        allowed: Box<str>,
    },
    /// The forward key is not for this model.
    #[error("model: {model} is not allowed; this key may use: {allowed}")]
    ModelForbidden {
        /// The model, as it was asked for.
        model: Box<str>,
        /// What it may use.
        allowed: Box<str>,
    },
    /// The forward key is for some models, and the request names none.
    #[error("the request names no model, and this key may use only: {allowed}")]
    ModelMissing {
        /// What it may use.
        allowed: Box<str>,
    },
    /// A rule has to look into the body, and cannot.
    #[error("a rule for this key has to read the body, and {0}")]
    BodyUnreadable(BodyFault),
    /// A rule has to look into the body, which is larger than it may be for that.
    #[error(
        "the request body is larger than {limit} bytes, and a rule for this key has to read it (access.max_inspected_body)"
    )]
    InspectedTooLarge {
        /// Bytes allowed.
        limit: usize,
    },
    /// A request limit is used up.
    #[error("Rate limit exceeded: {}{}", .0.quota.sentence(), Again(.0))]
    RequestLimit(Box<Exceeded>),
    /// A token quota is used up, or too small for the request.
    #[error("{}", Tokens(.0))]
    TokenQuota(Box<Exceeded>),
    /// Too many requests are under way.
    #[error("too many requests under way: {} at once are allowed {}; try again when one has ended", .0.limit, Place(&.0.whose))]
    Crowded(Crowded),
    /// The route has upstream keys, but none for the level of the forward key.
    #[error("the gateway has no upstream key for level {level} on this route (api_key.openai_key)")]
    UpstreamKeyMissing {
        /// The level.
        level: Level,
    },
    /// Every upstream key of the level was refused by the provider and is set aside.
    #[error("every upstream key for level {level} was refused by {upstream} and is set aside; the next is tried again in {} s", Whole(.back_in))]
    UpstreamKeysExhausted {
        /// The level.
        level: Level,
        /// Host and port.
        upstream: Arc<str>,
        /// When the first serves again.
        back_in: Duration,
    },
    /// The provider refused the upstream key, and the body was too large to be sent again with another.
    #[error(
        "{upstream} refused the upstream key, and the body is too large to be sent again with another; try again"
    )]
    UpstreamKeyRefused {
        /// Host and port.
        upstream: Arc<str>,
    },
    /// A defect of the gateway; the details are in its log.
    #[error("internal error of the gateway; its log holds the details")]
    Internal,
}

/// A rule of HTTP that a request breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    /// RFC 9112 section 6.1.
    #[error("both content-length and transfer-encoding are present")]
    LengthAndEncoding,
    /// RFC 9112 section 6.3.
    #[error("content-length is present more than once")]
    SeveralLengths,
    /// RFC 9110 section 8.6.
    #[error("content-length is not a decimal number")]
    LengthInvalid,
    /// RFC 9112 section 6.1; only `chunked` is understood.
    #[error("transfer-encoding is not `chunked`")]
    EncodingUnknown,
    /// RFC 9112 section 2.2.
    #[error("a line of the head does not end in CR LF")]
    BareLineEnd,
    /// RFC 9112 section 5.2.
    #[error("a header line begins with white space")]
    FoldedLine,
    /// RFC 9112 section 3.
    #[error("the first line is not `METHOD /path HTTP/1.1`")]
    RequestLine,
    /// RFC 9112 section 5.
    #[error("a header line holds a byte that is not allowed there, or no colon")]
    HeaderLine,
    /// RFC 9112 section 3.2.
    #[error("host is present more than once")]
    SeveralHosts,
    /// RFC 9112 section 3.2: `*` and `host:port` name no resource of a gateway.
    #[error("the request target is not a path")]
    Target,
}

/// Why a connection could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConnectFailure {
    /// Nobody listens there.
    #[error("connection refused")]
    Refused,
    /// The name has no address.
    #[error("the name could not be resolved")]
    Dns,
    /// The TLS handshake failed: certificate, name or version.
    #[error("TLS failed: {0}")]
    Tls(TlsFailure),
    /// The proxy refused or broke off.
    #[error("the proxy did not open a tunnel")]
    Proxy,
    /// Reset, unreachable or another failure of the network.
    #[error("{0}")]
    Network(std::io::ErrorKind),
}

/// What a TLS handshake failed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TlsFailure {
    /// The chain does not end at a trusted certificate.
    #[error("the certificate's issuer is not trusted (ca_file adds one)")]
    UnknownIssuer,
    /// The certificate is for another name.
    #[error("the certificate is not valid for this host")]
    WrongName,
    /// The certificate is expired or not valid yet.
    #[error("the certificate is expired or not valid yet")]
    Expired,
    /// Another flaw of the certificate.
    #[error("the certificate is not valid")]
    Certificate,
    /// The peer does not speak TLS, or no version in common.
    #[error("the handshake was broken off")]
    Handshake,
}

/// Why a rule cannot look into a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyFault {
    /// Not JSON, or JSON that two parsers could read differently.
    #[error("it is not valid JSON (byte {offset})")]
    Json {
        /// Bytes before the fault.
        offset: u64,
    },
    /// JSON, but no object.
    #[error("it is not a JSON object")]
    NotAnObject,
    /// `model` is no text.
    #[error("its `model` is not text")]
    ModelNotText,
    /// Two models are named.
    #[error("it names more than one `model`")]
    SeveralModels,
    /// Nested too deeply.
    #[error("it is nested too deeply")]
    TooDeep,
    /// Not a form, or one that two parsers could read differently.
    #[error("it is not valid multipart/form-data")]
    Multipart,
    /// Its content type could be read in two ways.
    #[error("its content-type is not clear; send one, and text as UTF-8")]
    ContentType,
    /// Compressed.
    #[error("it is compressed; send it without content-encoding")]
    Encoded,
}

/// Whose error shape the caller expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorShape {
    /// `{"error":{"message","type","param","code"}}`
    OpenAi,
    /// `{"type":"error","error":{"type","message"}}`, on `/v1/messages`.
    Anthropic,
}

impl ErrorShape {
    /// The shape for a request path.
    pub(crate) fn of_path(path: &str) -> Self {
        let path = path.trim_end_matches('/');
        let anthropic = path.ends_with("/v1/messages") || path.contains("/v1/messages/");
        if anthropic { ErrorShape::Anthropic } else { ErrorShape::OpenAi }
    }
}

impl ForwardError {
    /// Status, stable code, and the `type` of OpenAI's and Anthropic's shapes.
    fn parts(&self) -> (StatusCode, &'static str, &'static str, &'static str) {
        use ForwardError as E;
        const CALLER: (&str, &str) = ("invalid_request_error", "invalid_request_error");
        const AUTHENTICATION: (&str, &str) = ("authentication_error", "authentication_error");
        const PERMISSION: (&str, &str) = ("permission_error", "permission_error");
        const RATE: (&str, &str) = ("rate_limit_error", "rate_limit_error");
        const PROVIDER: (&str, &str) = ("api_error", "api_error");
        let (status, code, (openai, anthropic)) = match self {
            E::RouteUnknown { .. } => {
                (StatusCode::NOT_FOUND, "caller_route_unknown", ("invalid_request_error", "not_found_error"))
            }
            E::PathInvalid => (StatusCode::BAD_REQUEST, "caller_path_invalid", CALLER),
            E::Malformed(_) => (StatusCode::BAD_REQUEST, "caller_request_malformed", CALLER),
            E::HeadTooLarge { .. } => {
                (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "caller_head_too_large", CALLER)
            }
            E::HeadTimeout => (StatusCode::REQUEST_TIMEOUT, "caller_head_timeout", CALLER),
            E::BodyTimeout { .. } => (StatusCode::REQUEST_TIMEOUT, "caller_body_timeout", CALLER),
            E::BodyTooLarge { .. } => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "caller_body_too_large",
                ("invalid_request_error", "request_too_large"),
            ),
            E::BodyBroken => (StatusCode::BAD_REQUEST, "caller_body_invalid", CALLER),
            E::Connect { why, .. } => (StatusCode::BAD_GATEWAY, why.code(), PROVIDER),
            E::ConnectTimeout { .. } => (StatusCode::GATEWAY_TIMEOUT, "provider_connect_timeout", PROVIDER),
            E::FirstByteTimeout { .. } => {
                (StatusCode::GATEWAY_TIMEOUT, "provider_first_byte_timeout", PROVIDER)
            }
            E::Reset { .. } => (StatusCode::BAD_GATEWAY, "provider_reset", PROVIDER),
            E::AnswerInvalid { .. } => (StatusCode::BAD_GATEWAY, "provider_protocol_invalid", PROVIDER),
            E::KeyMissing => (StatusCode::UNAUTHORIZED, "caller_key_missing", AUTHENTICATION),
            E::KeyUnknown => (StatusCode::UNAUTHORIZED, "caller_key_unknown", AUTHENTICATION),
            E::KeyDisabled { .. } => (StatusCode::UNAUTHORIZED, "caller_key_disabled", AUTHENTICATION),
            E::KeyExpired { .. } => (StatusCode::UNAUTHORIZED, "caller_key_expired", AUTHENTICATION),
            E::IpForbidden { .. } => (StatusCode::FORBIDDEN, "policy_ip_forbidden", PERMISSION),
            E::RouteForbidden { .. } => (StatusCode::FORBIDDEN, "policy_route_forbidden", PERMISSION),
            E::ModelForbidden { .. } => (StatusCode::FORBIDDEN, "policy_model_forbidden", PERMISSION),
            E::ModelMissing { .. } => (StatusCode::FORBIDDEN, "policy_model_missing", PERMISSION),
            E::BodyUnreadable(_) => (StatusCode::BAD_REQUEST, "caller_body_unreadable", CALLER),
            E::InspectedTooLarge { .. } => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "caller_body_too_large",
                ("invalid_request_error", "request_too_large"),
            ),
            E::RequestLimit(_) => (StatusCode::TOO_MANY_REQUESTS, "policy_request_limit_exceeded", RATE),
            E::TokenQuota(_) => (StatusCode::TOO_MANY_REQUESTS, "policy_token_quota_exceeded", RATE),
            E::Crowded(_) => (StatusCode::TOO_MANY_REQUESTS, "policy_concurrency_exceeded", RATE),
            E::UpstreamKeyMissing { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "gateway_upstream_key_missing",
                ("server_error", "api_error"),
            ),
            E::UpstreamKeysExhausted { .. } => (StatusCode::BAD_GATEWAY, "provider_keys_exhausted", PROVIDER),
            E::UpstreamKeyRefused { .. } => (StatusCode::BAD_GATEWAY, "provider_key_refused", PROVIDER),
            E::CacheOnly => (StatusCode::GATEWAY_TIMEOUT, "policy_cache_only", CALLER),
            E::NotRecorded(_) => (StatusCode::GATEWAY_TIMEOUT, "policy_not_recorded", CALLER),
            E::CacheHeader { .. } => (StatusCode::BAD_REQUEST, "caller_header_invalid", CALLER),
            E::Internal => {
                (StatusCode::INTERNAL_SERVER_ERROR, "gateway_internal", ("server_error", "api_error"))
            }
        };
        (status, code, openai, anthropic)
    }

    /// The stable code.
    pub(crate) fn code(&self) -> &'static str {
        self.parts().1
    }

    /// The part of the request that is at fault.
    fn param(&self) -> Option<&'static str> {
        matches!(self, ForwardError::ModelForbidden { .. } | ForwardError::ModelMissing { .. })
            .then_some("model")
    }

    /// When it may be worth to try again, if that is known.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            ForwardError::RequestLimit(exceeded) | ForwardError::TokenQuota(exceeded) => {
                (!exceeded.never).then_some(exceeded.retry_after)
            }
            ForwardError::Crowded(_) => Some(CROWDED_RETRY),
            ForwardError::UpstreamKeysExhausted { back_in, .. } => Some(*back_in),
            _ => None,
        }
    }

    /// The answer that tells the caller.
    pub(crate) fn answer(&self, shape: ErrorShape, request_id: &HeaderValue) -> Response<Bytes> {
        let (status, code, openai, anthropic) = self.parts();
        let message = self.to_string();
        let body = match shape {
            ErrorShape::OpenAi => {
                json!({"error": {"message": message, "type": openai, "param": self.param(), "code": code}})
            }
            ErrorShape::Anthropic => json!({
                "type": "error",
                "error": {"type": anthropic, "message": message, "code": code},
                "request_id": String::from_utf8_lossy(request_id.as_bytes()),
            }),
        };
        let mut answer = Response::new(Bytes::from(body.to_string()));
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(after) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, Whole(&after).seconds().into());
            let milliseconds = after.as_nanos().div_ceil(1_000_000);
            headers.insert(RETRY_AFTER_MS, u64::try_from(milliseconds).unwrap_or(u64::MAX).into());
        }
        if matches!(self, ForwardError::CacheOnly | ForwardError::NotRecorded(_)) {
            // OpenAI's clients would ask again.
            headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        answer
    }
}

impl ConnectFailure {
    fn code(self) -> &'static str {
        match self {
            ConnectFailure::Dns => "provider_dns_failed",
            ConnectFailure::Tls(_) => "provider_tls_failed",
            ConnectFailure::Proxy => "provider_proxy_failed",
            ConnectFailure::Refused | ConnectFailure::Network(_) => "provider_connect_failed",
        }
    }
}
