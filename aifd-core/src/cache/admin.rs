//! What commands do to the cache: the same for a running server and for a command that opened it itself.

use super::{
    Cache, CacheKey,
    counts::Counted,
    disk::{DiskError, Freed, Verified},
    entry::{Meta, Parts, Stored},
    now,
};
use crate::key::pattern::matches;
use std::sync::Arc;

/// How long answers on their way to the disk are waited for.
const SETTLE: std::time::Duration = std::time::Duration::from_secs(2);

/// The position behind all answers.
pub(crate) const END: u64 = u64::MAX;

/// Which answers are meant; without anything, all.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CacheFilter {
    /// Beginning of the key.
    pub key: Option<String>,
    /// Pattern of the model; `*` stands for any text.
    pub model: Option<String>,
    /// Prefix of the route.
    pub route: Option<String>,
    /// Seconds since it was stored, at least.
    pub older_than_s: Option<u64>,
    /// The same, at most.
    pub newer_than_s: Option<u64>,
    /// Bytes of the answer, at least.
    pub larger_than: Option<u64>,
    /// The same, at most.
    pub smaller_than: Option<u64>,
    /// A text in its request or its answer.
    pub contains: Option<String>,
}

impl CacheFilter {
    /// Whether it means all.
    pub fn is_all(&self) -> bool {
        *self == CacheFilter::default()
    }

    fn takes(&self, entry: &Stored, now: u64) -> bool {
        let age = now.saturating_sub(entry.stored_at) / 1000;
        let bytes = entry.body.len() as u64;
        let holds = |text: &String| {
            let finder = memchr::memmem::Finder::new(text.as_bytes());
            finder.find(&entry.request).is_some() || finder.find(&entry.body).is_some()
        };
        self.key.as_ref().is_none_or(|key| entry.key.to_string().starts_with(&key.to_ascii_lowercase()))
            && self
                .model
                .as_ref()
                .is_none_or(|pattern| entry.meta.model.as_ref().is_some_and(|model| matches(pattern, model)))
            && self.route.as_ref().is_none_or(|route| entry.meta.route == *route)
            && self.older_than_s.is_none_or(|least| age >= least)
            && self.newer_than_s.is_none_or(|most| age <= most)
            && self.larger_than.is_none_or(|least| bytes >= least)
            && self.smaller_than.is_none_or(|most| bytes <= most)
            && self.contains.as_ref().is_none_or(holds)
    }
}

/// What the cache holds and did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held {
    pub(crate) entries: u64,
    pub(crate) bytes: u64,
    pub(crate) memory_entries: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) stored: u64,
    pub(crate) refused: u64,
    pub(crate) evicted: u64,
    pub(crate) expired: u64,
    pub(crate) unwritten: u64,
    pub(crate) counted: Vec<(String, String, Counted, Option<f64>)>,
}

/// Why a command cannot be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CacheError {
    /// Answers are kept in memory alone, and no server runs here.
    #[error("answers are kept in memory alone (cache.backend), and only a running server has them")]
    InMemory,
    /// The cache on disk cannot be opened.
    #[error("the cache on disk cannot be used")]
    Closed,
    /// The system refused.
    #[error("the cache on disk cannot be changed: {0}")]
    Disk(String),
}

impl From<DiskError> for CacheError {
    fn from(error: DiskError) -> Self {
        CacheError::Disk(error.to_string())
    }
}

impl Cache {
    /// Opens it for a command where no server has it.
    ///
    /// # Errors
    /// There is nothing to open, or it cannot be opened.
    pub(crate) fn ready(&self, live: bool) -> Result<(), CacheError> {
        if live {
            // What was answered just now counts too.
            self.queue.settled(SETTLE);
        }
        // A running server without a disk has its answers in memory.
        if self.disk.read().is_some() || live {
            return Ok(());
        }
        if self.folder.is_none() {
            return Err(CacheError::InMemory);
        }
        self.open_disk();
        if self.disk.read().is_some() { Ok(()) } else { Err(CacheError::Closed) }
    }

