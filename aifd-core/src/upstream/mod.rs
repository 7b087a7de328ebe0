//! Sends a request to its upstream, again where that is safe, and hands back the answer's head and body.

pub(crate) mod body;
pub(crate) mod connect;
pub(crate) mod headers;
pub(crate) mod pool;
mod retry;
pub(crate) mod stream;
pub(crate) mod tls;

use crate::{
    clock,
    config::UpstreamConfig,
    error::{ConnectFailure, ForwardError, TlsFailure},
    exchange::Exchange,
    tasks,
};
use body::{CallBody, CallBodyError, Replay};
use connect::{Connector, Origin, Wanted};
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, header, uri::PathAndQuery,
};
use http_body::Body;
use hyper::{body::Incoming, client::conn::TrySendError};
use pool::{Lease, Pool, Sender};
use retry::{Attempts, Failure};
use std::{error::Error, sync::Arc, time::Duration};
use tls::ClientTls;

/// The head of a request as the upstream shall get it.
pub(crate) struct CallHead {
    pub(crate) method: Method,
    pub(crate) path: PathAndQuery,
    pub(crate) headers: HeaderMap,
    /// Hears of interim answers (1xx).
    pub(crate) inform: Option<Arc<dyn Inform>>,
}

/// Takes interim answers (1xx) that precede an answer.
pub(crate) trait Inform: Send + Sync {
    fn inform(&self, status: StatusCode, headers: &HeaderMap);
}

/// A connection that died while idle says so at the first packet; an upstream that fails later may have begun.
const STALE: Duration = Duration::from_secs(1);

/// One worker's way to all upstreams.
pub(crate) struct Upstream {
    config: Arc<UpstreamConfig>,
    connector: Connector,
    origins: Arc<[Origin]>,
    pools: Vec<Arc<Pool>>,
}

impl Upstream {
    pub(crate) fn new(config: Arc<UpstreamConfig>, origins: Arc<[Origin]>, tls: Arc<ClientTls>) -> Self {
        let connector = Connector::new(config.connect_timeout, tls);
        let pools = origins.iter().map(|_| Arc::default()).collect();
        Upstream { config, connector, origins, pools }
    }

    /// Starts closing idle connections; runs on the worker's runtime.
    pub(crate) fn start_sweep(&self) {
        let pools = self.pools.iter().map(Arc::downgrade).collect();
        tasks::spawn(pool::sweep(pools, self.config.pool_idle_timeout));
    }

    /// Bound on the silence within an answer.
    pub(crate) fn idle_timeout(&self) -> Option<Duration> {
        self.config.idle_timeout
    }

    pub(crate) fn origin(&self, index: usize) -> &Origin {
        &self.origins[index]
    }

    /// A connection of its own, for an upgrade.
    ///
    /// # Errors
    /// The last attempt's.
    pub(crate) async fn connect_apart(&self, index: usize) -> Result<stream::Stream, ForwardError> {
        let mut attempts = Attempts::new(&self.config.retry);
        loop {
            match self.connect(&self.origins[index], Wanted::Http1).await {
                Err(error) if may_pass(&error) => match attempts.after(Failure::Connect, &Method::GET) {
                    Some(delay) => tokio::time::sleep(delay).await,
                    None => return Err(error),
                },
                done => return done,
            }
        }
    }

    /// Sends a call, again where that is safe, and hands back the answer with the connection that it comes on.
    ///
    /// # Errors
    /// No answer could be had, or the caller's body is at fault.
    pub(crate) async fn send(
        &self,
        index: usize,
        head: &CallHead,
        mut body: CallBody,
        exchange: &mut Exchange,
    ) -> Result<(Response<Incoming>, Lease), ForwardError> {
        let mut attempts = Attempts::new(&self.config.retry);
        let replay = body.replay();
        let mut reuse = true;
        loop {
            let delay = match self.attempt(index, head, body, &replay, reuse, exchange).await {
                Ok((response, lease)) => {
                    let delay = attempts.after_status(response.status(), response.headers(), clock::utc);
                    let repeated = delay.and_then(|delay| Some((delay, replay.again()?)));
                    let Some((delay, again)) = repeated else { return Ok((response, lease)) };
                    body = again;
                    delay
                }
                Err(failed) => {
                    reuse = false;
                    let again = failed.unsent.or_else(|| replay.again());
                    let delay = failed.failure.and_then(|failure| attempts.after(failure, &head.method));
                    let (Some(delay), Some(again)) = (delay, again) else { return Err(failed.error) };
                    body = again;
                    delay
                }
            };
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
        }
    }

