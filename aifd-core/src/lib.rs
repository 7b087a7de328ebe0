//! The forwarding gateway: a request comes in by `server`, and `forward` says what happens to it.
//!
//! 1. `server` accepts, `server::wire` lets well-framed messages through, `exchange` begins to count.
//! 2. `route` checks the target and finds the longest prefix.
//! 3. `server::local` answers what the gateway answers itself.
//! 4. `server::websocket` takes upgrades out of the ordinary path.
//! 5. `upstream` sends the request, again where that is safe.
//! 6. `tee` passes the answer on, `gather` lets ready pieces leave together.
//! 7. `exchange` ends in one access line, whatever happened.

mod answer;
pub mod clock;
pub mod config;
#[cfg_attr(not(test), expect(dead_code, unused_imports, reason = "the server does not open its store yet"))]
pub mod control;
mod cors;
mod error;
mod exchange;
mod forward;
mod gateway;
mod gather;
#[cfg_attr(not(test), expect(dead_code, unused_imports, reason = "the server does not open its store yet"))]
pub mod key;
#[cfg_attr(not(test), expect(dead_code, reason = "the server does not open its store yet"))]
mod ledger;
pub mod limit;
mod route;
pub mod secret;
pub mod server;
pub mod store;
pub mod tasks;
mod tee;
mod upstream;

pub use gateway::GatewayError;
pub use upstream::tls::CaFileError;
