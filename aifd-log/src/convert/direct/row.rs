//! An exchange as an object of openai-forward's format: its eight fields in its order, and behind them what else was said.

use super::{super::openai_forward::may_be_empty, message};
use crate::{
    exchange::is_role,
    literal::{self, Layout, Steps},
    pair::{Line, Lines},
};
use std::borrow::Cow;

/// Levels of the lines that the fields of an object stand in.
const FIELD: usize = 2;

/// Why a line gives no object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Literal(literal::Fault),
    /// openai-forward's warning of this line would fail.
    Markup,
}

impl From<literal::Fault> for Fault {
    fn from(fault: literal::Fault) -> Self {
        Fault::Literal(fault)
    }
}

/// A field's value: the place before it, and its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'t> {
    pub(super) steps: Steps<'t>,
    pub(super) text: &'t [u8],
}

impl<'t> Known<'t> {
    /// Steps over a value.
    fn take(steps: &mut Steps<'t>) -> Result<Self, Fault> {
        let before = *steps;
        Ok(Known { steps: before, text: steps.leap()? })
    }
}

/// A value, if the field is there.
pub(super) type Value<'t> = Option<Known<'t>>;

/// Tells the fields of a dict in a line that was looked through before, and gives back the place behind it; what is no
/// dict has none.
pub(super) fn fields<'t>(
    steps: Steps<'t>,
    on_field: &mut impl FnMut(Cow<'t, [u8]>, Known<'t>),
) -> Result<Steps<'t>, Fault> {
    names(steps, &mut |name, steps| {
        on_field(name, Known::take(steps)?);
        Ok(())
    })
}

/// The same for one who takes the values: each is to be stepped over.
fn names<'t>(
    mut steps: Steps<'t>,
    on_name: &mut impl FnMut(Cow<'t, [u8]>, &mut Steps<'t>) -> Result<(), Fault>,
) -> Result<Steps<'t>, Fault> {
    if !steps.enter(b'{') {
        return Ok(steps);
    }
    let mut is_first = true;
    while steps.next(is_first, b'}')? {
        let name = steps.key()?;
        on_name(name, &mut steps)?;
        is_first = false;
    }
    Ok(steps)
}

/// The place before a line's dict. A line that cannot be read any more has none.
pub(super) fn begin(line: Line<'_>) -> Result<Steps<'_>, Fault> {
    let steps = Steps::again(line.text, line.dialect);
    match line.text.first() {
        Some(b'{') => Ok(steps),
        _ => Err(steps.unexpected().into()),
    }
}

/// What is taken of a request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked<'t> {
    pub(super) datetime: Value<'t>,
    ip: Value<'t>,
    forwarded_for: Value<'t>,
    pub(super) model: Value<'t>,
    pub(super) temperature: Value<'t>,
    pub(super) messages: Value<'t>,
    pub(super) tools: Value<'t>,
}

impl<'t> Asked<'t> {
    pub(super) fn of(steps: Steps<'t>) -> Result<Self, Fault> {
        let mut asked = Asked::default();
        fields(steps, &mut |name, value| asked.note(&name, value))?;
        Ok(asked)
    }

    fn note(&mut self, name: &[u8], value: Known<'t>) {
        let place = match name {
            b"datetime" => &mut self.datetime,
            b"ip" => &mut self.ip,
            b"forwarded-for" => &mut self.forwarded_for,
            b"model" => &mut self.model,
            b"temperature" => &mut self.temperature,
            b"messages" => &mut self.messages,
            b"tools" => &mut self.tools,
            _ => return,
        };
        *place = Some(value);
    }

    /// The address, which the first versions of openai-forward call otherwise; an empty one is none.
    pub(super) fn address(&self) -> Value<'t> {
        self.ip.filter(|ip| literal::is_truthy(ip.text)).or(self.forwarded_for)
    }
}

/// What is taken of an answer.
#[derive(Clone, Debug, Default)]
struct Answered<'t> {
    is_tool_calls: Value<'t>,
    /// What is told of calls is told by the name that the first versions of openai-forward gave it.
    is_function_call: bool,
    assistant: Value<'t>,
    /// What stands first: the message under its role, if it has another one.
    first: Option<(Cow<'t, [u8]>, Known<'t>)>,
    beside: Beside<'t>,
}

