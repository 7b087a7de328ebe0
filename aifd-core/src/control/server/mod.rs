//! The control socket of a running server: HTTP on a thread of its own, so that no worker waits for administration.

mod exchange;

use super::{Administration, socket::ControlSocket};
use crate::tasks;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{io, path::PathBuf, sync::Arc, thread::JoinHandle, time::Duration};
use tokio::{
    net::{UnixListener, UnixStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::timeout,
};

/// Connections at once; further ones wait to be accepted.
const MAX_CONNECTIONS: usize = 16;

/// How long a request's head may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// How long one connection may last.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(120);

/// How long requests that were made may take once the server stops.
const STOP_GRACE: Duration = Duration::from_secs(1);

/// The wait after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Why there is no control socket.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on the control socket {}: {why}", .path.display())]
pub struct ControlStartError {
    /// The socket's path.
    pub path: PathBuf,
    /// What the system said.
    pub why: io::Error,
}

/// The running control socket. Dropped, it ends and the socket is removed.
pub(crate) struct ControlServer {
    socket: ControlSocket,
    running: Option<(watch::Sender<bool>, JoinHandle<()>)>,
}

impl ControlServer {
    /// Removes a stale socket, binds, and starts the thread. `None` without a store: only its lock says that a socket
    /// is nobody's.
    ///
    /// # Errors
    /// The socket cannot be bound, or the system has no thread left.
    pub(crate) fn start(on: &Arc<Administration>) -> Result<Option<Self>, ControlStartError> {
        let Some(store) = &on.store else { return Ok(None) };
        let socket = ControlSocket::of(store.folder().path());
        let failed = |why| ControlStartError { path: socket.path(), why };
        let listener = socket.bind().map_err(failed)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (stop, stopped) = watch::channel(false);
        let on = on.clone();
        let thread = tasks::thread("aifd-control", move || runtime.block_on(serve(listener, on, stopped)));
        let thread = thread.map_err(failed)?;
        Ok(Some(ControlServer { socket, running: Some((stop, thread)) }))
    }
}

impl Drop for ControlServer {
    fn drop(&mut self) {
        let Some((stop, thread)) = self.running.take() else { return };
        // A command that asks from now on finds no socket, and waits for the store.
        if let Err(error) = self.socket.remove() {
            tracing::warn!(%error, path = %self.socket.path().display(), "the control socket could not be removed");
        }
        let _ = stop.send(true);
        if thread.join().is_err() {
            tracing::error!("the thread of the control socket had panicked");
        }
    }
}

async fn serve(
    listener: std::os::unix::net::UnixListener,
    on: Arc<Administration>,
    mut stopped: watch::Receiver<bool>,
) {
    let listener = match UnixListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "the control socket could not be watched"),
    };
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = stop(&mut stopped) => break,
        };
        let Some((stream, place)) = accepted else { continue };
        tasks::spawn(converse(stream, on.clone(), stopped.clone(), place));
    }
    answer_the_waiting(listener, &on, &stopped, &places);
    // All places are free when the last connection has ended; a connection ends by itself within the grace.
    let _ = timeout(2 * STOP_GRACE, places.acquire_many(MAX_CONNECTIONS as u32)).await;
}

/// Whoever connected before the socket was removed cannot know that nobody would answer, and is answered.
fn answer_the_waiting(
    listener: UnixListener,
    on: &Arc<Administration>,
    stopped: &watch::Receiver<bool>,
    places: &Arc<Semaphore>,
) {
    let Ok(listener) = listener.into_std() else { return };
    while let Ok(place) = places.clone().try_acquire_owned()
        && let Ok((stream, _)) = listener.accept()
        && stream.set_nonblocking(true).is_ok()
        && let Ok(stream) = UnixStream::from_std(stream)
    {
        tasks::spawn(converse(stream, on.clone(), stopped.clone(), place));
    }
}

async fn stop(stopped: &mut watch::Receiver<bool>) {
    // Also when the server is gone.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn accept(
    listener: &UnixListener,
    places: &Arc<Semaphore>,
) -> Option<(UnixStream, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(error) => {
            tracing::warn!(%error, "a control connection could not be accepted; trying again");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn converse(
    stream: UnixStream,
    on: Arc<Administration>,
    mut stopped: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
) {
    let service = hyper::service::service_fn(move |request| exchange::answer(on.clone(), request));
    let mut connection = std::pin::pin!(
        hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            // One request each: so a connection ends by itself, and none has to be broken off before it was asked.
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), service)
    );
    let ended = tokio::select! {
        ended = timeout(CONNECTION_TIMEOUT, connection.as_mut()) => ended,
        () = stop(&mut stopped) => timeout(STOP_GRACE, connection).await,
    };
    if let Ok(Err(error)) = ended {
        tracing::debug!(%error, "a control connection broke off");
    }
}
