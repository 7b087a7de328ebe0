//! The one place that turns what went wrong into a status, a code and a body.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;
use std::{sync::Arc, time::Duration};

/// Why a request was not answered by its upstream. The prefix of its code tells whose fault it is.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum ForwardError {
    /// No route has a prefix of the path.
    #[error("no route matches this path; the routes are: {routes}")]
    RouteUnknown {
        /// All prefixes, comma separated.
        routes: Arc<str>,
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

struct Seconds<'a>(&'a Duration);

impl std::fmt::Display for Seconds<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} s", self.0.as_secs_f64())
    }
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

    /// The answer that tells the caller.
    pub(crate) fn answer(&self, shape: ErrorShape, request_id: &HeaderValue) -> Response<Bytes> {
        let (status, code, openai, anthropic) = self.parts();
        let message = self.to_string();
        let body = match shape {
            ErrorShape::OpenAi => {
                json!({"error": {"message": message, "type": openai, "param": null, "code": code}})
            }
            ErrorShape::Anthropic => json!({
                "type": "error",
                "error": {"type": anthropic, "message": message, "code": code},
                "request_id": String::from_utf8_lossy(request_id.as_bytes()),
            }),
        };
        let mut answer = Response::new(Bytes::from(body.to_string()));
        *answer.status_mut() = status;
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
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
