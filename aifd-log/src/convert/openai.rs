//! Fine-tuning files as OpenAI documents them: one conversation a line, the answer as its last message.

use super::fit::{Loss, Losses, Unfit};
use crate::{
    Kind,
    exchange::{Exchange, Fields},
};
use serde_json::{Value, json};

/// Which answers a model is trained on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// The last one, which this exchange is about: earlier ones of the assistant get weight 0. They are the last
    /// ones of exchanges of their own, and would else be learned as often as the conversation went on.
    #[default]
    Last,
    /// All of them: no weight is written.
    All,
    /// Those that the source gives weight to: it is a fine-tuning file itself.
    Given,
}

/// The line of an exchange.
///
/// # Errors
/// When a fine-tuning file cannot hold it.
pub fn row(exchange: &Exchange, weight: Weight) -> Result<(Fields, Losses), Unfit> {
    let said = exchange.conversation().ok_or(Unfit::NoConversation)?;
    let answer = said.answer.ok_or(Unfit::NoAnswer)?;
    if said.messages.is_empty() {
        return Err(Unfit::NoMessages);
    }
    let mut losses = Losses::default();
    losses.add_if(exchange.choices.is_some(), Loss::Choices);
    let weighs = |message: &Value| message["role"] == "assistant" && !message["weight"].is_null();
    let given = answer.contains_key("weight") || said.messages.iter().any(weighs);
    let weights = weight == Weight::Last && !given;
    let mut messages = Vec::with_capacity(said.messages.len() + 1);
    for asked in &said.messages {
        let mut asked = message(asked.as_object().ok_or(Unfit::Content)?, &mut losses)?;
        if weights && asked["role"] == "assistant" {
            asked.insert("weight".to_owned(), 0.into());
        }
        messages.push(Value::Object(asked));
    }
    messages.push(Value::Object(message(&answer, &mut losses)?));
    let mut row = Fields::new();
    row.insert("messages".to_owned(), messages.into());
    put_tools(&mut row, said.tools, &exchange.request, &mut losses);
    Ok((row, losses))
}

/// Tools that are functions; the service takes no others.
fn put_tools(row: &mut Fields, tools: Option<Value>, request: &Fields, losses: &mut Losses) {
    if let Some(Value::Array(tools)) = tools {
        let given = tools.len();
        let is_function = |tool: &Value| tool.pointer("/function/name").is_some_and(Value::is_string);
        let functions: Vec<Value> = tools.into_iter().filter(is_function).collect();
        losses.add_if(functions.len() < given, Loss::Tools);
        if !functions.is_empty() {
            row.insert("tools".to_owned(), functions.into());
            if let Some(parallel) = request.get("parallel_tool_calls").filter(|value| value.is_boolean()) {
                row.insert("parallel_tool_calls".to_owned(), parallel.clone());
            }
        }
    }
    if let Some(functions) =
        request.get("functions").filter(|value| value.as_array().is_some_and(|all| !all.is_empty()))
    {
        row.insert("functions".to_owned(), functions.clone());
    }
}

/// A message with the fields that its role may have, and no others: the service refuses those.
fn message(from: &Fields, losses: &mut Losses) -> Result<Fields, Unfit> {
    let role = from.get("role").and_then(Value::as_str).ok_or(Unfit::Role)?;
    let may_have: &[&str] = match role {
        "system" | "developer" | "user" | "function" => &["content", "name"],
        "assistant" => &["content", "refusal", "name", "tool_calls", "function_call", "weight"],
        "tool" => &["content", "tool_call_id"],
        _ => return Err(Unfit::Role),
    };
    let mut message = Fields::new();
    message.insert("role".to_owned(), role.into());
    for name in may_have {
        match from.get(*name) {
            Some(Value::Null) if *name != "content" => (),
            Some(calls) if *name == "tool_calls" => put_calls(&mut message, calls)?,
            Some(Value::Array(parts)) if *name == "content" => {
                let parts: Vec<Value> = parts.iter().filter_map(|it| part(it, losses)).collect();
                message.insert("content".to_owned(), parts.into());
            }
            Some(value) => drop(message.insert((*name).to_owned(), value.clone())),
            None => (),
        }
    }
    let says = ["tool_calls", "function_call", "refusal"].iter().any(|name| message.contains_key(*name));
    match message.get("content") {
        Some(Value::String(_)) => (),
        Some(Value::Array(parts)) if !parts.is_empty() => (),
        Some(Value::Null) | None if says => (),
        _ => return Err(Unfit::Content),
    }
    let more = |name: &str| from.get(name).is_some_and(|value| !value.is_null());
    losses.add_if(more("reasoning_content"), Loss::Reasoning);
    let others = from.keys().filter(|name| !["role", "reasoning_content"].contains(&name.as_str()));
    losses.add_if(
        others.into_iter().any(|name| !may_have.contains(&name.as_str()) && more(name)),
        Loss::Fields,
    );
    Ok(message)
}

