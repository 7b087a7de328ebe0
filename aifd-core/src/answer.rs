//! What the gateway's server sends as a body: an upstream's answer, its own, or a local endpoint's.

use crate::{
    cache::{Served, Timed},
    error::{ErrorShape, ForwardError},
    exchange::{End, Exchange},
    paced::PacedBody,
    sse,
    tee::{Cut, TeeBody},
};
use bytes::Bytes;
use http::{HeaderMap, Response, header::CONTENT_TYPE};
use http_body::{Body, Frame, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

/// The body of an answer.
pub(crate) enum AnswerBody {
    /// An upstream's, as it comes.
    Upstream(Box<TeeBody>),
    /// The gateway's own.
    Own { data: Option<Bytes>, _exchange: Option<Box<Exchange>> },
    /// A local endpoint's.
    Local { body: axum::body::Body, exchange: Box<Exchange> },
    /// Out of the cache, in the time that it once took.
    Timed { timed: Box<Timed>, exchange: Box<Exchange> },
    /// One of the others, at an even pace.
    Paced(Box<PacedBody>),
}

impl AnswerBody {
    /// An answer of the gateway itself.
    pub(crate) fn own(answer: Response<Bytes>, mut exchange: Exchange) -> Response<Self> {
        exchange.status = Some(answer.status());
        exchange.bytes_out = answer.body().len() as u64;
        if exchange.error.is_none() {
            exchange.end(End::Complete);
        }
        let (mut head, data) = answer.into_parts();
        exchange.stamp(&mut head.headers);
        let data = Some(data).filter(|data| !data.is_empty());
        Response::from_parts(head, AnswerBody::Own { data, _exchange: Some(Box::new(exchange)) })
    }

    /// An answer out of the cache.
    pub(crate) fn served(served: Served, mut exchange: Exchange) -> Response<Self> {
        let Served { answer, timed, charged } = served;
        exchange.served(answer.headers(), answer.body(), charged);
        let Some(timed) = timed.filter(|_| exchange.pace.is_none()) else {
            return Self::own(answer, exchange);
        };
        exchange.status = Some(answer.status());
        let (mut head, _) = answer.into_parts();
        exchange.stamp(&mut head.headers);
        let body = AnswerBody::Timed { timed: Box::new(timed), exchange: Box::new(exchange) };
        Response::from_parts(head, body)
    }

    /// A body that belongs to no exchange of its own.
    pub(crate) fn bare(data: Bytes) -> Self {
        AnswerBody::Own { data: Some(data).filter(|data| !data.is_empty()), _exchange: None }
    }

    /// The answer that tells an error.
    pub(crate) fn refused(error: &ForwardError, shape: ErrorShape, mut exchange: Exchange) -> Response<Self> {
        exchange.refuse(error);
        let answer = error.answer(shape, &exchange.id);
        Self::own(answer, exchange)
    }

    /// An answer at an even pace: this long between two pieces.
    pub(crate) fn paced(answer: Response<Self>, interval: Option<Duration>) -> Response<Self> {
        let Some(interval) = interval else { return answer };
        let is_stream = is_event_stream(answer.headers());
        answer.map(|body| AnswerBody::Paced(Box::new(PacedBody::new(body, interval, is_stream))))
    }

    /// The answer of a local endpoint.
    pub(crate) fn local(answer: Response<axum::body::Body>, mut exchange: Exchange) -> Response<Self> {
        exchange.status = Some(answer.status());
        let (mut head, body) = answer.into_parts();
        exchange.stamp(&mut head.headers);
        Response::from_parts(head, AnswerBody::Local { body, exchange: Box::new(exchange) })
    }
}

/// Whether an answer is a stream of events.
pub(crate) fn is_event_stream(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| sse::is_stream(value.as_bytes()))
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match self.get_mut() {
            AnswerBody::Upstream(body) => Pin::new(&mut **body).poll_frame(cx),
            AnswerBody::Paced(body) => Pin::new(&mut **body).poll_frame(cx),
            AnswerBody::Own { data, .. } => Poll::Ready(data.take().map(|data| Ok(Frame::data(data)))),
            AnswerBody::Timed { timed, exchange } => {
                let polled = timed.poll(cx);
                if let Poll::Ready(Some(piece)) = &polled {
                    exchange.bytes_out += piece.len() as u64;
                }
                if timed.is_end() && polled.is_ready() {
                    exchange.end(End::Complete);
                }
                polled.map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
            }
            AnswerBody::Local { body, exchange } => {
                let polled = Pin::new(&mut *body).poll_frame(cx);
                match &polled {
                    Poll::Ready(Some(Ok(frame))) => {
                        exchange.bytes_out += frame.data_ref().map_or(0, |data| data.len() as u64);
                    }
                    Poll::Ready(None) => exchange.end(End::Complete),
                    Poll::Ready(Some(Err(_))) => exchange.end(End::Failed),
                    Poll::Pending => {}
                }
                if body.is_end_stream() {
                    exchange.end(End::Complete);
                }
                polled.map_err(|_| Cut::BrokenOff)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            AnswerBody::Upstream(body) => body.is_end_stream(),
            AnswerBody::Paced(body) => body.is_end_stream(),
            AnswerBody::Own { data, .. } => data.is_none(),
            AnswerBody::Timed { timed, .. } => timed.is_end(),
            AnswerBody::Local { body, .. } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            AnswerBody::Upstream(body) => body.size_hint(),
            AnswerBody::Paced(body) => body.size_hint(),
            AnswerBody::Own { data, .. } => {
                SizeHint::with_exact(data.as_ref().map_or(0, |data| data.len() as u64))
            }
            AnswerBody::Timed { .. } => SizeHint::default(),
            AnswerBody::Local { body, .. } => body.size_hint(),
        }
    }
}
