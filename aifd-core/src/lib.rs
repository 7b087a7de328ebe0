//! The forwarding gateway: a request comes in by `server`, and `forward` says what happens to it.

pub mod clock;
pub mod config;
pub mod limit;
pub mod secret;
pub mod tasks;
