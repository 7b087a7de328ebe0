//! An exchange as the two lines that openai-forward writes, and back.

use super::{Exchange, Fields, HEAD, is_truthy, ordered, taken};
use crate::{Kind, line::ROLES};
use serde_json::Value;

/// Fields that stand in every chat request line, in openai-forward's order.
const CHAT: [&str; 16] = [
    "messages",
    "model",
    "stream",
    "max_tokens",
    "response_format",
    "n",
    "temperature",
    "top_p",
    "logit_bias",
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "stop",
    "user",
    "tools",
    "tool_choice",
];
const COMPLETION: [&str; 4] = ["prompt", "model", "stream", "temperature"];
const EMBEDDING: [&str; 3] = ["input", "model", "encoding_format"];
const RESPONSES: [&str; 6] = ["input", "instructions", "model", "stream", "temperature", "tools"];
const WHISPER: [&str; 2] = ["model", "file"];
const GENERAL: [&str; 3] = ["method", "path", "payload"];
const MESSAGES: [&str; 7] = ["messages", "system", "model", "stream", "max_tokens", "temperature", "tools"];

/// Fields of a message that have a place of their own in an answer line.
const MESSAGE: [&str; 5] = ["role", "content", "tool_calls", "reasoning_content", "refusal"];

/// Names that an answer line gives to other things than the message.
const NO_ROLE: [&str; 20] = [
    "is_tool_calls",
    "is_function_call",
    "uid",
    "model",
    "status",
    "end",
    "finish_reason",
    "usage",
    "latency_ms",
    "ttft_ms",
    "cache",
    "content",
    "reasoning_content",
    "refusal",
    "choices",
    "message",
    "error",
    "output",
    "text",
    "result",
];

/// What the lines of a log with Python literals are about, by the file's name if that tells, else by their fields.
fn kind(request: &Fields, answer: Option<&Fields>) -> Kind {
    let has = |name| request.contains_key(name);
    let output = answer.is_some_and(|answer| answer.contains_key("output"));
    if has("messages") {
        return if output || has("system") { Kind::Messages } else { Kind::Chat };
    }
    if has("prompt") {
        Kind::Completion
    } else if has("method") && has("path") {
        Kind::General
    } else if has("input") {
        if has("encoding_format") || !(output || has("instructions")) {
            Kind::Embedding
        } else {
            Kind::Responses
        }
    } else if has("file") {
        Kind::Whisper
    } else {
        Kind::Chat
    }
}

impl Exchange {
    /// An exchange from the fields of its request line and, if there is one, its answer line. Fields may stand in any
    /// order, and any may be missing. `told` is the kind that the name of the file tells; without it, the fields do.
    pub fn of_lines(mut request: Fields, answer: Option<Fields>, told: Option<Kind>) -> Self {
        let kind = told.unwrap_or_else(|| kind(&request, answer.as_ref()));
        let uid = request.shift_remove("uid").or_else(|| answer.as_ref()?.get("uid").cloned());
        let mut exchange = Exchange::new(uid.map(written).unwrap_or_default(), kind);
        // Older versions of openai-forward name the address so.
        if let Some(address) = request.shift_remove("forwarded-for")
            && !request.contains_key("ip")
        {
            request.insert("ip".to_owned(), address);
        }
        exchange.head = taken(&mut request, &HEAD);
        if let Some(extra) = request.shift_remove("extra") {
            merge(&mut request, "extra", extra);
        }
        exchange.request = request;
        if let Some(answer) = answer {
            exchange.take_answer(answer);
        }
        exchange
    }

    fn take_answer(&mut self, mut line: Fields) {
        line.shift_remove("uid");
        self.choices = line.shift_remove("choices");
        self.output = line.shift_remove("output");
        self.error = line.shift_remove("error");
        self.answer = match self.kind {
            Kind::Completion | Kind::Whisper => some(taken(&mut line, &["text"])),
            Kind::General => some(taken(&mut line, &["result"])),
            Kind::Embedding => some(taken(&mut line, &["object"])),
            Kind::Chat | Kind::Responses | Kind::Messages => message(&mut line),
        };
        self.facts = line;
    }

