//! The counts of tokens in a usage object, by whatever names an API has for them.

use super::Usage;
use crate::json::{self, Fields, Path, Paths, Raw, Take};

/// Counts told so far: a later one replaces an earlier, but a 0 replaces nothing, since some events carry zeros for
/// what an earlier one told.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts([u64; LIST.len()]);

const LIST: &[Path] = &[
    &["prompt_tokens"],
    &["input_tokens"],
    &["cache_creation_input_tokens"],
    &["cache_read_input_tokens"],
    &["promptTokenCount"],
    &["toolUsePromptTokenCount"],
    &["completion_tokens"],
    &["output_tokens"],
    &["candidatesTokenCount"],
    &["thoughtsTokenCount"],
    &["total_tokens"],
    &["totalTokenCount"],
];

static PATHS: Paths = Paths::new(LIST);

/// Where in [`LIST`] the counts of answers and of totals begin.
const COMPLETION: usize = 6;
const TOTAL: usize = 10;

impl Counts {
    /// Takes the counts of a usage object; whether it had any.
    pub(super) fn take(&mut self, object: &[u8]) -> bool {
        let mut found = Found { counts: self, any: false };
        let mut fields = Fields::new(&PATHS);
        let read = fields.push(object, &mut found).is_ok();
        read && found.any
    }

    /// What they come to. One API has only some of them, so they add up.
    pub(super) fn usage(&self) -> Usage {
        let sum = |part: &[u64]| part.iter().fold(0_u64, |sum, count| sum.saturating_add(*count));
        let (prompt, completion) = (self.either(0, 1), self.either(COMPLETION, COMPLETION + 1));
        let prompt = prompt.saturating_add(sum(&self.0[2..COMPLETION]));
        let completion = completion.saturating_add(sum(&self.0[COMPLETION + 2..TOTAL]));
        let total = match sum(&self.0[TOTAL..]) {
            0 => prompt.saturating_add(completion),
            told => told,
        };
        Usage { prompt, completion, total }
    }

    /// Two names of one count, which some servers give both.
    fn either(&self, one: usize, other: usize) -> u64 {
        self.0[one].max(self.0[other])
    }
}

struct Found<'a> {
    counts: &'a mut Counts,
    any: bool,
}

impl Take for Found<'_> {
    fn field(&mut self, index: usize, raw: Raw<'_>) {
        let Raw::Whole(raw) = raw else { return };
        let Some(number) = json::whole_number(raw) else { return };
        self.any = true;
        if number > 0 {
            self.counts.0[index] = number;
        }
    }
}
