//! Requests of the Responses API in the shape of chat completions.

use super::{
    Fields,
    conversation::{call, content, function},
    text,
};
use serde_json::{Value, json};

/// The instructions and the input as messages. Items that a chat has no place for are left out.
pub(super) fn messages(request: &Fields) -> Vec<Value> {
    let mut told = Told::default();
    if let Some(instructions) = request.get("instructions").filter(|value| value.is_string()) {
        told.messages.push(json!({"role": "system", "content": instructions}));
    }
    match request.get("input") {
        Some(Value::Array(items)) => items.iter().for_each(|item| told.item(item)),
        Some(input @ Value::String(_)) => told.messages.push(json!({"role": "user", "content": input})),
        _ => (),
    }
    told.messages
}

/// A tool in the shape of chat completions; one that is no function stays as it is.
pub(super) fn tool(tool: &Value) -> Value {
    let is_function =
        tool.get("type").is_some_and(|kind| kind == "function") && tool.get("function").is_none();
    if is_function { function(tool, "parameters") } else { tool.clone() }
}

/// What was told so far.
#[derive(Default)]
struct Told {
    messages: Vec<Value>,
    /// Thoughts that belong to the next message of the model.
    thoughts: Option<String>,
}

impl Told {
    fn item(&mut self, item: &Value) {
        match item.get("type").and_then(Value::as_str) {
            Some("function_call") => {
                let arguments = item.get("arguments").cloned().unwrap_or_default();
                self.call(call(item.get("call_id"), item.get("name"), arguments));
            }
            Some("function_call_output") => {
                let output = item.get("output").map(parts).unwrap_or_default();
                let call = item.get("call_id");
                self.messages.push(json!({"role": "tool", "tool_call_id": call, "content": output}));
            }
            Some("reasoning") => {
                self.thoughts = ["summary", "content"]
                    .iter()
                    .find_map(|name| text(item.get(*name)?).map(std::borrow::Cow::into_owned));
            }
            Some("message") | None => {
                let Some(role) = item.get("role").filter(|role| role.is_string()) else { return };
                let content = item.get("content").map(parts).unwrap_or_default();
                self.say(json!({"role": role, "content": content}));
            }
            Some(_) => (),
        }
    }

    fn say(&mut self, mut message: Value) {
        if message["role"] == "assistant"
            && let Some(thoughts) = self.thoughts.take()
        {
            message["reasoning_content"] = thoughts.into();
        }
        self.messages.push(message);
    }

    /// Calls stand in the message that they follow, or in one of their own.
    fn call(&mut self, call: Value) {
        if self.messages.last().is_none_or(|last| last["role"] != "assistant") {
            self.say(json!({"role": "assistant", "content": null}));
        }
        if let Some(last) = self.messages.last_mut() {
            match last.get_mut("tool_calls").and_then(Value::as_array_mut) {
                Some(calls) => calls.push(call),
                None => last["tool_calls"] = json!([call]),
            }
        }
    }
}

/// A content with the parts' names of chat completions.
fn parts(value: &Value) -> Value {
    match value {
        Value::Array(list) => content(list.iter().map(part).collect()),
        other => other.clone(),
    }
}

fn part(part: &Value) -> Value {
    match part.get("type").and_then(Value::as_str) {
        Some("input_text" | "output_text" | "text") => json!({"type": "text", "text": part.get("text")}),
        Some("refusal") => json!({"type": "refusal", "refusal": part.get("refusal")}),
        Some("input_image") => {
            let mut image = Fields::new();
            for (name, from) in [("url", "image_url"), ("file_id", "file_id"), ("detail", "detail")] {
                part.get(from)
                    .filter(|value| !value.is_null())
                    .map(|value| image.insert(name.to_owned(), value.clone()));
            }
            json!({"type": "image_url", "image_url": image})
        }
        Some("input_file") => {
            let fields = part.as_object().into_iter().flatten().filter(|(name, _)| *name != "type");
            let file: Fields = fields.map(|(name, value)| (name.clone(), value.clone())).collect();
            json!({"type": "file", "file": file})
        }
        _ => part.clone(),
    }
}
