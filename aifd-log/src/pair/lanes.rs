//! Work on all cores whose results come in the order of its parts.

use super::ReadError;
use std::{
    num::NonZero,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

/// Threads at most: each holds a part and what becomes of it.
const MOST_LANES: usize = 8;

/// Threads that a machine of so many cores is worth.
pub(super) fn lanes() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).min(MOST_LANES)
}

/// Does the parts of a work by their numbers, each thread every `lanes`th one, and tells what becomes of them in order.
/// A thread has one result waiting at most. `begin` makes what a thread works with.
///
/// # Errors
/// The first error of a part or of `on_done`; the rest is not done then.
pub(super) fn in_order<S, T: Send, E: From<ReadError> + Send>(
    lanes: usize,
    parts: usize,
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> Result<T, E> + Sync,
    mut on_done: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let lanes = lanes.min(parts);
    if lanes <= 1 {
        let mut state = begin();
        return (0..parts).try_for_each(|part| on_done(work(&mut state, part)?));
    }
    thread::scope(|scope| {
        let mut results: Vec<Receiver<Result<T, E>>> = Vec::with_capacity(lanes);
        for lane in 0..lanes {
            let (to, from) = sync_channel(1);
            let (begin, work) = (&begin, &work);
            thread::Builder::new()
                .name(format!("convert-{lane}"))
                .spawn_scoped(scope, move || run_lane(&mut begin(), (lane..parts).step_by(lanes), work, &to))
                .map_err(ReadError::Thread)?;
            results.push(from);
        }
        for part in 0..parts {
            // A lane without a result panicked, and the scope says so.
            let Ok(result) = results[part % lanes].recv() else { break };
            on_done(result?)?;
        }
        // Who still works finds that nobody waits any more.
        drop(results);
        Ok(())
    })
}

fn run_lane<S, T, E>(
    state: &mut S,
    parts: impl Iterator<Item = usize>,
    work: &impl Fn(&mut S, usize) -> Result<T, E>,
    to: &SyncSender<Result<T, E>>,
) {
    for part in parts {
        let result = work(state, part);
        let failed = result.is_err();
        if to.send(result).is_err() || failed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_the_first_error_ends_all() {
        for lanes in 1..5 {
            let mut told = Vec::new();
            let done = in_order(
                lanes,
                100,
                || 0,
                |done, part| {
                    *done += 1;
                    if part == 57 { Err(ReadError::Stopped) } else { Ok(part) }
                },
                |part| {
                    told.push(part);
                    Ok(())
                },
            );
            assert!(matches!(done, Err(ReadError::Stopped)));
            assert_eq!(told, (0..57).collect::<Vec<_>>());
            let ended = in_order(
                lanes,
                100,
                || (),
                |(), part| Ok(part),
                |part| if part < 9 { Ok(()) } else { Err(ReadError::Stopped) },
            );
            assert!(ended.is_err());
        }
    }
}
