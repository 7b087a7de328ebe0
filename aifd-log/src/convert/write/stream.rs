//! A file that somebody else writes the whole text of.

use super::{WriteError, Written, pending::Pending};
use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// Bytes that are gathered before they are written.
const BUFFER: usize = 256 << 10;

/// A stream of bytes, or a file that takes its place at the end.
pub(in crate::convert) struct Stream {
    part: Option<String>,
    path: PathBuf,
    pending: Option<Pending>,
    out: BufWriter<Box<dyn Write + Send>>,
    /// Exchanges in it.
    pub(in crate::convert) exchanges: u64,
}

impl Stream {
    pub(in crate::convert) fn new(stream: Box<dyn Write + Send>) -> Self {
        let out = BufWriter::with_capacity(BUFFER, stream);
        Stream { part: None, path: "-".into(), pending: None, out, exchanges: 0 }
    }

    pub(in crate::convert) fn to_file(path: &Path, part: Option<&str>) -> Result<Self, WriteError> {
        let failed = |source: io::Error| WriteError { path: path.to_owned(), source: source.into() };
        let pending = Pending::new(path).map_err(failed)?;
        let mut stream = Stream::new(Box::new(pending.file().map_err(failed)?));
        (stream.part, stream.path, stream.pending) =
            (part.map(str::to_owned), path.to_owned(), Some(pending));
        Ok(stream)
    }

    pub(in crate::convert) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what is left; the file does not take its place yet.
    pub(in crate::convert) fn end(&mut self) -> Result<(), WriteError> {
        self.out.flush().map_err(|source| WriteError { path: self.path.clone(), source: source.into() })
    }

    /// Puts it in its place.
    pub(in crate::convert) fn place(self) -> Result<Written, WriteError> {
        if let Some(pending) = self.pending {
            let placed = pending.finish(None);
            placed.map_err(|source| WriteError { path: self.path.clone(), source: source.into() })?;
        }
        Ok(Written { part: self.part, path: self.path, exchanges: self.exchanges })
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
