//! Any bytes as the lines of a log: they are paired and converted into every format, or told, and nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/any_log/mod.rs"]
mod any_log;

fuzz_target!(|bytes: &[u8]| any_log::check(bytes));
