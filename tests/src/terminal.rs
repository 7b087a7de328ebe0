//! A terminal that a command under test may write to.

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::{
    fs::{File, OpenOptions},
    os::unix::ffi::OsStrExt,
    path::Path,
};

/// Both sides of a pseudo-terminal.
pub struct Terminal {
    /// What is written to it is read here, until the last handle of the other side is closed.
    pub screen: File,
    /// For the command.
    pub side: File,
}

impl Terminal {
    /// A new one.
    ///
    /// # Panics
    /// When the system has none.
    pub fn open() -> Self {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&screen).and_then(|()| unlockpt(&screen)).expect("a terminal that can be opened");
        let name = ptsname(&screen, Vec::new()).expect("the name of the terminal");
        let path = Path::new(std::ffi::OsStr::from_bytes(name.to_bytes()));
        let side = OpenOptions::new().read(true).write(true).open(path).expect("the terminal's other side");
        Terminal { screen: screen.into(), side }
    }
}