    /// Its request line and, if anything is known of the answer, its answer line.
    pub fn lines(&self) -> (Fields, Option<Fields>) {
        (self.request_line(), self.answer_line())
    }

    fn request_line(&self) -> Fields {
        let named: &[&str] = match self.kind {
            Kind::Chat => &CHAT,
            Kind::Completion => &COMPLETION,
            Kind::Embedding => &EMBEDDING,
            Kind::Responses => &RESPONSES,
            Kind::Messages => &MESSAGES,
            Kind::Whisper => &WHISPER,
            Kind::General => &GENERAL,
        };
        let (mut line, mut extra) = (Fields::new(), Fields::new());
        let ordered = named.iter().filter_map(|name| self.request.get_key_value(*name));
        line.extend(ordered.map(|(name, value)| (name.clone(), value.clone())));
        for (name, value) in &self.request {
            let place = if named.contains(&name.as_str()) { &mut line } else { &mut extra };
            place.insert(name.clone(), value.clone());
        }
        let mut put = |name: &str, value: Option<&Value>| {
            value.map(|value| line.insert(name.to_owned(), value.clone()));
        };
        put("ip", self.head.get("ip"));
        put("uid", Some(&self.uid.as_str().into()));
        // openai-forward has no `caching` in completion.log; it is one of the further fields there.
        let late = self.kind == Kind::Completion;
        let order = if late { ["datetime", "caching"] } else { ["caching", "datetime"] };
        order
            .into_iter()
            .chain(["route", "key", "body_bytes"])
            .for_each(|name| put(name, self.head.get(name)));
        if !extra.is_empty() {
            put("extra", Some(&Value::Object(extra)));
        }
        line
    }

    fn answer_line(&self) -> Option<Fields> {
        if self.answer.is_none() && self.facts.is_empty() && self.error.is_none() {
            return None;
        }
        let (mut facts, others) = ordered(&self.facts);
        let (mut line, mut beside) = (Fields::new(), Fields::new());
        match (self.kind, &self.answer) {
            (_, None) => (),
            (Kind::Chat | Kind::Responses | Kind::Messages, Some(message)) => {
                beside = put_message(&mut line, message);
            }
            (Kind::Embedding, Some(answer)) => {
                line = answer.clone();
                line.extend(taken(&mut facts, &["usage", "model"]));
            }
            (_, Some(answer)) => line = answer.clone(),
        }
        line.insert("uid".to_owned(), self.uid.as_str().into());
        let rest = [("choices", &self.choices), ("output", &self.output), ("error", &self.error)];
        let rest = rest.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
        for (name, value) in facts.into_iter().chain(beside).chain(rest).chain(others) {
            // A message may have a role that is the name of a fact.
            line.entry(name).or_insert(value);
        }
        Some(line)
    }
}

/// Whether the first key of an answer line is the role of its message; `told`: that it has a message is told beside it.
pub(crate) fn is_role(name: &str, told: bool) -> bool {
    !NO_ROLE.contains(&name) || (told && ROLES.contains(&name))
}

/// The message's role and content or tool calls, as a line begins; what else there is of it is given back.
fn put_message(line: &mut Fields, message: &Fields) -> Fields {
    let role = message.get("role").and_then(Value::as_str).unwrap_or("assistant");
    let key = if ROLES.contains(&role) { role } else { "assistant" };
    let calls = message.get("tool_calls").filter(|calls| is_truthy(calls));
    let content = message.get("content");
    line.insert(key.to_owned(), calls.or(content).cloned().unwrap_or(Value::Null));
    line.insert("is_tool_calls".to_owned(), calls.is_some().into());
    let mut rest = Fields::new();
    if calls.is_some()
        && let Some(content) = content.filter(|content| !content.is_null())
    {
        rest.insert("content".to_owned(), content.clone());
    }
    for name in ["reasoning_content", "refusal"] {
        message.get(name).map(|value| rest.insert(name.to_owned(), value.clone()));
    }
    let more = message.iter().filter(|(name, _)| !MESSAGE.contains(&name.as_str()));
    let odd_role = (key != role).then(|| ("role".to_owned(), role.into()));
    let more: Fields =
        odd_role.into_iter().chain(more.map(|(name, value)| (name.clone(), value.clone()))).collect();
    if !more.is_empty() {
        rest.insert("message".to_owned(), Value::Object(more));
    }
    rest
}

