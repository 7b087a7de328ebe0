//! Counts of what the server did since it started: what `aifd status` shows.

use crate::{control::RequestCounts, exchange::End};
use http::StatusCode;
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
};

/// Counts since the start; each is one atomic, and only refusals take a lock.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    total: AtomicU64,
    succeeded: AtomicU64,
    client_errors: AtomicU64,
    server_errors: AtomicU64,
    cancelled: AtomicU64,
    /// Streamed answers under way.
    streams: AtomicUsize,
    /// By code; the codes are a closed set.
    refused: Mutex<BTreeMap<&'static str, u64>>,
    /// In the order of the configured routes.
    routes: Box<[AtomicU64]>,
}

impl Tally {
    pub(crate) fn new(routes: usize) -> Self {
        Tally { routes: (0..routes).map(|_| AtomicU64::new(0)).collect(), ..Tally::default() }
    }

    /// A request begins.
    pub(crate) fn begun(&self) {
        self.total.fetch_add(1, Relaxed);
    }

    /// A request is for this route.
    pub(crate) fn routed(&self, route: usize) {
        if let Some(count) = self.routes.get(route) {
            count.fetch_add(1, Relaxed);
        }
    }

    /// The gateway refused a request, for this code.
    pub(crate) fn refused(&self, code: &'static str) {
        *self.refused.lock().entry(code).or_default() += 1;
    }

    /// A request has ended.
    pub(crate) fn ended(&self, end: End, status: Option<StatusCode>) {
        let count = match (end, status.map(|status| status.as_u16())) {
            (End::Cancelled, _) => &self.cancelled,
            (_, Some(400..=499)) => &self.client_errors,
            (End::Failed, _) | (_, None | Some(500..)) => &self.server_errors,
            _ => &self.succeeded,
        };
        count.fetch_add(1, Relaxed);
    }

    /// Counts a streamed answer until the guard is dropped.
    pub(crate) fn stream(self: &Arc<Self>) -> StreamGuard {
        self.streams.fetch_add(1, Relaxed);
        StreamGuard(self.clone())
    }

    /// All of them; `in_flight` is counted elsewhere.
    pub(crate) fn requests(&self, in_flight: usize) -> RequestCounts {
        RequestCounts {
            total: self.total.load(Relaxed),
            in_flight: in_flight as u64,
            streams: self.streams.load(Relaxed) as u64,
            succeeded: self.succeeded.load(Relaxed),
            client_errors: self.client_errors.load(Relaxed),
            server_errors: self.server_errors.load(Relaxed),
            cancelled: self.cancelled.load(Relaxed),
        }
    }

    /// Refusals by code.
    pub(crate) fn refusals(&self) -> BTreeMap<String, u64> {
        self.refused.lock().iter().map(|(code, count)| ((*code).to_owned(), *count)).collect()
    }

    /// Requests of a route.
    pub(crate) fn of_route(&self, route: usize) -> u64 {
        self.routes.get(route).map_or(0, |count| count.load(Relaxed))
    }
}

/// A streamed answer under way.
#[derive(Debug)]
pub(crate) struct StreamGuard(Arc<Tally>);

impl Drop for StreamGuard {
    fn drop(&mut self) {
        self.0.streams.fetch_sub(1, Relaxed);
    }
}
