//! The cache: answers served again, to those who may share them.
//!
//! `ask` says what a request may have of it, `key` what it is found by, `memory` and `disk` keep answers, `keeper` writes
//! them behind the requests' backs, `put` takes them as they pass, `serve` makes answers of them.

mod admin;
mod ask;
mod canonical;
mod counts;
mod disk;
mod entry;
pub(crate) mod form;
mod keeper;
mod key;
mod memory;
mod nearest;
mod put;
mod queue;
mod serve;
mod timed;

pub use admin::{CacheEntry, CacheFilter, EntryFault};
pub(crate) use admin::{CacheError, END};
pub(crate) use ask::{Ask, Head};
pub use counts::Counted;
use counts::Counts;
pub(crate) use entry::{Parts, Stored};
pub(crate) use keeper::Keeper;
pub(crate) use key::CacheKey;
pub(crate) use put::{Framing, Known, Owner, Put, Ticket};
pub(crate) use serve::{Forwarded, Served};
pub(crate) use timed::Timed;

use crate::{
    clock,
    config::{ApiPaths, CacheConfig, CacheMode, Config, CredentialPlace, RouteConfig, RouteKind},
    tasks,
};
use disk::Disk;
use http::HeaderName;
use memory::Memory;
use parking_lot::{Mutex, RwLock};
use queue::Queue;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// A route, as the cache needs it.
#[derive(Debug)]
struct RouteCache {
    on: bool,
    openai: bool,
    name: Box<str>,
    ttl: Option<Duration>,
    /// Where its upstream takes a credential, if that is a header of its own.
    credential_header: Option<HeaderName>,
}

/// The cache.
pub(crate) struct Cache {
    settings: CacheConfig,
    routes: Vec<RouteCache>,
    api_paths: ApiPaths,
    memory: Memory,
    /// `None`: in memory alone, or not yet opened.
    disk: RwLock<Option<Arc<Disk>>>,
    /// Where it lies on disk, if it shall.
    folder: Option<PathBuf>,
    queue: Queue,
    counts: Mutex<Counts>,
}

/// The time of day in milliseconds since 1970.
pub(crate) fn now() -> u64 {
    u64::try_from(clock::utc().timestamp_millis()).unwrap_or_default()
}

impl Cache {
    /// `None` where nothing is cached.
    pub(crate) fn new(config: &Config) -> Option<Self> {
        let settings = &config.cache;
        let records = matches!(settings.mode, CacheMode::Record | CacheMode::Replay);
        let route = |route: &RouteConfig| {
            let openai = route.kind == RouteKind::OpenAi;
            let by_kind = if openai { settings.openai } else { settings.general };
            RouteCache {
                // Who records or replays means all of it.
                on: route.cache.unwrap_or(by_kind || records) && settings.mode != CacheMode::Off,
                openai,
                name: if route.prefix.is_empty() { "/" } else { &*route.prefix }.into(),
                ttl: route.cache_ttl.unwrap_or(settings.ttl),
                credential_header: match &route.upstream_auth {
                    CredentialPlace::Header(name) => Some(name.clone()),
                    _ => None,
                },
            }
        };
        let routes: Vec<RouteCache> = config.routes.iter().map(route).collect();
        routes.iter().any(|route| route.on).then(|| Self::with(config, routes))
    }

    /// The cache of a configuration for its administration, whatever is cached now.
    pub(crate) fn administered(config: &Config) -> Self {
        Self::with(config, Vec::new())
    }

    fn with(config: &Config, routes: Vec<RouteCache>) -> Self {
        let settings = config.cache.clone();
        Cache {
            routes,
            api_paths: config.api_paths.clone(),
            memory: Memory::new(settings.memory_size),
            disk: RwLock::default(),
            folder: config.cache_folder(),
            queue: Queue::default(),
            counts: Mutex::default(),
            settings,
        }
    }

    /// An answer to this request that may still be served, if there is one; of several, one at random.
    pub(crate) async fn find(self: &Arc<Self>, key: CacheKey, max_age: Option<u64>) -> Option<Arc<Stored>> {
        let mut variants: Vec<u8> = (0..self.settings.variants).collect();
        while !variants.is_empty() {
            let pick = if variants.len() == 1 { 0 } else { random(variants.len()) };
            let place = key.place(variants.swap_remove(pick));
            let found = match self.memory.get(place) {
                Some(found) => Some(found),
                None => self.from_disk(place).await,
            };
            if let Some(found) = found.filter(|found| found.key == key && self.may_serve(found, max_age)) {
                if !self.is_good(&found) {
                    self.memory.remove(place, &found);
                    continue;
                }
                if let Some(disk) = &*self.disk.read() {
                    disk.touch(place);
                }
                return Some(found);
            }
        }
        None
    }

    async fn from_disk(self: &Arc<Self>, place: key::Place) -> Option<Arc<Stored>> {
        let disk = self.disk.read().clone().filter(|disk| disk.holds(place))?;
        let read = tasks::blocking(move || disk.get(place)).await??;
        let found = Arc::new(read);
        self.memory.put(place, found.clone());
        Some(found)
    }

    fn may_serve(&self, found: &Stored, max_age: Option<u64>) -> bool {
        let now = now();
        let age = now.saturating_sub(found.stored_at);
        !found.is_expired(now) && max_age.is_none_or(|max| age <= max.saturating_mul(1000))
    }

    /// Whether an answer is one to be kept.
    fn is_good(&self, entry: &Stored) -> bool {
        entry.told().is_some_and(|told| self.settings.content_filter || !told.content_filter)
    }

    /// Keeps an answer: at once in memory, and soon on disk.
    fn keep(&self, parts: Parts) {
        let parts = match self.variant(&parts) {
            Some(variant) => Parts { variant, ..parts },
            None => return,
        };
        let entry = Arc::new(Stored::new(parts));
        let evicted = self.memory.put(entry.key.place(entry.variant), entry.clone());
        if self.folder.is_none() {
            self.counts.lock().evicted += evicted;
        }
        self.queue.push(entry);
    }

    /// Which variant a new answer becomes: one that is not there yet, else any. `None`: it is there already.
    fn variant(&self, parts: &Parts) -> Option<u8> {
        let variants = self.settings.variants;
        if variants == 1 {
            return Some(0);
        }
        let disk = self.disk.read().clone();
        let mut free = None;
        for variant in 0..variants {
            let place = parts.key.place(variant);
            match self.memory.peek(place) {
                Some(there) if there.body == parts.body => return None,
                Some(_) => {}
                None if disk.as_ref().is_some_and(|disk| disk.holds(place)) => {}
                None => free = free.or(Some(variant)),
            }
        }
        free.or_else(|| u8::try_from(random(usize::from(variants))).ok())
    }

    /// Whether every request takes part.
    fn takes_all(&self) -> bool {
        matches!(self.settings.mode, CacheMode::Record | CacheMode::Replay)
    }
}

fn random(below: usize) -> usize {
    let number = getrandom::u32().unwrap_or_default();
    number as usize % below.max(1)
}
