//! One exchange as people read it: facts, what was said role by role, and the answer.

use crate::ui::{Fields, Paint, grouped, milliseconds, printable};
use aifd_log::{
    Kind,
    exchange::Exchange,
    search::{called, error_text, shown},
};
use serde_json::{Map, Value};
use std::fmt::Write;

/// Letters that are shown of parts that are no texts, such as images.
const MOST_OF_A_PART: usize = 60;

/// Fields of a request that are shown elsewhere.
const SAID: [&str; 11] = [
    "messages",
    "model",
    "tools",
    "input",
    "prompt",
    "instructions",
    "system",
    "method",
    "path",
    "payload",
    "stream",
];

/// The exchange as text.
pub(super) fn page(exchange: &Exchange, paint: Paint) -> String {
    let mut page = Page { text: facts(exchange).render(paint), paint };
    let conversation = exchange.conversation();
    match &conversation {
        Some(said) => said.messages.iter().for_each(|message| page.message(message, "user", "")),
        None => sent(exchange).for_each(|value| page.block("user", "", &pretty(value))),
    }
    let answer = conversation.and_then(|said| said.answer).or_else(|| exchange.answer.clone());
    if let Some(answer) = answer.filter(|_| exchange.kind != Kind::Embedding) {
        page.message(&Value::Object(answer), "assistant", "answer");
    }
    for choice in exchange.choices.iter().filter_map(Value::as_array).flatten() {
        let index = choice.get("index").map(Value::to_string).unwrap_or_default();
        page.message(choice.get("message").unwrap_or(choice), "assistant", &format!("choice {index}"));
    }
    if let Some(error) = &exchange.error {
        page.block("error", "", &error_text(error));
    }
    page.text
}

/// What was sent that is no conversation.
fn sent(exchange: &Exchange) -> impl Iterator<Item = &Value> {
    let names = ["messages", "input", "payload", "body", "file"];
    names.into_iter().filter_map(|name| exchange.request.get(name)).filter(|value| !value.is_null())
}

fn facts(exchange: &Exchange) -> Fields {
    let text = |fields: &Map<String, Value>, name: &str| {
        fields.get(name).filter(|value| !value.is_null()).map(|value| shown(value).into_owned())
    };
    let (head, told) = (&exchange.head, &exchange.facts);
    let target = [text(&exchange.request, "method"), text(&exchange.request, "path")];
    let target: Vec<String> = target.into_iter().flatten().collect();
    Fields::default()
        .field("uid", &*exchange.uid)
        .field("kind", exchange.kind.name())
        .field_if("time", text(head, "datetime"))
        .field_if("address", text(head, "ip").filter(|address| !address.is_empty()))
        .field_if("route", text(head, "route"))
        .field_if("key", text(head, "key"))
        .field_if("target", (!target.is_empty()).then(|| target.join(" ")))
        .field_if("model", models(exchange))
        .field_if("parameters", parameters(exchange))
        .field_if("tools", tools(exchange))
        .field_if("status", text(told, "status"))
        .field_if("end", exchange.facts.get("end").map(|_| exchange.end().name().to_owned()))
        .field_if("finish reason", text(told, "finish_reason"))
        .field_if("tokens", tokens(exchange))
        .field_if("latency", exchange.latency_ms().map(milliseconds))
        .field_if("first byte", exchange.ttft_ms().map(milliseconds))
        .field_if("cache", text(told, "cache"))
        .field_if("request id", text(told, "request_id"))
        .field_if("answer", exchange.answer.is_none().then(|| "none".to_owned()))
}

/// The model asked for, and the one that answered where it is another.
fn models(exchange: &Exchange) -> Option<String> {
    let asked = exchange.model()?;
    match exchange.facts.get("model").and_then(Value::as_str).filter(|answered| *answered != asked) {
        Some(answered) => Some(format!("{asked}, answered by {answered}")),
        None => Some(asked.to_owned()),
    }
}

