//! Finds the parts of a value without changing them: fields, items, truth.

use super::{
    Dialect, Fault, FaultKind,
    escape::Quoted,
    number::Form,
    run,
    text::decoded,
    walk::{Container, Cursor, Place, Sink, Word, check_utf8},
};
use std::borrow::Cow;

/// Walks over a value and keeps nothing.
pub(super) struct Skip;

impl Sink for Skip {
    fn open(&mut self, _: Container, _: bool) {}
    fn close(&mut self, _: Container, _: usize) {}
    fn comma(&mut self) {}
    fn text(&mut self, quoted: Quoted<'_>, _: Place) -> Result<usize, Fault> {
        quoted.end()
    }
    fn number(&mut self, _: &[u8], _: Form, _: Place) {}
    fn word(&mut self, _: Word, _: Place) {}
    fn key(&mut self, _: &[u8]) {}
    fn colon(&mut self) {}
}

/// Walks over a value that was walked over before.
pub(super) struct Leap;

impl Sink for Leap {
    fn open(&mut self, _: Container, _: bool) {}
    fn close(&mut self, _: Container, _: usize) {}
    fn comma(&mut self) {}
    fn text(&mut self, quoted: Quoted<'_>, _: Place) -> Result<usize, Fault> {
        quoted.known_end()
    }
    fn number(&mut self, _: &[u8], _: Form, _: Place) {}
    fn word(&mut self, _: Word, _: Place) {}
    fn key(&mut self, _: &[u8]) {}
    fn colon(&mut self) {}
}

/// The notation of a line: one that begins like JSON is JSON if it is, and else taken for Python's.
pub fn dialect(line: &[u8]) -> Dialect {
    let start = line.trim_ascii_start();
    let inside = start.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    let like_json = inside.is_some_and(|inside| inside.starts_with(b"\""));
    if like_json && fields(start, Dialect::Json, &mut |_, _| {}).is_ok() {
        Dialect::Json
    } else {
        Dialect::Python
    }
}

/// The fields of one dict or object, in order, each with the text of its value. The whole text is checked; fields before
/// a fault are told.
///
/// # Errors
/// The text is no dict or object with texts as keys.
pub fn fields<'t>(
    text: &'t [u8],
    dialect: Dialect,
    on_field: &mut impl FnMut(Cow<'t, str>, &'t [u8]),
) -> Result<(), Fault> {
    check_utf8(text)?;
    let mut cursor = Cursor { text, at: 0, dialect };
    cursor.skip_space();
    cursor.expect(b'{')?;
    cursor.skip_space();
    if !cursor.take(b'}') {
        loop {
            let key = key(&mut cursor)?;
            cursor.colon()?;
            let from = cursor.at;
            cursor.value(&mut Skip)?;
            on_field(key, &text[from..cursor.at]);
            cursor.skip_space();
            if cursor.take(b'}') {
                break;
            }
            cursor.expect(b',')?;
            cursor.skip_space();
        }
    }
    cursor.end()
}

fn key<'t>(cursor: &mut Cursor<'t>) -> Result<Cow<'t, str>, Fault> {
    let before = *cursor;
    let name = name(cursor)?;
    Ok(match name {
        // The text is UTF-8, and was checked to be.
        Cow::Borrowed(name) => std::str::from_utf8(name).map_or_else(
            |error| Err(Fault { at: before.at + error.valid_up_to(), what: FaultKind::NotUtf8 }),
            |name| Ok(Cow::Borrowed(name)),
        )?,
        Cow::Owned(name) => Cow::Owned(String::from_utf8_lossy(&name).into_owned()),
    })
}

/// A key that is a text, as UTF-8.
#[inline]
pub(super) fn name<'t>(cursor: &mut Cursor<'t>) -> Result<Cow<'t, [u8]>, Fault> {
    // Nearly every key says what it looks like.
    if let Some((quote @ (b'\'' | b'"'), rest)) = cursor.text.get(cursor.at..).and_then(<[u8]>::split_first)
        && (*quote == b'"' || cursor.dialect == Dialect::Python)
    {
        let plain = run::until(rest, [*quote, b'\\']);
        if rest.get(plain) == Some(quote) {
            cursor.at += plain + 2;
            return Ok(Cow::Borrowed(&rest[..plain]));
        }
    }
    escaped_name(cursor)
}

#[cold]
fn escaped_name<'t>(cursor: &mut Cursor<'t>) -> Result<Cow<'t, [u8]>, Fault> {
    let quote = match cursor.peek() {
        Some(b'"') => b'"',
        Some(b'\'') if cursor.dialect == Dialect::Python => b'\'',
        _ => return cursor.fault(FaultKind::Unexpected),
    };
    let quoted =
        Quoted { text: cursor.text, from: cursor.at + 1, quote, bytes: false, dialect: cursor.dialect };
    let (key, end) = decoded(quoted)?;
    cursor.at = end;
    Ok(Cow::Owned(key.into_owned().into_bytes()))
}

/// The texts of the items of one list, tuple, set or array, in order. Told as [`fields`] tells.
///
/// # Errors
/// The text is none of these.
pub fn items<'t>(text: &'t [u8], dialect: Dialect, on_item: &mut impl FnMut(&'t [u8])) -> Result<(), Fault> {
    check_utf8(text)?;
    let mut cursor = Cursor { text, at: 0, dialect };
    cursor.skip_space();
    let close = match cursor.peek() {
        Some(b'[') => b']',
        Some(b'(') if dialect == Dialect::Python => b')',
        Some(b'{') if dialect == Dialect::Python => b'}',
        _ => return cursor.fault(FaultKind::Unexpected),
    };
    cursor.at += 1;
    cursor.skip_space();
    let mut count = 0;
    loop {
        // One item is a tuple by its comma.
        let one = close == b')' && count == 1;
        if !one && cursor.take(close) {
            break;
        }
        if count > 0 {
            cursor.expect(b',')?;
            cursor.skip_space();
            if one && cursor.take(close) {
                break;
            }
        }
        let from = cursor.at;
        if close == b'}' {
            cursor.hashable(&mut Skip)?;
        } else {
            cursor.value(&mut Skip)?;
        }
        on_item(&text[from..cursor.at]);
        count += 1;
        cursor.skip_space();
    }
    cursor.end()
}

/// Whether Python takes a value for true, in either notation: not if it is nothing, zero or empty.
pub fn is_truthy(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let inner = match value {
        b"" | b"None" | b"null" | b"False" | b"false" | b"set()" | b"frozenset()" => return false,
        [b'"' | b'\'', inner @ .., _] | [b'[' | b'{' | b'(', inner @ .., _] => inner,
        [b'b', b'"' | b'\'', inner @ .., _] => inner,
        [b'-' | b'0'..=b'9', ..] => {
            return std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()) != Some(0.0_f64);
        }
        _ => return true,
    };
    !inner.is_empty() && (matches!(value[0], b'"' | b'\'' | b'b') || !inner.trim_ascii().is_empty())
}
