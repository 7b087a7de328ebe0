//! Exchanges as rows of CSV, messages and tools as JSON text.

use super::{
    fit::{Losses, Unfit},
    flat::Flat,
};
use crate::{
    exchange::{Exchange, Fields, Mended, parse_mended},
    literal::Dialect,
};
use serde_json::Value;
use std::collections::HashMap;

/// The columns, in their order.
pub const COLUMNS: [&str; 24] = [
    "uid",
    "datetime",
    "ip",
    "route",
    "key",
    "kind",
    "model",
    "status",
    "end",
    "finish_reason",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "latency_ms",
    "ttft_ms",
    "cache",
    "messages",
    "answer",
    "tool_calls",
    "reasoning_content",
    "refusal",
    "tools",
    "parameters",
    "details",
];

/// Fields of an answer that have a column of their own; `content` has it only where it is text.
const ANSWER: [&str; 3] = ["tool_calls", "reasoning_content", "refusal"];

/// The cells of an exchange.
///
/// # Errors
/// When it has no conversation or no answer.
pub fn row(exchange: &Exchange) -> Result<(Vec<String>, Losses), Unfit> {
    let mut flat = Flat::of(exchange)?;
    let content = flat.answer.get("content").and_then(Value::as_str).map(str::to_owned);
    let cells = ANSWER.map(|name| match flat.answer.shift_remove(name) {
        Some(Value::String(text)) if name != "tool_calls" => text,
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    });
    if content.is_some() {
        flat.answer.shift_remove("content");
    }
    let usual = flat.answer.len() == 1 && flat.answer.get("role").is_some_and(|role| role == "assistant");
    let details = if usual { flat.details } else { with_answer(flat.details, flat.answer) };
    let [tool_calls, reasoning, refusal] = cells;
    let number = |number: Option<i64>| number.map(|number| number.to_string());
    let millis = |number: Option<f64>| number.map(|number| number.to_string());
    let row = [
        Some(flat.uid),
        flat.datetime,
        flat.ip,
        flat.route,
        flat.key,
        Some(flat.kind),
        flat.model,
        number(flat.status),
        flat.end,
        flat.finish_reason,
        number(flat.prompt_tokens),
        number(flat.completion_tokens),
        number(flat.total_tokens),
        millis(flat.latency_ms),
        millis(flat.ttft_ms),
        flat.cache,
        Some(Value::from(flat.messages).to_string()),
        content,
        Some(tool_calls),
        Some(reasoning),
        Some(refusal),
        flat.tools,
        flat.parameters,
        details,
    ];
    Ok((row.into_iter().map(Option::unwrap_or_default).collect(), Losses::default()))
}

/// An answer that is more than text by the assistant, among the details.
fn with_answer(details: Option<String>, answer: Fields) -> Option<String> {
    let mut details: Fields = details.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    details.insert("answer".to_owned(), Value::Object(answer));
    Some(Value::Object(details).to_string())
}

/// Columns that hold JSON.
const JSON: [&str; 5] = ["messages", "tool_calls", "tools", "parameters", "details"];

/// Cells of JSON that have half a surrogate pair, without it.
pub(super) fn mended(cells: &HashMap<&str, &str>) -> Vec<(&'static str, String)> {
    let mended = |name: &'static str| {
        let cell = cells.get(name).filter(|cell| cell.contains(r"\ud") || cell.contains(r"\uD"))?;
        let Mended { value, halves } = parse_mended::<Value>(cell.as_bytes(), Dialect::Json).ok()?;
        halves.then(|| (name, value.to_string()))
    };
    JSON.into_iter().filter_map(mended).collect()
}

/// An exchange from cells by the names of their columns; columns may stand in any order, and any may be missing.
pub fn exchange(cells: &HashMap<&str, &str>) -> Exchange {
    let text = |name: &str| cells.get(name).filter(|cell| !cell.is_empty()).map(|cell| (*cell).to_owned());
    let mut details: Fields =
        text("details").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let told = details.shift_remove("answer");
    let flat = Flat {
        uid: text("uid").unwrap_or_default(),
        datetime: text("datetime"),
        ip: text("ip"),
        route: text("route"),
        key: text("key"),
        kind: text("kind").unwrap_or_default(),
        model: text("model"),
        status: text("status").and_then(|text| text.parse().ok()),
        end: text("end"),
        finish_reason: text("finish_reason"),
        latency_ms: text("latency_ms").and_then(|text| text.parse().ok()),
        ttft_ms: text("ttft_ms").and_then(|text| text.parse().ok()),
        cache: text("cache"),
        messages: text("messages").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
        answer: answer(told, cells),
        tools: text("tools"),
        parameters: text("parameters"),
        details: (!details.is_empty()).then(|| Value::Object(details).to_string()),
        ..Flat::default()
    };
    flat.exchange()
}

