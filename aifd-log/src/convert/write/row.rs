//! What a format makes of an exchange.

use super::{
    super::{
        alpaca,
        fit::{Losses, Unfit},
        format::Format,
        openai, openai_forward, parquet, sharegpt, table,
    },
    Manner,
};
use crate::{
    exchange::{Exchange, Fields, push_python},
    literal::{self, Dialect, Layout},
};

/// An exchange in the form of a format, ready to be written.
#[derive(Debug)]
pub enum Row {
    /// Lines, or an element of an array.
    Text(Vec<u8>),
    /// Cells of a table.
    Cells(Vec<String>),
    /// Cells of columns.
    Columns(Box<parquet::Row>),
}

impl Row {
    /// The row of an exchange.
    ///
    /// # Errors
    /// When the format cannot hold it.
    pub fn of(exchange: &Exchange, manner: &Manner) -> Result<(Self, Losses), Unfit> {
        let (fields, losses) = match manner.format {
            Format::Jsonl => (exchange.json(), Losses::default()),
            Format::Openai => openai::row(exchange, manner.weight)?,
            Format::Sharegpt => sharegpt::row(exchange)?,
            Format::Alpaca => alpaca::row(exchange)?,
            Format::Csv => return table::row(exchange).map(|(cells, losses)| (Row::Cells(cells), losses)),
            Format::Parquet => {
                return parquet::row(exchange).map(|(row, losses)| (Row::Columns(Box::new(row)), losses));
            }
            Format::OpenaiForward => {
                return Ok((Row::Text(indented(&openai_forward::row(exchange))), Losses::default()));
            }
            Format::Log => return Ok((Row::Text(lines(exchange)), Losses::default())),
        };
        Ok((Row::Text(serde_json::to_vec(&fields).unwrap_or_default()), losses))
    }
}

/// As orjson lays it out, as an element of an array.
fn indented(fields: &Fields) -> Vec<u8> {
    let json = serde_json::to_vec(fields).unwrap_or_default();
    let mut text = b"  ".to_vec();
    match literal::to_json(&json, Dialect::Json, Layout::Indented { level: 1 }, &mut text) {
        Ok(()) => text,
        // Deeper than any log can be.
        Err(_) => [b"  ".as_slice(), &json].concat(),
    }
}

/// The lines of a log, the last without its end.
fn lines(exchange: &Exchange) -> Vec<u8> {
    let (request, answer) = exchange.lines();
    let mut text = Vec::new();
    push_python(&request, &mut text);
    if let Some(answer) = answer {
        text.push(b'\n');
        push_python(&answer, &mut text);
    }
    text
}
