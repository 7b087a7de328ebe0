//! Values as lines of logs hold them: Python literals as `repr` prints them, and JSON. Pure.
//!
//! Both notations are read by one walk over the bytes, which copies, changes or skips as its sink says: nothing is built
//! of a value, and nothing recurses.

mod emit;
mod escape;
mod number;
mod printable;
mod run;
mod scan;
mod steps;
mod text;
mod to_json;
mod to_python;
mod walk;

pub use scan::{dialect, fields, is_truthy, items};
pub use steps::Steps;
pub use text::{push_json_bytes, push_json_text, push_python_text, text};

/// Containers within each other at most. CPython's own parser takes 200.
pub const MAX_DEPTH: usize = 190;

/// A notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// What Python's `repr` prints of data like JSON's: also bytes, tuples, sets, `inf` and `nan`.
    Python,
    /// RFC 8259.
    Json,
}

/// Why a text is no literal, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub struct Fault {
    /// Bytes before it.
    pub at: usize,
    /// What is wrong.
    pub what: FaultKind,
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// Something that cannot stand there.
    #[error("something unexpected")]
    Unexpected,
    /// It ends within a value.
    #[error("the end")]
    EndsEarly,
    /// A text without its closing quote.
    #[error("an unfinished text")]
    UnfinishedText,
    /// An escape that neither notation has, or half of one.
    #[error("an escape that is none")]
    Escape,
    /// A control character that must be escaped.
    #[error("a bare control character")]
    Control,
    /// A number that is none.
    #[error("a number that is none")]
    Number,
    /// More than [`MAX_DEPTH`] containers within each other.
    #[error("too deep a nesting")]
    TooDeep,
    /// Bytes that are no UTF-8.
    #[error("no UTF-8")]
    NotUtf8,
    /// Something behind the value.
    #[error("something behind the value")]
    Trailing,
}

/// How JSON is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Without white space.
    Compact,
    /// Two spaces for each level, as orjson's `OPT_INDENT_2` does it.
    Indented {
        /// Levels of the line that the value begins in.
        level: usize,
    },
}

/// Appends a value as JSON.
///
/// Texts get only the escapes that JSON needs; half a surrogate pair stays an escape. Floats are written as orjson writes
/// them, whole numbers keep their digits; `inf` and `nan` become null. Bytes become texts, those that are no UTF-8 as
/// Python's `surrogateescape` has them. Tuples and sets become arrays, keys that are no texts are written as texts.
///
/// # Errors
/// The text is no literal; what was appended before is left there.
pub fn to_json(text: &[u8], dialect: Dialect, layout: Layout, out: &mut Vec<u8>) -> Result<(), Fault> {
    walk::whole(text, dialect, &mut to_json::Sink::new(out, dialect, layout))
}

/// Appends a value as Python's `repr` prints it, in one line.
///
/// Characters are escaped that are not printable in Unicode 14.0 (Python 3.11). Whole numbers of JSON that have more than
/// 64 bits become floats, as orjson reads them.
///
/// # Errors
/// As [`to_json`].
pub fn to_python(text: &[u8], dialect: Dialect, out: &mut Vec<u8>) -> Result<(), Fault> {
    walk::whole(text, dialect, &mut to_python::Sink::new(out, dialect))
}

#[cfg(test)]
mod tests;