    async fn attempt(
        &self,
        index: usize,
        head: &CallHead,
        body: CallBody,
        replay: &Replay,
        reuse: bool,
        exchange: &mut Exchange,
    ) -> Result<(Response<Incoming>, Lease), Failed> {
        let origin = &self.origins[index];
        let pool = &self.pools[index];
        let (mut sender, reused) = match reuse.then(|| pool.take()).flatten() {
            Some(sender) => (sender, true),
            None => match self.open(origin).await {
                Ok(sender) => {
                    pool.share(&sender);
                    (sender, false)
                }
                Err(error) => return Err(Failed::connect(error, body)),
            },
        };
        let request = self.request(origin, head, body, sender.is_http2()).map_err(Failed::last)?;
        exchange.asked();
        let sent = sender.send(request);
        match self.first_byte(sent, origin, exchange).await.map_err(Failed::last)? {
            // Nobody asked for another protocol.
            Ok(response) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
                Err(Failed::last(ForwardError::AnswerInvalid { upstream: origin.name.clone() }))
            }
            Ok(response) => {
                exchange.answered(response.status());
                Ok((response, Lease { sender, pool: pool.clone() }))
            }
            Err(error) => {
                let silent = !sender.heard() && exchange.since_asked() < STALE;
                Err(Failed::sending(error, origin, replay, reused, silent))
            }
        }
    }

    async fn open(&self, origin: &Origin) -> Result<Sender, ForwardError> {
        let stream = self.connect(origin, Wanted::Http).await?;
        let handshake = Sender::handshake(stream).await;
        handshake.map_err(|_| ForwardError::Reset { upstream: origin.name.clone() })
    }

    async fn connect(&self, origin: &Origin, wanted: Wanted) -> Result<stream::Stream, ForwardError> {
        let after = self.config.connect_timeout;
        match tokio::time::timeout(after, self.connector.connect(origin, wanted)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(ConnectFailure::Network(std::io::ErrorKind::TimedOut))) | Err(_) => {
                Err(ForwardError::ConnectTimeout { upstream: origin.name.clone(), after })
            }
            Ok(Err(why)) => Err(ForwardError::Connect { upstream: origin.name.clone(), why }),
        }
    }

    /// Waits for the head of an answer.
    ///
    /// # Errors
    /// It stays out for `first_byte_timeout` while nothing is uploaded either.
    pub(crate) async fn first_byte<F: Future>(
        &self,
        sent: F,
        origin: &Origin,
        exchange: &Exchange,
    ) -> Result<F::Output, ForwardError> {
        let Some(after) = self.config.first_byte_timeout else { return Ok(sent.await) };
        let mut sent = std::pin::pin!(sent);
        let uploaded = || exchange.bytes_in.load(std::sync::atomic::Ordering::Relaxed);
        let mut seen = uploaded();
        loop {
            if let Ok(result) = tokio::time::timeout(after, &mut sent).await {
                return Ok(result);
            }
            if std::mem::replace(&mut seen, uploaded()) == seen {
                return Err(ForwardError::FirstByteTimeout { upstream: origin.name.clone(), after });
            }
        }
    }

    /// The request as it goes out.
    pub(crate) fn request(
        &self,
        origin: &Origin,
        head: &CallHead,
        body: CallBody,
        http2: bool,
    ) -> Result<Request<CallBody>, ForwardError> {
        let unsized_body = !body.is_end_stream() && body.size_hint().exact().is_none();
        let mut request = Request::new(body);
        *request.method_mut() = head.method.clone();
        *request.uri_mut() =
            origin.target(head.path.clone(), http2).map_err(|_| ForwardError::PathInvalid)?;
        *request.headers_mut() = head.headers.clone();
        if http2 {
            *request.version_mut() = Version::HTTP_2;
            request.headers_mut().remove(header::HOST);
        } else if unsized_body {
            // Otherwise a GET would lose its body.
            request.headers_mut().insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
        if let Some(authorization) = origin.proxy_authorization() {
            request.headers_mut().insert(header::PROXY_AUTHORIZATION, authorization.clone());
        }
        if let Some(inform) = head.inform.clone() {
            hyper::ext::on_informational(&mut request, move |interim| {
                inform.inform(interim.status(), interim.headers());
            });
        }
        Ok(request)
    }
}

/// An attempt that brought no answer.
struct Failed {
    error: ForwardError,
    /// How it failed, if the request may perhaps be sent again.
    failure: Option<Failure>,
    /// The body, if nothing of it was touched.
    unsent: Option<CallBody>,
}

impl Failed {
    fn last(error: ForwardError) -> Self {
        Failed { error, failure: None, unsent: None }
    }

    fn connect(error: ForwardError, body: CallBody) -> Self {
        let failure = may_pass(&error).then_some(Failure::Connect);
        Failed { error, failure, unsent: Some(body) }
    }

    fn sending(
        mut failed: TrySendError<Request<CallBody>>,
        origin: &Origin,
        replay: &Replay,
        reused: bool,
        silent: bool,
    ) -> Self {
        let upstream = origin.name.clone();
        if let Some(request) = failed.take_message() {
            let failure = Some(if reused { Failure::Unsent } else { Failure::Connect });
            return Failed {
                error: ForwardError::Reset { upstream },
                failure,
                unsent: Some(request.into_body()),
            };
        }
        match replay.error() {
            Some(CallBodyError::TooLarge(limit)) => {
                return Failed::last(ForwardError::BodyTooLarge { limit });
            }
            Some(CallBodyError::Broken) => return Failed::last(ForwardError::BodyBroken),
            Some(CallBodyError::Silent(after)) => return Failed::last(ForwardError::BodyTimeout { after }),
            None => {}
        }
        if failed.error().is_parse() {
            return Failed::last(ForwardError::AnswerInvalid { upstream });
        }
        let untouched = reused && silent || is_refused_stream(failed.error());
        let failure = Some(if untouched { Failure::ResetReused } else { Failure::ResetFresh });
        Failed { error: ForwardError::Reset { upstream }, failure, unsent: None }
    }
}

/// Whether an HTTP/2 upstream says that it did not begin (RFC 9113 section 8.7).
fn is_refused_stream(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<h2::Error>());
    cause.is_some_and(|cause| cause.reason() == Some(h2::Reason::REFUSED_STREAM))
}

/// Whether a failed connect may succeed when tried again: certificates do not change within a second.
fn may_pass(error: &ForwardError) -> bool {
    match error {
        ForwardError::Connect { why: ConnectFailure::Tls(why), .. } => *why == TlsFailure::Handshake,
        ForwardError::Connect { .. } | ForwardError::ConnectTimeout { .. } | ForwardError::Reset { .. } => {
            true
        }
        _ => false,
    }
}
