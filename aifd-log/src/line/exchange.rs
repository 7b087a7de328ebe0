//! One line for a whole exchange, in JSON.

use super::{
    fields::Dict,
    pair::{caching, payload, push_facts, push_message, rest},
};
use crate::{
    Kind,
    literal::Dialect,
    record::{About, Answer, Facts, Request, Target},
};

/// Appends the line of an exchange.
pub fn push_exchange(
    about: &About<'_>,
    target: Target<'_>,
    request: &Request<'_>,
    facts: &Facts<'_>,
    answer: &Answer<'_>,
    out: &mut Vec<u8>,
) {
    let mut line = Dict::begin(out, Dialect::Json);
    line.text("uid", about.uid);
    line.text("datetime", about.datetime);
    line.text("ip", about.ip);
    line.text("route", about.route);
    line.maybe_text("key", about.key);
    line.text("kind", about.kind.name());
    line.truth("caching", caching(request).unwrap_or(about.caching));
    if let Some(bytes) = about.body_bytes {
        line.number("body_bytes", bytes);
    }
    if about.kind == Kind::General {
        line.text("method", target.method);
        line.text("path", target.path);
    }
    line.maybe("request", payload(request));
    push_facts(&mut line, about.kind, facts, answer, false);
    answered(&mut line, about.kind, answer);
    rest(&mut line, about, answer);
    line.end_line();
}

fn answered(line: &mut Dict<'_>, kind: Kind, answer: &Answer<'_>) {
    match (kind, answer.choices.first()) {
        (Kind::Chat | Kind::Responses | Kind::Messages, Some(first)) => {
            line.dict("answer", |line| push_message(line, first));
        }
        (Kind::Completion | Kind::Whisper, Some(first)) => {
            line.dict("answer", |line| line.maybe("text", first.content.as_ref()));
        }
        (Kind::Embedding, _) if answer.object.is_some() => {
            line.dict("answer", |line| line.maybe("object", answer.object.as_ref()));
        }
        (Kind::General, _) if answer.body.is_some() => {
            line.dict("answer", |line| line.maybe("result", answer.body.as_ref()));
        }
        _ => line.raw("answer", b"null"),
    }
}
