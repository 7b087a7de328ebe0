//! What is remembered of an exchange for its log, as it passes: the bodies, within a bound, and when they came.

use crate::{
    clock,
    exchange::End,
    recorder::{Asked, Entry, Recorder, Uid},
};
use aifd_log::Kind;
use http::{HeaderMap, StatusCode, header};
use parking_lot::Mutex;
use std::{
    borrow::Cow,
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

/// A body as far as it is remembered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    pub(crate) data: Vec<u8>,
    /// Bytes past the bound.
    pub(crate) left_out: u64,
}

impl Body {
    fn push(&mut self, piece: &[u8], max: usize) {
        let room = max - self.data.len().min(max);
        let kept = piece.len().min(room);
        self.data.extend_from_slice(&piece[..kept]);
        self.left_out += (piece.len() - kept) as u64;
    }
}

/// What is known of an exchange before its bodies come.
#[derive(Debug)]
pub(crate) struct About {
    pub(crate) uid: Uid,
    pub(crate) kind: Kind,
    /// Position of its route among the configured ones.
    pub(crate) route: usize,
    pub(crate) at: chrono::DateTime<chrono::Utc>,
    pub(crate) client: Option<IpAddr>,
    /// The id that the caller gave it.
    pub(crate) request_id: Option<Box<str>>,
    pub(crate) key: Option<Box<str>>,
    /// Method and path, where the log tells them.
    pub(crate) target: Option<(http::Method, Box<str>)>,
    pub(crate) content_type: Cow<'static, str>,
    pub(crate) content_encoding: Cow<'static, str>,
    /// What the caller showed to be let in: cut out of whatever is logged.
    pub(crate) credentials: Box<[Box<str>]>,
}

/// The request's body on its way; shared by the exchange and the body itself.
#[derive(Debug)]
pub(crate) struct Tap {
    recorder: Arc<Recorder>,
    about: Arc<About>,
    /// `None`: it was handed over.
    body: Mutex<Option<Body>>,
}

impl Tap {
    /// A piece passes.
    pub(crate) fn push(&self, piece: &[u8]) {
        if let Some(body) = &mut *self.body.lock() {
            body.push(piece, self.recorder.max_body());
        }
    }

    /// All of it has passed: a log that has a line for the request gets it now.
    pub(crate) fn end(&self) {
        if self.recorder.tells_requests_apart()
            && let Some(body) = self.take()
        {
            self.recorder.record(Entry {
                asked: Some(Asked { body }),
                answered: None,
                about: self.about.clone(),
            });
        }
    }

    fn take(&self) -> Option<Body> {
        self.body.lock().take()
    }
}

/// The log's side of an exchange.
#[derive(Debug)]
pub(crate) struct Capture {
    pub(crate) tap: Arc<Tap>,
    begun: Instant,
    answer: Body,
    first_byte: Option<Instant>,
    /// Its length was not told before it came.
    is_stream: bool,
    content_type: Cow<'static, str>,
    content_encoding: Cow<'static, str>,
}

/// An answer, or what became of it.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) body: Body,
    pub(crate) content_type: Cow<'static, str>,
    pub(crate) content_encoding: Cow<'static, str>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) end: End,
    /// The code of what went wrong in the gateway.
    pub(crate) fault: Option<&'static str>,
    pub(crate) cache: Option<&'static str>,
    pub(crate) latency: Duration,
    pub(crate) first_byte: Option<Duration>,
}

/// How an exchange ended, as its log tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closing {
    pub(crate) end: End,
    pub(crate) status: Option<StatusCode>,
    /// The code of what went wrong in the gateway.
    pub(crate) fault: Option<&'static str>,
    /// Whether the cache answered, if there is one.
    pub(crate) cache: Option<&'static str>,
}

impl Capture {
    pub(crate) fn begin(recorder: &Arc<Recorder>, about: About, begun: Instant) -> Self {
        let body = Mutex::new(Some(Body::default()));
        let tap = Tap { recorder: recorder.clone(), about: Arc::new(about), body };
        Capture {
            tap: Arc::new(tap),
            begun,
            answer: Body::default(),
            first_byte: None,
            is_stream: false,
            content_type: Cow::Borrowed(""),
            content_encoding: Cow::Borrowed(""),
        }
    }

    /// The request's body is there as a whole.
    pub(crate) fn asked(&self, body: &[u8]) {
        self.tap.push(body);
        self.tap.end();
    }

    /// The answer begins.
    pub(crate) fn answers(&mut self, headers: &HeaderMap) {
        self.content_type = text(headers, header::CONTENT_TYPE);
        self.content_encoding = text(headers, header::CONTENT_ENCODING);
        let length =
            headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        self.is_stream = length.is_none();
        let (recorder, about) = (&self.tap.recorder, &self.tap.about);
        let expected: usize = length.unwrap_or_else(|| recorder.usual_stream(about.route));
        self.answer.data.reserve(expected.min(MAX_RESERVED).min(recorder.max_body()));
    }

    /// A piece of it passes.
    pub(crate) fn passes(&mut self, piece: &[u8]) {
        if self.first_byte.is_none() {
            self.first_byte = Some(clock::now());
        }
        self.answer.push(piece, self.tap.recorder.max_body());
    }

    /// Hands over what is left; called once.
    pub(crate) fn close(self, closing: Closing) {
        let Closing { end, status, fault, cache } = closing;
        if self.is_stream && end == End::Complete {
            self.tap.recorder.saw_stream(self.tap.about.route, self.answer.data.len());
        }
        let since = |instant: Instant| instant.duration_since(self.begun);
        let answered = Answered {
            body: self.answer,
            content_type: self.content_type,
            content_encoding: self.content_encoding,
            status,
            end,
            fault,
            cache,
            latency: since(clock::now()),
            first_byte: self.first_byte.map(since),
        };
        let asked = self.tap.take().map(|body| Asked { body });
        let about = self.tap.about.clone();
        self.tap.recorder.record(Entry { about, asked, answered: Some(answered) });
    }
}

/// Bytes that are set aside before a body comes, whatever its length says.
const MAX_RESERVED: usize = 64 * 1024;

/// The text of a header, or nothing; the usual ones take no memory.
pub(crate) fn text(headers: &HeaderMap, name: header::HeaderName) -> Cow<'static, str> {
    const USUAL: [&str; 4] = [
        "application/json",
        "text/event-stream",
        "text/event-stream; charset=utf-8",
        "application/json; charset=utf-8",
    ];
    let Some(text) = headers.get(name).and_then(|value| value.to_str().ok()) else {
        return Cow::Borrowed("");
    };
    match USUAL.into_iter().find(|usual| *usual == text) {
        Some(usual) => Cow::Borrowed(usual),
        None => Cow::Owned(text.to_owned()),
    }
}
