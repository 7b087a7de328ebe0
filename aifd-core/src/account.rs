//! What one request is charged: its places and tokens are held from when it is let in, and settled at its end.

use crate::{
    exchange::End,
    key::ActiveKey,
    ledger::{Entry, Ledger, Tokens},
    limit::{Entered, Reservation},
    upstream::body::LateFields,
    usage::{Observed, Usage, UsageReader},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::sync::Arc;

/// What one request is charged. Small and boxed, since most requests of a plain gateway have none.
pub(crate) struct Account {
    ledger: Option<Arc<Ledger>>,
    /// The forward key that it is counted for.
    key: Option<Arc<ActiveKey>>,
    /// Places among the requests under way; given back when this is dropped.
    _entered: Entered,
    pub(crate) reservation: Option<Reservation>,
    pub(crate) model: Option<Box<str>>,
    /// Tokens of the prompt, estimated.
    pub(crate) prompt: u64,
    /// Tells the model of a body that was not held.
    pub(crate) late: Option<Arc<LateFields>>,
    reader: Option<Box<UsageReader>>,
}

/// How a request ended, as far as its charge depends on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) end: End,
    /// Whether the upstream was asked.
    pub(crate) asked: bool,
    /// The status of the upstream's answer, if one began.
    pub(crate) answered: Option<StatusCode>,
}

impl Account {
    pub(crate) fn new(ledger: Option<Arc<Ledger>>, key: Option<Arc<ActiveKey>>, entered: Entered) -> Self {
        Account {
            ledger,
            key,
            _entered: entered,
            reservation: None,
            model: None,
            prompt: 0,
            late: None,
            reader: None,
        }
    }

    /// Whether anybody counts what the answer uses.
    pub(crate) fn counts_usage(&self) -> bool {
        self.reservation.is_some() || (self.key.is_some() && self.ledger.is_some())
    }

    /// The upstream's answer begins: from now on its usage is looked for, if anybody counts it.
    pub(crate) fn answers(&mut self, headers: &HeaderMap) {
        if self.counts_usage() {
            let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
            let reader = UsageReader::new(text(header::CONTENT_TYPE), text(header::CONTENT_ENCODING));
            self.reader = Some(Box::new(reader));
        }
    }

    /// A piece of the answer passes.
    pub(crate) fn passes(&mut self, data: &[u8]) {
        if let Some(reader) = &mut self.reader {
            reader.push(data);
        }
    }

    /// Settles everything; called once.
    pub(crate) fn close(&mut self, outcome: Outcome) {
        let observed = self.reader.take().map(|reader| reader.finish()).unwrap_or_default();
        if let Some(reservation) = self.reservation.take() {
            reservation.settle(charge(outcome, &observed, self.prompt));
        }
        let (Some(key), Some(ledger), true) = (&self.key, &self.ledger, outcome.asked) else { return };
        let late = self.late.take().and_then(|late| late.model()).map(String::into_boxed_str);
        let model = self.model.take().or(late);
        let good = outcome.answered.is_some_and(|status| status.as_u16() < 400);
        ledger.count(Entry {
            key: Some(key.id()),
            model: model.as_deref(),
            failed: !good || outcome.end == End::Failed,
            tokens: observed.usage.map(|usage| {
                let usage = told(usage, outcome, &observed);
                Tokens { prompt: usage.prompt, completion: usage.completion }
            }),
        });
    }
}

/// The tokens that a request is charged, by how it ended:
///
/// | end | answer | charged |
/// |---|---|---|
/// | refused, or the caller left before the upstream was asked | – | nothing |
/// | the caller left before the first byte | – | the prompt, estimated: the upstream had it |
/// | upstream error or timeout before the first byte | – | nothing |
/// | any | 400 or more | what its usage says, else nothing |
/// | complete | below 400 | what its usage says, else prompt and answer, estimated |
/// | the caller left, the upstream broke off or fell silent in the middle | below 400 | what its usage says so far, and at least what was seen of the answer |
pub(crate) fn charge(outcome: Outcome, observed: &Observed, prompt: u64) -> u64 {
    if let Some(usage) = observed.usage {
        return told(usage, outcome, observed).total;
    }
    match outcome.answered {
        _ if !outcome.asked => 0,
        None if outcome.end == End::Cancelled => prompt,
        None => 0,
        Some(status) if status.as_u16() >= 400 => 0,
        Some(_) => prompt.saturating_add(observed.answer_estimate),
    }
}

/// A usage as it was told; that of a broken answer is completed by what was seen of it.
fn told(usage: Usage, outcome: Outcome, observed: &Observed) -> Usage {
    if outcome.end == End::Complete || observed.answer_estimate <= usage.completion {
        return usage;
    }
    let completion = observed.answer_estimate;
    Usage { completion, total: usage.prompt.saturating_add(completion), ..usage }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_charged_depends_on_how_a_request_ended() {
        let usage = |prompt, completion| Some(Usage { prompt, completion, total: prompt + completion });
        let (complete, failed, left) = (End::Complete, End::Failed, End::Cancelled);
        for (what, end, asked, status, told, seen, charged) in [
            ("refused", failed, false, None, None, 0, 0),
            ("left before the upstream was asked", left, false, None, None, 0, 0),
            ("left before the first byte", left, true, None, None, 0, 10),
            ("upstream error or timeout before the first byte", failed, true, None, None, 0, 0),
            ("an error as the answer", complete, true, Some(500), None, 0, 0),
            ("an error that tells usage", complete, true, Some(400), usage(3, 0), 0, 3),
            ("complete with usage", complete, true, Some(200), usage(8, 5), 7, 13),
            ("complete without usage", complete, true, Some(200), None, 7, 17),
            ("left in the middle", left, true, Some(200), None, 4, 14),
            (
                "left in the middle of an answer that told its prompt",
                left,
                true,
                Some(200),
                usage(8, 1),
                4,
                12,
            ),
            ("left after usage was told", left, true, Some(200), usage(8, 5), 4, 13),
            ("upstream broke off or fell silent", failed, true, Some(200), None, 4, 14),
        ] {
            let status = status.map(|status| StatusCode::from_u16(status).unwrap());
            let outcome = Outcome { end, asked, answered: status };
            let observed = Observed { usage: told, answer_estimate: seen, ..Observed::default() };
            assert_eq!(charge(outcome, &observed, 10), charged, "{what}");
        }
    }
}
