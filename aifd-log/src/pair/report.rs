//! What was found in logs, and what could not be read.

use crate::literal::Fault;
use std::{fmt, path::PathBuf};

/// Lines that cannot be read and are told one by one; the others are counted.
pub const MOST_FAULTS: usize = 100;

/// A line of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u64,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where it is.
    pub location: Location,
    /// What is wrong.
    pub what: Unreadable,
}

/// `chat.log:7:103: an unfinished text`; bytes are counted from 1, as columns are.
impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.what {
            Unreadable::Literal(fault) => write!(f, "{}:{}: {}", self.location, fault.at + 1, fault.what),
            what => write!(f, "{}: {what}", self.location),
        }
    }
}

/// Why a line cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is no dict and no object.
    #[error(transparent)]
    Literal(#[from] Fault),
    /// Nothing joins it to another line.
    #[error("no uid")]
    NoUid,
    /// It is longer than [`super::LONGEST_LINE`].
    #[error("too long a line")]
    TooLong,
    /// The file is packed, and cannot be unpacked from here on.
    #[error("the packed file is damaged from here on")]
    CutOff,
    /// It is blank, which openai-forward's converter fails at.
    #[error("a blank line")]
    Blank,
    /// The file begins with a byte order mark, which openai-forward's converter fails at.
    #[error("a byte order mark")]
    Mark,
}

/// What was found in logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Lines, blank ones too.
    pub lines: u64,
    /// Lines that ask.
    pub requests: u64,
    /// Lines that answer.
    pub answers: u64,
    /// Requests with their answers, and lines that tell both.
    pub exchanges: u64,
    /// Requests without an answer.
    pub unpaired_requests: u64,
    /// Answers without a request.
    pub unpaired_answers: u64,
    /// Lines of kinds that were not wanted.
    pub other: u64,
    /// Lines that cannot be read.
    pub malformed: u64,
    /// The first of these.
    pub faults: Vec<Malformed>,
    /// Last lines of files that are cut off, as they are while somebody writes them; they are not among the others.
    pub unfinished: Vec<Malformed>,
}

impl Report {
    pub(super) fn fault(&mut self, fault: Malformed) {
        self.malformed += 1;
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        }
    }
}
