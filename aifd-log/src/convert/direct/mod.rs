//! openai-forward's own format, straight from the lines of a log: one array of objects, indented by two spaces.
//!
//! By default everything that a line holds is kept: contents and tool calls are the JSON that they were, further fields of
//! messages and answers have a place. In compat the bytes are those of openai-forward's converter, with what it loses.

mod compat;
mod markup;
mod message;
mod row;

use crate::pair::{Location, Pair, Progress, ReadError, Reading};
use row::Fault;
use std::io::{self, Write};

/// Why a log is not converted.
#[derive(Debug, thiserror::Error)]
pub enum DirectError {
    /// It cannot be read.
    #[error(transparent)]
    Read(ReadError),
    /// The output cannot be written.
    #[error("cannot write")]
    Write(#[source] io::Error),
    /// It is not what it was when it was looked through.
    #[error("{0}: the file changed while it was read")]
    Changed(Location),
    /// Only in compat: openai-forward's converter fails when it warns of this line, whose text it takes for markup.
    #[error("{0}: messages that openai-forward cannot convert, in a line that its warning fails at")]
    Markup(Location),
}

/// Writes the exchanges of a log whose numbers are wanted; compat or not as it was read. Gives back how many.
///
/// # Errors
/// When a log cannot be read or the output not be written.
pub fn write(
    reading: &Reading,
    progress: &dyn Progress,
    out: &mut dyn Write,
    wanted: &(dyn Fn(usize) -> bool + Sync),
) -> Result<u64, DirectError> {
    let compat = reading.options().compat;
    let render = |pair: Pair<'_>, row: &mut Vec<u8>| -> Result<bool, Broken> {
        if !wanted(pair.number) {
            return Ok(false);
        }
        row.extend_from_slice(b"\n  ");
        let pushed = if compat { compat::push(pair.lines, row) } else { row::push(pair.lines, row) };
        pushed.map_err(|fault| Broken::Row(pair.number, fault))?;
        Ok(true)
    };
    let mut all = || -> Result<u64, Broken> {
        out.write_all(b"[")?;
        let written = reading.render(progress, out, b",", &render)?;
        out.write_all(if written > 0 { b"\n]" } else { b"]" })?;
        Ok(written)
    };
    all().map_err(|broken| broken.named(reading))
}

/// An error on the way, before it has the name of a file.
enum Broken {
    Read(ReadError),
    Write(io::Error),
    Row(usize, Fault),
}

impl Broken {
    fn named(self, reading: &Reading) -> DirectError {
        let (number, fault) = match self {
            Broken::Read(error) => return DirectError::Read(error),
            Broken::Write(error) => return DirectError::Write(error),
            Broken::Row(number, fault) => (number, fault),
        };
        match (reading.location(number).map(Option::unwrap_or_default), fault) {
            (Err(error), _) => DirectError::Read(error),
            (Ok(location), Fault::Literal(_)) => DirectError::Changed(location),
            (Ok(location), Fault::Markup) => DirectError::Markup(location),
        }
    }
}

impl From<ReadError> for Broken {
    fn from(error: ReadError) -> Self {
        Broken::Read(error)
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Broken::Write(error)
    }
}

#[cfg(test)]
mod tests;
