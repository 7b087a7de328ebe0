//! Answers in memory: bounded in bytes, those that were not used for longest go first.

use super::{entry::Stored, key::Place};
use lru::LruCache;
use parking_lot::Mutex;
use std::sync::Arc;

/// Answers in memory.
#[derive(Debug)]
pub(super) struct Memory {
    held: Mutex<Held>,
    max: usize,
}

#[derive(Debug)]
struct Held {
    /// Each with the bytes that it is counted for.
    entries: LruCache<Place, (Arc<Stored>, usize)>,
    bytes: usize,
}

impl Memory {
    /// Holds so many bytes at most.
    pub(super) fn new(max: usize) -> Self {
        Memory { held: Mutex::new(Held { entries: LruCache::unbounded(), bytes: 0 }), max }
    }

    /// What is kept there; used by that.
    pub(super) fn get(&self, place: Place) -> Option<Arc<Stored>> {
        self.held.lock().entries.get(&place).map(|(entry, _)| entry.clone())
    }

    /// The same, without a use.
    pub(super) fn peek(&self, place: Place) -> Option<Arc<Stored>> {
        self.held.lock().entries.peek(&place).map(|(entry, _)| entry.clone())
    }

    /// Keeps an answer in the place of what was there. Gives back how many had to go for it.
    pub(super) fn put(&self, place: Place, entry: Arc<Stored>) -> u64 {
        let size = entry.size();
        let mut held = self.held.lock();
        let before = held.entries.push(place, (entry, size));
        held.bytes += size;
        if let Some((_, (_, before))) = &before {
            held.bytes -= before;
        }
        let gone = held.fit(self.max);
        // Freed outside of the lock.
        drop(held);
        gone.len() as u64
    }

    /// An answer has grown: another form of it was made.
    pub(super) fn count_again(&self, place: Place, entry: &Arc<Stored>) {
        let size = entry.size();
        let mut held = self.held.lock();
        let Some((there, counted)) = held.entries.peek_mut(&place) else { return };
        if !Arc::ptr_eq(there, entry) {
            return;
        }
        let before = std::mem::replace(counted, size);
        held.bytes = held.bytes + size - before;
        let gone = held.fit(self.max);
        drop(held);
        drop(gone);
    }

    /// Forgets an answer, if it is still this one.
    pub(super) fn remove(&self, place: Place, entry: &Arc<Stored>) {
        let mut held = self.held.lock();
        if held.entries.peek(&place).is_some_and(|(there, _)| Arc::ptr_eq(there, entry)) {
            held.take_out(place);
        }
    }

    /// Forgets all that `gone` says.
    pub(super) fn remove_all(&self, gone: &dyn Fn(&Stored) -> bool) {
        let mut held = self.held.lock();
        let places: Vec<Place> =
            held.entries.iter().filter(|(_, (entry, _))| gone(entry)).map(|(place, _)| *place).collect();
        places.into_iter().for_each(|place| held.take_out(place));
    }

    /// All answers, the one used last first.
    pub(super) fn all(&self) -> Vec<Arc<Stored>> {
        self.held.lock().entries.iter().map(|(_, (entry, _))| entry.clone()).collect()
    }

    /// How many there are, and their bytes.
    pub(super) fn count(&self) -> (u64, u64) {
        let held = self.held.lock();
        (held.entries.len() as u64, held.bytes as u64)
    }
}

impl Held {
    /// Lets those go that were not used for longest until the rest fits.
    fn fit(&mut self, max: usize) -> Vec<Arc<Stored>> {
        let mut gone = Vec::new();
        while self.bytes > max {
            let Some((_, (oldest, size))) = self.entries.pop_lru() else { break };
            self.bytes -= size;
            gone.push(oldest);
        }
        gone
    }

    fn take_out(&mut self, place: Place) {
        if let Some((_, size)) = self.entries.pop(&place) {
            self.bytes -= size;
        }
    }
}
