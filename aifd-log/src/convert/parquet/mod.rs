//! Parquet files in the layout of the Hugging Face hub: `data/train-00000-of-00001.parquet` and a dataset card.

mod card;
mod columns;
mod read;
mod schema;

pub use card::{Card, SplitCount};
pub(super) use read::exchange;
pub use read::{Rows, rows};

use super::{
    fit::{Loss, Losses, Unfit},
    flat::Flat,
};
use crate::exchange::Exchange;
use ::parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::properties::WriterProperties,
};
use columns::Columns;
use schema::Schema;
use serde_json::Value;
use std::fs::File;

/// Bytes of cells that are gathered before they are encoded.
const BATCH_BYTES: usize = 1 << 20;

/// Rows that are gathered at most.
const BATCH_ROWS: usize = 4096;

/// Bytes, encoded and compressed, after which a row group ends: what a writer holds of a file at most, beside a batch.
const ROW_GROUP_BYTES: usize = 4 << 20;

/// Rows of a row group at most.
const ROW_GROUP_ROWS: usize = 100_000;

/// The level that is well ahead of level 1 in size, and of the next ones in time.
const ZSTD_LEVEL: i32 = 3;

/// One Parquet file being written.
pub struct Writer {
    schema: Schema,
    columns: Columns,
    writer: ArrowWriter<File>,
    rows: u64,
    bytes: u64,
}

/// A row that is ready to be written.
#[derive(Debug)]
pub struct Row(Flat);

/// The row of an exchange.
///
/// # Errors
/// When it has no conversation or no answer, or messages that are no objects with a
/// role.
pub fn row(exchange: &Exchange) -> Result<(Row, Losses), Unfit> {
    let flat = Flat::of(exchange)?;
    if flat.messages.iter().any(|message| !message.is_object()) {
        return Err(Unfit::Content);
    }
    // What learns from it takes the messages by their roles.
    if flat.messages.iter().any(|message| message.get("role").is_none_or(|role| !role.is_string())) {
        return Err(Unfit::Role);
    }
    let mut losses = Losses::default();
    let asked = flat.messages.iter().filter_map(Value::as_object);
    losses.add_if(asked.chain([&flat.answer]).any(columns::loses_index), Loss::CallIndex);
    Ok((Row(flat), losses))
}

impl Writer {
    /// Begins a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(file: File) -> Result<Self, ParquetError> {
        let schema = Schema::new();
        let compression = Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?);
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .set_created_by("aifd".to_owned())
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        let writer = ArrowWriter::try_new(file, schema.all(), Some(properties))?;
        Ok(Writer { schema, columns: Columns::default(), writer, rows: 0, bytes: 0 })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put(&mut self, row: Row) -> Result<(), ParquetError> {
        self.columns.put(row.0);
        self.rows += 1;
        if self.columns.bytes() >= BATCH_BYTES || self.columns.rows() >= BATCH_ROWS {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        let columns = std::mem::take(&mut self.columns);
        self.bytes += columns.bytes() as u64;
        self.writer.write(&columns.batch(&self.schema)?)?;
        if self.writer.in_progress_size() >= ROW_GROUP_BYTES {
            self.writer.flush()?;
        }
        Ok(())
    }

    /// Bytes of the file so far, about.
    pub fn written(&self) -> u64 {
        (self.writer.bytes_written() + self.writer.in_progress_size()) as u64
    }

    /// Ends the file, and gives it back with what is in it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<(File, SplitCount), ParquetError> {
        self.flush()?;
        let file = self.writer.into_inner()?;
        let stored = file.metadata()?.len();
        Ok((file, SplitCount { rows: self.rows, bytes: self.bytes, stored }))
    }
}

/// The name of a part's file: `train-00000-of-00001.parquet`.
pub fn file_name(part: &str, number: usize, of: usize) -> String {
    format!("{part}-{number:05}-of-{of:05}.parquet")
}

/// Whether a name is one that [`file_name`] gives, of whatever part.
pub fn is_file_name(name: &str) -> bool {
    let digits = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = name.strip_suffix(".parquet").and_then(|rest| {
        let (rest, of) = rest.rsplit_once("-of-")?;
        let (part, number) = rest.rsplit_once('-')?;
        Some((part, number, of))
    });
    let sound = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    parsed.is_some_and(|(part, number, of)| sound(part) && digits(number) && digits(of))
}

#[cfg(test)]
mod tests;
