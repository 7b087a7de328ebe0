//! Anthropic's "Messages": content blocks, one after another.

mod block;
mod stream;

pub(super) use stream::stream;

use super::{Gathered, Lack, Object, object, text};
use crate::sse::events;
use block::Block;
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads the events of a stream to its end.
pub(super) fn gather(stream: &[u8]) -> Result<Gathered, Lack> {
    let mut message = Message { begun: None, blocks: BTreeMap::new(), ended: false, exact: true };
    let mut lack = None;
    events(stream, &mut |name, data| {
        if lack.is_none() {
            lack = message.event(name, data).err();
        }
    });
    match lack {
        Some(lack) => Err(lack),
        None => message.gathered(),
    }
}

struct Message {
    begun: Option<Object>,
    blocks: BTreeMap<u64, Block>,
    ended: bool,
    exact: bool,
}

impl Message {
    fn event(&mut self, name: &[u8], data: &[u8]) -> Result<(), Lack> {
        if name == b"error" {
            return Err(Lack::Error);
        }
        let mut event = object(data)?;
        let kind = text(&event, "type").map_or_else(|| name.to_owned(), |kind| kind.as_bytes().to_owned());
        let index = event.get("index").and_then(Value::as_u64).unwrap_or_default();
        match &*kind {
            b"error" => return Err(Lack::Error),
            b"message_start" => {
                let Some(Value::Object(message)) = event.remove("message") else {
                    return Err(Lack::NotUnderstood);
                };
                self.exact &= self.begun.is_none();
                self.begun = Some(message);
            }
            b"content_block_start" => {
                let Some(Value::Object(begun)) = event.remove("content_block") else {
                    return Err(Lack::NotUnderstood);
                };
                self.exact &= self.blocks.insert(index, Block::new(begun)).is_none();
            }
            b"content_block_delta" => {
                let block = self.blocks.get_mut(&index).ok_or(Lack::NotUnderstood)?;
                self.exact &= block.take(event.remove("delta"));
            }
            b"content_block_stop" => self.blocks.get_mut(&index).ok_or(Lack::NotUnderstood)?.end(),
            b"message_delta" => self.message_delta(event)?,
            b"message_stop" => self.ended = true,
            // More kinds of events may come, as the API says; a ping is one.
            b"ping" => {}
            _ => self.exact = false,
        }
        Ok(())
    }

    /// What is known only now: the reason, what was used, and whatever else.
    fn message_delta(&mut self, event: Object) -> Result<(), Lack> {
        let begun = self.begun.as_mut().ok_or(Lack::NotUnderstood)?;
        for (name, value) in event {
            match (&*name, value) {
                ("type", _) => {}
                ("delta", Value::Object(delta)) => put(begun, delta),
                ("usage", Value::Object(usage)) => match begun.get_mut("usage") {
                    Some(Value::Object(known)) => put(known, usage),
                    _ => _ = begun.insert(name, Value::Object(usage)),
                },
                (_, value) => put(begun, Object::from_iter([(name, value)])),
            }
        }
        Ok(())
    }

    fn gathered(self) -> Result<Gathered, Lack> {
        let (Some(mut answer), true) = (self.begun, self.ended) else { return Err(Lack::BrokenOff) };
        let (mut blocks, mut exact) = (Vec::new(), self.exact);
        for block in self.blocks.into_values() {
            if !block.ended() {
                return Err(Lack::Unfinished);
            }
            match block.whole() {
                Some(block) => blocks.push(block),
                None => exact = false,
            }
        }
        answer.insert("content".to_owned(), Value::Array(blocks));
        Ok(Gathered { answer, exact })
    }
}

/// The later value stands, but null replaces nothing.
fn put(known: &mut Object, later: Object) {
    for (name, value) in later {
        if !value.is_null() || !known.contains_key(&name) {
            known.insert(name, value);
        }
    }
}
