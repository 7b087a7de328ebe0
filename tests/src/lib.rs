//! The harness of the whole-command and whole-request tests: a [`Sandbox`] runs the real binary, a
//! [`FakeUpstream`] plays the service behind it, and a [`RawClient`] speaks to it byte by byte.
//!
//! Nothing here sleeps: what has to wait, waits for an event, within a bound that only a broken promise reaches.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a harness fails by panicking, and it is the test's own door to time, tasks and the environment"
)]

mod answer;
mod certs;
mod command;
mod gate;
mod gateway;
mod head;
mod process;
mod raw;
mod sandbox;
mod snapshot;
mod socket;
mod socks;
mod terminal;
mod upstream;
mod wait;

pub use answer::{Answer, Conversation, sse_frames};
pub use certs::Certs;
pub use command::{Aifd, Output, binary};
pub use gate::Gate;
pub use gateway::Gateway;
pub use head::Head;
pub use process::{Lines, Process};
pub use raw::{Ending, RawClient, Response, ask};
pub use sandbox::Sandbox;
pub use snapshot::{assert_refusal, settings};
pub use socket::Socket;
pub use socks::SocksProxy;
pub use terminal::Terminal;
pub use upstream::{FakeUpstream, Received, UpstreamBuilder};
pub use wait::{PATIENCE, eventually, settled, within};

/// A client that uses no proxy and follows no redirect, to be set up further.
pub fn http_client() -> reqwest::ClientBuilder {
    crypto();
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none())
}

/// Variables that a test may be told by: the environment of the test run, not of the binary under test.
pub fn told(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

/// The runtime that fakes live on, apart from the test's own, so that they go on while a test blocks.
pub(crate) fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: std::sync::OnceLock<tokio::runtime::Runtime> = std::sync::OnceLock::new();
    RUNTIME.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(2).thread_name("fakes").enable_all().build().expect("a runtime for the fakes")
    })
}

/// Cryptography for both ends of a test's TLS connections.
pub(crate) fn crypto() -> std::sync::Arc<rustls::crypto::CryptoProvider> {
    use rustls::crypto::{CryptoProvider, ring};
    CryptoProvider::get_default().cloned().unwrap_or_else(|| {
        drop(ring::default_provider().install_default());
        CryptoProvider::get_default().expect("a provider was installed").clone()
    })
}
