//! The mark beside the database: the number of the last change to keys that is on disk.
//!
//! sled takes what follows a flaw in its log for a write that was torn by a crash, and goes on with what was before.
//! That a change is missing which had been told as done shows only from outside of it.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

const NAME: &str = "change";

/// The last change; `None` where there never was one.
pub(super) fn read(state: &Path) -> io::Result<Option<u64>> {
    match fs::read_to_string(state.join(NAME)) {
        Ok(text) => {
            let number = text.trim().parse();
            number.map(Some).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the mark is no number"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Twenty digits in one write, so that a reader never sees half of it.
pub(super) fn write(state: &Path, change: u64) -> io::Result<()> {
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(state.join(NAME))?;
    file.write_all(format!("{change:020}\n").as_bytes())
}
