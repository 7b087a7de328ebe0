//! What a conversion and whoever watches it tell each other.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// How far a conversion is, and whether it shall end.
#[derive(Debug, Default)]
pub struct Watch {
    stop: AtomicBool,
    read: AtomicU64,
    all: AtomicU64,
}

impl Watch {
    /// Asks the conversion to end: it does within some exchanges, and leaves what stood in its output's place.
    pub fn stop(&self) {
        self.stop.store(true, Relaxed);
    }

    /// Whether it shall end.
    pub fn stopped(&self) -> bool {
        self.stop.load(Relaxed)
    }

    /// Notes bytes that were read.
    pub fn add(&self, bytes: u64) {
        self.read.fetch_add(bytes, Relaxed);
    }

    /// Notes bytes that are to be read.
    pub fn expect(&self, bytes: u64) {
        self.all.fetch_add(bytes, Relaxed);
    }

    /// Bytes that were read, of all passes.
    pub fn read(&self) -> u64 {
        self.read.load(Relaxed)
    }

    /// Bytes that are to be read, of all passes; 0 while that is not known.
    pub fn all(&self) -> u64 {
        self.all.load(Relaxed)
    }
}
