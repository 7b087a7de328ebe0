//! Waiting for what must happen, with a bound that only a broken promise reaches.

use std::time::Duration;

/// How long a test waits for what must happen. Nothing that works comes near it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Awaits `future`.
///
/// # Panics
/// When it is not ready within [`PATIENCE`].
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {} s for {what}", PATIENCE.as_secs()),
    }
}

/// Waits until `count` is more than 0 and has not grown for a while, as when both ends of a transfer are stopped; a
/// transfer that is only slow makes this return early, so what follows must hold then too.
///
/// # Panics
/// When it still grows after [`PATIENCE`].
pub async fn settled(what: &str, count: impl Fn() -> u64) -> u64 {
    let mut seen = (u64::MAX, 0);
    eventually(what, || {
        let now = count();
        seen = if now == seen.0 { (now, seen.1 + 1) } else { (now, 0) };
        (now > 0 && seen.1 >= 100).then_some(now)
    })
    .await
}

/// Asks `look` until it finds something; only for what gives no event to wait for, such as files of `/proc`.
///
/// # Panics
/// When it finds nothing within [`PATIENCE`].
pub async fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    within(what, async {
        let mut turns = tokio::time::interval(Duration::from_millis(5));
        loop {
            turns.tick().await;
            if let Some(found) = look() {
                return found;
            }
        }
    })
    .await
}
