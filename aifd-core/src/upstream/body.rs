//! The body of a request on its way to the upstream: bounded, counted, and remembered while it is small.

use crate::{call::CallReader, capture::Tap};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use parking_lot::Mutex;
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::Sleep;

/// A body up to this size can be sent again; a larger one is only streamed through.
const MAX_REMEMBERED: usize = 64 * 1024;

/// Why a caller's body could not be passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallBodyError {
    #[error("the body ended early or is badly framed")]
    Broken,
    #[error("the body is larger than {0} bytes")]
    TooLarge(u64),
    #[error("nothing of the body came for {0:?}")]
    Silent(Duration),
}

/// What a body consisted of, as far as it was remembered.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    frames: Vec<Bytes>,
    length: usize,
    /// All of it was seen, and no trailers.
    whole: bool,
    given_up: bool,
    error: Option<CallBodyError>,
}

impl Memory {
    fn add(&mut self, data: &Bytes) {
        self.length += data.len();
        if self.length > MAX_REMEMBERED {
            self.given_up = true;
            self.frames = Vec::new();
        } else if !self.given_up {
            self.frames.push(data.clone());
        }
    }
}

/// The body of a request on its way to the upstream. Small, since each connection has a queue of them.
pub(crate) enum CallBody {
    Empty,
    /// Held whole, since a rule looked into it; taken when it was sent.
    Whole(Option<Bytes>),
    Passing(Box<Passing>),
    Again(Box<std::vec::IntoIter<Bytes>>),
}

/// What it takes to send a body once more.
#[derive(Clone, Debug)]
pub(crate) enum Replay {
    /// It was held whole, or empty.
    Whole(Bytes),
    /// It is remembered as it passes.
    Passing(Arc<Mutex<Memory>>),
}

impl Replay {
    /// The body once more, if all of it is there.
    pub(crate) fn again(&self) -> Option<CallBody> {
        match self {
            Replay::Whole(data) => Some(CallBody::whole(data.clone())),
            Replay::Passing(memory) => {
                let memory = memory.lock();
                let whole = memory.whole && !memory.given_up;
                whole.then(|| CallBody::Again(Box::new(memory.frames.clone().into_iter())))
            }
        }
    }

    /// Why the body could not be passed on, if it could not.
    pub(crate) fn error(&self) -> Option<CallBodyError> {
        match self {
            Replay::Whole(_) => None,
            Replay::Passing(memory) => memory.lock().error,
        }
    }
}

/// A caller's body as it arrives.
pub(crate) struct Passing {
    pub(crate) body: Incoming,
    pub(crate) memory: Arc<Mutex<Memory>>,
    pub(crate) count: Arc<AtomicU64>,
    pub(crate) limit: Option<u64>,
    pub(crate) silence: Silence,
    /// Reads its fields as it passes.
    pub(crate) late: Option<Arc<LateFields>>,
    /// Remembers it for the log.
    pub(crate) tap: Option<Arc<Tap>>,
}

/// Notices that nothing of a body comes. Its timer is made when something is waited for at all.
#[derive(Debug)]
pub(crate) struct Silence {
    after: Option<Duration>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Silence {
    /// `None`: it may last.
    pub(crate) fn bounded(after: Option<Duration>) -> Self {
        Silence { after, sleep: None }
    }

    /// Something came.
    fn broken(&mut self) {
        self.sleep = None;
    }

    /// Nothing has come: whether that was so for too long.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<CallBodyError> {
        let Some(after) = self.after else { return Poll::Pending };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(after)));
        sleep.as_mut().poll(cx).map(|()| CallBodyError::Silent(after))
    }

    /// The next frame of a body.
    pub(crate) fn poll_frame(
        &mut self,
        body: &mut Incoming,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CallBodyError>>> {
        let Poll::Ready(frame) = Pin::new(body).poll_frame(cx) else {
            return self.poll(cx).map(|error| Some(Err(error)));
        };
        self.broken();
        Poll::Ready(frame.map(|frame| frame.map_err(|_| CallBodyError::Broken)))
    }
}

