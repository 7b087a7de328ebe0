//! The bar of a conversion: bytes, their rate, and the time that is left.

use super::Ui;
use aifd_core::tasks;
use aifd_log::convert::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// How often the bar moves.
const TICK: Duration = Duration::from_millis(100);

const TEMPLATE: &str = "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";

/// A bar on standard error; it goes away when dropped. Nothing is shown without a terminal, or when quiet.
pub(crate) struct Progress<'a> {
    ui: &'a Ui,
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl<'a> Progress<'a> {
    /// Shows how far a conversion is.
    pub(crate) fn show(ui: &'a Ui, watch: &Arc<Watch>) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let mut progress = Progress { ui, done: done.clone(), thread: None };
        if !ui.err.terminal || ui.quiet {
            return progress;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        *ui.spinner() = Some(bar.clone());
        let watch = watch.clone();
        let moving = move || {
            while !done.load(Relaxed) {
                bar.set_length(watch.all().max(watch.read()));
                bar.set_position(watch.read());
                thread::park_timeout(TICK);
            }
            bar.finish_and_clear();
        };
        // Without a thread there is no bar, and nothing else is missing.
        progress.thread = tasks::thread("progress", moving).ok();
        progress
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.done.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            drop(thread.join());
        }
        *self.ui.spinner() = None;
    }
}
