//! Counts, tokens and times of exchanges, summed by what is asked for.

mod times;

pub use times::Times;

use crate::exchange::{End, Exchange};
use std::collections::BTreeMap;

/// Sums that are held at most: callers choose the names of models. What is beyond is summed as [`OTHERS`].
pub const MOST_SUMS: usize = 10_000;

/// What stands in place of the labels of what is beyond [`MOST_SUMS`].
pub const OTHERS: &str = "(others)";

/// What stands where a log does not tell a label.
pub const UNKNOWN: &str = "-";

/// What exchanges can be summed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// The day of the request, by the clock of the log.
    Day,
    /// Id of the forward key.
    Key,
    /// The model asked for, or else the one that answered.
    Model,
    /// Prefix of the route.
    Route,
    /// Status of the answer.
    Status,
}

impl Label {
    /// All of them, in the order in which sums are sorted.
    pub const ALL: [Label; 5] = [Label::Day, Label::Key, Label::Model, Label::Route, Label::Status];

    fn of(self, exchange: &Exchange) -> String {
        let told = match self {
            Label::Day => exchange.datetime().and_then(|at| at.get(.."2026-11-23".len())),
            Label::Key => exchange.key(),
            Label::Model => exchange.model(),
            Label::Route => exchange.route(),
            Label::Status => {
                return exchange.status().map_or_else(|| UNKNOWN.to_owned(), |status| status.to_string());
            }
        };
        told.unwrap_or(UNKNOWN).to_owned()
    }
}

/// A sum.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sum {
    /// Requests and what came of them.
    pub exchanges: u64,
    /// Of these, those with a status of 400 or more, or broken off by the upstream.
    pub failed: u64,
    /// Those whose callers left.
    pub cancelled: u64,
    /// Tokens of what was asked.
    pub prompt_tokens: u64,
    /// Tokens of the answers.
    pub completion_tokens: u64,
    /// Both, as the providers counted.
    pub total_tokens: u64,
    /// Exchanges of which no usage is known.
    pub without_usage: u64,
    /// From the request's head to the answer's end.
    pub latency: Times,
    /// From the request's head to the answer's first byte.
    pub ttft: Times,
}

impl Sum {
    /// Adds an exchange; an outline is enough.
    pub fn add(&mut self, exchange: &Exchange) {
        let outcome = exchange.outcome();
        self.exchanges += 1;
        self.cancelled += u64::from(outcome == End::Cancelled);
        self.failed += u64::from(outcome == End::Failed);
        self.without_usage += u64::from(exchange.tokens().is_none());
        for (sum, tokens) in [
            (&mut self.prompt_tokens, exchange.prompt_tokens()),
            (&mut self.completion_tokens, exchange.completion_tokens()),
            (&mut self.total_tokens, exchange.tokens()),
        ] {
            *sum = sum.saturating_add(tokens.unwrap_or(0));
        }
        self.latency.add(exchange.latency_ms());
        self.ttft.add(exchange.ttft_ms());
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Sum) {
        self.exchanges += other.exchanges;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.without_usage += other.without_usage;
        self.prompt_tokens = self.prompt_tokens.saturating_add(other.prompt_tokens);
        self.completion_tokens = self.completion_tokens.saturating_add(other.completion_tokens);
        self.total_tokens = self.total_tokens.saturating_add(other.total_tokens);
        self.latency.merge(&other.latency);
        self.ttft.merge(&other.ttft);
    }
}

/// Sums by labels.
#[derive(Clone, Debug)]
pub struct Statistics {
    by: Vec<Label>,
    sums: BTreeMap<Vec<String>, Sum>,
}

impl Statistics {
    /// Nothing yet. Labels are put in the order of [`Label::ALL`], each once.
    pub fn new(mut by: Vec<Label>) -> Self {
        by.sort();
        by.dedup();
        Statistics { by, sums: BTreeMap::new() }
    }

