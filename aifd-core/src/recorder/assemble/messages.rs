//! Anthropic's "Messages": an answer of content blocks, which its stream tells block by block.

use super::{array, choice, events, fields, inner, items, place, quoted, some};
use aifd_log::{
    literal::{self, Dialect},
    record::{Answer, Choice, Raw},
};
use serde_json::{Map, Value};
use std::{borrow::Cow, collections::BTreeMap};

pub(super) fn of_json(body: &[u8]) -> Option<Answer<'_>> {
    let mut answer = Answer::default();
    let (mut role, mut stop_reason) = (None, None);
    let read = fields(body.trim_ascii(), |name, value| match name {
        "model" => answer.model = some(value),
        "usage" => answer.usage = some(value),
        "error" => answer.error = some(value),
        "content" => answer.output = some(value),
        "role" => role = some(value),
        "stop_reason" => stop_reason = some(value),
        _ => {}
    });
    if let Some(output) = answer.output.clone() {
        answer.choices = vec![Choice { role, ..of_blocks(&output, stop_reason) }];
    }
    read.then_some(answer)
}

/// The message that the blocks amount to: texts joined, thoughts as reasoning, uses of tools as a chat's tool calls.
fn of_blocks<'a>(blocks: &[u8], stop_reason: Option<Raw<'a>>) -> Choice<'a> {
    let (mut content, mut reasoning, mut calls) = (Vec::new(), Vec::new(), Vec::new());
    items(blocks, |block| {
        let (mut kind, mut text, mut thought) = (None, None, None);
        let (mut id, mut name_of, mut input): (&[u8], &[u8], &[u8]) = (b"null", b"null", b"{}");
        fields(block, |name, value| match name {
            "type" => kind = inner(value),
            "text" => text = inner(value),
            "thinking" => thought = inner(value),
            "id" => id = value,
            "name" => name_of = value,
            "input" => input = value,
            _ => {}
        });
        match kind {
            Some(b"text") => content.extend_from_slice(text.unwrap_or_default()),
            Some(b"thinking") => reasoning.extend_from_slice(thought.unwrap_or_default()),
            Some(b"tool_use") => calls.push(call(id, name_of, input)),
            _ => {}
        }
    });
    let calls = (!calls.is_empty()).then(|| array(calls.iter().map(Vec::as_slice)));
    let content = (calls.is_none() || !content.is_empty()).then(|| quoted(&content));
    Choice {
        content,
        tool_calls: calls,
        reasoning: (!reasoning.is_empty()).then(|| quoted(&reasoning)),
        finish_reason: stop_reason,
        ..Choice::default()
    }
}

/// A use of a tool in the shape of a chat's tool call, whose arguments are JSON in a text.
fn call(id: &[u8], name: &[u8], input: &[u8]) -> Vec<u8> {
    let arguments = super::opaque::text(input);
    [
        &b"{\"id\":"[..],
        id,
        b",\"type\":\"function\",\"function\":{\"name\":",
        name,
        b",\"arguments\":",
        &arguments,
        b"}}",
    ]
    .concat()
}

pub(super) fn of_stream(body: &[u8]) -> Answer<'static> {
    let mut stream = Stream::default();
    let unread_events = events(body, &mut |name, data| stream.event(name, data));
    Answer { unread_events, ..stream.into_answer() }
}

#[derive(Debug, Default)]
struct Stream {
    message: Option<Vec<u8>>,
    usage: Map<String, Value>,
    stop_reason: Option<Vec<u8>>,
    error: Option<Vec<u8>>,
    is_done: bool,
    blocks: BTreeMap<u64, Block>,
}

/// A block under way: as it began, and the pieces of its text, which keep their escapes.
#[derive(Debug, Default)]
struct Block {
    begun: Map<String, Value>,
    pieces: BTreeMap<&'static str, Vec<u8>>,
    citations: Vec<Value>,
}

