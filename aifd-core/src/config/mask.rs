//! How names and values are shown: without credentials, without control characters, and short.

use super::{
    node::{Node, Value},
    problem::Found,
};
use crate::secret::Secret;

/// Characters of a value that a message shows.
const MAX_SHOWN: usize = 60;

/// Text fit for a terminal.
pub(super) fn shown(text: &str) -> String {
    let mut out: String = text.chars().take(MAX_SHOWN).flat_map(printable).collect();
    if text.chars().nth(MAX_SHOWN).is_some() {
        out.push('…');
    }
    out
}

fn printable(c: char) -> impl Iterator<Item = char> {
    let (escaped, kept) = if c.is_control() { (Some(c.escape_default()), None) } else { (None, Some(c)) };
    escaped.into_iter().flatten().chain(kept)
}

/// A name that nobody knows, which may be a key in the wrong place.
pub(super) fn name(text: &str) -> String {
    let credential = ["sk-", "fk-", "Bearer "].iter().any(|prefix| text.starts_with(prefix));
    match credential || text.chars().count() > 40 {
        true => Secret::new(text).to_string(),
        false => shown(text),
    }
}

/// A URL without its user name, its password and its query.
pub(crate) fn url(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    // Up to the last `@`, wherever that stands: a password may hold `/`, `?` and `#` that nobody encoded.
    let (credentials, rest) = match rest.rsplit_once('@') {
        Some((_, rest)) => ("…@", rest),
        None => ("", rest),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let (path, query) = match path.find(['?', '#']) {
        Some(at) => (&path[..at], "?…"),
        None => (path, ""),
    };
    let scheme = if scheme.is_empty() { String::new() } else { format!("{scheme}://") };
    shown(&format!("{scheme}{credentials}{host}{path}{query}"))
}

/// What stands at a node.
pub(super) fn found(node: &Node) -> Found {
    match &node.value {
        Value::Null => Found::Nothing,
        Value::Scalar(scalar) if scalar.hidden => Found::Hidden,
        Value::Scalar(scalar) if scalar.text.trim().is_empty() => Found::Nothing,
        Value::Scalar(scalar) if scalar.text.contains("://") => Found::Text(url(scalar.text.trim())),
        Value::Scalar(scalar) => Found::Text(name(scalar.text.trim())),
        Value::List(_) => Found::List,
        Value::Map(_) => Found::Map,
    }
}

#[cfg(test)]
mod tests {
    use super::url;

    #[test]
    fn addresses_are_shown_without_what_is_secret_in_them() {
        let cases = [
            ("https://api.openai.com/v1", "https://api.openai.com/v1"),
            ("http://user:word@host:1/path", "http://…@host:1/path"),
            ("redis://:wo/rd@host:6379/0", "redis://…@host:6379/0"),
            ("redis://:wo?r#d@host", "redis://…@host"),
            ("redis://:wo@rd@host", "redis://…@host"),
            ("https://host/path?key=word", "https://host/path?…"),
            ("host/path#word", "host/path?…"),
        ];
        for (text, shown) in cases {
            assert_eq!(url(text), shown, "{text}");
        }
    }
}
