//! Objects as openai-forward's converter makes them, with what it loses: contents are what Python's `str` makes of them.

use super::{
    markup,
    row::{Asked, Fault, Known, begin, fields, push_head, push_name, push_value},
};
use crate::{
    literal::{self, Layout, Steps},
    pair::{Line, Lines},
};

/// Appends the object of an exchange, which begins in a line of level 1.
pub(super) fn push(lines: Lines<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    // There are no others: lines that tell both sides are none that it reads.
    let (Lines::Two { request, answer } | Lines::One(request @ answer)) = lines;
    let asked = Asked::of(begin(request)?)?;
    push_head(&asked, out)?;
    push_name("messages", out);
    let written = out.len();
    let messages = asked.messages.map(|messages| messages.steps);
    if !messages.map_or(Ok(false), |messages| push_messages(messages, out))? {
        out.truncate(written);
        out.extend_from_slice(b"null");
        if markup::fails(request.text) {
            return Err(Fault::Markup);
        }
    }
    push_value("tools", asked.tools, out)?;
    push_answer(answer, out)?;
    out.extend_from_slice(b"\n  }");
    Ok(())
}

fn push_answer(answer: Line<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    let (mut is_tool_calls, mut assistant) = (None, None);
    fields(begin(answer)?, &mut |name, value| match &*name {
        b"is_tool_calls" => is_tool_calls = Some(value),
        b"assistant" => assistant = Some(value),
        _ => {}
    })?;
    push_value("is_tool_calls", is_tool_calls, out)?;
    push_name("assistant", out);
    match assistant {
        Some(said) => push_str(said, out),
        None => {
            out.extend_from_slice(b"null");
            Ok(())
        }
    }
}

/// Appends the messages; `false` if one of them has no role or no content, which costs all of them.
fn push_messages(mut steps: Steps<'_>, out: &mut Vec<u8>) -> Result<bool, Fault> {
    // It takes lists, tuples and sets; of anything else the items have no roles.
    let Some(close) = [(b'[', b']'), (b'(', b')'), (b'{', b'}')].iter().find(|(open, _)| steps.enter(*open))
    else {
        return Ok(false);
    };
    let mut is_first = true;
    out.push(b'[');
    while steps.next(is_first, close.1)? {
        // The comma behind the only item of a tuple.
        if close.1 == b')' && !steps.next(true, b')')? {
            break;
        }
        let (mut role, mut content) = (None, None);
        let before = steps;
        let read = fields(before, &mut |name, value| match &*name {
            b"role" => role = Some(value),
            b"content" => content = Some(value),
            _ => {}
        });
        let (Ok(after), Some(role), Some(content)) = (read, role, content) else { return Ok(false) };
        steps = after;
        out.extend_from_slice(if is_first { b"\n      {\n        " } else { b",\n      {\n        " });
        literal::to_json(role.text, steps.dialect(), Layout::Compact, out)?;
        out.extend_from_slice(b": ");
        push_str(content, out)?;
        out.extend_from_slice(b"\n      }");
        is_first = false;
    }
    out.extend_from_slice(if is_first { b"]" } else { b"\n    ]" });
    Ok(true)
}

/// Appends what Python's `str` makes of a value, without halves of surrogate pairs.
fn push_str(mut value: Known<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    let from = out.len();
    if matches!(value.text, [b'\'' | b'"', ..]) {
        value.steps.json(Layout::Compact, out)?;
        drop_halves(out, from);
        return Ok(());
    }
    let mut repr = Vec::with_capacity(value.text.len());
    value.steps.python(&mut repr)?;
    literal::push_json_text(&String::from_utf8_lossy(&repr), out);
    Ok(())
}

/// Takes the escapes out of JSON that stand for halves of surrogate pairs.
fn drop_halves(out: &mut Vec<u8>, from: usize) {
    if memchr::memmem::find(&out[from..], br"\ud").is_none() {
        return;
    }
    let json = out.split_off(from);
    let mut rest = json.as_slice();
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (before, escape) = rest.split_at(at);
        out.extend_from_slice(before);
        let half = escape.starts_with(br"\ud");
        let length = if half { 6 } else { 2 }.min(escape.len());
        if !half {
            out.extend_from_slice(&escape[..length]);
        }
        rest = &escape[length..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::literal::Dialect;

    #[test]
    fn contents_become_what_str_makes_of_them() {
        for (value, expected) in [
            (r"'a\ud83db\ude00'", r#""ab""#),
            (r"'\\ud83d'", r#""\\ud83d""#),
            (r#""it's""#, r#""it's""#),
            ("None", r#""None""#),
            ("[{'a': 1e-07}, True, 'é\\u2028']", r#""[{'a': 1e-07}, True, 'é\\u2028']""#),
            ("b'x'", r#""b'x'""#),
        ] {
            let mut out = Vec::new();
            let steps = Steps::new(value.as_bytes(), Dialect::Python).unwrap();
            push_str(Known { steps, text: value.as_bytes() }, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
