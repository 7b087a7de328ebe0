//! Administration of the cache.

use super::{Administration, ControlError, Response};
use crate::cache::{Cache, CacheEntry, CacheError, CacheFilter, Counted, END};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Answers that are listed at once at most.
const MAX_LISTED: usize = 100_000;

/// Bytes of bodies that are exported at once, about: the next request goes on behind them.
const EXPORTED_AT_ONCE: usize = 8 << 20;

/// What is asked of the cache.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum CacheRequest {
    /// What it holds and did.
    Stats,
    /// Its answers, without their bodies, in the order in which they were stored.
    List {
        /// Which.
        filter: CacheFilter,
    },
    /// One answer, by its key or the beginning of it.
    Show {
        /// The key.
        key: String,
    },
    /// Forget answers.
    Purge {
        /// Which.
        filter: CacheFilter,
        /// Only count them.
        dry_run: bool,
    },
    /// Read every answer, and forget those that are damaged.
    Verify,
    /// Give back the room that forgotten answers took.
    Compact,
    /// Whole answers.
    Export {
        /// Which.
        filter: CacheFilter,
        /// Where the answer before ended; 0 at first.
        from: u64,
    },
    /// Put exported answers in.
    Import {
        /// The answers.
        entries: Vec<CacheEntry>,
    },
}

/// What is answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "of", content = "is", rename_all = "snake_case")]
pub enum CacheAnswer {
    /// To [`CacheRequest::Stats`].
    Stats(Box<CacheStats>),
    /// To [`CacheRequest::List`].
    List(Vec<CacheRow>),
    /// To [`CacheRequest::Show`].
    Entry(Box<CacheEntry>),
    /// To [`CacheRequest::Purge`] and [`CacheRequest::Compact`].
    Freed(CacheFreed),
    /// To [`CacheRequest::Verify`].
    Verified(CacheVerified),
    /// To [`CacheRequest::Export`].
    Exported {
        /// The answers.
        entries: Vec<CacheEntry>,
        /// Where to go on; null behind the last.
        next: Option<u64>,
    },
    /// To [`CacheRequest::Import`]: how many.
    Imported(u64),
}

/// What the cache holds and did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CacheStats {
    /// Answers that are kept.
    pub entries: u64,
    /// Bytes of their files; of memory where they are kept in that alone.
    pub bytes: u64,
    /// Answers that are in memory now.
    pub memory_entries: u64,
    /// Their bytes.
    pub memory_bytes: u64,
    /// Requests answered out of the cache, since it was made or emptied.
    pub hits: u64,
    /// Requests that were looked for in vain.
    pub misses: u64,
    /// Hits of all that were looked for; null without any.
    pub hit_ratio: Option<f64>,
    /// Tokens of prompts and answers that no upstream had to read or write.
    pub saved_prompt_tokens: u64,
    /// The same of answers.
    pub saved_completion_tokens: u64,
    /// What that would have cost, by `cache.prices`; null where no price is known.
    pub saved_money: Option<f64>,
    /// Since the server started: answers that were stored.
    pub stored: u64,
    /// Answers that were not whole, or not to be kept.
    pub refused: u64,
    /// Those that had to go for others.
    pub evicted: u64,
    /// Those whose time was over.
    pub expired: u64,
    /// Those that could not be written.
    pub unwritten: u64,
    /// By route and model.
    pub by_model: Vec<CacheModelStats>,
}

/// What was counted of one route and model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CacheModelStats {
    /// Prefix of the route.
    pub route: String,
    /// The model; empty where requests named none.
    pub model: String,
    /// The counts.
    #[serde(flatten)]
    pub counted: Counted,
    /// What its hits would have cost; null where its price is not known.
    pub saved_money: Option<f64>,
}

/// An answer in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheRow {
    /// Its key.
    pub key: String,
    /// Which of the answers to its request it is.
    pub variant: u8,
    /// Prefix of its route.
    pub route: String,
    /// Path of its request.
    pub path: String,
    /// Its model.
    pub model: Option<String>,
    /// Its status.
    pub status: u16,
    /// Bytes of its body.
    pub bytes: u64,
    /// Whether it is a stream.
    pub stream: bool,
    /// When it was stored.
    pub stored: chrono::DateTime<chrono::Utc>,
    /// Until when it is served; null: without end.
    pub expires: Option<chrono::DateTime<chrono::Utc>>,
}

/// What was forgotten, and the bytes that it had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheFreed {
    /// Answers.
    pub entries: u64,
    /// Bytes.
    pub bytes: u64,
}

/// What was found when every answer was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheVerified {
    /// Answers that are whole.
    pub good: u64,
    /// Those that were damaged, and are gone now.
    pub damaged: u64,
}

