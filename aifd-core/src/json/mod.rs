//! JSON that is looked into while it passes: a strict scanner, and the values at chosen paths.
//!
//! What is accepted here is RFC 8259 to the letter, so that every parser reads it in the same way: no byte order
//! mark, no trailing commas, no control characters in strings, nothing that is not UTF-8, nothing behind the value.
//! Nothing of a text is kept but what was chosen; memory and time per byte do not depend on its length.

mod digits;
mod fields;
mod scan;
mod utf8;

pub(crate) use fields::{Fields, ITEM, Path, Paths, Raw, Take};
pub(crate) use scan::{Kind, MAX_DEPTH, Scanner, Visit};

/// What ends a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JsonFault {
    /// Not JSON.
    #[error("not JSON at byte {offset}")]
    Syntax {
        /// Bytes before the first that cannot be; the length of the text if that ends too early.
        offset: u64,
    },
    /// Arrays and objects within each other beyond [`MAX_DEPTH`].
    #[error("JSON nested deeper than {MAX_DEPTH}")]
    TooDeep,
}

/// The text of a string, given with its quotes, escapes resolved; `None` if it is none, or has half
/// of a surrogate pair.
pub(crate) fn unescape(raw: &[u8]) -> Option<String> {
    serde_json::from_slice(raw).ok()
}

/// A number that is not negative, its fraction cut off; larger ones become the largest.
pub(crate) fn whole_number(raw: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(raw).ok()?;
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    // As `as` converts: what is too large becomes the largest.
    let number: f64 = text.parse().ok()?;
    (number >= 0.0 && text.starts_with(|c: char| c.is_ascii_digit())).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_counts() {
        for (raw, expected) in [
            ("12", Some(12)),
            ("1e3", Some(1000)),
            ("2.9", Some(2)),
            ("18446744073709551616", Some(u64::MAX)),
            ("1e999", Some(u64::MAX)),
            ("-1", None),
            ("null", None),
            ("\"7\"", None),
        ] {
            assert_eq!(whole_number(raw.as_bytes()), expected, "{raw}");
        }
    }

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(unescape(br#""a\u00e4\n\ud83d\ude00""#).as_deref(), Some("aä\n😀"));
        assert_eq!(unescape(br#""\ud83d""#), None);
        assert_eq!(unescape(b"1"), None);
    }
}
