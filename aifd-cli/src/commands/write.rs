//! Writing a configuration file without losing one.

use crate::{report::Failure, ui::Ui};
use std::{
    fs::OpenOptions,
    io::{self, Write},
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

/// Writes a commented configuration.
pub(super) fn sample(path: &Path, existing: Existing, ui: &Ui) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    match existing {
        Existing::Keep => options.write(true).create_new(true),
        Existing::Replace => options.write(true).create(true).truncate(true),
    };
    let written =
        options.open(path).and_then(|mut file| file.write_all(aifd_core::config::sample().as_bytes()));
    match written {
        Ok(()) => ui.talk(format_args!("wrote {}", path.display())),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(Failure::Exists(path.to_owned()));
        }
        Err(source) => return Err(Failure::Write { path: path.to_owned(), source }),
    }
    Ok(())
}
