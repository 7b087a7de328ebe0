//! The thread that packs rotated files and removes the oldest, and the queue that it takes them from.

use super::tidy::{Rules, Tidy, TidyEvent};
use crate::rotation::{Keep, Packing};
use parking_lot::{Condvar, Mutex};
use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

/// Makes a compressor and its queue. The caller runs the compressor on a thread of its own.
pub fn compressor(packing: Packing, keep: Keep) -> (CompressorQueue, Compressor) {
    let shared = Arc::new(Shared::default());
    (CompressorQueue(Arc::clone(&shared)), Compressor { shared, rules: Rules { packing, keep } })
}

/// Says which logs have rotated files. Dropping it stops the compressor within the next block of a file: what is left
/// is done after the next start.
#[derive(Debug)]
pub struct CompressorQueue(Arc<Shared>);

/// Packs rotated files, and removes those that are not kept.
#[derive(Debug)]
pub struct Compressor {
    shared: Arc<Shared>,
    rules: Rules,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Paths of log files; as many as there are logs at most.
    logs: BTreeSet<PathBuf>,
    end: End,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    #[default]
    Open,
    /// After what is queued.
    WhenDone,
    /// Now.
    Stopped,
}

impl CompressorQueue {
    /// Has the rotated files of the log at `path` (`chat.log`) put in order: after each rotation, and once at start for
    /// what an earlier run left. Never waits.
    pub fn submit(&self, path: PathBuf) {
        self.0.state.lock().logs.insert(path);
        self.0.changed.notify_one();
    }

    /// Lets the compressor end once it has done what is queued.
    pub fn finish(self) {
        self.0.state.lock().end = End::WhenDone;
        // Dropped now, it notifies.
    }
}

impl Drop for CompressorQueue {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        if state.end == End::Open {
            state.end = End::Stopped;
        }
        self.0.changed.notify_one();
    }
}

impl Compressor {
    /// Works until the queue is dropped or finished.
    pub fn run(self, on: &mut dyn FnMut(TidyEvent)) {
        let stop = || self.shared.state.lock().end == End::Stopped;
        while let Some(log) = self.shared.next() {
            if let Some(tidy) = Tidy::new(&log, self.rules, &stop, on) {
                tidy.run();
            }
        }
    }
}

impl Shared {
    /// Waits for a log.
    fn next(&self) -> Option<PathBuf> {
        let mut state = self.state.lock();
        loop {
            match (state.end, state.logs.pop_first()) {
                (End::Stopped, _) | (End::WhenDone, None) => return None,
                (_, Some(log)) => return Some(log),
                (End::Open, None) => self.changed.wait(&mut state),
            }
        }
    }
}
