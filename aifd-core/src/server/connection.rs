//! One caller's connection, from its first byte to its end.

use super::{
    protocol::{Begun, Protocol, protocol},
    proxy_protocol::{self, HeaderError},
    signals::{Refusal, Signals},
    socket::Socket,
    wire::Wire,
    worker::{Phase, Worker},
};
use crate::{
    answer::AnswerBody,
    config::CallerBounds,
    error::{ErrorShape, ForwardError},
    exchange::{Exchange, InFlight},
    forward::forward,
    server::framing::{MAX_HEAD_LINES, Violation},
    tee::CallerSide,
    upstream::{
        Inform,
        body::{CallBody, LateFields, Passing, Silence},
        headers::Forwarded,
    },
};
use bytes::BytesMut;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version, header};
use http_body::Body;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    net::IpAddr,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// Bytes of an answer that are held for a caller who reads slowly, beside the size of a head.
const MAX_HELD: usize = 64 * 1024;

/// HTTP/2 streams that one caller may have open at once.
const MAX_STREAMS: u32 = 200;

/// Bytes of one HTTP/2 upload that may be on their way; the connection takes as many for each of its streams, so that
/// an upload that no upstream reads holds up no other.
const STREAM_WINDOW: u32 = 128 * 1024;

/// Who is at the other end of a connection.
pub(crate) struct Caller {
    /// Its address: the socket's peer, or whom a trusted proxy names by the PROXY protocol; a Unix socket has none.
    pub(crate) peer: Option<IpAddr>,
    pub(crate) forwarded: Forwarded,
    /// Of an HTTP/1 connection.
    signals: Option<Arc<Signals>>,
    requests: AtomicU64,
    /// Requests under way, until their answers have ended; the idle timeout looks at it.
    pub(crate) in_flight: Arc<InFlight>,
}

impl Caller {
    fn new(socket: &Socket, peer: Option<IpAddr>, signals: Option<Arc<Signals>>) -> Arc<Self> {
        let proto = HeaderValue::from_static(if matches!(socket, Socket::Tls(_)) { "https" } else { "http" });
        let address = peer.and_then(|peer| HeaderValue::from_str(&peer.to_string()).ok());
        Arc::new(Caller {
            peer,
            forwarded: Forwarded { peer: address, proto },
            signals,
            requests: AtomicU64::new(0),
            in_flight: Arc::default(),
        })
    }

    /// Whether the next request was well framed.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn accepts(
        &self,
        refusal: Option<Refusal>,
        bounds: &CallerBounds,
    ) -> Result<(), ForwardError> {
        match refusal {
            None => Ok(()),
            Some(Refusal::Slow) => Err(ForwardError::HeadTimeout),
            Some(Refusal::Violation(Violation::Malformed(rule))) => Err(ForwardError::Malformed(rule)),
            Some(Refusal::Violation(Violation::Chunk)) => Err(ForwardError::BodyBroken),
            Some(Refusal::Violation(Violation::HeadTooLarge)) => {
                Err(ForwardError::HeadTooLarge { limit: bounds.max_header_size, lines: MAX_HEAD_LINES })
            }
        }
    }

    /// The body of a request on its way to the upstream.
    ///
    /// # Errors
    /// It announces more than is allowed.
    pub(crate) fn body(
        &self,
        body: Incoming,
        exchange: &Exchange,
        bounds: &CallerBounds,
        late: Option<Arc<LateFields>>,
    ) -> Result<CallBody, ForwardError> {
        let limit = bounds.max_body_size;
        match limit {
            Some(limit) if body.size_hint().lower() > limit => Err(ForwardError::BodyTooLarge { limit }),
            _ if body.is_end_stream() => Ok(CallBody::Empty),
            _ => Ok(CallBody::Passing(Box::new(Passing {
                body,
                memory: Arc::default(),
                count: exchange.bytes_in.clone(),
                limit,
                silence: Silence::bounded(bounds.body_timeout),
                late,
                tap: exchange.capture.as_ref().map(|capture| capture.tap.clone()),
            }))),
        }
    }

    /// Answers an upgrade that the current request may have asked for.
    pub(crate) fn decide_upgrade(&self, granted: bool) {
        if let Some(signals) = &self.signals {
            signals.decide_upgrade(self.requests.load(Relaxed), granted);
        }
    }

    /// Passes interim answers on to a caller that understands them.
    pub(crate) fn informer(&self, version: Version) -> Option<Arc<dyn Inform>> {
        let signals = self.signals.as_ref().filter(|_| version == Version::HTTP_11)?;
        Some(signals.clone())
    }

    /// What an answer with these headers needs to know of the connection.
    pub(crate) fn side(&self, version: Version, headers: &HeaderMap) -> Option<CallerSide> {
        let signals = self.signals.clone()?;
        let ends_by_close = version == Version::HTTP_10 && !headers.contains_key(header::CONTENT_LENGTH);
        Some(CallerSide { signals, ends_by_close })
    }
}

