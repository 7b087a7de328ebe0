//! The lines of a log: Python literals as openai-forward writes them, with further fields behind its own, or JSON.

mod exchange;
mod fields;
mod pair;

pub use exchange::push_exchange;
pub(crate) use pair::ROLES;
pub use pair::{push_answer, push_request};

#[cfg(test)]
mod tests;
