//! What was said in an exchange, text by text, and which of its lines an expression matches.

use crate::{
    Kind,
    exchange::{Exchange, Fields, text},
};
use regex::{Regex, RegexBuilder};
use serde_json::Value;
use std::{borrow::Cow, ops::Range};

/// Bytes of memory that a compiled expression may take.
const MOST_COMPILED: usize = 10 << 20;

/// A text and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// `user`, `assistant`, …; `error` where the service told one.
    pub role: String,
    /// The text.
    pub text: String,
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Search {
    expression: Regex,
    roles: Vec<String>,
}

/// How an expression is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// Capitals and small letters are the same.
    pub ignore_case: bool,
    /// It is a text and no expression.
    pub fixed: bool,
}

/// A line that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Who said it.
    pub role: String,
    /// The line, without its end.
    pub line: String,
    /// Where it matches: bytes of the line.
    pub matches: Vec<Range<usize>>,
}

impl Search {
    /// A search for an expression in what these roles said; without any, in all that was said. `system` is what the
    /// newer role `developer` says too, `tool` what the older one `function` says.
    ///
    /// # Errors
    /// When it is no regular expression, or too large a one.
    pub fn new(pattern: &str, manner: Manner, roles: Vec<String>) -> Result<Self, regex::Error> {
        let pattern = if manner.fixed { Cow::Owned(regex::escape(pattern)) } else { Cow::Borrowed(pattern) };
        let expression = RegexBuilder::new(&pattern)
            .case_insensitive(manner.ignore_case)
            .size_limit(MOST_COMPILED)
            .build()?;
        Ok(Search { expression, roles })
    }

    /// The lines that match, in the order in which they were said.
    pub fn hits(&self, exchange: &Exchange) -> Vec<Hit> {
        let mut hits = Vec::new();
        for said in said(exchange).into_iter().filter(|said| self.is_meant(&said.role)) {
            let lines = said.text.lines().filter_map(|line| {
                let matches: Vec<Range<usize>> =
                    self.expression.find_iter(line).map(|it| it.range()).collect();
                let hit = || Hit { role: said.role.clone(), line: line.to_owned(), matches: matches.clone() };
                (!matches.is_empty()).then(hit)
            });
            hits.extend(lines);
        }
        hits
    }

    fn is_meant(&self, role: &str) -> bool {
        let role = match role {
            "developer" => "system",
            "function" => "tool",
            role => role,
        };
        self.roles.is_empty() || self.roles.iter().any(|meant| meant == role)
    }
}

/// The texts of an exchange, in the order in which they were said: those of messages, their reasoning, refusals and
/// calls; of what is no conversation, what was sent and answered.
pub fn said(exchange: &Exchange) -> Vec<Said> {
    let mut all = Vec::new();
    let mut add = |role: &str, text: Cow<'_, str>| {
        if !text.is_empty() {
            all.push(Said { role: role.to_owned(), text: text.into_owned() });
        }
    };
    let conversation = exchange.conversation();
    let messages = conversation.as_ref().map_or(&[][..], |said| &said.messages);
    for message in messages {
        match message.as_object() {
            Some(message) => of_message(message, "user", &mut add),
            None => add("user", shown(message)),
        }
    }
    if conversation.is_none() {
        let sent = ["messages", "input", "prompt", "payload", "body"];
        sent.iter()
            .filter_map(|name| exchange.request.get(*name))
            .for_each(|value| add("user", shown(value)));
    }
    let answer = exchange.answer.iter().flat_map(|answer| match (&conversation, exchange.kind) {
        (Some(said), _) => said.answer.clone(),
        (None, Kind::Embedding) => None,
        (None, _) => Some(answer.clone()),
    });
    answer.for_each(|answer| of_message(&answer, "assistant", &mut add));
    for choice in exchange.choices.iter().filter_map(Value::as_array).flatten() {
        let message = choice.get("message").or(Some(choice)).and_then(Value::as_object);
        message.into_iter().for_each(|message| of_message(message, "assistant", &mut add));
    }
    exchange.error.iter().for_each(|error| add("error", error_text(error)));
    all
}

/// The texts of a message.
fn of_message(message: &Fields, role: &str, add: &mut impl FnMut(&str, Cow<'_, str>)) {
    let role = message.get("role").and_then(Value::as_str).unwrap_or(role);
    for name in ["reasoning_content", "content", "refusal", "text", "result"] {
        match message.get(name) {
            None | Some(Value::Null) => (),
            // Parts that are no text, such as images, say nothing that could be searched.
            Some(Value::Array(parts)) if name == "content" => {
                parts
                    .iter()
                    .filter_map(|part| part.get("text")?.as_str())
                    .for_each(|part| add(role, part.into()));
            }
            Some(value) => add(role, shown(value)),
        }
    }
    for call in message.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
        let (name, arguments) = called(call);
        add(role, format!("{name}({arguments})").into());
    }
}

