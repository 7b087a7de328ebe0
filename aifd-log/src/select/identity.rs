//! Hashes that tell whether two conversations are the same.

use crate::exchange::{Conversation, Exchange};
use blake3::Hasher;
use serde_json::Value;

/// Half a hash: of 2^32 conversations, two are taken for one by accident with a chance of 2^-65.
pub(super) type Identity = [u8; 16];

/// Messages, tools and answer.
pub(super) fn exact(exchange: &Exchange) -> Identity {
    match exchange.conversation() {
        Some(said) => {
            let mut hasher = hasher(exchange, &said);
            said.answer.into_iter().for_each(|answer| feed(&mut hasher, &Value::Object(answer)));
            half(&hasher)
        }
        None => of_fields(exchange, true),
    }
}

/// Messages and tools.
pub(super) fn prompt(exchange: &Exchange) -> Identity {
    match exchange.conversation() {
        Some(said) => half(&hasher(exchange, &said)),
        None => of_fields(exchange, false),
    }
}

/// Messages and answer, as one conversation.
pub(super) fn conversation(exchange: &Exchange) -> Identity {
    let Some(said) = exchange.conversation() else { return of_fields(exchange, true) };
    let mut hasher = Hasher::new();
    let answer = said.answer.map(Value::Object);
    said.messages.iter().chain(&answer).for_each(|message| feed(&mut hasher, message));
    half(&hasher)
}

/// The conversations that this one goes on with: those that end with an earlier message of the assistant.
pub(super) fn prefixes(exchange: &Exchange) -> Vec<Identity> {
    let Some(said) = exchange.conversation() else { return Vec::new() };
    let (mut hasher, mut found) = (Hasher::new(), Vec::new());
    for message in &said.messages {
        feed(&mut hasher, message);
        if message.get("role").is_some_and(|role| role == "assistant") {
            found.push(half(&hasher));
        }
    }
    if said.answer.is_none() {
        // It ends there itself.
        let whole = half(&hasher);
        found.retain(|prefix| *prefix != whole);
    }
    found
}

/// What a conversation began with: all its turns have it in common, so that a split keeps them together.
pub(super) fn beginning(exchange: &Exchange) -> Identity {
    let Some(said) = exchange.conversation() else { return of_fields(exchange, false) };
    let asked =
        said.messages.iter().position(|message| message.get("role").is_some_and(|role| role == "user"));
    let mut hasher = Hasher::new();
    let count = asked.map_or(said.messages.len(), |at| at + 1);
    said.messages.iter().take(count).for_each(|message| feed(&mut hasher, message));
    half(&hasher)
}

/// A hash of all that was said, for the `number`th of its source.
pub(crate) fn content_hash(exchange: &Exchange, number: u64) -> Identity {
    let mut hasher = Hasher::new();
    hasher.update(&exact(exchange));
    hasher.update(&number.to_le_bytes());
    half(&hasher)
}

fn hasher(exchange: &Exchange, said: &Conversation) -> Hasher {
    let mut hasher = Hasher::new();
    put(&mut hasher, exchange.kind.name().as_bytes());
    said.tools.iter().for_each(|tools| put(&mut hasher, tools.to_string().as_bytes()));
    said.messages.iter().for_each(|message| feed(&mut hasher, message));
    hasher
}

/// A message by what it says: clients send answers back without what only a provider adds to them.
fn feed(hasher: &mut Hasher, message: &Value) {
    let field = |name: &str| message.get(name).filter(|value| !value.is_null());
    let Some(role) = field("role") else { return put(hasher, message.to_string().as_bytes()) };
    put(hasher, role.to_string().as_bytes());
    match field("content") {
        Some(Value::Array(parts)) if parts.len() == 1 && parts[0]["type"] == "text" => {
            put(hasher, parts[0]["text"].to_string().as_bytes());
        }
        // No text beside tool calls is sent back as the empty one.
        Some(Value::String(text)) if text.is_empty() => put(hasher, b""),
        Some(content) => put(hasher, content.to_string().as_bytes()),
        None => put(hasher, b""),
    }
    for call in field("tool_calls").and_then(Value::as_array).into_iter().flatten() {
        for part in ["/id", "/function/name", "/function/arguments"] {
            put(hasher, call.pointer(part).map(Value::to_string).unwrap_or_default().as_bytes());
        }
    }
    for name in ["name", "tool_call_id"] {
        put(hasher, field(name).map(Value::to_string).unwrap_or_default().as_bytes());
    }
    put(hasher, b"end");
}

fn of_fields(exchange: &Exchange, answered: bool) -> Identity {
    let mut hasher = Hasher::new();
    put(&mut hasher, exchange.kind.name().as_bytes());
    for fields in
        [Some(&exchange.request), exchange.answer.as_ref().filter(|_| answered)].into_iter().flatten()
    {
        put(&mut hasher, serde_json::to_vec(fields).unwrap_or_default().as_slice());
    }
    half(&hasher)
}

/// Lengths stand before texts, so that no two lists of texts are the same bytes.
fn put(hasher: &mut Hasher, bytes: &[u8]) {
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

fn half(hasher: &Hasher) -> Identity {
    let mut half = Identity::default();
    hasher.finalize_xof().fill(&mut half);
    half
}
