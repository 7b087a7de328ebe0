//! What a file is, if nobody says so.

use super::{super::format::Format, Input};
use crate::{
    convert::{values::Values, watch::Watch},
    exchange::Fields,
};
use std::io::{self, BufRead, Read};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detected {
    /// A log: lines of Python literals, or of both forms.
    Log,
    /// A dataset.
    Dataset(Format),
}

/// Bytes that are looked at.
const BEGIN: u64 = 1 << 20;

/// Looks at the begin of a file.
///
/// # Errors
/// When it cannot be read.
pub fn detect(input: &Input) -> io::Result<Detected> {
    let unwatched = Watch::default();
    let mut source = input.read(&unwatched)?;
    let held = source.fill_buf()?;
    if held.starts_with(b"PAR1") {
        return Ok(Detected::Dataset(Format::Parquet));
    }
    let text = held.strip_prefix(b"\xef\xbb\xbf").unwrap_or(held).trim_ascii_start();
    let (array, table) = (text.starts_with(b"["), is_table(text));
    if table {
        return Ok(Detected::Dataset(Format::Csv));
    }
    let mut values = Values::new(io::BufReader::new(source.take(BEGIN)));
    let format = match values.next() {
        Some(Ok(first)) => by_fields(&first.value),
        // Nothing in it says anything against this.
        _ if array => Some(Format::OpenaiForward),
        _ => None,
    };
    Ok(format.map_or(Detected::Log, Detected::Dataset))
}

fn is_table(text: &[u8]) -> bool {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    !line.starts_with(b"{")
        && !line.starts_with(b"[")
        && line.split(|byte| *byte == b',').any(|head| head.trim_ascii() == b"messages")
}

fn by_fields(fields: &Fields) -> Option<Format> {
    let has = |name: &str| fields.contains_key(name);
    if has("conversations") {
        Some(Format::Sharegpt)
    } else if has("instruction") && has("output") {
        Some(Format::Alpaca)
    } else if has("request") && (has("kind") || has("uid")) {
        Some(Format::Jsonl)
    } else if has("messages") && has("is_tool_calls") && has("assistant") {
        Some(Format::OpenaiForward)
    } else if has("messages") && !has("uid") {
        Some(Format::Openai)
    } else {
        None
    }
}
