//! Datasets being written: one file, or one for each part of a split.

mod pending;
mod row;
mod shards;
mod stream;
mod text;

pub use row::Row;
pub(super) use stream::Stream;

use super::{format::Format, openai::Weight};
use crate::select::Split;
use ::parquet::errors::ParquetError;
use shards::Shards;
use std::{
    ffi::OsString,
    io::{self, Write},
    path::{Path, PathBuf},
};
use text::Text;

/// How a dataset is written.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Its format.
    pub format: Format,
    /// Which answers fine-tuning files give weight to.
    pub weight: Weight,
    /// Bytes after which a further Parquet file begins.
    pub shard_bytes: u64,
}

/// Bytes of a Parquet file that the hub recommends.
pub const SHARD_BYTES: u64 = 500_000_000;

/// Where a dataset goes.
pub enum Place {
    /// A file, or a folder for Parquet.
    Path(PathBuf),
    /// Whatever takes bytes.
    Stream(Box<dyn Write + Send>),
}

/// Why a dataset cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
pub struct WriteError {
    /// The file, or `-`.
    pub path: PathBuf,
    /// Why.
    pub source: WriteFault,
}

/// What is wrong with a file that is being written.
#[derive(Debug, thiserror::Error)]
pub enum WriteFault {
    /// The system.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Parquet.
    #[error(transparent)]
    Parquet(#[from] ParquetError),
    /// The place takes one stream of bytes, and the dataset is several files.
    #[error("a dataset of several files needs a folder")]
    SeveralFiles,
}

impl WriteError {
    /// Whether whoever reads the dataset has gone.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(&self.source, WriteFault::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The part of the split; `None`: there is none.
    pub part: Option<String>,
    /// The file, or the folder of the files.
    pub path: PathBuf,
    /// Exchanges in it.
    pub exchanges: u64,
}

/// A dataset being written. Dropped before its end, it leaves what stood in its place.
pub struct Dataset {
    parts: Parts,
}

enum Parts {
    Texts(Vec<Text>),
    Shards(Box<Shards>),
}

impl Dataset {
    /// Begins a dataset, in as many parts as the split has.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn new(place: Place, split: Option<&Split>, manner: Manner) -> Result<Self, WriteError> {
        let names: Vec<Option<&str>> = match split {
            Some(split) => split.names().map(Some).collect(),
            None => vec![None],
        };
        let parts = match place {
            Place::Stream(_) if split.is_some() || manner.format == Format::Parquet => {
                return Err(WriteError { path: "-".into(), source: WriteFault::SeveralFiles });
            }
            Place::Stream(stream) => Parts::Texts(vec![Text::to_stream(stream, manner.format)?]),
            Place::Path(path) if manner.format == Format::Parquet => {
                Parts::Shards(Box::new(Shards::new(&path, &names, manner.shard_bytes)?))
            }
            Place::Path(path) => {
                let text =
                    |name: &Option<&str>| Text::to_file(&part_path(&path, *name), *name, manner.format);
                Parts::Texts(names.iter().map(text).collect::<Result<_, _>>()?)
            }
        };
        Ok(Dataset { parts })
    }

    /// Adds a row to a part.
    ///
    /// # Errors
    /// When its file cannot be written.
    pub fn put(&mut self, part: usize, row: Row) -> Result<(), WriteError> {
        match &mut self.parts {
            Parts::Texts(texts) => texts.get_mut(part).map_or(Ok(()), |text| text.put(&row)),
            Parts::Shards(shards) => shards.put(part, row),
        }
    }

    /// Ends all files, and puts them in their places.
    ///
    /// # Errors
    /// When a file cannot be stored; those not yet in their places leave what stood there.
    pub fn finish(self) -> Result<Vec<Written>, WriteError> {
        match self.parts {
            Parts::Texts(texts) => {
                // All are whole before the first takes its place.
                let ended: Vec<_> = texts.into_iter().map(Text::end).collect::<Result<_, _>>()?;
                ended.into_iter().map(text::Ended::place).collect()
            }
            Parts::Shards(shards) => shards.finish(),
        }
    }
}

/// The path of a part: `chat_openai.json` becomes `chat_openai.train.json`.
pub fn part_path(path: &Path, part: Option<&str>) -> PathBuf {
    let Some(part) = part else { return path.to_owned() };
    let mut name: OsString = path.file_stem().unwrap_or_default().to_owned();
    name.push(".");
    name.push(part);
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests;
