//! A dataset that is one file of text.

use super::{
    super::{format::Format, table},
    Row, WriteError, WriteFault, Written,
    pending::Pending,
};
use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// Bytes that are gathered before they are written.
const BUFFER: usize = 256 << 10;

/// What stands around rows.
struct Frame {
    begin: &'static str,
    between: &'static str,
    end: &'static str,
    empty: &'static str,
}

fn frame(format: Format) -> Frame {
    match format {
        // As openai-forward writes it: no line end at the end.
        Format::OpenaiForward => Frame { begin: "[\n", between: ",\n", end: "\n]", empty: "[]" },
        Format::Sharegpt | Format::Alpaca => {
            Frame { begin: "[\n", between: ",\n", end: "\n]\n", empty: "[]\n" }
        }
        Format::Jsonl | Format::Openai | Format::Log | Format::Csv | Format::Parquet => {
            Frame { begin: "", between: "\n", end: "\n", empty: "" }
        }
    }
}

/// A file of text being written.
pub(super) struct Text {
    part: Option<String>,
    path: PathBuf,
    pending: Option<Pending>,
    frame: Frame,
    out: Out,
    rows: u64,
}

enum Out {
    Bytes(BufWriter<Box<dyn Write + Send>>),
    Table(Box<csv::Writer<Box<dyn Write + Send>>>),
}

impl Text {
    pub(super) fn to_stream(stream: Box<dyn Write + Send>, format: Format) -> Result<Self, WriteError> {
        Text::new(stream, None, Path::new("-"), None, format)
    }

    pub(super) fn to_file(path: &Path, part: Option<&str>, format: Format) -> Result<Self, WriteError> {
        let failed = |source: io::Error| WriteError { path: path.to_owned(), source: source.into() };
        let pending = Pending::new(path).map_err(failed)?;
        let file = Box::new(pending.file().map_err(failed)?);
        Text::new(file, Some(pending), path, part, format)
    }

    fn new(
        out: Box<dyn Write + Send>,
        pending: Option<Pending>,
        path: &Path,
        part: Option<&str>,
        format: Format,
    ) -> Result<Self, WriteError> {
        let out = match format {
            Format::Csv => {
                Out::Table(Box::new(csv::WriterBuilder::new().buffer_capacity(BUFFER).from_writer(out)))
            }
            _ => Out::Bytes(BufWriter::with_capacity(BUFFER, out)),
        };
        let (part, path) = (part.map(str::to_owned), path.to_owned());
        let mut text = Text { part, path, pending, frame: frame(format), out, rows: 0 };
        let begun = match &mut text.out {
            Out::Table(table) => table.write_record(table::COLUMNS).map_err(of_table),
            Out::Bytes(_) => Ok(()),
        };
        begun.map_err(|error| text.failed(error))?;
        Ok(text)
    }

    pub(super) fn put(&mut self, row: &Row) -> Result<(), WriteError> {
        let before = if self.rows == 0 { self.frame.begin } else { self.frame.between };
        self.rows += 1;
        let put = match (&mut self.out, row) {
            (Out::Bytes(out), Row::Text(text)) => {
                out.write_all(before.as_bytes()).and_then(|()| out.write_all(text))
            }
            (Out::Table(table), Row::Cells(cells)) => table.write_record(cells).map_err(of_table),
            _ => Ok(()),
        };
        put.map_err(|error| self.failed(error))
    }

    /// Writes what is left; the file does not take its place yet.
    pub(super) fn end(mut self) -> Result<Ended, WriteError> {
        let end = if self.rows == 0 { self.frame.empty } else { self.frame.end };
        let ended = match &mut self.out {
            Out::Bytes(out) => out.write_all(end.as_bytes()).and_then(|()| out.flush()),
            Out::Table(table) => table.flush(),
        };
        ended.map_err(|error| self.failed(error))?;
        let written = Written { part: self.part, path: self.path, exchanges: self.rows };
        Ok(Ended { written, pending: self.pending })
    }

    fn failed(&self, error: io::Error) -> WriteError {
        WriteError { path: self.path.clone(), source: WriteFault::Io(error) }
    }
}

/// A file that is whole.
pub(super) struct Ended {
    written: Written,
    pending: Option<Pending>,
}

impl Ended {
    /// Puts it in its place.
    pub(super) fn place(self) -> Result<Written, WriteError> {
        if let Some(pending) = self.pending {
            let placed = pending.finish(None);
            placed.map_err(|error| WriteError { path: self.written.path.clone(), source: error.into() })?;
        }
        Ok(self.written)
    }
}
/// What went wrong below a table, kept as what it is: a pipe that nobody reads any more is no failure.
fn of_table(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
