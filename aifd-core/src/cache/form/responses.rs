//! OpenAI's "Responses": the last event of a stream has the whole answer; the ones before tell it item by item.

use super::{
    Gathered, Lack, Object, frame, object,
    pieces::{Weighed, pieces, weighed},
    text,
};
use crate::sse::events;
use serde_json::{Value, json};

/// Reads the events of a stream to its end.
pub(super) fn gather(stream: &[u8]) -> Result<Gathered, Lack> {
    let (mut whole, mut lack) = (None, None);
    events(stream, &mut |name, data| {
        if lack.is_none() {
            match last(name, data) {
                Ok(Some(response)) => whole = Some(response),
                Ok(None) => {}
                Err(fault) => lack = Some(fault),
            }
        }
    });
    match (lack, whole) {
        (Some(lack), _) => Err(lack),
        (None, Some(answer)) => Ok(Gathered { answer, exact: true }),
        (None, None) => Err(Lack::BrokenOff),
    }
}

/// The whole answer, if this is the event that has it.
fn last(name: &[u8], data: &[u8]) -> Result<Option<Object>, Lack> {
    if name == b"error" {
        return Err(Lack::Error);
    }
    if data.trim_ascii() == b"[DONE]" {
        return Ok(None);
    }
    let mut event = object(data)?;
    match text(&event, "type").map_or(name, str::as_bytes) {
        b"error" | b"response.failed" => Err(Lack::Error),
        b"response.completed" | b"response.incomplete" => match event.remove("response") {
            Some(Value::Object(response)) => Ok(Some(response)),
            _ => Err(Lack::NotUnderstood),
        },
        _ => Ok(None),
    }
}

/// `None` where the output is none of items.
pub(super) fn stream(response: Object) -> Option<Vec<u8>> {
    let items = response.get("output")?.as_array()?.clone();
    let mut begun = response.clone();
    for (name, value) in &mut begun {
        match &**name {
            "status" => *value = "in_progress".into(),
            "output" => *value = json!([]),
            "usage" | "incomplete_details" | "completed_at" => *value = Value::Null,
            _ => {}
        }
    }
    // What the SDKs put in for convenience would tell the text before it comes.
    begun.shift_remove("output_text");
    let mut events = Events { out: Vec::new(), sequence: 0 };
    events.send("response.created", [("response", Value::Object(begun.clone()))]);
    events.send("response.in_progress", [("response", Value::Object(begun))]);
    for (at, item) in items.into_iter().enumerate() {
        let Value::Object(item) = item else { return None };
        OfItem::new(at, &item, &mut events).item(item);
    }
    let is_whole = text(&response, "status") == Some("completed");
    let last = if is_whole { "response.completed" } else { "response.incomplete" };
    events.send(last, [("response", Value::Object(response))]);
    Some(events.out)
}

struct Events {
    out: Vec<u8>,
    sequence: u64,
}

impl Events {
    fn send<'a>(&mut self, kind: &str, fields: impl IntoIterator<Item = (&'a str, Value)>) {
        let mut event = json!({"type": kind, "sequence_number": self.sequence});
        fields.into_iter().for_each(|(name, value)| event[name] = value);
        self.sequence += 1;
        frame::named(&mut self.out, &event);
    }
}

/// An item whose events are written.
struct OfItem<'a> {
    events: &'a mut Events,
    id: Value,
    index: usize,
}

impl<'a> OfItem<'a> {
    fn new(index: usize, item: &Object, events: &'a mut Events) -> Self {
        OfItem { events, id: text(item, "id").unwrap_or_default().into(), index }
    }

    fn item(&mut self, item: Object) {
        let mut begun = item.clone();
        let of_parts = |item: &mut Object, name| match item.get_mut(name) {
            Some(Value::Array(parts)) => std::mem::take(parts),
            _ => Vec::new(),
        };
        let (mut content, mut summary, mut input) = (Vec::new(), Vec::new(), None);
        match text(&item, "type") {
            Some("message") => content = of_parts(&mut begun, "content"),
            Some("reasoning") => {
                summary = of_parts(&mut begun, "summary");
                content = of_parts(&mut begun, "content");
            }
            Some("function_call") => input = Some(("arguments", "response.function_call_arguments")),
            Some("mcp_call") => input = Some(("arguments", "response.mcp_call_arguments")),
            Some("custom_tool_call") => input = Some(("input", "response.custom_tool_call_input")),
            _ => {}
        }
        let is_told = !matches!((&content[..], &summary[..], input), ([], [], None));
        if let (true, Some(status @ Value::String(_))) = (is_told, begun.get_mut("status")) {
            *status = "in_progress".into();
        }
        let input = input.and_then(|(field, kind)| match begun.get_mut(field) {
            Some(Value::String(text)) => Some((field, kind, std::mem::take(text))),
            _ => None,
        });
        self.of_item("response.output_item.added", begun);
        summary.into_iter().enumerate().for_each(|(at, part)| self.summary(at, part));
        content.into_iter().enumerate().for_each(|(at, part)| self.content(at, part));
        if let Some((field, kind, text)) = input {
            for piece in pieces(&text) {
                self.send(&format!("{kind}.delta"), [("delta", piece.into())]);
            }
            let name = item.get("name").filter(|_| kind.starts_with("response.function"));
            let done = [Some((field, text.into())), name.map(|name| ("name", name.clone()))];
            self.send(&format!("{kind}.done"), done.into_iter().flatten());
        }
        self.of_item("response.output_item.done", item);
    }

