//! `${NAME}` and `${NAME:-default}` in values; `$${` stands for a literal `${`.

use super::{
    env::Environment,
    node::{Node, Scalar, Value},
    problem::{Problem, What},
};
use std::cell::Cell;

/// Variables that may refer to each other in `.env`, one within the other.
const MAX_NESTING: usize = 8;
/// Placeholders replaced and bytes put in their place for one value at most, however variables multiply.
const MAX_WORK: usize = 1 << 20;

/// The text with every placeholder replaced, and whether there was any.
pub(super) fn text(text: &str, environment: &Environment) -> Result<(String, bool), What> {
    nested(text, environment, MAX_NESTING, &Cell::new(MAX_WORK))
}

fn nested(
    text: &str,
    environment: &Environment,
    left: usize,
    work: &Cell<usize>,
) -> Result<(String, bool), What> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut replaced = false;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        if let Some(literal) = before.strip_suffix('$') {
            out.push_str(literal);
            out.push_str("${");
            rest = &from[2..];
            continue;
        }
        out.push_str(before);
        let end = from.find('}').ok_or(What::Placeholder)?;
        let value = value(&from[2..end], environment, left, work)?;
        work.set(work.get().checked_sub(1 + value.len()).ok_or(What::TooBig)?);
        out.push_str(&value);
        replaced = true;
        rest = &from[end + 1..];
    }
    out.push_str(rest);
    Ok((out, replaced))
}

fn value(inside: &str, environment: &Environment, left: usize, work: &Cell<usize>) -> Result<String, What> {
    let (name, default) = match inside.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inside, None),
    };
    let named = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !named {
        return Err(What::Placeholder);
    }
    let left = left.checked_sub(1).ok_or_else(|| What::Circular(name.to_owned()))?;
    match environment.raw(name) {
        Some(raw) if !raw.text.is_empty() && raw.interpolated => {
            nested(raw.text, environment, left, work).map(|(text, _)| text)
        }
        Some(raw) if !raw.text.is_empty() || default.is_none() => Ok(raw.text.to_owned()),
        _ => default.map(str::to_owned).ok_or_else(|| What::NoVariable(name.to_owned())),
    }
}

/// Replaces the placeholders of a value and of all names and values within it.
pub(super) fn node(node: &mut Node, environment: &Environment, key: &str, problems: &mut Vec<Problem>) {
    match &mut node.value {
        Value::Null => {}
        Value::Scalar(scalar) => match text(&scalar.text, environment) {
            Ok((text, hidden)) => {
                *scalar = Scalar { text, quoted: scalar.quoted, hidden: scalar.hidden || hidden };
            }
            Err(what) => {
                problems.push(Problem::error(&node.origin, key, what));
                node.value = Value::Null;
            }
        },
        Value::List(items) => {
            items.iter_mut().for_each(|item| self::node(item, environment, key, problems));
        }
        Value::Map(entries) => entries.iter_mut().for_each(|entry| {
            match text(&entry.name, environment) {
                Ok((name, _)) => entry.name = name,
                Err(what) => problems.push(Problem::error(&entry.origin, key, what)),
            }
            self::node(&mut entry.value, environment, key, problems);
        }),
    }
}
