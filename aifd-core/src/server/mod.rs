//! The server: binds, deals connections out to its workers, drains and stops.

pub(crate) mod connection;
mod framing;
mod listener;
pub(crate) mod local;
mod mock;
mod protocol;
mod proxy_protocol;
pub(crate) mod signals;
mod socket;
mod status;
mod tls;
pub(crate) mod websocket;
mod wire;
pub(crate) mod worker;

pub use listener::{Address, BindError};
pub use tls::ListenerTlsError;

use crate::{
    cache::Keeper,
    config::Config,
    control::{Administration, ControlServer, ControlStartError, Flusher},
    gateway::{Gateway, GatewayError},
    recorder::{Printer, RecorderError, RecorderThread},
    store::StoreError,
    tasks,
};
use listener::Listener;
use std::{io, sync::Arc, thread::JoinHandle, time::Duration};
use tokio::sync::watch;
use worker::{Open, Phase, WorkerHandle};

/// Why the server did not start; nothing of it is left running.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Certificate or key of the listener cannot be used.
    #[error(transparent)]
    Tls(#[from] ListenerTlsError),
    /// The configuration names something that cannot be used.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The control socket cannot be listened on.
    #[error(transparent)]
    Control(#[from] ControlStartError),
    /// The chat logs cannot be begun.
    #[error(transparent)]
    Recorder(#[from] RecorderError),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
    /// The system has no thread or no event loop left.
    #[error("cannot start a worker thread: {0}")]
    Thread(#[source] io::Error),
}

impl StartError {
    /// What the user can do.
    pub fn hint(&self) -> &'static str {
        match self {
            StartError::Bind(error) => error.hint(),
            StartError::Tls(_) => {
                "check ssl_certfile and ssl_keyfile: both must be PEM files that belong together"
            }
            StartError::Gateway(GatewayError::CaFile(_)) => {
                "check ca_file (or SSL_CERT_FILE): it must be a readable PEM file"
            }
            StartError::Gateway(GatewayError::Origin { .. }) => "check base_url of that route, and proxy",
            StartError::Store(error) => error.hint(),
            StartError::Control(_) => "check who may write into data_dir, or choose another with --data-dir",
            StartError::Recorder(RecorderError::Redact(_)) => "check the regular expressions of log.redact",
            StartError::Recorder(RecorderError::Thread(_)) => "raise the limit of threads (ulimit -u)",
            StartError::Random(_) => "check that /dev/urandom is there",
            StartError::Thread(_) => "lower workers, or raise the limit of threads (ulimit -u)",
        }
    }
}

/// How long a store that another process holds is waited for: one that is stopping lets it go soon.
const STORE_WAIT: Duration = Duration::from_secs(2);

/// A running server. Dropped, it is cut.
pub struct Server {
    address: Address,
    gateway: Arc<Gateway>,
    phase: watch::Sender<Phase>,
    open: Open,
    threads: Vec<JoinHandle<()>>,
    // Ended after the workers, in this order: what was logged is written, nobody asks any more, what was counted is
    // written, the store is let go.
    recorder: Option<RecorderThread>,
    keeper: Option<Keeper>,
    control: Option<ControlServer>,
    flusher: Option<Flusher>,
    _administration: Arc<Administration>,
}

impl Server {
    /// Binds, and starts to serve.
    ///
    /// # Errors
    /// Something that the configuration names cannot be used; nothing is left running then.
    pub fn start(config: &Config, printer: Option<Printer>) -> Result<Self, StartError> {
        let administration = Arc::new(administration(config)?);
        let (book, ledger) = (administration.book().clone(), administration.ledger().cloned());
        let gateway = Arc::new(Gateway::new(config, book, ledger)?);
        let tls = config.tls.as_ref().map(tls::acceptor).transpose()?;
        let listener = Listener::bind(&config.listen, tls.is_some())?;
        let address = listener.address().clone();
        let (phase, watched) = watch::channel(Phase::Serving);
        if let Some(cache) = &gateway.cache {
            administration.tell_cache(cache);
        }
        administration.tell_status(status::source(&gateway, config, &address));
        let recorder = gateway.recorder.as_ref();
        let recorder =
            recorder.map(|recorder| RecorderThread::start(recorder, config, printer)).transpose()?;
        let keeper = gateway.cache.as_ref().map(Keeper::start).transpose().map_err(StartError::Thread)?;
        let mut server = Server {
            address,
            gateway: gateway.clone(),
            phase,
            open: Open::default(),
            threads: Vec::new(),
            recorder,
            keeper,
            control: ControlServer::start(&administration)?,
            flusher: Some(Flusher::start(administration.clone()).map_err(StartError::Thread)?),
            _administration: administration,
        };
        let mut workers = Vec::new();
        for number in 0..config.workers.get() {
            let (worker, thread) =
                WorkerHandle::start(number, &gateway, tls.clone(), watched.clone(), server.open.clone())
                    .map_err(StartError::Thread)?;
            workers.push(worker);
            server.threads.push(thread);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(StartError::Thread)?;
        let open = server.open.clone();
        let acceptor = tasks::thread("aifd-acceptor", move || {
            runtime.block_on(listener.deal(workers, open, watched));
        });
        server.threads.push(acceptor.map_err(StartError::Thread)?);
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Requests under way.
    pub fn in_flight(&self) -> usize {
        self.gateway.in_flight.count()
    }

    /// Accepts no more connections; running requests finish, idle connections are closed.
    pub fn stop(&self) {
        self.gateway.stop_serving();
        self.advance(Phase::Draining);
    }

    /// Ends everything at once.
    pub fn cut(&self) {
        self.gateway.stop_serving();
        self.advance(Phase::Cut);
    }

    /// Opens the chat logs anew: somebody has moved them.
    pub fn reopen_logs(&self) {
        if let Some(recorder) = &self.gateway.recorder {
            recorder.reopen();
        }
    }

    /// Waits until no connection is open; call [`Server::stop`] first.
    pub async fn drained(&self) {
        self.open.none().await;
    }

    /// Cuts what is left and waits for the threads.
    pub fn join(mut self) {
        self.finish();
    }

    fn advance(&self, to: Phase) {
        self.phase.send_if_modified(|phase| {
            let forward = *phase != Phase::Cut && *phase != to;
            if forward {
                *phase = to;
            }
            forward
        });
    }

    fn finish(&mut self) {
        self.cut();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the server had panicked");
            }
        }
        drop(self.recorder.take());
        drop(self.keeper.take());
        drop(self.control.take());
        drop(self.flusher.take());
    }
}

/// Opens the store. Where the default folder cannot be made, as in a container or a service without a directory of its
/// own, the server runs without one.
fn administration(config: &Config) -> Result<Administration, StartError> {
    match Administration::open(config, STORE_WAIT) {
        Err(error) if error.is_unwritable() && !config.data_dir.named => {
            tracing::warn!(
                %error,
                "no store: keys cannot be made at run time and usage is not kept; set data_dir to a folder that can be written"
            );
            Administration::without_store(config).map_err(StartError::Random)
        }
        opened => Ok(opened?),
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.finish();
    }
}
