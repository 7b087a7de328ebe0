//! The listening socket, and the acceptor that deals connections to the worker with the fewest open.

use super::worker::{AcceptedSocket, Open, Phase, WorkerHandle};
use crate::config::Listen;
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    fmt, fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    net::{TcpListener, UnixListener},
    sync::watch,
};

/// Connections that the system may hold before they are accepted; it may set a lower bound.
const BACKLOG: i32 = 8192;

/// The wait after the system had no file descriptor left for a connection.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// Where a server listens; shown as a URL, or `unix:` and a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// TCP.
    Tcp {
        /// Address and port.
        address: SocketAddr,
        /// Whether callers speak TLS.
        tls: bool,
    },
    /// A Unix socket.
    Unix(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Tcp { address, tls: false } => write!(f, "http://{address}"),
            Address::Tcp { address, tls: true } => write!(f, "https://{address}"),
            Address::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {why}")]
pub struct BindError {
    /// The address.
    pub address: Address,
    /// What the system said.
    pub why: io::Error,
}

impl BindError {
    pub(super) fn hint(&self) -> &'static str {
        match (self.why.kind(), &self.address) {
            (io::ErrorKind::AddrInUse, Address::Tcp { .. }) => {
                "another process listens there: stop it, or choose another port with --port (0 takes a free one)"
            }
            (io::ErrorKind::AddrInUse, Address::Unix(_)) => {
                "another process serves this socket, or the path is not a socket: stop it, or choose another path"
            }
            (io::ErrorKind::PermissionDenied, _) => {
                "ports below 1024 and others' folders need rights: choose another"
            }
            (io::ErrorKind::AddrNotAvailable, _) => "this machine has no such address: check --host",
            _ => "check host, port and listen",
        }
    }
}

enum Bound {
    Tcp(std::net::TcpListener),
    Unix(std::os::unix::net::UnixListener),
}

/// The listening socket. Dropped, a Unix socket's path is removed.
pub(super) struct Listener {
    bound: Bound,
    address: Address,
}

impl Listener {
    /// # Errors
    /// The address cannot be listened on.
    pub(super) fn bind(listen: &Listen, tls: bool) -> Result<Self, BindError> {
        match listen {
            Listen::Tcp { host, port } => {
                let wanted = SocketAddr::new(*host, *port);
                let failed = |why| BindError { address: Address::Tcp { address: wanted, tls }, why };
                let socket = tcp(wanted).map_err(failed)?;
                let address = socket.local_addr().map_err(failed)?;
                Ok(Listener { bound: Bound::Tcp(socket), address: Address::Tcp { address, tls } })
            }
            Listen::Unix(path) => {
                let address = Address::Unix(path.clone());
                let socket = unix(path).map_err(|why| BindError { address: address.clone(), why })?;
                Ok(Listener { bound: Bound::Unix(socket), address })
            }
        }
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Accepts connections and deals them out, until the server stops.
    pub(super) async fn deal(
        self,
        workers: Vec<WorkerHandle>,
        open: Open,
        mut phase: watch::Receiver<Phase>,
    ) {
        let accepting = match &self.bound {
            Bound::Tcp(socket) => socket.try_clone().and_then(TcpListener::from_std).map(Accepting::Tcp),
            Bound::Unix(socket) => socket.try_clone().and_then(UnixListener::from_std).map(Accepting::Unix),
        };
        let accepting = match accepting {
            Ok(accepting) => accepting,
            Err(error) => return tracing::error!(%error, "the listening socket could not be watched"),
        };
        loop {
            let accepted = tokio::select! {
                accepted = accepting.accept() => accepted,
                _ = phase.wait_for(|phase| *phase != Phase::Serving) => return,
            };
            match accepted {
                Ok(socket) => {
                    if let Some(worker) = workers.iter().min_by_key(|worker| worker.open_connections()) {
                        worker.take(socket, open.hold()).await;
                    }
                }
                Err(error) if gone(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted; trying again");
                    tokio::time::sleep(EXHAUSTED).await;
                }
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Address::Unix(path) = &self.address {
            // A path that is gone already is what is wanted.
            let _ = fs::remove_file(path);
        }
    }
}

enum Accepting {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Accepting {
    async fn accept(&self) -> io::Result<AcceptedSocket> {
        match self {
            Accepting::Tcp(listener) => {
                let (socket, _) = listener.accept().await?;
                socket.set_nodelay(true)?;
                Ok(AcceptedSocket::Tcp(socket.into_std()?))
            }
            Accepting::Unix(listener) => Ok(AcceptedSocket::Unix(listener.accept().await?.0.into_std()?)),
        }
    }
}

/// A caller that left before it was accepted.
fn gone(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, InvalidInput, NotConnected};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted | InvalidInput | NotConnected)
}

fn tcp(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() && address.ip().is_unspecified() {
        // `::` means every address, as it does for other servers.
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn unix(path: &Path) -> io::Result<std::os::unix::net::UnixListener> {
    use std::os::unix::fs::FileTypeExt;
    let is_socket = fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => return Err(io::ErrorKind::AddrInUse.into()),
        // A socket that nobody serves was left behind by a process that was killed; anything else is not ours.
        Err(error) if is_socket && error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path)?,
        Err(_) => {}
    }
    let socket = std::os::unix::net::UnixListener::bind(path)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}
