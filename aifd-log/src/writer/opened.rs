//! A log file that is open: whose turn it is, its end in order, and lines written whole or not at all.

use super::{Fault, Gone, WriteEvent, WriteStep};
use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};
use rustix::fs::OFlags;
use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt},
    path::Path,
};

/// Chats are private: only who runs aifd reads them. Who wants a group to read them makes the folders, or the files,
/// with the modes of their own liking before; existing ones keep theirs.
pub(super) const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

/// The end of a file is searched for a newline in steps of so many bytes.
const STEP: usize = 64 * 1024;

/// The longest unfinished line that is looked at for being whole; longer ones are torn.
const MAX_JUDGED: u64 = 64 * 1024 * 1024;

/// How often a turn is asked for, other threads let through in between: about a millisecond.
const TURN_TRIES: usize = 2000;

/// Tells whether a last line without a newline is whole all the same.
pub(super) type Judge = fn(&[u8]) -> bool;

/// An open log file.
#[derive(Debug)]
pub(super) struct Opened {
    file: File,
    device: u64,
    inode: u64,
    /// A file proper, neither a device nor a pipe: it can be cut and rotated.
    pub(super) regular: bool,
    /// No other process writes to it during this turn.
    pub(super) alone: bool,
    /// Its length, as of this turn.
    pub(super) size: u64,
    /// Where our last write left it; a file of another length has to be looked at.
    settled: Option<u64>,
    /// Local time of the last write.
    pub(super) written: NaiveDateTime,
}

impl Opened {
    /// Opens the file, and makes it and the folders above it where they are missing.
    pub(super) fn open(path: &Path, now: DateTime<FixedOffset>) -> Result<Self, Fault> {
        let file = match create(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make_folder(path).map_err(WriteStep::Folder.fault())?;
                create(path)
            }
            other => other,
        }
        .map_err(WriteStep::Open.fault())?;
        let found = file.metadata().map_err(WriteStep::Look.fault())?;
        let written = match found.modified() {
            Ok(at) if found.len() > 0 => DateTime::<Utc>::from(at).with_timezone(now.offset()).naive_local(),
            _ => now.naive_local(),
        };
        Ok(Opened {
            file,
            device: found.dev(),
            inode: found.ino(),
            regular: found.is_file(),
            alone: false,
            size: found.len(),
            settled: None,
            written,
        })
    }

    /// Begins a turn: from here to [`Opened::end_turn`] no other aifd rotates or cuts the file.
    ///
    /// Another process's turn takes as long as one write and is waited for a moment; never for long, as a process that
    /// is stopped would stop this one too. Then lines are still appended (the system keeps single writes apart), but
    /// nothing is cut or rotated.
    pub(super) fn begin_turn(&mut self) {
        self.alone = (0..TURN_TRIES).any(|_| match self.file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                std::thread::yield_now();
                false
            }
            // A file system that knows no locks has to be taken for one that nobody else writes to.
            Ok(()) | Err(TryLockError::Error(_)) => true,
        });
    }

    /// Ends the turn.
    pub(super) fn end_turn(&mut self) {
        if self.alone {
            // Whoever cannot unlock could not lock either.
            let _ = self.file.unlock();
        }
    }

    /// Whether what was found under the path is this file.
    pub(super) fn is(&self, found: &Metadata) -> bool {
        (self.device, self.inode) == (found.dev(), found.ino())
    }

    /// What became of the file, which is no longer found under its path.
    pub(super) fn gone(&self) -> Gone {
        match self.file.metadata() {
            Ok(left) if left.nlink() > 0 => Gone::Moved,
            _ => Gone::Deleted,
        }
    }

    /// Takes note of the file's length, and brings its end in order if it is not where our last write left it.
    pub(super) fn settle(
        &mut self,
        size: u64,
        judge: Judge,
        on: &mut dyn FnMut(WriteEvent),
    ) -> Result<(), Fault> {
        self.size = size;
        if self.alone && self.regular && self.settled != Some(size) {
            self.repair(judge, on).map_err(WriteStep::Repair.fault())?;
            self.settled = Some(self.size);
        }
        Ok(())
    }

    fn repair(&mut self, judge: Judge, on: &mut dyn FnMut(WriteEvent)) -> io::Result<()> {
        let begin = self.last_line()?;
        let torn = self.size - begin;
        if torn == 0 {
            return Ok(());
        }
        if torn <= MAX_JUDGED {
            let mut line = vec![0; torn as usize];
            self.file.read_exact_at(&mut line, begin)?;
            if judge(&line) && self.file.write_all(b"\n").is_ok() {
                self.size += 1;
                on(WriteEvent::LineEnded);
                return Ok(());
            }
        }
        self.file.set_len(begin)?;
        self.size = begin;
        on(WriteEvent::TornLineCut { bytes: torn });
        Ok(())
    }

    /// Where the last line begins that has no newline; the end of the file if it has one.
    fn last_line(&self) -> io::Result<u64> {
        let mut end = self.size;
        let mut length = 1;
        let mut block = vec![0; STEP];
        while end > 0 {
            let begin = end.saturating_sub(length as u64);
            let block = &mut block[..(end - begin) as usize];
            self.file.read_exact_at(block, begin)?;
            if let Some(newline) = memchr::memrchr(b'\n', block) {
                return Ok(begin + newline as u64 + 1);
            }
            end = begin;
            // A file in order is told by its last byte.
            length = STEP;
        }
        Ok(0)
    }

    /// Appends whole lines. If that fails, what is left of them in the file are whole lines, counted in `done`.
    pub(super) fn write(&mut self, lines: &[u8], now: NaiveDateTime, done: &mut usize) -> Result<(), Fault> {
        let mut rest = lines;
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(0) => return Err(self.undo(lines, rest, io::ErrorKind::WriteZero.into(), done)),
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.undo(lines, rest, error, done)),
            }
        }
        self.size += lines.len() as u64;
        // A turn that is shared does not know where the file ends.
        self.settled = self.alone.then_some(self.size);
        self.written = now;
        *done += lines.len();
        Ok(())
    }

    /// Cuts off the line that was not written to its end.
    fn undo(&mut self, lines: &[u8], rest: &[u8], source: io::Error, done: &mut usize) -> Fault {
        let came = &lines[..lines.len() - rest.len()];
        let whole = memchr::memrchr(b'\n', came).map_or(0, |newline| newline + 1);
        *done += whole;
        let mut torn = came.len() - whole;
        if torn > 0 && self.alone && self.file.set_len(self.size + whole as u64).is_ok() {
            torn = 0;
        }
        Fault { step: WriteStep::Write, torn, source }
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // Not to block: opening a pipe that nobody reads would hold up all logging. Files do not care.
    let flags = OFlags::NONBLOCK.bits() as i32;
    options.read(true).append(true).create(true).mode(FILE_MODE).custom_flags(flags).open(path)
}

fn make_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)
        }
        _ => Ok(()),
    }
}

/// What the path leads to; `None` if to nothing.
pub(super) fn look(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
