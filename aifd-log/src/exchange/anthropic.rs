//! Requests of Anthropic's Messages API in the shape of chat completions.

use super::{
    Fields,
    conversation::{call, content, function},
};
use serde_json::{Value, json};

/// The system prompt and the messages. `None` where the messages are no list.
pub(super) fn messages(request: &Fields) -> Option<Vec<Value>> {
    let mut messages = Vec::new();
    if let Some(system) = request.get("system").filter(|system| !system.is_null()) {
        messages.push(json!({"role": "system", "content": plain(system)}));
    }
    for message in request.get("messages")?.as_array()? {
        match (message.get("role").and_then(Value::as_str), message.get("content")) {
            (Some("assistant"), Some(Value::Array(blocks))) => messages.push(answered(blocks)),
            (Some(role), Some(Value::Array(blocks))) => asked(role, blocks, &mut messages),
            _ => messages.push(message.clone()),
        }
    }
    Some(messages)
}

/// A tool in the shape of chat completions; one that the service itself has stays as it is.
pub(super) fn tool(tool: &Value) -> Value {
    if tool.get("input_schema").is_some() { function(tool, "input_schema") } else { tool.clone() }
}

/// Results of tools are messages of their own there; what else was said follows them.
fn asked(role: &str, blocks: &[Value], messages: &mut Vec<Value>) {
    let (results, others): (Vec<&Value>, Vec<&Value>) =
        blocks.iter().partition(|block| block.get("type").is_some_and(|kind| kind == "tool_result"));
    for result in &results {
        let said = result.get("content").map(plain).unwrap_or_default();
        let call = result.get("tool_use_id");
        messages.push(json!({"role": "tool", "tool_call_id": call, "content": said}));
    }
    if !others.is_empty() || results.is_empty() {
        let parts = others.into_iter().map(part).collect();
        messages.push(json!({"role": role, "content": content(parts)}));
    }
}

fn answered(blocks: &[Value]) -> Value {
    let (mut parts, mut calls, mut thoughts) = (Vec::new(), Vec::new(), String::new());
    for block in blocks {
        match block.get("type").and_then(Value::as_str) {
            Some("tool_use") => {
                let arguments = block.get("input").map_or_else(|| "{}".to_owned(), Value::to_string);
                calls.push(call(block.get("id"), block.get("name"), arguments.into()));
            }
            Some("thinking") => {
                thoughts.push_str(block.get("thinking").and_then(Value::as_str).unwrap_or_default());
            }
            _ => parts.push(part(block)),
        }
    }
    let said = if parts.is_empty() { Value::Null } else { content(parts) };
    let mut message = json!({"role": "assistant", "content": said});
    if !thoughts.is_empty() {
        message["reasoning_content"] = thoughts.into();
    }
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    message
}

fn plain(value: &Value) -> Value {
    match value {
        Value::Array(blocks) => content(blocks.iter().map(part).collect()),
        other => other.clone(),
    }
}

fn part(block: &Value) -> Value {
    match block.get("type").and_then(Value::as_str) {
        Some("text") => json!({"type": "text", "text": block.get("text")}),
        Some("image") => {
            let source = &block["source"];
            let url = match source.get("url") {
                Some(url) => url.clone(),
                None => {
                    let part = |name: &str| source.get(name).and_then(Value::as_str).unwrap_or_default();
                    format!("data:{};base64,{}", part("media_type"), part("data")).into()
                }
            };
            json!({"type": "image_url", "image_url": {"url": url}})
        }
        _ => block.clone(),
    }
}
