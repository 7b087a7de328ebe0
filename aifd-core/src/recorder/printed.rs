//! Chats as people read them (`print_chat`), in the shape in which openai-forward prints them.

use aifd_log::{
    Kind,
    literal::{self, Dialect},
    record::{About, Answer, End, Facts, Request},
};
use std::fmt::Write;

const ASKED: &str = "--------------------------------------------------";
const ANSWERED: &str = "=============================================================================";

/// What was asked: each message, and who asked which model.
pub(super) fn request(about: &About<'_>, request: &Request<'_>, out: &mut String) {
    let Request::Json(json) = request else { return };
    if !is_chat(about.kind) {
        return;
    }
    let (mut messages, mut model) = (None, None);
    // What is no object has no messages.
    let _ = literal::fields(json, Dialect::Json, &mut |name, value| match &*name {
        "messages" | "input" => messages = Some(value),
        "model" => model = literal::text(value, Dialect::Json),
        _ => {}
    });
    let Some(messages) = messages else { return };
    let _ = writeln!(out, "{ASKED}");
    match literal::text(messages, Dialect::Json) {
        Some(text) => line("user", &text, out),
        None => {
            let _ = literal::items(messages, Dialect::Json, &mut |message| one(message, out));
        }
    }
    let model = model.as_deref().unwrap_or("-");
    let _ = writeln!(out, "{}@{} uid: {}\n{ASKED}", about.ip, safe(model), about.uid);
}

/// What was answered; of what failed, how.
pub(super) fn answer(about: &About<'_>, facts: &Facts<'_>, answer: &Answer<'_>, out: &mut String) {
    if !is_chat(about.kind) {
        return;
    }
    let _ = writeln!(out, "{ANSWERED}");
    for choice in &answer.choices {
        for value in [&choice.content, &choice.tool_calls].into_iter().flatten() {
            let _ = writeln!(out, "assistant: {}", safe(&shown(value)));
        }
    }
    let whole = facts.end == End::Complete && facts.status.is_some_and(|status| status < 400);
    if !whole || answer.choices.is_empty() {
        let status = facts.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
        let _ = writeln!(out, "status: {status} {}", facts.end.name());
        if let Some(error) = &answer.error {
            let _ = writeln!(out, "error: {}", safe(&error_text(error)));
        }
    }
    let _ = writeln!(out, "uid: {}\n{ANSWERED}", about.uid);
}

/// The message of an error, or all of one that has none.
fn error_text(error: &[u8]) -> String {
    let mut message = None;
    let _ = literal::fields(error, Dialect::Json, &mut |name, value| {
        if name == "message" {
            message = literal::text(value, Dialect::Json);
        }
    });
    message.map_or_else(|| shown(error), std::borrow::Cow::into_owned)
}

fn is_chat(kind: Kind) -> bool {
    matches!(kind, Kind::Chat | Kind::Responses | Kind::Messages)
}

fn one(message: &[u8], out: &mut String) {
    let (mut role, mut content, mut calls) = (None, None, None);
    let _ = literal::fields(message, Dialect::Json, &mut |name, value| match &*name {
        "role" => role = literal::text(value, Dialect::Json),
        "content" | "output" => content = Some(shown(value)),
        "tool_calls" => calls = Some(shown(value)),
        _ => {}
    });
    let text = content.filter(|content| content != "null").or(calls).unwrap_or_default();
    line(role.as_deref().unwrap_or("-"), &text, out);
}

/// A text as it is, anything else as JSON.
fn shown(value: &[u8]) -> String {
    match literal::text(value, Dialect::Json) {
        Some(text) => text.into_owned(),
        None => String::from_utf8_lossy(value).into_owned(),
    }
}

fn line(role: &str, text: &str, out: &mut String) {
    let _ = writeln!(out, "role: {}\ncontent: {}", safe(role), safe(text));
}

/// Without what a terminal would obey.
fn safe(text: &str) -> String {
    let obeyed = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    text.chars().map(|c| if obeyed(c) { '\u{fffd}' } else { c }).collect()
}
