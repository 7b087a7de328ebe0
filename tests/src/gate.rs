//! Gates: a fake stops at one until the test lets it pass.

use std::sync::Arc;
use tokio::sync::Semaphore;

/// A gate, closed at first. Clones are the same gate.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Semaphore>);

impl Default for Gate {
    fn default() -> Self {
        Gate(Arc::new(Semaphore::new(0)))
    }
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Gate::default()
    }

    /// Lets one waiter pass, now or later.
    pub fn pass(&self) {
        self.0.add_permits(1);
    }

    /// Lets everyone pass from now on.
    pub fn open(&self) {
        self.0.close();
    }

    /// Waits to be let through.
    pub async fn wait(&self) {
        if let Ok(permit) = self.0.acquire().await {
            permit.forget();
        }
    }
}
