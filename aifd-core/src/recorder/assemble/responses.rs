//! OpenAI's "Responses": an answer of items, whole in the last event of its stream.

use super::{array, choice, events, fields, inner, items, opaque, place, quoted, some};
use aifd_log::{
    literal,
    record::{Answer, Choice, Raw},
};
use std::{borrow::Cow, collections::BTreeMap};

pub(super) fn of_json(body: &[u8]) -> Option<Answer<'_>> {
    let (mut answer, mut status, mut incomplete) = (Answer::default(), None, None);
    let read = fields(body.trim_ascii(), |name, value| match name {
        "model" => answer.model = some(value),
        "usage" => answer.usage = some(value),
        "error" => answer.error = some(value),
        "output" => answer.output = some(value),
        "status" => status = some(value),
        "incomplete_details" => {
            fields(value, |name, value| {
                if name == "reason" {
                    incomplete = some(value);
                }
            });
        }
        _ => {}
    });
    if let Some(output) = answer.output.clone() {
        answer.choices = vec![of_output(&output, incomplete.or(status))];
    }
    read.then_some(answer)
}

/// The message that an output amounts to: its texts joined, its function calls as a chat's tool calls.
fn of_output<'a>(output: &[u8], finish_reason: Option<Raw<'a>>) -> Choice<'a> {
    let (mut content, mut refusal, mut reasoning, mut calls) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    items(output, |item| {
        let (mut kind, mut call) = (None, Call::default());
        let mut parts: [Option<&[u8]>; 2] = [None, None];
        fields(item, |name, value| match name {
            "type" => kind = inner(value),
            "content" => parts[0] = Some(value),
            "summary" => parts[1] = Some(value),
            _ => call.field(name, value),
        });
        match kind {
            Some(b"message") => {
                texts(parts[0], b"output_text", &mut content);
                texts(parts[0], b"refusal", &mut refusal);
            }
            Some(b"reasoning") => {
                texts(parts[1], b"summary_text", &mut reasoning);
                texts(parts[0], b"reasoning_text", &mut reasoning);
            }
            Some(b"function_call" | b"custom_tool_call") => calls.push(call.json()),
            _ => {}
        }
    });
    let text = |text: Vec<u8>| (!text.is_empty()).then(|| quoted(&text));
    let calls = (!calls.is_empty()).then(|| array(calls.iter().map(Vec::as_slice)));
    let content = if calls.is_some() { text(content) } else { Some(quoted(&content)) };
    Choice {
        role: Some(Cow::Borrowed(b"\"assistant\"")),
        content,
        tool_calls: calls,
        reasoning: text(reasoning),
        refusal: text(refusal),
        finish_reason,
        ..Choice::default()
    }
}

/// Joins the texts of one type of part.
fn texts(parts: Option<&[u8]>, wanted: &[u8], out: &mut Vec<u8>) {
    let Some(parts) = parts else { return };
    items(parts, |part| {
        let (mut kind, mut text) = (None, None);
        fields(part, |name, value| match name {
            "type" => kind = inner(value),
            "text" | "refusal" => text = inner(value),
            _ => {}
        });
        if let (true, Some(text)) = (kind == Some(wanted), text) {
            out.extend_from_slice(text);
        }
    });
}

#[derive(Default)]
pub(super) struct Call<'a> {
    id: Option<&'a [u8]>,
    name: Option<&'a [u8]>,
    arguments: Option<&'a [u8]>,
}

impl<'a> Call<'a> {
    fn field(&mut self, name: &str, value: &'a [u8]) {
        match name {
            "call_id" => self.id = Some(value),
            "name" => self.name = Some(value),
            "arguments" | "input" => self.arguments = Some(value),
            _ => {}
        }
    }

    /// In the shape of a chat's tool call.
    fn json(&self) -> Vec<u8> {
        let [id, name, arguments] =
            [self.id, self.name, self.arguments].map(|value| value.unwrap_or(b"null"));
        [
            &b"{\"id\":"[..],
            id,
            b",\"type\":\"function\",\"function\":{\"name\":",
            name,
            b",\"arguments\":",
            arguments,
            b"}}",
        ]
        .concat()
    }
}

/// The stream's last event holds the whole answer; of one that broke off, what its items said so far.
pub(super) fn of_stream(body: &[u8]) -> Answer<'static> {
    let (mut whole, mut begun, mut error) = (None, None, None);
    let mut open: BTreeMap<u64, Item> = BTreeMap::new();
    let unread_events = events(body, &mut |name, data| {
        let mut event = Event::default();
        let read = fields(data, |name, value| event.field(name, value));
        let Some(index) = place(event.index) else { return false };
        let item = open.entry(index);
        match event.kind.unwrap_or(name) {
            b"response.completed" | b"response.incomplete" | b"response.failed" => {
                whole = event.response.map(<[u8]>::to_vec);
            }
            b"response.created" => begun = event.response.map(<[u8]>::to_vec),
            b"response.output_item.added" => item.or_default().begun = event.item.map(<[u8]>::to_vec),
            b"response.output_item.done" => item.or_default().done = event.item.map(<[u8]>::to_vec),
            kind if kind.ends_with(b".delta") => {
                item.or_default().text.extend_from_slice(event.delta.unwrap_or_default());
            }
            b"error" => {
                error = Some(opaque::value(data).into_owned());
                return true;
            }
            _ => {}
        }
        read
    });
    let read = whole.as_deref().or(begun.as_deref()).and_then(of_json);
    let mut answer = read.map(super::owned).unwrap_or_default();
    if whole.is_none() && !open.is_empty() {
        let items: Vec<Vec<u8>> = open.into_values().filter_map(Item::json).collect();
        let output = array(items.iter().map(Vec::as_slice));
        answer.choices = vec![super::choice::owned(of_output(&output, None))];
        answer.output = Some(output);
    }
    if let Some(error) = error {
        answer.error = Some(Cow::Owned(error));
    }
    Answer { unread_events, is_unfinished: whole.is_none(), ..answer }
}

#[derive(Default)]
struct Event<'a> {
    kind: Option<&'a [u8]>,
    index: Option<&'a [u8]>,
    response: Option<&'a [u8]>,
    item: Option<&'a [u8]>,
    delta: Option<&'a [u8]>,
}

impl<'a> Event<'a> {
    fn field(&mut self, name: &str, value: &'a [u8]) {
        match name {
            "type" => self.kind = inner(value),
            "output_index" => self.index = Some(value),
            "response" => self.response = Some(value),
            "item" => self.item = Some(value),
            "delta" => self.delta = inner(value),
            _ => {}
        }
    }
}

/// An item under way.
#[derive(Default)]
struct Item {
    begun: Option<Vec<u8>>,
    done: Option<Vec<u8>>,
    text: Vec<u8>,
}

impl Item {
    /// As it was told at its end; else as it began, with the text that came.
    fn json(self) -> Option<Vec<u8>> {
        if self.done.is_some() {
            return self.done;
        }
        let mut item: serde_json::Map<_, _> = serde_json::from_slice(&self.begun?).ok()?;
        let text = literal::text(&quoted(&self.text), literal::Dialect::Json).map(|text| text.into_owned());
        let text = text.unwrap_or_default();
        let message = item.get("type").is_some_and(|kind| kind == "message");
        if message {
            item.insert("content".into(), serde_json::json!([{"type": "output_text", "text": text}]));
        } else if item.contains_key("arguments") {
            item.insert("arguments".into(), text.into());
        }
        item.insert("status".into(), "incomplete".into());
        Some(choice::text(&item.into()).into_owned())
    }
}
