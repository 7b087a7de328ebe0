//! Which logs are read, and what cannot be read of them.

use crate::{
    cli::Where,
    report::Failure,
    settings,
    ui::{Ui, grouped},
};
use aifd_core::config;
use aifd_log::{
    exchange::ParseError,
    pair::{Kinds, Options, ReadError, Reading},
    source::{Input, SourceError, folders},
};
use std::{
    fs::File,
    io,
    os::fd::AsFd,
    path::{Path, PathBuf},
};

/// What was named, or the folder that the configuration names.
pub(super) fn named(place: &Where) -> Result<Vec<PathBuf>, Failure> {
    if !place.paths.is_empty() {
        return Ok(place.paths.clone());
    }
    Ok(vec![config::load(&settings::of_file(place.config.clone())?)?.config.logs.dir])
}

/// Opens all logs that are meant, and looks at them once.
pub(super) fn reading(place: &Where) -> Result<Reading, Failure> {
    let named = named(place)?;
    let mut inputs = Vec::new();
    for path in &named {
        if path == Path::new("-") {
            inputs.push(Input::Open { shown: path.clone(), file: stdin()? });
        } else if path.is_dir() {
            let found = folders(path).map_err(|source| Failure::Read { path: path.clone(), source })?;
            inputs.extend(found.into_iter().map(Input::Path));
        } else if !place.paths.is_empty() {
            inputs.push(Input::Path(path.clone()));
        }
    }
    if inputs.is_empty() {
        return Err(Failure::NoLogs(named));
    }
    let options = Options { kinds: Kinds::All, ..Options::default() };
    Reading::open(inputs, &std::env::temp_dir(), options, &()).map_err(|error| failure(Stop::Read(error)))
}

fn stdin() -> Result<File, Failure> {
    Ok(io::stdin().as_fd().try_clone_to_owned().map_err(Failure::Input)?.into())
}

/// Why going through logs ended.
#[derive(Debug)]
pub(super) enum Stop {
    /// They cannot be read.
    Read(ReadError),
    /// A line that could be read no longer can.
    Parse(ParseError),
    /// Standard output cannot be written.
    Output(io::Error),
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Stop::Read(error)
    }
}

impl From<ParseError> for Stop {
    fn from(error: ParseError) -> Self {
        Stop::Parse(error)
    }
}

/// As it is told.
pub(super) fn failure(stop: Stop) -> Failure {
    let read = |path: PathBuf, source| Failure::Read { path, source };
    match stop {
        Stop::Output(error) => Failure::Output(error),
        Stop::Parse(error) => read("the logs".into(), io::Error::other(error)),
        Stop::Read(ReadError::Source(
            SourceError::Open { path, source } | SourceError::Spool { path, source, .. },
        ))
        | Stop::Read(ReadError::Read { path, source }) => read(path, source),
        Stop::Read(ReadError::Thread(source)) => Failure::System("start a thread", source),
        Stop::Read(error @ (ReadError::Malformed(_) | ReadError::Stopped)) => {
            read("the logs".into(), io::Error::other(error))
        }
    }
}

/// Tells what could not be read.
pub(super) fn tell(reading: &Reading, ui: &Ui) {
    let report = reading.report();
    let Some(first) = report.faults.first().or(report.unfinished.first()) else { return };
    let count = report.malformed + report.unfinished.len() as u64;
    let mark = ui.paint_talk().warning("warning:");
    match count {
        1 => ui.talk(format_args!("{mark} a line cannot be read: {first}")),
        _ => ui.talk(format_args!("{mark} {} lines cannot be read, the first: {first}", grouped(count))),
    }
}
