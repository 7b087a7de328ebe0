//! The log files: one for each route and kind, opened when they are needed, and what waits where one cannot be written.

use super::{Counts, Recorder};
use crate::control::FailingLog;
use aifd_log::{
    Kind,
    rotation::{Keep, Packing, Rotation},
    writer::{self, CompressorQueue, Gone, LogFile, TidyEvent, WriteError, WriteEvent},
};
use chrono::{DateTime, FixedOffset, Utc};
use std::{collections::BTreeMap, io, path::PathBuf, sync::atomic::Ordering::Relaxed, thread::JoinHandle};

/// Bytes of lines that are kept for a file that cannot be written; the oldest are lost past them.
const MAX_HELD: usize = 8 * 1024 * 1024;

/// Lines of one file.
struct Lines {
    file: LogFile,
    /// What is to be written: this batch's, behind what could not be written before.
    waiting: Vec<u8>,
    failing: Option<Failing>,
    /// It was opened once, so it is there to be followed.
    prepared: bool,
}

/// A file that cannot be written.
struct Failing {
    since: DateTime<Utc>,
    why: String,
}

/// All files.
pub(super) struct Files<'r> {
    recorder: &'r Recorder,
    files: BTreeMap<(usize, Kind), Lines>,
    tidy: Option<(CompressorQueue, JoinHandle<()>)>,
}

impl<'r> Files<'r> {
    /// # Errors
    /// The system has no thread left.
    pub(super) fn new(recorder: &'r Recorder) -> io::Result<Self> {
        let settings = &recorder.settings;
        let idle = settings.packing == Packing::Plain && settings.keep == Keep::All;
        let tidy = if idle { None } else { Some(start_tidying(settings.packing, settings.keep)?) };
        Ok(Files { recorder, files: BTreeMap::new(), tidy })
    }

    /// Makes the files that openai-forward makes at its start, so that whoever follows one finds it.
    pub(super) fn begin(&mut self, now: DateTime<FixedOffset>) -> bool {
        const AT_START: [Kind; 4] = [Kind::Chat, Kind::Completion, Kind::Embedding, Kind::Whisper];
        let openai =
            self.recorder.routes.iter().enumerate().filter(|(_, route)| route.is_written_for_openai());
        for route in openai.map(|(index, _)| index).collect::<Vec<_>>() {
            for kind in AT_START {
                self.of(route, kind);
            }
        }
        self.write(now)
    }

    /// Where the lines of a route and kind are gathered.
    pub(super) fn of(&mut self, route: usize, kind: Kind) -> &mut Vec<u8> {
        let recorder = self.recorder;
        let tidy = &self.tidy;
        let lines = self.files.entry((route, kind)).or_insert_with(|| {
            let lines = Lines::new(recorder, route, kind);
            if let Some((queue, _)) = tidy {
                queue.submit(lines.file.path().to_owned());
            }
            lines
        });
        &mut lines.waiting
    }

    /// Writes what was gathered; whether all could be.
    pub(super) fn write(&mut self, now: DateTime<FixedOffset>) -> bool {
        let tidy = &self.tidy;
        for lines in self.files.values_mut() {
            lines.write(now, &self.recorder.counts, &mut |path| {
                if let Some((queue, _)) = tidy {
                    queue.submit(path);
                }
            });
        }
        let failing: Vec<FailingLog> = self.files.values().filter_map(Lines::status).collect();
        let all = failing.is_empty();
        let mut told = self.recorder.failing.lock();
        if *told != failing {
            *told = failing;
        }
        all
    }

    /// The files are opened anew.
    pub(super) fn reopen(&mut self) {
        self.files.values_mut().for_each(|lines| lines.file.reopen());
    }

    /// Nothing comes any more: what cannot be written is lost.
    pub(super) fn end(self) {
        for lines in self.files.values() {
            lines.count_lost(&self.recorder.counts, lines.waiting.len());
        }
        if let Some((queue, thread)) = self.tidy {
            drop(queue);
            if thread.join().is_err() {
                tracing::error!(target: "aifd::log", "the thread that compresses logs had panicked");
            }
        }
    }
}

fn start_tidying(packing: Packing, keep: Keep) -> io::Result<(CompressorQueue, JoinHandle<()>)> {
    let (queue, compressor) = writer::compressor(packing, keep);
    let thread = crate::tasks::thread("aifd-log-packer", move || compressor.run(&mut tell_tidied))?;
    Ok((queue, thread))
}

impl Lines {
    fn new(recorder: &Recorder, route: usize, kind: Kind) -> Self {
        let settings = &recorder.settings;
        let folder: PathBuf = settings.dir.join(&recorder.routes[route].folder).join(kind.name());
        let rotation = Rotation {
            bytes: settings.rotate_size.bytes(kind).unwrap_or(u64::MAX),
            daily: settings.rotate_daily,
        };
        let path = folder.join(kind.name()).with_extension("log");
        let file = LogFile::new(path, rotation).judged_by(is_whole);
        Lines { file, waiting: Vec::new(), failing: None, prepared: false }
    }

