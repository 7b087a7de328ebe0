//! Bounds on how many requests are under way at once, with a queue for those that may wait.

use super::{
    meter::KeyMeter,
    standing::{Crowded, Whose},
};
use parking_lot::Mutex;
use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::time::Sleep;

/// Requests that wait for one bound at most; further ones are refused at once.
pub const MAX_WAITING: usize = 4_096;

/// A bound, those under way, and those that wait, first come first served.
#[derive(Debug)]
pub(super) struct Slots(Mutex<State>);

#[derive(Debug)]
struct State {
    limit: u32,
    taken: u32,
    /// Whoever waits; once anybody had to.
    waiting: Option<Box<Queue>>,
}

#[derive(Debug, Default)]
struct Queue {
    next: u64,
    /// By their numbers, which only grow.
    tickets: VecDeque<(u64, Option<Waker>)>,
}

/// Whose slots are taken.
#[derive(Clone, Debug)]
enum Owner {
    Key(KeyMeter),
    All(Arc<Slots>),
}

impl Slots {
    /// `None` is no bound.
    pub(super) fn new(limit: Option<u32>) -> Self {
        Slots(Mutex::new(State { limit: limit.unwrap_or(u32::MAX), taken: 0, waiting: None }))
    }

    pub(super) fn change(&self, limit: Option<u32>) {
        self.0.lock().limit = limit.unwrap_or(u32::MAX);
        // A waker runs code of others, so none is called under the lock.
        while let Some(waker) = self.give(0) {
            waker.wake();
        }
    }

    /// Takes so many slots back, gives a free one to the first that waits, and tells whom to wake.
    fn give(&self, back: u32) -> Option<Waker> {
        let mut state = self.0.lock();
        state.taken = state.taken.saturating_sub(back);
        let mut waker = None;
        while waker.is_none() && state.taken < state.limit {
            let (_, first) = state.waiting.as_mut()?.pop()?;
            state.taken += 1;
            waker = first;
        }
        waker
    }

    fn release(&self) {
        if let Some(waker) = self.give(1) {
            waker.wake();
        }
    }

    fn limit(&self) -> u32 {
        self.0.lock().limit
    }

    /// Takes a slot, or a number in the queue where waiting makes sense, or neither.
    fn take(&self, may_wait: bool) -> Taking {
        let mut state = self.0.lock();
        let waiting = state.waiting.as_ref().map_or(0, |queue| queue.tickets.len());
        if state.taken < state.limit && waiting == 0 {
            state.taken += 1;
            return Taking::Taken;
        }
        if !may_wait || waiting >= MAX_WAITING {
            return Taking::Refused;
        }
        let queue = state.waiting.get_or_insert_default();
        let number = queue.next;
        queue.next += 1;
        queue.tickets.push_back((number, None));
        Taking::Queued(number)
    }

    /// Whether the turn of a number has come: then its slot is taken already.
    fn poll(&self, number: u64, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.0.lock();
        match state.waiting.as_mut().and_then(|queue| queue.find(number)) {
            None => Poll::Ready(()),
            Some((_, waker)) => {
                if !waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                    *waker = Some(cx.waker().clone());
                }
                Poll::Pending
            }
        }
    }

    /// Takes a number out of the queue; if its turn has come unnoticed, its slot goes to the next.
    fn leave(&self, number: u64) {
        let mut state = self.0.lock();
        let index = state.waiting.as_ref().and_then(|queue| queue.index(number));
        match (index, state.waiting.as_mut()) {
            (Some(index), Some(queue)) => {
                queue.tickets.remove(index);
            }
            _ => {
                drop(state);
                self.release();
            }
        }
    }
}

enum Taking {
    Taken,
    Queued(u64),
    Refused,
}

impl Queue {
    /// Takes the first one out. The last one takes the memory with it; numbers go on, since some may still be held.
    fn pop(&mut self) -> Option<(u64, Option<Waker>)> {
        let first = self.tickets.pop_front();
        if self.tickets.is_empty() {
            self.tickets = VecDeque::new();
        }
        first
    }

    fn index(&self, number: u64) -> Option<usize> {
        self.tickets.binary_search_by_key(&number, |(number, _)| *number).ok()
    }

    fn find(&mut self, number: u64) -> Option<&mut (u64, Option<Waker>)> {
        let index = self.index(number)?;
        self.tickets.get_mut(index)
    }
}

impl Owner {
    fn slots(&self) -> &Slots {
        match self {
            Owner::Key(key) => key.slots(),
            Owner::All(slots) => slots,
        }
    }

    fn crowded(&self) -> Crowded {
        let whose = match self {
            Owner::Key(_) => Whose::Key,
            Owner::All(_) => Whose::Global,
        };
        Crowded { limit: self.slots().limit(), whose }
    }
}

/// A slot, free again when it is dropped.
#[derive(Debug)]
struct Slot(Owner);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.slots().release();
    }
}

/// A number in a queue. Dropped while it waits, it leaves the queue.
struct Ticket<'a> {
    slots: &'a Slots,
    number: u64,
    served: bool,
}

impl Ticket<'_> {
    fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        let poll = self.slots.poll(self.number, cx);
        self.served = poll.is_ready();
        poll
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if !self.served {
            self.slots.leave(self.number);
        }
    }
}

/// A request under way: dropped, it lets another one in.
#[must_use = "dropping it lets another request in"]
pub struct Entered {
    all: Option<Slot>,
    key: Option<Slot>,
}

impl Entered {
    /// Whether no bound counts the request, so that nothing has to be given back.
    pub fn is_empty(&self) -> bool {
        self.all.is_none() && self.key.is_none()
    }
}

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entered")
    }
}

/// Takes a slot of the key, then one of all: a request that waits for its key's does not keep others from theirs.
/// Both waits together last no longer than `patience`.
pub(super) async fn enter(
    key: Option<KeyMeter>,
    all: Option<Arc<Slots>>,
    patience: Duration,
) -> Result<Entered, Crowded> {
    let mut patience = Patience { lasts: patience, sleep: None };
    let key = match key {
        Some(key) => Some(take(Owner::Key(key), &mut patience).await?),
        None => None,
    };
    let all = match all {
        Some(all) => Some(take(Owner::All(all), &mut patience).await?),
        None => None,
    };
    Ok(Entered { all, key })
}

async fn take(owner: Owner, patience: &mut Patience) -> Result<Slot, Crowded> {
    let number = match owner.slots().take(!patience.lasts.is_zero()) {
        Taking::Taken => return Ok(Slot(owner)),
        Taking::Refused => return Err(owner.crowded()),
        Taking::Queued(number) => number,
    };
    let mut ticket = Ticket { slots: owner.slots(), number, served: false };
    let served = poll_fn(|cx| match ticket.poll(cx) {
        Poll::Ready(()) => Poll::Ready(true),
        Poll::Pending => patience.poll_end(cx).map(|()| false),
    })
    .await;
    drop(ticket);
    if served { Ok(Slot(owner)) } else { Err(owner.crowded()) }
}

/// How long a request waits; its timer is made when it first has to.
struct Patience {
    lasts: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let lasts = self.lasts;
        self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(lasts))).as_mut().poll(cx)
    }
}

#[cfg(test)]
mod tests;