/// The message of an answer line, in the shape of chat completions.
fn message(line: &mut Fields) -> Option<Fields> {
    let calls = ["is_tool_calls", "is_function_call"].map(|name| line.shift_remove(name));
    let told = calls.iter().any(Option::is_some);
    let is_calls = calls.contains(&Some(Value::Bool(true)));
    // The message's role is the first key of a line that has a message; nearly always it is `assistant`.
    let first = line.keys().next().filter(|name| is_role(name, told));
    let role = if line.contains_key("assistant") { "assistant".to_owned() } else { first?.clone() };
    let said = line.shift_remove(&role)?;
    let mut message = Fields::new();
    message.insert("role".to_owned(), role.into());
    let is_calls = is_calls && said.is_array() && is_truthy(&said);
    let [is_tool_calls, _] = calls;
    if is_tool_calls != Some(is_calls.into()) {
        // Not what the message tells by itself.
        line.insert("is_tool_calls".to_owned(), is_tool_calls.unwrap_or_default());
    }
    if is_calls {
        let beside = line.shift_remove("content");
        message.insert("content".to_owned(), beside.unwrap_or_default());
        message.insert("tool_calls".to_owned(), said);
    } else {
        message.insert("content".to_owned(), said);
    }
    message.extend(taken(line, &["reasoning_content", "refusal"]));
    if let Some(mut more) = line.shift_remove("message") {
        let is_usual = message.get("role").is_some_and(|role| role == "assistant");
        let odd_role = more.as_object_mut().and_then(|more| more.shift_remove("role"));
        if let Some(role) = odd_role.filter(|role| role.is_string() && is_usual) {
            message.insert("role".to_owned(), role);
        }
        merge(&mut message, "message", more);
    }
    Some(message)
}

/// Adds the fields of an object; a value that is none stays under its name.
fn merge(into: &mut Fields, name: &str, value: Value) {
    match value {
        Value::Object(fields) => fields.into_iter().for_each(|(name, value)| {
            into.entry(name).or_insert(value);
        }),
        other => drop(into.insert(name.to_owned(), other)),
    }
}

fn some(fields: Fields) -> Option<Fields> {
    (!fields.is_empty()).then_some(fields)
}

