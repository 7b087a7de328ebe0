//! Rows of a Parquet file as objects, whatever their columns are.

use super::super::flat::Flat;
use crate::exchange::{Exchange, Fields};
use ::parquet::{
    arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
    errors::ParquetError,
};
use arrow_array::{
    Array, RecordBatch,
    cast::AsArray,
    types::{
        Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
        UInt32Type, UInt64Type,
    },
};
use arrow_schema::{ArrowError, DataType};
use serde_json::Value;
use std::fs::File;

/// Rows that are decoded at once.
const BATCH_ROWS: usize = 256;

/// Rows as they come.
#[derive(Debug)]
pub struct Rows {
    reader: ParquetRecordBatchReader,
    batch: Option<RecordBatch>,
    next: usize,
}

/// The rows of a file.
///
/// # Errors
/// When it is no Parquet file, or is encoded in a way that is not understood.
pub fn rows(file: File) -> Result<Rows, ParquetError> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(BATCH_ROWS).build()?;
    Ok(Rows { reader, batch: None, next: 0 })
}

impl Iterator for Rows {
    type Item = Result<Fields, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(batch) = &self.batch
                && self.next < batch.num_rows()
            {
                let row = self.next;
                self.next += 1;
                let schema = batch.schema();
                let cells = schema.fields().iter().zip(batch.columns());
                let cells = cells.map(|(field, column)| (field.name().clone(), value(column.as_ref(), row)));
                return Some(Ok(cells.collect()));
            }
            match self.reader.next()? {
                Ok(batch) => (self.batch, self.next) = (Some(batch), 0),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// A cell. Of kinds that no conversation is made of, null.
fn value(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    macro_rules! number {
        ($kind:ty) => {
            array.as_primitive::<$kind>().value(row).into()
        };
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(row).into(),
        DataType::Utf8View => array.as_string_view().value(row).into(),
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Int8 => number!(Int8Type),
        DataType::Int16 => number!(Int16Type),
        DataType::Int32 => number!(Int32Type),
        DataType::Int64 => number!(Int64Type),
        DataType::UInt8 => number!(UInt8Type),
        DataType::UInt16 => number!(UInt16Type),
        DataType::UInt32 => number!(UInt32Type),
        DataType::UInt64 => number!(UInt64Type),
        DataType::Float32 => number!(Float32Type),
        DataType::Float64 => number!(Float64Type),
        DataType::List(_) => items(array.as_list::<i32>().value(row).as_ref()),
        DataType::LargeList(_) => items(array.as_list::<i64>().value(row).as_ref()),
        DataType::Struct(_) => {
            let array = array.as_struct();
            let cells = array.fields().iter().zip(array.columns());
            Value::Object(
                cells.map(|(field, column)| (field.name().clone(), value(column.as_ref(), row))).collect(),
            )
        }
        _ => Value::Null,
    }
}

fn items(array: &dyn Array) -> Value {
    (0..array.len()).map(|row| value(array, row)).collect()
}

/// An exchange from a row with `messages`; columns may stand in any order, and any may be missing.
pub(in crate::convert) fn exchange(mut row: Fields) -> Exchange {
    let mut messages = match row.shift_remove("messages") {
        Some(Value::Array(messages)) => messages.into_iter().map(message).collect(),
        _ => Vec::new(),
    };
    let answer = super::super::openai::take_answer(&mut messages);
    let mut text = |name: &str| match row.shift_remove(name) {
        Some(Value::String(text)) => Some(text),
        Some(Value::Null) | None => None,
        Some(other) => Some(other.to_string()),
    };
    let flat = Flat {
        uid: text("uid").unwrap_or_default(),
        datetime: text("datetime"),
        ip: text("ip"),
        route: text("route"),
        key: text("key"),
        kind: text("kind").unwrap_or_default(),
        model: text("model"),
        end: text("end"),
        finish_reason: text("finish_reason"),
        cache: text("cache"),
        tools: text("tools"),
        parameters: text("parameters"),
        details: text("details"),
        status: row.get("status").and_then(Value::as_i64),
        latency_ms: row.get("latency_ms").and_then(Value::as_f64),
        ttft_ms: row.get("ttft_ms").and_then(Value::as_f64),
        messages,
        answer: answer.unwrap_or_default(),
        ..Flat::default()
    };
    flat.exchange()
}

/// A message without the fields that it has not, and with those that stand in `more`.
fn message(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let has_content = fields.contains_key("content");
    let mut message: Fields = fields.into_iter().filter(|(_, value)| !value.is_null()).collect();
    let more =
        message.shift_remove("more").and_then(|more| serde_json::from_str::<Fields>(more.as_str()?).ok());
    message.extend(more.unwrap_or_default());
    if has_content && !message.contains_key("content") {
        let at = usize::from(message.contains_key("role"));
        message.shift_insert(at, "content".to_owned(), Value::Null);
    }
    Value::Object(message)
}
