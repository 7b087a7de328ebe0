//! The two lines of an exchange in openai-forward's form: what was asked, and what was answered.

use super::fields::Dict;
use crate::{
    Kind,
    literal::{self, Dialect},
    record::{About, Answer, Choice, Facts, Raw, Request, Target},
};
use std::borrow::Cow;

/// A field of a request that has a place of its own, and what is logged where it is missing.
type Known = (&'static str, &'static [u8]);

/// The fields of openai-forward's chat.log before `ip`, in its order.
const CHAT: &[Known] = &[
    ("messages", b"null"),
    ("model", b"null"),
    ("stream", b"false"),
    ("max_tokens", b"null"),
    ("response_format", b"null"),
    ("n", b"1"),
    ("temperature", b"1"),
    ("top_p", b"1"),
    ("logit_bias", b"null"),
    ("frequency_penalty", b"0"),
    ("presence_penalty", b"0"),
    ("seed", b"null"),
    ("stop", b"null"),
    ("user", b"null"),
    ("tools", b"null"),
    ("tool_choice", b"null"),
];

/// Those of its completion.log.
const COMPLETION: &[Known] =
    &[("prompt", b"null"), ("model", b"null"), ("stream", b"true"), ("temperature", b"1")];

/// Those of its embedding.log.
const EMBEDDING: &[Known] = &[("input", b"null"), ("model", b"null"), ("encoding_format", b"\"float\"")];

const WHISPER: &[Known] = &[("model", b"null"), ("file", b"null")];

const RESPONSES: &[Known] = &[
    ("input", b"null"),
    ("instructions", b"null"),
    ("model", b"null"),
    ("stream", b"false"),
    ("temperature", b"1"),
    ("tools", b"null"),
];

const MESSAGES: &[Known] = &[
    ("messages", b"null"),
    ("system", b"null"),
    ("model", b"null"),
    ("stream", b"false"),
    ("max_tokens", b"null"),
    ("temperature", b"1"),
    ("tools", b"null"),
];

/// Appends the line of a request.
pub fn push_request(about: &About<'_>, target: Target<'_>, request: &Request<'_>, out: &mut Vec<u8>) {
    let mut line = Dict::begin(out, Dialect::Python);
    let mut asked = Asked::default();
    if about.kind == Kind::General {
        general(&mut line, target, request);
    } else {
        asked = known(&mut line, about.kind, request);
    }
    let caching = asked.caching.unwrap_or(about.caching);
    line.text("ip", about.ip);
    line.text("uid", about.uid);
    // openai-forward has no `caching` there; it is one of our further fields then.
    let late = about.kind == Kind::Completion;
    if !late {
        line.truth("caching", caching);
    }
    line.text("datetime", about.datetime);
    if late {
        line.truth("caching", caching);
    }
    line.text("route", about.route);
    line.maybe_text("key", about.key);
    if let Some(bytes) = about.body_bytes {
        line.number("body_bytes", bytes);
    }
    if !asked.extra.is_empty() {
        line.dict("extra", |line| asked.extra.iter().for_each(|(name, value)| line.raw(name, value)));
    }
    line.end_line();
}

fn general(line: &mut Dict<'_>, target: Target<'_>, request: &Request<'_>) {
    line.text("method", target.method);
    line.text("path", target.path);
    line.maybe("payload", payload(request));
}

/// What was asked as one value.
pub(super) fn payload<'r, 'a>(request: &'r Request<'a>) -> Option<&'r Raw<'a>> {
    match request {
        Request::Json(value) | Request::Form(value) | Request::Text(value) | Request::Bytes(value) => {
            Some(value)
        }
        Request::Empty => None,
    }
}

/// What a request says beside its known fields.
#[derive(Default)]
struct Asked<'r> {
    extra: Vec<(Cow<'r, str>, &'r [u8])>,
    caching: Option<bool>,
}

/// Writes the known fields of a request, and gives the others back.
fn known<'r>(line: &mut Dict<'_>, kind: Kind, request: &'r Request<'_>) -> Asked<'r> {
    let table = match kind {
        Kind::Chat | Kind::General => CHAT,
        Kind::Completion => COMPLETION,
        Kind::Embedding => EMBEDDING,
        Kind::Whisper => WHISPER,
        Kind::Responses => RESPONSES,
        Kind::Messages => MESSAGES,
    };
    let mut values = [&b""[..]; MOST_KNOWN];
    let mut asked = Asked::default();
    let whole = match request {
        Request::Json(json) | Request::Form(json) => {
            let read = literal::fields(json, Dialect::Json, &mut |name, value| match table
                .iter()
                .position(|(known, _)| *known == name)
            {
                Some(place) => values[place] = value,
                None if name == "caching" => asked.caching = truth(value),
                None => asked.extra.push((name, value)),
            });
            read.is_err().then_some(&json[..])
        }
        other => payload(other).map(|value| &value[..]),
    };
    if let Some(whole) = whole {
        asked = Asked { extra: vec![(Cow::Borrowed("body"), whole)], caching: None };
        values = [&b""[..]; MOST_KNOWN];
    }
    for ((name, missing), value) in table.iter().zip(values) {
        line.raw(name, if value.is_empty() { missing } else { value });
    }
    asked
}

/// The most fields that a table has.
const MOST_KNOWN: usize = CHAT.len();

