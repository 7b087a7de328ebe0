//! Reads logs: finds the lines of each exchange wherever they stand, and tells them in the order of the requests.
//!
//! Two passes over texts that can be read anywhere. The first looks at every line once and keeps 24 bytes for each exchange
//! and, of lines without another side so far, 150 bytes each at most; the second reads the lines where they stand. Neither
//! holds a conversation longer than it takes to work on it. Beside the index, a thread (there are 8 at most) holds a part
//! of half a MiB and what becomes of it, or the longest line if that is longer. As openai-forward joins lines, every uid is
//! kept to the end: about 50 bytes an exchange more.

mod batch;
mod exchange;
mod index;
mod join;
mod lanes;
mod line;
mod live;
mod reading;
mod report;
mod scan;
mod texts;

pub(crate) use line::Uid;
pub(crate) use live::Heard;
pub use live::{Live, MOST_WAITING, MOST_WAITING_BYTES};
pub use reading::{Line, Lines, Pair, Reading, Render};
pub use report::{Location, MOST_FAULTS, Malformed, Report, Unreadable};
pub use scan::LONGEST_LINE;

use crate::source::SourceError;
use std::{io, path::PathBuf};

/// How lines are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// As openai-forward's converter does it: only Python literals; of lines with the same uid the last one counts;
    /// a line that cannot be read, a blank one or a byte order mark is an error.
    pub compat: bool,
    /// Which exchanges are wanted.
    pub kinds: Kinds,
}

/// Which exchanges are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kinds {
    /// Chat completions; lines of requests for anything else are counted, and so are their answers.
    #[default]
    Chat,
    /// All.
    All,
}

/// Hears how far reading is, and says when it shall end. Called by several threads.
pub trait Progress: Sync {
    /// So many bytes more are to be read.
    fn expect(&self, bytes: u64);
    /// So many bytes more were read.
    fn add(&self, bytes: u64);
    /// Whether to end.
    fn stopped(&self) -> bool;
}

/// Nobody hears, and nothing ends.
impl Progress for () {
    fn expect(&self, _: u64) {}

    fn add(&self, _: u64) {}

    fn stopped(&self) -> bool {
        false
    }
}

/// Why reading ended.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Something cannot be opened or put by.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line that openai-forward's converter fails at.
    #[error("{0}")]
    Malformed(Malformed),
    /// The system has no thread left.
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
    /// It was asked to.
    #[error("interrupted")]
    Stopped,
}

#[cfg(test)]
mod tests;
