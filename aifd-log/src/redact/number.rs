//! Numbers of JSON texts that may be those of a card or a phone.

use super::{Redactor, digits};
use std::ops::Range;

/// Digits that a number has at least to be looked at.
const MIN_DIGITS: usize = 7;

impl Redactor {
    /// What stands in the place of a number, if it is to be taken out.
    pub fn redact_number(&self, number: &str) -> Option<&'static str> {
        let found = is_plain(number.as_bytes()).then(|| self.number_label(number, 0))?;
        found.map(|label| label.marker())
    }
}

/// Tells each number in a part of a JSON text that is outside of strings, but for short ones and those with exponents.
pub(super) fn each(json: &[u8], part: Range<usize>, on: &mut dyn FnMut(Range<usize>, &str)) {
    let mut at = part.start;
    while let Some(first) = digits::next(&json[..part.end], at, u8::is_ascii_digit) {
        let start = first - usize::from(json[part.start..first].ends_with(b"-"));
        let word = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-' | b'_');
        at = first + json[first..part.end].iter().take_while(word).count();
        let alone = json[part.start..start]
            .last()
            .is_none_or(|before| before.is_ascii_whitespace() || b"[{:,".contains(before));
        if let (true, true, Ok(text)) =
            (alone, is_plain(&json[start..at]), std::str::from_utf8(&json[start..at]))
        {
            on(start..at, text);
        }
    }
}

/// Whether it is a number without an exponent, and long enough.
fn is_plain(number: &[u8]) -> bool {
    let number = number.strip_prefix(b"-").unwrap_or(number);
    digits::at_least(number, MIN_DIGITS) && number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

/// Whether a number stands between commas so close that a list of them looks like one of another kind.
pub(super) fn stand_close(json: &[u8]) -> bool {
    let mut from = 0;
    while let Some(comma) = memchr::memchr(b',', &json[from..]).map(|offset| from + offset) {
        let before =
            json[..comma].iter().rev().take_while(|byte| byte.is_ascii_digit()).take(MIN_DIGITS).count();
        let after =
            json[comma + 1..].iter().take_while(|byte| byte.is_ascii_digit()).take(MIN_DIGITS).count();
        if before.min(after) > 0 && before.max(after) == MIN_DIGITS {
            return true;
        }
        from = comma + 1;
    }
    false
}
