//! An answer whose pieces leave at an even pace: `TOKEN_RATE_LIMIT`.

use crate::{
    answer::AnswerBody,
    limit::{events::Events, pace::Pace},
    tee::Cut,
};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::Sleep;

/// What comes next of the answer itself.
type Next = Option<Result<Frame<Bytes>, Cut>>;

/// An answer at an even pace: of a stream each event, however the network put them together; any other answer is
/// delayed once. The upstream is asked for more only when all that came before has left, so that it feels the pace too.
pub(crate) struct PacedBody {
    inner: AnswerBody,
    pace: Pace,
    /// `None`: no stream, or its end has come.
    events: Option<Events>,
    /// What waits for its time.
    waiting: Option<Bytes>,
    /// What comes behind that.
    behind: Option<Next>,
    /// Nothing is delayed any more.
    free: bool,
    /// Why the answer breaks off, and when: a server that is told at once drops what it was given before.
    failing: Option<(Cut, Pin<Box<Sleep>>)>,
}

/// Enough for the last event to be written.
const BEFORE_BREAK: Duration = Duration::from_millis(1);

impl PacedBody {
    pub(crate) fn new(inner: AnswerBody, interval: Duration, is_stream: bool) -> Self {
        PacedBody {
            inner,
            pace: Pace::new(interval),
            events: is_stream.then(Events::default),
            waiting: None,
            behind: None,
            free: false,
            failing: None,
        }
    }

    /// The next piece that leaves, as soon as there is one; a frame that is none, or the end, comes as it is.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        loop {
            if let Some(event) = self.events.as_mut().and_then(Events::next) {
                return Poll::Ready(Some(Ok(Frame::data(event))));
            }
            if let Some(behind) = self.behind.take() {
                return Poll::Ready(behind);
            }
            let next = ready!(Pin::new(&mut self.inner).poll_frame(cx));
            let Some(events) = &mut self.events else { return Poll::Ready(next) };
            match next {
                Some(Ok(frame)) if frame.is_data() => {
                    if let Ok(data) = frame.into_data() {
                        events.push(data);
                    }
                }
                other => {
                    let rest = events.rest();
                    self.events = None;
                    match rest {
                        Some(rest) => {
                            self.behind = Some(other);
                            return Poll::Ready(Some(Ok(Frame::data(rest))));
                        }
                        None => return Poll::Ready(other),
                    }
                }
            }
        }
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Next> {
        let this = self.get_mut();
        if this.waiting.is_none() && this.failing.is_none() {
            match ready!(this.poll_piece(cx)) {
                Some(Ok(frame)) if frame.is_data() => this.waiting = frame.into_data().ok(),
                Some(Err(cut)) => this.failing = Some((cut, Box::pin(tokio::time::sleep(BEFORE_BREAK)))),
                other => return Poll::Ready(other),
            }
        }
        if let Some((cut, sleep)) = &mut this.failing {
            ready!(sleep.as_mut().poll(cx));
            return Poll::Ready(Some(Err(*cut)));
        }
        if !this.free {
            ready!(this.pace.poll_ready(cx));
            this.pace.passed();
            this.free = this.events.is_none() && this.behind.is_none();
        }
        Poll::Ready(this.waiting.take().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.waiting.is_none() && self.behind.is_none() && self.events.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // Nothing is taken out; what waits here has left the inner body already.
        if self.waiting.is_none() && self.behind.is_none() && self.events.is_none() {
            self.inner.size_hint()
        } else {
            SizeHint::default()
        }
    }
}
