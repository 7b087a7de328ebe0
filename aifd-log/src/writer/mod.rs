//! Writing log files: whole lines only, rotated by size and day, packed in the background.

mod compressor;
mod log_file;
mod opened;
mod pack;
mod tidy;

pub use compressor::{Compressor, CompressorQueue, compressor};
pub use log_file::LogFile;
pub use tidy::{TidyEvent, TidyStep};

use std::{io, path::PathBuf};

/// What happened to a log file beside the writing itself, for who counts and tells it.
#[derive(Debug)]
pub enum WriteEvent {
    /// The file was full or its day over; a compressor may look at it.
    Rotated {
        /// The rotated file.
        to: PathBuf,
        /// Its length.
        bytes: u64,
    },
    /// The file could not be rotated: it goes on growing, and the next append tries again.
    NotRotated {
        /// Why.
        source: io::Error,
    },
    /// The file ended within a line, as a killed process leaves it, and now ends with the line before.
    TornLineCut {
        /// What was cut off.
        bytes: u64,
    },
    /// The file ended with a whole line but for its newline, which was added.
    LineEnded,
    /// The file that was written to is no longer found by its path. A new one is begun there, or the one that has
    /// taken its place is gone on with.
    Gone(Gone),
}

/// How a file got away from its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// Deleted, with the lines in it.
    Deleted,
    /// Renamed, as logrotate does.
    Moved,
}

/// Lines that could not be appended to a log file. What was written of them are whole lines.
#[derive(Debug, thiserror::Error)]
#[error("{}: {step}", path.display())]
pub struct WriteError {
    /// The log file.
    pub path: PathBuf,
    /// What failed.
    pub step: WriteStep,
    /// Lines of the batch that are in the file all the same: the first ones.
    pub lines_written: usize,
    /// Their bytes: what comes behind may be appended again.
    pub bytes_written: usize,
    /// Bytes of a broken line that had to stay, because even cutting them off failed; the next append cuts them.
    pub torn: usize,
    /// The system's reason.
    pub source: io::Error,
}

/// What failed of appending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum WriteStep {
    /// Making the folders above the file.
    #[error("its folder cannot be made")]
    Folder,
    /// Opening the file.
    #[error("it cannot be opened")]
    Open,
    /// Looking whether the path still leads to it.
    #[error("it cannot be looked at")]
    Look,
    /// Bringing its end in order.
    #[error("its last line cannot be repaired")]
    Repair,
    /// Writing.
    #[error("it cannot be written to")]
    Write,
}

/// A failed step.
struct Fault {
    step: WriteStep,
    torn: usize,
    source: io::Error,
}

impl WriteStep {
    /// For `map_err`.
    fn fault(self) -> impl Fn(io::Error) -> Fault {
        move |source| Fault { step: self, torn: 0, source }
    }
}

#[cfg(test)]
mod tests;
