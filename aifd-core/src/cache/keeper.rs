//! The keeper's thread: opens the cache on disk, writes what was taken, and forgets what has expired.

use super::{Cache, Disk, disk::DiskError, entry::Stored, now};
use crate::{clock, config::CacheBackend, tasks};
use parking_lot::{Condvar, Mutex};
use std::{
    io,
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// How often expired answers are looked for, counts written and the catalogue brought to disk.
const SWEEP: Duration = Duration::from_secs(10);

/// How long nothing is stored after the disk refused.
const PAUSE: Duration = Duration::from_secs(30);

/// How long a start waits for the cache: a large one is opened while requests are served without it.
const OPEN_WAIT: Duration = Duration::from_millis(500);

/// The running thread. Dropped, it writes what is left and ends.
pub(crate) struct Keeper {
    cache: Arc<Cache>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts it, and waits a moment until the cache on disk is open.
    ///
    /// # Errors
    /// The system has no thread left.
    pub(crate) fn start(cache: &Arc<Cache>) -> io::Result<Self> {
        let opened = Arc::new((Mutex::new(false), Condvar::new()));
        let (shared, tell) = (cache.clone(), opened.clone());
        let thread = tasks::thread("aifd-cache", move || {
            shared.open_disk();
            *tell.0.lock() = true;
            tell.1.notify_all();
            run(&shared);
        })?;
        opened.1.wait_while_for(&mut opened.0.lock(), |opened| !*opened, OPEN_WAIT);
        Ok(Keeper { cache: cache.clone(), thread: Some(thread) })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.cache.queue.stop();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!(target: "aifd::cache", "the thread of the cache had panicked");
        }
        // Its files are let go.
        *self.cache.disk.write() = None;
    }
}

impl Cache {
    /// Opens the cache on disk. Where that fails, answers are kept in memory alone.
    pub(crate) fn open_disk(&self) {
        let Some(folder) = &self.folder else { return };
        let backend = self.settings.backend;
        if matches!(backend, CacheBackend::Lmdb | CacheBackend::LevelDb) {
            tracing::info!(target: "aifd::cache", folder = %folder.display(), "what openai-forward kept in {backend} is not read; answers are kept in a cache of aifd's own");
        }
        match Disk::open(folder, self.settings.max_size) {
            Ok(disk) => {
                if let Some(counts) = disk.counts() {
                    self.counts.lock().restore(&counts);
                }
                *self.disk.write() = Some(Arc::new(disk));
            }
            Err(error) => {
                tracing::warn!(target: "aifd::cache", path = %folder.display(), %error, "the cache on disk cannot be used; answers are kept in memory alone");
            }
        }
    }

    /// Writes what was counted, and brings all to disk.
    fn settle(&self) {
        let Some(disk) = self.disk.read().clone() else { return };
        let changed = self.counts.lock().changed();
        if let Some(counts) = changed {
            disk.set_counts(&counts);
        }
        disk.flush();
    }
}

fn run(cache: &Cache) {
    let mut swept = clock::now();
    let mut paused: Option<Instant> = None;
    loop {
        let batch = cache.queue.take(SWEEP);
        let good = judge(cache, batch.entries);
        let now = clock::now();
        match paused {
            // Once more before the end: there may be room again.
            Some(until) if now < until && !batch.last => cache.counts.lock().unwritten += good.len() as u64,
            _ => paused = write(cache, &good).map(|()| now + PAUSE),
        }
        cache.queue.done();
        if now.duration_since(swept) >= SWEEP && !batch.last {
            swept = now;
            sweep(cache);
            cache.settle();
        }
        if batch.last {
            return cache.settle();
        }
    }
}

/// Those that are all there; the others are forgotten.
fn judge(cache: &Cache, entries: Vec<Arc<Stored>>) -> Vec<Arc<Stored>> {
    let (good, bad): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| cache.is_good(entry));
    for entry in &bad {
        cache.memory.remove(entry.key.place(entry.variant), entry);
    }
    cache.counts.lock().stored(&good, bad.len());
    good
}

/// Writes answers; `Some` where the disk refuses.
fn write(cache: &Cache, entries: &[Arc<Stored>]) -> Option<()> {
    let disk = cache.disk.read().clone()?;
    if entries.is_empty() {
        return None;
    }
    match disk.put(entries) {
        Ok(freed) => {
            cache.counts.lock().evicted += freed.entries;
            None
        }
        Err(error) => {
            tell_refused(disk.as_ref(), &error);
            cache.counts.lock().unwritten += entries.len() as u64;
            Some(())
        }
    }
}

fn tell_refused(disk: &Disk, error: &DiskError) {
    let (path, seconds) = (disk.folder().display(), PAUSE.as_secs());
    tracing::warn!(target: "aifd::cache", %path, %error, "answers cannot be written to the cache; it is tried again in {seconds} s, and what is there is served");
}

fn sweep(cache: &Cache) {
    let now = now();
    cache.memory.remove_all(&|entry| entry.is_expired(now));
    let Some(disk) = cache.disk.read().clone() else { return };
    match disk.sweep(now) {
        Ok(freed) => cache.counts.lock().expired += freed.entries,
        Err(error) => tell_refused(&disk, &error),
    }
}
