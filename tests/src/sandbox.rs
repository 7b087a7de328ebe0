//! A temporary directory that the binary runs in, with nothing of the user's around it.

use crate::{Aifd, Gateway};
use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A working directory of its own, removed at the end.
#[derive(Debug)]
pub struct Sandbox {
    directory: TempDir,
}

impl Default for Sandbox {
    fn default() -> Self {
        Sandbox { directory: tempfile::Builder::new().prefix("aifd-test-").tempdir().expect("a directory") }
    }
}

impl Sandbox {
    /// An empty directory.
    pub fn new() -> Self {
        Sandbox::default()
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The path of a file in it.
    pub fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file into it.
    pub fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.file(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the file's folder");
        fs::write(&path, content).expect("the file");
        path
    }

    /// A command line of the binary under test, to be run in here.
    pub fn aifd<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Aifd {
        Aifd::new(self.path(), arguments)
    }

    /// Starts `aifd run` on a free port of the loopback with `aifd.yaml`, if that was written.
    pub async fn serve(self) -> Gateway {
        self.serve_with(|command| command).await
    }

    /// The same, with more arguments or variables.
    pub async fn serve_with(self, add: impl FnOnce(Aifd) -> Aifd) -> Gateway {
        let command = self.aifd(["run", "--host", "127.0.0.1", "--port", "0"]).env("AIFD_LOG_FORMAT", "json");
        let command = add(command);
        Gateway::start(self, &command).await
    }
}
