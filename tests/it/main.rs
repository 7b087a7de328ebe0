//! Promises of aifd, each tested at the edge: one file a feature.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and it spawns and times its own ends"
)]

mod bodies;
mod command_line;
mod completions;
mod connections;
mod framing;
mod harness;
mod headers;
mod routing;
mod websocket;
