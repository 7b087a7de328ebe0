//! The literals of aifd-log by themselves: they need nothing else of it, and all of it takes minutes to build this way.

#[path = "../../src/literal/mod.rs"]
pub mod literal;
