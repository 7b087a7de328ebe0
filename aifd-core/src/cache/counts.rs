//! What the cache did: by route and model, since it was made or emptied.

use super::entry::Stored;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// Pairs of a route and a model that are counted apart at most.
const MAX_COUNTED: usize = 10_000;

/// What was counted of one route and model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Requests answered out of the cache.
    pub hits: u64,
    /// Requests that were looked for in vain.
    pub misses: u64,
    /// Tokens of prompts that no upstream had to read.
    pub prompt_tokens: u64,
    /// Tokens of answers that no upstream had to write.
    pub completion_tokens: u64,
}

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    by_model: BTreeMap<(String, String), Counted>,
    changed: bool,
    /// Answers that were stored, and those that were not all there.
    pub(crate) stored: u64,
    pub(crate) refused: u64,
    /// Those that had to go for others, and those whose time was over.
    pub(crate) evicted: u64,
    pub(crate) expired: u64,
    /// Those that could not be written.
    pub(crate) unwritten: u64,
}

impl Counts {
    fn of(&mut self, route: &str, model: &str) -> &mut Counted {
        self.changed = true;
        let full = self.by_model.len() >= MAX_COUNTED;
        let pair = (route.to_owned(), model.to_owned());
        let pair =
            if full && !self.by_model.contains_key(&pair) { (String::new(), String::new()) } else { pair };
        self.by_model.entry(pair).or_default()
    }

    pub(super) fn hit(&mut self, entry: &Stored) {
        let usage = entry.told().and_then(|told| told.usage).unwrap_or_default();
        let counted = self.of(&entry.meta.route, entry.meta.model.as_deref().unwrap_or_default());
        counted.hits += 1;
        counted.prompt_tokens = counted.prompt_tokens.saturating_add(usage.0);
        counted.completion_tokens = counted.completion_tokens.saturating_add(usage.1);
    }

    pub(super) fn missed(&mut self, route: &str, model: &str) {
        self.of(route, model).misses += 1;
    }

    pub(super) fn stored(&mut self, good: &[Arc<Stored>], bad: usize) {
        self.stored += good.len() as u64;
        self.refused += bad as u64;
    }

    /// By route and model.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str, Counted)> {
        self.by_model.iter().map(|((route, model), counted)| (&**route, &**model, *counted))
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Counts { changed: true, ..Counts::default() };
    }

    /// As it is kept, if it changed since that was asked for.
    pub(super) fn changed(&mut self) -> Option<Vec<u8>> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        let rows: Vec<(&str, &str, Counted)> = self.all().collect();
        serde_json::to_vec(&rows).ok()
    }

    /// Adds what was kept. What cannot be read counts nothing.
    pub(super) fn restore(&mut self, kept: &[u8]) {
        let rows: Vec<(String, String, Counted)> = serde_json::from_slice(kept).unwrap_or_default();
        for (route, model, before) in rows {
            let counted = self.of(&route, &model);
            counted.hits += before.hits;
            counted.misses += before.misses;
            counted.prompt_tokens += before.prompt_tokens;
            counted.completion_tokens += before.completion_tokens;
        }
        self.changed = false;
    }
}
