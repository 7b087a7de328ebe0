//! Ctrl-C and SIGTERM end a conversion as if it had never begun.

use aifd_core::tasks;
use aifd_log::convert::Watch;
use std::{io, sync::Arc};
use tokio::{
    runtime::Builder,
    select,
    signal::unix::{SignalKind, signal},
};

/// Lets signals stop what is watched, from now on.
pub(super) fn on_signals(watch: &Arc<Watch>) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (interrupted, terminated) =
        runtime.block_on(async { (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) });
    let (mut interrupted, mut terminated) = (interrupted?, terminated?);
    let watch = watch.clone();
    // Ends with the process.
    tasks::thread("signals", move || {
        runtime.block_on(async {
            select! {
                _ = interrupted.recv() => (),
                _ = terminated.recv() => (),
            }
            watch.stop();
        });
    })
    .map(drop)
}
