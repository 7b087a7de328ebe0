//! A recorded stream in the time that it took.

use bytes::Bytes;
use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::Sleep;

/// The pieces of a recorded stream, and how long each stayed out.
pub(crate) struct Timed {
    pieces: VecDeque<(Duration, Bytes)>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Timed {
    /// `None` where the times are not those of this body.
    pub(super) fn new(body: &Bytes, timing: &[(u32, u32)]) -> Option<Self> {
        let mut pieces = VecDeque::with_capacity(timing.len());
        let mut at = 0;
        for (micros, bytes) in timing {
            let end = at + *bytes as usize;
            if end > body.len() {
                break;
            }
            pieces.push_back((Duration::from_micros(u64::from(*micros)), body.slice(at..end)));
            at = end;
        }
        if at < body.len() {
            pieces.push_back((Duration::ZERO, body.slice(at..)));
        }
        (!timing.is_empty()).then_some(Timed { pieces, sleep: None })
    }

    /// The next piece when its time has come; `None` at the end.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Some((after, _)) = self.pieces.front() else { return Poll::Ready(None) };
        if !after.is_zero() {
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(*after)));
            ready!(sleep.as_mut().poll(cx));
            self.sleep = None;
        }
        Poll::Ready(self.pieces.pop_front().map(|(_, piece)| piece))
    }

    pub(crate) fn is_end(&self) -> bool {
        self.pieces.is_empty()
    }
}
