//! The chunks that a whole answer would have come in.

use crate::cache::form::{
    Api, Object, frame,
    pieces::{Weighed, pieces, weighed},
};
use serde_json::{Value, json};

/// The texts of a message that come in pieces, in the order in which a model says them.
const TEXTS: [&str; 4] = ["reasoning_content", "reasoning", "content", "refusal"];

/// `None` where a message is not what chunks can carry.
pub(in crate::cache::form) fn stream(api: Api, mut answer: Object, usage: bool) -> Option<Vec<u8>> {
    let Some(Value::Array(choices)) = answer.remove("choices") else { return None };
    let told = answer.shift_remove("usage").filter(|told| usage && told.is_object());
    let mut writer = Writer::new(api, answer, told.is_some());
    for (at, choice) in choices.into_iter().enumerate() {
        let Value::Object(choice) = choice else { return None };
        let mut choice = OfChoice::new(at, choice, &mut writer);
        match api {
            Api::Chat => choice.chat()?,
            _ => choice.completion()?,
        }
    }
    if let Some(told) = told {
        writer.chunk(json!([]), told);
    }
    writer.out.extend_from_slice(frame::DONE);
    Some(writer.out)
}

struct Writer {
    out: Vec<u8>,
    /// What every chunk tells: id, model and the like.
    base: Object,
    /// What only the first one tells: lists and objects, which may be large.
    once: Object,
    /// Each chunk tells usage, the last one what it was.
    usage: bool,
}

impl Writer {
    fn new(api: Api, answer: Object, usage: bool) -> Self {
        let (mut base, mut once) = (Object::new(), Object::new());
        let object = if api == Api::Chat { "chat.completion.chunk" } else { "text_completion" };
        for (name, value) in answer {
            match value {
                _ if name == "object" => {}
                Value::Array(_) | Value::Object(_) => {
                    once.insert(name, value);
                }
                _ => {
                    base.insert(name, value);
                }
            }
        }
        let at = base.len().min(1);
        base.shift_insert(at, "object".to_owned(), object.into());
        Writer { out: Vec::new(), base, once, usage }
    }

    fn chunk(&mut self, choices: Value, usage: Value) {
        let mut chunk = self.base.clone();
        chunk.append(&mut self.once);
        chunk.insert("choices".to_owned(), choices);
        if self.usage {
            chunk.insert("usage".to_owned(), usage);
        }
        frame::data(&mut self.out, &Value::Object(chunk));
    }
}

/// A choice whose chunks are written.
struct OfChoice<'a> {
    writer: &'a mut Writer,
    index: Value,
    choice: Object,
    /// Not yet told; absent where the choice has none.
    logprobs: Option<Value>,
}

impl<'a> OfChoice<'a> {
    fn new(at: usize, mut choice: Object, writer: &'a mut Writer) -> Self {
        let index = choice.shift_remove("index").filter(Value::is_u64).unwrap_or_else(|| json!(at));
        let logprobs = choice.shift_remove("logprobs");
        OfChoice { writer, index, choice, logprobs }
    }

    fn chat(&mut self) -> Option<()> {
        let Some(Value::Object(mut message)) = self.choice.shift_remove("message") else { return None };
        let mut first = Object::from_iter([("role".to_owned(), "assistant".into())]);
        match message.get("content") {
            Some(Value::String(_)) => first.insert("content".to_owned(), "".into()),
            None | Some(Value::Null) => first.insert("content".to_owned(), Value::Null),
            Some(_) => return None,
        };
        let texts = TEXTS.map(|name| {
            let text = message.get(name)?.as_str().filter(|text| !text.is_empty())?.to_owned();
            message.shift_remove(name);
            Some((name, text))
        });
        let calls =
            take_if(&mut message, "tool_calls", |calls| calls.as_array().is_some_and(|c| !c.is_empty()));
        let function = take_if(&mut message, "function_call", Value::is_object);
        let audio = take_if(&mut message, "audio", Value::is_object);
        message.into_iter().for_each(|(name, value)| _ = first.insert(name, value));
        self.delta(Value::Object(first), None);
        for (name, text) in texts.into_iter().flatten() {
            for (piece, logprobs) in self.weighed(name, &text) {
                self.delta(json!({ name: piece }), logprobs);
            }
        }
        if let Some(audio) = audio {
            self.delta(json!({"audio": audio}), None);
        }
        if let Some(function) = function {
            in_pieces(function, "arguments", |piece| self.delta(json!({"function_call": piece}), None));
        }
        if let Some(Value::Array(calls)) = calls {
            calls.into_iter().enumerate().try_for_each(|(at, call)| self.call(at, call))?;
        }
        self.end("delta", json!({}));
        Some(())
    }

