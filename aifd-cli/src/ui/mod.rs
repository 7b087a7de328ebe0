//! The only place that prints, and the one that decides on colours and decoration.

mod banner;
mod chats;
mod draining;
mod fields;
mod input;
mod number;
mod progress;
mod table;

pub(crate) use self::{
    banner::Panel,
    chats::Chats,
    draining::Draining,
    fields::Fields,
    input::{Answer, bounded},
    number::{bytes, grouped, milliseconds},
    progress::Progress,
    table::Table,
};

use clap::builder::styling::{AnsiColor, Style};
use indicatif::ProgressBar;
use std::{
    borrow::Cow,
    fmt,
    io::{self, IsTerminal, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Where output goes and how it may look.
#[derive(Clone)]
pub(crate) struct Ui {
    out: Looks,
    err: Looks,
    quiet: bool,
    spinner: Arc<Mutex<Option<ProgressBar>>>,
}

/// How one of the two streams may look.
#[derive(Clone, Copy)]
struct Looks {
    terminal: bool,
    colours: bool,
}

impl Ui {
    /// Decides once, from `--quiet`, `NO_COLOR` and what the streams are.
    pub(crate) fn decide(quiet: bool) -> Self {
        let plain = quiet || no_color();
        let looks = |terminal| Looks { terminal, colours: terminal && !plain };
        Ui {
            out: looks(io::stdout().is_terminal()),
            err: looks(io::stderr().is_terminal()),
            quiet,
            spinner: Arc::default(),
        }
    }

    /// As in a pipe, wherever the tests run.
    #[cfg(test)]
    pub(crate) fn piped() -> Self {
        let looks = Looks { terminal: false, colours: false };
        Ui { out: looks, err: looks, quiet: false, spinner: Arc::default() }
    }

    /// Writes data to standard output.
    ///
    /// # Errors
    /// When standard output cannot be written, a closed pipe included.
    pub(crate) fn data(&self, text: impl fmt::Display) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.to_string().as_bytes())?;
        out.flush()
    }

    /// Standard output, for data that comes piece by piece.
    pub(crate) fn data_stream(&self) -> Box<dyn Write + Send> {
        Box::new(io::stdout())
    }

    /// Writes data to standard output as JSON.
    ///
    /// # Errors
    /// As [`Ui::data`].
    pub(crate) fn json(&self, data: &impl serde::Serialize) -> io::Result<()> {
        self.data(serde_json::to_string_pretty(data)? + "\n")
    }

    /// Writes a remark to standard error, unless quiet. Nobody listening is no failure.
    pub(crate) fn talk(&self, text: impl fmt::Display) {
        if !self.quiet {
            self.complain(text);
        }
    }

    /// Writes an error to standard error, quiet or not.
    pub(crate) fn complain(&self, text: impl fmt::Display) {
        self.diagnose(format!("{text}\n").as_bytes());
    }

    /// Writes finished lines to standard error; a spinner steps aside meanwhile.
    pub(crate) fn diagnose(&self, lines: &[u8]) {
        // Standard error is where a failure would be told: there is nowhere else to go.
        let write = || drop(io::stderr().lock().write_all(lines));
        // Not written under the lock: a standard error that nobody reads would keep a stop waiting for it.
        let spinner = self.spinner().clone();
        match spinner {
            Some(spinner) => spinner.suspend(write),
            None => write(),
        }
    }

    fn spinner(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.spinner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether boxes and other decoration are left out.
    pub(crate) fn quiet(&self) -> bool {
        self.quiet
    }

    /// Whether diagnostics on standard error may be coloured.
    pub(crate) fn colours_diagnostics(&self) -> bool {
        self.err.colours
    }

    /// The paint for data.
    pub(crate) fn paint(&self) -> Paint {
        Paint(self.out.colours)
    }

    /// The paint for remarks and errors.
    pub(crate) fn paint_talk(&self) -> Paint {
        Paint(self.err.colours)
    }

    /// Whether standard output is a terminal of less columns than that.
    pub(crate) fn narrower_than(&self, columns: u16) -> bool {
        self.out.terminal && table::terminal_width().is_some_and(|width| width < columns)
    }

    /// Columns of the terminal that standard output is, if it is one.
    pub(crate) fn columns(&self) -> Option<usize> {
        self.out.terminal.then(table::terminal_width).flatten().map(usize::from)
    }

    /// A table for standard output, as wide as the terminal or, in a pipe, as its content.
    pub(crate) fn table<'a>(&self, heads: impl IntoIterator<Item = &'a str>) -> Table {
        Table::new(heads, self.out.colours, self.out.terminal)
    }
}

/// A text that comes from others, without anything in it that would steer a terminal.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| if steers(c) { c.escape_default().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(shown).collect())
}

/// Control characters, and those that turn the direction of what follows around.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Colours, or none.
#[derive(Clone, Copy)]
pub(crate) struct Paint(bool);

impl Paint {
    /// What went wrong.
    pub(crate) fn error(self, text: &str) -> String {
        self.put(AnsiColor::Red.on_default().bold(), text)
    }

    /// What deserves a look.
    pub(crate) fn warning(self, text: &str) -> String {
        self.put(AnsiColor::Yellow.on_default().bold(), text)
    }

    /// What to do about it.
    pub(crate) fn hint(self, text: &str) -> String {
        self.put(AnsiColor::Cyan.on_default().bold(), text)
    }

    /// A value among labels.
    pub(crate) fn value(self, text: &str) -> String {
        self.put(AnsiColor::Green.on_default(), text)
    }

    /// The head of a table or box.
    pub(crate) fn head(self, text: &str) -> String {
        self.put(Style::new().bold(), text)
    }

    /// What clap rendered, with its colours or without.
    pub(crate) fn styled(self, text: &clap::builder::StyledStr) -> String {
        if self.0 { text.ansi().to_string() } else { text.to_string() }
    }

    fn put(self, style: Style, text: &str) -> String {
        if self.0 { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

#[cfg(test)]
pub(crate) const PLAIN: Paint = Paint(false);

#[allow(
    clippy::disallowed_methods,
    reason = "about this terminal, and needed before any configuration is read"
)]
fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
