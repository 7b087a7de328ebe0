//! The body of an answer on its way to the caller; knows how it ended, exactly once.

use crate::{
    exchange::{End, Exchange},
    gather::{Gather, Quiet},
    server::signals::Signals,
    sse::filter::UsageFilter,
    tally::StreamGuard,
    upstream::pool::Lease,
};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering::Relaxed},
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::{Instant, Sleep};

/// Why an answer that had begun was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Cut {
    #[error("the upstream broke off its answer")]
    BrokenOff,
    #[error("the upstream was silent for longer than idle_timeout")]
    Silent,
}

impl Cut {
    fn code(self) -> &'static str {
        match self {
            Cut::BrokenOff => "provider_broke_off",
            Cut::Silent => "provider_idle_timeout",
        }
    }
}

/// The caller's connection, as far as an answer needs it.
#[derive(Clone)]
pub(crate) struct CallerSide {
    pub(crate) signals: Arc<Signals>,
    /// The end of the answer is the end of the connection, so that only a reset can tell a break.
    pub(crate) ends_by_close: bool,
}

/// What happens to an answer as it passes.
#[derive(Default)]
pub(crate) struct Passage {
    /// Whether pieces that are ready together leave together.
    pub(crate) gather: bool,
    pub(crate) filter: Option<Box<UsageFilter>>,
    /// It is counted as a stream.
    pub(crate) stream: Option<StreamGuard>,
}

/// The body of an answer on its way to the caller. Dropped before its end, it closes the upstream's connection.
pub(crate) struct TeeBody {
    answer: Incoming,
    lease: Option<Lease>,
    exchange: Exchange,
    side: Option<CallerSide>,
    gather: Option<Gather>,
    /// Takes out the usage that the gateway asked for and the caller did not.
    filter: Option<Box<UsageFilter>>,
    _stream: Option<StreamGuard>,
    idle: Option<(Duration, Pin<Box<Sleep>>)>,
    /// A frame or an end that waits until what was gathered has left.
    next: Option<Option<Result<Frame<Bytes>, Cut>>>,
    /// The same behind what the filter held.
    after_filter: Option<Option<Result<Frame<Bytes>, Cut>>>,
    ended: bool,
}

impl TeeBody {
    pub(crate) fn new(
        answer: Incoming,
        lease: Option<Lease>,
        exchange: Exchange,
        side: Option<CallerSide>,
        passage: Passage,
        idle: Option<Duration>,
    ) -> Self {
        if let Some(side) = side.as_ref().filter(|side| side.ends_by_close) {
            // Until its end was seen, any end of the connection is a break.
            side.signals.reset(true);
        }
        let gather = passage.gather && side.is_some() && answer.size_hint().exact().is_none();
        TeeBody {
            answer,
            lease,
            exchange,
            side,
            gather: gather.then(Gather::default),
            filter: passage.filter,
            _stream: passage.stream,
            idle: idle.map(|after| (after, Box::pin(tokio::time::sleep(after)))),
            next: None,
            after_filter: None,
            ended: false,
        }
    }

    fn end(&mut self, end: End) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.exchange.end(end);
        if let (End::Complete, Some(side)) = (end, &self.side) {
            side.signals.reset(false);
        }
        let lease = self.lease.take();
        if let (End::Complete, Some(lease)) = (end, lease) {
            lease.keep();
        }
    }

    fn cut(&mut self, cut: Cut) {
        self.exchange.error = Some(cut.code());
        self.end(End::Failed);
    }

    /// The next thing from the upstream, its end included.
    fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match Pin::new(&mut self.answer).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    self.exchange.bytes_out += data.len() as u64;
                    self.exchange.answer_comes(data);
                    if self.answer.is_end_stream() {
                        // Nobody asks for an end whose place is known.
                        self.exchange.answer_ends();
                    }
                }
                if let Some((after, sleep)) = &mut self.idle {
                    sleep.as_mut().reset(Instant::from_std(crate::clock::now()) + *after);
                }
                if frame.is_trailers() {
                    // Nothing can follow, and a server does not ask for more.
                    self.end(End::Complete);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(_))) => {
                self.cut(Cut::BrokenOff);
                Poll::Ready(Some(Err(Cut::BrokenOff)))
            }
            Poll::Ready(None) => {
                self.end(End::Complete);
                Poll::Ready(None)
            }
            Poll::Pending => self.poll_silence(cx),
        }
    }

    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let Some((_, sleep)) = &mut self.idle else { return Poll::Pending };
        if sleep.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.cut(Cut::Silent);
        Poll::Ready(Some(Err(Cut::Silent)))
    }

    /// The same, without what the filter takes out.
    fn poll_filtered(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        loop {
            if let Some(next) = self.after_filter.take() {
                return Poll::Ready(next);
            }
            let polled = ready!(self.poll_answer(cx));
            let Some(filter) = &mut self.filter else { return Poll::Ready(polled) };
            match polled {
                Some(Ok(frame)) if frame.is_data() => {
                    let left = frame.into_data().ok().and_then(|data| filter.push(data));
                    if let Some(data) = left {
                        return Poll::Ready(Some(Ok(Frame::data(data))));
                    }
                }
                other => match filter.finish() {
                    Some(data) => {
                        self.after_filter = Some(other);
                        return Poll::Ready(Some(Ok(Frame::data(data))));
                    }
                    None => return Poll::Ready(other),
                },
            }
        }
    }

    fn poll_gathered(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        loop {
            if let Some(next) = self.next.take() {
                return Poll::Ready(next);
            }
            let polled = self.poll_filtered(cx);
            let Some(gather) = &mut self.gather else { return polled };
            match polled {
                Poll::Ready(Some(Ok(frame))) if frame.is_data() => {
                    let leaves = frame.into_data().ok().and_then(|data| gather.push(data));
                    if let Some(data) = leaves {
                        return Poll::Ready(Some(Ok(Frame::data(data))));
                    }
                }
                Poll::Ready(other) => match gather.take() {
                    Some(data) => {
                        self.next = Some(other);
                        return Poll::Ready(Some(Ok(Frame::data(data))));
                    }
                    None => return Poll::Ready(other),
                },
                Poll::Pending => {
                    let turn = self.side.as_ref().map_or(0, |side| side.signals.turn.load(Relaxed));
                    return match gather.quiet(turn) {
                        Quiet::Wait => Poll::Pending,
                        Quiet::Send(data) => Poll::Ready(Some(Ok(Frame::data(data)))),
                        Quiet::LookAgain => {
                            cx.waker().wake_by_ref();
                            Poll::Pending
                        }
                    };
                }
            }
        }
    }
}

impl Body for TeeBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        self.get_mut().poll_gathered(cx)
    }

    fn is_end_stream(&self) -> bool {
        let held = self.next.is_some()
            || self.after_filter.is_some()
            || self.filter.is_some()
            || self.gather.as_ref().is_some_and(|gather| !gather.is_empty());
        !held && self.answer.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.gather.is_some() || self.filter.is_some() {
            SizeHint::default()
        } else {
            self.answer.size_hint()
        }
    }
}

impl Drop for TeeBody {
    fn drop(&mut self) {
        // A server does not ask for the end of a body whose length it knows.
        let end = if self.is_end_stream() { End::Complete } else { End::Cancelled };
        self.end(end);
    }
}
