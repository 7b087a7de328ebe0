//! The recorder's thread: gathers, makes lines, writes.

use super::{Printer, Recorder, cleaner::Cleaner, files::Files, lines::Lines};
use crate::{config::Config, tasks, zone::Zone};
use aifd_log::redact::RedactError;
use std::{io, sync::Arc, thread::JoinHandle, time::Duration};

/// How long after a failure the same lines are tried again, if nothing else comes.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Why the recorder cannot start.
#[derive(Debug, thiserror::Error)]
pub enum RecorderError {
    /// A regular expression of `log.redact` cannot be used.
    #[error(transparent)]
    Redact(#[from] RedactError),
    /// The system has no thread left.
    #[error("cannot start the thread of the chat logs: {0}")]
    Thread(#[from] io::Error),
}

/// The running thread. Dropped, it writes what is left and ends.
pub(crate) struct RecorderThread {
    recorder: Arc<Recorder>,
    thread: Option<JoinHandle<()>>,
}

impl RecorderThread {
    /// Starts it.
    ///
    /// # Errors
    /// `log.redact` cannot be used, or the system has no thread left.
    pub(crate) fn start(
        recorder: &Arc<Recorder>,
        config: &Config,
        printer: Option<Printer>,
    ) -> Result<Self, RecorderError> {
        let cleaner = Cleaner::of(config)?;
        let zone = Zone::of(config.timezone.as_deref());
        let printer = printer.filter(|_| config.logs.print_chat);
        let shared = recorder.clone();
        let thread = tasks::thread("aifd-recorder", move || run(&shared, zone, cleaner, printer))?;
        Ok(RecorderThread { recorder: recorder.clone(), thread: Some(thread) })
    }
}

impl Drop for RecorderThread {
    fn drop(&mut self) {
        self.recorder.queue.stop();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!(target: "aifd::log", "the thread of the chat logs had panicked");
        }
    }
}

fn run(recorder: &Recorder, zone: Zone, cleaner: Cleaner, mut printer: Option<Printer>) {
    let mut files = match Files::new(recorder) {
        Ok(files) => files,
        Err(error) => return tracing::error!(target: "aifd::log", %error, "chat logs cannot be written"),
    };
    let mut lines = Lines::new(recorder, zone, cleaner);
    let mut shown = String::new();
    let mut all_written = files.begin(zone.now());
    loop {
        let batch = recorder.queue.take((!all_written).then_some(TRY_AGAIN));
        if batch.reopen {
            files.reopen();
        }
        for entry in &batch.entries {
            let writes = recorder.writes(entry.about.route);
            let mut printed_only = Vec::new();
            let out = if writes { files.of(entry.about.route, entry.about.kind) } else { &mut printed_only };
            lines.push(entry, out, printer.is_some().then_some(&mut shown));
        }
        drop(batch.entries);
        all_written = files.write(zone.now());
        if let Some(printer) = printer.as_mut().filter(|_| !shown.is_empty()) {
            printer(&shown);
            shown.clear();
        }
        recorder.queue.done(batch.bytes);
        if batch.last {
            return files.end();
        }
    }
}