    fn write(&mut self, now: DateTime<FixedOffset>, counts: &Counts, rotated: &mut dyn FnMut(PathBuf)) {
        let path = self.file.path().to_owned();
        let mut on_event = |event: WriteEvent| {
            if matches!(event, WriteEvent::Rotated { .. }) {
                rotated(path.clone());
            }
            tell(&path, &event);
        };
        let again = self.waiting.is_empty() && self.failing.is_some();
        let written = match !self.prepared || again {
            true => self.file.prepare(now, &mut on_event),
            false => Ok(()),
        };
        match written.and_then(|()| self.file.append(&self.waiting, now, &mut on_event)) {
            Ok(()) => {
                self.prepared = true;
                if !self.waiting.is_empty() {
                    counts.lines.fetch_add(lines_in(&self.waiting), Relaxed);
                    self.waiting.clear();
                    self.waiting.shrink_to(MAX_HELD);
                }
                if let Some(failing) = self.failing.take() {
                    let since = failing.since;
                    tracing::info!(target: "aifd::log", file = %path.display(), %since, "the log is written again");
                }
            }
            Err(error) => self.failed(&error, counts),
        }
    }

    fn failed(&mut self, error: &WriteError, counts: &Counts) {
        counts.lines.fetch_add(error.lines_written as u64, Relaxed);
        self.waiting.drain(..error.bytes_written);
        if self.waiting.len() > MAX_HELD {
            let excess = self.waiting.len() - MAX_HELD;
            let end = memchr::memchr(b'\n', &self.waiting[excess..])
                .map_or(self.waiting.len(), |at| excess + at + 1);
            self.count_lost(counts, end);
            self.waiting.drain(..end);
        }
        let why = error.to_string();
        let new = self.failing.as_ref().is_none_or(|failing| failing.why != why);
        if new {
            tracing::warn!(target: "aifd::log", error = %error, "a chat log cannot be written; it is tried again, and requests go on");
        }
        let since = self.failing.as_ref().map_or_else(crate::clock::utc, |failing| failing.since);
        self.failing = Some(Failing { since, why });
    }

    fn count_lost(&self, counts: &Counts, bytes: usize) {
        let lost = lines_in(&self.waiting[..bytes]);
        if lost > 0 {
            counts.lost.fetch_add(lost, Relaxed);
            tracing::warn!(target: "aifd::log", file = %self.file.path().display(), lines = lost, "lines of a chat log are lost");
        }
    }

    fn status(&self) -> Option<FailingLog> {
        let failing = self.failing.as_ref()?;
        Some(FailingLog {
            path: self.file.path().to_string_lossy().into_owned(),
            since: failing.since,
            why: failing.why.clone(),
            held_bytes: self.waiting.len() as u64,
        })
    }
}

fn lines_in(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// Whether a last line without its line end is all there: a kill may come between the two.
fn is_whole(line: &[u8]) -> bool {
    use aifd_log::literal::{dialect, fields};
    fields(line, dialect(line), &mut |_, _| {}).is_ok()
}

fn tell(path: &std::path::Path, event: &WriteEvent) {
    let file = path.display();
    match event {
        WriteEvent::Rotated { to, bytes } => {
            tracing::debug!(target: "aifd::log", %file, to = %to.display(), bytes, "a chat log was set aside");
        }
        WriteEvent::NotRotated { source } => {
            tracing::warn!(target: "aifd::log", %file, error = %source, "a chat log could not be set aside, and grows on");
        }
        WriteEvent::TornLineCut { bytes } => {
            tracing::warn!(target: "aifd::log", %file, bytes, "an unfinished last line of a chat log was cut off");
        }
        WriteEvent::LineEnded => {}
        WriteEvent::Gone(Gone::Deleted) => {
            tracing::warn!(target: "aifd::log", %file, "a chat log was deleted; a new one is begun");
        }
        WriteEvent::Gone(Gone::Moved) => {
            tracing::info!(target: "aifd::log", %file, "a chat log was moved; a new one is begun");
        }
    }
}

fn tell_tidied(event: TidyEvent) {
    match event {
        TidyEvent::Packed { path, bytes, packed_bytes } => {
            tracing::debug!(target: "aifd::log", file = %path.display(), bytes, packed_bytes, "a rotated log was compressed");
        }
        TidyEvent::Removed { path, bytes } => {
            tracing::info!(target: "aifd::log", file = %path.display(), bytes, "a rotated log was removed, as log.keep says");
        }
        TidyEvent::LeftoverRemoved { path } => {
            tracing::debug!(target: "aifd::log", file = %path.display(), "half of a compressed log was removed");
        }
        TidyEvent::Failed { path, step, source } => {
            tracing::warn!(target: "aifd::log", file = %path.display(), ?step, error = %source, "rotated logs could not be tidied");
        }
    }
}
