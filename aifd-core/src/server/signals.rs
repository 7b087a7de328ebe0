//! What the bytes of an HTTP/1 connection and the handling of its requests tell each other.

use super::framing::Violation;
use bytes::BytesMut;
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Bytes of interim answers that wait for a caller at most; RFC 9110 section 15.2 makes them optional.
const MAX_INTERIM: usize = 64 * 1024;

/// Why a message was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Violation(Violation),
    /// Its head did not arrive in time.
    Slow,
}

/// What the connection and the request handler tell each other.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// Number of the refused message, counted from 1; 0 while there is none.
    pub(super) refused: AtomicU64,
    pub(super) refusal: Mutex<Option<Refusal>>,
    /// The last answered message's number, and whether it made the connection a tunnel.
    answered: AtomicU64,
    pub(super) reset: AtomicBool,
    pub(super) informational: Mutex<BytesMut>,
    pub(super) has_informational: AtomicBool,
    pub(super) reader: AtomicWaker,
    /// Counts the turns of the connection's task; see `gather.rs`.
    pub(crate) turn: AtomicU64,
}

impl Signals {
    /// The refusal of the `number`th message, if it was refused.
    pub(crate) fn refusal(&self, number: u64) -> Option<Refusal> {
        if self.refused.load(Relaxed) == number { *self.refusal.lock() } else { None }
    }

    /// Answers the upgrade that the `number`th message may ask for: from there on the connection is a tunnel, or
    /// messages go on.
    pub(crate) fn decide_upgrade(&self, number: u64, granted: bool) {
        self.answered.store(number << 1 | u64::from(granted), Relaxed);
        self.reader.wake();
    }

    /// Whether the upgrade that the `number`th message asked for was granted; `None` while that is open.
    pub(super) fn upgrade(&self, number: u64) -> Option<bool> {
        let answered = self.answered.load(Relaxed);
        (answered >> 1 == number).then_some(answered & 1 == 1)
    }

    /// Whether the end of the connection shall be a reset.
    pub(crate) fn reset(&self, reset: bool) {
        self.reset.store(reset, Relaxed);
    }

    /// Sends an interim answer (1xx) before the answer that is awaited; a caller that does not read misses some.
    pub(crate) fn send_interim(&self, head: &[u8]) {
        let mut waiting = self.informational.lock();
        if waiting.len() + head.len() > MAX_INTERIM {
            return;
        }
        waiting.extend_from_slice(head);
        drop(waiting);
        self.has_informational.store(true, Relaxed);
        self.reader.wake();
    }
}
