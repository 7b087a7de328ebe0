//! Rows turned into columns.

use super::{
    super::flat::Flat,
    schema::{CALL, FUNCTION, MESSAGE, MESSAGE_LAST, Schema, item},
};
use crate::exchange::{Fields, text};
use arrow_array::{ArrayRef, Float64Array, Int64Array, ListArray, RecordBatch, StringArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, Fields as Struct};
use serde_json::Value;
use std::sync::Arc;

/// Cells that were gathered.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// The columns that are no lists, in the order of the schema, those before and those after `messages`.
    texts: [Vec<Option<String>>; 7],
    status: Vec<Option<i64>>,
    ends: [Vec<Option<String>>; 2],
    tokens: [Vec<Option<i64>>; 3],
    millis: [Vec<Option<f64>>; 2],
    cache: Vec<Option<String>>,
    messages: Messages,
    last: [Vec<Option<String>>; 3],
    bytes: usize,
}

#[derive(Debug, Default)]
struct Messages {
    /// Messages of each row.
    counts: Vec<usize>,
    texts: [Vec<Option<String>>; 3],
    calls: Calls,
    last: [Vec<Option<String>>; 4],
}

#[derive(Debug, Default)]
struct Calls {
    /// Calls of each message; `None`: it makes none.
    counts: Vec<Option<usize>>,
    texts: [Vec<Option<String>>; 2],
    function: [Vec<Option<String>>; 2],
}

impl Columns {
    /// Bytes of the cells, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn rows(&self) -> usize {
        self.status.len()
    }

    pub(super) fn put(&mut self, row: Flat) {
        let texts = [Some(row.uid), row.datetime, row.ip, row.route, row.key, Some(row.kind), row.model];
        self.bytes += put(&mut self.texts, texts);
        self.status.push(row.status);
        self.bytes += put(&mut self.ends, [row.end, row.finish_reason]);
        let tokens = [row.prompt_tokens, row.completion_tokens, row.total_tokens];
        self.tokens.iter_mut().zip(tokens).for_each(|(column, count)| column.push(count));
        self.millis
            .iter_mut()
            .zip([row.latency_ms, row.ttft_ms])
            .for_each(|(column, time)| column.push(time));
        self.bytes += put(std::array::from_mut(&mut self.cache), [row.cache]);
        self.bytes += put(&mut self.last, [row.tools, row.parameters, row.details]);
        // The numbers.
        self.bytes += 8 * 6;
        self.messages.counts.push(row.messages.len() + 1);
        for message in row.messages.into_iter().chain([Value::Object(row.answer)]) {
            if let Value::Object(message) = message {
                self.bytes += self.messages.put(message);
            }
        }
    }

    pub(super) fn batch(self, schema: &Schema) -> Result<RecordBatch, ArrowError> {
        let mut arrays: Vec<ArrayRef> = self.texts.map(strings).into();
        arrays.push(Arc::new(Int64Array::from(self.status)));
        arrays.extend(self.ends.map(strings));
        arrays.extend(self.tokens.map(|column| Arc::new(Int64Array::from(column)) as ArrayRef));
        arrays.extend(self.millis.map(|column| Arc::new(Float64Array::from(column)) as ArrayRef));
        arrays.push(strings(self.cache));
        arrays.push(self.messages.array(schema)?);
        arrays.extend(self.last.map(strings));
        RecordBatch::try_new(schema.all(), arrays)
    }
}

impl Messages {
    /// Adds a message, and says how many bytes it has, about.
    fn put(&mut self, mut message: Fields) -> usize {
        let content = message.get("content").and_then(text).map(std::borrow::Cow::into_owned);
        // A content that is not simply text stands among what else there is, as it was.
        if matches!(message.get("content"), Some(Value::String(_) | Value::Null)) {
            message.shift_remove("content");
        }
        let mut take = |name: &str| match message.get(name) {
            Some(Value::String(_)) => match message.shift_remove(name) {
                Some(Value::String(text)) => Some(text),
                _ => None,
            },
            Some(Value::Null) => {
                message.shift_remove(name);
                None
            }
            _ => None,
        };
        let [role, name] = [MESSAGE[0], MESSAGE[2]].map(&mut take);
        let [call_id, reasoning, refusal] = [MESSAGE_LAST[0], MESSAGE_LAST[1], MESSAGE_LAST[2]].map(take);
        let calls = self.calls.put(&mut message);
        let more = (!message.is_empty()).then(|| Value::Object(message).to_string());
        calls
            + put(&mut self.texts, [role, content, name])
            + put(&mut self.last, [call_id, reasoning, refusal, more])
    }

