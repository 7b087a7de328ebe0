//! Exchanges read back from datasets.

mod detect;
mod input;

pub use detect::{Detected, detect};
pub use input::{Input, open};

use super::{
    alpaca,
    format::Format,
    openai, openai_forward,
    parquet::{self, exchange as parquet_exchange},
    report::{Malformed, Tally},
    run::{ConvertError, Each, Heard, Source, Work},
    sharegpt, table,
    values::{Values, ValuesError},
    watch::Watch,
};
use crate::{
    exchange::{Exchange, Fields, Mended},
    select::content_hash,
};
use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead, Read},
    path::Path,
};

/// Datasets to be read one after the other.
#[derive(Debug)]
pub struct Datasets<'a> {
    inputs: Vec<Input>,
    format: Format,
    watch: &'a Watch,
}

impl<'a> Datasets<'a> {
    /// Files of one format.
    pub fn new(inputs: Vec<Input>, format: Format, watch: &'a Watch) -> Self {
        Datasets { inputs, format, watch }
    }
}

impl Source for Datasets<'_> {
    fn bytes(&self) -> u64 {
        self.inputs.iter().map(Input::bytes).sum()
    }

    fn pass(&mut self, work: Work<'_>, each: Each<'_>) -> Result<Tally, ConvertError> {
        let mut reading = Reading { tally: Tally::default(), watch: self.watch, work, each };
        for input in &self.inputs {
            match self.format {
                Format::Csv => reading.table(input)?,
                Format::Parquet => reading.parquet(input)?,
                format => reading.values(input, format)?,
            }
        }
        Ok(reading.tally)
    }
}

struct Reading<'a, 'e> {
    tally: Tally,
    watch: &'a Watch,
    work: Work<'e>,
    each: Each<'e>,
}

impl Reading<'_, '_> {
    fn hear(&mut self, mut exchange: Exchange, halves: bool) -> Result<(), ConvertError> {
        self.tally.exchanges += 1;
        if exchange.uid.is_empty() {
            exchange.uid = made_up(&exchange, self.tally.exchanges);
        }
        if self.watch.stopped() {
            return Err(ConvertError::Stopped);
        }
        let sorted = (self.work)(&exchange);
        (self.each)(Heard { exchange, sorted, halves })
    }

    fn values(&mut self, input: &Input, format: Format) -> Result<(), ConvertError> {
        let failed = |source| ConvertError::Read { path: input.shown().to_owned(), source };
        let source = input.read(self.watch).map_err(failed)?;
        for value in Values::new(source) {
            match value {
                Ok(Mended { value: fields, halves }) => self.hear(exchange(fields, format), halves)?,
                // What follows would be missing, and nobody would know.
                Err(ValuesError::Read(error)) => return Err(failed(error)),
                Err(error @ ValuesError::Lost { .. }) if !self.watch.stopped() => {
                    return Err(failed(unreadable(error)));
                }
                Err(error) => self.fault(input.shown(), error.line(), error.reason()),
            }
        }
        Ok(())
    }

    fn table(&mut self, input: &Input) -> Result<(), ConvertError> {
        let failed = |source| ConvertError::Read { path: input.shown().to_owned(), source };
        let source = input.read(self.watch).map_err(failed)?;
        let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(without_mark(source));
        let heads = match rows.headers() {
            Ok(heads) => heads.clone(),
            Err(error) if error.is_io_error() => return Err(failed(error.into())),
            Err(error) => return Err(failed(unreadable(error))),
        };
        if !heads.iter().any(|head| head == "messages") {
            return Err(failed(unreadable("no column `messages`")));
        }
        for row in rows.records() {
            match row {
                Ok(row) => {
                    let cells: HashMap<&str, &str> = heads.iter().zip(row.iter()).collect();
                    let mended = table::mended(&cells);
                    let sound = mended.iter().map(|(name, cell)| (*name, cell.as_str()));
                    self.hear(
                        table::exchange(&cells.into_iter().chain(sound).collect()),
                        !mended.is_empty(),
                    )?;
                }
                Err(error) if error.is_io_error() => return Err(failed(error.into())),
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    self.fault(input.shown(), line, error.to_string());
                }
            }
        }
        Ok(())
    }

    fn parquet(&mut self, input: &Input) -> Result<(), ConvertError> {
        let failed = |source| ConvertError::Read { path: input.shown().to_owned(), source };
        let file = input.file().map_err(failed)?;
        for row in parquet::rows(file).map_err(|error| failed(unreadable(error)))? {
            // Rows are decoded many at once: those beside one that cannot be read are lost with it.
            let row = row.map_err(|error| failed(unreadable(error)))?;
            self.hear(of_columns(row), false)?;
        }
        self.watch.add(input.bytes());
        Ok(())
    }

    fn fault(&mut self, file: &Path, line: u64, reason: String) {
        self.tally.fault(Malformed { file: file.to_owned(), line, reason });
    }
}

/// An exchange from an object of a format.
fn exchange(fields: Fields, format: Format) -> Exchange {
    match format {
        Format::Openai => openai::exchange(fields),
        Format::Sharegpt => sharegpt::exchange(fields),
        Format::Alpaca => alpaca::exchange(&fields),
        Format::OpenaiForward => openai_forward::exchange(fields),
        Format::Jsonl | Format::Csv | Format::Parquet | Format::Log => Exchange::of_json(fields),
    }
}

/// An exchange from a row of a Parquet file, whose columns may be those of another format.
fn of_columns(row: Fields) -> Exchange {
    if row.contains_key("conversations") {
        return sharegpt::exchange(row);
    }
    if row.contains_key("instruction") && row.contains_key("output") {
        return alpaca::exchange(&row);
    }
    parquet_exchange(row)
}

/// What joins the lines of an exchange that came without: the same for the same exchange in the same place.
fn made_up(exchange: &Exchange, number: u64) -> String {
    content_hash(exchange, number).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What tells the encoding at the start of a table belongs to no column.
fn without_mark(mut source: Box<dyn BufRead + '_>) -> impl Read {
    if source.fill_buf().is_ok_and(|held| held.starts_with(b"\xef\xbb\xbf")) {
        source.consume(3);
    }
    source
}

impl ValuesError {
    fn line(&self) -> u64 {
        match self {
            ValuesError::Json { line, .. }
            | ValuesError::NoObject(line)
            | ValuesError::TooLong(line)
            | ValuesError::Lost { line, .. } => *line,
            ValuesError::Read(_) => 0,
        }
    }

    /// What is wrong, without the line.
    fn reason(&self) -> String {
        match self {
            ValuesError::Json { source, .. } => source.to_string(),
            other => {
                other.to_string().split_once(": ").map_or_else(String::new, |(_, reason)| reason.to_owned())
            }
        }
    }
}

/// Why nothing more of a file can be read.
fn unreadable(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// An opened file that is given back to its start.
fn rewound(mut file: &File) -> std::io::Result<File> {
    use std::io::Seek;
    let mut handle = file.try_clone()?;
    file.rewind()?;
    handle.rewind()?;
    Ok(handle)
}

#[cfg(test)]
mod tests;
