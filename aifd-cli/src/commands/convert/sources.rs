//! Opens what is converted, and tells logs from datasets.

use super::jobs::{Job, is_stream};
use crate::{cli::Convert, report::Failure};
use aifd_log::{
    convert::{
        self, ConvertError, Format, Logs, Order, Report, Watch,
        openai::Weight,
        read::{Datasets, Detected, Input, detect, open as open_input},
        write::Place,
    },
    pair::Kinds,
    source,
};
use std::{
    fs,
    os::fd::AsFd,
    path::{Path, PathBuf},
};

/// What is converted, as far as it had to be opened to know what it is.
pub(super) struct Opened {
    what: What,
    spool: PathBuf,
}

enum What {
    Logs(Vec<source::Input>),
    Dataset(Vec<Input>, Format),
}

impl Opened {
    /// Converts it.
    pub(super) fn convert(
        self,
        place: Place,
        arguments: &Convert,
        order: &mut Order,
        watch: &Watch,
    ) -> Result<Report, ConvertError> {
        match self.what {
            What::Dataset(inputs, format) => {
                if format == Format::Openai {
                    order.manner.weight = Weight::Given;
                }
                convert::convert(&mut Datasets::new(inputs, format, watch), place, order, watch)
            }
            What::Logs(inputs) => {
                let chats = arguments.format.dataset() == Format::OpenaiForward;
                let kinds = if chats { Kinds::Chat } else { Kinds::All };
                let mut logs = Logs::open(inputs, &self.spool, kinds, arguments.compat, watch)?;
                // Texts that something is cut out of are no longer those of the lines.
                if chats && order.redactor.is_none() {
                    logs.direct(place, order)
                } else {
                    convert::convert(&mut logs, place, order, watch)
                }
            }
        }
    }

    /// Whether it is a dataset.
    pub(super) fn is_dataset(&self) -> bool {
        matches!(self.what, What::Dataset(..))
    }
}

/// Opens the files of a conversion. Without a format, the first of them tells what all are.
pub(super) fn open(job: &Job, format: Option<Format>) -> Result<Opened, Failure> {
    let spool = spool(&job.to);
    let first = job.from.first().map(PathBuf::as_path).unwrap_or(Path::new("."));
    let (format, opened) = match format {
        Some(format) => (format, None),
        None if first.is_dir() => (of_folder(first)?, None),
        None => {
            let input = open_file(first, &spool)?;
            let found = detect(&input).map_err(|source| Failure::Read { path: first.to_owned(), source })?;
            let format = match found {
                Detected::Log => Format::Log,
                Detected::Dataset(format) => format,
            };
            (format, Some(input))
        }
    };
    let what = match format {
        Format::Log => What::Logs(logs(&job.from, opened)?),
        format => What::Dataset(dataset(&job.from, opened, &spool)?, format),
    };
    Ok(Opened { what, spool })
}

fn open_file(path: &Path, spool: &Path) -> Result<Input, Failure> {
    let opened = if is_stream(path) {
        std::io::stdin().as_fd().try_clone_to_owned().and_then(|stdin| Input::new(path, stdin, spool))
    } else {
        open_input(path, spool)
    };
    opened.map_err(|source| Failure::Read { path: path.to_owned(), source })
}

/// Logs; what was opened to look at it stands for the first.
fn logs(from: &[PathBuf], opened: Option<Input>) -> Result<Vec<source::Input>, Failure> {
    let mut inputs = Vec::new();
    let mut opened = opened.into_iter();
    for path in from {
        let failed = |source| Failure::Read { path: path.clone(), source };
        inputs.push(match opened.next() {
            Some(input) => {
                let file = input.into_file().map_err(failed)?;
                source::Input::Open { shown: path.clone(), file }
            }
            None if is_stream(path) => {
                let stdin = std::io::stdin().as_fd().try_clone_to_owned().map_err(failed)?;
                source::Input::Open { shown: path.clone(), file: stdin.into() }
            }
            None => source::Input::Path(chats_of(path).unwrap_or_else(|| path.clone())),
        });
    }
    Ok(inputs)
}

fn dataset(from: &[PathBuf], opened: Option<Input>, spool: &Path) -> Result<Vec<Input>, Failure> {
    let known = opened.iter().len();
    let mut inputs: Vec<Input> = opened.into_iter().collect();
    for path in &from[known.min(from.len())..] {
        let files = if path.is_dir() { dataset_files(path)? } else { vec![path.clone()] };
        for file in files {
            inputs.push(open_file(&file, spool)?);
        }
    }
    Ok(inputs)
}

/// Where a pipe is put by: beside the output, which has to have room for what comes of it anyway.
fn spool(to: &Path) -> PathBuf {
    let folder = if is_stream(to) { None } else { to.ancestors().skip(1).find(|folder| folder.is_dir()) };
    folder.map_or_else(std::env::temp_dir, |folder| {
        if folder == Path::new("") { PathBuf::from(".") } else { folder.to_owned() }
    })
}

/// What a folder holds: logs, be they in the `chat` of a route's folder, or a dataset.
fn of_folder(folder: &Path) -> Result<Format, Failure> {
    if holds_logs(folder) || chats_of(folder).is_some() {
        return Ok(Format::Log);
    }
    let files = dataset_files(folder)?;
    let found = files.first().and_then(|file| Format::by_name(file));
    match (found, files.first()) {
        (Some(format), _) => Ok(format),
        (None, Some(first)) => {
            let input = open_file(first, folder)?;
            match detect(&input).map_err(|source| Failure::Read { path: first.clone(), source })? {
                Detected::Dataset(format) => Ok(format),
                Detected::Log => Err(Failure::NoLogs(vec![folder.to_owned()])),
            }
        }
        (None, None) => Err(Failure::NoLogs(vec![folder.to_owned()])),
    }
}

/// The chats of a route's folder.
fn chats_of(folder: &Path) -> Option<PathBuf> {
    let chats = folder.join("chat");
    (folder.is_dir() && !holds_logs(folder) && holds_logs(&chats)).then_some(chats)
}

/// Whether a file is named as logs are, packed ones too.
pub(super) fn is_log(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let plain = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name);
    plain.ends_with(".log")
        || plain.rsplit_once(".log.").is_some_and(|(_, number)| number.parse::<u32>().is_ok())
}

/// Whether logs lie in a folder.
pub(super) fn holds_logs(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut all| all.any(|entry| entry.is_ok_and(|entry| is_log(&entry.path()))))
}

/// The files of a dataset, by name: those of `data`, if there is one.
fn dataset_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let data = folder.join("data");
    let folder = if data.is_dir() { &data } else { folder };
    let failed = |source| Failure::Read { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let known = ["parquet", "jsonl", "json", "csv"];
        let extension = path.extension().and_then(|extension| extension.to_str());
        if extension.is_some_and(|extension| known.contains(&extension)) {
            found.push(path);
        }
    }
    found.sort();
    if found.is_empty() { Err(Failure::NoLogs(vec![folder.to_owned()])) } else { Ok(found) }
}
