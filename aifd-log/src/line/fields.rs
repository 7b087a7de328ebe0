//! Writes a dict or an object, field by field, in either notation.

use crate::{
    literal::{self, Dialect, Layout},
    record::Raw,
};
use std::io::Write;

/// A dict under way.
pub(super) struct Dict<'o> {
    out: &'o mut Vec<u8>,
    dialect: Dialect,
    empty: bool,
}

impl<'o> Dict<'o> {
    pub(super) fn begin(out: &'o mut Vec<u8>, dialect: Dialect) -> Self {
        out.push(b'{');
        Dict { out, dialect, empty: true }
    }

    pub(super) fn end(self) {
        self.out.push(b'}');
    }

    /// A line ends with the dict.
    pub(super) fn end_line(self) {
        self.out.extend_from_slice(b"}\n");
    }

    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        let python = self.dialect == Dialect::Python;
        if !std::mem::take(&mut self.empty) {
            self.out.extend_from_slice(if python { b", " } else { b"," });
        }
        // Most are words of our own.
        if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            let quote = if python { b'\'' } else { b'"' };
            self.out.push(quote);
            self.out.extend_from_slice(name.as_bytes());
            self.out.push(quote);
        } else {
            push_text(name, self.dialect, self.out);
        }
        self.out.extend_from_slice(if python { b": " } else { b":" });
        self.out
    }

    /// A JSON value.
    pub(super) fn raw(&mut self, name: &str, json: &[u8]) {
        let dialect = self.dialect;
        push_value(json, dialect, self.name(name));
    }

    /// A JSON value, or null.
    pub(super) fn maybe(&mut self, name: &str, json: Option<&Raw<'_>>) {
        self.raw(name, json.map_or(b"null", |json| json));
    }

    /// A JSON value, if there is one.
    pub(super) fn if_any(&mut self, name: &str, json: Option<&Raw<'_>>) {
        if let Some(json) = json.filter(|json| &json[..] != b"null") {
            self.raw(name, json);
        }
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        let dialect = self.dialect;
        push_text(text, dialect, self.name(name));
    }

    pub(super) fn maybe_text(&mut self, name: &str, text: Option<&str>) {
        match text {
            Some(text) => self.text(name, text),
            None => self.raw(name, b"null"),
        }
    }

    pub(super) fn truth(&mut self, name: &str, truth: bool) {
        self.raw(name, if truth { b"true" } else { b"false" });
    }

    /// A number as it prints: `12.345` and `12.0` are the same in both notations.
    pub(super) fn number(&mut self, name: &str, number: impl std::fmt::Debug) {
        // Writing to memory does not fail.
        let _ = write!(self.name(name), "{number:?}");
    }

    /// A dict within this one.
    pub(super) fn dict(&mut self, name: &str, fill: impl FnOnce(&mut Dict<'_>)) {
        let dialect = self.dialect;
        let mut inner = Dict::begin(self.name(name), dialect);
        fill(&mut inner);
        inner.end();
    }

    /// A list of dicts.
    pub(super) fn dicts<T>(&mut self, name: &str, items: &[T], fill: impl Fn(&mut Dict<'_>, &T)) {
        let dialect = self.dialect;
        let out = self.name(name);
        out.push(b'[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                out.extend_from_slice(if dialect == Dialect::Python { b", " } else { b"," });
            }
            let mut inner = Dict::begin(out, dialect);
            fill(&mut inner, item);
            inner.end();
        }
        out.push(b']');
    }
}

/// A JSON value in either notation; what neither can hold, since it is nested too deep or no JSON, as its text.
fn push_value(json: &[u8], dialect: Dialect, out: &mut Vec<u8>) {
    let short: &[u8] = match (json, dialect) {
        (b"null", Dialect::Python) => b"None",
        (b"true", Dialect::Python) => b"True",
        (b"false", Dialect::Python) => b"False",
        (b"null" | b"true" | b"false" | b"0" | b"1", _) => json,
        _ => b"",
    };
    if !short.is_empty() {
        return out.extend_from_slice(short);
    }
    let start = out.len();
    let pushed = match dialect {
        Dialect::Python => literal::to_python(json, Dialect::Json, out),
        Dialect::Json => literal::to_json(json, Dialect::Json, Layout::Compact, out),
    };
    if pushed.is_err() {
        out.truncate(start);
        push_text(&String::from_utf8_lossy(json), dialect, out);
    }
}

fn push_text(text: &str, dialect: Dialect, out: &mut Vec<u8>) {
    match dialect {
        Dialect::Python => literal::push_python_text(text, out),
        Dialect::Json => literal::push_json_text(text, out),
    }
}