    pub(crate) fn held(&self) -> Held {
        let counts = self.counts.lock();
        let (memory_entries, memory_bytes) = self.memory.count();
        let (entries, bytes) =
            self.disk.read().as_ref().map_or((memory_entries, memory_bytes), |disk| disk.count());
        Held {
            entries,
            bytes,
            memory_entries,
            memory_bytes,
            stored: counts.stored,
            refused: counts.refused,
            evicted: counts.evicted,
            expired: counts.expired,
            unwritten: counts.unwritten,
            counted: counts
                .all()
                .map(|(route, model, counted)| {
                    (route.to_owned(), model.to_owned(), counted, self.saved(model, counted))
                })
                .collect(),
        }
    }

    /// What hits of a model saved in money; `None` where its price is not known.
    fn saved(&self, model: &str, counted: Counted) -> Option<f64> {
        let price = self.settings.prices.iter().find(|price| matches(&price.model, model))?;
        let tokens = [(counted.prompt_tokens, price.prompt), (counted.completion_tokens, price.completion)];
        Some(tokens.iter().map(|(tokens, price)| *tokens as f64 * price / 1e6).sum())
    }

    /// Tells the answers that a filter takes, until that says `false`: those on disk in the order in which they stand,
    /// behind them those that are in memory alone.
    pub(crate) fn each(&self, filter: &CacheFilter, on_entry: &mut dyn FnMut(Arc<Stored>) -> bool) {
        self.each_from(filter, 0, &mut |_, entry| on_entry(entry));
    }

    /// The same from a position on, with the position behind each: of those in memory alone, [`END`].
    pub(crate) fn each_from(
        &self,
        filter: &CacheFilter,
        from: u64,
        on_entry: &mut dyn FnMut(u64, Arc<Stored>) -> bool,
    ) {
        let now = now();
        let mut tell = |behind: u64, entry: Arc<Stored>| {
            let wanted = !entry.is_expired(now) && filter.takes(&entry, now);
            !wanted || on_entry(behind, entry)
        };
        let disk = self.disk.read().clone();
        let mut goes_on = from < END;
        if let Some(disk) = disk.as_ref().filter(|_| goes_on) {
            disk.all_from(from, &mut |behind, entry| {
                goes_on = tell(behind, Arc::new(entry));
                goes_on
            });
        }
        for entry in self.memory.all() {
            let on_disk = disk.as_ref().is_some_and(|disk| disk.holds(entry.key.place(entry.variant)));
            if goes_on && !on_disk && self.is_good(&entry) {
                goes_on = tell(END, entry);
            }
        }
    }

    /// Forgets the answers that a filter takes; with `dry_run`, only counts them.
    ///
    /// # Errors
    /// The system refused.
    pub(crate) fn purge(&self, filter: &CacheFilter, dry_run: bool) -> Result<Freed, CacheError> {
        let mut places = Vec::new();
        let mut freed = Freed::default();
        self.each(filter, &mut |entry| {
            places.push(entry.key.place(entry.variant));
            freed.entries += 1;
            freed.bytes += entry.body.len() as u64;
            true
        });
        if dry_run {
            return Ok(freed);
        }
        let now = now();
        let disk = self.disk.read().clone();
        if filter.is_all() {
            self.memory.remove_all(&|_| true);
            self.counts.lock().clear();
            if let Some(disk) = disk {
                disk.clear()?;
            }
            return Ok(freed);
        }
        self.memory.remove_all(&|entry| filter.takes(entry, now));
        if let Some(disk) = disk {
            disk.remove(&places);
            // What is purged is not to be found in the files either.
            disk.compact()?;
        }
        Ok(freed)
    }

    /// Reads every answer on disk, and forgets those that are damaged.
    pub(crate) fn verify(&self) -> Verified {
        self.disk.read().clone().map_or_else(Verified::default, |disk| disk.verify())
    }

    /// Gives the room back that forgotten answers took.
    ///
    /// # Errors
    /// The system refused.
    pub(crate) fn compact(&self) -> Result<Freed, CacheError> {
        match self.disk.read().clone() {
            Some(disk) => Ok(disk.compact()?),
            None => Ok(Freed::default()),
        }
    }

    /// Puts answers in that were exported; gives back how many.
    ///
    /// # Errors
    /// The system refused.
    pub(crate) fn import(&self, entries: Vec<Parts>) -> Result<u64, CacheError> {
        let entries: Vec<Arc<Stored>> =
            entries.into_iter().map(|parts| Arc::new(Stored::new(parts))).collect();
        for entry in &entries {
            self.memory.put(entry.key.place(entry.variant), entry.clone());
        }
        if let Some(disk) = self.disk.read().clone() {
            disk.put(&entries)?;
            disk.flush();
        }
        Ok(entries.len() as u64)
    }
}

