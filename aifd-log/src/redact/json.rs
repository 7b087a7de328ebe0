//! Redacts the strings and numbers of a JSON text where they stand; everything else stays byte for byte.

use super::{
    Label, Redactor,
    edit::{self, Edit},
    nested::{self, MAX_DEPTH},
    number,
};
use memchr::{memchr, memchr2, memmem};
use std::borrow::Cow;

impl Redactor {
    /// The JSON text without what is to be taken out of its strings, keys too, and of its numbers; borrowed if nothing
    /// was. Strings that are JSON themselves are redacted as such; a number becomes a string.
    /// Own expressions are not looked for in keys and in the values of `role`.
    ///
    /// A text that is not JSON is not refused: whatever stands between quotes is taken for a string.
    pub fn redact_json<'t>(&self, json: &'t [u8]) -> Cow<'t, [u8]> {
        if !self.may_match_json(json) {
            return Cow::Borrowed(json);
        }
        match self.json_edits(json, 0, 0) {
            edits if edits.is_empty() => Cow::Borrowed(json),
            edits => Cow::Owned(edit::applied(json, &edits)),
        }
    }

    /// What is to be put where in a JSON text, which stands in so many strings of others.
    pub(super) fn json_edits(&self, json: &[u8], first_turn: usize, depth: usize) -> Vec<Edit> {
        let mut edits = Vec::new();
        let (mut at, mut field): (usize, &[u8]) = (0, b"");
        loop {
            let quote = memchr(b'"', &json[at..]).map_or(json.len(), |offset| at + offset);
            number::each(json, at..quote, &mut |range, text| {
                edits.extend(self.number_label(text, first_turn).map(|label| Edit::number(range, label)));
            });
            if quote == json.len() {
                return edits;
            }
            let start = quote + 1;
            let end = string_end(json, start);
            let names = json[(end + 1).min(json.len())..].trim_ascii_start().first() == Some(&b':');
            // Own expressions are for what is said: the names of fields, and whose message it is, hold it together.
            let holds = depth == 0 && (names || field == b"role");
            field = if names { &json[start..end] } else { b"" };
            let turn = first_turn.max(usize::from(holds));
            edits.extend(
                self.redact_string(&json[start..end], turn, depth)
                    .map(|with| Edit { range: start..end, with }),
            );
            at = (end + 1).min(json.len());
        }
    }

    /// As what a number is taken out, if it is.
    pub(super) fn number_label(&self, number: &str, turn: usize) -> Option<Label> {
        self.find(number, turn).into_iter().map(|span| span.label).min()
    }

    /// Whether a string or a number of the text may have a match, without looking for them.
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
    fn redact_string(&self, raw: &[u8], first_turn: usize, depth: usize) -> Option<Vec<u8>> {
        let mut redacted = Cow::Borrowed(raw);
        let mut is_json = depth < MAX_DEPTH && nested::may_be_json(raw);
        if is_json {
            let decoded = Decoded::of(raw);
            is_json = nested::is_json(&decoded.text);
            let text = if is_json { decoded.text.as_bytes() } else { b"" };
            let edits = self.json_edits(text, first_turn, depth + 1);
            if !edits.is_empty() {
                let edits: Vec<_> = edits.into_iter().map(|edit| edit.within(&decoded)).collect();
                redacted = Cow::Owned(edit::applied(raw, &edits));
            }
        }
        for turn in first_turn.. {
            let decoded = Decoded::of(&redacted);
            let spans = self.find_around(&decoded.text, turn, is_json);
            if spans.is_empty() {
                break;
            }
            is_json = false;
            let edits: Vec<_> = spans.into_iter().map(|span| Edit::span(span).within(&decoded)).collect();
            redacted = Cow::Owned(edit::applied(&redacted, &edits));
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
    pub(super) fn raw_at(&self, at: usize) -> usize {
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
