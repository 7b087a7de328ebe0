//! The sharegpt format as LLaMA-Factory documents it.

use super::{
    dialogue::{Answered, Asked, Call, Dialogue},
    fit::{Losses, Unfit},
    openai::take_answer,
};
use crate::{
    Kind,
    exchange::{Exchange, Fields},
};
use serde_json::{Value, json};

/// The row of an exchange: `conversations`, and `system` and `tools`, which are empty where there are none, so that
/// all rows have the same columns.
///
/// # Errors
/// When it is no dialogue.
pub fn row(exchange: &Exchange) -> Result<(Fields, Losses), Unfit> {
    let dialogue = Dialogue::of(exchange)?;
    let mut said = Vec::with_capacity(2 * dialogue.turns.len());
    for turn in dialogue.turns {
        said.push(match turn.asked {
            Asked::Text(text) => json!({"from": "human", "value": text}),
            Asked::Results(results) => json!({"from": "observation", "value": observation(results)}),
        });
        said.push(match turn.answered {
            Answered::Text(text) => json!({"from": "gpt", "value": text}),
            Answered::Calls(calls) => json!({"from": "function_call", "value": called(calls)}),
        });
    }
    let tools = match dialogue.functions.as_slice() {
        [] => String::new(),
        functions => Value::from(functions).to_string(),
    };
    let row = json!({"conversations": said, "system": dialogue.system, "tools": tools});
    Ok((fields(row), dialogue.losses))
}

/// The results of several calls stand as an array in one observation: the two sides must speak in turn.
fn observation(mut results: Vec<String>) -> String {
    if results.len() == 1 { results.remove(0) } else { Value::from(results).to_string() }
}

fn called(calls: Vec<Call>) -> String {
    let one = |call: Call| json!({"name": call.name, "arguments": call.arguments});
    let mut calls: Vec<Value> = calls.into_iter().map(one).collect();
    if calls.len() == 1 { calls.remove(0).to_string() } else { Value::from(calls).to_string() }
}

/// An exchange from its row. Calls have no ids there, and get new ones.
pub fn exchange(mut row: Fields) -> Exchange {
    let mut exchange = Exchange::new("", Kind::Chat);
    let mut messages = Vec::new();
    if let Some(system) = row.get("system").and_then(Value::as_str).filter(|system| !system.is_empty()) {
        messages.push(json!({"role": "system", "content": system}));
    }
    let mut ids = Vec::new();
    if let Some(Value::Array(said)) = row.shift_remove("conversations") {
        said.iter().for_each(|said| hear(said, &mut messages, &mut ids));
    }
    exchange.answer = take_answer(&mut messages);
    exchange.request.insert("messages".to_owned(), messages.into());
    let tools = match row.get("tools") {
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        other => other.cloned(),
    };
    if let Some(Value::Array(functions)) = tools
        && !functions.is_empty()
    {
        let wrap = |tool: Value| match tool.get("function") {
            Some(_) => tool,
            None => json!({"type": "function", "function": tool}),
        };
        exchange.request.insert("tools".to_owned(), functions.into_iter().map(wrap).collect());
    }
    exchange
}

/// Adds what was said; `ids` are those of calls without a result yet.
fn hear(said: &Value, messages: &mut Vec<Value>, ids: &mut Vec<String>) {
    let value = said.get("value").cloned().unwrap_or_default();
    match said.get("from").and_then(Value::as_str).unwrap_or_default() {
        "human" | "user" => messages.push(json!({"role": "user", "content": value})),
        "gpt" | "assistant" | "chatgpt" | "bing" | "bard" => {
            messages.push(json!({"role": "assistant", "content": value}));
        }
        "function_call" => {
            let calls = calls(&value, messages.len());
            *ids = calls.iter().filter_map(|call| Some(call.get("id")?.as_str()?.to_owned())).collect();
            messages.push(json!({"role": "assistant", "content": null, "tool_calls": calls}));
        }
        "observation" | "tool" => {
            for (id, result) in results(value, std::mem::take(ids)) {
                messages.push(json!({"role": "tool", "tool_call_id": id, "content": result}));
            }
        }
        other => messages.push(json!({"role": other, "content": value})),
    }
}