/// A value that should be a text, as one.
fn written(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::End, *};
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        value.as_object().unwrap().clone()
    }

    fn there_and_back(request: Value, answer: Option<Value>, kind: Kind) -> Exchange {
        let exchange = Exchange::of_lines(fields(request.clone()), answer.clone().map(fields), None);
        assert_eq!(exchange.kind, kind, "{request}");
        let (request_line, answer_line) = exchange.lines();
        assert_eq!(Value::Object(request_line).to_string(), request.to_string());
        assert_eq!(
            answer_line.map(|line| Value::Object(line).to_string()),
            answer.map(|line| line.to_string()),
            "{request}"
        );
        exchange
    }

    #[test]
    fn lines_of_every_kind_come_back_as_they_were() {
        let facts = json!({"uid": "u", "status": 200, "end": "complete", "model": "m-1", "finish_reason": "stop",
            "usage": {"total_tokens": 3}, "latency_ms": 1.5, "ttft_ms": null, "cache": null});
        let told = |first: Value| {
            let mut line = fields(first);
            line.extend(fields(facts.clone()));
            Some(Value::Object(line))
        };
        let tail = |first: Value, more: Value| {
            let mut line = fields(first);
            line.extend(fields(
                json!({"ip": "::1", "uid": "u", "caching": false, "datetime": "d", "route": "/",
                "key": null}),
            ));
            line.extend(fields(more));
            Value::Object(line)
        };
        let chat =
            tail(json!({"messages": [], "model": "m"}), json!({"extra": {"verbosity": "low", "ip": 1}}));
        let exchange =
            there_and_back(chat, told(json!({"assistant": "a", "is_tool_calls": false})), Kind::Chat);
        assert_eq!(exchange.request["verbosity"], "low");
        assert_eq!(
            (exchange.status(), exchange.end(), exchange.tokens()),
            (Some(200), End::Complete, Some(3))
        );
        let completion = json!({"prompt": "p", "model": "m", "ip": "::1", "uid": "u", "datetime": "d", "caching": false,
            "route": "/", "key": null});
        there_and_back(completion, told(json!({"text": "t"})), Kind::Completion);
        let embedding = tail(json!({"input": "p", "model": "m", "encoding_format": "float"}), json!({}));
        let line =
            json!({"object": "list", "usage": {"total_tokens": 2}, "model": "e", "uid": "u", "status": 200});
        there_and_back(embedding, Some(line), Kind::Embedding);
        let whisper = tail(json!({"model": "w", "file": {"bytes": 3}}), json!({"extra": {"language": "en"}}));
        there_and_back(whisper, told(json!({"text": "t"})), Kind::Whisper);
        let general = tail(json!({"method": "POST", "path": "/x", "payload": {"a": 1}}), json!({}));
        there_and_back(general, told(json!({"result": [1]})), Kind::General);
    }

    #[test]
    fn what_stands_beside_the_text_keeps_its_place() {
        let request = json!({"messages": [], "model": "m", "ip": "", "uid": "u"});
        let answer = json!({"assistant": [{"id": "c"}], "is_tool_calls": true, "uid": "u", "status": 200,
            "content": "beside", "reasoning_content": "r", "refusal": null, "message": {"annotations": []},
            "choices": [{"index": 1}], "output": [{"type": "x"}], "error": {"message": "late"}});
        let exchange =
            Exchange::of_lines(fields(request.clone()), Some(fields(answer.clone())), Some(Kind::Chat));
        let message = exchange.answer.clone().unwrap();
        assert_eq!(
            Value::Object(message).to_string(),
            json!({"role": "assistant", "content": "beside", "tool_calls": [{"id": "c"}], "reasoning_content": "r",
                "refusal": null, "annotations": []})
            .to_string()
        );
        assert_eq!(Value::Object(exchange.lines().1.unwrap()).to_string(), answer.to_string());
    }

    #[test]
    fn old_odd_and_failed_lines_are_understood() {
        let old = json!({"messages": [], "forwarded-for": "1.2.3.4", "uid": 7});
        let answer = json!({"assistant": "a", "is_function_call": false, "uid": 7});
        let exchange = Exchange::of_lines(fields(old), Some(fields(answer)), None);
        assert_eq!((exchange.uid.as_str(), exchange.head["ip"].as_str()), ("7", Some("1.2.3.4")));
        assert_eq!((exchange.end(), exchange.status()), (End::Complete, Some(200)));
        let role = json!({"model": "text", "is_tool_calls": false, "uid": "u"});
        let exchange = Exchange::of_lines(Fields::new(), Some(fields(role)), None);
        assert_eq!(exchange.answer.unwrap()["role"], "model");
        let failed = json!({"uid": "u", "status": 500, "end": "failed", "error": {"message": "m"}});
        let exchange = there_and_back(json!({"messages": [], "uid": "u"}), Some(failed), Kind::Chat);
        assert_eq!(
            (exchange.answer.as_ref(), exchange.status(), exchange.end()),
            (None, Some(500), End::Failed)
        );
        there_and_back(json!({"messages": "text", "uid": "u"}), None, Kind::Chat);
        there_and_back(json!({"uid": ""}), None, Kind::Chat);
    }
}
