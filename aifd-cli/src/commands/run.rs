//! `aifd run`: forwards until told to stop.

use crate::{
    cli,
    diagnostics::{Diagnostics, Form},
    greeting,
    report::{Failure, MOST_PROBLEMS},
    settings,
    ui::{Chats, Draining, Ui},
};
use aifd_core::{
    Printer, clock,
    config::{self, Loaded, LogFormat},
    server::Server,
};
use std::{io, time::Duration};
use tokio::{
    runtime, select,
    signal::unix::{Signal, SignalKind, signal},
    time,
};

/// SIGXFSZ, on every Unix that tokio runs on.
const XFSZ: i32 = 25;

/// How often the spinner counts anew.
const TICK: Duration = Duration::from_millis(100);

/// Loads, serves, and ends when everything has been let finish or was cut.
pub(super) fn run(arguments: cli::Run, ui: &Ui) -> Result<(), Failure> {
    let loaded = config::load(&settings::of_run(arguments)?)?;
    // Dropped last, so that the last lines of the server are written.
    let _diagnostics = start_diagnostics(&loaded, ui)?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| Failure::System("start the event loop", source))?;
    // Before anything is said, so that whoever reads the address may stop us at once.
    let signals = runtime.block_on(async { Signals::new() });
    let mut signals = signals.map_err(|source| Failure::System("listen for signals", source))?;
    let chats = start_chats(&loaded)?;
    let server =
        Server::start(&loaded.config, chats.as_ref().map(|chats| Box::new(chats.printer()) as Printer))?;
    warn(&loaded);
    greeting::say(&loaded, server.address(), ui);
    runtime.block_on(serve(&server, &mut signals, loaded.config.shutdown_grace, ui));
    server.join();
    Ok(())
}

/// Only where chats are printed.
fn start_chats(loaded: &Loaded) -> Result<Option<Chats>, Failure> {
    let chats = loaded.config.logs.print_chat.then(Chats::start).transpose();
    chats.map_err(|source| Failure::System("start to print chats", source))
}

fn start_diagnostics(loaded: &Loaded, ui: &Ui) -> Result<Diagnostics, Failure> {
    let diagnostics = &loaded.config.diagnostics;
    let filter = diagnostics.level.parse().map_err(|_| Failure::LogLevel(diagnostics.level.clone()))?;
    let form = match diagnostics.format {
        LogFormat::Text => Form::Text,
        LogFormat::Json => Form::Json,
    };
    Diagnostics::start(ui, filter, form).map_err(|source| Failure::System("start the diagnostics", source))
}

/// What is worth knowing about a configuration that serves all the same.
fn warn(loaded: &Loaded) {
    for problem in loaded.warnings.iter().take(MOST_PROBLEMS) {
        tracing::warn!(target: "aifd::config", key = problem.key, from = %problem.origin, "{}", problem.what);
    }
    if let Some(more @ 1..) = loaded.warnings.len().checked_sub(MOST_PROBLEMS) {
        tracing::warn!(target: "aifd::config", more, "more warnings: `aifd config check --json` lists all");
    }
    for setting in &loaded.not_in_effect {
        tracing::warn!(target: "aifd::config", key = setting.key.path, from = %setting.origin, "not yet in effect");
    }
}

/// Until the first signal, and then until everything has ended, the grace is over or a second signal comes.
async fn serve(server: &Server, signals: &mut Signals, grace: Duration, ui: &Ui) {
    signals.stop(|| server.reopen_logs()).await;
    let deadline = clock::now() + grace;
    tracing::info!(target: "aifd::run", in_flight = server.in_flight(), grace_s = grace.as_secs_f64(), "stopping");
    server.stop();
    let spinner = Draining::show(ui);
    let mut tick = time::interval(TICK);
    let drained = server.drained();
    tokio::pin!(drained);
    loop {
        select! {
            () = &mut drained => return,
            () = signals.stop(|| server.reopen_logs()) => break,
            () = time::sleep_until(deadline.into()) => break,
            _ = tick.tick() => spinner.update(server.in_flight(), deadline.saturating_duration_since(clock::now())),
        }
    }
    tracing::warn!(target: "aifd::run", in_flight = server.in_flight(), "cutting what is left");
    server.cut();
}

/// SIGTERM and SIGINT, which stop; SIGHUP, by which `logrotate` tells that it moved a log; and SIGXFSZ, which would kill
/// where a limit of file sizes is to be an error of one file.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    _file_size: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            _file_size: signal(SignalKind::from_raw(XFSZ))?,
        })
    }

    /// Waits for one that stops.
    async fn stop(&mut self, hung_up: impl Fn()) {
        loop {
            select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => {
                    tracing::info!(target: "aifd::run", "opening the chat logs anew");
                    hung_up();
                }
            }
        }
    }
}
