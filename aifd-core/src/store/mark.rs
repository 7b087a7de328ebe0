//! The mark beside the database: the number of the last change to keys that is on disk.
//!
//! sled takes what follows a flaw in its log for a write that was torn by a crash, and goes on with what was before.
//! That a change is missing which had been told as done shows only from outside of it.

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

const NAME: &str = "change";

/// The number of a database that is being made: its first change is 1.
pub(super) const BEGUN: u64 = 0;

/// Says that a database is being made here, unless somebody said so already.
pub(super) fn begin(state: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(state.join(NAME)) {
        // On disk before anything else is: without it, what is there is nobody's.
        Ok(mut file) => {
            file.write_all(line(BEGUN).as_bytes())?;
            file.sync_all()?;
            fs::File::open(state)?.sync_all()
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

pub(super) fn exists(state: &Path) -> bool {
    state.join(NAME).exists()
}

/// The last change. A file that was made and not yet written is that of a database that is being made.
pub(super) fn read(state: &Path) -> io::Result<u64> {
    let text = fs::read_to_string(state.join(NAME))?;
    match text.trim() {
        "" => Ok(BEGUN),
        number => number.parse().map_err(|_| io::Error::new(ErrorKind::InvalidData, "the mark is no number")),
    }
}

pub(super) fn write(state: &Path, change: u64) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(state.join(NAME))?;
    file.write_all(line(change).as_bytes())
}

/// Always as long, and in one write, so that a reader never sees half of it.
fn line(change: u64) -> String {
    format!("{change:020}\n")
}
