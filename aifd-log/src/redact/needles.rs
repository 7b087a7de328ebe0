//! Looks for many fixed texts at once.

use super::RedactError;
use aho_corasick::{AhoCorasick, Input, MatchKind, Span, packed};
use std::ops::Range;

/// A set of texts that are looked for together.
pub(super) enum Needles {
    /// As many as a vector register can hold apart: a tenth of the time.
    Few(packed::Searcher),
    Many(AhoCorasick),
}

impl Needles {
    /// # Errors
    /// They are more than can be looked for.
    pub(super) fn new<N: AsRef<[u8]>>(needles: &[N]) -> Result<Self, RedactError> {
        let few = packed::Config::new()
            .match_kind(packed::MatchKind::LeftmostLongest)
            .builder()
            .extend(needles)
            .build();
        if let Some(few) = few {
            return Ok(Needles::Few(few));
        }
        let many = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(needles);
        Ok(Needles::Many(many.map_err(RedactError::Secrets)?))
    }

    /// The first one at or behind `from`; of several that begin there, the longest.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        let span = Span { start: from, end: text.len() };
        let found = match self {
            Needles::Few(few) => few.find_in(text, span),
            Needles::Many(many) => many.find(Input::new(text).span(span)),
        };
        found.map(|it| it.range())
    }

    /// Whether one is where a word may begin, the text being decoded or with its escapes.
    pub(super) fn begin_a_word_in(&self, text: &[u8]) -> bool {
        let mut from = 0;
        while let Some(found) = self.find(text, from) {
            if may_begin_word(&text[..found.start]) {
                return true;
            }
            from = found.start + 1;
        }
        false
    }
}

/// Whether a word may begin behind the text: a letter or digit at its end may also be the end of an escape.
fn may_begin_word(before: &[u8]) -> bool {
    match before {
        [.., b'\\', b'b' | b'f' | b'n' | b'r' | b't'] => true,
        [.., b'\\', b'u', _, _, _, _] => true,
        [.., last] => !last.is_ascii_alphanumeric(),
        [] => true,
    }
}
