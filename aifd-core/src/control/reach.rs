//! How a command reaches what it administers: the running server, or the store itself where none runs.

use super::{
    Administration, ControlError, Request, Response, apply,
    client::{Client, Reached},
    socket::ControlSocket,
};
use crate::{clock, config::Config, store::StoreError};
use std::{io, path::PathBuf, time::Duration};

/// How long a store that somebody holds is waited for: a server that starts has no socket yet, one that stops has none
/// any more.
const HELD_WAIT: Duration = Duration::from_secs(5);

/// Between two attempts.
const STEP: Duration = Duration::from_millis(20);

/// A way to administer a gateway, running or not.
pub struct Admin {
    config: Config,
    way: Way,
}

enum Way {
    Live(Client),
    Offline(Box<Administration>),
}

/// Why nothing can be administered.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// No server runs, and the store cannot be opened; or another process holds it without a socket.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A server has the socket, and does not answer.
    #[error("a server listens on {} and does not answer{}", .path.display(), Pid(*.pid))]
    Silent {
        /// The socket.
        path: PathBuf,
        /// Its process, where the system tells.
        pid: Option<u32>,
    },
    /// The socket cannot be used.
    #[error("the control socket {} cannot be used: {why}", .path.display())]
    Socket {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
}

struct Pid(Option<u32>);

impl std::fmt::Display for Pid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |pid| write!(f, " (process {pid})"))
    }
}

impl ReachError {
    /// What the user can do.
    pub fn hint(&self) -> &'static str {
        match self {
            ReachError::Store(error) => error.hint(),
            ReachError::Silent { .. } => "wait for it, or stop that process and try again",
            ReachError::Socket { .. } => {
                "run this as the user that runs the server, or choose another --data-dir"
            }
        }
    }
}

impl Admin {
    /// Asks the server of the configured data folder or, where none runs, opens the store until this is dropped.
    /// Waits up to 5 s for a server that starts, stops or is slow to answer.
    ///
    /// # Errors
    /// Neither is possible.
    pub async fn reach(config: &Config) -> Result<Admin, ReachError> {
        Self::reach_within(config, HELD_WAIT).await
    }

    pub(super) async fn reach_within(config: &Config, wait: Duration) -> Result<Admin, ReachError> {
        let way = Way::reach(config, wait).await?;
        Ok(Admin { config: config.clone(), way })
    }

    /// Whether a running server answers.
    pub fn is_live(&self) -> bool {
        matches!(self.way, Way::Live(_))
    }

    /// Does what is asked. Changes are on disk when this returns, and in effect where a server runs.
    ///
    /// # Errors
    /// It could not be done; then nothing of it was. After [`ControlError::Unanswered`] it may have been.
    pub async fn ask(&self, request: Request) -> Result<Response, ControlError> {
        let since = clock::now();
        let mut anew: Option<Way> = None;
        loop {
            match anew.as_ref().unwrap_or(&self.way) {
                Way::Offline(opened) => return apply(opened, request),
                Way::Live(client) => {
                    if let Some(answered) = client.ask(&request).await {
                        return answered;
                    }
                }
            }
            // The server stopped after it was found: whoever has the store now is asked.
            let left = HELD_WAIT.saturating_sub(clock::now().duration_since(since));
            anew = Some(Way::reach(&self.config, left).await.map_err(|error| self.unanswered(&error))?);
        }
    }

    fn unanswered(&self, error: &ReachError) -> ControlError {
        ControlError::Unanswered {
            path: self.config.data_dir.path.display().to_string(),
            why: error.to_string(),
        }
    }
}

impl Way {
    async fn reach(config: &Config, wait: Duration) -> Result<Way, ReachError> {
        let data_dir = &config.data_dir.path;
        let socket = || ControlSocket::of(data_dir).path();
        let since = clock::now();
        let waits = || clock::now().duration_since(since) < wait;
        loop {
            match Client::find(data_dir).await {
                Ok(Reached::Server(client)) => return Ok(Way::Live(client)),
                Ok(Reached::Gone(_)) if waits() => {
                    tokio::time::sleep(STEP).await;
                    continue;
                }
                Ok(Reached::Silent(pid) | Reached::Gone(pid)) => {
                    return Err(ReachError::Silent { path: socket(), pid });
                }
                Ok(Reached::Nobody) => {}
                Err(why) => return Err(ReachError::Socket { path: socket(), why }),
            }
            match Administration::open(config, Duration::ZERO) {
                Ok(opened) => return Ok(Way::Offline(Box::new(opened))),
                Err(StoreError::Held { .. }) if waits() => tokio::time::sleep(STEP).await,
                Err(error) => return Err(error.into()),
            }
        }
    }
}
