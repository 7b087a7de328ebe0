//! A worker: one thread, one event loop, its own connections to the upstreams.

use super::{connection, local, socket::Socket};
use crate::{gateway::Gateway, tasks, upstream::Upstream};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread::JoinHandle,
};
use tokio::{
    net::{TcpStream, UnixStream},
    sync::{Notify, mpsc, watch},
};
use tokio_rustls::TlsAcceptor;

/// Accepted connections that may wait for one worker to take them.
const MAX_WAITING: usize = 1024;

/// How far the server is on its way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Connections are accepted and served.
    Serving,
    /// None is accepted; running requests finish.
    Draining,
    /// All is cut.
    Cut,
}

/// Counts open connections; tells when there is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Open(Arc<(AtomicUsize, Notify)>);

impl Open {
    /// Counts one more until the guard is dropped.
    pub(crate) fn hold(&self) -> OpenGuard {
        self.0.0.fetch_add(1, Relaxed);
        OpenGuard(self.clone())
    }

    fn count(&self) -> usize {
        self.0.0.load(Relaxed)
    }

    /// Waits until none is open.
    pub(crate) async fn none(&self) {
        loop {
            let changed = self.0.1.notified();
            if self.count() == 0 {
                return;
            }
            changed.await;
        }
    }
}

/// One open connection.
#[derive(Debug)]
pub(crate) struct OpenGuard(Open);

impl Drop for OpenGuard {
    fn drop(&mut self) {
        if self.0.0.0.fetch_sub(1, Relaxed) == 1 {
            self.0.0.1.notify_waiters();
        }
    }
}

/// A connection on its way from the acceptor to a worker.
pub(crate) struct Accepted {
    pub(crate) socket: AcceptedSocket,
    pub(crate) open: [OpenGuard; 2],
}

/// A socket that no event loop watches yet.
pub(crate) enum AcceptedSocket {
    Tcp(std::net::TcpStream),
    Unix(std::os::unix::net::UnixStream),
}

impl AcceptedSocket {
    fn register(self) -> io::Result<Socket> {
        match self {
            AcceptedSocket::Tcp(socket) => Ok(Socket::Tcp(TcpStream::from_std(socket)?)),
            AcceptedSocket::Unix(socket) => Ok(Socket::Unix(UnixStream::from_std(socket)?)),
        }
    }
}

/// What the requests of one worker share.
pub(crate) struct Worker {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) upstream: Upstream,
    pub(crate) local: axum::Router,
    pub(crate) phase: watch::Receiver<Phase>,
    /// Of all workers.
    pub(crate) open: Open,
}

/// The acceptor's side of a worker.
pub(crate) struct WorkerHandle {
    queue: mpsc::Sender<Accepted>,
    open: Open,
}

impl WorkerHandle {
    /// Starts a worker's thread.
    ///
    /// # Errors
    /// The system has no thread or no event loop left.
    pub(crate) fn start(
        number: usize,
        gateway: &Arc<Gateway>,
        tls: Option<TlsAcceptor>,
        phase: watch::Receiver<Phase>,
        open: Open,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (queue, arriving) = mpsc::channel(MAX_WAITING);
        let upstream =
            Upstream::new(gateway.upstream.clone(), gateway.origins.clone(), gateway.client_tls.clone());
        let worker = Arc::new(Worker {
            gateway: gateway.clone(),
            upstream,
            local: local::router(gateway.clone()),
            phase,
            open,
        });
        let thread = tasks::thread(format!("aifd-worker-{number}"), move || {
            runtime.block_on(run(worker, arriving, tls));
        })?;
        Ok((WorkerHandle { queue, open: Open::default() }, thread))
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.open.count()
    }

    /// Hands a connection over; one that the worker cannot take is closed.
    pub(crate) async fn take(&self, socket: AcceptedSocket, open: OpenGuard) {
        let accepted = Accepted { socket, open: [open, self.open.hold()] };
        // It fails only when the worker has ended, and then so has the server.
        let _ = self.queue.send(accepted).await;
    }
}

async fn run(worker: Arc<Worker>, mut arriving: mpsc::Receiver<Accepted>, tls: Option<TlsAcceptor>) {
    worker.upstream.start_sweep();
    let mut phase = worker.phase.clone();
    loop {
        tokio::select! {
            _ = phase.wait_for(|phase| *phase == Phase::Cut) => return,
            Some(accepted) = arriving.recv() => start(&worker, accepted, tls.clone()),
        }
    }
}

fn start(worker: &Arc<Worker>, accepted: Accepted, tls: Option<TlsAcceptor>) {
    let Accepted { socket, open } = accepted;
    match socket.register() {
        Ok(socket) => {
            let worker = worker.clone();
            tasks::spawn(async move {
                connection::serve(worker, socket, tls).await;
                drop(open);
            });
        }
        Err(error) => tracing::warn!(%error, "an accepted connection could not be watched, and was closed"),
    }
}
