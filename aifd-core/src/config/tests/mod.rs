//! What the configuration promises, by tables.

mod samples;
