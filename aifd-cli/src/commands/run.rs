//! `aifd run`: forwards until told to stop.

use crate::{
    cli,
    diagnostics::{Diagnostics, Form},
    greeting,
    report::Failure,
    settings,
    ui::{Draining, Ui},
};
use aifd_core::{
    clock,
    config::{self, Environment, Loaded, LogFormat},
    server::Server,
};
use std::{io, time::Duration};
use tokio::{
    runtime, select,
    signal::unix::{Signal, SignalKind, signal},
    time,
};

/// How often the spinner counts anew.
const TICK: Duration = Duration::from_millis(100);

/// Loads, serves, and ends when everything has been let finish or was cut.
pub(super) fn run(arguments: cli::Run, ui: &Ui) -> Result<(), Failure> {
    let loaded = config::load(&settings::of_run(arguments))?;
    let diagnostics = start_diagnostics(&loaded, ui)?;
    for key in &loaded.not_yet_in_effect {
        tracing::warn!(key, "understood, but not yet in effect");
    }
    let grace = loaded.config.shutdown_grace;
    let boxes = greeting::boxes(&loaded);
    let runtime = system("start the event loop", runtime::Builder::new_current_thread().enable_all().build())?;
    // Before anything is said, so that whoever reads "Listening" may stop us at once.
    let mut signals = system("listen for signals", runtime.block_on(async { Signals::new() }))?;
    let server = Server::start(loaded.config)?;
    greeting::say(&boxes, server.address(), ui);
    runtime.block_on(serve(&server, &mut signals, grace, ui));
    server.join();
    drop(diagnostics);
    Ok(())
}

fn start_diagnostics(loaded: &Loaded, ui: &Ui) -> Result<Diagnostics, Failure> {
    let diagnostics = &loaded.config.diagnostics;
    let filter = diagnostics.level.parse().map_err(|_| Failure::LogLevel(diagnostics.level.clone()))?;
    let form = match diagnostics.format {
        LogFormat::Text => Form::Text,
        LogFormat::Json => Form::Json,
    };
    system("start the diagnostics", Diagnostics::start(ui, filter, form))
}

/// Until the first signal, and then until everything has ended, the grace is over or a second signal comes.
async fn serve(server: &Server, signals: &mut Signals, grace: Duration, ui: &Ui) {
    signals.next().await;
    let deadline = clock::now() + grace;
    tracing::info!(in_flight = server.in_flight(), grace_s = grace.as_secs_f64(), "stopping");
    server.stop();
    let spinner = Draining::show(ui);
    let mut tick = time::interval(TICK);
    let drained = server.drained();
    tokio::pin!(drained);
    loop {
        select! {
            () = &mut drained => return,
            () = signals.next() => break,
            () = time::sleep_until(deadline.into()) => break,
            _ = tick.tick() => spinner.update(server.in_flight(), deadline.saturating_duration_since(clock::now())),
        }
    }
    tracing::warn!(in_flight = server.in_flight(), "cutting what is left");
    server.cut();
}

/// SIGTERM and SIGINT.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Signals { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        select! {
            _ = self.terminate.recv() => (),
            _ = self.interrupt.recv() => (),
        }
    }
}

fn system<T>(what: &'static str, outcome: io::Result<T>) -> Result<T, Failure> {
    outcome.map_err(|source| Failure::System(what, source))
}
