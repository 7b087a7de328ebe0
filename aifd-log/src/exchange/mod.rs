//! One exchange as a tree: what was asked, what was answered, and what is known of both.

mod anthropic;
mod conversation;
mod json;
mod parse;
mod python;
mod redacted;
mod responses;

pub use crate::record::End;
pub use conversation::{Conversation, text};
pub use parse::{Mended, ParseError, parse, push_python};
pub(crate) use parse::{parse_mended, value};
pub(crate) use python::is_role;

use crate::Kind;
use serde_json::{Map, Value};

/// Fields of an object, in their order.
pub type Fields = Map<String, Value>;

/// A request and its answer, as the lines of a log or the rows of a dataset tell them.
///
/// What a log does not tell is absent and stays so: an exchange that was read from a line gives that line again.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// What joins its lines.
    pub uid: String,
    /// What it was about.
    pub kind: Kind,
    /// `datetime`, `ip`, `route`, `key`, `caching`, and `body_bytes` of a body that was too long to be logged whole.
    pub head: Fields,
    /// What was asked: the fields of the body. A body that is no object stands under `body`; of general requests, it
    /// stands under `payload`, beside `method` and `path`.
    pub request: Fields,
    /// `status`, `end`, `model`, `finish_reason`, `usage`, `latency_ms`, `ttft_ms`, `cache`, and what else is told.
    pub facts: Fields,
    /// What was answered: a message in the shape of chat completions; `text` of completions and transcriptions,
    /// `object` of embeddings, `result` of anything else. `None`: nothing came.
    pub answer: Option<Fields>,
    /// Choices beyond the first.
    pub choices: Option<Value>,
    /// The answer's items or blocks, as the Responses and Messages APIs sent them.
    pub output: Option<Value>,
    /// The error that was answered or that broke the answer off.
    pub error: Option<Value>,
}

/// How exchanges end.
pub const ENDS: [End; 3] = [End::Complete, End::Failed, End::Cancelled];

/// The fields of an exchange's head, in the order of a line.
const HEAD: [&str; 6] = ["datetime", "ip", "route", "key", "caching", "body_bytes"];

impl Exchange {
    /// An exchange of which nothing is known.
    pub fn new(uid: impl Into<String>, kind: Kind) -> Self {
        Exchange {
            uid: uid.into(),
            kind,
            head: Fields::new(),
            request: Fields::new(),
            facts: Fields::new(),
            answer: None,
            choices: None,
            output: None,
            error: None,
        }
    }

    /// Local time of the request: `2026-11-23 18:42:43`.
    pub fn datetime(&self) -> Option<&str> {
        self.head.get("datetime")?.as_str()
    }

    /// The id that its caller gave it.
    pub fn request_id(&self) -> Option<&str> {
        self.facts.get("request_id")?.as_str()
    }

    /// Prefix of the route that it came by.
    pub fn route(&self) -> Option<&str> {
        self.head.get("route")?.as_str()
    }

    /// Id of the forward key that it came with.
    pub fn key(&self) -> Option<&str> {
        self.head.get("key")?.as_str()
    }

    /// The model asked for, or else the one that answered.
    pub fn model(&self) -> Option<&str> {
        self.request.get("model").and_then(Value::as_str).or_else(|| self.facts.get("model")?.as_str())
    }

    /// Status of the answer. Where none is told, an answer means 200: openai-forward logs no others.
    pub fn status(&self) -> Option<u64> {
        let told = self.facts.get("status").and_then(Value::as_u64);
        told.or_else(|| self.answer.as_ref().map(|_| 200))
    }

    /// How it ended. Where nothing is told, an answer means that it is complete.
    pub fn end(&self) -> End {
        let told = self.facts.get("end").and_then(Value::as_str);
        match told.and_then(|told| ENDS.into_iter().find(|end| end.name() == told)) {
            Some(end) => end,
            None if self.answer.is_some() => End::Complete,
            None => End::Failed,
        }
    }

    /// How it ended for whoever asked: an answer that came whole and is an error is a failure.
    pub fn outcome(&self) -> End {
        match self.end() {
            End::Complete if self.status().is_some_and(|status| status >= 400) => End::Failed,
            end => end,
        }
    }

    /// Why the model stopped.
    pub fn finish_reason(&self) -> Option<&str> {
        self.facts.get("finish_reason")?.as_str()
    }

    /// Tokens that the provider counted: `total_tokens`, or the sum of both parts, whatever they are called.
    pub fn tokens(&self) -> Option<u64> {
        self.count(&["total_tokens"]).or_else(|| {
            [self.prompt_tokens(), self.completion_tokens()].into_iter().flatten().reduce(u64::saturating_add)
        })
    }

    /// Tokens of what was asked.
    pub fn prompt_tokens(&self) -> Option<u64> {
        self.count(&["prompt_tokens", "input_tokens"])
    }

    /// Tokens of the answer.
    pub fn completion_tokens(&self) -> Option<u64> {
        self.count(&["completion_tokens", "output_tokens"])
    }

    /// Milliseconds from the request's head to the answer's end.
    pub fn latency_ms(&self) -> Option<f64> {
        self.facts.get("latency_ms")?.as_f64()
    }

    /// Milliseconds from the request's head to the answer's first byte.
    pub fn ttft_ms(&self) -> Option<f64> {
        self.facts.get("ttft_ms")?.as_f64()
    }

    /// The first of these that the provider told.
    fn count(&self, names: &[&str]) -> Option<u64> {
        let usage = self.facts.get("usage")?.as_object()?;
        names.iter().find_map(|name| usage.get(*name)?.as_u64())
    }
}

/// Facts that have a place of their own in a line, in their order; others stand at its end.
const FACTS: [&str; 8] =
    ["status", "end", "model", "finish_reason", "usage", "latency_ms", "ttft_ms", "cache"];

/// Facts in the order of a line, and the others.
fn ordered(facts: &Fields) -> (Fields, Fields) {
    let mut others = facts.clone();
    (taken(&mut others, &FACTS), others)
}

/// Whether Python takes a value for true: whether anything is in it.
pub(crate) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// Moves what `names` name, in their order, out of fields.
fn taken(from: &mut Fields, names: &[&str]) -> Fields {
    names.iter().filter_map(|name| from.shift_remove_entry(*name)).collect()
}
