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
    entries: LruCache<Place, Arc<Stored>>,
    bytes: usize,
}

impl Memory {
    /// Holds so many bytes at most.
    pub(super) fn new(max: usize) -> Self {
        Memory { held: Mutex::new(Held { entries: LruCache::unbounded(), bytes: 0 }), max }
    }

    /// What is kept there; used by that.
    pub(super) fn get(&self, place: Place) -> Option<Arc<Stored>> {
        self.held.lock().entries.get(&place).cloned()
    }

    /// The same, without a use.
    pub(super) fn peek(&self, place: Place) -> Option<Arc<Stored>> {
        self.held.lock().entries.peek(&place).cloned()
    }

    /// Keeps an answer in the place of what was there. Gives back how many had to go for it.
    pub(super) fn put(&self, place: Place, entry: Arc<Stored>) -> u64 {
        let size = entry.size();
        let mut gone = Vec::new();
        let mut held = self.held.lock();
        let before = held.entries.push(place, entry);
        held.bytes += size;
        if let Some((_, before)) = before {
            held.bytes -= before.size();
        }
        while held.bytes > self.max {
            let Some((_, oldest)) = held.entries.pop_lru() else { break };
            held.bytes -= oldest.size();
            gone.push(oldest);
        }
        // Freed outside of the lock.
        drop(held);
        gone.len() as u64
    }

    /// Forgets an answer, if it is still this one.
    pub(super) fn remove(&self, place: Place, entry: &Arc<Stored>) {
        let mut held = self.held.lock();
        if held.entries.peek(&place).is_some_and(|there| Arc::ptr_eq(there, entry)) {
            held.entries.pop(&place);
            held.bytes -= entry.size();
        }
    }

    /// Forgets all that `gone` says; gives back how many, and their bytes.
    pub(super) fn remove_all(&self, gone: &dyn Fn(&Stored) -> bool) -> (u64, u64) {
        let mut held = self.held.lock();
        let places: Vec<Place> =
            held.entries.iter().filter(|(_, entry)| gone(entry)).map(|(place, _)| *place).collect();
        let (mut count, mut bytes) = (0, 0);
        for place in places {
            if let Some(entry) = held.entries.pop(&place) {
                held.bytes -= entry.size();
                count += 1;
                bytes += entry.size() as u64;
            }
        }
        (count, bytes)
    }

    /// All answers, the one used last first.
    pub(super) fn all(&self) -> Vec<Arc<Stored>> {
        self.held.lock().entries.iter().map(|(_, entry)| entry.clone()).collect()
    }

    /// How many there are, and their bytes.
    pub(super) fn count(&self) -> (u64, u64) {
        let held = self.held.lock();
        (held.entries.len() as u64, held.bytes as u64)
    }
}
