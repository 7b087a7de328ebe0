//! Which exchanges are taken into a dataset, and into which part of it.

mod criteria;
mod identity;
mod moment;
mod sample;
mod split;

pub(crate) use identity::content_hash;

pub use criteria::{Criteria, StatusClass, UnknownStatus};
pub use moment::{Bound, NoMoment};
pub use sample::Sample;
pub use split::{Split, SplitError};

use crate::exchange::Exchange;
use identity::Identity;
use sample::{Chosen, Ranking};
use std::collections::HashSet;

/// What counts as the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dedupe {
    /// The same messages, tools and answer: the first is kept.
    Exact,
    /// The same messages and tools: the first is kept.
    Prompt,
    /// A conversation that another one goes on with: the longest is kept, of equal ones the first.
    Prefix,
}

/// What becomes of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is taken.
    Taken,
    /// It is the same as another.
    Duplicate,
    /// The sample is without it.
    NotSampled,
}

/// Drops duplicates and draws a sample, in as many passes over the exchanges as that takes: one to write, and before
/// it one for `prefix` and one for a sample.
///
/// Only hashes are held, never conversations: 16 bytes for each distinct conversation, with `prefix` 16 for each
/// distinct turn of one, and 16 for each exchange of the sample (a hash table holds them, so twice that at most).
#[derive(Debug)]
pub struct Selector {
    dedupe: Option<Dedupe>,
    sample: Option<Sample>,
    stage: Stage,
    /// Conversations of this pass.
    seen: HashSet<Identity>,
    /// Conversations that others go on with.
    prefixes: HashSet<Identity>,
    /// Exchanges of this pass that are no duplicates.
    distinct: u64,
    chosen: Chosen,
}

#[derive(Debug)]
enum Stage {
    Prefixes,
    Ranking(Ranking),
    Writing,
}

impl Selector {
    /// A selector before its first pass.
    pub fn new(dedupe: Option<Dedupe>, sample: Option<Sample>) -> Self {
        let mut selector = Selector {
            dedupe,
            sample,
            stage: Stage::Prefixes,
            seen: HashSet::new(),
            prefixes: HashSet::new(),
            distinct: 0,
            chosen: Chosen::default(),
        };
        if dedupe != Some(Dedupe::Prefix) {
            selector.next_pass();
        }
        selector
    }

    /// Passes that it takes, the last one included.
    pub fn passes(&self) -> u64 {
        1 + u64::from(self.dedupe == Some(Dedupe::Prefix)) + u64::from(self.sample.is_some())
    }

    /// Whether this pass only looks: nothing of it is to be written, and another follows.
    pub fn surveys(&self) -> bool {
        !matches!(self.stage, Stage::Writing)
    }

    /// Ends a pass that only looked.
    pub fn next_pass(&mut self) {
        self.seen.clear();
        self.distinct = 0;
        self.stage = match (std::mem::replace(&mut self.stage, Stage::Writing), self.sample) {
            (Stage::Prefixes, Some(sample)) => Stage::Ranking(Ranking::new(sample)),
            (Stage::Ranking(ranking), _) => {
                self.chosen = ranking.chosen();
                Stage::Writing
            }
            (Stage::Prefixes, None) | (Stage::Writing, _) => Stage::Writing,
        };
    }

    /// Hears of the next exchange of this pass. While it surveys, the verdict means nothing.
    pub fn judge(&mut self, exchange: &Exchange) -> Verdict {
        if matches!(self.stage, Stage::Prefixes) {
            self.prefixes.extend(identity::prefixes(exchange));
            return Verdict::Taken;
        }
        if self.is_duplicate(exchange) {
            return Verdict::Duplicate;
        }
        let number = self.distinct;
        self.distinct += 1;
        if let Stage::Ranking(ranking) = &mut self.stage {
            ranking.hear(exchange, number);
        } else if self.sample.is_some() && !self.chosen.has(number) {
            return Verdict::NotSampled;
        }
        Verdict::Taken
    }

    fn is_duplicate(&mut self, exchange: &Exchange) -> bool {
        let identity = match self.dedupe {
            None => return false,
            Some(Dedupe::Prompt) => identity::prompt(exchange),
            Some(Dedupe::Exact) => identity::exact(exchange),
            Some(Dedupe::Prefix) => identity::conversation(exchange),
        };
        self.prefixes.contains(&identity) || !self.seen.insert(identity)
    }
}

#[cfg(test)]
mod tests;