fn truth(value: &[u8]) -> Option<bool> {
    match value {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

/// What a body that is an object says about being cached.
pub(super) fn caching(request: &Request<'_>) -> Option<bool> {
    let Request::Json(json) = request else { return None };
    let mut caching = None;
    // What is no object says nothing.
    let _ = literal::fields(json, Dialect::Json, &mut |name, value| {
        if name == "caching" {
            caching = truth(value);
        }
    });
    caching
}

/// Appends the line of an answer.
pub fn push_answer(about: &About<'_>, facts: &Facts<'_>, answer: &Answer<'_>, out: &mut Vec<u8>) {
    let mut line = Dict::begin(out, Dialect::Python);
    let first = answer.choices.first();
    match about.kind {
        Kind::Chat | Kind::Responses | Kind::Messages => {
            if let Some(first) = first {
                message(&mut line, first);
            }
        }
        Kind::Completion | Kind::Whisper => {
            if let Some(content) = first.and_then(|first| first.content.as_ref()) {
                line.raw("text", content);
            }
        }
        Kind::Embedding if answer.error.is_none() && answer.object.is_some() => {
            line.maybe("object", answer.object.as_ref());
            line.maybe("usage", answer.usage.as_ref());
            line.maybe("model", answer.model.as_ref());
        }
        Kind::Embedding => {}
        Kind::General => line.maybe("result", answer.body.as_ref()),
    }
    line.text("uid", about.uid);
    let told = about.kind == Kind::Embedding && answer.error.is_none() && answer.object.is_some();
    push_facts(&mut line, about.kind, facts, answer, told);
    if let Some(first) = first {
        beside(&mut line, first);
    }
    rest(&mut line, about, answer);
    line.end_line();
}

/// openai-forward's two fields: the message under its role, and whether it is made of tool calls.
fn message(line: &mut Dict<'_>, choice: &Choice<'_>) {
    let calls = choice.tool_calls.as_ref().filter(|calls| literal::is_truthy(calls));
    // A role that would be taken for another field would make the line unreadable: it stands in `message`.
    let role = role(choice).filter(|role| ROLES.contains(&&**role));
    line.maybe(role.as_deref().unwrap_or("assistant"), calls.or(choice.content.as_ref()));
    line.truth("is_tool_calls", calls.is_some());
}

fn role<'c>(choice: &'c Choice<'_>) -> Option<Cow<'c, str>> {
    choice.role.as_ref().and_then(|role| literal::text(role, Dialect::Json))
}

/// Roles under which a message is logged.
pub(crate) const ROLES: [&str; 6] = ["assistant", "user", "system", "developer", "tool", "model"];

pub(super) fn push_facts(
    line: &mut Dict<'_>,
    kind: Kind,
    facts: &Facts<'_>,
    answer: &Answer<'_>,
    told: bool,
) {
    match facts.status {
        Some(status) => line.number("status", status),
        None => line.raw("status", b"null"),
    }
    line.text("end", facts.end.name());
    if kind != Kind::General {
        if !told {
            line.maybe("model", answer.model.as_ref());
        }
        if kind != Kind::Embedding {
            line.maybe(
                "finish_reason",
                answer.choices.first().and_then(|first| first.finish_reason.as_ref()),
            );
        }
    }
    if !told {
        line.maybe("usage", answer.usage.as_ref());
    }
    line.number("latency_ms", facts.latency_ms);
    match facts.ttft_ms {
        Some(time) => line.number("ttft_ms", time),
        None => line.raw("ttft_ms", b"null"),
    }
    line.maybe_text("cache", facts.cache);
}

/// What openai-forward's two fields have no room for.
fn beside(line: &mut Dict<'_>, choice: &Choice<'_>) {
    if choice.tool_calls.as_ref().is_some_and(|calls| literal::is_truthy(calls)) {
        line.if_any("content", choice.content.as_ref().filter(|content| literal::is_truthy(content)));
    }
    line.if_any("reasoning_content", choice.reasoning.as_ref());
    line.if_any("refusal", choice.refusal.as_ref());
    let odd_role = role(choice).filter(|role| !ROLES.contains(&&**role));
    if odd_role.is_some() || !choice.more.is_empty() {
        line.dict("message", |line| {
            odd_role.iter().for_each(|role| line.text("role", role));
            choice.more.iter().for_each(|(name, value)| line.raw(name, value));
        });
    }
}

/// Further answers, the items of one, errors, how much is missing, and the caller's id.
pub(super) fn rest(line: &mut Dict<'_>, about: &About<'_>, answer: &Answer<'_>) {
    let kind = about.kind;
    if answer.choices.len() > 1 {
        line.dicts("choices", &answer.choices[1..], |line, choice| {
            line.raw("index", &choice.index);
            line.maybe("finish_reason", choice.finish_reason.as_ref());
            match kind {
                Kind::Completion => line.maybe("text", choice.content.as_ref()),
                _ => line.dict("message", |line| push_message(line, choice)),
            }
        });
    }
    line.if_any("output", answer.output.as_ref());
    line.if_any("error", answer.error.as_ref());
    if kind != Kind::General {
        line.if_any("body", answer.body.as_ref());
    }
    if answer.left_out > 0 {
        line.number("left_out", answer.left_out);
    }
    if answer.unread_events > 0 {
        line.number("unread_events", answer.unread_events);
    }
    if let Some(id) = about.request_id {
        line.text("request_id", id);
    }
}

/// A message with its own names.
pub(super) fn push_message(line: &mut Dict<'_>, choice: &Choice<'_>) {
    match &choice.role {
        Some(role) => line.raw("role", role),
        None => line.text("role", "assistant"),
    }
    line.maybe("content", choice.content.as_ref());
    line.if_any("tool_calls", choice.tool_calls.as_ref().filter(|calls| literal::is_truthy(calls)));
    line.if_any("reasoning_content", choice.reasoning.as_ref());
    line.if_any("refusal", choice.refusal.as_ref());
    for (name, value) in &choice.more {
        line.raw(name, value);
    }
}
