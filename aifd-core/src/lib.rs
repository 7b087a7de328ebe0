//! The forwarding gateway: a request comes in by `server`, and `forward` says what happens to it.
//!
//! 1. `server` accepts, `server::wire` lets well-framed messages through, `exchange` begins to count.
//! 2. `route` checks the target and finds the longest prefix.
//! 3. `server::local` answers what the gateway answers itself.
//! 4. `access` says who may ask for what, `limit` counts it, `inspect` looks into the body where a rule has to.
//! 5. `server::websocket` takes upgrades out of the ordinary path.
//! 6. `forward::keys` puts an upstream key in, `upstream` sends the request, again where that is safe.
//! 7. `tee` passes the answer on, `gather` lets ready pieces leave together, `paced` apart.
//! 8. `account` settles what was used, `exchange` ends in one access line, whatever happened.

mod access;
mod account;
mod answer;
mod cache;
mod call;
mod capture;
mod client;
pub mod clock;
pub mod config;
pub mod control;
mod cors;
mod decode;
mod endpoint;
mod error;
mod exchange;
mod forward;
mod gateway;
mod gather;
mod inspect;
mod json;
pub mod key;
mod ledger;
pub mod limit;
#[doc(hidden)]
pub mod measured;
mod models_list;
mod paced;
mod plain_path;
mod recorder;
mod route;
pub mod secret;
pub mod server;
mod sse;
mod standings;
pub mod store;
mod tally;
pub mod tasks;
mod tee;
mod upstream;
mod usage;
mod zone;

pub use gateway::GatewayError;
pub use recorder::{Printer, RecorderError};
pub use upstream::tls::CaFileError;