/// What else the request says: `temperature=0.2 max_tokens=100`.
fn parameters(exchange: &Exchange) -> Option<String> {
    let others =
        exchange.request.iter().filter(|(name, value)| !SAID.contains(&name.as_str()) && !value.is_null());
    let streams = exchange
        .request
        .get("stream")
        .filter(|value| value.as_bool() == Some(true))
        .map(|_| "stream".to_owned());
    let others = others.map(|(name, value)| format!("{name}={value}"));
    let all: Vec<String> = streams.into_iter().chain(others).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// Names of the tools that could be called.
fn tools(exchange: &Exchange) -> Option<String> {
    let tools = exchange.request.get("tools")?.as_array()?;
    let names: Vec<_> = tools.iter().map(|tool| called(tool).0).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn tokens(exchange: &Exchange) -> Option<String> {
    let total = grouped(exchange.tokens()?);
    match (exchange.prompt_tokens(), exchange.completion_tokens()) {
        (Some(prompt), Some(completion)) => {
            Some(format!("{total} ({} prompt, {} completion)", grouped(prompt), grouped(completion)))
        }
        _ => Some(total),
    }
}

/// Text under way.
struct Page {
    text: String,
    paint: Paint,
}

impl Page {
    /// A message: what its role thought, said and called.
    fn message(&mut self, message: &Value, role: &str, remark: &str) {
        let Some(fields) = message.as_object() else { return self.block(role, remark, &pretty(message)) };
        let role = fields.get("role").and_then(Value::as_str).unwrap_or(role);
        let field = |name: &str| fields.get(name).filter(|value| !value.is_null());
        let named = field("name").or(field("tool_call_id")).map(|name| shown(name).into_owned());
        self.head(role, named.as_deref().unwrap_or(remark));
        if let Some(thought) = field("reasoning_content") {
            self.label("reasoning");
            self.lines(&shown(thought), "    ");
        }
        for name in ["content", "text", "result"] {
            field(name).into_iter().for_each(|content| self.content(content));
        }
        if let Some(refusal) = field("refusal") {
            self.label("refusal");
            self.lines(&shown(refusal), "    ");
        }
        for call in field("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            self.call(call);
        }
    }

    /// A text, or parts that may be none.
    fn content(&mut self, content: &Value) {
        match content {
            Value::Array(parts) => {
                parts.iter().for_each(|part| match part.get("text").and_then(Value::as_str) {
                    Some(text) => self.lines(text, "  "),
                    None => self.lines(&cut(part), "  "),
                });
            }
            content => self.lines(&pretty(content), "  "),
        }
    }

    fn call(&mut self, call: &Value) {
        let (name, arguments) = called(call);
        let id = call.get("id").map(shown).unwrap_or_default();
        let head = format!("calls {}", printable(&name));
        let _ = writeln!(self.text, "  {} {}", self.paint.value(&head), printable(&id));
        let arguments = match serde_json::from_str::<Value>(&arguments) {
            Ok(value) => pretty(&value),
            Err(_) => arguments.into_owned(),
        };
        self.lines(&arguments, "    ");
    }

    /// A head with a text below.
    fn block(&mut self, role: &str, remark: &str, text: &str) {
        self.head(role, remark);
        self.lines(text, "  ");
    }

    fn head(&mut self, role: &str, remark: &str) {
        let shown = printable(role);
        let role = if role == "error" { self.paint.error(&shown) } else { self.paint.hint(&shown) };
        let remark = if remark.is_empty() { String::new() } else { format!(" ({})", printable(remark)) };
        let _ = writeln!(self.text, "\n{role}{remark}");
    }

    fn label(&mut self, label: &str) {
        let _ = writeln!(self.text, "  {}", self.paint.head(label));
    }

    /// Lines as they are, but for what would steer a terminal; tabs are spaces.
    fn lines(&mut self, text: &str, indent: &str) {
        for line in text.lines() {
            let line = line.replace('\t', "    ");
            let _ = writeln!(self.text, "{}", format!("{indent}{}", printable(&line)).trim_end());
        }
    }
}

/// A text as it is, and any other value as JSON in lines.
fn pretty(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    }
}

/// A part that is no text, cut to where it says what it is.
fn cut(part: &Value) -> String {
    let text = part.to_string();
    let count = text.chars().count();
    if count <= MOST_OF_A_PART {
        return format!("[{text}]");
    }
    let begin: String = text.chars().take(MOST_OF_A_PART).collect();
    format!("[{begin}… {} characters]", grouped(count as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::PLAIN;
    use serde_json::json;

    fn shown_page(line: Value) -> String {
        page(&Exchange::of_json(line.as_object().unwrap().clone()), PLAIN)
    }

    #[test]
    fn everything_of_a_chat_stands_in_its_place() {
        let page = shown_page(
            json!({"uid": "0f", "datetime": "2026-11-23 18:42:43", "ip": "::1", "route": "/", "key": "key_1",
            "kind": "chat", "caching": false, "request": {"model": "m", "stream": true, "temperature": 0.2,
                "tools": [{"type": "function", "function": {"name": "look"}}],
                "messages": [
                    {"role": "system", "content": "Be brief.\n\tAlways."},
                    {"role": "user", "content": [{"type": "text", "text": "what?"},
                        {"type": "image_url", "image_url": {"url": "data:image/png;base64,".to_owned() + &"A".repeat(100)}}]},
                    {"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function",
                        "function": {"name": "look", "arguments": "{\"at\":1}"}}]},
                    {"role": "tool", "tool_call_id": "c1", "content": "a \u{1b}[31mcat\u{202e}"}]},
            "status": 200, "end": "complete", "model": "m-1", "finish_reason": "stop",
            "usage": {"prompt_tokens": 1000, "completion_tokens": 3, "total_tokens": 1003}, "latency_ms": 1234.5,
            "ttft_ms": 12.25, "cache": null, "answer": {"role": "assistant", "content": "A cat.", "reasoning_content": "hm"},
            "choices": [{"index": 1, "message": {"role": "assistant", "refusal": "no"}}]}),
        );
        assert_eq!(
            page,
            "\
uid            0f
kind           chat
time           2026-11-23 18:42:43
address        ::1
route          /
key            key_1
model          m, answered by m-1
parameters     stream temperature=0.2
tools          look
status         200
end            complete
finish reason  stop
tokens         1,003 (1,000 prompt, 3 completion)
latency        1.23s
first byte     12ms

system
  Be brief.
      Always.

user
  what?
  [{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base6… 165 characters]

assistant
  calls look c1
    {
      \"at\": 1
    }

tool (c1)
  a \\u{1b}[31mcat\\u{202e}

assistant (answer)
  reasoning
    hm
  A cat.

assistant (choice 1)
  refusal
    no
"
        );
    }

    #[test]
    fn what_is_no_chat_is_shown_as_what_it_is() {
        let general = shown_page(
            json!({"uid": "u", "kind": "general", "method": "POST", "path": "/x?\u{7}", "request": {"q": 1},
            "status": 502, "end": "failed", "answer": null, "error": {"message": "gone"}}),
        );
        assert_eq!(
            general,
            "uid     u\nkind    general\ntarget  POST /x?\\u{7}\nstatus  502\nend     failed\nanswer  none\n\n\
             user\n  {\n    \"q\": 1\n  }\n\nerror\n  gone\n"
        );
        let embedding =
            shown_page(json!({"uid": "u", "kind": "embedding", "request": {"model": "e", "input": "text"},
            "answer": {"object": "list"}}));
        assert_eq!(embedding, "uid    u\nkind   embedding\nmodel  e\n\nuser\n  text\n");
    }
}