    fn of_item(&mut self, kind: &str, item: Object) {
        let fields = [("output_index", json!(self.index)), ("item", Value::Object(item))];
        self.events.send(kind, fields);
    }

    /// A part of what was thought, in short.
    fn summary(&mut self, at: usize, part: Value) {
        let of = |rest: [(&'static str, Value); 1]| [("summary_index", json!(at))].into_iter().chain(rest);
        let (begun, said) = emptied(&part, "text");
        self.send("response.reasoning_summary_part.added", of([("part", begun)]));
        if let Some(said) = said {
            for piece in pieces(&said) {
                self.send("response.reasoning_summary_text.delta", of([("delta", piece.into())]));
            }
            self.send("response.reasoning_summary_text.done", of([("text", said.into())]));
        }
        self.send("response.reasoning_summary_part.done", of([("part", part)]));
    }

    /// A part of a message, or of what was thought.
    fn content(&mut self, at: usize, part: Value) {
        let of = |rest: Vec<(&'static str, Value)>| [("content_index", json!(at))].into_iter().chain(rest);
        let (field, kind) = match part.get("type").and_then(Value::as_str) {
            Some("output_text") => ("text", "response.output_text"),
            Some("refusal") => ("refusal", "response.refusal"),
            Some("reasoning_text") => ("text", "response.reasoning_text"),
            _ => ("", ""),
        };
        let (mut begun, said) = emptied(&part, field);
        let notes = listed(&mut begun, "annotations");
        let logprobs = listed(&mut begun, "logprobs");
        self.send("response.content_part.added", of(vec![("part", begun)]));
        if let Some(said) = said {
            let is_text = kind == "response.output_text";
            let all = json!({"logprobs": logprobs});
            for (piece, logprobs) in said_with(&said, is_text.then_some(all)) {
                let delta = [Some(("delta", piece.into())), logprobs.map(|logprobs| ("logprobs", logprobs))];
                self.send(&format!("{kind}.delta"), of(delta.into_iter().flatten().collect()));
            }
            for (at, note) in notes.into_iter().enumerate() {
                let fields = vec![("annotation_index", json!(at)), ("annotation", note)];
                self.send("response.output_text.annotation.added", of(fields));
            }
            let logprobs = is_text.then(|| ("logprobs", Value::Array(logprobs)));
            let done = [Some((field, said.into())), logprobs];
            self.send(&format!("{kind}.done"), of(done.into_iter().flatten().collect()));
        }
        self.send("response.content_part.done", of(vec![("part", part)]));
    }

    fn send(&mut self, kind: &str, fields: impl IntoIterator<Item = (&'static str, Value)>) {
        let of_item = [("item_id", self.id.clone()), ("output_index", json!(self.index))];
        self.events.send(kind, of_item.into_iter().chain(fields));
    }
}

/// A part before its text has come, and the text; a part without one as it is.
fn emptied(part: &Value, field: &str) -> (Value, Option<String>) {
    let mut part = part.clone();
    match part.get_mut(field) {
        Some(Value::String(text)) => {
            let text = std::mem::take(text);
            (part, Some(text))
        }
        _ => (part, None),
    }
}

/// Takes the items of a list, which is left empty.
fn listed(part: &mut Value, name: &str) -> Vec<Value> {
    match part.get_mut(name) {
        Some(Value::Array(list)) => std::mem::take(list),
        _ => Vec::new(),
    }
}

/// The pieces of a text; each with its own list of log probabilities, if they are given.
fn said_with(said: &str, logprobs: Option<Value>) -> Vec<Weighed> {
    let is_text = logprobs.is_some();
    let list = |weighed: Option<Value>| match weighed {
        Some(mut weighed) => weighed["logprobs"].take(),
        None => json!([]),
    };
    let weighed = weighed(said, "logprobs", logprobs);
    weighed.into_iter().map(|(piece, weighed)| (piece, is_text.then(|| list(weighed)))).collect()
}