/// A part of a content with the fields that the service knows; one that it does not know is left out.
fn part(part: &Value, losses: &mut Losses) -> Option<Value> {
    let kind = part.get("type").and_then(Value::as_str).filter(|kind| PARTS.contains(kind));
    let Some((kind, said)) = kind.and_then(|kind| Some((kind, part.get(kind)?))) else {
        losses.add(Loss::Media);
        return None;
    };
    losses.add_if(part.as_object().is_some_and(|fields| fields.len() > 2), Loss::Fields);
    Some(json!({"type": kind, kind: said}))
}

/// Kinds of parts, each with a field of its name.
const PARTS: [&str; 5] = ["text", "image_url", "input_audio", "file", "refusal"];

fn put_calls(message: &mut Fields, calls: &Value) -> Result<(), Unfit> {
    let calls = calls.as_array().ok_or(Unfit::Calls)?;
    let calls = calls.iter().map(call).collect::<Option<Vec<Value>>>().ok_or(Unfit::Calls)?;
    if !calls.is_empty() {
        message.insert("tool_calls".to_owned(), calls.into());
    }
    Ok(())
}

/// A call without what only belongs to a stream.
fn call(call: &Value) -> Option<Value> {
    let id = call.get("id")?.as_str()?;
    let function = call.get("function")?;
    let name = function.get("name")?.as_str()?;
    let arguments = match function.get("arguments") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    Some(json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}))
}

/// An exchange from its line. Its last message is the answer, if it is the assistant's.
pub fn exchange(mut row: Fields) -> Exchange {
    let mut exchange = Exchange::new("", Kind::Chat);
    let mut messages = match row.shift_remove("messages") {
        Some(Value::Array(messages)) => messages,
        _ => Vec::new(),
    };
    exchange.answer = take_answer(&mut messages);
    exchange.request.insert("messages".to_owned(), messages.into());
    exchange.request.extend(row);
    exchange
}

