//! Puts something else in the place of parts of a text.

use super::{Label, escaped, find::Span, json::Decoded};
use std::ops::Range;

/// A part of a text, and what is put there.
#[derive(Debug)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) with: Vec<u8>,
}

impl Edit {
    pub(super) fn span(span: Span) -> Self {
        Edit { range: span.start..span.end, with: span.label.marker().into() }
    }

    /// A number becomes a string, so that what it stands in stays JSON.
    pub(super) fn number(range: Range<usize>, label: Label) -> Self {
        Edit { range, with: format!("\"{}\"", label.marker()).into() }
    }

    /// The same in the string that the text was decoded from.
    pub(super) fn within(self, decoded: &Decoded<'_>) -> Self {
        let range = decoded.raw_at(self.range.start)..decoded.raw_at(self.range.end);
        Edit { range, with: escaped(&String::from_utf8_lossy(&self.with)).into() }
    }
}

/// The text with all of these, which are in order.
pub(super) fn applied(text: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut from = 0;
    for edit in edits {
        out.extend_from_slice(&text[from..edit.range.start]);
        out.extend_from_slice(&edit.with);
        from = edit.range.end;
    }
    out.extend_from_slice(&text[from..]);
    out
}
