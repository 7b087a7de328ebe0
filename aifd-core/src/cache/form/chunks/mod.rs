//! Chat completions and completions: a stream of chunks, each with some of some choices.

mod calls;
mod choice;
mod stream;

pub(super) use stream::stream;

use super::{Api, Gathered, Lack, Object, join::keep, object, some};
use crate::sse::events;
use choice::Choice;
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads the chunks of a stream to its end.
pub(super) fn gather(api: Api, stream: &[u8]) -> Result<Gathered, Lack> {
    let mut chunks =
        Chunks { api, answer: Object::new(), choices: BTreeMap::new(), exact: true, done: false };
    let mut lack = None;
    events(stream, &mut |name, data| {
        if lack.is_none() {
            lack = chunks.event(name, data).err();
        }
    });
    match lack {
        Some(lack) => Err(lack),
        None if !chunks.done => Err(Lack::BrokenOff),
        None => Ok(chunks.gathered()),
    }
}

struct Chunks {
    api: Api,
    answer: Object,
    choices: BTreeMap<u64, Choice>,
    exact: bool,
    done: bool,
}

impl Chunks {
    fn event(&mut self, name: &[u8], data: &[u8]) -> Result<(), Lack> {
        if name == b"error" {
            return Err(Lack::Error);
        }
        if data.trim_ascii() == b"[DONE]" {
            self.done = true;
            return Ok(());
        }
        let chunk = object(data)?;
        if some(&chunk, "error").is_some() {
            return Err(Lack::Error);
        }
        // What comes behind the end is not what a client would see.
        if self.done { Err(Lack::NotUnderstood) } else { self.chunk(chunk) }
    }

    fn chunk(&mut self, chunk: Object) -> Result<(), Lack> {
        let is_chunk = chunk.contains_key("choices");
        for (name, value) in chunk {
            match &*name {
                "choices" => {
                    // Choices have their place among the fields from the first chunk on.
                    self.answer.entry(name).or_insert(Value::Null);
                    self.choices(value)?;
                }
                "usage" if value.is_null() => {}
                "usage" => {
                    self.answer.insert(name, value);
                }
                // Padding, so that nobody can tell a text by the length of its pieces.
                "obfuscation" => {}
                _ if is_chunk => keep(&mut self.answer, name, value),
                // What is no chunk (a note, a ping) says nothing of the answer.
                _ => {}
            }
        }
        Ok(())
    }

    fn choices(&mut self, choices: Value) -> Result<(), Lack> {
        let choices = match choices {
            Value::Array(choices) => choices,
            Value::Null => return Ok(()),
            _ => return Err(Lack::NotUnderstood),
        };
        for piece in choices {
            let Value::Object(piece) = piece else { return Err(Lack::NotUnderstood) };
            let index = piece.get("index").and_then(Value::as_u64).unwrap_or_default();
            let choice = self.choices.entry(index).or_insert_with(|| Choice::new(self.api, index));
            self.exact &= choice.take(piece);
        }
        Ok(())
    }

    fn gathered(self) -> Gathered {
        let mut answer = self.answer;
        let object = if self.api == Api::Chat { "chat.completion" } else { "text_completion" };
        answer.insert("object".to_owned(), object.into());
        let choices = self.choices.into_values().map(Choice::whole).collect();
        answer.insert("choices".to_owned(), Value::Array(choices));
        if let Some(usage) = answer.shift_remove("usage") {
            answer.insert("usage".to_owned(), usage);
        }
        Gathered { answer, exact: self.exact }
    }
}