impl Inform for Signals {
    /// Sends an interim answer on; 100 and 101 concern one connection alone.
    fn inform(&self, status: StatusCode, headers: &HeaderMap) {
        if matches!(status, StatusCode::CONTINUE | StatusCode::SWITCHING_PROTOCOLS) {
            return;
        }
        let mut headers = headers.clone();
        crate::upstream::headers::prepare_answer(&mut headers);
        let mut head =
            format!("HTTP/1.1 {} {}\r\n", status.as_u16(), status.canonical_reason().unwrap_or(""))
                .into_bytes();
        for (name, value) in &headers {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                head.extend_from_slice(part);
            }
        }
        head.extend_from_slice(b"\r\n");
        self.send_interim(&head);
    }
}

/// Serves a connection until it ends or the worker cuts it.
pub(crate) async fn serve(worker: Arc<Worker>, socket: Socket, tls: Option<TlsAcceptor>) {
    let mut phase = worker.phase.clone();
    // The rare and the short-lived parts are boxed: a connection's task should hold what every connection needs.
    let opening = Box::pin(open(&worker, socket, tls));
    let opened = tokio::select! {
        opened = opening => opened,
        // One that has not asked for anything yet is closed.
        _ = phase.wait_for(|phase| *phase != Phase::Serving) => return,
    };
    let Some(Opened { socket, peer, protocol }) = opened else { return };
    match protocol {
        Protocol::Http1(begun) => http1(worker, socket, peer, begun).await,
        Protocol::Http2(begun) => Box::pin(http2(worker, socket, peer, begun)).await,
    }
}

/// A connection on which requests can be read.
struct Opened {
    socket: Socket,
    peer: Option<IpAddr>,
    protocol: Protocol,
}

/// What comes before the first request; `None` where the caller left, was too slow, or speaks no protocol of ours.
async fn open(worker: &Worker, mut socket: Socket, tls: Option<TlsAcceptor>) -> Option<Opened> {
    let bounds = &worker.gateway.caller;
    // What a caller sent before it reset the connection can still be read; a request of nobody must not be served,
    // since only a Unix socket's peer has no address.
    let mut peer = socket.peer().ok()?;
    if worker.gateway.proxy_protocol && peer.is_none_or(|peer| worker.gateway.trusted_proxies.contains(peer))
    {
        peer = announced(&mut socket, bounds.header_timeout, peer).await?;
    }
    let mut socket = match tls {
        Some(tls) => encrypted(socket, &tls, bounds.header_timeout).await?,
        None => socket,
    };
    if let Socket::Tls(stream) = &socket
        && stream.get_ref().1.alpn_protocol() == Some(b"h2")
    {
        return Some(Opened { socket, peer, protocol: Protocol::Http2(BytesMut::new()) });
    }
    let protocol = tokio::time::timeout(bounds.keepalive_timeout, protocol(&mut socket)).await.ok()?.ok()?;
    Some(Opened { socket, peer, protocol })
}

/// The address that a proxy names at the beginning of its connection, or its own.
async fn announced(socket: &mut Socket, within: Duration, proxy: Option<IpAddr>) -> Option<Option<IpAddr>> {
    let named = tokio::time::timeout(within, proxy_protocol::read(socket)).await;
    let proxy_shown = proxy.map(tracing::field::display);
    match named {
        Ok(Ok(named)) => return Some(named.or(proxy)),
        Ok(Err(HeaderError::Invalid(fault))) => {
            tracing::warn!(proxy = proxy_shown, %fault, "a trusted proxy's connection has no PROXY protocol header, and was closed");
        }
        Ok(Err(HeaderError::Socket(error))) => {
            tracing::debug!(proxy = proxy_shown, %error, "a trusted proxy's connection ended before its PROXY protocol header");
        }
        Err(_) => {
            tracing::debug!(
                proxy = proxy_shown,
                "a trusted proxy's PROXY protocol header did not come in time"
            );
        }
    }
    None
}

/// The TLS handshake; a Unix socket has none.
async fn encrypted(socket: Socket, tls: &TlsAcceptor, within: Duration) -> Option<Socket> {
    let Socket::Tcp(tcp) = socket else { return Some(socket) };
    match tokio::time::timeout(within, tls.accept(tcp)).await.ok()? {
        Ok(stream) => Some(Socket::Tls(Box::new(stream))),
        Err(error) => {
            tracing::debug!(%error, "a caller's TLS handshake failed");
            None
        }
    }
}