/// What a tool call calls, and with what.
pub fn called(call: &Value) -> (Cow<'_, str>, Cow<'_, str>) {
    let function = ["function", "custom"].iter().find_map(|name| call.get(*name)).unwrap_or(call);
    let field =
        |names: [&str; 2]| names.iter().find_map(|name| function.get(*name)).map(shown).unwrap_or_default();
    (field(["name", "type"]), field(["arguments", "input"]))
}

/// A text itself, and another value as JSON.
pub fn shown(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed(""),
        parts @ Value::Array(_) => text(parts).unwrap_or_else(|| parts.to_string().into()),
        value => value.to_string().into(),
    }
}

/// What an error says.
pub fn error_text(error: &Value) -> Cow<'_, str> {
    error.get("message").filter(|message| message.is_string()).map_or_else(|| shown(error), shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn exchange(line: Value) -> Exchange {
        Exchange::of_json(line.as_object().unwrap().clone())
    }

    fn chat() -> Exchange {
        exchange(json!({"uid": "u", "kind": "chat", "request": {"messages": [
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "first\nSecond line"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,second"}}]},
                {"role": "assistant", "content": null, "tool_calls": [{"id": "c", "type": "function",
                    "function": {"name": "look", "arguments": "{\"a\": 1}"}}]},
                {"role": "tool", "tool_call_id": "c", "content": "second"},
                "odd",
            ]}, "answer": {"role": "assistant", "content": "the second", "reasoning_content": "hm"},
            "choices": [{"index": 1, "message": {"role": "assistant", "content": "another"}}],
            "error": {"message": "broke off"}}))
    }

    fn hits(pattern: &str, manner: Manner, roles: &[&str]) -> Vec<String> {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        let hits = Search::new(pattern, manner, roles).unwrap().hits(&chat());
        hits.into_iter().map(|hit| format!("{}: {} {:?}", hit.role, hit.line, hit.matches)).collect()
    }

    #[test]
    fn every_text_is_said_once_and_in_its_order() {
        let told: Vec<String> =
            said(&chat()).into_iter().map(|said| format!("{}: {}", said.role, said.text)).collect();
        assert_eq!(
            told,
            [
                "developer: Be brief.",
                "user: first\nSecond line",
                "assistant: look({\"a\": 1})",
                "tool: second",
                "user: odd",
                "assistant: hm",
                "assistant: the second",
                "assistant: another",
                "error: broke off",
            ]
        );
    }

    #[test]
    fn lines_are_matched_as_grep_does_it() {
        let plain = Manner::default();
        let ignore_case = Manner { ignore_case: true, ..plain };
        assert_eq!(hits("second", plain, &[]), ["tool: second [0..6]", "assistant: the second [4..10]"]);
        assert_eq!(hits("^second", ignore_case, &["user"]), ["user: Second line [0..6]"]);
        assert_eq!(hits("e", plain, &["system"]), ["developer: Be brief. [1..2, 6..7]"]);
        assert_eq!(hits("k({", Manner { fixed: true, ..plain }, &[]), ["assistant: look({\"a\": 1}) [3..6]"]);
        assert_eq!(hits("first.Second", plain, &[]), Vec::<String>::new());
        assert!(Search::new("k({", plain, Vec::new()).is_err());
    }

    #[test]
    fn what_is_no_conversation_is_searched_too() {
        for (line, expected) in [
            (
                json!({"kind": "embedding", "request": {"input": ["a", "b"]}, "answer": {"object": "list"}}),
                vec!["user: [\"a\",\"b\"]"],
            ),
            (
                json!({"kind": "whisper", "request": {"model": "w"}, "answer": {"text": "said"}}),
                vec!["assistant: said"],
            ),
            (
                json!({"kind": "general", "method": "POST", "path": "/", "request": {"q": "x"}, "answer": {"result": ["r"]}}),
                vec!["user: {\"q\":\"x\"}", "assistant: [\"r\"]"],
            ),
            (
                json!({"kind": "completion", "request": {"prompt": "p"}, "answer": {"text": "t"}}),
                vec!["user: p", "assistant: t"],
            ),
            (
                json!({"kind": "chat", "request": {"messages": "text"}, "error": "e"}),
                vec!["user: text", "error: e"],
            ),
        ] {
            let told: Vec<String> = said(&exchange(line.clone()))
                .into_iter()
                .map(|said| format!("{}: {}", said.role, said.text))
                .collect();
            assert_eq!(told, expected, "{line}");
        }
    }
}