fn calls(value: &Value, at: usize) -> Vec<Value> {
    let parsed =
        value.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| value.clone());
    let calls = match parsed {
        Value::Array(calls) => calls,
        one => vec![one],
    };
    let call = |(number, call): (usize, Value)| {
        let arguments = match call.get("arguments") {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let function = json!({"name": call.get("name"), "arguments": arguments});
        json!({"id": format!("call_{at}_{number}"), "type": "function", "function": function})
    };
    calls.into_iter().enumerate().map(call).collect()
}

/// Which result is which call's.
fn results(value: Value, ids: Vec<String>) -> Vec<(Option<String>, Value)> {
    if ids.len() > 1
        && let Some(Value::Array(results)) = value.as_str().and_then(|text| serde_json::from_str(text).ok())
        && results.len() == ids.len()
    {
        return ids.into_iter().map(Some).zip(results).collect();
    }
    vec![(ids.into_iter().next(), value)]
}

fn fields(row: Value) -> Fields {
    match row {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fit::Loss, *};

    fn asked(messages: Value, answer: Value) -> Exchange {
        let mut exchange = Exchange::new("", Kind::Chat);
        exchange.request.insert("messages".to_owned(), messages);
        exchange.answer = answer.as_object().cloned();
        exchange
    }

    fn call(id: &str, name: &str, arguments: &str) -> Value {
        json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
    }

    #[test]
    fn tools_are_called_as_the_format_has_it_and_come_back() {
        let mut exchange = asked(
            json!([{"role": "system", "content": "S"}, {"role": "user", "content": "Q"},
                {"role": "assistant", "content": null, "tool_calls": [call("call_2_0", "f", "{\"a\":1}"), call("call_2_1", "g", "no json")]},
                {"role": "tool", "tool_call_id": "call_2_0", "content": "one"},
                {"role": "tool", "tool_call_id": "call_2_1", "content": "two"},
                {"role": "assistant", "content": "A"}, {"role": "user", "content": "more"}]),
            json!({"role": "assistant", "content": null, "tool_calls": [call("call_7_0", "f", "{}")]}),
        );
        exchange.request.insert("tools".to_owned(), json!([{"type": "function", "function": {"name": "f"}}]));
        let (row, losses) = row(&exchange).unwrap();
        assert_eq!(losses.iter().next(), None);
        assert_eq!(
            Value::Object(row.clone()).to_string(),
            json!({"conversations": [
                {"from": "human", "value": "Q"},
                {"from": "function_call", "value": r#"[{"name":"f","arguments":{"a":1}},{"name":"g","arguments":"no json"}]"#},
                {"from": "observation", "value": r#"["one","two"]"#},
                {"from": "gpt", "value": "A"},
                {"from": "human", "value": "more"},
                {"from": "function_call", "value": r#"{"name":"f","arguments":{}}"#}
            ], "system": "S", "tools": r#"[{"name":"f"}]"#})
            .to_string()
        );
        assert_eq!(super::exchange(row), exchange);
    }

    #[test]
    fn the_sides_speak_in_turn_and_what_is_lost_for_it_is_told() {
        let answer = json!({"role": "assistant", "content": "A", "reasoning_content": "hm"});
        let exchange = asked(
            json!([{"role": "user", "content": "a"}, {"role": "user", "content": [{"type": "text", "text": "b"}, {"type": "image_url"}]}]),
            answer.clone(),
        );
        let (row, losses) = row(&exchange).unwrap();
        assert_eq!(row["conversations"][0]["value"], "a\n\nb");
        assert_eq!(losses.iter().collect::<Vec<_>>(), [Loss::Media, Loss::Reasoning, Loss::Joined]);
        for (messages, unfit) in [
            (json!([{"role": "assistant", "content": "a"}]), Unfit::Order),
            (json!([{"role": "user", "content": "a"}, {"role": "tool", "content": "a"}]), Unfit::Order),
            (json!([{"role": "user", "content": null}]), Unfit::Content),
            (json!([{"role": "wizard", "content": "a"}]), Unfit::Role),
        ] {
            assert_eq!(super::row(&asked(messages.clone(), answer.clone())).err(), Some(unfit), "{messages}");
        }
    }

    #[test]
    fn odd_rows_do_no_harm() {
        for row in [
            json!({}),
            json!({"conversations": 1}),
            json!({"conversations": [1, {}, {"from": "observation"}], "tools": "x"}),
        ] {
            assert_eq!(exchange(row.as_object().unwrap().clone()).answer, None, "{row}");
        }
    }
}
