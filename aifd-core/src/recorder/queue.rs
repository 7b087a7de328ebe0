//! What waits to be logged: bounded in bytes, so that a slow disk slows callers down instead of losing records.

use super::Entry;
use parking_lot::{Condvar, Mutex};
use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};
use tokio::sync::Notify;

/// Bytes that may wait before new requests have to.
const MAX_WAITING: u64 = 64 * 1024 * 1024;

/// How long entries are gathered before they are written: a crash loses what came in this time, and no more.
const GATHER: Duration = Duration::from_millis(25);

/// Entries on their way from the workers to the recorder's thread.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    /// Bytes that wait or are being written.
    bytes: AtomicU64,
    room: Notify,
}

#[derive(Debug, Default)]
struct State {
    entries: Vec<Entry>,
    bytes: u64,
    /// The thread sleeps until something comes.
    idle: bool,
    stop: bool,
    reopen: bool,
}

/// What the thread has to do.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) entries: Vec<Entry>,
    pub(super) bytes: u64,
    /// The files are to be opened anew.
    pub(super) reopen: bool,
    /// Nothing comes after this.
    pub(super) last: bool,
}

impl Queue {
    pub(super) fn push(&self, entry: Entry) {
        let size = entry.size();
        self.bytes.fetch_add(size, Relaxed);
        let mut state = self.state.lock();
        state.entries.push(entry);
        state.bytes += size;
        if std::mem::take(&mut state.idle) {
            drop(state);
            self.changed.notify_one();
        }
    }

    /// Waits until there is room for what a new request will bring.
    pub(super) async fn room(&self) {
        while self.bytes.load(Relaxed) > MAX_WAITING {
            let changed = self.room.notified();
            if self.bytes.load(Relaxed) > MAX_WAITING {
                changed.await;
            }
        }
    }

    /// Bytes that wait or are being written.
    pub(super) fn waiting(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    pub(super) fn stop(&self) {
        self.state.lock().stop = true;
        self.changed.notify_one();
    }

    pub(super) fn reopen(&self) {
        self.state.lock().reopen = true;
        self.changed.notify_one();
    }

    /// What came, gathered for a moment; waits for something at most as long as said.
    pub(super) fn take(&self, at_most: Option<Duration>) -> Batch {
        let mut state = self.state.lock();
        let none = |state: &State| state.entries.is_empty() && !state.stop && !state.reopen;
        if none(&state) {
            state.idle = true;
            match at_most {
                Some(at_most) => drop(self.changed.wait_while_for(&mut state, |state| none(state), at_most)),
                None => self.changed.wait_while(&mut state, |state| none(state)),
            }
            state.idle = false;
        }
        if !state.stop && !state.reopen && !state.entries.is_empty() {
            let busy = |state: &mut State| !state.stop && !state.reopen;
            self.changed.wait_while_for(&mut state, busy, GATHER);
        }
        Batch {
            entries: std::mem::take(&mut state.entries),
            bytes: std::mem::take(&mut state.bytes),
            reopen: std::mem::take(&mut state.reopen),
            last: state.stop,
        }
    }

    /// So many bytes are written, or given up.
    pub(super) fn done(&self, bytes: u64) {
        let before = self.bytes.fetch_sub(bytes, Relaxed);
        if before > MAX_WAITING {
            self.room.notify_waiters();
        }
    }
}