/// What follows the eight fields where there is any.
#[derive(Clone, Copy, Debug, Default)]
struct Beside<'t> {
    content: Value<'t>,
    reasoning: Value<'t>,
    refusal: Value<'t>,
    choices: Value<'t>,
    message: Value<'t>,
}

impl<'t> Answered<'t> {
    fn of(steps: Steps<'t>) -> Result<Self, Fault> {
        let mut answered = Answered::default();
        let mut is_first = true;
        fields(steps, &mut |name, value| {
            // What tells nothing of the message may stand before it.
            let passed = std::mem::replace(&mut is_first, false);
            let place = match &*name {
                b"is_tool_calls" => &mut answered.is_tool_calls,
                b"choices" => &mut answered.beside.choices,
                b"is_function_call" => {
                    answered.is_function_call = true;
                    return is_first = passed;
                }
                b"uid" | b"output" | b"error" => return is_first = passed,
                b"assistant" => &mut answered.assistant,
                b"content" => &mut answered.beside.content,
                b"reasoning_content" => &mut answered.beside.reasoning,
                b"refusal" => &mut answered.beside.refusal,
                b"message" => &mut answered.beside.message,
                _ => {
                    if passed {
                        answered.first = Some((name, value));
                    }
                    return;
                }
            };
            *place = Some(value);
            is_first = passed && matches!(&*name, b"is_tool_calls" | b"choices");
        })?;
        let told = answered.is_tool_calls.is_some() || answered.is_function_call;
        let is_role = |name: &[u8]| std::str::from_utf8(name).is_ok_and(|name| is_role(name, told));
        answered.first = answered.first.filter(|(name, _)| answered.assistant.is_none() && is_role(name));
        Ok(answered)
    }

    /// The message, and its role if that is another than usual.
    fn said(&self) -> (Value<'t>, Option<&[u8]>) {
        match &self.first {
            Some((role, said)) => (Some(*said), Some(role)),
            None => (self.assistant, None),
        }
    }
}

/// Appends the object of an exchange, which begins in a line of level 1.
pub(super) fn push(lines: Lines<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    match lines {
        Lines::Two { request, answer } => {
            push_asked(Some(begin(request)?), None, out)?;
            let answered = Answered::of(begin(answer)?)?;
            push_value("is_tool_calls", answered.is_tool_calls, out)?;
            let (said, role) = answered.said();
            push_value("assistant", said, out)?;
            let more = answered.beside.message.filter(|_| role.is_some());
            push_beside(&Beside { message: answered.beside.message.xor(more), ..answered.beside }, out)?;
            if role.is_some() {
                let mut fields = Vec::new();
                if let Some(more) = more {
                    self::fields(more.steps, &mut |name, value| fields.push((name, value)))?;
                }
                fields.retain(|(name, _)| **name != b"role"[..]);
                push_message(role, &mut fields, out)?;
            }
        }
        Lines::One(line) => push_whole(begin(line)?, out)?,
    }
    out.extend_from_slice(b"\n  }");
    Ok(())
}

/// Appends the fields of a request; `head`: its time and address, if they do not stand in it. The messages, which are
/// most of a line and stand first in it, are written as they are met, and what goes before them is moved there.
fn push_asked<'t>(
    request: Option<Steps<'t>>,
    head: Option<(Value<'t>, Value<'t>)>,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    let from = out.len();
    let mut asked = Asked::default();
    if let Some(request) = request {
        names(request, &mut |name, steps| {
            if *name == *b"messages" {
                // Of several, the last one counts.
                out.truncate(from);
                return message::push_all(steps, out);
            }
            asked.note(&name, Known::take(steps)?);
            Ok(())
        })?;
    }
    if out.len() == from {
        out.extend_from_slice(b"null");
    }
    if let Some((datetime, ip)) = head {
        asked = Asked { datetime, ip, forwarded_for: None, ..asked };
    }
    let messages = out.len() - from;
    push_head(&asked, out)?;
    push_name("messages", out);
    out[from..].rotate_left(messages);
    push_value("tools", asked.tools, out)
}

