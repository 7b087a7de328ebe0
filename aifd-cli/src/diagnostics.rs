//! tracing to standard error, without a system call per line on the thread that logs.

use crate::ui::Ui;
use std::{
    any::Any,
    io, mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tracing_subscriber::{
    Layer, filter::Targets, fmt, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Bytes held while standard error is not read; lines past it are dropped, counted, and the count is told.
const BACKLOG: usize = 4 << 20;
/// Bytes at which gathering ends early.
const PLENTY: usize = 64 << 10;
/// How long the writer gathers lines before it writes them with one call.
const GATHER: Duration = Duration::from_millis(2);
/// How long the end of the program waits for a standard error that is not read.
const FAREWELL: Duration = Duration::from_secs(2);

/// Form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Lines are written until this is dropped; dropping it writes the rest.
#[must_use = "dropping it ends the diagnostics"]
pub(crate) struct Diagnostics(Arc<Lines>);

impl Diagnostics {
    /// Sends what passes `filter` to standard error from now on, panics of any thread included.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub(crate) fn start(ui: &Ui, filter: Targets, form: Form) -> io::Result<Self> {
        let lines = Arc::new(Lines::default());
        let (writer, ui_of_writer) = (Arc::clone(&lines), ui.clone());
        aifd_core::tasks::thread("diagnostics", move || {
            writer.write_out(|batch| ui_of_writer.diagnose(batch));
        })?;
        let layer = fmt::layer().with_writer(Writer(Arc::clone(&lines)));
        let layer = match form {
            Form::Text => layer.with_ansi(ui.colours_diagnostics()).boxed(),
            Form::Json => layer.with_ansi(false).json().flatten_event(true).boxed(),
        };
        // A second subscriber can only come from a second start in one process, and the first one serves as well.
        drop(tracing_subscriber::registry().with(layer.with_filter(filter)).try_init());
        std::panic::set_hook(Box::new(log_panic));
        Ok(Diagnostics(lines))
    }
}

impl Drop for Diagnostics {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// A panic is one line like any other, so that it keeps the form chosen.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(target: "aifd::run", place, what = what(panic.payload()), "panic");
}

fn what(payload: &dyn Any) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// Lines on their way to standard error.
#[derive(Default)]
struct Lines {
    state: Mutex<State>,
    came: Condvar,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    held: Vec<u8>,
    dropped: u64,
    closed: bool,
    ended: bool,
}

impl Lines {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one whole line.
    fn push(&self, line: &[u8]) {
        let mut state = self.state();
        if state.held.len() + line.len() > BACKLOG {
            state.dropped += 1;
            return;
        }
        let before = state.held.len();
        state.held.extend_from_slice(line);
        // The writer waits for the first line and for plenty; between those, waking it would cost a call per line.
        let wake = before == 0 || (before < PLENTY && state.held.len() >= PLENTY);
        drop(state);
        if wake {
            self.came.notify_one();
        }
    }

    /// The writer: until closed and empty, hands over what has gathered.
    fn write_out(&self, mut sink: impl FnMut(&[u8])) {
        let mut batch = Vec::new();
        while let Some(dropped) = self.gather(&mut batch) {
            sink(&batch);
            if dropped > 0 {
                tracing::warn!(target: "aifd::run", dropped, "diagnostic lines were dropped: standard error is read too slowly");
            }
        }
        self.state().ended = true;
        self.ended.notify_all();
    }

    /// Waits for lines, puts them into `batch` and says how many were dropped meanwhile; `None` at the end.
    fn gather(&self, batch: &mut Vec<u8>) -> Option<u64> {
        batch.clear();
        batch.shrink_to(PLENTY);
        let idle = |state: &mut State| state.held.is_empty() && !state.closed;
        let state = self.came.wait_while(self.state(), idle).unwrap_or_else(PoisonError::into_inner);
        let few = |state: &mut State| state.held.len() < PLENTY && !state.closed;
        let (mut state, _) =
            self.came.wait_timeout_while(state, GATHER, few).unwrap_or_else(PoisonError::into_inner);
        mem::swap(batch, &mut state.held);
        let dropped = mem::take(&mut state.dropped);
        (!batch.is_empty()).then_some(dropped)
    }

    /// Ends the writer and waits until it has written everything, within reason.
    fn close(&self) {
        self.state().closed = true;
        self.came.notify_all();
        drop(self.ended.wait_timeout_while(self.state(), FAREWELL, |state| !state.ended));
    }
}

/// tracing's way to [`Lines`].
struct Writer(Arc<Lines>);

impl<'a> MakeWriter<'a> for Writer {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(&self.0)
    }
}

/// Takes one event, which the formatter writes with one call.
struct Line<'a>(&'a Lines);

impl io::Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{BACKLOG, Lines};
    use std::sync::Arc;

    /// Runs the writer over what `push` hands in; returns what it wrote.
    fn written(push: impl FnOnce(&Lines)) -> Vec<Vec<u8>> {
        let lines = Arc::new(Lines::default());
        push(&lines);
        let writer = Arc::clone(&lines);
        let thread = aifd_core::tasks::thread("writer", move || {
            let mut batches = Vec::new();
            writer.write_out(|batch| batches.push(batch.to_vec()));
            batches
        })
        .unwrap();
        lines.close();
        thread.join().unwrap()
    }

    #[test]
    fn what_was_logged_before_the_end_is_written_and_in_one_piece() {
        let batches = written(|lines| {
            for line in ["one\n", "two\n", "three\n"] {
                lines.push(line.as_bytes());
            }
        });
        assert_eq!(batches, [b"one\ntwo\nthree\n"]);
    }

    #[test]
    fn nothing_logged_writes_nothing() {
        assert!(written(|_| ()).is_empty());
    }

    #[test]
    fn lines_past_the_backlog_are_dropped_whole_and_counted() {
        let lines = Lines::default();
        let line = vec![b'x'; BACKLOG / 4];
        for _ in 0..6 {
            lines.push(&line);
        }
        let mut batch = Vec::new();
        assert_eq!(lines.gather(&mut batch), Some(2));
        assert_eq!(batch.len(), BACKLOG);
    }
}