/// Takes the last message, if it is the assistant's.
pub(super) fn take_answer(messages: &mut Vec<Value>) -> Option<Fields> {
    match messages.pop()? {
        Value::Object(last) if last.get("role").is_some_and(|role| role == "assistant") => Some(last),
        other => {
            messages.push(other);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(messages: Value, answer: Value, more: Value) -> Exchange {
        let mut exchange = Exchange::new("u", Kind::Chat);
        exchange.request.insert("messages".to_owned(), messages);
        exchange.request.extend(more.as_object().unwrap().clone());
        exchange.answer = answer.as_object().cloned();
        exchange
    }

    fn written(exchange: &Exchange, weight: Weight) -> Result<(String, Vec<Loss>), Unfit> {
        let (row, losses) = row(exchange, weight)?;
        Ok((Value::Object(row).to_string(), losses.iter().collect()))
    }

    #[test]
    fn only_the_last_answer_is_learned_unless_all_are_asked_for() {
        let history = json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},
            {"role": "user", "content": "c"}]);
        let exchange =
            asked(history, json!({"role": "assistant", "content": "d"}), json!({"temperature": 1}));
        let expected = |weight: &str| {
            format!(
                r#"{{"messages":[{{"role":"user","content":"a"}},{{"role":"assistant","content":"b"{weight}}},{{"role":"user","content":"c"}},{{"role":"assistant","content":"d"}}]}}"#
            )
        };
        assert_eq!(written(&exchange, Weight::Last), Ok((expected(r#","weight":0"#), Vec::new())));
        assert_eq!(written(&exchange, Weight::All), Ok((expected(""), Vec::new())));
        assert_eq!(written(&exchange, Weight::Given), Ok((expected(""), Vec::new())));
    }

    #[test]
    fn weights_that_are_given_stay() {
        let line = |asked: &str, answer: &str| {
            format!(
                r#"{{"messages":[{{"role":"user","content":"a"}},{{"role":"assistant","content":"b"{asked}}},{{"role":"user","content":"c"}},{{"role":"assistant","content":"d"{answer}}}]}}"#
            )
        };
        let (none, one, nil) = ("", r#","weight":1"#, r#","weight":0"#);
        for (asked, answer) in [(none, one), (none, nil), (one, none), (nil, none), (one, one), (one, nil)] {
            let line = line(asked, answer);
            let read = exchange(serde_json::from_str(&line).unwrap());
            let (request, reply) = read.lines();
            let logged = Exchange::of_lines(request, reply, None);
            for exchange in [&read, &logged, &Exchange::of_json(read.json())] {
                for weight in [Weight::Last, Weight::All, Weight::Given] {
                    assert_eq!(written(exchange, weight), Ok((line.clone(), Vec::new())), "{weight:?}");
                }
            }
        }
    }

    #[test]
    fn tools_and_calls_have_the_form_that_the_service_takes() {
        let calls = json!([{"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]);
        let messages = json!([
            {"role": "user", "content": [{"type": "text", "text": "a"}], "name": "bob", "cache_control": {}},
            {"role": "assistant", "content": null, "tool_calls": calls, "refusal": null},
            {"role": "tool", "tool_call_id": "c", "content": "1"}]);
        let answer =
            json!({"role": "assistant", "content": "x", "tool_calls": calls, "reasoning_content": "hm"});
        let tools = json!([{"type": "function", "function": {"name": "f"}}, {"type": "web_search"}]);
        let exchange = asked(messages, answer, json!({"tools": tools, "parallel_tool_calls": false}));
        let (text, losses) = written(&exchange, Weight::All).unwrap();
        let call = r#""tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]"#;
        assert_eq!(
            text,
            format!(
                r#"{{"messages":[{{"role":"user","content":[{{"type":"text","text":"a"}}],"name":"bob"}},{{"role":"assistant","content":null,{call}}},{{"role":"tool","content":"1","tool_call_id":"c"}},{{"role":"assistant","content":"x",{call}}}],"tools":[{{"type":"function","function":{{"name":"f"}}}}],"parallel_tool_calls":false}}"#
            )
        );
        assert_eq!(losses, [Loss::Reasoning, Loss::Tools, Loss::Fields]);
    }

    #[test]
    fn what_the_service_would_refuse_is_left_out_with_a_reason() {
        let user = json!([{"role": "user", "content": "a"}]);
        let answer = json!({"role": "assistant", "content": "b"});
        for (messages, answer, unfit) in [
            (json!([]), answer.clone(), Unfit::NoMessages),
            (json!("text"), answer.clone(), Unfit::NoConversation),
            (user.clone(), Value::Null, Unfit::NoAnswer),
            (json!([{"role": "wizard", "content": "a"}]), answer.clone(), Unfit::Role),
            (json!([{"content": "a"}]), answer.clone(), Unfit::Role),
            (json!(["a"]), answer.clone(), Unfit::Content),
            (json!([{"role": "user", "content": 1}]), answer.clone(), Unfit::Content),
            (json!([{"role": "user"}]), answer, Unfit::Content),
            (user.clone(), json!({"role": "assistant", "content": null}), Unfit::Content),
            (user, json!({"role": "assistant", "content": null, "tool_calls": [{"id": 1}]}), Unfit::Calls),
        ] {
            let exchange = asked(messages.clone(), answer, json!({}));
            assert_eq!(row(&exchange, Weight::Last), Err(unfit), "{messages}");
        }
    }
}
