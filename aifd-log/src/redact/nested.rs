//! Texts that are JSON themselves, as the arguments of tool calls are: they are redacted by what they say.

use super::{Label, Redactor, find::Span};
use crate::literal::{self, Dialect};

/// Texts within texts that are read as JSON. What is nested deeper is redacted as it is spelled.
pub(super) const MAX_DEPTH: usize = 4;

/// Whether what stands between the quotes of a string begins like JSON, or with an escape.
pub(super) fn may_be_json(raw: &[u8]) -> bool {
    matches!(raw.trim_ascii_start().first(), Some(b'{' | b'[' | b'\\'))
}

/// Whether a text is a JSON object or array.
pub(super) fn is_json(text: &str) -> bool {
    let text = text.trim_ascii().as_bytes();
    match (text.first(), text.last()) {
        (Some(b'{'), Some(b'}')) => literal::fields(text, Dialect::Json, &mut |_, _| {}).is_ok(),
        (Some(b'['), Some(b']')) => literal::items(text, Dialect::Json, &mut |_| {}).is_ok(),
        _ => false,
    }
}

impl Redactor {
    /// What is to be taken out of a text. Of one that is JSON, whose strings and numbers were looked at, it is what
    /// reaches beyond them, such as a name and its value, and secrets, however they are spelled.
    pub(super) fn find_around(&self, text: &str, turn: usize, is_json: bool) -> Vec<Span> {
        let mut spans = self.find(text, turn);
        if is_json {
            spans.retain(|span| span.label == Label::Key || has_bare_quote(text, span));
        }
        spans
    }
}

/// Whether a string of the JSON text begins or ends within the span.
fn has_bare_quote(text: &str, span: &Span) -> bool {
    let bytes = text.as_bytes();
    let is_bare = |at: usize| bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0;
    (span.start..span.end).any(|at| bytes[at] == b'"' && is_bare(at))
}
