//! Puts an answer together from its body: JSON, or the events of a stream, however they were framed and encoded.

mod chat;
mod choice;
mod messages;
pub(in crate::recorder) mod opaque;
mod responses;
mod speech;
mod template;

use super::plain::{Plain, plain};
use crate::sse;
use aifd_log::{
    Kind,
    literal::{self, Dialect},
    record::{Answer, Raw},
};
use std::borrow::Cow;

/// The body of an answer, and what its head says of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) content_type: &'a str,
    pub(crate) content_encoding: &'a str,
    /// Bytes of it that are read at most, decoded.
    pub(crate) max_decoded: usize,
}

/// What an answer says.
pub(crate) fn answer<'a>(kind: Kind, answered: Answered<'a>) -> Answer<'a> {
    // What broke off is told up to there.
    let plain = plain(answered.body, answered.content_encoding, answered.max_decoded);
    match plain.filter(|plain| !plain.body.is_empty() || answered.body.is_empty()) {
        Some(Plain { body: Cow::Borrowed(body), .. }) => read(kind, answered.content_type, body),
        Some(Plain { body: Cow::Owned(body), left_out, .. }) => {
            Answer { left_out, ..owned(read(kind, answered.content_type, &body)) }
        }
        // What cannot be decoded is told by its size and digest.
        None => Answer { body: Some(opaque::digest(answered.body)), ..Answer::default() },
    }
}

fn read<'a>(kind: Kind, content_type: &str, body: &'a [u8]) -> Answer<'a> {
    if body.is_empty() {
        return Answer::default();
    }
    let is_stream = sse::is_stream(content_type.as_bytes());
    let read = match (kind, is_stream) {
        (Kind::General, _) => None,
        (Kind::Chat | Kind::Completion, true) => Some(chat::of_stream(body)),
        (Kind::Embedding, true) => Some(Answer { is_unfinished: false, ..chat::of_stream(body) }),
        (Kind::Responses, true) => Some(responses::of_stream(body)),
        (Kind::Messages, true) => Some(messages::of_stream(body)),
        (Kind::Whisper, true) => Some(speech::of_stream(body)),
        (Kind::Chat | Kind::Completion | Kind::Embedding, false) => chat::of_json(body),
        (Kind::Responses, false) => responses::of_json(body),
        (Kind::Messages, false) => messages::of_json(body),
        (Kind::Whisper, false) => speech::of_body(content_type, body),
    };
    let is_unfinished = read.as_ref().is_some_and(|answer| answer.is_unfinished);
    read.filter(says_something).unwrap_or_else(|| Answer {
        body: Some(opaque::value(body)),
        is_unfinished,
        ..Answer::default()
    })
}

/// Whether anything of it was understood.
fn says_something(answer: &Answer<'_>) -> bool {
    !answer.choices.is_empty() || answer.error.is_some() || answer.object.is_some() || answer.output.is_some()
}

/// What ends a stream of chat completions.
const DONE: &[u8] = b"[DONE]";

/// Calls back with the name and the data of each event of a stream, also of one that broke off behind its data. Gives back
/// how many said something that could not be read, as the callback tells it.
fn events(body: &[u8], on_event: &mut impl FnMut(&[u8], &[u8]) -> bool) -> u64 {
    let mut unread = 0;
    sse::events(body, &mut |name, data| {
        if !on_event(name, data) {
            let data = data.trim_ascii();
            unread += u64::from(!data.is_empty() && data != DONE);
        }
    });
    unread
}

/// The fields of an object, if it is one.
fn fields<'a>(json: &'a [u8], mut on: impl FnMut(&str, &'a [u8])) -> bool {
    literal::fields(json, Dialect::Json, &mut |name, value| on(&name, value)).is_ok()
}

/// The items of an array, if it is one.
fn items<'a>(json: &'a [u8], mut on: impl FnMut(&'a [u8])) -> bool {
    json.first() == Some(&b'[') && literal::items(json, Dialect::Json, &mut |item| on(item)).is_ok()
}

/// The place that a piece belongs to: 0 where it tells none, `None` where what it tells is no place.
fn place(value: Option<&[u8]>) -> Option<u64> {
    value.filter(|value| *value != b"null").map_or(Some(0), number)
}

/// A value that is not null.
fn some(value: &[u8]) -> Option<Raw<'_>> {
    (value != b"null").then_some(Cow::Borrowed(value))
}

/// What stands between the quotes of a JSON string, its escapes as they are.
fn inner(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// Quotes what stood between quotes.
fn quoted(inner: &[u8]) -> Raw<'static> {
    let mut text = Vec::with_capacity(inner.len() + 2);
    text.push(b'"');
    text.extend_from_slice(inner);
    text.push(b'"');
    Cow::Owned(text)
}

/// An array of these values.
fn array<'v>(values: impl IntoIterator<Item = &'v [u8]>) -> Raw<'static> {
    let mut out = vec![b'['];
    for value in values {
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(value);
    }
    out.push(b']');
    Cow::Owned(out)
}

fn number(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// An answer that borrows from nothing.
fn owned(answer: Answer<'_>) -> Answer<'static> {
    let own = |raw: Option<Raw<'_>>| raw.map(|raw| Cow::Owned(raw.into_owned()));
    Answer {
        model: own(answer.model),
        usage: own(answer.usage),
        error: own(answer.error),
        body: own(answer.body),
        choices: answer.choices.into_iter().map(choice::owned).collect(),
        output: own(answer.output),
        object: own(answer.object),
        left_out: answer.left_out,
        unread_events: answer.unread_events,
        is_unfinished: answer.is_unfinished,
    }
}

#[cfg(test)]
mod tests;
