//! Messages as openai-forward's format has them: the content under the role's name.

use super::row::Fault;
use crate::literal::{self, Dialect, Layout, Steps};
use std::borrow::Cow;

/// Levels of the lines that messages and their fields stand in.
const MESSAGES: usize = 2;
const MESSAGE: usize = 3;
const FIELD: usize = 4;

/// Appends the messages of a request. What is no list of messages is written as it is.
pub(super) fn push_all(steps: &mut Steps<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    if !steps.enter(b'[') {
        return Ok(steps.json(Layout::Indented { level: MESSAGES }, out)?);
    }
    let mut is_first = true;
    out.push(b'[');
    while steps.next(is_first, b']')? {
        out.extend_from_slice(if is_first { b"\n      " } else { b",\n      " });
        push(steps, out)?;
        is_first = false;
    }
    out.extend_from_slice(if is_first { b"]" } else { b"\n    ]" });
    Ok(())
}

/// Appends the next message.
fn push(steps: &mut Steps<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    let (before, written) = (*steps, out.len());
    if let Ok(true) = push_usual(steps, out) {
        return Ok(());
    }
    *steps = before;
    out.truncate(written);
    push_any(steps.leap()?, before.dialect(), out)
}

/// Appends a message whose first fields are its role and its content, as those of nearly all are; `false` if this is
/// none of them, and something was appended then.
fn push_usual(steps: &mut Steps<'_>, out: &mut Vec<u8>) -> Result<bool, literal::Fault> {
    if !steps.enter(b'{') || !steps.next(true, b'}')? || *steps.key()? != b"role"[..] {
        return Ok(false);
    }
    let Some(role) = plain(steps.leap()?) else { return Ok(false) };
    if !steps.next(false, b'}')? || *steps.key()? != b"content"[..] {
        return Ok(false);
    }
    out.extend_from_slice(b"{\n        \"");
    out.extend_from_slice(role);
    out.extend_from_slice(b"\": ");
    steps.json(Layout::Indented { level: FIELD }, out)?;
    while steps.next(false, b'}')? {
        let key = steps.key()?;
        if *key == *role || matches!(&*key, b"role" | b"content") {
            return Ok(false);
        }
        out.extend_from_slice(b",\n        ");
        literal::push_json_bytes(&key, out);
        out.extend_from_slice(b": ");
        steps.json(Layout::Indented { level: FIELD }, out)?;
    }
    out.extend_from_slice(b"\n      }");
    Ok(true)
}

/// What a text of letters says.
fn plain(value: &[u8]) -> Option<&[u8]> {
    let [b'\'' | b'"', inner @ .., _] = value else { return None };
    inner.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').then_some(inner)
}

/// Appends any message; one that would not be the same afterwards stays as it is: it has no role, or another field of
/// that name.
fn push_any(message: &[u8], dialect: Dialect, out: &mut Vec<u8>) -> Result<(), Fault> {
    let mut fields: Vec<(Cow<'_, str>, &[u8])> = Vec::new();
    let read = literal::fields(message, dialect, &mut |name, value| fields.push((name, value)));
    let find = |name: &str| fields.iter().rev().find(|(key, _)| key == name).map(|(_, value)| *value);
    let role_value = find("role").filter(|_| read.is_ok());
    let role = role_value.and_then(|role| literal::text(role, dialect));
    let own = |name: &str| matches!(name, "role" | "content");
    let (Some(value), Some(role)) = (role_value, role) else { return push_as_is(message, dialect, out) };
    if fields.iter().any(|(name, _)| *name == role && !own(name)) {
        return push_as_is(message, dialect, out);
    }
    let level = Layout::Indented { level: FIELD };
    out.extend_from_slice(b"{\n        ");
    literal::to_json(value, dialect, level, out)?;
    out.extend_from_slice(b": ");
    match find("content") {
        Some(content) => literal::to_json(content, dialect, level, out)?,
        None => out.extend_from_slice(b"null"),
    }
    for (name, value) in fields.iter().filter(|(name, _)| !own(name)) {
        out.extend_from_slice(b",\n        ");
        literal::push_json_text(name, out);
        out.extend_from_slice(b": ");
        literal::to_json(value, dialect, level, out)?;
    }
    out.extend_from_slice(b"\n      }");
    Ok(())
}

fn push_as_is(message: &[u8], dialect: Dialect, out: &mut Vec<u8>) -> Result<(), Fault> {
    Ok(literal::to_json(message, dialect, Layout::Indented { level: MESSAGE }, out)?)
}