    fn completion(&mut self) -> Option<()> {
        let Some(Value::String(text)) = self.choice.shift_remove("text") else { return None };
        for (piece, logprobs) in self.weighed("tokens", &text) {
            self.piece("text", piece.into(), logprobs);
        }
        self.end("text", "".into());
        Some(())
    }

    fn call(&mut self, at: usize, call: Value) -> Option<()> {
        let Value::Object(mut call) = call else { return None };
        let name = if call.contains_key("custom") { "custom" } else { "function" };
        let field = if name == "custom" { "input" } else { "arguments" };
        call.shift_remove("index");
        let mut first = Object::from_iter([("index".to_owned(), json!(at))]);
        let function = take_if(&mut call, name, Value::is_object);
        first.append(&mut call);
        let Some(function) = function else {
            self.delta(json!({"tool_calls": [first]}), None);
            return Some(());
        };
        let mut begun = Some(first);
        in_pieces(function, field, |piece| {
            let mut call =
                begun.take().unwrap_or_else(|| Object::from_iter([("index".to_owned(), json!(at))]));
            call.insert(name.to_owned(), piece);
            self.delta(json!({"tool_calls": [call]}), None);
        });
        Some(())
    }

    /// The pieces of a text, with the log probabilities where they belong to it; where no text comes, they come last.
    fn weighed(&mut self, name: &str, text: &str) -> Vec<Weighed> {
        let belong = matches!(name, "content" | "tokens" | "refusal") && !text.is_empty();
        let logprobs = if belong { self.logprobs.as_mut().map(Value::take) } else { None };
        weighed(text, name, logprobs.filter(|logprobs| !logprobs.is_null()))
    }

    fn delta(&mut self, delta: Value, logprobs: Option<Value>) {
        self.piece("delta", delta, logprobs);
    }

    fn piece(&mut self, name: &str, said: Value, logprobs: Option<Value>) {
        let mut piece =
            Object::from_iter([("index".to_owned(), self.index.clone()), (name.to_owned(), said)]);
        if self.logprobs.is_some() {
            piece.insert("logprobs".to_owned(), logprobs.unwrap_or(Value::Null));
        }
        piece.insert("finish_reason".to_owned(), Value::Null);
        self.writer.chunk(json!([piece]), Value::Null);
    }

    /// The last piece, which says why it ended, and what else the choice tells.
    fn end(&mut self, name: &str, nothing: Value) {
        let mut piece =
            Object::from_iter([("index".to_owned(), self.index.clone()), (name.to_owned(), nothing)]);
        if let Some(logprobs) = self.logprobs.take() {
            piece.insert("logprobs".to_owned(), logprobs);
        }
        piece.append(&mut self.choice);
        self.writer.chunk(json!([piece]), Value::Null);
    }
}

fn take_if(object: &mut Object, name: &str, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
    if object.get(name).is_some_and(wanted) { object.shift_remove(name) } else { None }
}

/// An object with a text that comes in pieces: whole but for that, and then each piece of it.
fn in_pieces(object: Value, field: &str, mut on_piece: impl FnMut(Value)) {
    let Value::Object(mut object) = object else { return };
    let text = match object.get_mut(field) {
        Some(Value::String(text)) => std::mem::take(text),
        _ => String::new(),
    };
    on_piece(Value::Object(object));
    pieces(&text).for_each(|piece| on_piece(json!({ field: piece })));
}
