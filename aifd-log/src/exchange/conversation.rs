//! What was said in an exchange, in the shape of chat completions whatever API it came by.

use super::{Exchange, Fields, anthropic, responses};
use crate::Kind;
use serde_json::{Value, json};
use std::borrow::Cow;

/// What was said, in the shape of chat completions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conversation {
    /// What was asked, the instructions first.
    pub messages: Vec<Value>,
    /// Tools that the model might call.
    pub tools: Option<Value>,
    /// The answer.
    pub answer: Option<Fields>,
}

impl Exchange {
    /// What was said. `None` where nothing is that a conversation could hold: embeddings, general requests, and
    /// messages that are no list.
    pub fn conversation(&self) -> Option<Conversation> {
        let messages = match self.kind {
            Kind::Chat => self.request.get("messages")?.as_array()?.clone(),
            Kind::Completion => vec![json!({"role": "user", "content": self.request.get("prompt")?})],
            Kind::Responses => responses::messages(&self.request),
            Kind::Messages => anthropic::messages(&self.request)?,
            Kind::Embedding | Kind::Whisper | Kind::General => return None,
        };
        let tools = self.request.get("tools").filter(|tools| !tools.is_null());
        let tools = match self.kind {
            Kind::Responses => tools.map(|tools| each(tools, responses::tool)),
            Kind::Messages => tools.map(|tools| each(tools, anthropic::tool)),
            _ => tools.cloned(),
        };
        Some(Conversation { messages, tools, answer: self.reply() })
    }

    fn reply(&self) -> Option<Fields> {
        let answer = self.answer.as_ref()?;
        if self.kind != Kind::Completion {
            return Some(answer.clone());
        }
        let text = answer.get("text").cloned().unwrap_or_default();
        Some([("role".to_owned(), "assistant".into()), ("content".to_owned(), text)].into_iter().collect())
    }
}

fn each(tools: &Value, convert: fn(&Value) -> Value) -> Value {
    match tools {
        Value::Array(tools) => Value::Array(tools.iter().map(convert).collect()),
        other => other.clone(),
    }
}

/// The text of a content: itself, or the texts of its parts. `None` where it has neither.
pub fn text(content: &Value) -> Option<Cow<'_, str>> {
    match content {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Array(parts) => {
            let text: Vec<&str> = parts.iter().filter_map(|part| part.get("text")?.as_str()).collect();
            (!text.is_empty()).then(|| Cow::Owned(text.concat()))
        }
        _ => None,
    }
}

/// Parts as a content: a text where there is only one, which is a text.
pub(super) fn content(parts: Vec<Value>) -> Value {
    match parts.as_slice() {
        [only] if only.get("type").is_some_and(|kind| kind == "text") => only["text"].clone(),
        _ => Value::Array(parts),
    }
}

/// A function that may be called, in the shape of chat completions.
pub(super) fn function(tool: &Value, parameters: &str) -> Value {
    let mut function = Fields::new();
    for (name, from) in
        [("name", "name"), ("description", "description"), ("parameters", parameters), ("strict", "strict")]
    {
        tool.get(from)
            .filter(|value| !value.is_null())
            .map(|value| function.insert(name.to_owned(), value.clone()));
    }
    json!({"type": "function", "function": function})
}

/// A call, in the shape of chat completions.
pub(super) fn call(id: Option<&Value>, name: Option<&Value>, arguments: Value) -> Value {
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(kind: Kind, request: Value) -> Conversation {
        let mut exchange = Exchange::new("u", kind);
        exchange.request = request.as_object().unwrap().clone();
        exchange.conversation().unwrap()
    }

    #[test]
    fn chats_and_completions() {
        let messages = json!([{"role": "user", "content": "a"}]);
        assert_eq!(said(Kind::Chat, json!({"messages": messages})).messages, *messages.as_array().unwrap());
        assert_eq!(said(Kind::Completion, json!({"prompt": "a"})).messages, *messages.as_array().unwrap());
        for request in [json!({}), json!({"messages": "text"})] {
            let mut exchange = Exchange::new("u", Kind::Chat);
            exchange.request = request.as_object().unwrap().clone();
            assert_eq!(exchange.conversation(), None, "{request}");
        }
    }

    #[test]
    fn responses_become_messages() {
        let request = json!({
            "instructions": "Be brief.",
            "input": [
                {"role": "user", "content": [{"type": "input_text", "text": "Look"},
                    {"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "low"}]},
                {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
                {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
                {"type": "function_call", "call_id": "c2", "name": "g", "arguments": "{\"a\":1}"},
                {"type": "function_call_output", "call_id": "c1", "output": "1"},
                {"type": "function_call_output", "call_id": "c2", "output": "2"}
            ],
            "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": true},
                {"type": "web_search"}]
        });
        let call = |id: &str, name: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
        let said = said(Kind::Responses, request);
        assert_eq!(
            json!(said.messages),
            json!([
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "Look"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA", "detail": "low"}}]},
                {"role": "assistant", "content": "I look.", "reasoning_content": "hm",
                    "tool_calls": [call("c1", "f", "{}"), call("c2", "g", "{\"a\":1}")]},
                {"role": "tool", "tool_call_id": "c1", "content": "1"},
                {"role": "tool", "tool_call_id": "c2", "content": "2"}
            ])
        );
        assert_eq!(
            said.tools.unwrap(),
            json!([{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}, "strict": true}},
                {"type": "web_search"}])
        );
    }

    #[test]
    fn a_plain_input_is_a_message_and_odd_items_do_no_harm() {
        assert_eq!(
            json!(said(Kind::Responses, json!({"input": "hi"})).messages),
            json!([{"role": "user", "content": "hi"}])
        );
        let odd = json!({"input": [1, null, {}, {"type": "function_call"}, {"type": "reasoning"}, []], "instructions": 5});
        assert_eq!(said(Kind::Responses, odd).messages.len(), 1);
    }

    #[test]
    fn anthropics_blocks_become_messages() {
        let request = json!({
            "system": [{"type": "text", "text": "Be brief."}],
            "messages": [
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": "s"},
                    {"type": "text", "text": "I look."},
                    {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}}]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "42"}]},
                    {"type": "text", "text": "and this?"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA"}}]}
            ],
            "tools": [{"name": "f", "description": "d", "input_schema": {"type": "object"}}]
        });
        let said = said(Kind::Messages, request);
        assert_eq!(
            json!(said.messages),
            json!([
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content": "I look.", "reasoning_content": "hm",
                    "tool_calls": [{"id": "t1", "type": "function", "function": {"name": "f", "arguments": "{\"a\":1}"}}]},
                {"role": "tool", "tool_call_id": "t1", "content": "42"},
                {"role": "user", "content": [{"type": "text", "text": "and this?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]}
            ])
        );
        assert_eq!(
            said.tools.unwrap(),
            json!([{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}}}])
        );
    }

    #[test]
    fn the_text_of_a_content_is_that_of_its_parts() {
        for (content, expected) in [
            (json!("a"), Some("a")),
            (
                json!([{"type": "text", "text": "a"}, {"type": "image_url"}, {"type": "text", "text": "b"}]),
                Some("ab"),
            ),
            (json!([{"type": "image_url"}]), None),
            (json!(null), None),
            (json!(1), None),
        ] {
            assert_eq!(text(&content).as_deref(), expected, "{content}");
        }
    }
}
