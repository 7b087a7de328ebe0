//! What the benchmarks measure of the request path, which is nobody else's business.

mod admission;
mod recording;

pub use admission::Admission;
pub use recording::Recording;