/// An answer as it is shown and exported: one JSON object.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct CacheEntry {
    /// Its key, 64 hex digits.
    pub key: String,
    /// Which of the answers to this request it is.
    #[serde(default)]
    pub variant: u8,
    /// When it was stored.
    pub stored: chrono::DateTime<chrono::Utc>,
    /// Until when it is served; null: without end.
    #[serde(default)]
    pub expires: Option<chrono::DateTime<chrono::Utc>>,
    /// Route, method, path, model, status, headers, and the times of a recorded stream.
    #[serde(flatten)]
    meta: Meta,
    /// The request's body in its canonical form; null where it was no JSON.
    #[serde(default)]
    pub request: Option<serde_json::Value>,
    /// The answer's body, where it is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The same in base64, where it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_base64: Option<String>,
}

/// Why an exported answer cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// Its key is none.
    #[error("`key` has to be 64 hex digits")]
    Key,
    /// It has no body, or one that cannot be read.
    #[error("one of `body` and `body_base64` has to be there, and readable")]
    Body,
    /// A time before 1970.
    #[error("`stored` or `expires` lies before 1970")]
    Time,
    /// An answer that no cache keeps.
    #[error("`status` has to be one that is kept: 200, 400, 404, 405, 410, 413, 415, 422")]
    Status,
}

impl CacheEntry {
    pub(crate) fn of(entry: &Stored) -> Self {
        use base64::Engine;
        let time = |millis: u64| {
            i64::try_from(millis).ok().and_then(chrono::DateTime::from_timestamp_millis).unwrap_or_default()
        };
        let text = std::str::from_utf8(&entry.body).ok().map(str::to_owned);
        let encoded = || base64::engine::general_purpose::STANDARD.encode(&entry.body);
        let usage = entry.told().and_then(|told| told.usage);
        CacheEntry {
            key: entry.key.to_string(),
            variant: entry.variant,
            stored: time(entry.stored_at),
            expires: (entry.expires_at != 0).then(|| time(entry.expires_at)),
            meta: Meta { usage, ..entry.meta.clone() },
            request: serde_json::from_slice(&entry.request).ok(),
            body_base64: text.is_none().then(encoded),
            body: text,
        }
    }

    /// Its route's prefix.
    pub fn route(&self) -> &str {
        &self.meta.route
    }

    /// Its model, where the request named one.
    pub fn model(&self) -> Option<&str> {
        self.meta.model.as_deref()
    }

    /// Method and path of its request.
    pub fn target(&self) -> (&str, &str) {
        (&self.meta.method, &self.meta.path)
    }

    /// Its status.
    pub fn status(&self) -> u16 {
        self.meta.status
    }

    /// Its content type.
    pub fn content_type(&self) -> &str {
        self.meta.content_type()
    }

    /// Tokens of prompt and answer, as it says.
    pub fn usage(&self) -> Option<(u64, u64)> {
        self.meta.usage
    }

    /// # Errors
    /// It is none.
    pub(crate) fn parts(self) -> Result<Parts, EntryFault> {
        use base64::Engine;
        let millis = |time: chrono::DateTime<chrono::Utc>| {
            u64::try_from(time.timestamp_millis()).map_err(|_| EntryFault::Time)
        };
        if self.meta.status != 200 && !super::put::NEGATIVE.contains(&self.meta.status) {
            return Err(EntryFault::Status);
        }
        let expires = self.expires.map(millis).transpose()?;
        if expires == Some(0) {
            return Err(EntryFault::Time);
        }
        let body = match (self.body, self.body_base64) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(text)) => {
                base64::engine::general_purpose::STANDARD.decode(text).map_err(|_| EntryFault::Body)?
            }
            _ => return Err(EntryFault::Body),
        };
        let request = match &self.request {
            Some(request) => serde_json::to_vec(request).unwrap_or_default(),
            None => Vec::new(),
        };
        Ok(Parts {
            key: CacheKey::parse(&self.key).ok_or(EntryFault::Key)?,
            variant: self.variant,
            stored_at: millis(self.stored)?,
            expires_at: expires.unwrap_or_default(),
            meta: super::put::importable(self.meta),
            request: request.into(),
            body: body.into(),
        })
    }
}
