//! Writing a file without losing one.

use crate::{report::Failure, ui::Ui};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// What happens to a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existing {
    /// It stays, and that is a failure.
    Keep,
    /// It is replaced.
    Replace,
}

impl From<bool> for Existing {
    /// `--force`.
    fn from(force: bool) -> Self {
        if force { Existing::Replace } else { Existing::Keep }
    }
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Readers {
    /// Whoever the system's mask lets.
    Usual,
    /// Its owner.
    Owner,
}

/// Writes a commented configuration.
pub(super) fn sample(path: &Path, existing: Existing, ui: &Ui) -> Result<(), Failure> {
    write(path, existing, Readers::Usual, &aifd_core::config::sample())?;
    ui.talk(format_args!("wrote {}", path.display()));
    Ok(())
}

/// Writes what only its owner shall read.
pub(super) fn private(path: &Path, existing: Existing, text: &str) -> Result<(), Failure> {
    write(path, existing, Readers::Owner, text)
}

fn write(path: &Path, existing: Existing, readers: Readers, text: &str) -> Result<(), Failure> {
    let written = match existing {
        Existing::Keep => new_file(path, readers, text),
        Existing::Replace => replace(path, readers, text),
    };
    match written {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(Failure::Exists(path.to_owned())),
        Err(source) => Err(Failure::Write { path: path.to_owned(), source }),
    }
}

fn new_file(path: &Path, readers: Readers, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    if readers == Readers::Owner {
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Puts a whole file in the place of another, which stays until then; what is no file, such as a pipe, is written to.
fn replace(path: &Path, readers: Readers, text: &str) -> io::Result<()> {
    let before = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return new_file(path, readers, text),
        before => before?,
    };
    if !before.is_file() {
        return OpenOptions::new().write(true).open(path)?.write_all(text.as_bytes());
    }
    let target = fs::canonicalize(path)?;
    let mut beside = target.clone().into_os_string();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let written = new_file(&beside, readers, text).and_then(|()| {
        if readers == Readers::Usual {
            fs::set_permissions(&beside, before.permissions())?;
        }
        fs::rename(&beside, &target)
    });
    match written {
        // Somebody else's, or left by a kill: not ours to remove.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(io::Error::other(format!("{} is in the way", beside.display())))
        }
        Err(error) => {
            drop(fs::remove_file(&beside));
            Err(error)
        }
        Ok(()) => Ok(()),
    }
}
