//! Who may call.

pub(crate) mod ip;
