//! Answers that are kept, to be given again.

#[allow(dead_code, unused_imports, reason = "what asks for it is being built")]
pub(crate) mod form;
