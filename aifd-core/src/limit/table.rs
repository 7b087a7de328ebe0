//! The counters of this process: exact under concurrency, and bounded in bytes.

use super::{
    counters::{Counter, CounterId, Counters, Held, ListId},
    quota::Quota,
    reservation::Estimate,
    standing::{Refusal, Standing},
    window::Spare,
    windows::Windows,
};
use crate::config::Strategy;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hash, Hasher},
};

/// Bytes of all counters at most, about 900,000 of them. At the bound, expired ones are dropped first; while there is
/// still no room, all callers without a counter share one for each list of quotas, and moving windows grow no more.
pub(super) const MAX_BYTES: usize = 64 * 1024 * 1024;

const SHARDS: usize = 64;

/// Milliseconds after which the next new counter of a shard drops its expired ones.
const SWEEP_AFTER: u64 = 60_000;

/// Milliseconds between two sweeps of a shard at least, however full it is.
const SWEEP_PAUSE: u64 = 1_000;

/// All counters, by list and id.
#[derive(Debug)]
pub(super) struct Table {
    strategy: Strategy,
    /// The quotas of each list.
    lists: Box<[Box<[Quota]>]>,
    shards: Box<[Mutex<Shard>]>,
    /// For each list, the counter of callers that have none of their own.
    shared: Box<[Mutex<Windows>]>,
    /// Bytes of one shard at most.
    bound: usize,
}

#[derive(Debug, Default)]
struct Shard {
    /// Shrinks only when it is swept, which builds it anew: so its capacity tells its size.
    counters: HashMap<CounterId, Entry, BuildHasherDefault<AsItIs>>,
    /// Bytes that the counters hold beside the map.
    heap: usize,
    swept: u64,
}

/// 40 bytes, and 16 for its id.
#[derive(Debug)]
struct Entry {
    windows: Windows,
    list: ListId,
}

impl Table {
    /// For these lists, within `bytes`.
    pub(super) fn new(strategy: Strategy, lists: Vec<Box<[Quota]>>, bytes: usize) -> Self {
        Table {
            strategy,
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            shared: lists.iter().map(|list| Mutex::new(Windows::new(strategy, list.len()))).collect(),
            lists: lists.into_boxed_slice(),
            bound: bytes / SHARDS,
        }
    }

    fn quotas(&self, list: ListId) -> &[Quota] {
        self.lists.get(list.0 as usize).map_or(&[], |list| list)
    }

    fn shard(&self, id: CounterId) -> &Mutex<Shard> {
        &self.shards[id.0[1] as usize % SHARDS]
    }

    /// Does something to a counter, made where there is none; tells whether it is the shared one of its list.
    fn with<R>(&self, counter: Counter, now: u64, act: impl Fn(&mut Windows, Spare) -> R) -> (R, bool) {
        let mut shard = self.shard(counter.id).lock();
        if let Some(done) = shard.with(counter.id, self.bound, &act) {
            return (done, false);
        }
        let windows = Windows::new(self.strategy, self.quotas(counter.list).len());
        if shard.add(counter, windows, now, self)
            && let Some(done) = shard.with(counter.id, self.bound, &act)
        {
            return (done, false);
        }
        drop(shard);
        // Its moving windows need no bound in bytes: there is one for each configured quota.
        (act(&mut self.shared[counter.list.0 as usize].lock(), Spare(usize::MAX)), true)
    }

    /// Bytes of all counters.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().bytes()).sum()
    }

    /// Counters of callers that have one of their own.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().counters.len()).sum()
    }
}

impl Counters for Table {
    fn hit(&self, counter: Counter, now: u64) -> Result<Option<Standing>, Refusal> {
        let quotas = self.quotas(counter.list);
        self.with(counter, now, |windows, spare| windows.hit(quotas, now, spare)).0
    }

    fn reserve(&self, counter: Counter, estimate: Estimate, now: u64) -> Result<Held, Refusal> {
        let quotas = self.quotas(counter.list);
        let (taken, shared) =
            self.with(counter, now, |windows, spare| windows.reserve(quotas, estimate, now, spare));
        Ok(Held { counter, shared, taken: taken? })
    }

    fn settle(&self, held: Held, used: u64) {
        let Counter { list, id } = held.counter;
        let quotas = self.quotas(list);
        if held.shared {
            self.shared[list.0 as usize].lock().settle(quotas, held.taken, used);
            return;
        }
        let settle = |windows: &mut Windows, _| windows.settle(quotas, held.taken, used);
        // A counter that is gone was dropped because its windows were over.
        self.shard(id).lock().with(id, self.bound, settle);
    }
}

impl Shard {
    fn with<R>(&mut self, id: CounterId, bound: usize, act: impl Fn(&mut Windows, Spare) -> R) -> Option<R> {
        let spare = Spare(bound.saturating_sub(self.bytes()));
        let entry = self.counters.get_mut(&id)?;
        let before = entry.windows.heap();
        let done = act(&mut entry.windows, spare);
        self.heap = self.heap - before + entry.windows.heap();
        Some(done)
    }

    /// Whether a new counter was added: not where there is no room for it.
    fn add(&mut self, counter: Counter, windows: Windows, now: u64, table: &Table) -> bool {
        let heap = windows.heap();
        let is_tight = self.counters.len() == self.counters.capacity() || !self.has_room(heap, table.bound);
        if now >= self.swept + if is_tight { SWEEP_PAUSE } else { SWEEP_AFTER } {
            self.sweep(now, table);
        }
        let fits = self.has_room(heap, table.bound);
        if fits {
            self.heap += heap;
            self.counters.insert(counter.id, Entry { windows, list: counter.list });
        }
        fits
    }

    fn has_room(&self, heap: usize, bound: usize) -> bool {
        let capacity = self.counters.capacity();
        let capacity = if self.counters.len() < capacity { capacity } else { (capacity * 2).max(3) };
        map_bytes(capacity) + self.heap + heap <= bound
    }

    /// Drops the expired counters.
    fn sweep(&mut self, now: u64, table: &Table) {
        self.swept = now;
        let running = |entry: &Entry| now < entry.windows.end(table.quotas(entry.list));
        let kept = self.counters.values().filter(|entry| running(entry)).count();
        let capacity = self.counters.capacity();
        let capacity = if kept * 4 < capacity { kept * 2 } else { capacity };
        let fresh = HashMap::with_capacity_and_hasher(capacity, BuildHasherDefault::default());
        let all = std::mem::replace(&mut self.counters, fresh);
        self.counters.extend(all.into_iter().filter(|(_, entry)| running(entry)));
        self.heap = self.counters.values().map(|entry| entry.windows.heap()).sum();
    }

    fn bytes(&self) -> usize {
        map_bytes(self.counters.capacity()) + self.heap
    }
}

/// Bytes of a map with room for so many entries: a power of two of places, seven eighths of them in use, each with a
/// byte of control, and 16 of these more.
fn map_bytes(capacity: usize) -> usize {
    match capacity {
        0 => 0,
        _ => {
            let places = (capacity * 8 / 7).next_power_of_two();
            places * (size_of::<(CounterId, Entry)>() + 1) + 16
        }
    }
}

/// An id is a hash already.
impl Hash for CounterId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0[0]);
    }
}

/// Hashes a number as it is.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

#[cfg(test)]
mod tests;
