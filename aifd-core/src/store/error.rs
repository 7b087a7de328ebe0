//! What can be wrong with a store, and what its owner can do.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// Why a store cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Its folder cannot be made or used.
    #[error("the folder {} cannot be used: {why}", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// Another process has it open.
    #[error("the store {} is in use by another process{}", .path.display(), Pid(*.pid))]
    Held {
        /// The folder of the database.
        path: PathBuf,
        /// That process, where the system tells.
        pid: Option<u32>,
    },
    /// A later version of aifd wrote it.
    #[error("the store {} has version {version}; this aifd knows version {known}", .path.display())]
    Newer {
        /// The folder of the database.
        path: PathBuf,
        /// Its version.
        version: u64,
        /// The version that is known here.
        known: u32,
    },
    /// What it holds is not what was written.
    #[error("the store {} (version {known}) is damaged: {why}; nothing in it was changed", .path.display())]
    Damaged {
        /// The folder of the database.
        path: PathBuf,
        /// The version that is known here.
        known: u32,
        /// What was found.
        why: Damage,
    },
    /// The system refused to read or write.
    #[error("the store {} cannot be read or written: {why}", .path.display())]
    Failed {
        /// The folder of the database.
        path: PathBuf,
        /// What the database said.
        why: String,
    },
}

/// How a store is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The database cannot be opened; its own words.
    #[error("{0}")]
    Database(String),
    /// Files that aifd did not write.
    #[error("its files are not those of a store")]
    Foreign,
    /// There was a store, and its database is empty.
    #[error("its database holds no version")]
    Empty,
    /// Keys that had been written are not there.
    #[error("keys that were written are missing (found change {found} of {written})")]
    Lost {
        /// The last change that was found.
        found: u64,
        /// The last change that was written.
        written: u64,
    },
    /// Another number of keys than was written.
    #[error("it holds {found} keys of {written}")]
    Count {
        /// Keys found.
        found: u64,
        /// Keys written.
        written: u64,
    },
    /// An entry is not what its place promises.
    #[error("the entry {entry:?} cannot be read: {why}")]
    Entry {
        /// Its key.
        entry: String,
        /// What is wrong with it.
        why: String,
    },
}

struct Pid(Option<u32>);

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |pid| write!(f, " (process {pid})"))
    }
}

impl StoreError {
    pub(super) fn damaged(path: &Path, why: Damage) -> Self {
        StoreError::Damaged { path: path.to_owned(), known: super::STORE_VERSION, why }
    }

    pub(super) fn failed(path: &Path, error: sled::Error) -> Self {
        match error {
            // Its own words tell of a place as code prints it, and of a trace that there is not.
            sled::Error::Corruption { .. } => {
                StoreError::damaged(path, Damage::Database("what it holds is corrupted".to_owned()))
            }
            sled::Error::ReportableBug(_) => StoreError::damaged(path, Damage::Database(error.to_string())),
            error => StoreError::Failed { path: path.to_owned(), why: error.to_string() },
        }
    }

    /// The folder at fault.
    pub fn path(&self) -> &Path {
        match self {
            StoreError::Folder { path, .. }
            | StoreError::Held { path, .. }
            | StoreError::Newer { path, .. }
            | StoreError::Damaged { path, .. }
            | StoreError::Failed { path, .. } => path,
        }
    }

    /// What is wrong, without the folder's name.
    pub(crate) fn why(&self) -> String {
        match self {
            StoreError::Folder { why, .. } => why.to_string(),
            StoreError::Held { pid, .. } => format!("in use by another process{}", Pid(*pid)),
            StoreError::Newer { version, known, .. } => {
                format!("it has version {version}; this aifd knows version {known}")
            }
            StoreError::Damaged { why, .. } => format!("damaged: {why}"),
            StoreError::Failed { why, .. } => why.clone(),
        }
    }

    /// Whether the folder is one that this process may not write: no permission, or a read-only file system.
    pub fn is_unwritable(&self) -> bool {
        let StoreError::Folder { why, .. } = self else { return false };
        matches!(why.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
    }

    /// What the user can do.
    pub fn hint(&self) -> &'static str {
        match self {
            StoreError::Folder { .. } => {
                "choose a folder that can be written with --data-dir (AIFD_DATA_DIR)"
            }
            StoreError::Held { .. } => {
                "stop the other process (another `aifd run` or `aifd keys`), or choose another --data-dir"
            }
            StoreError::Newer { .. } => "use the aifd that wrote it, or choose another --data-dir",
            StoreError::Damaged { .. } => {
                "restore the folder from a backup; or move it away, start with an empty store, and import keys with \
                 `aifd keys import`"
            }
            StoreError::Failed { .. } => "check the disk: free space, rights, and the system's log",
        }
    }
}