/// The fields of a JSON body that is not held, read as it passes.
#[derive(Default)]
pub(crate) struct LateFields(Mutex<CallReader>);

impl LateFields {
    fn push(&self, data: &[u8]) {
        // What is no JSON has no model, as `finish` tells.
        let _ = self.0.lock().push(data);
    }

    /// The model, if the body has passed and names one.
    pub(crate) fn model(&self) -> Option<String> {
        std::mem::take(&mut *self.0.lock()).finish().ok()?.model
    }
}

impl CallBody {
    /// A body that is there.
    pub(crate) fn whole(data: Bytes) -> Self {
        if data.is_empty() { CallBody::Empty } else { CallBody::Whole(Some(data)) }
    }

    /// What it takes to send it once more; asked for before it is sent.
    pub(crate) fn replay(&self) -> Replay {
        match self {
            CallBody::Empty | CallBody::Whole(None) => Replay::Whole(Bytes::new()),
            CallBody::Whole(Some(data)) => Replay::Whole(data.clone()),
            CallBody::Passing(passing) => Replay::Passing(passing.memory.clone()),
            CallBody::Again(frames) => Replay::Whole(frames.as_slice().concat().into()),
        }
    }
}

impl Body for CallBody {
    type Data = Bytes;
    type Error = CallBodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CallBodyError>>> {
        match self.get_mut() {
            CallBody::Empty => Poll::Ready(None),
            CallBody::Whole(data) => Poll::Ready(data.take().map(|data| Ok(Frame::data(data)))),
            CallBody::Again(frames) => Poll::Ready(frames.next().map(|data| Ok(Frame::data(data)))),
            CallBody::Passing(passing) => {
                let Passing { body, memory, count, limit, silence, late, tap } = &mut **passing;
                let frame = ready!(silence.poll_frame(body, cx));
                if let (Some(late), Some(Ok(frame))) = (&*late, &frame)
                    && let Some(data) = frame.data_ref()
                {
                    late.push(data);
                }
                let mut memory = memory.lock();
                let passed = match frame {
                    None => None,
                    Some(Err(error)) => Some(Err(error)),
                    Some(Ok(frame)) => Some(note(frame, &mut memory, count, *limit)),
                };
                memory.error = passed.as_ref().and_then(|passed| passed.as_ref().err().copied());
                memory.whole = body.is_end_stream() || passed.is_none();
                if let Some(tap) = tap {
                    tell(tap, passed.as_ref(), memory.whole);
                }
                Poll::Ready(passed)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            CallBody::Empty => true,
            CallBody::Whole(data) => data.is_none(),
            CallBody::Passing(passing) => passing.body.is_end_stream(),
            CallBody::Again(frames) => frames.len() == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            CallBody::Empty => SizeHint::with_exact(0),
            CallBody::Whole(data) => SizeHint::with_exact(data.as_ref().map_or(0, |data| data.len() as u64)),
            CallBody::Passing(passing) => passing.body.size_hint(),
            CallBody::Again(frames) => {
                SizeHint::with_exact(frames.as_slice().iter().map(|frame| frame.len() as u64).sum())
            }
        }
    }
}

/// Tells the log what passes.
fn tell(tap: &Tap, passed: Option<&Result<Frame<Bytes>, CallBodyError>>, whole: bool) {
    if let Some(Ok(frame)) = passed
        && let Some(data) = frame.data_ref()
    {
        tap.push(data);
    }
    if whole {
        tap.end();
    }
}

fn note(
    frame: Frame<Bytes>,
    memory: &mut Memory,
    count: &AtomicU64,
    limit: Option<u64>,
) -> Result<Frame<Bytes>, CallBodyError> {
    match frame.data_ref() {
        Some(data) => {
            let length = data.len() as u64;
            let total = count.fetch_add(length, Relaxed) + length;
            if let Some(limit) = limit
                && total > limit
            {
                return Err(CallBodyError::TooLarge(limit));
            }
            memory.add(data);
        }
        None => memory.given_up = true,
    }
    Ok(frame)
}
