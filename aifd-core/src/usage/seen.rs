//! What the JSON of an answer, or of one event after another, tells.

use super::{Observed, count::Counts};
use crate::json::{ITEM, Paths, Raw, Take};

const BYTES_PER_TOKEN: u64 = 4;

pub(super) static PATHS: Paths = Paths::new(&[
    &["usage"],
    &["response", "usage"],
    &["message", "usage"],
    &["x_groq", "usage"],
    &["usageMetadata"],
    &[ITEM, "usageMetadata"],
    &["type"],
    &["error"],
    &["response", "error"],
    &[ITEM, "error"],
    &["candidates", ITEM, "finishReason"],
    &[ITEM, "candidates", ITEM, "finishReason"],
]);

/// Events by which a stream says that it is over.
const LAST_EVENTS: [&[u8]; 8] = [
    b"message_stop",
    b"response.completed",
    b"response.failed",
    b"response.incomplete",
    b"image_edit.completed",
    b"image_generation.completed",
    b"speech.audio.done",
    b"transcript.text.done",
];

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    counts: Counts,
    told: bool,
    text: u64,
    text_events: u64,
    events: u64,
    done: bool,
    error: bool,
    document: Document,
}

/// What was seen of the JSON text under way.
#[derive(Debug, Default)]
struct Document {
    text: u64,
    /// The last key was one of an answer's text.
    in_text: bool,
    kind: EventKind,
    finished: bool,
}

/// What the `type` of an event says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum EventKind {
    #[default]
    Plain,
    /// It tells again what earlier events have told.
    Repeats,
    Last,
    Error,
}

impl Seen {
    /// An event is whole: its name, whether its data is JSON, or `[DONE]`.
    pub(super) fn event_ended(&mut self, name: &[u8], json: bool, done: bool) {
        self.events += 1;
        let document = std::mem::take(&mut self.document);
        // A type that the data does not tell may stand in the event's name.
        let kind = if document.kind == EventKind::Plain { EventKind::of(name) } else { document.kind };
        self.done |= done || kind == EventKind::Last || (json && document.finished);
        self.error |= kind == EventKind::Error;
        if kind == EventKind::Plain && document.text > 0 {
            self.text += document.text;
            self.text_events += 1;
        }
    }

    /// All that was seen; `whole` says that a body that is no stream was whole JSON.
    pub(super) fn observed(&self, whole: bool) -> Observed {
        let text = self.text + self.document.text;
        Observed {
            usage: self.told.then(|| self.counts.usage()),
            answer_estimate: text.div_ceil(BYTES_PER_TOKEN).max(self.text_events),
            events: self.events,
            done: self.done || whole,
            stream_error: self.error,
        }
    }
}

impl EventKind {
    fn of(name: &[u8]) -> Self {
        let of_items = name.starts_with(b"response.") || name.starts_with(b"transcript.");
        if name == b"error" {
            EventKind::Error
        } else if LAST_EVENTS.contains(&name) {
            EventKind::Last
        } else if of_items && !name.ends_with(b".delta") {
            EventKind::Repeats
        } else {
            EventKind::Plain
        }
    }
}

/// The text of a string; the types of events have no escapes.
fn unquoted(raw: &[u8]) -> &[u8] {
    raw.strip_prefix(b"\"").and_then(|raw| raw.strip_suffix(b"\"")).unwrap_or_default()
}

impl Take for Seen {
    fn field(&mut self, index: usize, raw: Raw<'_>) {
        let Raw::Whole(raw) = raw else { return };
        match index {
            0..=5 if raw.starts_with(b"{") => self.told |= self.counts.take(raw),
            0..=5 => {}
            6 => self.document.kind = EventKind::of(unquoted(raw)),
            7..=9 => self.error |= raw != b"null",
            _ => self.document.finished |= raw != b"null",
        }
    }

    fn key(&mut self, _depth: u32, key: &[u8]) {
        self.document.in_text = matches!(
            key,
            b"content"
                | b"text"
                | b"arguments"
                | b"delta"
                | b"partial_json"
                | b"reasoning_content"
                | b"reasoning"
                | b"thinking"
                | b"refusal"
        );
    }

    fn text(&mut self, run: &[u8]) {
        if self.document.in_text {
            self.document.text += run.len() as u64;
        }
    }

    fn escaped(&mut self, c: char) {
        if self.document.in_text {
            self.document.text += c.len_utf8() as u64;
        }
    }
}
