//! Lets pieces of a streamed answer that are ready together leave together, without delaying any.
//!
//! The connection to the upstream hands over one piece a turn of the scheduler, and the connection to the caller
//! writes whenever its body has nothing more: a burst of 60 pieces costs 60 writes. So a piece that came close
//! behind its predecessor is held for one more turn, and all that was held leaves when a turn brings nothing more,
//! or at [`MAX_HELD`] bytes. A piece that comes alone, as from a model at work, is not held at all.

use crate::clock;
use bytes::{Bytes, BytesMut};
use std::time::{Duration, Instant};

/// Pieces that come apart by more than this are not of one burst.
const CLOSE: Duration = Duration::from_millis(1);

/// Bytes at which what was held leaves.
const MAX_HELD: usize = 16 * 1024;

/// The pieces held of one answer.
#[derive(Debug, Default)]
pub(crate) struct Gather {
    held: Vec<Bytes>,
    length: usize,
    last: Option<Instant>,
    /// The turn in which the last piece came, or it was first seen that there was none.
    waiting_since: Option<u64>,
}

/// What to do when nothing more is there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Quiet {
    /// Nothing is held: wait for the upstream.
    Wait,
    /// Something is held: look again in another turn.
    LookAgain,
    /// This leaves now.
    Send(Bytes),
}

impl Gather {
    /// Takes a piece; gives back what leaves now.
    pub(crate) fn push(&mut self, piece: Bytes) -> Option<Bytes> {
        let now = clock::now();
        let close = self.last.replace(now).is_some_and(|last| now.duration_since(last) < CLOSE);
        if !close && self.held.is_empty() {
            return Some(piece);
        }
        self.length += piece.len();
        self.held.push(piece);
        self.waiting_since = None;
        if self.length >= MAX_HELD { self.take() } else { None }
    }

    /// Nothing more is there in this turn.
    pub(crate) fn quiet(&mut self, turn: u64) -> Quiet {
        if self.held.is_empty() {
            return Quiet::Wait;
        }
        match self.waiting_since {
            Some(since) if since != turn => self.take().map_or(Quiet::Wait, Quiet::Send),
            _ => {
                self.waiting_since = Some(turn);
                Quiet::LookAgain
            }
        }
    }

    /// All that is held.
    pub(crate) fn take(&mut self) -> Option<Bytes> {
        self.waiting_since = None;
        let length = std::mem::take(&mut self.length);
        match self.held.len() {
            0 | 1 => self.held.pop(),
            _ => {
                let mut all = BytesMut::with_capacity(length);
                self.held.drain(..).for_each(|piece| all.extend_from_slice(&piece));
                Some(all.freeze())
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_piece_is_not_held() {
        let mut gather = Gather::default();
        assert_eq!(gather.push("a".into()), Some("a".into()));
        assert_eq!(gather.quiet(1), Quiet::Wait);
    }

    #[test]
    fn a_burst_leaves_together_when_a_later_turn_brings_nothing_more() {
        let mut gather = Gather { last: Some(clock::now() + Duration::from_secs(1)), ..Gather::default() };
        assert_eq!(gather.push("a".into()), None);
        assert_eq!(gather.quiet(1), Quiet::LookAgain);
        assert_eq!(gather.quiet(1), Quiet::LookAgain, "the same turn is no later one");
        gather.last = Some(clock::now() + Duration::from_secs(1));
        assert_eq!(gather.push("b".into()), None);
        assert_eq!(gather.quiet(2), Quiet::LookAgain);
        assert_eq!(gather.quiet(3), Quiet::Send("ab".into()));
        assert!(gather.is_empty());
    }

    #[test]
    fn what_is_held_is_bounded() {
        let mut gather = Gather { last: Some(clock::now() + Duration::from_secs(1)), ..Gather::default() };
        let piece = Bytes::from(vec![0; MAX_HELD]);
        assert_eq!(gather.push(piece.clone()), Some(piece));
        assert!(gather.is_empty());
    }
}