    fn array(self, schema: &Schema) -> Result<ArrayRef, ArrowError> {
        let mut arrays: Vec<ArrayRef> = self.texts.map(strings).into();
        arrays.push(self.calls.array(schema)?);
        arrays.extend(self.last.map(strings));
        let messages = structs(&schema.message, arrays)?;
        Ok(Arc::new(ListArray::try_new(
            item(&schema.message),
            OffsetBuffer::from_lengths(self.counts),
            messages,
            None,
        )?))
    }
}

impl Calls {
    /// Takes the calls out of a message, if all of them are calls of functions and nothing else.
    fn put(&mut self, message: &mut Fields) -> usize {
        if message.get("tool_calls") == Some(&Value::Null) {
            message.shift_remove("tool_calls");
        }
        let calls = calls(message);
        self.counts.push(calls.as_ref().map(Vec::len));
        let Some(calls) = calls else { return 0 };
        message.shift_remove("tool_calls");
        let sizes = calls.into_iter().map(|[id, kind, name, arguments]| {
            put(&mut self.texts, [id, kind]) + put(&mut self.function, [name, arguments])
        });
        sizes.sum()
    }

    fn array(self, schema: &Schema) -> Result<ArrayRef, ArrowError> {
        let mut arrays: Vec<ArrayRef> = self.texts.map(strings).into();
        arrays.push(structs(&schema.function, self.function.map(strings).into())?);
        let calls = structs(&schema.call, arrays)?;
        let nulls: NullBuffer = self.counts.iter().map(Option::is_some).collect();
        let lengths = OffsetBuffer::from_lengths(self.counts.into_iter().map(Option::unwrap_or_default));
        Ok(Arc::new(ListArray::try_new(item(&schema.call), lengths, calls, Some(nulls))?))
    }
}

/// The parts of a message's calls; `None` if it makes none, or there is more to any of them.
fn calls(message: &Fields) -> Option<Vec<[Option<String>; 4]>> {
    message.get("tool_calls")?.as_array()?.iter().map(call).collect()
}

/// Whether the columns have no room for the place that a message's calls had in their stream.
pub(super) fn loses_index(message: &Fields) -> bool {
    let has_index =
        |calls: &Value| calls.as_array().is_some_and(|all| all.iter().any(|it| it.get("index").is_some()));
    message.get("tool_calls").is_some_and(has_index) && calls(message).is_some()
}

/// The parts of a call; `None` if there is more to it. Its place in a stream is no part of it.
fn call(call: &Value) -> Option<[Option<String>; 4]> {
    let (call, function) = (call.as_object()?, call.get("function")?.as_object()?);
    let only = |fields: &Fields, names: &[&str]| fields.keys().all(|name| names.contains(&name.as_str()));
    if !only(call, &[CALL[0], CALL[1], "function", "index"]) || !only(function, &FUNCTION) {
        return None;
    }
    let parts = [call.get(CALL[0]), call.get(CALL[1]), function.get(FUNCTION[0]), function.get(FUNCTION[1])];
    let texts = parts.map(|part| part.and_then(Value::as_str).map(str::to_owned));
    texts.iter().all(Option::is_some).then_some(texts)
}

/// Adds a cell to each column, and says how many bytes they have.
fn put<const N: usize>(columns: &mut [Vec<Option<String>>; N], cells: [Option<String>; N]) -> usize {
    let bytes = cells.iter().flatten().map(String::len).sum::<usize>();
    columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
    bytes
}

fn strings(column: Vec<Option<String>>) -> ArrayRef {
    Arc::new(StringArray::from(column))
}

fn structs(fields: &Struct, arrays: Vec<ArrayRef>) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(StructArray::try_new(fields.clone(), arrays, None)?))
}
