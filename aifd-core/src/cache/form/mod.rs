//! The two forms of an answer, whole and as a stream: whether one is all there, and the other one of it.
//!
//! Pure: bytes in, bytes out. What cannot be told exactly is not told at all, so that nobody gets an answer that says
//! something else than the one that was kept.

mod chunks;
mod complete;
mod frame;
mod join;
mod judge;
mod messages;
mod pieces;
mod responses;

pub(crate) use complete::completeness;

use serde_json::{Map, Value};

type Object = Map<String, Value>;

/// The APIs whose answers come as a stream or whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    /// OpenAI's "Chat Completions".
    Chat,
    /// OpenAI's "Completions", the older API.
    Completion,
    /// OpenAI's "Responses".
    Responses,
    /// Anthropic's "Messages".
    Messages,
}

/// Whether an answer is all there, by what it says itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Complete {
    Yes(Told),
    No(Lack),
}

/// What an answer that is all there tells of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) model: Option<String>,
    /// A filter of the provider ended it, or the model would not answer (Anthropic's "refusal").
    pub(crate) content_filter: bool,
    /// Tokens of the prompt and of the answer, counted as [`crate::usage::Usage`] says.
    pub(crate) usage: Option<(u64, u64)>,
}

/// Why an answer is not all there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lack {
    /// It stops before its end.
    BrokenOff,
    /// It came to its end, and says that it is not finished: a choice without a reason, a status such as "in_progress".
    Unfinished,
    /// It tells an error.
    Error,
    /// It is not what its API or its content type promises.
    NotUnderstood,
}

/// What a stream amounts to.
#[derive(Debug)]
struct Gathered {
    answer: Object,
    /// Nothing in the stream was left out that a whole answer would tell.
    exact: bool,
}

/// The whole answer that a stored stream amounts to; `None` where that cannot be told.
pub(crate) fn whole(api: Api, stream: &[u8]) -> Option<Vec<u8>> {
    let gathered = gather(api, stream).ok().filter(|gathered| gathered.exact)?;
    judge::judge(api, &gathered.answer).ok()?;
    Some(Value::Object(gathered.answer).to_string().into_bytes())
}

/// The stream that a stored whole answer would have come as; `usage`: with the last chunk that tells it, which Chat and
/// Completion give to whoever asks (`stream_options.include_usage`). `None` where no stream can carry it.
pub(crate) fn stream(api: Api, whole: &[u8], usage: bool) -> Option<Vec<u8>> {
    let answer = object(whole).ok()?;
    judge::judge(api, &answer).ok()?;
    match api {
        Api::Chat | Api::Completion => chunks::stream(api, answer, usage),
        Api::Responses => responses::stream(answer),
        Api::Messages => messages::stream(answer),
    }
}

/// Reads a stream to its end.
fn gather(api: Api, stream: &[u8]) -> Result<Gathered, Lack> {
    match api {
        Api::Chat | Api::Completion => chunks::gather(api, stream),
        Api::Responses => responses::gather(stream),
        Api::Messages => messages::gather(stream),
    }
}

/// A JSON object.
fn object(json: &[u8]) -> Result<Object, Lack> {
    match serde_json::from_slice(json) {
        Ok(Value::Object(object)) => Ok(object),
        Err(fault) if fault.is_eof() => Err(Lack::BrokenOff),
        Ok(_) | Err(_) => Err(Lack::NotUnderstood),
    }
}

/// A field that is there and not null.
fn some<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

fn text<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod tests;
