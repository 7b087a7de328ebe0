//! The columns of a Parquet file, and the same for the dataset card.

use arrow_schema::{DataType, Field, Fields, Schema as Arrow, SchemaRef};
use std::sync::Arc;

/// Columns before `messages`, which are texts if nothing else is said.
pub(super) const TEXTS: [&str; 7] = ["uid", "datetime", "ip", "route", "key", "kind", "model"];
/// Texts after the status.
pub(super) const ENDS: [&str; 2] = ["end", "finish_reason"];
/// Whole numbers after those.
pub(super) const TOKENS: [&str; 3] = ["prompt_tokens", "completion_tokens", "total_tokens"];
/// Durations after those.
pub(super) const MILLIS: [&str; 2] = ["latency_ms", "ttft_ms"];
/// Texts after `messages`.
pub(super) const LAST: [&str; 3] = ["tools", "parameters", "details"];
/// Texts of a message before `tool_calls`.
pub(super) const MESSAGE: [&str; 3] = ["role", "content", "name"];
/// Texts of a message after `tool_calls`: the last is what else there is of it, as JSON.
pub(super) const MESSAGE_LAST: [&str; 4] = ["tool_call_id", "reasoning_content", "refusal", "more"];
/// Texts of a call.
pub(super) const CALL: [&str; 2] = ["id", "type"];
/// Texts of a called function.
pub(super) const FUNCTION: [&str; 2] = ["name", "arguments"];

/// The columns, and those that stand in others.
#[derive(Debug)]
pub(super) struct Schema {
    all: SchemaRef,
    pub(super) message: Fields,
    pub(super) call: Fields,
    pub(super) function: Fields,
}

impl Schema {
    pub(super) fn new() -> Self {
        let function: Fields = FUNCTION.into_iter().map(text).collect();
        let called = Field::new("function", DataType::Struct(function.clone()), true);
        let call: Fields = CALL.into_iter().map(text).chain([called]).collect();
        let calls = Field::new("tool_calls", list(&call), true);
        let message: Fields =
            MESSAGE.into_iter().map(text).chain([calls]).chain(MESSAGE_LAST.into_iter().map(text)).collect();
        let number = |kind: DataType| move |name: &'static str| Field::new(name, kind.clone(), true);
        let all: Vec<Field> = TEXTS
            .into_iter()
            .map(text)
            .chain(["status"].map(number(DataType::Int64)))
            .chain(ENDS.map(text))
            .chain(TOKENS.map(number(DataType::Int64)))
            .chain(MILLIS.map(number(DataType::Float64)))
            .chain([text("cache"), Field::new("messages", list(&message), true)])
            .chain(LAST.map(text))
            .collect();
        Schema { all: Arc::new(Arrow::new(all)), message, call, function }
    }

    pub(super) fn all(&self) -> SchemaRef {
        self.all.clone()
    }
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}

fn list(of: &Fields) -> DataType {
    DataType::List(item(of))
}

/// What a list is of; the hub calls it so.
pub(super) fn item(of: &Fields) -> Arc<Field> {
    Arc::new(Field::new("item", DataType::Struct(of.clone()), true))
}