/// Appends the fields before the messages, and the brace before these.
pub(super) fn push_head(asked: &Asked<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    out.extend_from_slice(b"{\n    \"datetime\": ");
    push_any(asked.datetime, out)?;
    push_value("ip", asked.address(), out)?;
    push_value("model", asked.model, out)?;
    if asked.temperature.is_none() {
        push_name("temperature", out);
        out.push(b'1');
        return Ok(());
    }
    push_value("temperature", asked.temperature, out)
}

/// Appends what a line in JSON tells of both sides as the two lines of the other form would have it.
fn push_whole(line: Steps<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    let (mut head, mut request, mut answer, mut beside) = (Asked::default(), None, None, Beside::default());
    let mut told = None;
    fields(line, &mut |name, value| match &*name {
        b"datetime" => head.datetime = Some(value),
        b"ip" => head.ip = Some(value),
        b"request" => request = Some(value),
        b"answer" => answer = Some(value),
        b"choices" => beside.choices = Some(value),
        b"is_tool_calls" => told = Some(value),
        _ => {}
    })?;
    push_asked(request.map(|request| request.steps), Some((head.datetime, head.ip)), out)?;
    let (mut content, mut calls, mut role, mut more) = (None, None, None, Vec::new());
    let message = answer.filter(|answer| answer.text.starts_with(b"{"));
    if let Some(message) = message {
        fields(message.steps, &mut |name, value| match &*name {
            b"role" => role = literal::text(value.text, value.steps.dialect()),
            b"content" => content = Some(value),
            b"tool_calls" => calls = Some(value).filter(|calls| literal::is_truthy(calls.text)),
            b"reasoning_content" => beside.reasoning = Some(value),
            b"refusal" => beside.refusal = Some(value),
            _ => more.push((name, value)),
        })?;
    }
    match told.filter(|_| message.is_some()) {
        Some(told) => push_value("is_tool_calls", Some(told), out)?,
        None => {
            push_name("is_tool_calls", out);
            out.extend_from_slice(match (message, calls) {
                (None, _) => b"null",
                (_, Some(_)) => b"true",
                _ => b"false",
            });
        }
    }
    push_value("assistant", calls.or(content), out)?;
    beside.content = content.filter(|content| calls.is_some() && literal::is_truthy(content.text));
    push_beside(&beside, out)?;
    let role = role.as_deref().filter(|role| *role != "assistant").map(str::as_bytes);
    if role.is_some() || !more.is_empty() {
        push_message(role, &mut more, out)?;
    }
    Ok(())
}

/// Appends what else there is of a message.
fn push_message(
    role: Option<&[u8]>,
    fields: &mut [(Cow<'_, [u8]>, Known<'_>)],
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    push_name("message", out);
    if let Some(role) = role {
        out.extend_from_slice(b"{\n      \"role\": ");
        literal::push_json_bytes(role, out);
    }
    for (number, (name, value)) in fields.iter_mut().enumerate() {
        let is_first = number == 0 && role.is_none();
        out.extend_from_slice(if is_first { b"{\n      " } else { b",\n      " });
        literal::push_json_bytes(name, out);
        out.extend_from_slice(b": ");
        value.steps.json(Layout::Indented { level: FIELD + 1 }, out)?;
    }
    out.extend_from_slice(b"\n    }");
    Ok(())
}

fn push_beside(beside: &Beside<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    for (name, value) in [
        ("content", beside.content),
        ("reasoning_content", beside.reasoning),
        ("refusal", beside.refusal),
        ("choices", beside.choices),
        ("message", beside.message),
    ] {
        let value = value.filter(|value| match may_be_empty(name) {
            true => !matches!(value.text, b"None" | b"null"),
            false => literal::is_truthy(value.text),
        });
        if value.is_some() {
            push_value(name, value, out)?;
        }
    }
    Ok(())
}

pub(super) fn push_name(name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\n    \"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\": ");
}

/// Appends a field; one that is missing is null.
pub(super) fn push_value(name: &str, value: Value<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    push_name(name, out);
    push_any(value, out)
}

fn push_any(value: Value<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    match value {
        Some(mut value) => Ok(value.steps.json(Layout::Indented { level: FIELD }, out)?),
        None => {
            out.extend_from_slice(b"null");
            Ok(())
        }
    }
}