    /// Adds an exchange; an outline is enough.
    pub fn add(&mut self, exchange: &Exchange) {
        let mut labels: Vec<String> = self.by.iter().map(|label| label.of(exchange)).collect();
        if self.sums.len() >= MOST_SUMS && !self.sums.contains_key(&labels) {
            labels.fill(OTHERS.to_owned());
        }
        self.sums.entry(labels).or_default().add(exchange);
    }

    /// What it is summed by.
    pub fn by(&self) -> &[Label] {
        &self.by
    }

    /// The sums with their labels, one for each of [`Statistics::by`], in their order.
    pub fn sums(&self) -> impl ExactSizeIterator<Item = (&[String], &Sum)> {
        self.sums.iter().map(|(labels, sum)| (labels.as_slice(), sum))
    }

    /// The sum of all.
    pub fn total(&self) -> Sum {
        let mut total = Sum::default();
        self.sums.values().for_each(|sum| total.merge(sum));
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn exchange(line: Value) -> Exchange {
        Exchange::of_json(line.as_object().unwrap().clone())
    }

    fn some() -> Vec<Exchange> {
        vec![
            exchange(
                json!({"datetime": "2026-11-23 18:42:43", "key": "key_1", "request": {"model": "b"}, "status": 200,
                "end": "complete", "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
                "latency_ms": 100, "ttft_ms": 10, "answer": {}}),
            ),
            exchange(
                json!({"datetime": "2026-11-24 00:00:00", "request": {"model": "a"}, "status": 429, "end": "complete"}),
            ),
            exchange(json!({"datetime": "2026-11-24 01:00:00", "request": {"model": "a"}, "status": 200,
                "end": "cancelled", "usage": {"input_tokens": 5, "output_tokens": 7}})),
            exchange(json!({"request": {}, "status": null, "end": "failed"})),
        ]
    }

    fn told(by: &[Label]) -> Vec<String> {
        let mut statistics = Statistics::new(by.to_vec());
        some().iter().for_each(|exchange| statistics.add(exchange));
        let line = |(labels, sum): (&[String], &Sum)| {
            let Sum {
                exchanges,
                failed,
                cancelled,
                prompt_tokens,
                completion_tokens,
                total_tokens,
                without_usage,
                ..
            } = sum;
            let tokens = format!("{prompt_tokens}+{completion_tokens}={total_tokens} -{without_usage}");
            format!("{} {exchanges} {failed} {cancelled} {tokens}", labels.join(","))
        };
        statistics.sums().map(line).collect()
    }

    #[test]
    fn sums_are_by_what_was_asked_for() {
        assert_eq!(told(&[Label::Model]), ["- 1 1 0 0+0=0 -1", "a 2 1 1 5+7=12 -1", "b 1 0 0 1+2=3 -0"]);
        assert_eq!(told(&[]), [" 4 2 1 6+9=15 -2"]);
        assert_eq!(
            told(&[Label::Status, Label::Day, Label::Status]),
            [
                "-,- 1 1 0 0+0=0 -1",
                "2026-11-23,200 1 0 0 1+2=3 -0",
                "2026-11-24,200 1 0 1 5+7=12 -0",
                "2026-11-24,429 1 1 0 0+0=0 -1"
            ]
        );
        assert_eq!(told(&[Label::Key, Label::Route]), ["-,- 3 2 1 5+7=12 -2", "key_1,- 1 0 0 1+2=3 -0"]);
    }

    #[test]
    fn names_beyond_the_bound_are_summed_together() {
        let mut statistics = Statistics::new(vec![Label::Model]);
        for number in 0..MOST_SUMS + 5 {
            let model = format!("m{number}");
            statistics.add(&exchange(json!({"request": {"model": model}, "answer": {}})));
        }
        statistics.add(&exchange(json!({"request": {"model": "m0"}, "answer": {}})));
        let others = statistics.sums().find(|(labels, _)| labels[0] == OTHERS).unwrap();
        assert_eq!((statistics.sums().len(), others.1.exchanges), (MOST_SUMS + 1, 5));
        assert_eq!(statistics.total().exchanges, MOST_SUMS as u64 + 6);
    }
}