pub(super) fn apply(on: &Administration, request: CacheRequest) -> Result<Response, ControlError> {
    let cache = on.cache()?;
    let answer = match request {
        CacheRequest::Stats => CacheAnswer::Stats(Box::new(stats(&cache))),
        CacheRequest::List { filter } => list(&cache, &filter)?,
        CacheRequest::Show { key } => show(&cache, key)?,
        CacheRequest::Purge { filter, dry_run } => {
            let freed = cache.purge(&filter, dry_run).map_err(|error| on.cache_error(&error))?;
            CacheAnswer::Freed(CacheFreed { entries: freed.entries, bytes: freed.bytes })
        }
        CacheRequest::Verify => {
            let found = cache.verify();
            CacheAnswer::Verified(CacheVerified { good: found.good, damaged: found.damaged })
        }
        CacheRequest::Compact => {
            let freed = cache.compact().map_err(|error| on.cache_error(&error))?;
            CacheAnswer::Freed(CacheFreed { entries: freed.entries, bytes: freed.bytes })
        }
        CacheRequest::Export { filter, from } => export(&cache, &filter, from),
        CacheRequest::Import { entries } => {
            let mut parts = Vec::with_capacity(entries.len());
            for (index, entry) in entries.into_iter().enumerate() {
                parts.push(entry.parts().map_err(|fault| ControlError::Invalid {
                    field: "entry".to_owned(),
                    why: fault.to_string(),
                    index: Some(index),
                })?);
            }
            CacheAnswer::Imported(cache.import(parts).map_err(|error| on.cache_error(&error))?)
        }
    };
    Ok(Response::Cache(answer))
}

fn stats(cache: &Cache) -> CacheStats {
    let held = cache.held();
    let sum =
        |of: fn(&Counted) -> u64| held.counted.iter().map(|(_, _, counted, _)| of(counted)).sum::<u64>();
    let (hits, misses) = (sum(|counted| counted.hits), sum(|counted| counted.misses));
    CacheStats {
        entries: held.entries,
        bytes: held.bytes,
        memory_entries: held.memory_entries,
        memory_bytes: held.memory_bytes,
        hits,
        misses,
        hit_ratio: (hits + misses > 0).then(|| hits as f64 / (hits + misses) as f64),
        saved_prompt_tokens: sum(|counted| counted.prompt_tokens),
        saved_completion_tokens: sum(|counted| counted.completion_tokens),
        saved_money: held.counted.iter().filter_map(|(.., saved)| *saved).reduce(|a, b| a + b),
        stored: held.stored,
        refused: held.refused,
        evicted: held.evicted,
        expired: held.expired,
        unwritten: held.unwritten,
        by_model: held
            .counted
            .into_iter()
            .map(|(route, model, counted, saved_money)| CacheModelStats {
                route,
                model,
                counted,
                saved_money,
            })
            .collect(),
    }
}

fn list(cache: &Cache, filter: &CacheFilter) -> Result<CacheAnswer, ControlError> {
    let mut rows = Vec::new();
    cache.each(filter, &mut |entry| {
        let shown = CacheEntry::of(&entry);
        rows.push(CacheRow {
            key: shown.key.clone(),
            variant: shown.variant,
            route: shown.route().to_owned(),
            path: shown.target().1.to_owned(),
            model: shown.model().map(str::to_owned),
            status: shown.status(),
            bytes: entry.body.len() as u64,
            stream: entry.meta.is_stream(),
            stored: shown.stored,
            expires: shown.expires,
        });
        rows.len() <= MAX_LISTED
    });
    if rows.len() > MAX_LISTED {
        let why = format!("more than {MAX_LISTED} answers: ask for a model, a route or an age");
        return Err(ControlError::Invalid { field: "filter".to_owned(), why, index: None });
    }
    rows.sort_by_key(|row| row.stored);
    Ok(CacheAnswer::List(rows))
}

fn show(cache: &Cache, key: String) -> Result<CacheAnswer, ControlError> {
    let filter = CacheFilter { key: Some(key.clone()), ..CacheFilter::default() };
    let mut found: Vec<CacheEntry> = Vec::new();
    cache.each(&filter, &mut |entry| {
        found.push(CacheEntry::of(&entry));
        found.len() < 2
    });
    let invalid = |why: String| ControlError::Invalid { field: "key".to_owned(), why, index: None };
    match (found.pop(), found.pop()) {
        (None, _) => Err(invalid(format!("no answer is kept under {key}"))),
        (Some(second), Some(first)) if first.key != second.key => {
            Err(invalid(format!("several keys begin with {key}: give more of its digits")))
        }
        (Some(second), first) => Ok(CacheAnswer::Entry(Box::new(first.unwrap_or(second)))),
    }
}

fn export(cache: &Cache, filter: &CacheFilter, from: u64) -> CacheAnswer {
    let (mut entries, mut bytes, mut next) = (Vec::new(), 0, None);
    cache.each_from(filter, from, &mut |behind, entry| {
        bytes += entry.size();
        entries.push(CacheEntry::of(&entry));
        // Those in memory alone have no order to go on in.
        let full = bytes >= EXPORTED_AT_ONCE && behind != END;
        next = full.then_some(behind);
        !full
    });
    CacheAnswer::Exported { entries, next }
}

impl Administration {
    /// The cache: the running server's, or else the one on disk, opened now.
    fn cache(&self) -> Result<Arc<Cache>, ControlError> {
        let live = self.live_cache.get();
        let cache = live.unwrap_or(&self.own_cache).clone();
        cache.ready(live.is_some()).map_err(|error| self.cache_error(&error))?;
        Ok(cache)
    }

    fn cache_error(&self, error: &CacheError) -> ControlError {
        ControlError::Store { path: self.data_dir.display().to_string(), why: error.to_string() }
    }
}
