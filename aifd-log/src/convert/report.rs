//! What a conversion did.

use super::{
    ConvertError,
    fit::{Loss, Unfit},
    write::Written,
};
use std::{collections::BTreeMap, path::PathBuf};

/// Faults of lines that are told one by one; the others are counted.
pub const MOST_FAULTS: usize = 100;

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Its file.
    pub file: PathBuf,
    /// Its line, or the row of a table, from 1.
    pub line: u64,
    /// What is wrong.
    pub reason: String,
}

/// What was found in the sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Exchanges: requests that have an answer, or what a dataset holds.
    pub exchanges: u64,
    /// Requests without an answer.
    pub unpaired_requests: u64,
    /// Answers without a request.
    pub unpaired_answers: u64,
    /// Lines of other kinds than were wanted.
    pub other: u64,
    /// Lines that cannot be read.
    pub malformed: u64,
    /// The first of these.
    pub faults: Vec<Malformed>,
    /// Last lines that are cut off, as they are while somebody writes them; they are not among the others.
    pub unfinished: Vec<Malformed>,
}

impl Tally {
    /// Lines that cannot be read, for whatever reason.
    pub fn unreadable(&self) -> u64 {
        self.malformed + self.unfinished.len() as u64
    }

    /// Notes an exchange that was found, and of which nothing can be made.
    pub fn no_exchange(&mut self, fault: Malformed) {
        self.exchanges = self.exchanges.saturating_sub(1);
        self.fault(fault);
    }

    /// Notes a line that cannot be read.
    pub fn fault(&mut self, fault: Malformed) {
        self.malformed += 1;
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        }
    }
}

/// What a conversion did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was found.
    pub read: Tally,
    /// Exchanges that the selection does not want.
    pub not_selected: u64,
    /// Exchanges that are the same as others.
    pub duplicates: u64,
    /// Exchanges that were not drawn.
    pub not_sampled: u64,
    /// Exchanges that the format cannot hold.
    pub unfit: BTreeMap<Unfit, u64>,
    /// Of how many exchanges that were written something is lost.
    pub lost: BTreeMap<Loss, u64>,
    /// Exchanges that were written.
    pub written: u64,
    /// The files.
    pub files: Vec<Written>,
}

impl Report {
    /// Makes an error of lines that cannot be read, if that is what is wanted.
    pub(super) fn refuse(&self, strict: bool) -> Result<(), ConvertError> {
        if !strict || self.read.unreadable() == 0 {
            return Ok(());
        }
        // What would have been written is not.
        let refused = Report { lost: BTreeMap::new(), written: 0, files: Vec::new(), ..self.clone() };
        Err(ConvertError::Malformed(Box::new(refused)))
    }
}
