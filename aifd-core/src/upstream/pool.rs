//! Connections to upstreams, kept open for the next request; one pool a worker, so that its locks are never fought for.

use super::{body::CallBody, stream::Stream};
use crate::{clock, tasks};
use http::{Request, Response};
use hyper::{
    body::Incoming,
    client::conn::{TrySendError, http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use parking_lot::Mutex;
use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

/// Idle connections kept for one upstream and worker; more are closed.
const MAX_IDLE: usize = 1024;

/// Bytes of an answer's head at most; more is no valid answer.
const MAX_ANSWER_HEAD: usize = 256 * 1024;

/// A connection that takes a request.
pub(crate) enum Sender {
    Http1(http1::SendRequest<CallBody>),
    Http2(http2::SendRequest<CallBody>),
}

impl Sender {
    /// Speaks HTTP over a new connection.
    pub(crate) async fn handshake(stream: Stream) -> hyper::Result<Self> {
        if stream.is_http2() {
            let (sender, connection) = http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .adaptive_window(true)
                .keep_alive_interval(Some(Duration::from_secs(30)))
                .handshake(TokioIo::new(stream))
                .await?;
            tasks::spawn(connection);
            return Ok(Sender::Http2(sender));
        }
        let (sender, connection) =
            http1::Builder::new().max_header_size(MAX_ANSWER_HEAD).handshake(TokioIo::new(stream)).await?;
        // An end of the connection reaches its requests; there is nobody else to tell.
        tasks::spawn(connection);
        Ok(Sender::Http1(sender))
    }

    pub(crate) fn is_http2(&self) -> bool {
        matches!(self, Sender::Http2(_))
    }

    /// Sends a request; an error gives the request back if nothing of it was sent.
    pub(crate) async fn send(
        &mut self,
        request: Request<CallBody>,
    ) -> Result<Response<Incoming>, TrySendError<Request<CallBody>>> {
        match self {
            Sender::Http1(sender) => sender.try_send_request(request).await,
            Sender::Http2(sender) => sender.try_send_request(request).await,
        }
    }
}

struct Idle {
    sender: http1::SendRequest<CallBody>,
    since: Instant,
}

/// The open connections to one upstream.
#[derive(Default)]
pub(crate) struct Pool {
    idle: Mutex<Vec<Idle>>,
    /// HTTP/2 carries all requests over one connection.
    shared: Mutex<Option<http2::SendRequest<CallBody>>>,
}

impl Pool {
    /// A connection that was used before and takes a request now.
    pub(crate) fn take(&self) -> Option<Sender> {
        if let Some(sender) = &*self.shared.lock()
            && !sender.is_closed()
        {
            return Some(Sender::Http2(sender.clone()));
        }
        let mut idle = self.idle.lock();
        for at in (0..idle.len()).rev() {
            // One that is neither closed nor ready is still finishing its last exchange.
            if idle[at].sender.is_closed() {
                idle.swap_remove(at);
            } else if idle[at].sender.is_ready() {
                return Some(Sender::Http1(idle.remove(at).sender));
            }
        }
        None
    }

    /// Keeps a connection whose answer has ended.
    pub(crate) fn keep(&self, sender: Sender) {
        match sender {
            Sender::Http1(sender) if !sender.is_closed() => {
                let mut idle = self.idle.lock();
                if idle.len() < MAX_IDLE {
                    idle.push(Idle { sender, since: clock::now() });
                }
            }
            Sender::Http1(_) | Sender::Http2(_) => {}
        }
    }

    /// Lets further requests use a new HTTP/2 connection.
    pub(crate) fn share(&self, sender: &Sender) {
        if let Sender::Http2(sender) = sender {
            *self.shared.lock() = Some(sender.clone());
        }
    }

    fn sweep(&self, timeout: Duration) {
        let now = clock::now();
        self.idle.lock().retain(|idle| !idle.sender.is_closed() && now.duration_since(idle.since) < timeout);
        let mut shared = self.shared.lock();
        if shared.as_ref().is_some_and(http2::SendRequest::is_closed) {
            *shared = None;
        }
    }
}

/// A connection in use, to be kept when its answer has ended well; dropped, it is closed.
pub(crate) struct Lease {
    pub(crate) sender: Sender,
    pub(crate) pool: Arc<Pool>,
}

impl Lease {
    /// The answer has ended: the connection may serve another request.
    pub(crate) fn keep(self) {
        self.pool.keep(self.sender);
    }
}

/// Closes connections that were idle for `timeout`, as long as the pools are there.
pub(crate) async fn sweep(pools: Vec<Weak<Pool>>, timeout: Duration) {
    let mut tick =
        tokio::time::interval((timeout / 4).clamp(Duration::from_millis(100), Duration::from_secs(15)));
    loop {
        tick.tick().await;
        for pool in &pools {
            match pool.upgrade() {
                Some(pool) => pool.sweep(timeout),
                None => return,
            }
        }
    }
}
