//! Hides the escapes of JSON within JSON, so that `\nsk-…` is not read as a word that begins with an n.

use std::borrow::Cow;

/// What an escape is hidden behind; part of no word, number or address.
const HIDDEN: char = '\u{1}';

/// The text with a control character for each byte of `\n`, `\u4f60` and the like: what is found in it is at the same
/// place in the text.
pub(super) fn without_escapes(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'\\', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut masked = String::with_capacity(text.len());
    masked.push_str(&text[..first]);
    let mut rest = &text[first..];
    while !rest.is_empty() {
        let hidden = escape_length(rest.as_bytes());
        masked.extend(std::iter::repeat_n(HIDDEN, hidden));
        rest = &rest[hidden..];
        let plain = match (memchr::memchr(b'\\', rest.as_bytes()), hidden) {
            // A backslash that begins no escape.
            (Some(0), 0) => 1,
            (Some(at), _) => at,
            (None, _) => rest.len(),
        };
        masked.push_str(&rest[..plain]);
        rest = &rest[plain..];
    }
    Cow::Owned(masked)
}

/// The length of the escape that the text begins with, or 0.
fn escape_length(text: &[u8]) -> usize {
    match text {
        [b'\\', b'b' | b'f' | b'n' | b'r' | b't', ..] => 2,
        [b'\\', b'u', a, b, c, d, ..] if [a, b, c, d].into_iter().all(u8::is_ascii_hexdigit) => 6,
        _ => 0,
    }
}
