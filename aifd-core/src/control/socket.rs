//! Where the control socket lies, and a path to it that the system takes however long the folder's is.

use std::{
    fs::{self, File},
    io,
    os::{
        fd::AsRawFd,
        unix::fs::{FileTypeExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

/// The socket's name in the data folder.
const NAME: &str = "control.sock";

/// Bytes that a socket's path may have on every system.
const MAX_PATH: usize = 100;

/// The header that says which form requests and answers have.
pub(super) const PROTOCOL_HEADER: &str = "x-aifd-protocol";

/// The header that says which version speaks.
pub(super) const VERSION_HEADER: &str = "x-aifd-version";

/// The one path that is served.
pub(super) const CONTROL_PATH: &str = "/v1/control";

/// Bytes of a request at most.
pub(super) const MAX_REQUEST: usize = 64 << 20;

/// This version.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The socket of a data folder.
#[derive(Debug)]
pub(super) struct ControlSocket {
    folder: PathBuf,
}

/// A path that the system takes for a socket. A long one leads through the open folder, as long as this lives.
pub(super) struct ShortPath {
    path: PathBuf,
    _folder: Option<File>,
}

impl ShortPath {
    pub(super) fn as_path(&self) -> &Path {
        &self.path
    }
}

impl ControlSocket {
    pub(super) fn of(data_dir: &Path) -> Self {
        ControlSocket { folder: data_dir.to_owned() }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// # Errors
    /// The folder is missing or cannot be opened.
    pub(super) fn short_path(&self) -> io::Result<ShortPath> {
        let path = self.path();
        if path.as_os_str().len() <= MAX_PATH {
            return Ok(ShortPath { path, _folder: None });
        }
        let folder = File::open(&self.folder)?;
        let path = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(NAME);
        Ok(ShortPath { path, _folder: Some(folder) })
    }

    /// Binds it for its owner alone. Only for who holds the store: a socket that is there is nobody's then.
    ///
    /// # Errors
    /// Something else has its name, or the system refused.
    pub(super) fn bind(&self) -> io::Result<std::os::unix::net::UnixListener> {
        self.remove()?;
        let listener = std::os::unix::net::UnixListener::bind(self.short_path()?.as_path())?;
        fs::set_permissions(self.path(), fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    }

    /// Removes the socket, and nothing but a socket.
    pub(super) fn remove(&self) -> io::Result<()> {
        match fs::symlink_metadata(self.path()) {
            Ok(found) if found.file_type().is_socket() => fs::remove_file(self.path()),
            Ok(_) => Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file that is no socket")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}
