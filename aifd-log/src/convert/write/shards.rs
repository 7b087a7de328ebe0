//! A dataset of Parquet files: several for each part by size, and the card beside them.

use super::{
    super::parquet::{Card, SplitCount, Writer, file_name, is_file_name},
    Row, WriteError, WriteFault, Written, part_path,
    pending::Pending,
};
use std::{
    collections::HashSet,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The part that a dataset without a split is.
const WHOLE: &str = "train";

/// Parquet files being written.
pub(super) struct Shards {
    target: PathBuf,
    /// One file alone, without the layout of the hub.
    single: bool,
    shard_bytes: u64,
    parts: Vec<Part>,
}

struct Part {
    name: Option<String>,
    open: Option<(Pending, Writer)>,
    whole: Vec<Pending>,
    count: SplitCount,
}

impl Shards {
    pub(super) fn new(target: &Path, names: &[Option<&str>], shard_bytes: u64) -> Result<Self, WriteError> {
        let single = target.extension().is_some_and(|extension| extension == "parquet") && !target.is_dir();
        let part = |name: &Option<&str>| Part {
            name: name.map(str::to_owned),
            open: None,
            whole: Vec::new(),
            count: SplitCount::default(),
        };
        let parts = names.iter().map(part).collect();
        let mut shards = Shards { target: target.to_owned(), single, shard_bytes, parts };
        // A part without rows has a file nevertheless, which tells its columns.
        (0..names.len()).try_for_each(|at| shards.begin(at)).map_err(|source| shards.failed(source))?;
        Ok(shards)
    }

    fn folder(&self) -> PathBuf {
        self.target.join("data")
    }

    fn begin(&mut self, at: usize) -> Result<(), WriteFault> {
        let folder = self.folder();
        let Some(part) = self.parts.get_mut(at) else { return Ok(()) };
        let path = if self.single {
            part_path(&self.target, part.name.as_deref())
        } else {
            folder.join(file_name(part.file_name(), part.whole.len(), 0))
        };
        let pending = Pending::new(&path)?;
        let writer = Writer::new(pending.file()?)?;
        part.open = Some((pending, writer));
        Ok(())
    }

    pub(super) fn put(&mut self, at: usize, row: Row) -> Result<(), WriteError> {
        self.try_put(at, row).map_err(|source| self.failed(source))
    }

    fn try_put(&mut self, at: usize, row: Row) -> Result<(), WriteFault> {
        let (Row::Columns(row), Some(part)) = (row, self.parts.get_mut(at)) else { return Ok(()) };
        if part.open.is_none() {
            self.begin(at)?;
        }
        let (single, most) = (self.single, self.shard_bytes);
        let Some(part) = self.parts.get_mut(at) else { return Ok(()) };
        if let Some((_, writer)) = &mut part.open {
            writer.put(*row)?;
            if writer.written() >= most && !single {
                part.close()?;
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Vec<Written>, WriteError> {
        self.parts.iter_mut().try_for_each(Part::close).map_err(|source| self.failed(source))?;
        let parts = std::mem::take(&mut self.parts);
        let card = Card {
            name: self.target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            splits: parts.iter().map(|part| (part.file_name().to_owned(), part.count)).collect(),
        };
        let mut placed = HashSet::new();
        let written = parts.into_iter().map(|part| self.place(part, &mut placed)).collect::<Result<_, _>>();
        let written = written.map_err(|source| self.failed(source))?;
        if !self.single {
            let rest = self.remove_others(&placed).and_then(|()| self.put_card(&card));
            rest.map_err(|error| self.failed(error.into()))?;
        }
        Ok(written)
    }

    /// Puts the files of a part in their places.
    fn place(&self, part: Part, placed: &mut HashSet<String>) -> Result<Written, WriteFault> {
        let (of, rows) = (part.whole.len(), part.count.rows);
        let name = part.file_name().to_owned();
        let mut path = self.target.clone();
        if self.single {
            for file in part.whole {
                path = file.finish(None)?;
            }
            return Ok(Written { part: part.name, path, exchanges: rows });
        }
        for (number, file) in part.whole.into_iter().enumerate() {
            let name = file_name(&name, number, of);
            file.finish(Some(self.folder().join(&name)))?;
            placed.insert(name);
        }
        Ok(Written { part: part.name, path, exchanges: rows })
    }

    /// Removes the files of the dataset that stood here before: whoever loads the folder takes all that are named so.
    fn remove_others(&self, placed: &HashSet<String>) -> io::Result<()> {
        for entry in fs::read_dir(self.folder())? {
            let entry = entry?;
            let name = entry.file_name().into_string();
            if name.is_ok_and(|name| is_file_name(&name) && !placed.contains(&name))
                && !entry.file_type()?.is_dir()
            {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn put_card(&self, card: &Card) -> io::Result<()> {
        let pending = Pending::new(&self.target.join("README.md"))?;
        pending.file()?.write_all(card.text().as_bytes())?;
        pending.finish(None).map(drop)
    }

    fn failed(&self, source: WriteFault) -> WriteError {
        WriteError { path: self.target.clone(), source }
    }
}

impl Part {
    fn file_name(&self) -> &str {
        self.name.as_deref().unwrap_or(WHOLE)
    }

    fn close(&mut self) -> Result<(), WriteFault> {
        if let Some((pending, writer)) = self.open.take() {
            let (_, count) = writer.finish()?;
            self.count.rows += count.rows;
            self.count.bytes += count.bytes;
            self.count.stored += count.stored;
            self.whole.push(pending);
        }
        Ok(())
    }
}
