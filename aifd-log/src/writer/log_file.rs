//! One log file by its path: appended to, rotated, and begun anew when it is gone.

use super::{
    Fault, WriteError, WriteEvent, WriteStep,
    opened::{Judge, Opened, look},
};
use crate::rotation::{LiveName, Packing, RotatedName, Rotation};
use chrono::{DateTime, FixedOffset, NaiveDateTime};
use std::{
    borrow::Cow,
    fs, io,
    path::{Path, PathBuf},
};

/// How often the file is opened within one append when it is gone each time: other processes that rotate the same log
/// may get in between a few times.
const ATTEMPTS: usize = 100;

/// A log file. It is opened by the first append, and holds whole lines only.
///
/// Several processes may append to one file: each takes its turn (an advisory lock for the time of an append), follows
/// when another rotates, and never waits for another.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    /// `None`: its rotated files could not be told by name, so it is never rotated.
    name: Option<LiveName>,
    rotation: Rotation,
    judge: Judge,
    open: Option<Opened>,
    /// The last name that was given, so that names keep the order of their lines though a clock is set back.
    last: Option<RotatedName>,
}

impl LogFile {
    /// A log file; nothing is opened yet.
    pub fn new(path: PathBuf, rotation: Rotation) -> Self {
        let name = LiveName::of(&path);
        LogFile { path, name, rotation, judge: |_| false, open: None, last: None }
    }

    /// Has a last line without a newline, which is otherwise taken for torn and cut off, judged first: if it is whole,
    /// it gets its newline.
    #[must_use]
    pub fn judged_by(self, judge: fn(&[u8]) -> bool) -> Self {
        LogFile { judge, ..self }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Closes the file; the next append opens what the path then leads to.
    pub fn reopen(&mut self) {
        self.open = None;
    }

    /// Appends whole lines, each with its newline, with one write for each file they go to. Nothing is synced.
    ///
    /// `now` is local time: days end by it, and rotated files are named with it. After an error the next append tries
    /// everything anew.
    ///
    /// # Errors
    /// They could not all be written; the error says how many were.
    pub fn append(
        &mut self,
        lines: &[u8],
        now: DateTime<FixedOffset>,
        on: &mut dyn FnMut(WriteEvent),
    ) -> Result<(), WriteError> {
        if lines.is_empty() {
            return Ok(());
        }
        let lines = ended(lines);
        let mut done = 0;
        self.write(&lines, now, &mut done, on).map_err(|Fault { step, torn, source }| WriteError {
            path: self.path.clone(),
            step,
            lines_written: memchr::memchr_iter(b'\n', &lines[..done]).count(),
            bytes_written: done,
            torn,
            source,
        })
    }

    /// Makes the file, if it is not there, and mends its end, as the first append would.
    ///
    /// # Errors
    /// As [`LogFile::append`], with nothing written.
    pub fn prepare(
        &mut self,
        now: DateTime<FixedOffset>,
        on: &mut dyn FnMut(WriteEvent),
    ) -> Result<(), WriteError> {
        match self.ready(now, on) {
            Ok(mut open) => {
                open.end_turn();
                self.open = Some(open);
                Ok(())
            }
            Err(Fault { step, torn, source }) => {
                let path = self.path.clone();
                Err(WriteError { path, step, lines_written: 0, bytes_written: 0, torn, source })
            }
        }
    }

    /// The file is held by this function alone until all went well, so that every failure closes it.
    fn write(
        &mut self,
        lines: &[u8],
        now: DateTime<FixedOffset>,
        done: &mut usize,
        on: &mut dyn FnMut(WriteEvent),
    ) -> Result<(), Fault> {
        let mut open = self.ready(now, on)?;
        let mut rotates = true;
        while *done < lines.len() {
            let rest = &lines[*done..];
            let over = open.size > 0 && self.rotation.day_is_over(open.written, now.naive_local());
            let fitting = if over { 0 } else { self.rotation.fitting(open.size, rest) };
            if fitting > 0 || !rotates || !open.alone || !open.regular {
                let fitting = if fitting == 0 { rest.len() } else { fitting };
                open.write(&rest[..fitting], now.naive_local(), done)?;
            } else {
                match self.rotate(&open) {
                    Ok(to) => {
                        let bytes = open.size;
                        // Before it is told: a compressor leaves files alone that are still held.
                        drop(open);
                        on(WriteEvent::Rotated { to, bytes });
                        open = self.ready(now, on)?;
                    }
                    Err(source) => {
                        rotates = false;
                        on(WriteEvent::NotRotated { source });
                    }
                }
            }
        }
        open.end_turn();
        self.open = Some(open);
        Ok(())
    }

    /// The file that the path leads to, this process's turn begun, its end in order.
    fn ready(&mut self, now: DateTime<FixedOffset>, on: &mut dyn FnMut(WriteEvent)) -> Result<Opened, Fault> {
        for _ in 0..ATTEMPTS {
            let kept = self.open.take();
            let was_open = kept.is_some();
            let mut open = match kept {
                Some(open) => open,
                None => Opened::open(&self.path, now)?,
            };
            // First the turn, then the look: whoever rotates holds the turn.
            open.begin_turn();
            match look(&self.path).map_err(WriteStep::Look.fault())? {
                Some(found) if open.is(&found) => {
                    open.settle(found.len(), self.judge, on)?;
                    return Ok(open);
                }
                _ if was_open => on(WriteEvent::Gone(open.gone())),
                // Another process rotated it just now.
                _ => {}
            }
        }
        Err(WriteStep::Open.fault()(io::ErrorKind::NotFound.into()))
    }

    /// Renames the file.
    fn rotate(&mut self, open: &Opened) -> io::Result<PathBuf> {
        let name = self.name.as_ref().ok_or(io::ErrorKind::InvalidFilename)?;
        let mut next = following(self.last, open.written);
        let taken = |next: RotatedName| {
            let exists = |packing| {
                let path = self.path.with_file_name(name.rotated(RotatedName { packing, ..next }));
                fs::symlink_metadata(path).is_ok()
            };
            Packing::ALL.into_iter().any(exists)
        };
        while taken(next) {
            next.counter = next.counter.checked_add(1).ok_or(io::ErrorKind::AlreadyExists)?;
        }
        let to = self.path.with_file_name(name.rotated(next));
        fs::rename(&self.path, &to)?;
        self.last = Some(next);
        Ok(to)
    }
}

/// The first name that may be given after the last one.
fn following(last: Option<RotatedName>, written: NaiveDateTime) -> RotatedName {
    match last {
        Some(last) if last.at >= written => RotatedName { counter: last.counter.saturating_add(1), ..last },
        _ => RotatedName { at: written, counter: 1, packing: Packing::Plain },
    }
}

/// The lines, the last one with a newline too.
fn ended(lines: &[u8]) -> Cow<'_, [u8]> {
    match lines.last() {
        Some(b'\n') | None => Cow::Borrowed(lines),
        Some(_) => Cow::Owned([lines, b"\n"].concat()),
    }
}
