//! An exchange as the cells of a table: what CSV and Parquet share.

use super::fit::Unfit;
use crate::exchange::{Exchange, Fields};
use serde_json::Value;

/// The cells of an exchange. What a log does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Flat {
    pub(super) uid: String,
    pub(super) datetime: Option<String>,
    pub(super) ip: Option<String>,
    pub(super) route: Option<String>,
    pub(super) key: Option<String>,
    pub(super) kind: String,
    pub(super) model: Option<String>,
    pub(super) status: Option<i64>,
    pub(super) end: Option<String>,
    pub(super) finish_reason: Option<String>,
    pub(super) prompt_tokens: Option<i64>,
    pub(super) completion_tokens: Option<i64>,
    pub(super) total_tokens: Option<i64>,
    pub(super) latency_ms: Option<f64>,
    pub(super) ttft_ms: Option<f64>,
    pub(super) cache: Option<String>,
    /// What was asked.
    pub(super) messages: Vec<Value>,
    /// What was answered.
    pub(super) answer: Fields,
    /// JSON.
    pub(super) tools: Option<String>,
    /// The other fields of the request, as JSON.
    pub(super) parameters: Option<String>,
    /// What else is told, as JSON: `usage` with all its parts, `answered_by`, `choices`, `error`, `caching`.
    pub(super) details: Option<String>,
}

/// Fields of requests that have a column of their own, whatever API they are of.
const ASKED: [&str; 7] = ["messages", "model", "tools", "prompt", "input", "instructions", "system"];

/// Facts that have a column of their own.
const TOLD: [&str; 7] = ["status", "end", "finish_reason", "latency_ms", "ttft_ms", "cache", "usage"];

impl Flat {
    /// The cells of an exchange.
    ///
    /// # Errors
    /// When it has no conversation or no answer.
    pub(super) fn of(exchange: &Exchange) -> Result<Self, Unfit> {
        let said = exchange.conversation().ok_or(Unfit::NoConversation)?;
        let answer = said.answer.ok_or(Unfit::NoAnswer)?;
        let head = |name: &str| cell(exchange.head.get(name)?);
        let fact = |name: &str| exchange.facts.get(name).filter(|value| !value.is_null());
        let usage = fact("usage");
        let tokens = |names: [&str; 2]| names.iter().find_map(|name| usage?.get(*name)?.as_i64());
        let others = exchange.request.iter().filter(|(name, _)| !ASKED.contains(&name.as_str()));
        Ok(Flat {
            uid: exchange.uid.clone(),
            datetime: head("datetime"),
            ip: head("ip"),
            route: head("route"),
            key: head("key"),
            kind: exchange.kind.name().to_owned(),
            model: exchange.request.get("model").and_then(cell),
            status: fact("status").and_then(Value::as_i64),
            end: fact("end").and_then(cell),
            finish_reason: fact("finish_reason").and_then(cell),
            prompt_tokens: tokens(["prompt_tokens", "input_tokens"]),
            completion_tokens: tokens(["completion_tokens", "output_tokens"]),
            total_tokens: exchange.tokens().and_then(|count| i64::try_from(count).ok()),
            latency_ms: fact("latency_ms").and_then(Value::as_f64),
            ttft_ms: fact("ttft_ms").and_then(Value::as_f64),
            cache: fact("cache").and_then(cell),
            messages: said.messages,
            answer,
            tools: said.tools.map(|tools| tools.to_string()),
            parameters: json(others.map(|(name, value)| (name.clone(), value.clone())).collect()),
            details: json(details(exchange)),
        })
    }

    /// The exchange of cells: a chat, whatever API it came by.
    pub(super) fn exchange(self) -> Exchange {
        let kind = if self.kind == "messages" || self.kind == "responses" { "chat" } else { &self.kind };
        let mut exchange = Exchange::new(self.uid, kind.parse().unwrap_or(crate::Kind::Chat));
        let mut details = object(self.details);
        for (name, value) in
            [("datetime", self.datetime), ("ip", self.ip), ("route", self.route), ("key", self.key)]
        {
            value.map(|value| exchange.head.insert(name.to_owned(), value.into()));
        }
        details.shift_remove("caching").map(|value| exchange.head.insert("caching".to_owned(), value));
        exchange.choices = details.shift_remove("choices");
        exchange.error = details.shift_remove("error");
        let mut asked = Fields::new();
        asked.insert("messages".to_owned(), self.messages.into());
        self.model.map(|model| asked.insert("model".to_owned(), model.into()));
        let tools = self.tools.and_then(|tools| serde_json::from_str(&tools).ok());
        asked.extend(object(self.parameters));
        tools.map(|tools: Value| asked.insert("tools".to_owned(), tools));
        exchange.request = asked;
        let facts: [(&str, Option<Value>); 7] = [
            ("status", self.status.map(Value::from)),
            ("end", self.end.map(Value::from)),
            ("model", details.shift_remove("answered_by")),
            ("finish_reason", self.finish_reason.map(Value::from)),
            ("usage", details.shift_remove("usage")),
            ("latency_ms", self.latency_ms.map(Value::from)),
            ("ttft_ms", self.ttft_ms.map(Value::from)),
        ];
        for (name, value) in facts.into_iter().chain([("cache", self.cache.map(Value::from))]) {
            value.map(|value| exchange.facts.insert(name.to_owned(), value));
        }
        exchange.facts.extend(details);
        exchange.answer = (!self.answer.is_empty()).then_some(self.answer);
        if exchange.kind == crate::Kind::Completion {
            complete(&mut exchange);
        }
        exchange
    }
}

/// A completion's prompt and text, out of the conversation that they were shown as.
fn complete(exchange: &mut Exchange) {
    if let Some(prompt) = exchange.request.shift_remove("messages") {
        let prompt = prompt.pointer("/0/content").cloned().unwrap_or_default();
        exchange.request.shift_insert(0, "prompt".to_owned(), prompt);
    }
    if let Some(answer) = exchange.answer.take() {
        let text = answer.get("content").cloned().unwrap_or_default();
        exchange.answer = Some([("text".to_owned(), text)].into_iter().collect());
    }
}

/// What has no column of its own.
fn details(exchange: &Exchange) -> Fields {
    let mut details = Fields::new();
    let mut put = |name: &str, value: Option<&Value>| {
        value.filter(|value| !value.is_null()).map(|value| details.insert(name.to_owned(), value.clone()));
    };
    put("usage", exchange.facts.get("usage"));
    put("answered_by", exchange.facts.get("model"));
    put("choices", exchange.choices.as_ref());
    put("error", exchange.error.as_ref());
    put("caching", exchange.head.get("caching"));
    for (name, value) in &exchange.facts {
        if name != "model" && !TOLD.contains(&name.as_str()) {
            put(name, Some(value));
        }
    }
    details
}

/// A value as the text of a cell.
fn cell(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn json(fields: Fields) -> Option<String> {
    (!fields.is_empty()).then(|| Value::Object(fields).to_string())
}

fn object(text: Option<String>) -> Fields {
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}
