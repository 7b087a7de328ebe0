//! The lock of a data folder: only who has it opens the database, copies its files or puts them back.
//!
//! sled's own lock is taken too late for that, and is lost where files are put back.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// The file in the data folder that is locked. It stays when the lock is gone.
pub(super) const NAME: &str = "lock";

/// The lock, held until this is dropped or the process ends.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a data folder; `None` where somebody has it.
    ///
    /// # Errors
    /// The file cannot be made or locked.
    pub(super) fn take(data_dir: &Path) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        let file =
            options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path(data_dir))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// The file that is locked.
pub(super) fn path(data_dir: &Path) -> PathBuf {
    data_dir.join(NAME)
}
