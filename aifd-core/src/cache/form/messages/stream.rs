//! The events that a whole message would have come in.

use crate::cache::form::{Object, frame, pieces::pieces, text};
use serde_json::{Value, json};

/// `None` where the content is none of blocks.
pub(in crate::cache::form) fn stream(mut message: Object) -> Option<Vec<u8>> {
    let Some(Value::Array(blocks)) = message.insert("content".to_owned(), json!([])) else { return None };
    let mut delta = Object::new();
    for name in ["stop_reason", "stop_sequence"] {
        if let Some(value) = message.get_mut(name) {
            delta.insert(name.to_owned(), value.take());
        }
    }
    let mut last = json!({"type": "message_delta", "delta": delta});
    if let Some(Value::Object(usage)) = message.get_mut("usage") {
        last["usage"] = Value::Object(usage.clone());
        // At the start, hardly any token has been said.
        if let Some(output) = usage.get_mut("output_tokens") {
            *output = output.as_u64().map_or(json!(0), |tokens| json!(tokens.min(1)));
        }
    }
    let mut out = Vec::new();
    frame::named(&mut out, &json!({"type": "message_start", "message": message}));
    for (index, block) in blocks.into_iter().enumerate() {
        let Value::Object(block) = block else { return None };
        of_block(&mut out, index, block);
    }
    frame::named(&mut out, &last);
    frame::named(&mut out, &json!({"type": "message_stop"}));
    Some(out)
}

/// Begins with all that comes in no deltas.
fn of_block(out: &mut Vec<u8>, index: usize, mut block: Object) {
    let deltas = deltas(&mut block);
    frame::named(out, &json!({"type": "content_block_start", "index": index, "content_block": block}));
    for delta in deltas {
        frame::named(out, &json!({"type": "content_block_delta", "index": index, "delta": delta}));
    }
    frame::named(out, &json!({"type": "content_block_stop", "index": index}));
}

/// Takes out of a block what comes in deltas.
fn deltas(block: &mut Object) -> Vec<Value> {
    match text(block, "type") {
        Some("text") => {
            let mut deltas = Vec::new();
            if let Some(Value::Array(citations)) = block.get_mut("citations") {
                let of = |citation| json!({"type": "citations_delta", "citation": citation});
                // What cannot be told apart from nothing stays where it is.
                if citations.iter().all(|citation| !citation.is_null()) {
                    deltas.extend(std::mem::take(citations).into_iter().map(of));
                }
            }
            deltas.extend(of_text(block, "text", "text_delta"));
            deltas
        }
        Some("thinking") => {
            let mut deltas = of_text(block, "thinking", "thinking_delta");
            if let Some(signature) = taken(block, "signature") {
                deltas.push(json!({"type": "signature_delta", "signature": signature}));
            }
            deltas
        }
        Some(kind) if kind.ends_with("tool_use") => {
            let Some(input @ Value::Object(_)) = block.get_mut("input") else { return Vec::new() };
            let json = std::mem::replace(input, json!({}));
            let of = |piece: &str| json!({"type": "input_json_delta", "partial_json": piece});
            let is_empty = json.as_object().is_some_and(Object::is_empty);
            let json = if is_empty { String::new() } else { json.to_string() };
            std::iter::once("").chain(pieces(&json)).map(of).collect()
        }
        _ => Vec::new(),
    }
}

fn of_text(block: &mut Object, name: &str, kind: &str) -> Vec<Value> {
    let text = taken(block, name).unwrap_or_default();
    pieces(&text).map(|piece| json!({"type": kind, name: piece})).collect()
}

/// The text of a field, which is left empty.
fn taken(block: &mut Object, name: &str) -> Option<String> {
    match block.get_mut(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(std::mem::take(text)),
        _ => None,
    }
}
