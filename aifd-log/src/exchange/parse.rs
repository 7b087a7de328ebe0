//! Lines of text into fields and back.

use super::Fields;
use crate::literal::{self, Dialect, Fault, Layout};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why a line has no fields.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// It is no literal.
    #[error(transparent)]
    Literal(#[from] Fault),
    /// It is no dict or object.
    #[error("no dict or object: {0}")]
    NoFields(#[from] serde_json::Error),
}

/// The fields of a line. What JSON cannot hold becomes what comes next to it: half a surrogate pair U+FFFD, `inf` and
/// `nan` null, whole numbers of more than 64 bits floats, numbers beyond all floats texts, tuples and sets lists.
///
/// # Errors
/// When the line is no dict or object.
pub fn parse(line: &[u8], dialect: Dialect) -> Result<Fields, ParseError> {
    Ok(parse_mended(line, dialect)?.value)
}

/// What was read.
#[derive(Debug)]
pub struct Mended<T> {
    /// What the text says.
    pub value: T,
    /// Whether it had half a surrogate pair, which is U+FFFD now.
    pub halves: bool,
}

/// The same for a value of any type.
pub(crate) fn value(text: &[u8], dialect: Dialect) -> Result<Value, ParseError> {
    Ok(parse_mended(text, dialect)?.value)
}

/// The same, and whether there was half a surrogate pair.
pub(crate) fn parse_mended<T: DeserializeOwned>(
    text: &[u8],
    dialect: Dialect,
) -> Result<Mended<T>, ParseError> {
    let mut json = Vec::with_capacity(text.len());
    literal::to_json(text, dialect, Layout::Compact, &mut json)?;
    let halves = mend(&mut json);
    let value = match values(&json) {
        Ok(values) => values,
        Err(_) => {
            quote_numbers(&mut json);
            values(&json)?
        }
    };
    Ok(Mended { value, halves })
}

fn values<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    let mut values = serde_json::Deserializer::from_slice(json);
    // The literal's own bound is what keeps this one.
    values.disable_recursion_limit();
    T::deserialize(&mut values)
}

/// Makes texts of the numbers that no float can hold.
fn quote_numbers(json: &mut Vec<u8>) {
    let (mut quoted, mut rest) = (Vec::with_capacity(json.len() + 2), json.as_slice());
    while let Some(first) = rest.first() {
        let length = match first {
            b'"' => text_length(rest),
            b'-' | b'0'..=b'9' => rest.iter().take_while(|byte| b"+-.eE0123456789".contains(byte)).count(),
            _ => 1,
        };
        let (token, behind) = rest.split_at(length);
        let number = matches!(first, b'-' | b'0'..=b'9');
        let finite =
            || std::str::from_utf8(token).ok()?.parse::<f64>().ok().filter(|number| number.is_finite());
        if number && finite().is_none() {
            quoted.push(b'"');
            quoted.extend_from_slice(token);
            quoted.push(b'"');
        } else {
            quoted.extend_from_slice(token);
        }
        rest = behind;
    }
    *json = quoted;
}

/// Bytes of the text that begins here, quotes included.
fn text_length(json: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = json.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if json[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    json.len()
}

/// Puts U+FFFD in the place of half surrogate pairs, and says whether there were any; whole ones are no escapes any
/// more.
fn mend(json: &mut Vec<u8>) -> bool {
    if memchr::memmem::find(json, br"\ud").is_none() {
        return false;
    }
    let mut halves = false;
    let (mut mended, mut rest) = (Vec::with_capacity(json.len()), json.as_slice());
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (before, escape) = rest.split_at(at);
        mended.extend_from_slice(before);
        let half =
            matches!(escape, [_, b'u', b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', _, _, ..]);
        halves |= half;
        let length = if half { 6 } else { 2.min(escape.len()) };
        mended.extend_from_slice(if half { "\u{fffd}".as_bytes() } else { &escape[..length] });
        rest = &escape[length..];
    }
    mended.extend_from_slice(rest);
    *json = mended;
    halves
}

/// Appends fields as a Python literal, in one line without its end.
pub fn push_python(fields: &Fields, line: &mut Vec<u8>) {
    let json = serde_json::to_vec(fields).unwrap_or_default();
    let begin = line.len();
    if literal::to_python(&json, Dialect::Json, line).is_err() {
        // Deeper than any literal may be: better an empty line than half of one.
        line.truncate(begin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> String {
        parse(line.as_bytes(), literal::dialect(line.as_bytes()))
            .map_or_else(|error| format!("! {error}"), |fields| serde_json::to_string(&fields).unwrap())
    }

    #[test]
    fn what_python_can_say_and_json_cannot_becomes_what_comes_next_to_it() {
        for (line, expected) in [
            (
                r"{'a': '\ud83d', 'b': '\\ud83d', 'c': '\U0001f600\udc00x'}",
                "{\"a\":\"\u{fffd}\",\"b\":\"\\\\ud83d\",\"c\":\"\u{1f600}\u{fffd}x\"}",
            ),
            (
                "{'a': inf, 'b': (1, 2), 'c': {3}, 'd': 1e22, 'e': b'x'}",
                r#"{"a":null,"b":[1,2],"c":[3],"d":1e+22,"e":"x"}"#,
            ),
            (r#"{"a": "\ud83d\ude00", "b": true}"#, "{\"a\":\"\u{1f600}\",\"b\":true}"),
            ("{'a': None, 'b': False}", r#"{"a":null,"b":false}"#),
        ] {
            assert_eq!(parsed(line), expected, "{line}");
        }
        for line in ["", "{", "[1]", "{'a': }", "text", "{'a': 1} x"] {
            assert!(parsed(line).starts_with('!'), "{line}: {}", parsed(line));
        }
    }

    #[test]
    fn deep_values_are_read_and_written_to_the_bound() {
        let nested = |depth: usize| format!("{{'a': {}{}}}", "[".repeat(depth), "]".repeat(depth));
        let deep = nested(literal::MAX_DEPTH - 1);
        let fields = parse(deep.as_bytes(), Dialect::Python).unwrap();
        let mut line = Vec::new();
        push_python(&fields, &mut line);
        assert_eq!(String::from_utf8(line).unwrap(), deep);
        assert!(parse(nested(literal::MAX_DEPTH).as_bytes(), Dialect::Python).is_err());
    }
}
