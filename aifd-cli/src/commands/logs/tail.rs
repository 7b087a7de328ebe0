//! `aifd logs tail`: the newest exchanges, and those to come.

use super::{choice::Chosen, line::Columns, places};
use crate::{cli::Tail, report::Failure, ui::Ui};
use aifd_log::{
    exchange::Exchange,
    follow::{FollowError, Follower},
};
use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    runtime::Builder,
    select,
    signal::unix::{SignalKind, signal},
    time::{MissedTickBehavior, interval},
};

/// How often files are looked at.
const TICK: Duration = Duration::from_millis(200);

/// Prints them.
pub(super) fn tail(arguments: Tail, ui: &Ui) -> Result<(), Failure> {
    let chosen = Chosen::of(&arguments.choice, "logs tail")?;
    let mut paths = places::named(&arguments.place)?;
    // What comes through a pipe is read once, and ends.
    paths
        .iter_mut()
        .filter(|path| **path == Path::new("-"))
        .for_each(|path| *path = PathBuf::from("/dev/stdin"));
    let mut follower = Follower::new(paths.clone(), std::env::temp_dir());
    let wanted = |exchange: &Exchange| chosen.accepts(exchange);
    let newest = follower.newest(arguments.number, &wanted).map_err(failure)?;
    if !follower.knows_any() && !arguments.follow {
        return Err(Failure::NoLogs(paths));
    }
    let mut printer = Printer { columns: Columns::default(), json: arguments.json, ui };
    newest.iter().for_each(|exchange| printer.columns.fit(exchange));
    newest.iter().try_for_each(|exchange| printer.print(exchange))?;
    if !arguments.follow {
        return Ok(());
    }
    follow(&mut follower, &mut |exchange| {
        if chosen.accepts(exchange) { printer.print(exchange) } else { Ok(()) }
    })
}

struct Printer<'a> {
    columns: Columns,
    json: bool,
    ui: &'a Ui,
}

impl Printer<'_> {
    fn print(&mut self, exchange: &Exchange) -> io::Result<()> {
        if self.json {
            return self.ui.data(serde_json::to_string(&exchange.json())? + "\n");
        }
        self.ui.data(self.columns.line(exchange, self.ui.columns(), self.ui.paint()) + "\n")
    }
}

/// Until a signal ends it, or nobody reads any more.
fn follow(follower: &mut Follower, each: &mut dyn FnMut(&Exchange) -> io::Result<()>) -> Result<(), Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| Failure::System("start the event loop", source))?;
    runtime.block_on(async {
        let listen = |kind| signal(kind).map_err(|source| Failure::System("listen for signals", source));
        let (mut interrupted, mut terminated) =
            (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            select! {
                _ = interrupted.recv() => return Err(Failure::Left),
                _ = terminated.recv() => return Err(Failure::Left),
                _ = tick.tick() => {
                    let mut new = Vec::new();
                    follower.poll(&mut |exchange| new.push(exchange)).map_err(failure)?;
                    new.iter().try_for_each(&mut *each)?;
                }
            }
        }
    })
}

fn failure(error: FollowError) -> Failure {
    let FollowError { path, source } = error;
    Failure::Read { path, source }
}
