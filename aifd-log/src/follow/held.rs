//! A file that is open and read on as it grows.

use std::{
    fs::{self, File, Metadata},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
};

/// Read at once.
const BLOCK: usize = 64 << 10;

/// Bytes that tell whether a file is still the same before the place that was read to: enough for a uid and the facts behind
/// it.
const BEFORE: usize = 1 << 10;

/// Bytes of a line that are held until its end comes; a longer one is left out.
const LONGEST_LINE: usize = 64 << 20;

/// How often a file that was rotated is looked at in vain before it is let go.
pub(super) const MOST_QUIET_LOOKS: u32 = 300;

/// What tells a file from others, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Id {
    device: u64,
    number: u64,
}

impl Id {
    pub(super) fn of(file: &File) -> io::Result<Self> {
        file.metadata().map(|about| Id::about(&about))
    }

    /// Of the file that has a name now.
    pub(super) fn named(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|about| Id::about(&about))
    }

    fn about(about: &Metadata) -> Self {
        Id { device: about.dev(), number: about.ino() }
    }
}

/// An open file, and how far it was read.
#[derive(Debug)]
pub(super) struct Held {
    path: PathBuf,
    file: File,
    id: Id,
    at: u64,
    /// The bytes before that place, which stay as they are unless the file is cut.
    before: Vec<u8>,
    /// What was read of a line whose end has not come.
    begun: Vec<u8>,
    /// Whether this line is too long.
    too_long: bool,
    /// How often it was looked at since something was added.
    quiet: u32,
}

impl Held {
    pub(super) fn new(path: PathBuf, file: File, id: Id, at: u64) -> Self {
        let mut before = vec![0; usize::try_from(at).unwrap_or(BEFORE).min(BEFORE)];
        let from = at - before.len() as u64;
        // A pipe has no places, and is not read on.
        if file.read_exact_at(&mut before, from).is_err() {
            before.clear();
        }
        Held { path, file, id, at, before, begun: Vec::new(), too_long: false, quiet: 0 }
    }

    /// The name that it was opened by.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn id(&self) -> Id {
        self.id
    }

    /// Whether nothing more is to come than what it holds: it has no name any more, or another one and nothing was added for
    /// long.
    pub(super) fn is_over(&self, name: Option<&PathBuf>) -> bool {
        let removed = self.file.metadata().is_ok_and(|about| about.nlink() == 0);
        removed || (name != Some(&self.path) && self.quiet > MOST_QUIET_LOOKS)
    }

    /// Tells the lines that were written since.
    pub(super) fn lines(&mut self, each: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        if self.was_cut()? {
            // As `logrotate` does it with `copytruncate`: what comes now is new.
            self.at = 0;
            self.before.clear();
            self.begun.clear();
            self.too_long = false;
        }
        self.quiet = self.quiet.saturating_add(1);
        let mut block = vec![0; BLOCK];
        loop {
            let read = match self.file.read_at(&mut block, self.at) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // A pipe has no places; what it held was told at the start.
                Err(error) if error.kind() == io::ErrorKind::NotSeekable => return Ok(()),
                Err(error) => return Err(error),
            };
            self.at += read as u64;
            self.quiet = 0;
            self.before.extend_from_slice(&block[..read]);
            self.before.drain(..self.before.len().saturating_sub(BEFORE));
            self.take(&block[..read], each);
        }
    }

    /// Whether it is shorter than what was read of it, or has grown again to hold something else there.
    fn was_cut(&self) -> io::Result<bool> {
        if self.file.metadata()?.len() < self.at {
            return Ok(true);
        }
        let mut now = vec![0; self.before.len()];
        match self.file.read_exact_at(&mut now, self.at - self.before.len() as u64) {
            // Cut in this very moment.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(true),
            read => read.map(|()| now != self.before),
        }
    }

    fn take(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(&[u8])) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(end);
            if self.begun.is_empty() && !self.too_long {
                each(line);
            } else {
                self.begin(line);
                if !self.too_long {
                    each(&self.begun);
                }
            }
            self.begun.clear();
            self.begun.shrink_to(BLOCK);
            self.too_long = false;
            bytes = &rest[1..];
        }
        self.begin(bytes);
    }

    fn begin(&mut self, bytes: &[u8]) {
        self.too_long |= self.begun.len() + bytes.len() > LONGEST_LINE;
        if self.too_long {
            self.begun = Vec::new();
        } else {
            self.begun.extend_from_slice(bytes);
        }
    }
}
