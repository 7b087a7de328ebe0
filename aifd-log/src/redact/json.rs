//! Redacts the strings of a JSON text where they stand; everything else stays byte for byte.

use super::Redactor;
use memchr::{memchr, memchr2, memmem};
use std::borrow::Cow;

impl Redactor {
    /// The JSON text without what is to be taken out of its strings, keys too; borrowed if nothing was.
    /// Own expressions are not looked for in keys and in the values of `role`.
    ///
    /// A text that is not JSON is not refused: whatever stands between quotes is taken for a string.
    pub fn redact_json<'t>(&self, json: &'t [u8]) -> Cow<'t, [u8]> {
        if !self.may_match_json(json) {
            return Cow::Borrowed(json);
        }
        let mut redacted = Vec::new();
        let mut copied = 0;
        let (mut at, mut field): (usize, &[u8]) = (0, b"");
        while let Some(quote) = memchr(b'"', &json[at..]) {
            let start = at + quote + 1;
            let end = string_end(json, start);
            let names = json[(end + 1).min(json.len())..].trim_ascii_start().first() == Some(&b':');
            // Own expressions are for what is said: the names of fields, and whose message it is, hold it together.
            let first_turn = usize::from(names || field == b"role");
            field = if names { &json[start..end] } else { b"" };
            if let Some(string) = self.redact_string(&json[start..end], first_turn) {
                redacted.extend_from_slice(&json[copied..start]);
                redacted.extend_from_slice(&string);
                copied = end;
            }
            at = (end + 1).min(json.len());
        }
        if copied == 0 {
            return Cow::Borrowed(json);
        }
        redacted.extend_from_slice(&json[copied..]);
        Cow::Owned(redacted)
    }

    /// Whether a string of the text may have a match, without looking for its strings.
    fn may_match_json(&self, json: &[u8]) -> bool {
        if self.is_empty() {
            return false;
        }
        !self.own.is_empty()
            || self.secrets.is_some() && !self.secrets_are_plain
            // What the screens look for is ASCII, and escaped as `\u0040` by nobody but who wants to hide it.
            || memmem::find(json, b"\\u00").is_some()
            || self.secrets.as_ref().is_some_and(|secrets| secrets.find(json, 0).is_some())
            || self.rules.iter().any(|rule| rule.may_match_json(json))
    }

    /// The inside of a string redacted; `None` if it stays.
    fn redact_string(&self, raw: &[u8], first_turn: usize) -> Option<Vec<u8>> {
        let mut redacted = Cow::Borrowed(raw);
        for turn in first_turn.. {
            let decoded = Decoded::of(&redacted);
            let spans = self.find(&decoded.text, turn);
            if spans.is_empty() {
                break;
            }
            let mut next = Vec::with_capacity(redacted.len());
            let mut from = 0;
            for span in spans {
                next.extend_from_slice(&redacted[from..decoded.raw_at(span.start)]);
                next.extend_from_slice(span.label.marker().as_bytes());
                from = decoded.raw_at(span.end);
            }
            next.extend_from_slice(&redacted[from..]);
            redacted = Cow::Owned(next);
        }
        match redacted {
            Cow::Borrowed(_) => None,
            Cow::Owned(redacted) => Some(redacted),
        }
    }
}

/// Where the string ends that begins at `start`: at its quote, or the end of the text.
fn string_end(json: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(found) = json.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if json[at] == b'"' {
            return at;
        }
        at += 2;
    }
    json.len()
}

/// The inside of a JSON string, decoded.
pub(super) struct Decoded<'t> {
    pub(super) text: Cow<'t, str>,
    /// Behind each character that was written in more bytes than it has: its end in the text, and in the string.
    jumps: Vec<(usize, usize)>,
}

impl<'t> Decoded<'t> {
    /// Decodes; what is no escape and what is no UTF-8 are U+FFFD.
    pub(super) fn of(raw: &'t [u8]) -> Self {
        if let (None, Ok(text)) = (memchr(b'\\', raw), std::str::from_utf8(raw)) {
            return Decoded { text: Cow::Borrowed(text), jumps: Vec::new() };
        }
        let mut text = String::with_capacity(raw.len());
        let mut jumps = Vec::new();
        let mut at = 0;
        while at < raw.len() {
            let run = memchr(b'\\', &raw[at..]).unwrap_or(raw.len() - at);
            for chunk in raw[at..at + run].utf8_chunks() {
                text.push_str(chunk.valid());
                at += chunk.valid().len() + chunk.invalid().len();
                if !chunk.invalid().is_empty() {
                    text.push(char::REPLACEMENT_CHARACTER);
                    jumps.push((text.len(), at));
                }
            }
            if at < raw.len() {
                let (c, length) = escape(&raw[at..]);
                at += length;
                text.push(c);
                jumps.push((text.len(), at));
            }
        }
        Decoded { text: Cow::Owned(text), jumps }
    }

    /// Where in the string the character at `at` of the text begins.
    fn raw_at(&self, at: usize) -> usize {
        match self.jumps.partition_point(|(text, _)| *text <= at).checked_sub(1) {
            None => at,
            Some(index) => self.jumps[index].1 + at - self.jumps[index].0,
        }
    }
}

/// The character of the escape that the bytes begin with, and its length.
fn escape(bytes: &[u8]) -> (char, usize) {
    let c = match bytes.get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(bytes),
        // The backslash alone; what follows is read for itself.
        _ => return (char::REPLACEMENT_CHARACTER, 1),
    };
    (c, 2)
}

fn unicode_escape(bytes: &[u8]) -> (char, usize) {
    let Some(first) = unit(bytes) else { return (char::REPLACEMENT_CHARACTER, 1) };
    if let Some(c) = char::from_u32(u32::from(first)) {
        return (c, 6);
    }
    match unit(&bytes[6..]).map(|second| char::decode_utf16([first, second]).next()) {
        Some(Some(Ok(c))) => (c, 12),
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}

/// The code unit of `\uXXXX`.
fn unit(bytes: &[u8]) -> Option<u16> {
    let hex = bytes.strip_prefix(b"\\u")?.get(..4)?;
    let digit = |unit: u16, byte: &u8| Some(unit << 4 | char::from(*byte).to_digit(16)? as u16);
    hex.iter().try_fold(0, digit)
}
