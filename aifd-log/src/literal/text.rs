//! Texts by themselves: what a quoted one says, and how one is quoted.

use super::{
    Dialect, Fault,
    escape::{Part, Quoted},
    to_json, to_python,
};
use std::borrow::Cow;

/// What a value says that is a text; `None` if it is none. Halves of surrogate pairs and bytes that are no ASCII become
/// U+FFFD.
pub fn text(value: &[u8], dialect: Dialect) -> Option<Cow<'_, str>> {
    let value = value.trim_ascii();
    let quote = *value.first()?;
    let quoted = match quote {
        b'"' => true,
        b'\'' => dialect == Dialect::Python,
        _ => false,
    };
    if !quoted {
        return None;
    }
    let (text, end) = decoded(Quoted { text: value, from: 1, quote, bytes: false, dialect }).ok()?;
    (end == value.len()).then_some(text)
}

/// What a text says, and where it ends.
pub(super) fn decoded(quoted: Quoted<'_>) -> Result<(Cow<'_, str>, usize), Fault> {
    let (mut first, mut more): (&[u8], Option<String>) = (b"", None);
    let end = quoted.parts(&mut |part| {
        if let (Part::Plain(bytes), true, None) = (part, first.is_empty(), &more) {
            first = bytes;
            return;
        }
        let text = more.get_or_insert_with(|| utf8(first).into_owned());
        match part {
            Part::Plain(bytes) => text.push_str(&utf8(bytes)),
            Part::Char(c) => text.push(c),
            Part::Half(_) | Part::Byte(_) => text.push(char::REPLACEMENT_CHARACTER),
        }
    })?;
    Ok((more.map_or_else(|| utf8(first), Cow::Owned), end))
}

/// What was checked to be UTF-8 as a whole is so in its parts.
fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// Appends a text as a JSON string.
pub fn push_json_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    to_json::push_run(text.as_bytes(), out);
    out.push(b'"');
}

/// The same for UTF-8 that is not known to be text.
pub fn push_json_bytes(utf8: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    to_json::push_run(utf8, out);
    out.push(b'"');
}

/// Appends a text as Python's `repr` prints it.
pub fn push_python_text(text: &str, out: &mut Vec<u8>) {
    to_python::push_text(text, out);
}
