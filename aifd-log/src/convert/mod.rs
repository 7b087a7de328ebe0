//! Formats of datasets: what an exchange looks like in each, and how it is read back.

pub mod alpaca;
mod dialogue;
pub mod direct;
mod fit;
mod flat;
mod format;
mod logs;
pub mod openai;
pub mod openai_forward;
pub mod parquet;
pub mod read;
mod report;
mod run;
pub mod sharegpt;
pub mod table;
pub mod values;
mod watch;
pub mod write;

pub use fit::{Loss, Losses, Unfit};
pub use format::{Format, UnknownFormat};
pub use logs::Logs;
pub use report::{MOST_FAULTS, Malformed, Report, Tally};
pub use run::{ConvertError, Each, Heard, Order, Sorted, Source, Work, convert};
pub use watch::Watch;

#[cfg(test)]
mod tests;
