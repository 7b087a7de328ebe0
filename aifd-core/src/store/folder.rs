//! The data folder: made for its owner alone, and found by a short path however long its own is.

use super::StoreError;
use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// What only the owner may do.
const OWNER_ONLY: u32 = 0o700;

/// What aifd itself puts into a data folder. A folder that holds anything else is shared, and keeps its mode.
const OURS: [&str; 6] = ["state", "state.before", "state.opened", super::lock::NAME, "control.sock", "cache"];

/// Set on folders that everybody writes to, such as `/tmp`.
const STICKY: u32 = 0o1000;

/// A data folder that exists.
#[derive(Clone, Debug)]
pub(crate) struct DataFolder(PathBuf);

impl DataFolder {
    /// Makes the folder where it is missing, and takes others' rights on it away where it is aifd's alone.
    ///
    /// # Errors
    /// It cannot be made, or is no folder.
    pub(crate) fn prepare(path: &Path) -> Result<Self, StoreError> {
        make_private(path).map_err(|why| StoreError::Folder { path: path.to_owned(), why })?;
        Ok(DataFolder(path.to_owned()))
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(OWNER_ONLY).create(path)?;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    if mode & STICKY != 0 || !ours_alone(path)? {
        tracing::warn!(path = %path.display(), "the data folder is shared with others, and keeps its mode");
        return Ok(());
    }
    tighten(path)
}

/// Makes the folder of the database where it is missing, for the owner alone in any case.
pub(super) fn make_state(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(OWNER_ONLY).create(path)?;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { tighten(path) }
}

fn tighten(path: &Path) -> io::Result<()> {
    match fs::set_permissions(path, fs::Permissions::from_mode(OWNER_ONLY)) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            tracing::warn!(path = %path.display(), "the folder is another user's, and keeps its mode");
            Ok(())
        }
        done => done,
    }
}

fn ours_alone(path: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(path)? {
        if !OURS.iter().any(|name| entry.as_ref().is_ok_and(|entry| entry.file_name() == *name)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Bytes of the files below a folder; what cannot be read counts nothing.
pub(super) fn bytes_below(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let bytes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => bytes_below(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    bytes.sum()
}
