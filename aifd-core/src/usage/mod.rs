//! What an answer used, read while it passes: tokens, events, and whether it came to its end.

mod count;
mod seen;

use crate::{
    decode::Decoder,
    json::Fields,
    sse::{Part, SseParts},
};
use count::Counts;
use seen::{PATHS, Seen};

/// Tokens as the API counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Of the prompt, what came from a cache included.
    pub(crate) prompt: u64,
    /// Of the answer, its reasoning included.
    pub(crate) completion: u64,
    /// As the API says, else their sum.
    pub(crate) total: u64,
}

/// What a usage object tells, if it has any count.
pub(crate) fn of_object(usage: &[u8]) -> Option<Usage> {
    let mut counts = Counts::default();
    counts.take(usage).then(|| counts.usage())
}

/// What was seen of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Observed {
    /// The last usage that it told.
    pub(crate) usage: Option<Usage>,
    /// Tokens of the answer's text that passed, estimated: a quarter of its bytes, and at least one for each event with
    /// text. For where the stream was left before it told its usage; of a short JSON answer that told it, 0.
    pub(crate) answer_estimate: u64,
    /// Events of a stream that had data; 0 for other answers.
    pub(crate) events: u64,
    /// It came to the end that its API gives it: `[DONE]`, an end event, Gemini's last chunk, or whole JSON.
    pub(crate) done: bool,
    /// It told an error.
    pub(crate) stream_error: bool,
}

/// Reads an answer as it passes. Holds at most 16 KiB of it, beside what its content encoding takes.
#[derive(Debug)]
pub(crate) struct UsageReader {
    decoder: Option<Decoder>,
    body: Body,
    /// What comes cannot be decoded; what was seen before stays.
    given_up: bool,
}

#[derive(Debug)]
enum Body {
    /// Neither JSON nor events, or in an encoding that is not known, or broken: not looked at.
    Opaque,
    /// Held while it is small, since most of it need not be looked at: its usage stands at its end.
    Held(Vec<u8>),
    Json(Document),
    Events(SseParts, Document),
}

/// A JSON text: the body, or the data of an event.
#[derive(Debug)]
struct Document {
    fields: Fields,
    seen: Seen,
    /// It is not JSON.
    broken: bool,
    /// The beginning of an event's data, for what is not JSON.
    start: [u8; DONE.len() + 1],
    length: usize,
}

const DONE: &[u8] = b"[DONE]";

/// Bytes of a JSON answer that are held; a longer one is scanned as it passes.
const MAX_HELD: usize = 8 * 1024;

/// What the end of a JSON answer tells, from its last `"usage"` on. Within a string the quotes would be escaped, and
/// only a member of the root leaves one brace to close, so what reads as the rest of an object is just that.
fn with_usage_at_end(answer: &[u8]) -> Option<Document> {
    let at = memchr::memmem::rfind(answer, b"\"usage\"")?;
    let mut document = Document::default();
    document.push(b"{");
    document.push(&answer[at..]);
    document.end().then_some(document)
}

impl UsageReader {
    /// A reader for an answer with this `content-type` and `content-encoding`.
    pub(crate) fn new(content_type: Option<&str>, content_encoding: Option<&str>) -> Self {
        let decoder = content_encoding.map(Decoder::for_encoding);
        let body = match decoder {
            Some(None) => Body::Opaque,
            _ => Body::of_type(content_type.unwrap_or_default()),
        };
        let decoder = if matches!(body, Body::Opaque) { None } else { decoder.flatten() };
        UsageReader { decoder, body, given_up: false }
    }

    /// Reads a piece of the body, as it came.
    pub(crate) fn push(&mut self, piece: &[u8]) {
        if self.given_up {
            return;
        }
        let body = &mut self.body;
        let Some(decoder) = &mut self.decoder else { return body.push(piece) };
        if decoder.push(piece, &mut |bytes| body.push(bytes)).is_err() {
            self.decoder = None;
            self.given_up = true;
        }
    }

    /// The body has ended, or was left.
    pub(crate) fn finish(mut self) -> Observed {
        match &mut self.body {
            Body::Opaque => Observed::default(),
            Body::Held(held) => match with_usage_at_end(held) {
                Some(document) => document.seen.observed(true),
                None => {
                    let mut document = Document::default();
                    document.push(held);
                    let whole = document.end();
                    document.seen.observed(whole)
                }
            },
            Body::Json(document) => {
                let whole = document.end();
                document.seen.observed(whole)
            }
            Body::Events(parts, document) => {
                parts.finish(&mut |part| document.part(part));
                document.seen.observed(false)
            }
        }
    }
}

impl Body {
    fn of_type(content_type: &str) -> Self {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match &*essence {
            "text/event-stream" => Body::Events(SseParts::default(), Document::default()),
            "application/json" | "text/json" => Body::Held(Vec::new()),
            other if other.ends_with("+json") => Body::Held(Vec::new()),
            _ => Body::Opaque,
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        match self {
            Body::Opaque => {}
            Body::Held(held) if held.len() + bytes.len() <= MAX_HELD => held.extend_from_slice(bytes),
            Body::Held(held) => {
                let mut document = Document::default();
                document.push(held);
                document.push(bytes);
                *self = Body::Json(document);
            }
            Body::Json(document) => document.push(bytes),
            Body::Events(parts, document) => {
                let mut rest = bytes;
                while !rest.is_empty() {
                    rest = &rest[parts.step(rest, &mut |part| document.part(part)).used..];
                }
            }
        }
    }
}

impl Default for Document {
    fn default() -> Self {
        Document {
            fields: Fields::new(&PATHS),
            seen: Seen::default(),
            broken: false,
            start: [0; DONE.len() + 1],
            length: 0,
        }
    }
}

impl Document {
    fn push(&mut self, bytes: &[u8]) {
        if !self.broken {
            self.broken = self.fields.push(bytes, &mut self.seen).is_err();
        }
    }

    /// Whether it is whole JSON.
    fn end(&mut self) -> bool {
        !self.broken && self.fields.finish(&mut self.seen).is_ok()
    }

    fn part(&mut self, part: Part<'_>) {
        match part {
            Part::Data(bytes) => {
                if self.length < self.start.len() {
                    let room = &mut self.start[self.length..];
                    let length = bytes.len().min(room.len());
                    room[..length].copy_from_slice(&bytes[..length]);
                    self.length += length;
                }
                self.push(bytes);
            }
            Part::End { name } => {
                let json = self.end();
                let done = self.start[..self.length].trim_ascii() == DONE;
                self.seen.event_ended(name, json, done);
                self.fields.restart();
                self.broken = false;
                self.length = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests;
