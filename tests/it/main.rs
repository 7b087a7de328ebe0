//! Promises of aifd, each tested at the edge: one file a feature.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and it spawns and times its own ends"
)]

mod access_log;
mod banner;
mod benchmark_mode;
mod bodies;
mod cache;
mod cache_command;
mod cache_guards;
mod cancel;
mod chat_log_failures;
mod chat_logs;
mod command_line;
mod completions;
mod config_commands;
mod connections;
mod convert;
mod convert_datasets;
mod convert_python;
mod cors;
mod errors;
mod framing;
mod harness;
mod headers;
mod http2;
mod ip_lists;
mod keys;
mod keys_command;
mod keys_import;
mod layers;
mod limits;
mod logs_command;
mod memory;
mod openai_client;
mod openai_keys;
mod pacing;
mod proxy;
mod proxy_protocol;
mod readme;
mod regressions;
mod retry;
mod routing;
mod samples;
mod shutdown;
mod status_command;
mod store;
mod the_original_reads_our_logs;
mod timeouts;
mod tls_upstream;
mod token_quotas;
mod upstream_keys;
mod usage_command;
mod websocket;
