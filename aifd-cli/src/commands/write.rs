//! Writing a file without losing one.

use crate::{report::Failure, ui::Ui};
use std::{
    fs::{OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
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
    let mut options = OpenOptions::new();
    match existing {
        Existing::Keep => options.write(true).create_new(true),
        Existing::Replace => options.write(true).create(true).truncate(true),
    };
    if readers == Readers::Owner {
        options.mode(0o600);
    }
    let written = options.open(path).and_then(|mut file| {
        // A file that is replaced has kept its mode; what is no file has none that matters.
        if readers == Readers::Owner && file.metadata()?.is_file() {
            file.set_permissions(Permissions::from_mode(0o600))?;
        }
        file.write_all(text.as_bytes())
    });
    match written {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(Failure::Exists(path.to_owned())),
        Err(source) => Err(Failure::Write { path: path.to_owned(), source }),
    }
}
