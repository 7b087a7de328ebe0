//! What waits to be judged and written: bounded in bytes. A cache may lose an answer, and never slows a request down.

use super::entry::Stored;
use parking_lot::{Condvar, Mutex};
use std::{sync::Arc, time::Duration};

/// Bytes that may wait; what comes beyond is kept in memory alone.
const MAX_WAITING: usize = 64 << 20;

/// How long answers are gathered before they are written together.
const GATHER: Duration = Duration::from_millis(20);

/// Answers on their way to the keeper.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    written: Condvar,
}

#[derive(Debug, Default)]
struct State {
    entries: Vec<Arc<Stored>>,
    bytes: usize,
    idle: bool,
    stop: bool,
    /// What was taken is being written.
    busy: bool,
    /// Somebody waits for it.
    hurry: bool,
}

/// What the keeper has to do.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) entries: Vec<Arc<Stored>>,
    /// Nothing comes after this.
    pub(super) last: bool,
}

impl Queue {
    pub(super) fn push(&self, entry: Arc<Stored>) {
        let size = entry.size();
        let mut state = self.state.lock();
        if state.bytes + size > MAX_WAITING {
            return;
        }
        state.bytes += size;
        state.entries.push(entry);
        if std::mem::take(&mut state.idle) {
            drop(state);
            self.changed.notify_one();
        }
    }

    pub(super) fn stop(&self) {
        self.state.lock().stop = true;
        self.changed.notify_one();
    }

    /// Waits until all that came is written, at most as long as said.
    pub(super) fn settled(&self, at_most: Duration) {
        let mut state = self.state.lock();
        state.hurry = true;
        self.changed.notify_one();
        self.written.wait_while_for(&mut state, |state| state.busy || !state.entries.is_empty(), at_most);
        state.hurry = false;
    }

    /// What was taken is written.
    pub(super) fn done(&self) {
        self.state.lock().busy = false;
        self.written.notify_all();
    }

    /// What came, gathered for a moment; waits for something at most as long as said.
    pub(super) fn take(&self, at_most: Duration) -> Batch {
        let mut state = self.state.lock();
        if state.entries.is_empty() && !state.stop {
            state.idle = true;
            self.changed.wait_while_for(&mut state, |state| state.entries.is_empty() && !state.stop, at_most);
            state.idle = false;
        }
        if !state.stop && !state.entries.is_empty() {
            self.changed.wait_while_for(&mut state, |state| !state.stop && !state.hurry, GATHER);
        }
        state.bytes = 0;
        state.busy = !state.entries.is_empty();
        Batch { entries: std::mem::take(&mut state.entries), last: state.stop }
    }
}