impl Stream {
    /// Whether it could be read.
    fn event(&mut self, name: &[u8], data: &[u8]) -> bool {
        let (mut kind, mut index) = (None, None);
        let (mut message, mut block, mut delta, mut usage, mut error) = (None, None, None, None, None);
        let read = fields(data, |name, value| match name {
            "type" => kind = inner(value),
            "index" => index = Some(value),
            "message" => message = Some(value),
            "content_block" => block = Some(value),
            "delta" => delta = Some(value),
            "usage" => usage = Some(value),
            "error" => error = Some(value),
            _ => {}
        });
        let Some(index) = place(index) else { return false };
        match kind.unwrap_or(name) {
            b"message_start" => self.message = message.map(<[u8]>::to_vec),
            b"content_block_start" => {
                let begun = block.and_then(|block| serde_json::from_slice(block).ok()).unwrap_or_default();
                self.blocks.insert(index, Block { begun, ..Block::default() });
            }
            b"content_block_delta" => {
                if let Some(delta) = delta {
                    self.blocks.entry(index).or_default().grow(delta);
                }
            }
            b"message_stop" => self.is_done = true,
            b"message_delta" => self.message_delta(delta, usage),
            b"error" => {
                self.error =
                    Some(error.map_or_else(|| super::opaque::value(data).into_owned(), <[u8]>::to_vec));
                return true;
            }
            _ => {}
        }
        read
    }

    fn message_delta(&mut self, delta: Option<&[u8]>, usage: Option<&[u8]>) {
        fields(delta.unwrap_or_default(), |name, value| {
            if name == "stop_reason" && value != b"null" {
                self.stop_reason = Some(value.to_vec());
            }
        });
        let usage: Map<_, _> = usage.and_then(|usage| serde_json::from_slice(usage).ok()).unwrap_or_default();
        self.usage.extend(usage);
    }

    fn into_answer(self) -> Answer<'static> {
        let begun = self.message.as_deref().and_then(of_json).map(super::owned).unwrap_or_default();
        let mut usage: Map<_, _> =
            begun.usage.as_deref().and_then(|usage| serde_json::from_slice(usage).ok()).unwrap_or_default();
        usage.extend(self.usage);
        let blocks: Vec<Vec<u8>> = self.blocks.into_values().map(Block::json).collect();
        let output = array(blocks.iter().map(Vec::as_slice));
        let role = begun.choices.into_iter().next().and_then(|choice| choice.role);
        let choice = choice::owned(of_blocks(&output, self.stop_reason.map(Cow::Owned)));
        let said = self.message.is_some() || !blocks.is_empty();
        Answer {
            model: begun.model,
            usage: (!usage.is_empty()).then(|| choice::text(&usage.into())),
            error: self.error.map(Cow::Owned),
            choices: said.then_some(Choice { role, ..choice }).into_iter().collect(),
            output: said.then_some(output),
            is_unfinished: !self.is_done,
            ..Answer::default()
        }
    }
}

impl Block {
    fn grow(&mut self, delta: &[u8]) {
        fields(delta, |name, value| {
            let field = match name {
                "text" => "text",
                "thinking" => "thinking",
                "signature" => "signature",
                "partial_json" => "input",
                "citation" => {
                    self.citations.extend(serde_json::from_slice::<Value>(value).ok());
                    return;
                }
                _ => return,
            };
            self.pieces.entry(field).or_default().extend_from_slice(inner(value).unwrap_or_default());
        });
    }

    fn json(mut self) -> Vec<u8> {
        for (field, pieces) in self.pieces {
            let text = literal::text(&quoted(&pieces), Dialect::Json).unwrap_or_default().into_owned();
            let value = match (field, self.begun.get(field)) {
                // An input that broke off stays a text.
                ("input", _) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
                (_, Some(Value::String(begun))) => Value::String(format!("{begun}{text}")),
                _ => Value::String(text),
            };
            self.begun.insert(field.to_owned(), value);
        }
        if !self.citations.is_empty() {
            self.begun.insert("citations".to_owned(), Value::Array(self.citations));
        }
        choice::text(&Value::Object(self.begun)).into_owned()
    }
}