async fn http1(worker: Arc<Worker>, socket: Socket, peer: Option<IpAddr>, begun: BytesMut) {
    let signals = Arc::new(Signals::default());
    let caller = Caller::new(&socket, peer, Some(signals.clone()));
    let bounds = &worker.gateway.caller;
    let wire = Wire::new(socket, begun, bounds.max_header_size, bounds.header_timeout, signals.clone());
    let service = {
        let (worker, caller) = (worker.clone(), caller.clone());
        service_fn(move |request| {
            let (worker, caller) = (worker.clone(), caller.clone());
            // Boxed, so that its memory is free again while the answer streams.
            Box::pin(async move { Ok::<_, Infallible>(respond(worker, caller, request).await) })
        })
    };
    let connection = std::pin::pin!(
        hyper::server::conn::http1::Builder::new()
            .max_buf_size(bounds.max_header_size + MAX_HELD)
            .serve_connection(TokioIo::new(wire), service)
            .with_upgrades()
    );
    let count_turns = Some(&*signals);
    drive(connection, &worker, &caller, count_turns, |connection| connection.graceful_shutdown()).await;
}

async fn http2(worker: Arc<Worker>, socket: Socket, peer: Option<IpAddr>, begun: BytesMut) {
    let caller = Caller::new(&socket, peer, None);
    let service = {
        let (worker, caller) = (worker.clone(), caller.clone());
        service_fn(move |request| {
            let (worker, caller) = (worker.clone(), caller.clone());
            async move { Ok::<_, Infallible>(respond(worker, caller, request).await) }
        })
    };
    let max_head = u32::try_from(worker.gateway.caller.max_header_size).unwrap_or(u32::MAX);
    let connection = std::pin::pin!(
        hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(STREAM_WINDOW * MAX_STREAMS)
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(max_head)
            .serve_connection(TokioIo::new(Begun { socket, begun }), service)
    );
    drive(connection, &worker, &caller, None, |connection| connection.graceful_shutdown()).await;
}

/// Answers one request; a panic ends this request alone.
async fn respond(
    worker: Arc<Worker>,
    caller: Arc<Caller>,
    request: Request<Incoming>,
) -> Response<AnswerBody> {
    let number = caller.requests.fetch_add(1, Relaxed) + 1;
    let refusal = caller.signals.as_ref().and_then(|signals| signals.refusal(number));
    let shape = ErrorShape::of_path(request.uri().path());
    let answering = AssertUnwindSafe(forward(&worker, &caller, refusal, request)).catch_unwind();
    match answering.await {
        Ok(answer) => answer,
        Err(panic) => {
            let panic: &str = panic
                .downcast_ref::<&str>()
                .copied()
                .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
                .unwrap_or_default();
            tracing::error!(panic, "a request's handling panicked; the caller got a 500");
            let answer = ForwardError::Internal.answer(shape, &HeaderValue::from_static(""));
            answer.map(AnswerBody::bare)
        }
    }
}

/// Runs a connection to its end: gracefully when the worker drains or the caller is idle, at once when it cuts.
async fn drive<C, E>(
    mut connection: Pin<&mut C>,
    worker: &Worker,
    caller: &Caller,
    turns: Option<&Signals>,
    finish: impl Fn(Pin<&mut C>),
) where
    C: Future<Output = Result<(), E>>,
    E: std::fmt::Display,
{
    let mut phase = worker.phase.clone();
    let quiet = (worker.gateway.caller.keepalive_timeout / 2).max(Duration::from_millis(10));
    let mut idle = tokio::time::interval(quiet);
    idle.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut seen = Quiet::default();
    let mut draining = false;
    loop {
        let turn = std::future::poll_fn(|cx| {
            if let Some(signals) = turns {
                signals.turn.fetch_add(1, Relaxed);
            }
            connection.as_mut().poll(cx)
        });
        tokio::select! {
            biased;
            ended = turn => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a caller's connection ended early");
                }
                return;
            }
            now = next_phase(&mut phase, draining) => {
                if now == Phase::Cut {
                    return;
                }
                draining = true;
                finish(connection.as_mut());
            }
            _ = idle.tick() => {
                if seen.twice(caller) {
                    finish(connection.as_mut());
                }
            }
        }
    }
}

/// Waits for the phase that comes after serving, or after draining.
async fn next_phase(phase: &mut watch::Receiver<Phase>, draining: bool) -> Phase {
    let later = |now: &Phase| *now == Phase::Cut || (*now == Phase::Draining && !draining);
    phase.wait_for(later).await.map_or(Phase::Cut, |now| *now)
}

/// Notices that nothing was asked between ticks.
#[derive(Default)]
struct Quiet {
    requests: u64,
    ticks: u32,
}

impl Quiet {
    fn twice(&mut self, caller: &Caller) -> bool {
        let requests = caller.requests.load(Relaxed);
        let same = std::mem::replace(&mut self.requests, requests) == requests;
        self.ticks = if same && caller.in_flight.count() == 0 { self.ticks + 1 } else { 0 };
        self.ticks > 2
    }
}
