//! One request on the control socket: read whole, done, answered.

use crate::control::{
    Administration, Answer, ControlError, PROTOCOL, Request, apply,
    socket::{CONTROL_PATH, PROTOCOL_HEADER, VERSION, VERSION_HEADER},
};
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::time::timeout;

/// Bytes of a request at most.
const MAX_REQUEST: usize = 64 << 20;

/// How long a request may take to arrive.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Whatever happens becomes an answer.
pub(super) async fn answer(
    on: Arc<Administration>,
    request: http::Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() != Method::POST || request.uri().path() != CONTROL_PATH {
        return Ok(reply(StatusCode::NOT_FOUND, Bytes::new()));
    }
    let done = match asked(request).await {
        // A change of many keys takes long: other connections wait for it, and no worker does.
        Ok(request) => apply(&on, request),
        Err(error) => Err(error),
    };
    let status = if done.is_ok() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let body = serde_json::to_vec(&Answer::from(done));
    Ok(match body {
        Ok(body) => reply(status, body.into()),
        Err(error) => {
            tracing::error!(%error, "an answer on the control socket could not be written");
            reply(StatusCode::INTERNAL_SERVER_ERROR, Bytes::new())
        }
    })
}

async fn asked(request: http::Request<Incoming>) -> Result<Request, ControlError> {
    let spoken = request.headers().get(PROTOCOL_HEADER).and_then(|value| value.to_str().ok()?.parse().ok());
    if spoken != Some(PROTOCOL) {
        let ours = spoken.unwrap_or_default();
        return Err(ControlError::Version { server: VERSION.to_owned(), theirs: PROTOCOL, ours });
    }
    let body = timeout(REQUEST_TIMEOUT, Limited::new(request.into_body(), MAX_REQUEST).collect());
    let body = match body.await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return Err(unreadable(format!("it broke off, or has more than {MAX_REQUEST} bytes"))),
        Err(_) => return Err(unreadable("it did not arrive in time".to_owned())),
    };
    // Only where it went wrong: an error's own words may quote a secret.
    serde_json::from_slice(&body)
        .map_err(|error| unreadable(format!("unreadable at column {}", error.column())))
}

fn unreadable(why: String) -> ControlError {
    ControlError::Invalid { field: "request".to_owned(), why, index: None }
}

fn reply(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(PROTOCOL_HEADER, HeaderValue::from(PROTOCOL));
    headers.insert(VERSION_HEADER, HeaderValue::from_static(VERSION));
    reply
}
