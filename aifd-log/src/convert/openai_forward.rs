//! The objects of openai-forward's own converter, from an exchange and back.

use crate::{
    Kind,
    exchange::{End, Exchange, Fields, is_truthy},
    line::ROLES,
};
use serde_json::Value;

/// Fields of an answer line that follow the eight of openai-forward, where there is any.
const BESIDE: [&str; 5] = ["content", "reasoning_content", "refusal", "choices", "message"];

/// The object of an exchange: openai-forward's eight fields in its order, and what else was said.
pub fn row(exchange: &Exchange) -> Fields {
    let (request, answer) = exchange.lines();
    let mut answer = answer.unwrap_or_default();
    let message = exchange.answer.as_ref();
    let role = message.and_then(|message| message.get("role")?.as_str()).filter(|role| *role != "assistant");
    let said_last = answer.get(role.filter(|role| ROLES.contains(role)).unwrap_or("assistant"));
    // Lines of old logs do not tell it.
    let told = message.and_then(|_| exchange.facts.get("is_tool_calls"));
    let is_tool_calls = message.and_then(|_| told.or_else(|| answer.get("is_tool_calls")));
    let asked = |name: &str| request.get(name).cloned();
    let messages = match exchange.kind {
        Kind::Chat => asked("messages").unwrap_or_default(),
        _ => exchange.conversation().map_or(Value::Null, |said| said.messages.into()),
    };
    let ip = asked("ip").filter(|ip| ip.as_str() != Some("")).unwrap_or_default();
    let mut row = Fields::new();
    for (name, value) in [
        ("datetime", asked("datetime").unwrap_or_default()),
        ("ip", ip),
        ("model", asked("model").unwrap_or_default()),
        ("temperature", asked("temperature").unwrap_or_else(|| 1.into())),
        ("messages", said(messages)),
        ("tools", asked("tools").unwrap_or_default()),
        ("is_tool_calls", is_tool_calls.cloned().unwrap_or_default()),
        ("assistant", said_last.cloned().unwrap_or_default()),
    ] {
        row.insert(name.to_owned(), value);
    }
    if let Some(role) = role {
        let more = answer.shift_remove("message");
        let mut message: Fields = [("role".to_owned(), role.into())].into_iter().collect();
        message.extend(more.as_ref().and_then(Value::as_object).cloned().unwrap_or_default());
        answer.insert("message".to_owned(), message.into());
    }
    for name in BESIDE {
        let is_told = |value: &&Value| if may_be_empty(name) { !value.is_null() } else { is_truthy(value) };
        answer.get(name).filter(is_told).map(|value| row.insert(name.to_owned(), value.clone()));
    }
    row
}

/// Whether a field beside the eight says something if it is there and empty.
pub(super) fn may_be_empty(name: &str) -> bool {
    !matches!(name, "content" | "message")
}

fn said(messages: Value) -> Value {
    match messages {
        Value::Array(messages) => Value::Array(messages.into_iter().map(spoken).collect()),
        other => other,
    }
}

/// `{role: content, other fields}`; a message that this would not hold stays as it is.
fn spoken(message: Value) -> Value {
    let Value::Object(fields) = &message else { return message };
    let Some(role) = fields.get("role").and_then(Value::as_str) else { return message };
    if fields.keys().any(|name| name == role && !["role", "content"].contains(&name.as_str())) {
        return message;
    }
    let mut spoken = Fields::new();
    spoken.insert(role.to_owned(), fields.get("content").cloned().unwrap_or_default());
    let others = fields.iter().filter(|(name, _)| !["role", "content"].contains(&name.as_str()));
    spoken.extend(others.map(|(name, value)| (name.clone(), value.clone())));
    Value::Object(spoken)
}

