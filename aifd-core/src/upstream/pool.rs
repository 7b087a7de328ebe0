//! Connections to upstreams, kept open for the next request; one pool a worker, so that its locks are never fought for.

use super::{
    body::CallBody,
    stream::{Stream, Watched},
};
use crate::{clock, tasks};
use http::{Request, Response};
use hyper::{
    body::Incoming,
    client::conn::{TrySendError, http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use parking_lot::Mutex;
use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// Idle connections kept for one upstream and worker; more are closed.
const MAX_IDLE: usize = 1024;

/// Requests under way on one HTTP/2 connection at most; further ones open another. Servers allow 100 or more.
const MAX_STREAMS: usize = 100;

/// Bytes of one HTTP/2 answer that may be on their way; the connection takes as many for each of its streams, so that
/// callers who do not read hold up nobody else.
const STREAM_WINDOW: u32 = 256 * 1024;

/// Bytes of an answer that are held at most; a longer head is no valid answer.
const MAX_ANSWER_HEAD: usize = 256 * 1024;

/// A connection that takes a request.
pub(crate) enum Sender {
    /// The second part tells whether anything was heard on the connection since the last request was sent.
    Http1(http1::SendRequest<CallBody>, Arc<AtomicBool>),
    /// The second part counts the requests under way on the connection by its owners.
    Http2(http2::SendRequest<CallBody>, Arc<()>),
}

impl Sender {
    /// Speaks HTTP over a new connection.
    pub(crate) async fn handshake(stream: Stream) -> hyper::Result<Self> {
        if stream.is_http2() {
            let (sender, connection) = http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .initial_stream_window_size(STREAM_WINDOW)
                .initial_connection_window_size(STREAM_WINDOW * MAX_STREAMS as u32)
                .keep_alive_interval(Some(Duration::from_secs(30)))
                .handshake(TokioIo::new(stream))
                .await?;
            tasks::spawn(connection);
            return Ok(Sender::Http2(sender, Arc::default()));
        }
        let heard: Arc<AtomicBool> = Arc::default();
        let watched = Watched { stream, heard: heard.clone() };
        let (sender, connection) =
            http1::Builder::new().max_buf_size(MAX_ANSWER_HEAD).handshake(TokioIo::new(watched)).await?;
        // An end of the connection reaches its requests; there is nobody else to tell.
        tasks::spawn(connection);
        Ok(Sender::Http1(sender, heard))
    }

    pub(crate) fn is_http2(&self) -> bool {
        matches!(self, Sender::Http2(..))
    }

    /// Whether the upstream may have begun to answer the last request; HTTP/2 tells it in its errors instead.
    pub(crate) fn heard(&self) -> bool {
        match self {
            Sender::Http1(_, heard) => heard.load(Relaxed),
            Sender::Http2(..) => true,
        }
    }

    /// Sends a request; an error gives the request back if nothing of it was sent.
    pub(crate) async fn send(
        &mut self,
        request: Request<CallBody>,
    ) -> Result<Response<Incoming>, TrySendError<Request<CallBody>>> {
        match self {
            Sender::Http1(sender, heard) => {
                heard.store(false, Relaxed);
                sender.try_send_request(request).await
            }
            Sender::Http2(sender, _) => sender.try_send_request(request).await,
        }
    }
}

struct Idle {
    sender: http1::SendRequest<CallBody>,
    heard: Arc<AtomicBool>,
    since: Instant,
}

/// The open connections to one upstream.
#[derive(Default)]
pub(crate) struct Pool {
    idle: Mutex<Vec<Idle>>,
    /// HTTP/2 connections, each of which carries up to [`MAX_STREAMS`] requests at once.
    shared: Mutex<Vec<(http2::SendRequest<CallBody>, Arc<()>)>>,
}

impl Pool {
    /// A connection that was used before and takes a request now.
    pub(crate) fn take(&self) -> Option<Sender> {
        let shared = self.shared.lock();
        let free = |(sender, load): &&(http2::SendRequest<CallBody>, Arc<()>)| {
            !sender.is_closed() && Arc::strong_count(load) <= MAX_STREAMS
        };
        if let Some((sender, load)) = shared.iter().find(free) {
            return Some(Sender::Http2(sender.clone(), load.clone()));
        }
        drop(shared);
        let mut idle = self.idle.lock();
        for at in (0..idle.len()).rev() {
            // One that is neither closed nor ready is still finishing its last exchange.
            if idle[at].sender.is_closed() {
                idle.swap_remove(at);
            } else if idle[at].sender.is_ready() {
                let Idle { sender, heard, .. } = idle.remove(at);
                return Some(Sender::Http1(sender, heard));
            }
        }
        None
    }

    /// Keeps a connection whose answer has ended.
    pub(crate) fn keep(&self, sender: Sender) {
        match sender {
            Sender::Http1(sender, heard) if !sender.is_closed() => {
                let mut idle = self.idle.lock();
                if idle.len() < MAX_IDLE {
                    idle.push(Idle { sender, heard, since: clock::now() });
                }
            }
            Sender::Http1(..) | Sender::Http2(..) => {}
        }
    }

    /// Lets further requests use a new HTTP/2 connection.
    pub(crate) fn share(&self, sender: &Sender) {
        if let Sender::Http2(sender, load) = sender {
            self.shared.lock().push((sender.clone(), load.clone()));
        }
    }

    fn sweep(&self, timeout: Duration) {
        let now = clock::now();
        self.idle.lock().retain(|idle| !idle.sender.is_closed() && now.duration_since(idle.since) < timeout);
        self.shared.lock().retain(|(sender, _)| !sender.is_closed());
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
