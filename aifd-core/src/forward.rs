//! One request, from its head to its answer: the steps in order. Start reading here.

use crate::{
    answer::AnswerBody,
    cors,
    error::{ErrorShape, ForwardError},
    exchange::Exchange,
    route::{Route, Target},
    server::{
        connection::Caller,
        local,
        signals::Refusal,
        websocket::{self, Joined, Tunnel},
        worker::Worker,
    },
    tee::TeeBody,
    upstream::{
        CallHead,
        headers::{prepare_answer, prepare_request},
        pool::Lease,
    },
};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, Version, request::Parts, uri::PathAndQuery};
use hyper::body::Incoming;
use std::sync::Arc;

/// What the steps lead to.
pub(crate) enum Answer {
    /// The gateway's own word.
    Own(Response<Bytes>),
    /// A local endpoint's.
    Local(Response<axum::body::Body>),
    /// An upstream's, and the connection that it comes on, if that can serve again.
    Upstream(Response<Incoming>, Option<Lease>),
    /// A WebSocket: both connections are joined.
    Tunnel(Joined),
}

/// Answers one request.
pub(crate) async fn forward(
    worker: &Arc<Worker>,
    caller: &Arc<Caller>,
    refusal: Option<Refusal>,
    request: Request<Incoming>,
) -> Response<AnswerBody> {
    let mut exchange = Exchange::begin(&request, caller.peer, [&worker.gateway.in_flight, &caller.in_flight]);
    if refusal.is_some() {
        exchange.forget_target();
    }
    let shape = ErrorShape::of_path(request.uri().path());
    let version = request.version();
    let origin = worker.gateway.cors.as_ref().and_then(|cors| cors::allowed(cors, request.headers()));
    let reached = steps(worker, caller, refusal, request, &mut exchange).await;
    caller.decide_upgrade(matches!(reached, Ok(Answer::Tunnel(_))));
    let mut answer = match reached {
        Ok(Answer::Own(answer)) => AnswerBody::own(answer, exchange),
        Ok(Answer::Local(answer)) => AnswerBody::local(answer, exchange),
        Ok(Answer::Upstream(answer, lease)) => pass_on(worker, caller, version, answer, lease, exchange),
        Ok(Answer::Tunnel(joined)) => joined.carry(exchange),
        Err(error) => AnswerBody::refused(&error, shape, exchange),
    };
    if let Some(origin) = origin {
        cors::mark(answer.headers_mut(), &origin);
    }
    answer
}

async fn steps(
    worker: &Arc<Worker>,
    caller: &Arc<Caller>,
    refusal: Option<Refusal>,
    request: Request<Incoming>,
    exchange: &mut Exchange,
) -> Result<Answer, ForwardError> {
    let gateway = &worker.gateway;
    caller.accepts(refusal, &gateway.caller)?;
    if let Some(cors) = gateway.cors.as_ref().filter(|_| cors::is_preflight(&request)) {
        return Ok(Answer::Own(cors::preflight(cors, request.headers())));
    }
    let target = Target::parse(request.uri())?;
    if let Some(endpoint) = local::endpoint(request.method(), &target.path, gateway.benchmark_mode) {
        return Ok(Answer::Local(local::answer(worker, endpoint, request).await));
    }
    let route = gateway.routes.find(&target.path)?.clone();
    exchange.route = Some(route.name.clone());
    let path = upstream_path(&route, &target, request.uri())?;
    let websocket = websocket::is_asked(&request);
    let host = worker.upstream.origin(route.index).host.clone();
    let (parts, body) = request.into_parts();
    let (head, upgrade) = call_head(caller, host, exchange, path, parts);
    if let Some(upgrade) = upgrade.filter(|_| websocket) {
        let tunnel = Tunnel { worker, route: &route, head, upgrade };
        return tunnel.open(exchange).await;
    }
    let body = caller.body(body, exchange, &gateway.caller)?;
    let (answer, lease) = worker.upstream.send(route.index, &head, body, exchange).await?;
    Ok(Answer::Upstream(answer, Some(lease)))
}

/// Makes an upstream's answer the caller's.
fn pass_on(
    worker: &Worker,
    caller: &Caller,
    version: Version,
    answer: Response<Incoming>,
    lease: Option<Lease>,
    exchange: Exchange,
) -> Response<AnswerBody> {
    let (mut head, body) = answer.into_parts();
    prepare_answer(&mut head.headers);
    // The version is that of this connection, not of the upstream's.
    head.version = Version::HTTP_11;
    exchange.stamp(&mut head.headers);
    let side = caller.side(version, &head.headers);
    let body =
        TeeBody::new(body, lease, exchange, side, worker.gateway.gather, worker.upstream.idle_timeout());
    Response::from_parts(head, AnswerBody::Upstream(Box::new(body)))
}

/// The upstream's path and query; where nothing changes, the caller's own bytes.
fn upstream_path(route: &Route, target: &Target<'_>, asked: &Uri) -> Result<PathAndQuery, ForwardError> {
    if let (true, Some(same)) = (route.changes_nothing(target), asked.path_and_query()) {
        return Ok(same.clone());
    }
    PathAndQuery::from_maybe_shared(bytes::Bytes::from(route.upstream_target(target)))
        .map_err(|_| ForwardError::PathInvalid)
}

/// The head that the upstream gets, and the means to take the caller's connection over.
fn call_head(
    caller: &Arc<Caller>,
    host: HeaderValue,
    exchange: &Exchange,
    path: PathAndQuery,
    mut parts: Parts,
) -> (CallHead, Option<hyper::upgrade::OnUpgrade>) {
    let upgrade = parts.extensions.remove::<hyper::upgrade::OnUpgrade>();
    let host_port = |authority: &str| authority.rsplit('@').next().and_then(|named| named.parse().ok());
    let authority = parts.uri.authority().and_then(|authority| host_port(authority.as_str()));
    // An authority in the target outranks `Host` (RFC 9112 section 3.2.2).
    prepare_request(&mut parts.headers, &caller.forwarded, authority, parts.version, host);
    exchange.stamp_request(&mut parts.headers);
    let inform = caller.informer(parts.version);
    (CallHead { method: parts.method, path, headers: parts.headers, inform }, upgrade)
}
