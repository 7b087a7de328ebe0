//! What joins the lines of one exchange: 32 hex digits that no other exchange has.

use std::fmt;

/// 32 hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Uid(pub(crate) [u8; 32]);

impl Uid {
    pub(crate) fn as_str(&self) -> &str {
        // Hex digits are ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
