//! The thread that writes what workers counted: the ledger, and when keys were last used.

use super::Administration;
use crate::{
    clock,
    ledger::first_kept,
    store::{Store, StoreError},
    tasks,
};
use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Between two writes of the ledger. A crash loses what was counted in between, so less than a second of it.
const LEDGER_EVERY: Duration = Duration::from_millis(500);

/// Between two writes of when keys were last used.
const LAST_USE_EVERY: Duration = Duration::from_secs(5);

/// Between two looks for days that are too old.
const OLD_DAYS_EVERY: Duration = Duration::from_secs(3600);

/// The running thread. Dropped, it writes what is left and ends.
pub(crate) struct Flusher {
    thread: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Flusher {
    /// Starts it; without a store there is nothing to do for it.
    ///
    /// # Errors
    /// The system has no thread left.
    pub(crate) fn start(on: Arc<Administration>) -> io::Result<Self> {
        if !on.has_store() {
            return Ok(Flusher { thread: None });
        }
        let (stop, stopped) = channel();
        let thread = tasks::thread("aifd-flusher", move || run(&on, &stopped))?;
        Ok(Flusher { thread: Some((stop, thread)) })
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        let Some((stop, thread)) = self.thread.take() else { return };
        drop(stop);
        if thread.join().is_err() {
            tracing::error!("the thread that writes the ledger had panicked");
        }
    }
}

fn run(on: &Administration, stopped: &Receiver<()>) {
    let Some(store) = &on.store else { return };
    let mut told = Told::default();
    let (mut last_use, mut old_days): (Option<Instant>, Option<Instant>) = (None, None);
    let due = |at: Option<Instant>, every| at.is_none_or(|at| clock::now().duration_since(at) >= every);
    loop {
        if due(old_days, OLD_DAYS_EVERY) {
            told.tell("days that are too old could not be forgotten", forget_old_days(store));
            old_days = Some(clock::now());
        }
        let stopping = matches!(stopped.recv_timeout(LEDGER_EVERY), Err(RecvTimeoutError::Disconnected));
        told.tell("the ledger could not be written", on.ledger.write(store));
        if stopping || due(last_use, LAST_USE_EVERY) {
            told.tell("the last use of keys could not be written", on.write_last_use());
            last_use = Some(clock::now());
        }
        if stopping {
            return;
        }
    }
}

fn forget_old_days(store: &Store) -> Result<(), StoreError> {
    store.forget_before(first_kept(clock::utc().date_naive()))
}

/// Whether a failure was told of: once until it is over.
#[derive(Default)]
struct Told(bool);

impl Told {
    fn tell(&mut self, what: &'static str, done: Result<(), StoreError>) {
        match done {
            Err(error) if !self.0 => {
                tracing::warn!(%error, "{what}; what was counted is kept, and tried again");
                self.0 = true;
            }
            Err(_) => {}
            Ok(()) => self.0 = false,
        }
    }
}

impl Administration {
    /// Writes when keys were last used: of those that were since the last time.
    ///
    /// # Errors
    /// The store cannot be written.
    pub(super) fn write_last_use(&self) -> Result<(), StoreError> {
        let Some(store) = &self.store else { return Ok(()) };
        // No key is deleted between being looked at here and written: its last use would stay behind.
        let _changing = self.book.changing.lock();
        let keys = self.book.all();
        let used: Vec<_> = keys.iter().filter_map(|key| Some((key, key.usage.unstored()?))).collect();
        if used.is_empty() {
            return Ok(());
        }
        store.set_last_used(used.iter().map(|(key, seconds)| (key.id().0.as_str(), Some(*seconds))))?;
        used.iter().for_each(|(key, seconds)| key.usage.mark_stored(*seconds));
        Ok(())
    }
}