/// An exchange from its object.
pub fn exchange(mut row: Fields) -> Exchange {
    let mut request = Fields::new();
    let mut answer = Fields::new();
    for name in ["assistant", "is_tool_calls"] {
        row.shift_remove(name).map(|value| answer.insert(name.to_owned(), value));
    }
    // The log of an exchange without an answer has neither.
    if answer.values().all(Value::is_null) {
        answer.clear();
    }
    for name in BESIDE {
        row.shift_remove(name).map(|value| answer.insert(name.to_owned(), value));
    }
    // Every object tells of an exchange: of one without an answer, a log has a line that says so.
    if !answer.contains_key("assistant") && !answer.contains_key("message") {
        answer.insert("end".to_owned(), End::Failed.name().into());
    }
    if let Some(Value::Array(messages)) = row.get_mut("messages") {
        messages.iter_mut().for_each(|message| *message = heard(message.take()));
    }
    for name in ["messages", "model", "temperature", "tools", "ip", "datetime"] {
        row.shift_remove(name).map(|value| request.insert(name.to_owned(), value));
    }
    request.extend(row);
    Exchange::of_lines(request, Some(answer), Some(Kind::Chat))
}

/// A message with its role under that name again.
fn heard(message: Value) -> Value {
    let Value::Object(fields) = message else { return message };
    let told = fields.get("role").and_then(Value::as_str);
    if fields.is_empty() || told.is_some_and(|role| fields.contains_key(role)) {
        return Value::Object(fields);
    }
    let mut heard = Fields::new();
    for (at, (name, value)) in fields.into_iter().enumerate() {
        if at == 0 {
            heard.insert("role".to_owned(), name.into());
            heard.insert("content".to_owned(), value);
        } else {
            heard.insert(name, value);
        }
    }
    Value::Object(heard)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn exchange_of(request: Value, answer: Value) -> Exchange {
        let fields = |value: Value| value.as_object().cloned();
        Exchange::of_lines(fields(request).unwrap(), fields(answer), Some(Kind::Chat))
    }

    #[test]
    fn messages_are_written_by_their_roles_and_come_back() {
        let call = json!([{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]);
        let exchange = exchange_of(
            json!({"messages": [{"role": "user", "content": "a", "name": "bob"},
                {"role": "assistant", "content": null, "tool_calls": call},
                {"role": "user", "user": 1, "content": "b"}, "text"],
                "model": "m", "temperature": 0.5, "tools": null, "ip": "::1", "datetime": "d"}),
            json!({"assistant": call, "is_tool_calls": true, "content": "beside", "refusal": "r"}),
        );
        let row = row(&exchange);
        assert_eq!(
            Value::Object(row.clone()).to_string(),
            json!({"datetime": "d", "ip": "::1", "model": "m", "temperature": 0.5, "messages": [
                {"user": "a", "name": "bob"}, {"assistant": null, "tool_calls": call},
                {"role": "user", "user": 1, "content": "b"}, "text"],
                "tools": null, "is_tool_calls": true, "assistant": call, "content": "beside", "refusal": "r"})
            .to_string()
        );
        assert_eq!(super::exchange(row), exchange);
    }

    #[test]
    fn what_is_missing_is_null_and_a_temperature_is_one() {
        let row = row(&exchange_of(json!({"messages": "text", "ip": ""}), Value::Null));
        assert_eq!(
            Value::Object(row.clone()).to_string(),
            r#"{"datetime":null,"ip":null,"model":null,"temperature":1,"messages":"text","tools":null,"is_tool_calls":null,"assistant":null}"#
        );
        let back = super::exchange(row.clone());
        assert_eq!((back.answer.as_ref(), back.end()), (None, End::Failed));
        let (_, line) = back.lines();
        assert_eq!(
            Value::from(line.unwrap()),
            json!({"uid": "", "end": "failed"}),
            "so that it is found in a log"
        );
        assert_eq!(
            Value::from(super::row(&back)),
            json!({"datetime": null, "ip": null, "model": null,
            "temperature": 1, "messages": "text", "tools": null, "is_tool_calls": null, "assistant": null})
        );
    }
}
