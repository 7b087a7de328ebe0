//! The one door to tasks and threads, so that each has a name to be found by.

use std::{io, thread::JoinHandle};
use tokio::task::JoinHandle as TaskHandle;

/// Runs a future beside the others of this worker.
#[allow(clippy::disallowed_methods, reason = "this is the door")]
pub fn spawn<F>(future: F) -> TaskHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    tokio::spawn(future)
}

/// Does what blocks on a thread beside the workers; `None` where it panicked, or the runtime ends.
#[allow(clippy::disallowed_methods, reason = "this is the door")]
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

/// Starts a named thread.
///
/// # Errors
/// When the system has no thread left.
pub fn thread<T: Send + 'static>(
    name: impl Into<String>,
    run: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    std::thread::Builder::new().name(name.into()).spawn(run)
}