fn answer(told: Option<Value>, cells: &HashMap<&str, &str>) -> Fields {
    let mut answer = match told {
        Some(Value::Object(told)) => told,
        _ => [("role".to_owned(), Value::from("assistant"))].into_iter().collect(),
    };
    let cell = |name: &str| cells.get(name).copied().unwrap_or_default();
    if !answer.contains_key("content") {
        answer.insert("content".to_owned(), cell("answer").into());
    }
    if let Ok(calls) = serde_json::from_str::<Value>(cell("tool_calls")) {
        answer.insert("tool_calls".to_owned(), calls);
    }
    for name in ["reasoning_content", "refusal"] {
        if !cell(name).is_empty() {
            answer.insert(name.to_owned(), cell(name).into());
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use serde_json::json;

    fn back(exchange: &Exchange) -> Exchange {
        let (cells, _) = row(exchange).unwrap();
        let cells: HashMap<&str, &str> = COLUMNS.into_iter().zip(cells.iter().map(String::as_str)).collect();
        super::exchange(&cells)
    }

    #[test]
    fn what_is_told_comes_back() {
        let line = json!({"uid": "u", "datetime": "2026-01-01 00:00:00", "ip": "::1", "route": "/", "key": "key_1",
            "kind": "chat", "caching": false,
            "request": {"messages": [{"role": "user", "content": ["a", null]}], "model": "m", "temperature": 1,
                "tools": [{"type": "function"}]},
            "status": 200, "end": "complete", "model": "m-1", "finish_reason": "stop",
            "usage": {"total_tokens": 3}, "latency_ms": 1.5, "ttft_ms": 0.5, "cache": "hit",
            "answer": {"role": "assistant", "content": null, "tool_calls": [{"id": "c"}], "reasoning_content": "r",
                "audio": {}},
            "choices": [{"index": 1}]});
        let exchange = Exchange::of_json(line.as_object().unwrap().clone());
        let back = back(&exchange);
        assert_eq!(back, exchange);
        assert_eq!(back.kind, Kind::Chat);
    }

    #[test]
    fn completions_and_plain_texts_come_back() {
        for line in [
            json!({"uid": "u", "kind": "completion", "request": {"prompt": "p", "model": "m"}, "answer": {"text": "t"}}),
            json!({"uid": "u", "kind": "chat", "request": {"messages": []}, "answer": {"role": "assistant", "content": ""}}),
            json!({"uid": "u", "kind": "chat", "request": {"messages": []}, "answer": {"role": "model", "content": [1]}}),
        ] {
            let exchange = Exchange::of_json(line.as_object().unwrap().clone());
            assert_eq!(back(&exchange), exchange, "{line}");
        }
    }

    #[test]
    fn cells_with_half_a_surrogate_pair_are_mended() {
        let half = r#"[{"role":"user","content":"\ud83d"}]"#;
        let cells = [("messages", half), ("tools", r#"["\ud83d\ude00"]"#), ("answer", r"\ud83d")];
        let found = mended(&cells.into_iter().collect());
        assert_eq!(found, [("messages", half.replace(r"\ud83d", "\u{fffd}"))]);
    }

    #[test]
    fn rows_without_any_column_do_no_harm() {
        assert_eq!(exchange(&HashMap::new()).kind, Kind::Chat);
    }

    #[test]
    fn an_answer_without_a_role_is_kept_among_the_details() {
        let line = json!({"uid": "u", "kind": "chat", "request": {"messages": []}, "answer": {"name": "x", "content": "c"}});
        let (row, _) = row(&Exchange::of_json(line.as_object().unwrap().clone())).unwrap();
        assert_eq!(row.last().map(String::as_str), Some(r#"{"answer":{"name":"x"}}"#));
    }
}
