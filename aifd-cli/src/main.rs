//! The `aifd` binary.
fn main() {}
