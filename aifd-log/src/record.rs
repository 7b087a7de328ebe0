//! What is known of one exchange when it is logged.

use crate::Kind;
use std::borrow::Cow;

/// The text of a JSON value.
pub type Raw<'a> = Cow<'a, [u8]>;

/// Who asked, when, and by which route.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// What kind of exchange it is.
    pub kind: Kind,
    /// Joins the lines of one exchange; never the same twice.
    pub uid: &'a str,
    /// When it was asked, by the clocks of the log's time zone: `2026-11-23 18:42:43`.
    pub datetime: &'a str,
    /// The caller's address; empty if it has none.
    pub ip: &'a str,
    /// The route's prefix.
    pub route: &'a str,
    /// The id of the caller's forward key.
    pub key: Option<&'a str>,
    /// Whether the answer may come from the cache where the request does not say.
    pub caching: bool,
    /// Bytes of the request's body, if it is too long to be logged whole.
    pub body_bytes: Option<u64>,
    /// The id that the caller gave the request.
    pub request_id: Option<&'a str>,
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// JSON, or what looks like it: of an object its fields are logged, what turns out to be none as its text.
    Json(Raw<'a>),
    /// A form: JSON of its fields, as an object.
    Form(Raw<'a>),
    /// Another text, as a JSON string.
    Text(Raw<'a>),
    /// Something that is no text: an object that tells its size and digest.
    Bytes(Raw<'a>),
    /// Nothing.
    Empty,
}

impl Request<'_> {
    /// One that borrows from nothing.
    pub fn into_owned(self) -> Request<'static> {
        let own = |raw: Raw<'_>| Cow::Owned(raw.into_owned());
        match self {
            Request::Json(raw) => Request::Json(own(raw)),
            Request::Form(raw) => Request::Form(own(raw)),
            Request::Text(raw) => Request::Text(own(raw)),
            Request::Bytes(raw) => Request::Bytes(own(raw)),
            Request::Empty => Request::Empty,
        }
    }
}

/// What a general route was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The method.
    pub method: &'a str,
    /// The path; credentials in its query are masked.
    pub path: &'a str,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The answer was passed on whole.
    Complete,
    /// The upstream or the gateway failed.
    Failed,
    /// The caller left.
    Cancelled,
}

impl End {
    /// As it is logged.
    pub fn name(self) -> &'static str {
        match self {
            End::Complete => "complete",
            End::Failed => "failed",
            End::Cancelled => "cancelled",
        }
    }
}

/// How it went.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Status of the answer; `None`: none was sent.
    pub status: Option<u16>,
    /// How it ended.
    pub end: End,
    /// Milliseconds from the request's head to the answer's end.
    pub latency_ms: f64,
    /// Milliseconds from the request's head to the answer's first byte.
    pub ttft_ms: Option<f64>,
    /// How the cache served it.
    pub cache: Option<&'a str>,
}

/// What was answered, put together from all its pieces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer<'a> {
    /// The model that answered.
    pub model: Option<Raw<'a>>,
    /// Tokens, as the service tells them.
    pub usage: Option<Raw<'a>>,
    /// The error that the service told.
    pub error: Option<Raw<'a>>,
    /// What the service said instead of an answer that could be understood.
    pub body: Option<Raw<'a>>,
    /// The answers, by their index.
    pub choices: Vec<Choice<'a>>,
    /// All items of an answer that consists of items: those of Responses, the content blocks of Messages.
    pub output: Option<Raw<'a>>,
    /// `object` of an answer that is nothing but one (embeddings).
    pub object: Option<Raw<'a>>,
    /// Bytes of the body that are not logged.
    pub left_out: u64,
    /// Events of a stream that could not be read: what they said is missing.
    pub unread_events: u64,
    /// It came as a stream that did not say that it had come to its end.
    pub is_unfinished: bool,
}

/// One of the answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice<'a> {
    /// Its place: a number, or what stood there.
    pub index: Raw<'a>,
    /// Whose message it is; mostly `assistant`.
    pub role: Option<Raw<'a>>,
    /// Its text, or its parts; of a completion or transcription, the text.
    pub content: Option<Raw<'a>>,
    /// An array of the calls that it makes.
    pub tool_calls: Option<Raw<'a>>,
    /// What the model thought, and who calls it what: `reasoning_content`, `reasoning`.
    pub reasoning: Option<Raw<'a>>,
    /// Why it refuses.
    pub refusal: Option<Raw<'a>>,
    /// Further fields of its message, in their order.
    pub more: Vec<(String, Raw<'a>)>,
    /// Why it ends.
    pub finish_reason: Option<Raw<'a>>,
}

impl Default for Choice<'_> {
    fn default() -> Self {
        Choice {
            index: Cow::Borrowed(b"0"),
            role: None,
            content: None,
            tool_calls: None,
            reasoning: None,
            refusal: None,
            more: Vec::new(),
            finish_reason: None,
        }
    }
}
