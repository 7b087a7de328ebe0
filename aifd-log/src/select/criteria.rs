//! What an exchange has to be, for itself, to be taken.

use super::Bound;
use crate::exchange::{End, Exchange, text};
use crate::pattern::Pattern;
use serde_json::Value;
use std::str::FromStr;

/// What an exchange has to be. A list that is empty asks for nothing; one that is not wants one of its entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Criteria {
    /// Not before.
    pub since: Option<Bound>,
    /// Not after.
    pub until: Option<Bound>,
    /// The model asked for, or the one that answered.
    pub models: Vec<Pattern>,
    /// Id of the forward key.
    pub keys: Vec<Pattern>,
    /// Prefix of the route.
    pub routes: Vec<Pattern>,
    /// Status of the answer.
    pub statuses: Vec<StatusClass>,
    /// Why the model stopped.
    pub finish_reasons: Vec<Pattern>,
    /// How it ended; an answer that came whole and is an error failed.
    pub ends: Vec<End>,
    /// Messages of the user at least.
    pub min_turns: usize,
    /// Tools could be called, or were.
    pub has_tools: bool,
    /// Tokens at most.
    pub max_tokens: Option<u64>,
}

/// Bytes of text that count as a token where no usage is told.
const BYTES_PER_TOKEN: u64 = 4;

impl Criteria {
    /// Whether an exchange is all that. What a log does not tell of it is not.
    pub fn accept(&self, exchange: &Exchange) -> bool {
        self.in_time(exchange)
            && self.is_model(exchange)
            && one_of(&self.keys, exchange.key())
            && one_of(&self.routes, exchange.route())
            && one_of(&self.finish_reasons, exchange.finish_reason())
            && is_status(&self.statuses, exchange.status())
            && (self.ends.is_empty() || self.ends.contains(&exchange.outcome()))
            && (self.min_turns == 0 || turns(exchange) >= self.min_turns)
            && (!self.has_tools || has_tools(exchange))
            && self.max_tokens.is_none_or(|most| tokens(exchange) <= most)
    }

    fn in_time(&self, exchange: &Exchange) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        exchange.datetime().and_then(Bound::of_log).is_some_and(|at| {
            self.since.is_none_or(|since| since <= at) && self.until.is_none_or(|until| at <= until)
        })
    }

    fn is_model(&self, exchange: &Exchange) -> bool {
        let named =
            [&exchange.request, &exchange.facts].map(|fields| fields.get("model").and_then(Value::as_str));
        self.models.is_empty() || named.iter().any(|name| one_of(&self.models, *name))
    }
}

fn one_of(patterns: &[Pattern], name: Option<&str>) -> bool {
    patterns.is_empty() || name.is_some_and(|name| patterns.iter().any(|pattern| pattern.matches(name)))
}

fn is_status(classes: &[StatusClass], status: Option<u64>) -> bool {
    classes.is_empty() || status.is_some_and(|status| classes.iter().any(|class| class.has(status)))
}

/// Messages of the user.
fn turns(exchange: &Exchange) -> usize {
    let is_user = |message: &&Value| message.get("role").is_some_and(|role| role == "user");
    exchange.conversation().map_or(0, |said| said.messages.iter().filter(is_user).count())
}

fn has_tools(exchange: &Exchange) -> bool {
    let some = |list: &Value| list.as_array().is_some_and(|list| !list.is_empty());
    exchange.conversation().is_some_and(|said| {
        let called = |message: &Value| message.get("tool_calls").is_some_and(some);
        said.tools.as_ref().is_some_and(some)
            || said.messages.iter().any(called)
            || said.answer.and_then(|answer| answer.get("tool_calls").map(some)).unwrap_or(false)
    })
}

/// Tokens that were told, or else estimated from the texts of messages, answer, tools and calls.
fn tokens(exchange: &Exchange) -> u64 {
    exchange.tokens().unwrap_or_else(|| {
        let Some(said) = exchange.conversation() else { return 0 };
        let answer = said.answer.map(Value::Object);
        let messages = said.messages.iter().chain(&answer).map(said_bytes).sum::<usize>();
        let tools = said.tools.map_or(0, |tools| tools.to_string().len());
        ((messages + tools) as u64).div_ceil(BYTES_PER_TOKEN)
    })
}

fn said_bytes(message: &Value) -> usize {
    let content = message.get("content").and_then(text).map_or(0, |text| text.len());
    content
        + message
            .get("tool_calls")
            .filter(|calls| calls.is_array())
            .map_or(0, |calls| calls.to_string().len())
}

/// A status, or a class of them: `200`, `4xx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusClass {
    /// This one.
    Only(u64),
    /// All that begin with this digit.
    Class(u64),
}

impl StatusClass {
    fn has(self, status: u64) -> bool {
        match self {
            StatusClass::Only(only) => status == only,
            StatusClass::Class(digit) => status / 100 == digit,
        }
    }
}

/// A text that names no status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a status such as 200, or a class of them such as 4xx")]
pub struct UnknownStatus;

impl FromStr for StatusClass {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        let digit = |text: &str| text.parse().ok().filter(|digit| (1..=5).contains(digit));
        match text.strip_suffix("xx").or_else(|| text.strip_suffix("XX")) {
            Some(class) => digit(class).map(StatusClass::Class),
            None => text.parse().ok().filter(|status| (100..600).contains(status)).map(StatusClass::Only),
        }
        .ok_or(UnknownStatus)
    }
}
