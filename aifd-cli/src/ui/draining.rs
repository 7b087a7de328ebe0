//! The spinner that is shown while running requests are let finish.

use super::Ui;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// A spinner on standard error; it goes away when dropped. Nothing is shown without a terminal.
pub(crate) struct Draining<'a> {
    ui: &'a Ui,
    spinner: ProgressBar,
}

impl<'a> Draining<'a> {
    /// Shows the spinner.
    pub(crate) fn show(ui: &'a Ui) -> Self {
        let seen = ui.err.terminal && !ui.quiet;
        let target = if seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let spinner = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            spinner.set_style(style);
        }
        *ui.spinner() = Some(spinner.clone());
        Draining { ui, spinner }
    }

    /// Says how many requests are left and for how long they may go on.
    pub(crate) fn update(&self, in_flight: usize, left: Duration) {
        let requests = if in_flight == 1 { "request" } else { "requests" };
        let seconds = left.as_secs_f32().ceil();
        self.spinner.set_message(format!(
            "stopping: {in_flight} {requests} in flight, cut in {seconds} s; Ctrl-C cuts now"
        ));
        self.spinner.tick();
    }
}

impl Drop for Draining<'_> {
    fn drop(&mut self) {
        *self.ui.spinner() = None;
        self.spinner.finish_and_clear();
    }
}
