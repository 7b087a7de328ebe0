//! The image of a database from before it was opened: sled repairs what it opens, so a damaged one is put back.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A copy of the database's files, taken before sled saw them. Dropped, it is forgotten.
pub(super) struct Image {
    /// The folder of the database.
    state: PathBuf,
    /// The folder of the copy.
    copy: PathBuf,
}

impl Image {
    /// Copies the files; `None` where there is no room for it.
    pub(super) fn take(state: &Path) -> Option<Image> {
        let image = Image { state: state.to_owned(), copy: copy(state) };
        match image.fill() {
            Ok(()) => Some(image),
            Err(error) => {
                tracing::warn!(%error, path = %state.display(), "the store is opened without a copy of it");
                None
            }
        }
    }

    fn fill(&self) -> io::Result<()> {
        remove(&self.copy)?;
        copy_folder(&self.state, &self.copy)
    }

    /// Puts the files back as they were. A kill in the middle of it leaves what [`finish_restoring`] goes on from.
    pub(super) fn restore(self) {
        let opened = opened(&self.state);
        let restored = remove(&opened)
            .and_then(|()| fs::rename(&self.state, &opened))
            .and_then(|()| fs::rename(&self.copy, &self.state))
            .and_then(|()| remove(&opened));
        if let Err(error) = restored {
            tracing::error!(%error, copy = %self.copy.display(), "a damaged store could not be put back as it was");
            // The copy is all that is left of it.
            std::mem::forget(self);
        }
    }
}

/// Ends what a kill interrupted: the files that sled had opened are moved away before the copy takes their place.
pub(super) fn finish_restoring(state: &Path) -> io::Result<()> {
    let opened = opened(state);
    if opened.exists() && !state.exists() {
        fs::rename(copy(state), state)?;
    }
    remove(&opened)
}

/// Where the copy of a database lies.
fn copy(state: &Path) -> PathBuf {
    state.with_extension("before")
}

/// Where its files lie that sled had opened, while the copy takes their place.
fn opened(state: &Path) -> PathBuf {
    state.with_extension("opened")
}

impl Drop for Image {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.copy) {
            tracing::warn!(%error, path = %self.copy.display(), "the copy of a store could not be removed");
        }
    }
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    super::folder::make_state(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
