//! One request, from its head to its answer: the steps in order. Start reading here.

mod cached;
pub(crate) mod keys;
mod shape;

use crate::{
    access::{
        Asking, Grant,
        credential::{self, Credential},
    },
    account::Account,
    answer::{AnswerBody, is_event_stream},
    cache::Served,
    capture::{self, About},
    client, clock, cors,
    error::{ErrorShape, ForwardError},
    exchange::{Exchange, masked},
    gateway::Gateway,
    inspect::{Inspected, inspect},
    limit::{Asked, Estimate, Reservation},
    plain_path::plain,
    route::{Route, Target},
    server::{
        connection::Caller,
        local,
        signals::Refusal,
        websocket::{self, Joined, Tunnel},
        worker::Worker,
    },
    sse::filter::UsageFilter,
    tee::{CallerSide, Passage, TeeBody},
    upstream::{
        CallHead,
        headers::{prepare_answer, prepare_request},
        pool::Lease,
    },
};
use aifd_log::Kind;
use bytes::Bytes;
use cached::{Cached, Wish};
use http::{HeaderValue, Request, Response, Uri, Version, header, request::Parts, uri::PathAndQuery};
use hyper::body::Incoming;
use keys::Keys;
use shape::Shape;
use std::sync::Arc;

/// What the steps lead to.
pub(crate) enum Answer {
    /// The gateway's own word.
    Own(Response<Bytes>),
    /// A local endpoint's.
    Local(Response<axum::body::Body>),
    /// One that was kept.
    Cached(Box<Served>),
    /// An upstream's, the connection that it comes on, if that can serve again, and what takes usage out of it that
    /// the caller did not ask for.
    Upstream(Response<Incoming>, Option<Lease>, Option<Box<UsageFilter>>),
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
    let gateway = &worker.gateway;
    let client = client::address(caller.peer, request.headers(), &gateway.trusted_proxies);
    let counts = [&gateway.in_flight, &caller.in_flight];
    let mut exchange = Exchange::begin(&request, client, counts, &gateway.tally);
    if refusal.is_some() {
        exchange.forget_target();
    }
    let shape = ErrorShape::of_path(request.uri().path());
    let version = request.version();
    let origin = gateway.cors.as_ref().and_then(|cors| cors::allowed(cors, request.headers()));
    let reached = steps(worker, caller, refusal, request, &mut exchange).await;
    caller.decide_upgrade(matches!(reached, Ok(Answer::Tunnel(_))));
    let mut answer = match reached {
        Ok(Answer::Own(answer)) => AnswerBody::own(answer, exchange),
        Ok(Answer::Local(answer)) => {
            let pace = exchange.pace;
            AnswerBody::paced(AnswerBody::local(answer, exchange), pace)
        }
        Ok(Answer::Cached(served)) => {
            let pace = exchange.pace;
            AnswerBody::paced(AnswerBody::served(*served, exchange), pace)
        }
        Ok(Answer::Upstream(answer, lease, filter)) => {
            let side = caller.side(version, answer.headers());
            pass_on(worker, side, answer, lease, filter, exchange)
        }
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
    // Cheap: its bytes are shared.
    let uri = request.uri().clone();
    let target = Target::parse(&uri)?;
    if let Some(endpoint) = local::endpoint(request.method(), &target.path, gateway.benchmark_mode) {
        // Rare steps are boxed: every request carries the memory of all steps.
        return Box::pin(own_endpoint(worker, endpoint, request, exchange)).await;
    }
    gateway.access.admit_address(exchange.client)?;
    let credentials = credential::all(request.headers(), target.query);
    exchange.hide(&credentials);
    let route = gateway.routes.find(&target.path)?;
    exchange.routed(route);
    let grant = gateway.access.authorize(&Asking {
        route: route.index,
        route_name: &route.name,
        path: &target.path,
        credentials: &credentials,
        client: exchange.client,
    })?;
    let plain = plain(&target.path);
    let asked = asked(&grant, &plain);
    admit(gateway, &grant, &asked, exchange).await?;
    log(gateway, route, &grant, &plain, &request, &credentials, exchange).await;
    let asking = cached::ask(gateway, route, &grant, &plain, &request, &credentials)?;
    let mut keys = Keys::of(gateway, route, &grant)?;
    let path = upstream_path(route, &target, &uri)?;
    let websocket = websocket::is_asked(&request);
    let (parts, body) = request.into_parts();
    let rules = gateway.rules(&grant, &asked, asking.as_ref().map(Wish::ask));
    let mut inspected = inspect(rules, caller, &parts, &target.path, body, exchange).await?;
    grant.check_model(inspected.models.iter().map(String::as_str), inspected.needs_model || websocket)?;
    reserve(gateway, &asked, &inspected, exchange)?;
    let mut cached = Cached::begin(gateway, asking, &target, &parts, &mut inspected);
    if let Some(served) = cached.serve(exchange).await? {
        return Ok(Answer::Cached(Box::new(served)));
    }
    let ticket = cached.ticket();
    let shape = Shape::of(&grant, exchange, &inspected, &parts.method, &plain, &gateway.api_paths, ticket);
    let origin = worker.upstream.origin(route.index);
    let (mut head, upgrade) = call_head(caller, origin.host.clone(), exchange, path, parts);
    keys.take_out(&mut head);
    cached.prepare(&mut head);
    if let Some(upgrade) = upgrade.filter(|_| websocket) {
        let tunnel = Tunnel { worker, route, head, upgrade, keys };
        return Box::pin(tunnel.open(exchange)).await;
    }
    let body = shape.request(&mut head, inspected);
    let reply = keys.send(&worker.upstream, &mut head, body, exchange).await?;
    let answer = shape.answer(reply, &grant, exchange, origin).await?;
    Ok(cached.admit(answer, exchange))
}

/// How a request counts for the limits on a path.
fn asked<'a>(grant: &'a Grant, path: &'a str) -> Asked<'a> {
    let key = grant.key.as_ref().and_then(|(key, _)| key.usage.meter());
    Asked { path, level: grant.level, caller: grant.caller, key }
}

/// Lets a request in: its limits, and a place among the requests under way.
async fn admit(
    gateway: &Gateway,
    grant: &Grant,
    asked: &Asked<'_>,
    exchange: &mut Exchange,
) -> Result<(), ForwardError> {
    exchange.pace = gateway.limiter.pace(asked.path, asked.level);
    match gateway.limiter.admit(asked, clock::now()) {
        Ok(standing) => exchange.standings.requests = standing,
        Err(exceeded) => {
            exchange.standings.requests = Some(exceeded.standing);
            return Err(ForwardError::RequestLimit(Box::new(exceeded)));
        }
    }
    let entered = gateway.limiter.enter(asked).await;
    let entered = entered.map_err(ForwardError::Crowded)?;
    let key = grant.key.as_ref().map(|(key, _)| key);
    if let Some(key) = key {
        key.usage.note(clock::utc());
    }
    if key.is_some() || !entered.is_empty() || gateway.limiter.counts_tokens(asked) {
        exchange.account = Some(Box::new(Account::new(gateway.ledger.clone(), key.cloned(), entered)));
    }
    Ok(())
}

/// Has the request logged, if it is one that is; waits where too much is to be logged already.
async fn log(
    gateway: &Gateway,
    route: &Route,
    grant: &Grant,
    path: &str,
    request: &Request<Incoming>,
    credentials: &[Credential<'_>],
    exchange: &mut Exchange,
) {
    let Some(recorder) = &gateway.recorder else { return };
    let Some(kind) = recorder.kind(route.index, request.method(), path) else { return };
    if websocket::is_asked(request) {
        return;
    }
    recorder.room().await;
    let headers = request.headers();
    let about = About {
        uid: exchange.uid(),
        kind,
        route: route.index,
        at: clock::utc(),
        client: exchange.client,
        request_id: exchange.given_id().map(Into::into),
        key: grant.key.as_ref().map(|(key, _)| key.id().0.as_str().into()),
        target: (kind == Kind::General).then(|| (request.method().clone(), masked(request.uri()).into())),
        content_type: capture::text(headers, header::CONTENT_TYPE),
        content_encoding: capture::text(headers, header::CONTENT_ENCODING),
        credentials: credentials.iter().map(|(_, credential)| (&**credential).into()).collect(),
    };
    exchange.log(recorder, about);
}

/// Holds the tokens that a request may take, and notes what it is counted for.
fn reserve(
    gateway: &Gateway,
    asked: &Asked<'_>,
    inspected: &Inspected,
    exchange: &mut Exchange,
) -> Result<(), ForwardError> {
    let Some(account) = &mut exchange.account else { return Ok(()) };
    account.model = inspected.models.last().map(|model| model.as_str().into());
    account.late = inspected.late.clone();
    let fields = inspected.fields.as_ref();
    let prompt = fields.map_or(0, |fields| fields.prompt_estimate);
    account.prompt = prompt;
    let answer = match fields {
        Some(fields) => fields.max_answer,
        // What is no text takes no tokens that could be foreseen.
        None => Some(0),
    };
    match gateway.limiter.reserve(asked, Estimate { prompt, answer }, clock::now()) {
        Ok(reservation) => {
            exchange.standings.tokens = reservation.as_ref().and_then(Reservation::standing);
            account.reservation = reservation;
            Ok(())
        }
        Err(exceeded) => {
            exchange.standings.tokens = Some(exceeded.standing);
            Err(ForwardError::TokenQuota(Box::new(exceeded)))
        }
    }
}

/// An endpoint that the gateway answers itself; limits hold for the one that plays a service.
async fn own_endpoint(
    worker: &Arc<Worker>,
    endpoint: &'static str,
    request: Request<Incoming>,
    exchange: &mut Exchange,
) -> Result<Answer, ForwardError> {
    if local::plays_a_service(endpoint) {
        let gateway = &worker.gateway;
        let query = request.uri().query();
        let grant = gateway.access.authorize_here(request.headers(), query, exchange.client)?;
        admit(gateway, &grant, &asked(&grant, endpoint), exchange).await?;
    }
    Ok(Answer::Local(local::answer(worker, endpoint, request).await))
}

/// Makes an upstream's answer the caller's.
fn pass_on(
    worker: &Worker,
    side: Option<CallerSide>,
    answer: Response<Incoming>,
    lease: Option<Lease>,
    filter: Option<Box<UsageFilter>>,
    mut exchange: Exchange,
) -> Response<AnswerBody> {
    let gateway = &worker.gateway;
    let (mut head, body) = answer.into_parts();
    exchange.answer_begins(&head.headers);
    prepare_answer(&mut head.headers);
    // The version is that of this connection, not of the upstream's.
    head.version = Version::HTTP_11;
    exchange.stamp(&mut head.headers);
    let pace = exchange.pace;
    let stream = is_event_stream(&head.headers).then(|| gateway.tally.stream());
    let passage = Passage { gather: gateway.gather && pace.is_none(), filter, stream };
    let body = TeeBody::new(body, lease, exchange, side, passage, worker.upstream.idle_timeout());
    AnswerBody::paced(Response::from_parts(head, AnswerBody::Upstream(Box::new(body))), pace)
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
